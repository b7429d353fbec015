package letters

import (
	"time"

	"makegood/internal/money"
)

// Sample gives the variables of a kind with an invented case, to show how a letter looks. The frame's subject, case number, entity
// and signature and the name are used where they are given, and at is when it happens.
func Sample(kind Kind, f Frame, name string, at time.Time) any {
	f = f.sampled(kind)
	if name == "" {
		name = "Sabine Köhler"
	}
	eur := func(text string) money.Amount { return money.MustParse(text, "EUR") }
	switch kind {
	case Acknowledgement:
		return AcknowledgementVars{Frame: f, Name: name, ReceivedAt: at, AnswerBy: at.Add(4 * time.Hour), Invoices: []string{"DE-2026-01877", "DE-2026-01878"}}
	case Reply:
		return ReplyVars{Frame: f, Body: "Dear " + name + ",\n\nports 3 and 4 went live on 2 November. We have corrected the invoice.", Agent: "Mara Lindqvist", Quote: &Quote{From: name, At: at.AddDate(0, 0, -1), Text: "Two ports\nare missing."}}
	case CreditPosted:
		return CreditPostedVars{
			Frame: f, Name: name, Memo: "CM-DE-2026-00412", Amount: eur("475.10"), PostedAt: at, Invoice: "DE-2026-01877", Open: eur("1234.89"), PayLink: "https://pay.example/?invoice=DE-2026-01877&amount=1100.00&currency=EUR", PayNow: eur("1100.00"), MemoAttached: true,
			Lines: []Line{
				{Description: "Cross-connect FRA-2", Outcome: Accepted, Contested: eur("420.00"), Credited: eur("420.00")},
				{Description: "Egress traffic", Outcome: PartlyAccepted, Contested: eur("210.00"), Credited: eur("55.10"), Explanation: "Half of it was metered twice."},
			},
		}
	case DebitPosted:
		return DebitPostedVars{Frame: f, Name: name, Memo: "DM-DE-2026-00007", Amount: eur("357.00"), PostedAt: at, DueOn: at.AddDate(0, 0, 14), Reason: "Cross-connect FRA-3 was left out.", Invoice: "DE-2026-01877", Attached: true}
	case RefundPosted:
		return RefundPostedVars{Frame: f, Name: name, Refund: "RF-DE-2026-00003", Amount: eur("1200.00"), PostedAt: at, Destination: "DE•• •••• 4711", From: []string{"PAY-DE-2026-00031"}, Attached: true}
	case Nudge:
		return NudgeVars{Frame: f, Name: name, AskedAt: at.AddDate(0, 0, -7), Question: "Which order do you mean?", ClosesAt: at.AddDate(0, 0, 7)}
	case AutoClose:
		return AutoCloseVars{Frame: f, Name: name, AskedAt: at.AddDate(0, 0, -14), ReopenUntil: at.AddDate(0, 0, 30), ReopenURL: "https://billing.example/r/abc"}
	case Oversize:
		return OversizeVars{Frame: f, Name: name, ReceivedAt: at, Size: 41_270_000, Limit: 30_000_000}
	case ContactProof:
		return ContactProofVars{Frame: f, URL: "https://billing.example/contact/proof?t=abc", EndsAt: at.AddDate(0, 0, 7)}
	case PortalCode:
		return PortalCodeVars{Frame: f, Name: name, Code: "4711 0815", URL: "https://billing.example/portal/link?t=abc", EndsAt: at.Add(15 * time.Minute)}
	case Survey:
		return SurveyVars{Frame: f, Name: name, URL: "https://billing.example/survey?t=abc", EndsAt: at.AddDate(0, 0, 14)}
	case Statement:
		return StatementVars{
			Frame: f, Name: name, Account: "C-10231", From: at.AddDate(0, -1, 0), To: at, Attached: true,
			Parts: []StatementPart{{Balance: eur("1884.89"), Disputed: eur("420.00"), Later: eur("357.00"), Unused: eur("50.00"), PayNow: eur("1107.89"), PayLink: "https://pay.example/?account=C-10231&amount=1107.89&currency=EUR"}},
		}
	}
	return nil
}

// sampled fills what is missing in a frame.
func (f Frame) sampled(kind Kind) Frame {
	fill := func(text *string, with string) {
		if *text == "" {
			*text = with
		}
	}
	fill(&f.Entity, "Nordwall Cloud GmbH")
	fill(&f.Signature, f.Entity)
	fill(&f.Subject, "Invoice DE-2026-01877")
	if ofNoCase(kind) {
		f.CaseNumber = ""
		return f
	}
	fill(&f.CaseNumber, "MG-004182")
	return f
}
