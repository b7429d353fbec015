package ui

import (
	"net/http"
	"slices"

	"makegood/internal/access"
	"makegood/ui/approvals"
	"makegood/ui/board"
	"makegood/ui/bookrules"
	"makegood/ui/books"
	"makegood/ui/collections"
	"makegood/ui/contracts"
	"makegood/ui/demo"
	"makegood/ui/intake"
	"makegood/ui/periods"
	"makegood/ui/portal"
	"makegood/ui/propose"
	"makegood/ui/quality"
	"makegood/ui/reconcile"
	"makegood/ui/reports"
	"makegood/ui/reviews"
	"makegood/ui/sorting"
)

const (
	get  = http.MethodGet
	post = http.MethodPost
)

// routes is every page and fragment. The right stands beside it; scope (legal entities) is asked by the service called.
func routes(s Services) []route {
	return slices.Concat(doorRoutes(s), peopleRoutes(s), portalRoutes(s), caseRoutes(s), creditRoutes(s), reviewRoutes(s), qualityRoutes(s), bookRoutes(s), statementRoutes(s), importRoutes(s), reportRoutes(s), closingRoutes(s), mailRoutes(s), settingRoutes(s), demoRoutes(s))
}

// portalRoutes are the customers' side. What is whose is asked by the service called.
func portalRoutes(s Services) []route {
	mine := portal.New(s.Desk, s.Portal, s.Secure)
	return []route{
		{get, "/portal/sign-in", anyone, mine.SignInPage},
		{post, "/portal/sign-in", anyone, mine.AskForCode},
		{get, "/portal/code", anyone, mine.CodePage},
		{post, "/portal/code", anyone, mine.EnterCode},
		{get, "/portal/link", anyone, mine.LinkPage},
		{post, "/portal/link", anyone, mine.EnterByLink},
		{post, "/portal/sign-out", anyone, mine.SignOut},
		{get, "/portal", access.UsePortal, mine.Home},
		{get, "/portal/invoices/:number", access.UsePortal, mine.Invoice},
		{post, "/portal/invoices/:number/dispute", access.UsePortal, mine.Dispute},
		{get, "/portal/requests", access.UsePortal, mine.Requests},
		{get, "/portal/requests/:number", access.UsePortal, mine.Request},
		{get, "/portal/requests/:number/messages/:id/files/:position", access.UsePortal, mine.Attachment},
		{post, "/portal/requests/:number/messages", access.UsePortal, mine.Reply},
		{post, "/portal/requests/:number/outcome", access.UsePortal, mine.Answer},
		{get, "/portal/balance", access.UsePortal, mine.Balance},
		{get, "/portal/credit-memos/:number/pdf", access.UsePortal, mine.MemoPDF},
		{get, "/portal/credit-memos/:number/xml", access.UsePortal, mine.MemoXML},
	}
}

func creditRoutes(s Services) []route {
	files := s.Reports.CreditDesk(s.Billing, s.Cases, s.Credits)
	proposal := propose.New(s.Desk, s.Credits, files)
	decisions := approvals.New(s.Desk, s.Credits, files)
	return []route{
		{get, "/cases/:number/credit", access.Propose, proposal.Show},
		{post, "/cases/:number/credit", access.Propose, proposal.Submit},
		{post, "/cases/:number/credit/preview", access.Propose, proposal.Preview},
		{get, "/invoices/:number/credit", access.Propose, proposal.Show},
		{post, "/invoices/:number/credit", access.Propose, proposal.Submit},
		{post, "/invoices/:number/credit/preview", access.Propose, proposal.Preview},
		{get, "/collections/small-balances", access.Propose, proposal.Show},
		{post, "/collections/small-balances", access.Propose, proposal.Submit},
		{post, "/collections/small-balances/preview", access.Propose, proposal.Preview},
		{get, "/customers/:account/refund", access.Propose, proposal.Show},
		{post, "/customers/:account/refund", access.Propose, proposal.Submit},
		{post, "/customers/:account/refund/preview", access.Propose, proposal.Preview},
		{get, "/adjustments/:number/reversal", access.Propose, proposal.Show},
		{post, "/adjustments/:number/reversal", access.Propose, proposal.Submit},
		{post, "/adjustments/:number/reversal/preview", access.Propose, proposal.Preview},
		{get, "/approvals", access.ReadCredits, decisions.List},
		{get, "/approvals/rows", access.ReadCredits, decisions.Rows},
		{get, "/approvals/several", access.Decide, decisions.Several},
		{post, "/approvals/several", access.Decide, decisions.ApproveSeveral},
		{get, "/approvals/:id", access.ReadCredits, decisions.Request},
		{post, "/approvals/:id/approve", access.Decide, decisions.Approve},
		{post, "/approvals/:id/reject", access.Decide, decisions.Reject},
		{post, "/approvals/:id/ask-back", access.Decide, decisions.AskBack},
		{post, "/approvals/:id/less", access.Decide, decisions.ApproveLess},
		{post, "/approvals/:id/answer", access.Propose, decisions.Answer},
		{post, "/approvals/:id/evidence", access.Propose, decisions.AddEvidence},
		{get, "/approvals/:id/change", access.Propose, proposal.ShowChange},
		{post, "/approvals/:id/change", access.Propose, proposal.Change},
		{post, "/approvals/:id/change/preview", access.Propose, proposal.PreviewChange},
		{post, "/approvals/:id/submit", access.Propose, decisions.Submit},
		{post, "/approvals/:id/withdraw", access.ReadCredits, decisions.Withdraw},
		{post, "/approvals/:id/retry", access.Decide, decisions.Retry},
	}
}

