package portal

import (
	"context"

	"makegood/cases"
	"makegood/internal/money"
	"makegood/ui/kit"
)

// statusTag is a request's status as a customer reads it.
func statusTag(ctx context.Context, c cases.Case) kit.TagView {
	switch c.Status {
	case cases.StatusWaiting:
		if c.WaitingOn == cases.OnCustomer {
			return kit.TagView{Text: kit.Word(ctx, "portal.waits_you"), Tone: "soon"}
		}
		return kit.TagView{Text: kit.Word(ctx, "portal.looked_into"), Tone: "acc"}
	case cases.StatusResolved, cases.StatusClosed:
		return kit.TagView{Text: kit.Word(ctx, "portal.settled"), Tone: "ok"}
	case cases.StatusNew:
		return kit.TagView{Text: kit.Word(ctx, "portal.received"), Tone: "acc"}
	case cases.StatusOpen:
	}
	return kit.TagView{Text: kit.Word(ctx, "portal.looked_into"), Tone: "acc"}
}

// outcomeTag is how a contested line was decided.
func outcomeTag(ctx context.Context, d cases.DisputeLine) kit.TagView {
	switch d.Status {
	case cases.DisputeAccepted:
		return kit.TagView{Text: kit.Word(ctx, "portal.accepted"), Tone: "ok"}
	case cases.DisputePartlyAccepted:
		return kit.TagView{Text: kit.Word(ctx, "portal.accepted_part"), Tone: "soon"}
	case cases.DisputeRejected:
		return kit.TagView{Text: kit.Word(ctx, "portal.not_accepted"), Tone: "bad"}
	case cases.DisputeWithdrawn:
		return kit.TagView{Text: kit.Word(ctx, "portal.withdrawn"), Tone: "line"}
	case cases.DisputeOpen, cases.DisputeUnderReview:
	}
	return kit.TagView{Text: kit.Word(ctx, "portal.being_checked"), Tone: "acc"}
}

// author is who wrote a message: the customer's people by name, ours by the name they sign with.
func author(ctx context.Context, m cases.Message) string {
	if m.Kind == cases.Letter || m.AuthorName == "" && m.Kind != cases.Inbound {
		return kit.Word(ctx, "portal.automatic")
	}
	if m.AuthorName == "" {
		return m.AuthorAddress
	}
	return m.AuthorName
}

func contested(d cases.DisputeLine) money.Amount { return d.Amount(d.Contested) }

func credited(d cases.DisputeLine) money.Amount { return d.Amount(d.Credited) }
