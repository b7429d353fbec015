package intake

import (
	"context"
	"strings"

	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
)

// SettleMail ends a mail of ours that failed or may not have arrived, of a case or of none, by the word of a person who found out. It is
// recorded with the reason.
func (i *Intake) SettleMail(ctx context.Context, in inbox.SettleInput) error {
	return i.onMail(ctx, in.ID, in.By, func(tx *db.Tx) (audit.Event, error) {
		m, err := i.inbox.SettleOutgoingTx(ctx, tx, in)
		return mailEvent("mail.settled", m, in.Reason, string(in.As)), err
	})
}

// ResendMail sends a mail of ours once more that belongs to no case and failed, or of which nobody knows whether it arrived. The reason
// is recorded. Mail of a case is sent again there.
func (i *Intake) ResendMail(ctx context.Context, in inbox.ResendInput) error {
	in.CaseID = 0
	return i.onMail(ctx, in.ID, in.By, func(tx *db.Tx) (audit.Event, error) {
		address, err := i.inbox.ResendTx(ctx, tx, in)
		return mailEvent("mail.resent", inbox.OutgoingMessage{ID: in.ID, ToAddress: address}, in.Reason, ""), err
	})
}

func mailEvent(what string, m inbox.OutgoingMessage, reason, as string) audit.Event {
	data := map[string]any{"outgoing": int64(m.ID), "reason": audit.Personal{Address: m.ToAddress, Said: strings.TrimSpace(reason)}}
	if as != "" {
		data["as"] = as
	}
	if m.CaseID != nil {
		data["case_id"] = *m.CaseID
	}
	return audit.Event{Stream: audit.Inbox, What: what, Data: data}
}

// onMail is a person's decision about a mail of ours: right, deed and evidence in one transaction.
func (i *Intake) onMail(ctx context.Context, id inbox.OutgoingID, by access.Actor, deed func(tx *db.Tx) (audit.Event, error)) error {
	if err := access.Can(by, access.WorkIntake, access.Object{}); err != nil {
		return err
	}
	return i.db.Do(ctx, func(tx *db.Tx) error {
		if _, err := i.inbox.ReadableOutgoing(ctx, tx, id, by); err != nil {
			return err
		}
		event, err := deed(tx)
		if err != nil {
			return err
		}
		event.By = by
		return audit.RecordTx(ctx, tx, event)
	})
}
