package intake

import (
	"context"
	"fmt"
	"slices"

	"makegood/cases"
	"makegood/inbox"
)

// believable tells whether a report looks as if a mail server had sent it (RFC 3464, section 2: with the null return path, or as a
// daemon) that was given our mail: it encloses the Message-ID of one, whose tag only we can have made. Everybody who read that
// mail could write the same, so a report does no more than it must: it stops mail to a reader of the very mail it names.
func (h *handling) believable() bool {
	named := inbox.Bracketed(h.msg.Bounce.OriginalMessageID)
	return h.hit != nil && h.hit.Signed && h.hit.MessageID == named && h.msg.FromMailServer()
}

// bounceTx marks the mail of ours that came back and tells the agent. A report that it is only late marks nothing, and one
// that anybody may have written only warns.
func (h *handling) bounceTx(ctx context.Context, d Decision) error {
	if d.CaseID == 0 {
		return nil
	}
	if err := h.fileTx(ctx, d); err != nil {
		return err
	}
	if h.hit.OutgoingID == nil || h.msg.Bounce.Action == "delayed" {
		return nil
	}
	report := h.msg.Bounce
	why := cut(report.Status+" "+report.Diagnostic, maxClaim)
	if !d.InConversation {
		return h.warnOfReportTx(ctx, d.CaseID, WarnDoubtfulReport, h.hit.Recipient, why)
	}
	m, marked, err := h.inbox.MarkBouncedTx(ctx, h.tx, *h.hit.OutgoingID, why)
	if err != nil || !marked {
		return err
	}
	if err := h.deadTx(ctx, m, why); err != nil {
		return err
	}
	if m.State == inbox.Bounced {
		return nil
	}
	return h.warnOfReportTx(ctx, d.CaseID, WarnBounced, m.ToAddress, why)
}

func (h *handling) warnOfReportTx(ctx context.Context, id cases.ID, key, address, why string) error {
	warning := cases.Warning{Key: key, Params: map[string]string{"address": address, "reason": why}}
	warned, err := h.cases.Warnings(ctx, h.tx, id)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(warned, func(w cases.Warning) bool { return w.Key == key && w.Params["address"] == address }) {
		return nil // said once: a hundred forged reports push nothing else off the case
	}
	if err := h.cases.AddWarningTx(ctx, h.tx, id, warning); err != nil {
		return fmt.Errorf("warn of bounce: %w", err)
	}
	return nil
}

// deadTx marks the address that a report says is not there: the next mail to it is stopped.
func (h *handling) deadTx(ctx context.Context, m inbox.OutgoingMessage, why string) error {
	address := m.ReaderOf(h.msg.Bounce.Recipient)
	if address == "" || !h.msg.Bounce.AddressDead() {
		return nil
	}
	if err := h.inbox.MarkDeadTx(ctx, h.tx, m.ID, address, why); err != nil {
		return err
	}
	return h.billing.MarkContactTx(ctx, h.tx, address, new(h.tx.Now()))
}