// reviewRoutes are those who look at what others gave away.
func reviewRoutes(s Services) []route {
	looks := reviews.New(s.Desk, s.Credits, s.Reports)
	return []route{
		{get, "/reviews", access.ReadReviews, looks.Waiting},
		{get, "/reviews/done", access.ReadReviews, looks.Done},
		{get, "/reviews/samples", access.ReadReviews, looks.Samples},
		{get, "/reviews/samples/:month", access.ReadReviews, looks.Draws},
		{get, "/reviews/warnings", access.ReadReviews, looks.Warnings},
		{post, "/reviews/warnings/:id", access.Review, looks.Look},
		{get, "/reviews/pairs", access.ReadReviews, looks.Pairs},
		{get, "/reviews/assistants", access.ReadReviews, looks.Assistants},
		{get, "/reviews/:id", access.ReadReviews, looks.Sample},
		{post, "/reviews/:id", access.Review, looks.Review},
	}
}

// qualityRoutes are how well cases are settled. Whose review is whose is asked by the service called.
func qualityRoutes(s Services) []route {
	looks := quality.New(s.Desk, s.Quality, s.Cases, s.Reports)
	return []route{
		{get, "/quality", access.ReadQuality, looks.Queue},
		{get, "/quality/done", access.ReadQuality, looks.Done},
		{get, "/quality/weeks", access.ReadQuality, looks.ThisWeek},
		{get, "/quality/weeks/:week", access.ReadQuality, looks.Week},
		{get, "/quality/pick", access.ReviewQuality, looks.Pick},
		{get, "/quality/cases/:number", access.ReviewQuality, looks.Sheet},
		{post, "/quality/cases/:number", access.ReviewQuality, looks.Review},
		{get, "/quality/mine", access.ReadCases, looks.Mine},
		{get, "/quality/reviews/:id", access.ReadQuality, looks.Show},
		{post, "/quality/reviews/:id/acknowledge", access.ReadCases, looks.Acknowledge},
		{get, "/settings/quality", access.ManageQuality, looks.Settings},
		{post, "/settings/quality/card", access.ManageQuality, looks.SaveCard},
		{post, "/settings/quality/teams/:id", access.ManageQuality, looks.SetRule},
	}
}

