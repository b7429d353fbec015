package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/letterbook"
	"makegood/cases/letters"
	"makegood/inbox"
	"makegood/inbox/parse"
)

// carryOutTx does what was decided and gives the message its fate.
func (h *handling) carryOutTx(ctx context.Context, d Decision, f Facts) error {
	fate := inbox.Fate{Kind: d.Fate, Reason: d.Reason, Params: map[string]string{}, Summary: h.summary()}
	if d.CaseID != 0 {
		fate.CaseID = new(int64(d.CaseID))
	}
	var err error
	switch d.Fate {
	case inbox.NewCase:
		var c cases.Case
		c, err = h.openTx(ctx, d, nil)
		fate.CaseID = new(int64(c.ID))
	case inbox.Attached:
		if d.OurAnswer {
			_, err = h.cases.FileReplyTx(ctx, h.tx, d.CaseID, h.message(cases.TrustNone))
			break
		}
		err = h.joinTx(ctx, d, &fate)
	case inbox.Duplicate:
		if f.Erased {
			fate.Summary = inbox.Summary{}
			err = h.inbox.EraseAgainTx(ctx, h.tx, h.ID, *h.sight.Erased)
			break
		}
		fate.OriginalID = &f.Duplicate.ID
		if h.sight.Proven != nil && *h.sight.Proven { // its link was followed before it was handled
			_, err = h.proveSameTx(ctx, h.tx, f.Duplicate.ID, h.from().Address)
		}
	case inbox.Bounce:
		err = h.bounceTx(ctx, d)
	case inbox.AutoReply:
		err = h.fileTx(ctx, d)
	case inbox.Held:
		err = h.holdTx(ctx, d, f, &fate)
	case inbox.Quarantined:
		fate.Params["refusal"] = cut(h.Refusal, maxClaim)
	case inbox.Pending, inbox.Ignored:
	}
	if err != nil {
		return err
	}
	if err := h.inbox.SettleTx(ctx, h.tx, h.ID, fate); err != nil {
		return err
	}
	return h.replaceTx(ctx, fate)
}

