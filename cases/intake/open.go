package intake

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"makegood/billing"
	"makegood/cases"
	"makegood/inbox"
)

// The warnings an agent finds on a case.
const (
	WarnUnknownSender  = "intake.unknown_sender"
	WarnSharedDomain   = "intake.shared_domain"
	WarnFailedDMARC    = "intake.sender_failed_dmarc"
	WarnForeignInvoice = "intake.foreign_invoice"
	WarnSimilarCase    = "intake.similar_case"
	WarnBounced        = "intake.bounced"
)

// openTx opens the case of a message: tied to its customer and invoices, in dispute where the message says clearly of
// what and how much, and acknowledged once.
func (h *handling) openTx(ctx context.Context, d Decision, follows *cases.ID) (cases.Case, error) {
	var s sender
	var err error
	if d.Trusted {
		if s, err = h.senderTx(ctx); err != nil {
			return cases.Case{}, err
		}
	}
	matches, err := h.matchTx(ctx, s)
	if err != nil {
		return cases.Case{}, err
	}
	disputes, err := h.disputesTx(ctx, matches)
	if err != nil {
		return cases.Case{}, err
	}
	warnings, err := h.warningsTx(ctx, s, matches)
	if err != nil {
		return cases.Case{}, err
	}
	message := h.message(s.trust(h.dmarc))
	message.Machine = false // a partner system's mail opens a case like a person's
	in := cases.OpenInput{
		Type: h.verdict.Type, Subject: h.subject(), Topic: h.verdict.Topic, Language: h.msg.Language, EntityID: h.entityID(s),
		TeamID: h.verdict.TeamID, Tags: h.verdict.Tags,
		Source: h.source(), Participants: h.people(s), Invoices: matches.Links, Disputes: disputes, Warnings: warnings,
		Message: &message, Follows: follows, By: system(), ReceivedAt: h.receivedAt(),
	}
	in.Priority, in.PriorityReason = h.urgency()
	if s.customer != nil {
		in.CustomerID = &s.customer.ID
	}
	if s.contact != nil {
		in.ContactID = &s.contact.ID
	}
	c, err := h.cases.OpenTx(ctx, h.tx, in)
	if err != nil {
		return cases.Case{}, fmt.Errorf("open case: %w", err)
	}
	if err := h.keepSortingTx(ctx, &c.ID); err != nil {
		return cases.Case{}, err
	}
	return c, h.acknowledgeTx(ctx, d, c.ID)
}

func (h *handling) acknowledgeTx(ctx context.Context, d Decision, id cases.ID) error {
	if !d.Acknowledge {
		return nil
	}
	in := cases.AcknowledgeInput{CaseID: id, InReplyTo: inbox.Bracketed(h.msg.MessageID)}
	for _, ref := range append(slices.Clone(h.msg.References), h.msg.MessageID) {
		if ref = inbox.Bracketed(ref); ref != "" {
			in.References = append(in.References, ref)
		}
	}
	if _, err := h.cases.AcknowledgeTx(ctx, h.tx, in); err != nil {
		return fmt.Errorf("acknowledge: %w", err)
	}
	return nil
}

// matchTx looks up the invoices the message names. For a sender who is nobody's there is nothing to look up: a number
// one knows is no proof of being its customer.
func (h *handling) matchTx(ctx context.Context, s sender) (Matches, error) {
	references := slices.Concat(h.msg.Refs.Invoices, h.msg.Refs.PurchaseOrders)
	if s.customer == nil || len(references) == 0 {
		return Matches{}, nil
	}
	found, err := h.billing.InvoicesByReference(ctx, h.tx, references)
	if err != nil {
		return Matches{}, err
	}
	return Match(s.customer, found, h.msg), nil
}

// disputesTx makes the one dispute line that is certain: one invoice, one amount, a reason that exists.
func (h *handling) disputesTx(ctx context.Context, m Matches) ([]cases.NewDispute, error) {
	reason := h.desk.Reason(h.verdict.Reason)
	if h.verdict.Type != cases.Dispute || reason == "" || len(m.Invoices) != 1 || len(h.msg.Refs.Amounts) == 0 {
		return nil, nil
	}
	invoice := m.Invoices[0]
	contestable, err := h.billing.Contestable(ctx, h.tx, invoice.ID, nil)
	if err != nil {
		return nil, fmt.Errorf("read what may be contested: %w", err)
	}
	amount, ok := contested(invoice, contestable, h.msg.Refs.Amounts)
	if !ok {
		return nil, nil
	}
	return []cases.NewDispute{{InvoiceID: invoice.ID, Contested: amount, ReasonCode: reason, Claim: cut(h.msg.ReplyText, maxClaim)}}, nil
}

// warningsTx says what the agent should know before believing the message.
func (h *handling) warningsTx(ctx context.Context, s sender, m Matches) ([]cases.Warning, error) {
	var out []cases.Warning
	from := h.from().Address
	switch {
	case h.dmarc == Fail:
		out = append(out, cases.Warning{Key: WarnFailedDMARC, Params: map[string]string{"sender": from, "references": h.named()}})
	case s.shared:
		out = append(out, cases.Warning{Key: WarnSharedDomain, Params: map[string]string{"sender": from, "references": h.named()}})
	case s.customer == nil:
		out = append(out, cases.Warning{Key: WarnUnknownSender, Params: map[string]string{"sender": from, "references": h.named()}})
	}
	for _, number := range m.Foreign {
		out = append(out, foreign(number))
	}
	if len(m.Invoices) == 0 {
		return out, nil
	}
	ids := make([]billing.InvoiceID, len(m.Invoices))
	for n, invoice := range m.Invoices {
		ids[n] = invoice.ID
	}
	about, err := h.cases.OpenCasesAbout(ctx, h.tx, s.customer.ID, ids)
	if err != nil {
		return nil, fmt.Errorf("look for similar cases: %w", err)
	}
	for _, c := range about[:min(len(about), 3)] {
		out = append(out, cases.Warning{Key: WarnSimilarCase, Params: map[string]string{"number": c.Number}})
	}
	return out, nil
}

func foreign(number string) cases.Warning {
	return cases.Warning{Key: WarnForeignInvoice, Params: map[string]string{"number": number}}
}

// named lists the references of the message as its sender wrote them.
func (h *handling) named() string {
	refs := slices.Concat(h.msg.Refs.Invoices, h.msg.Refs.Accounts, h.msg.Refs.PurchaseOrders)
	return strings.Join(refs[:min(len(refs), 10)], ", ")
}

// people are the sender, and those in copy, who get nothing before an agent accepts them.
func (h *handling) people(s sender) []cases.Participant {
	from := h.from()
	first := cases.Participant{Address: from.Address, Name: from.Name, Accepted: true}
	if s.contact != nil {
		first.ContactID = &s.contact.ID
		first.Name = orElse(first.Name, s.contact.Name)
	}
	list := []cases.Participant{first}
	for _, o := range h.others(h.sight.OwnAddresses) {
		list = append(list, cases.Participant{Address: o.Address, Name: o.Name})
	}
	return list
}

func (h *handling) source() string {
	switch h.Source {
	case inbox.SourceWeb:
		return "web"
	case inbox.SourceAPI:
		return "api"
	case inbox.SourceIMAP, inbox.SourceFile:
	}
	return "mail"
}
