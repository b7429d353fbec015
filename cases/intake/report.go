package intake

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"makegood/cases"
	"makegood/inbox"
	"makegood/inbox/parse"
	"makegood/internal/db"
)

// believable tells whether a report looks as if a mail server had sent it (RFC 3464, section 2: with the null return path, or as a
// daemon) that was given our mail: it encloses the Message-ID of one, whose tag only we can have made. Everybody who read that
// mail could write the same, so a report does no more than it must: it stops mail to a reader of the very mail it names.
func (h *handling) believable() bool {
	named := inbox.Bracketed(h.msg.Bounce.OriginalMessageID)
	return h.hit != nil && h.hit.OutgoingID != nil && h.hit.Signed && h.hit.MessageID == named && h.msg.FromMailServer()
}

// bounceTx marks the mail of ours that came back and tells the agent. A report that it is only late marks nothing, and one
// that anybody may have written only warns.
func (h *handling) bounceTx(ctx context.Context, d Decision) error {
	if d.CaseID == 0 {
		return h.caselessTx(ctx)
	}
	if err := h.fileTx(ctx, d); err != nil {
		return err
	}
	if h.hit.OutgoingID == nil {
		return nil
	}
	m, err := h.inbox.OutgoingByID(ctx, h.tx, *h.hit.OutgoingID)
	if err != nil {
		return err
	}
	for _, report := range h.msg.Bounce.Each() {
		if report.Action == "delayed" {
			continue
		}
		if err := h.readerFailedTx(ctx, d, m, report); err != nil {
			return err
		}
	}
	return nil
}

// readerFailedTx does what follows from the report of one reader of a mail of ours. The mail itself came back when the one it was
// written to did not get it; that a copy did not arrive is told.
func (h *handling) readerFailedTx(ctx context.Context, d Decision, m inbox.OutgoingMessage, report parse.Bounce) error {
	reader, why := m.ReaderOf(report.Recipient), reasonOf(report)
	if !d.InConversation {
		return h.warnOfReportTx(ctx, h.tx, d.CaseID, bounced(WarnDoubtfulReport, orElse(reader, h.hit.Recipient), why))
	}
	switch m.State {
	case inbox.Queued, inbox.Cancelled, inbox.Stopped:
		return nil // it never left
	case inbox.Sending, inbox.Sent, inbox.Failed, inbox.Unknown, inbox.Bounced:
	}
	if reader == "" && report.Recipient == "" {
		reader = m.ToAddress // nobody is named, so the one it was written to is meant
	}
	if strings.EqualFold(reader, m.ToAddress) {
		if _, _, err := h.inbox.MarkBouncedTx(ctx, h.tx, m.ID, why); err != nil {
			return err
		}
	}
	if err := h.deadTx(ctx, h.tx, m, report); err != nil {
		return err
	}
	return h.warnOfReportTx(ctx, h.tx, d.CaseID, bounced(WarnBounced, orElse(reader, report.Recipient), why))
}

// caselessTx marks a mail of ours without a case that came back, and its address. There is nobody to tell.
func (h *handling) caselessTx(ctx context.Context) error {
	if h.hit == nil || h.hit.CaseID != 0 || h.dmarc == Fail || h.msg.Bounce.Action == "delayed" || !h.believable() {
		return nil
	}
	m, marked, err := h.inbox.MarkBouncedTx(ctx, h.tx, *h.hit.OutgoingID, reasonOf(h.msg.Bounce))
	if err != nil || !marked {
		return err
	}
	return h.deadTx(ctx, h.tx, m, h.msg.Bounce)
}

// warnOfReportTx tells the agents of a case that mail to somebody comes back.
func (i *Intake) warnOfReportTx(ctx context.Context, tx *db.Tx, id cases.ID, warning cases.Warning) error {
	warned, err := i.cases.Warnings(ctx, tx, id)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(warned, func(w cases.Warning) bool {
		return w.Key == warning.Key && w.Params["address"] == warning.Params["address"]
	}) {
		return nil // said once: a hundred forged reports push nothing else off the case
	}
	if err := i.cases.AddWarningTx(ctx, tx, id, warning); err != nil {
		return fmt.Errorf("warn of bounce: %w", err)
	}
	return nil
}

func bounced(key, address, why string) cases.Warning {
	return cases.Warning{Key: key, Params: map[string]string{"address": address, "reason": why}}
}

// deadTx marks the address that a report says is not there: the next mail to it is stopped.
func (i *Intake) deadTx(ctx context.Context, tx *db.Tx, m inbox.OutgoingMessage, report parse.Bounce) error {
	address := m.ReaderOf(report.Recipient)
	if address == "" || !report.AddressDead() {
		return nil
	}
	if err := i.inbox.MarkDeadTx(ctx, tx, m.ID, address, reasonOf(report)); err != nil {
		return err
	}
	return i.billing.MarkContactTx(ctx, tx, address, new(tx.Now()))
}

func reasonOf(report parse.Bounce) string { return cut(report.Status+" "+report.Diagnostic, maxClaim) }

// readerRefused does for a reader whom our mail server refused at once what a report does that comes later: the case says that the mail
// did not reach them, and an address that is not there is marked.
func (i *Intake) readerRefused(ctx context.Context, in inbox.ReaderRefused) error {
	report := parse.Bounce{Recipient: in.Address, Action: "failed", Status: in.Status, Diagnostic: in.Answer}
	return i.db.Do(ctx, func(tx *db.Tx) error {
		m, err := i.inbox.OutgoingByID(ctx, tx, in.ID)
		if err != nil {
			return err
		}
		if err := i.deadTx(ctx, tx, m, report); err != nil || m.CaseID == nil {
			return err
		}
		c, err := i.mergedTx(ctx, tx, cases.ID(*m.CaseID))
		if err != nil {
			return err
		}
		return i.warnOfReportTx(ctx, tx, c.ID, bounced(WarnBounced, in.Address, cut(in.Answer, maxClaim)))
	})
}