func bookRoutes(s Services) []route {
	ledger := books.New(s.Desk, s.Reports.Books(s.Billing, s.Credits), s.Billing)
	promises := contracts.New(s.Desk, s.Billing, s.Reports)
	return []route{
		{get, "/contracts", access.ReadBooks, promises.List},
		{get, "/contracts/new", access.EnterContract, promises.New},
		{post, "/contracts/new", access.EnterContract, promises.Create},
		{get, "/contracts/:number", access.ReadBooks, promises.File},
		{post, "/contracts/:number/incidents", access.LogIncident, promises.RecordIncident},
		{post, "/contracts/:number/incidents/:id/end", access.LogIncident, promises.EndIncident},
		{post, "/contracts/:number/exclusions", access.LogIncident, promises.RecordExclusion},
		{get, "/service-credits", access.ReadBooks, promises.Owed},
		{get, "/service-credits/:id", access.ReadBooks, promises.Sheet},
		{post, "/service-credits", access.Propose, promises.Keep},
		{get, "/customers", access.ReadBooks, ledger.Customers},
		{get, "/customers/new", access.KeepCustomers, ledger.NewCustomer},
		{post, "/customers/new", access.KeepCustomers, ledger.AddCustomer},
		{get, "/customers/:account", access.ReadBooks, ledger.Customer},
		{get, "/customers/:account/contacts/new", access.KeepContacts, ledger.NewContact},
		{post, "/customers/:account/contacts/new", access.KeepContacts, ledger.SaveContact},
		{get, "/customers/:account/contacts/:id", access.KeepContacts, ledger.EditContact},
		{post, "/customers/:account/contacts/:id", access.KeepContacts, ledger.SaveContact},
		{get, "/customers/:account/exemptions", access.ReadBooks, ledger.Exemptions},
		{post, "/customers/:account/exemptions", access.KeepCustomers, ledger.AddExemption},
		{post, "/customers/:account/exemptions/:id/end", access.KeepCustomers, ledger.EndExemption},
		{get, "/customers/:account/exemptions/:id/certificate", access.ReadBooks, ledger.Certificate},
		{get, "/customers/:account/edit", access.KeepCustomers, ledger.EditCustomer},
		{post, "/customers/:account/edit", access.KeepCustomers, ledger.SaveCustomer},
		{post, "/customers/:account/credit-terms", access.KeepCustomers, ledger.SaveCreditTerms},
		{get, "/customers/:account/apply", access.ReadBooks, ledger.ApplyPage},
		{post, "/customers/:account/apply", access.RecordPayment, ledger.Apply},
		{post, "/customers/:account/apply/preview", access.RecordPayment, ledger.ApplyPreview},
		{post, "/customers/:account/apply/take-back", access.RecordPayment, ledger.TakeBack},
		{get, "/customers/:account/statement", access.ReadBooks, ledger.Statement},
		{get, "/customers/:account/statement.pdf", access.ReadBooks, ledger.StatementPDF},
		{get, "/customers/:account/statements/:id/pdf", access.ReadBooks, ledger.KeptStatement},
		{get, "/customers/:account/payments/new", access.RecordPayment, ledger.NewPayment},
		{post, "/customers/:account/payments/new", access.RecordPayment, ledger.RecordPayment},
		{get, "/payments/:number", access.ReadBooks, ledger.Payment},
		{post, "/payments/:number/charge-back", access.RecordPayment, ledger.ChargeBack},
		{post, "/payments/:number/chargebacks/:id/won", access.RecordPayment, ledger.ChargebackWon},
		{get, "/books/ledger/:entity/:account", access.ReadBooks, ledger.Account},
		{get, "/books/extracts/:entity/:what", access.ReadBooks, ledger.Extract},
		{get, "/documents/:number", access.ReadBooks, ledger.Document},
		{get, "/documents/:number/pdf", access.ReadBooks, ledger.Paper},
		{get, "/documents/:number/xml", access.ReadBooks, ledger.Electronic},
		{get, "/invoices/:number", access.ReadBooks, ledger.Invoice},
		{get, "/credit-memos/:number", access.ReadBooks, ledger.Memo},
		{get, "/credit-memos/:number/pdf", access.ReadBooks, ledger.MemoPDF},
	}
}

