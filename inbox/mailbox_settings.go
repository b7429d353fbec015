package inbox

import (
	"context"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
)

// AddMailbox adds a mailbox on an administrator's behalf. It is read within seconds.
func (s *Service) AddMailbox(ctx context.Context, by access.Actor, in NewMailbox) (Mailbox, error) {
	return s.setting(ctx, by, "mailbox.added", func(tx *db.Tx) (Mailbox, error) { return s.AddMailboxTx(ctx, tx, in) })
}

// ChangeMailbox changes the settings of a mailbox on an administrator's behalf; see ChangeMailboxTx.
func (s *Service) ChangeMailbox(ctx context.Context, by access.Actor, id MailboxID, version int, in NewMailbox) (Mailbox, error) {
	return s.setting(ctx, by, "mailbox.changed", func(tx *db.Tx) (Mailbox, error) { return s.ChangeMailboxTx(ctx, tx, id, version, in) })
}

// SwitchMailbox has a mailbox read, or not any more, on an administrator's behalf.
func (s *Service) SwitchMailbox(ctx context.Context, by access.Actor, id MailboxID, version int, active bool) (Mailbox, error) {
	return s.setting(ctx, by, "mailbox.switched", func(tx *db.Tx) (Mailbox, error) {
		if err := s.SwitchMailboxTx(ctx, tx, id, version, active); err != nil {
			return Mailbox{}, err
		}
		return s.MailboxByID(ctx, tx, id)
	})
}

// setting is a change of settings: right, deed and evidence in one transaction. Secrets are not in the evidence.
func (s *Service) setting(ctx context.Context, by access.Actor, what string, deed func(tx *db.Tx) (Mailbox, error)) (Mailbox, error) {
	if err := access.Can(by, access.Administer, access.Object{}); err != nil {
		return Mailbox{}, err
	}
	var m Mailbox
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		if m, err = deed(tx); err != nil {
			return err
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: what, Data: map[string]any{
			"mailbox": int64(m.ID), "address": m.Address, "server": m.IMAPAddress, "security": m.Security, "username": m.Username,
			"folder": m.Folder, "auth": string(m.Auth), "active": m.Active, "tagged_replies": m.TaggedReplies,
		}})
	})
	return m, err
}
