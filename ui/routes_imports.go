package ui

import (
	"makegood/internal/access"
	"makegood/ui/imports"
	"makegood/ui/statements"
)

func importRoutes(s Services) []route {
	files := imports.New(s.Desk, s.Billing, s.Reading, s.Helpdesk)
	return []route{
		{get, "/imports", access.ReadBooks, files.List},
		{post, "/imports", access.RecordPayment, files.Give},
		{post, "/imports/live/:entity/read", access.IssueInvoice, files.ReadNow},
		{post, "/imports/live/:entity", access.Administer, files.SetSource},
		{get, "/imports/files/:id", access.RecordPayment, files.File},
		{post, "/imports/files/:id", access.RecordPayment, files.Read},
		{get, "/imports/cases", access.Administer, files.Past},
		{post, "/imports/cases", access.Administer, files.GivePast},
		{get, "/imports/cases/:id", access.Administer, files.PastImport},
		{get, "/imports/cases/:id/rejected", access.Administer, files.PastRejected},
		{post, "/imports/cases/:id/start", access.Administer, files.StartPast},
		{post, "/imports/cases/:id/discard", access.Administer, files.DiscardPast},
		{get, "/imports/:id", access.ReadBooks, files.Batch},
		{get, "/imports/:id/rejected", access.ReadBooks, files.Rejected},
		{post, "/imports/:id/start", access.RecordPayment, files.Start},
		{post, "/imports/:id/discard", access.RecordPayment, files.Discard},
		{post, "/imports/:id/approve", access.SignImports, files.Approve},
		{post, "/imports/:id/refuse", access.SignImports, files.Refuse},
	}
}

// statementRoutes are statements of account by mail.
func statementRoutes(s Services) []route {
	mailed := statements.New(s.Desk, s.Statements, s.Reports)
	return []route{
		{get, "/customers/:account/statement/mail", access.SendStatements, mailed.Letter},
		{post, "/customers/:account/statement/mail", access.SendStatements, mailed.Send},
		{post, "/customers/:account/statement/mails/:mail/take-back", access.SendStatements, mailed.TakeBack},
		{post, "/customers/:account/statement/reader", access.SendStatements, mailed.SetReader},
		{get, "/collections/statements", access.ReadBooks, mailed.Month},
		{post, "/collections/statements/:entity", access.ManageEntities, mailed.SetRule},
	}
}
