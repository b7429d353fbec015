package ui

import (
	"slices"

	"makegood/internal/access"
	"makegood/internal/reports"
	"makegood/ui/casefile"
	"makegood/ui/here"
	"makegood/ui/mailview"
	"makegood/ui/newcase"
	"makegood/ui/queue"
)

// caseRoutes are the queue and the case.
func caseRoutes(s Services) []route {
	files := s.Reports.CaseFiles(s.Cases, s.Billing)
	file := casefile.New(s.Desk, files, s.Cases, s.Intake.Sorting())
	return slices.Concat(queueRoutes(s, files, file), caseWorkRoutes(s, files, file))
}

// queueRoutes are the queue, a new case, and what a case shows.
func queueRoutes(s Services, files *reports.CaseFiles, file *casefile.Screen) []route {
	list := queue.New(s.Desk, files, s.Cases)
	fresh := newcase.New(s.Desk, files, s.Cases, s.Billing, s.Reports)
	mail := mailview.New(s.Desk, mailview.Services{Files: files, Inbox: s.Inbox, Intake: s.Intake, Reports: s.Reports, Outside: s.Outside, Keys: s.Keys})
	return []route{
		{get, "/", access.ReadCases, list.Show},
		{get, "/queue/more", access.ReadCases, list.More},
		{get, "/queue/views/new", access.ReadCases, list.NewView},
		{get, "/queue/views/:id", access.ReadCases, list.EditView},
		{post, "/queue/views", access.ReadCases, list.SaveView},
		{post, "/queue/views/:id/remove", access.ReadCases, list.RemoveView},
		{get, "/queue/preview/:number", access.ReadCases, file.Preview},
		{post, "/queue/claim", access.WorkCases, list.ClaimChosen},
		{post, "/queue/assign", access.WorkCases, list.AssignChosen},
		{get, "/queue/bulk", access.WorkCases, list.Bulk},
		{post, "/queue/bulk", access.WorkCases, list.Bulk},
		{post, "/queue/bulk/start", access.WorkCases, list.StartBulk},
		{get, "/queue/bulk/:id", access.WorkCases, list.Run},
		{post, "/queue/bulk/:id/stop", access.WorkCases, list.StopRun},
		{post, "/queue/bulk/:id/undo", access.WorkCases, list.UndoRun},
		{post, "/queue/:number/claim", access.WorkCases, list.Claim},
		{get, "/cases/new", access.WorkCases, fresh.Show},
		{post, "/cases/new", access.WorkCases, fresh.Open},
		{get, "/cases/new/customers", access.WorkCases, fresh.Customers},
		{get, "/cases/new/customer", access.WorkCases, fresh.Customer},
		{get, "/cases/:number", access.ReadCases, file.Show},
		{get, "/cases/:number/earlier", access.ReadCases, file.Earlier},
		{get, "/cases/:number/messages/:id", access.ReadCases, file.Message},
		{get, "/cases/:number/messages/:id/raw", access.ReadCases, file.Raw},
		{get, "/cases/:number/messages/:id/mail", access.ReadCases, mail.Frame},
		{get, "/mail-pictures/:token", anyone, mail.Picture},
		{get, "/intake/:id/mail", access.ReadIntake, mail.Waiting},
		{get, "/cases/:number/messages/:id/files/:position", access.ReadCases, file.Attachment},
		{post, "/cases/:number/messages", access.WorkCases, file.Write},
		{post, "/cases/:number/messages/:id/undo", access.WorkCases, file.Undo},
		{post, "/cases/:number/draft", access.WorkCases, file.Draft},
		{post, "/cases/:number/draft/preview", access.WorkCases, file.Shown},
		{post, "/cases/:number/draft/files", access.WorkCases, file.AddFiles},
		{post, "/cases/:number/draft/files/:file/remove", access.WorkCases, file.RemoveFile},
		{get, "/cases/:number/macros", access.WorkCases, file.Macros},
		{post, "/cases/:number/macros", access.WorkCases, file.Macro},
		{post, "/cases/:number/mails/:mail/resend", access.WorkCases, file.Resend},
		{post, "/cases/:number/mails/:mail/release", access.WorkCases, file.Release},
		{post, "/cases/:number/mails/:mail/cancel", access.WorkCases, file.CancelMail},
	}
}

// caseWorkRoutes are what people do with a case, and who else looks at it.
func caseWorkRoutes(s Services, files *reports.CaseFiles, file *casefile.Screen) []route {
	who := here.New(s.Desk, s.Here, files)
	return []route{
		{post, "/cases/:number/claim", access.WorkCases, file.Claim},
		{post, "/cases/:number/assign", access.WorkCases, file.Assign},
		{post, "/cases/:number/follow-up", access.WorkCases, file.FollowUp},
		{post, "/cases/:number/follow-up/end", access.WorkCases, file.EndFollowUp},
		{post, "/cases/:number/watch", access.ReadCases, file.Watch},
		{post, "/cases/:number/watch/end", access.ReadCases, file.Unwatch},
		{post, "/cases/:number/links", access.WorkCases, file.LinkCase},
		{post, "/cases/:number/links/end", access.WorkCases, file.UnlinkCase},
		{post, "/cases/:number/checklist/:code", access.WorkCases, file.Tick},
		{post, "/cases/:number/fields", access.WorkCases, file.SetFields},
		{post, "/cases/:number/waiting", access.WorkCases, file.Wait},
		{post, "/cases/:number/resolve", access.WorkCases, file.Resolve},
		{post, "/cases/:number/reopen", access.WorkCases, file.Reopen},
		{post, "/cases/:number/priority", access.WorkCases, file.Priority},
		{post, "/cases/:number/topic", access.WorkCases, file.SayTopic},
		{get, "/cases/:number/invoices", access.WorkCases, file.Invoices},
		{post, "/cases/:number/link-invoice", access.WorkCases, file.LinkInvoice},
		{post, "/cases/:number/link-customer", access.WorkCases, file.LinkCustomer},
		{post, "/cases/:number/unlink-invoice", access.WorkCases, file.UnlinkInvoice},
		{post, "/cases/:number/amend", access.WorkCases, file.Amend},
		{post, "/cases/:number/tags", access.WorkCases, file.AddTag},
		{post, "/cases/:number/tags/end", access.WorkCases, file.EndTag},
		{post, "/cases/:number/participants", access.WorkCases, file.AddParticipant},
		{post, "/cases/:number/participants/end", access.WorkCases, file.EndParticipant},
		{post, "/cases/:number/join", access.WorkCases, file.Join},
		{post, "/cases/:number/unjoin", access.WorkCases, file.Unjoin},
		{post, "/cases/:number/split", access.WorkCases, file.Split},
		{post, "/cases/:number/participants/accept", access.WorkCases, file.Accept},
		{get, "/live/cases/:number", access.ReadCases, who.Stream},
		{get, "/queue/here", access.ReadCases, who.Queue},
		{get, "/cases/:number/here", access.ReadCases, who.Case},
		{post, "/cases/:number/typing", access.WorkCases, who.Types},
		{get, "/cases/:number/similar", access.ReadCases, file.Similar},
		{get, "/cases/:number/dispute", access.WorkCases, file.ClaimForm},
		{post, "/cases/:number/dispute", access.WorkCases, file.AddDisputes},
		{post, "/cases/:number/disputes/:id/decide", access.WorkCases, file.Decide},
	}
}
