package portal

import (
	"makegood/cases"
	"makegood/internal/money"
	"makegood/ui/kit"
)

// statusTag is a request's status as a customer reads it.
func statusTag(c cases.Case) kit.TagView {
	switch c.Status {
	case cases.StatusWaiting:
		if c.WaitingOn == cases.OnCustomer {
			return kit.TagView{Text: "Waits for your answer", Tone: "soon"}
		}
		return kit.TagView{Text: "Being looked into", Tone: "acc"}
	case cases.StatusResolved, cases.StatusClosed:
		return kit.TagView{Text: "Settled", Tone: "ok"}
	case cases.StatusNew:
		return kit.TagView{Text: "Received", Tone: "acc"}
	case cases.StatusOpen:
	}
	return kit.TagView{Text: "Being looked into", Tone: "acc"}
}

// outcomeTag is how a contested line was decided.
func outcomeTag(d cases.DisputeLine) kit.TagView {
	switch d.Status {
	case cases.DisputeAccepted:
		return kit.TagView{Text: "Accepted", Tone: "ok"}
	case cases.DisputePartlyAccepted:
		return kit.TagView{Text: "Accepted in part", Tone: "soon"}
	case cases.DisputeRejected:
		return kit.TagView{Text: "Not accepted", Tone: "bad"}
	case cases.DisputeWithdrawn:
		return kit.TagView{Text: "Withdrawn", Tone: "line"}
	case cases.DisputeOpen, cases.DisputeUnderReview:
	}
	return kit.TagView{Text: "Being checked", Tone: "acc"}
}

// author is who wrote a message: the customer's people by name, ours by the name they sign with.
func author(m cases.Message) string {
	if m.Kind == cases.Letter || m.AuthorName == "" && m.Kind != cases.Inbound {
		return "Automatic message"
	}
	if m.AuthorName == "" {
		return m.AuthorAddress
	}
	return m.AuthorName
}

func contested(d cases.DisputeLine) money.Amount { return d.Amount(d.Contested) }

func credited(d cases.DisputeLine) money.Amount { return d.Amount(d.Credited) }
