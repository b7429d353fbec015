package casefile

import (
	"strings"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/ui/creditview"
	"makegood/ui/kit"
)

func typeWord(t cases.Type) string {
	switch t {
	case cases.Inquiry:
		return "Inquiry"
	case cases.Dispute:
		return "Dispute"
	case cases.Concession:
		return "Concession"
	case cases.Cancellation:
		return "Cancellation"
	case cases.Refund:
		return "Refund"
	case cases.Remittance:
		return "Remittance"
	}
	return string(t)
}

func onWord(on cases.WaitingOn) string {
	switch on {
	case cases.OnCustomer:
		return "customer"
	case cases.OnApprover:
		return "approver"
	case cases.OnBilling:
		return "billing"
	case cases.OnUpstream:
		return "upstream"
	case cases.OnThirdParty:
		return "third party"
	}
	return "us"
}

func statusWord(s cases.Status, on cases.WaitingOn) string {
	switch s {
	case cases.StatusNew:
		return "New"
	case cases.StatusOpen:
		return "Open"
	case cases.StatusWaiting:
		return "Waiting on " + onWord(on)
	case cases.StatusResolved:
		return "Resolved"
	case cases.StatusClosed:
		return "Closed"
	}
	return string(s)
}

func disputeTag(s cases.DisputeStatus) kit.TagView {
	switch s {
	case cases.DisputeOpen:
		return kit.TagView{Text: "Open", Tone: "hold"}
	case cases.DisputeUnderReview:
		return kit.TagView{Text: "Under review", Tone: "hold"}
	case cases.DisputeAccepted:
		return kit.TagView{Text: "Accepted", Tone: "ok"}
	case cases.DisputePartlyAccepted:
		return kit.TagView{Text: "Partly accepted", Tone: "ok"}
	case cases.DisputeRejected:
		return kit.TagView{Text: "Rejected", Tone: "bad"}
	case cases.DisputeWithdrawn:
		return kit.TagView{Text: "Withdrawn", Tone: "line"}
	}
	return kit.TagView{Text: string(s)}
}

func creditTag(state, level string) kit.TagView {
	switch state {
	case "draft":
		return kit.TagView{Text: "Draft", Tone: "line"}
	case "pending":
		if level != "" {
			return kit.TagView{Text: "Pending, " + level, Tone: "acc"}
		}
		return kit.TagView{Text: "Pending", Tone: "acc"}
	case "returned":
		return kit.TagView{Text: "Asked back", Tone: "hold"}
	case "approved":
		return kit.TagView{Text: "Approved, posting", Tone: "ok"}
	case "posted":
		return kit.TagView{Text: "Posted", Tone: "ok", Icon: "check"}
	case "rejected":
		return kit.TagView{Text: "Rejected", Tone: "bad"}
	case "failed":
		return kit.TagView{Text: "Posting failed", Tone: "bad", Icon: "alert-triangle"}
	}
	return kit.TagView{Text: capital(strings.ReplaceAll(state, "_", " ")), Tone: "line"}
}

func kindWord(kind string) string {
	switch kind {
	case "billing_error":
		return "Billing error"
	case "concession":
		return "Concession"
	case "sla_credit":
		return "Service credit"
	}
	return creditview.KindName(billing.Kind(kind))
}

func capital(text string) string {
	if text == "" {
		return ""
	}
	return i18n.Upper(text)
}

func trustOf(t cases.Trust, machine bool) *kit.TrustView {
	switch {
	case machine:
		return &kit.TrustView{Kind: "machine", Text: "written by a machine" + senderOf(t), Title: "Kept and shown; it moves no clock and answers nothing"}
	case t == cases.Verified:
		return &kit.TrustView{Kind: "verified", Text: "verified", Title: "A known contact whose mail passed the sender checks"}
	case t == cases.Known:
		return &kit.TrustView{Kind: "known", Text: "known", Title: "A known contact; the mail itself proves nothing"}
	case t == cases.Unverified:
		return &kit.TrustView{Kind: "unproven", Text: "unproven", Title: "Nobody we know writes from this address"}
	}
	return nil
}

// standing is how far a message is to be trusted; one that is kept apart is nobody's who takes part.
func standing(m reports.FileMessage) *kit.TrustView {
	if m.Apart {
		return &kit.TrustView{Kind: "unproven", Text: "kept apart", Title: "Filed by a person; its sender takes no part, and it moves no clock"}
	}
	return trustOf(m.Trust, m.Machine)
}

// senderOf says how far the sender of a machine's message is proven.
func senderOf(t cases.Trust) string {
	if proof := trustOf(t, false); proof != nil {
		return ", sender " + proof.Text
	}
	return ""
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