// replaceTx makes duplicates of the deliveries of this mail that were held because they failed the checks that this one did not.
func (h *handling) replaceTx(ctx context.Context, fate inbox.Fate) error {
	for _, id := range h.worse {
		m, err := h.inbox.LockTx(ctx, h.tx, id)
		if err != nil {
			return err
		}
		if m.Fate != inbox.Held || m.FateReason != ReasonUnverified {
			continue // a person has decided meanwhile
		}
		err = h.inbox.SettleTx(ctx, h.tx, id, inbox.Fate{
			Kind: inbox.Duplicate, Reason: ReasonSameMessage, OriginalID: &h.ID, CaseID: fate.CaseID,
			Summary: inbox.Summary{MessageID: m.MessageID, Sender: m.Sender, SenderName: m.SenderName, Subject: m.Subject, Kind: m.Kind},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// joinTx adds the message to its case. One closed for longer than its policy lets it be reopened is followed by a new
// one.
func (h *handling) joinTx(ctx context.Context, d Decision, fate *inbox.Fate) error {
	m := h.message(h.proof())
	if h.hit != nil && cases.ID(h.hit.CaseID) != d.CaseID {
		m.For = cases.ID(h.hit.CaseID) // it was joined to the one that the mail goes to
	}
	c, err := h.cases.ReceiveTx(ctx, h.tx, d.CaseID, m)
	if errors.Is(err, cases.ErrClosed) {
		d.Acknowledge = h.msg.Kind == parse.Person && !h.Quiet
		if c, err = h.openTx(ctx, d, &d.CaseID); err != nil {
			return err
		}
		fate.Kind, fate.Reason, fate.CaseID = inbox.NewCase, ReasonFollows, new(int64(c.ID))
		return nil
	}
	if err != nil {
		return fmt.Errorf("add message to case: %w", err)
	}
	if err := h.copyTx(ctx, c.ID); err != nil {
		return err
	}
	return h.linkMoreTx(ctx, c)
}

// copyTx notes who else the mail went to. They get nothing before an agent accepts them.
func (h *handling) copyTx(ctx context.Context, id cases.ID) error {
	for _, o := range h.others(h.sight.OwnAddresses) {
		if slices.ContainsFunc(h.participants, func(p cases.Participant) bool { return p.Address == o.Address }) {
			continue
		}
		if err := h.cases.AddParticipantTx(ctx, h.tx, id, cases.Participant{Address: o.Address, Name: o.Name}, system()); err != nil {
			return fmt.Errorf("note copied reader: %w", err)
		}
	}
	return nil
}

// linkMoreTx ties further invoices the sender names in this message to the case.
func (h *handling) linkMoreTx(ctx context.Context, c cases.Case) error {
	references := said(h.msg, slices.Concat(h.msg.Refs.Invoices, h.msg.Refs.Payments))
	if c.CustomerID == nil || len(references) == 0 {
		return nil
	}
	customer, err := h.billing.CustomerByID(ctx, h.tx, *c.CustomerID)
	if err != nil {
		return fmt.Errorf("read customer of case: %w", err)
	}
	found, err := h.billing.InvoicesByReference(ctx, h.tx, references)
	if err != nil {
		return err
	}
	linked, err := h.cases.Invoices(ctx, h.tx, c.ID)
	if err != nil {
		return fmt.Errorf("read invoices of case: %w", err)
	}
	m := Match(&customer, found, h.msg)
	for _, l := range m.Links {
		if slices.ContainsFunc(linked, func(k cases.LinkedInvoice) bool { return k.InvoiceID == l.InvoiceID }) {
			continue
		}
		if err := h.cases.LinkInvoiceTx(ctx, h.tx, c.ID, l, system()); err != nil {
			return fmt.Errorf("link invoice: %w", err)
		}
	}
	for _, number := range m.Foreign {
		if err := h.cases.AddWarningTx(ctx, h.tx, c.ID, foreign(number)); err != nil {
			return fmt.Errorf("warn of foreign invoice: %w", err)
		}
	}
	return nil
}

// fileTx keeps a machine's message with a case, where it changes nothing.
func (h *handling) fileTx(ctx context.Context, d Decision) error {
	if d.CaseID == 0 || !d.InConversation {
		return nil
	}
	m := h.message(h.proof())
	m.Machine = true
	_, err := h.cases.ReceiveTx(ctx, h.tx, d.CaseID, m)
	if errors.Is(err, cases.ErrClosed) {
		return nil // the fate still names the case
	}
	if err != nil {
		return fmt.Errorf("file machine message: %w", err)
	}
	return nil
}

// proof is what the words of somebody who takes part are worth. A report is a mail server's, whom nobody knows.
func (h *handling) proof() cases.Trust {
	switch {
	case h.msg.Kind == parse.Bounced:
		return cases.Unverified
	case h.dmarc == Pass:
		return cases.Verified
	}
	return cases.Known
}

// holdTx keeps a message for a person. What is said to the sender, if anything, says nothing of a case.
func (h *handling) holdTx(ctx context.Context, d Decision, f Facts, fate *inbox.Fate) error {
	fate.CaseID = nil // it is not the case's yet
	switch d.Reason {
	case ReasonUnverified, ReasonPassedOn:
		fate.Params["case_id"] = strconv.FormatInt(int64(d.CaseID), 10)
		fate.Params["number"] = f.Thread.Number
		fate.Params["sender"] = f.Sender
		if h.unvouched() {
			fate.Params["group"] = h.rewritten.group.Address
		}
	case ReasonUnnamed:
		fate.Params["group"] = h.rewritten.group.Address
	case ReasonUnproven:
		fate.Params["sender"] = f.Sender
	case ReasonInfected:
		fate.Params["found"] = h.Infected
		return nil // nothing else is done with it
	case ReasonOversize:
		fate.Params["size"] = strconv.FormatInt(h.Size, 10)
		fate.Params["limit"] = strconv.FormatInt(h.inbox.LargestMail(), 10)
	}
	if err := h.keepSortingTx(ctx, nil); err != nil {
		return err
	}
	if d.TellOversize {
		return h.tellOversizeTx(ctx)
	}
	return nil
}

// tellOversizeTx tells the sender that the mail was too large: once a day, so that two machines come to rest.
func (h *handling) tellOversizeTx(ctx context.Context) error {
	s, err := h.senderTx(ctx)
	if err != nil {
		return err
	}
	entity, err := h.entityTx(ctx, s)
	if err != nil || entity == nil {
		return err
	}
	from := h.from()
	written, err := letterbook.Write(ctx, h.tx, entity.ID, letters.Oversize, h.language(s, entity), letters.OversizeVars{
		Frame: letters.Frame{Subject: h.msg.Subject, Entity: entity.Name, Signature: orElse(entity.Signature, entity.Name)},
		Name:  from.Name, ReceivedAt: h.receivedAt(), Size: h.Size, Limit: h.inbox.LargestMail(),
	})
	if err != nil {
		return fmt.Errorf("write oversize letter: %w", err)
	}
	id := inbox.Bracketed(h.msg.MessageID)
	out := inbox.Outgoing{
		Key:  "oversize:" + from.Address + ":" + h.tx.Now().Format("2006-01-02"),
		Kind: string(letters.Oversize), Automatic: true, FromAddress: entity.SupportAddress, FromName: entity.SupportName,
		ToAddress: from.Address, ToName: from.Name, Subject: written.Subject, Text: written.Text, HTML: written.HTML,
		Language: written.Lang, InReplyTo: id, LetterVersionID: written.Version,
	}
	if id != "" {
		out.References = []string{id}
	}
	_, err = h.inbox.QueueTx(ctx, h.tx, out)
	return err
}

// entityTx is the legal entity that answers: the customer's, else the mailbox's, else the first.
func (h *handling) entityTx(ctx context.Context, s sender) (*billing.Entity, error) {
	id := h.entityID(s)
	if id == nil {
		return h.house, nil
	}
	entity, err := h.billing.EntityByID(ctx, h.tx, *id)
	if err != nil {
		return nil, fmt.Errorf("read entity: %w", err)
	}
	return &entity, nil
}

func (h *handling) entityID(s sender) *billing.EntityID {
	switch {
	case s.customer != nil:
		return &s.customer.EntityID
	case h.sight.EntityID != nil:
		return new(billing.EntityID(*h.sight.EntityID))
	}
	return nil
}

func (h *handling) language(s sender, entity *billing.Entity) string {
	language := h.msg.Language
	if s.contact != nil {
		language = orElse(language, s.contact.Language)
	}
	if s.customer != nil {
		language = orElse(language, s.customer.Language)
	}
	return orElse(language, entity.Language)
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