func reportRoutes(s Services) []route {
	desk := reports.New(s.Desk, s.Reports)
	work := reports.NewWork(desk, s.Reports.Work())
	bundles := s.Reports.Evidence(s.Cases)
	proof := reports.NewEvidence(work, bundles, s.Reports.Packages(bundles, s.Billing), s.Reports)
	mail := reports.NewMail(work, s.ReportMail)
	return []route{
		{get, "/reports/mail", access.ReadReports, mail.List},
		{post, "/reports/mail", access.ReadReports, mail.Make},
		{get, "/reports/mail/new", access.ReadReports, mail.New},
		{get, "/reports/mail/:id", access.ReadReports, mail.Show},
		{post, "/reports/mail/:id", access.ReadReports, mail.Save},
		{post, "/reports/mail/:id/stop", access.ReadReports, mail.Stop},
		{post, "/reports/mail/:id/resume", access.ReadReports, mail.Resume},
		{get, "/cases/:number/evidence", access.ReadCases, proof.Case},
		{get, "/reports/audit-log", access.ReadAudit, proof.AuditLog},
		{get, "/reports/audit", access.ReadAudit, proof.Package},
		{post, "/reports/audit", access.ReadAudit, proof.Download},
		{get, "/reports", access.ReadReports, desk.Home},
		{get, "/reports/work", access.ReadReports, work.Overview},
		{get, "/reports/work/:fact", access.ReadReports, work.Fact},
		{get, "/reports/work/:fact/rows", access.ReadReports, work.WorkRows},
		{get, "/reports/aging", access.ReadReports, desk.Aging},
		{get, "/reports/aging/items", access.ReadReports, desk.Items},
		{get, "/reports/dso", access.ReadReports, desk.DSO},
		{get, "/reports/dso/trend", access.ReadReports, desk.Trend},
		{get, "/reports/kpis", access.ReadReports, desk.KPIs},
		{get, "/reports/kpis/:figure", access.ReadReports, desk.Rows},
	}
}

func closingRoutes(s Services) []route {
	months := periods.New(s.Desk, s.Billing, s.Reports.Closing(s.Billing))
	sides := reconcile.New(s.Desk, s.Billing, s.Reconciling)
	collect := collections.New(s.Desk, s.Billing, s.Reports)
	rules := bookrules.New(s.Desk, s.Billing, s.Credits, s.PostBack)
	return []route{
		{get, "/books/periods", access.ReadBooks, months.Show},
		{get, "/books/periods/grid", access.ReadBooks, months.Grid},
		{post, "/books/periods/:entity/:month/soft-close", access.ManagePeriods, months.SoftClose},
		{post, "/books/periods/:entity/:month/lift", access.ManagePeriods, months.Lift},
		{post, "/books/periods/:entity/:month/close", access.ManagePeriods, months.Close},
		{post, "/books/periods/:entity/:month/reopen", access.ManagePeriods, months.Reopen},
		{post, "/books/periods/:entity/:month/reopen/confirm", access.ConfirmReopen, months.Confirm},
		{post, "/books/periods/:entity/:month/reopen/withdraw", access.ConfirmReopen, months.Withdraw},
		{get, "/reconciliations", access.ReadBooks, sides.List},
		{post, "/reconciliations", access.Reconcile, sides.Start},
		{get, "/reconciliations/:id", access.ReadBooks, sides.Show},
		{post, "/reconciliations/:id/again", access.Reconcile, sides.Again},
		{post, "/reconciliations/:id/findings/:finding/case", access.Reconcile, sides.Case},
		{post, "/reconciliations/:id/findings/:finding/explain", access.Reconcile, sides.Explain},
		{get, "/books/proofs", access.ReadBooks, rules.Proofs},
		{post, "/books/proofs", access.ManagePeriods, rules.Prove},
		{get, "/books/rates", access.ReadBooks, rules.Rates},
		{post, "/books/rates", access.ManageRates, rules.RecordRate},
		{post, "/books/rates/import", access.ManageRates, rules.ImportRates},
		{post, "/books/rates/age", access.ManageRates, rules.RateAge},
		{get, "/books/reminders", access.ReadBooks, rules.Reminders},
		{post, "/books/reminders/:entity", access.ManagePeriods, rules.SetReminders},
		{get, "/books/budgets", access.ReadCredits, rules.Budgets},
		{post, "/books/budgets", access.ManageBudgets, rules.SetBudget},
		{get, "/books/gateways", access.ReadBooks, rules.Gateways},
		{post, "/books/gateways/:entity", access.Administer, rules.SetGateway},
		{post, "/credit-memos/:number/elsewhere/:action", access.Reconcile, rules.RetryElsewhere},
		{post, "/credit-memos/:number/elsewhere/:action/by-hand", access.Reconcile, rules.SettleElsewhere},
		{get, "/collections", access.ReadBooks, collect.Show},
		{post, "/collections/promises", access.Collect, collect.Promise},
		{post, "/collections/promises/:id/withdraw", access.Collect, collect.Withdraw},
		{post, "/collections/refunds/:number/paid", access.RecordPayment, collect.PaidOut},
		{post, "/collections/blocks", access.Collect, collect.Block},
		{post, "/collections/blocks/:id/lift", access.Collect, collect.Lift},
	}
}

