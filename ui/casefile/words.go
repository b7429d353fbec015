package casefile

import (
	"makegood/billing"
	"makegood/cases"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/ui/creditview"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

func typeWord(t cases.Type) string { return desk.TypeWord(t) }

func onWord(on cases.WaitingOn) string { return desk.WaitingWord(on) }

func statusWord(s cases.Status, on cases.WaitingOn) string {
	switch s {
	case cases.StatusNew:
		return i18n.T("New")
	case cases.StatusOpen:
		return i18n.In("case", "Open")
	case cases.StatusWaiting:
		return i18n.F("Waiting on {on_word}", "on_word", onWord(on))
	case cases.StatusResolved:
		return i18n.T("Resolved")
	case cases.StatusClosed:
		return i18n.In("case", "Closed")
	}
	return string(s)
}

func disputeTag(s cases.DisputeStatus) kit.TagView {
	switch s {
	case cases.DisputeOpen:
		return kit.TagView{Text: i18n.In("case", "Open"), Tone: "hold"}
	case cases.DisputeUnderReview:
		return kit.TagView{Text: i18n.T("Under review"), Tone: "hold"}
	case cases.DisputeAccepted:
		return kit.TagView{Text: i18n.T("Accepted"), Tone: "ok"}
	case cases.DisputePartlyAccepted:
		return kit.TagView{Text: i18n.T("Partly accepted"), Tone: "ok"}
	case cases.DisputeRejected:
		return kit.TagView{Text: i18n.T("Rejected"), Tone: "bad"}
	case cases.DisputeWithdrawn:
		return kit.TagView{Text: i18n.T("Withdrawn"), Tone: "line"}
	}
	return kit.TagView{Text: string(s)}
}

func creditTag(state, level string) kit.TagView {
	switch state {
	case "draft":
		return kit.TagView{Text: i18n.T("Draft"), Tone: "line"}
	case "pending":
		if level != "" {
			return kit.TagView{Text: i18n.F("Pending, {level}", "level", level), Tone: "acc"}
		}
		return kit.TagView{Text: i18n.T("Pending"), Tone: "acc"}
	case "returned":
		return kit.TagView{Text: i18n.T("Asked back"), Tone: "hold"}
	case "approved":
		return kit.TagView{Text: i18n.T("Approved, posting"), Tone: "ok"}
	case "posted":
		return kit.TagView{Text: i18n.T("Posted"), Tone: "ok", Icon: "check"}
	case "rejected":
		return kit.TagView{Text: i18n.T("Rejected"), Tone: "bad"}
	case "failed":
		return kit.TagView{Text: i18n.T("Posting failed"), Tone: "bad", Icon: "alert-triangle"}
	}
	return kit.TagView{Text: desk.Coded(state), Tone: "line"}
}

func kindWord(kind string) string {
	switch kind {
	case "billing_error":
		return i18n.T("Billing error")
	case "concession":
		return i18n.T("Concession")
	case "sla_credit":
		return i18n.T("Service credit")
	}
	return creditview.KindName(billing.Kind(kind))
}

func trustOf(t cases.Trust, machine bool) *kit.TrustView {
	switch {
	case machine:
		return &kit.TrustView{Kind: "machine", Text: i18n.F("written by a machine{sender_of}", "sender_of", senderOf(t)), Title: i18n.T("Kept and shown; it moves no clock and answers nothing")}
	case t == cases.Verified:
		return &kit.TrustView{Kind: "verified", Text: i18n.T("verified"), Title: i18n.T("A known contact whose mail passed the sender checks")}
	case t == cases.Known:
		return &kit.TrustView{Kind: "known", Text: i18n.T("known"), Title: i18n.T("A known contact; the mail itself proves nothing")}
	case t == cases.Unverified:
		return &kit.TrustView{Kind: "unproven", Text: i18n.T("unproven"), Title: i18n.T("Nobody we know writes from this address")}
	}
	return nil
}

// standing is how far a message is to be trusted; one that is kept apart is nobody's who takes part.
func standing(m reports.FileMessage) *kit.TrustView {
	if m.Apart {
		return &kit.TrustView{Kind: "unproven", Text: i18n.T("kept apart"), Title: i18n.T("Filed by a person; its sender takes no part, and it moves no clock")}
	}
	return trustOf(m.Trust, m.Machine)
}

// senderOf says how far the sender of a machine's message is proven.
func senderOf(t cases.Trust) string {
	if proof := trustOf(t, false); proof != nil {
		return i18n.F(", sender {text}", "text", proof.Text)
	}
	return ""
}