func mailRoutes(s Services) []route {
	wall := board.New(s.Desk, s.Reports, s.Cases, s.Inbox)
	arrivals := intake.New(s.Desk, intake.Services{
		Inbox: s.Inbox, Intake: s.Intake, Cases: s.Cases, Billing: s.Billing, Reports: s.Reports, TrustedReceivers: s.TrustedReceivers,
	})
	sorts := sorting.New(s.Desk, s.Intake.Sorting(), s.People)
	return []route{
		{get, "/sorting", access.ReadIntake, sorts.List},
		{get, "/sorting/rules/new", access.ReadIntake, sorts.New},
		{get, "/sorting/rules/:id", access.ReadIntake, sorts.Edit},
		{post, "/sorting/rules", access.ManageSorting, sorts.Save},
		{post, "/sorting/rules/try", access.ReadIntake, sorts.Try},
		{post, "/sorting/rules/:id/move", access.ManageSorting, sorts.Move},
		{post, "/sorting/rules/:id/switch", access.ManageSorting, sorts.Switch},
		{post, "/sorting/rules/:id/remove", access.ManageSorting, sorts.Remove},
		{get, "/sorting/model", access.ReadIntake, sorts.Model},
		{post, "/sorting/model/train", access.ManageSorting, sorts.Train},
		{post, "/sorting/model/threshold", access.ManageSorting, sorts.Threshold},
		{post, "/sorting/model/:id/activate", access.ManageSorting, sorts.Activate},
		{get, "/board", access.ReadBoard, wall.Show},
		{get, "/board/people", access.AssignOthers, wall.People},
		{post, "/board/assign", access.AssignOthers, wall.Assign},
		{post, "/board/notices/:id/acknowledge", access.ReadBoard, wall.Acknowledge},
		{get, "/board/:part", access.ReadBoard, wall.Part},
		{get, "/intake", access.ReadIntake, arrivals.Page},
		{get, "/intake/list", access.ReadIntake, arrivals.List},
		{get, "/intake/health", access.ReadIntake, arrivals.Health},
		{get, "/intake/out/:id", access.ReadIntake, arrivals.Sent},
		{get, "/intake/out/:id/preview", access.ReadIntake, arrivals.SentPreview},
		{post, "/intake/out/:id/settle", access.WorkIntake, arrivals.Settle},
		{post, "/intake/out/:id/resend", access.WorkIntake, arrivals.Resend},
		{get, "/intake/:id", access.ReadIntake, arrivals.Page},
		{get, "/intake/:id/preview", access.ReadIntake, arrivals.Preview},
		{get, "/intake/:id/notice", access.ReadIntake, arrivals.Notice},
		{get, "/intake/:id/eml", access.ReadIntake, arrivals.Raw},
		{get, "/intake/:id/files/:n", access.ReadIntake, arrivals.File},
		{post, "/intake/:id/release", access.WorkIntake, arrivals.Release},
		{post, "/intake/:id/open", access.WorkIntake, arrivals.Open},
		{post, "/intake/:id/retry", access.WorkIntake, arrivals.Retry},
		{post, "/intake/:id/discard", access.WorkIntake, arrivals.Discard},
	}
}

// demoRoutes are there only in the demo.
func demoRoutes(s Services) []route {
	if s.Office == nil {
		return nil
	}
	customers := demo.New(s.Desk, s.Office, s.Billing, s.Reports)
	return []route{
		{get, "/demo/mailbox", access.ReadCases, customers.Page},
		{get, "/demo/mailbox/list", access.ReadCases, customers.List},
		{get, "/demo/mailbox/write", access.ReadCases, customers.WriteForm},
		{get, "/demo/mailbox/:uid", access.ReadCases, customers.Page},
		{get, "/demo/mailbox/:uid/preview", access.ReadCases, customers.Preview},
		{get, "/demo/mailbox/:uid/eml", access.ReadCases, customers.Raw},
		{get, "/demo/mailbox/:uid/files/:n", access.ReadCases, customers.File},
		{post, "/demo/mailbox/write", access.ReadCases, customers.Write},
		{post, "/demo/mailbox/:uid/reply", access.ReadCases, customers.Reply},
		{get, "/demo/kit", access.ReadCases, customers.Kit},
	}
}
