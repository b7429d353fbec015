package inbox

import (
	"context"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// administers lets those in who administer a legal entity. What is of none, or holds for all, is for those who see every one.
func administers(by access.Actor, entity *int64) error {
	if entity != nil {
		return access.Can(by, access.Administer, access.Object{EntityID: *entity})
	}
	if err := access.Can(by, access.Administer, access.Object{}); err != nil {
		return err
	}
	if len(by.SeenEntities()) > 0 {
		return errs.New(access.ErrForbidden.Kind, access.ErrForbidden.Key, "action", string(access.Administer))
	}
	return nil
}

// AdministersAll tells whether somebody may set what holds for every legal entity: signing keys, bounds, and the mailboxes of none.
func AdministersAll(by access.Actor) bool { return administers(by, nil) == nil }

// MailboxesToSet lists the mailboxes whose settings somebody may see and change, by address.
func (s *Service) MailboxesToSet(ctx context.Context, by access.Actor) ([]Mailbox, error) {
	all, err := s.Mailboxes(ctx)
	if err != nil {
		return nil, err
	}
	var list []Mailbox
	for _, m := range all {
		if administers(by, m.EntityID) == nil {
			list = append(list, m)
		}
	}
	return list, nil
}

// MailboxToSet reads a mailbox whose settings somebody may see and change; ErrNoMailbox of others'.
func (s *Service) MailboxToSet(ctx context.Context, by access.Actor, id MailboxID) (Mailbox, error) {
	m, err := s.MailboxByID(ctx, s.db, id)
	if err == nil && administers(by, m.EntityID) != nil {
		return Mailbox{}, ErrNoMailbox
	}
	return m, err
}

// AddMailbox adds a mailbox on an administrator's behalf. It is read within seconds.
func (s *Service) AddMailbox(ctx context.Context, by access.Actor, in NewMailbox) (Mailbox, error) {
	return s.setting(ctx, by, "mailbox.added", func(tx *db.Tx) (Mailbox, error) {
		if err := administers(by, in.EntityID); err != nil {
			return Mailbox{}, err
		}
		return s.AddMailboxTx(ctx, tx, in)
	})
}

// ChangeMailbox changes the settings of a mailbox on behalf of an administrator of the legal entity it is of, and of the one it is given to;
// see ChangeMailboxTx.
func (s *Service) ChangeMailbox(ctx context.Context, by access.Actor, id MailboxID, version int, in NewMailbox) (Mailbox, error) {
	return s.setting(ctx, by, "mailbox.changed", func(tx *db.Tx) (Mailbox, error) {
		if err := s.theirsTx(ctx, tx, by, id); err != nil {
			return Mailbox{}, err
		}
		if err := administers(by, in.EntityID); err != nil {
			return Mailbox{}, err
		}
		return s.ChangeMailboxTx(ctx, tx, id, version, in)
	})
}

// SwitchMailbox has a mailbox read, or not any more, on an administrator's behalf.
func (s *Service) SwitchMailbox(ctx context.Context, by access.Actor, id MailboxID, version int, active bool) (Mailbox, error) {
	return s.setting(ctx, by, "mailbox.switched", func(tx *db.Tx) (Mailbox, error) {
		if err := s.theirsTx(ctx, tx, by, id); err != nil {
			return Mailbox{}, err
		}
		if err := s.SwitchMailboxTx(ctx, tx, id, version, active); err != nil {
			return Mailbox{}, err
		}
		return s.MailboxByID(ctx, tx, id)
	})
}

// theirsTx refuses a mailbox of a legal entity that the actor does not administer, and holds it as it is.
func (s *Service) theirsTx(ctx context.Context, tx *db.Tx, by access.Actor, id MailboxID) error {
	m, err := s.heldTx(ctx, tx, id)
	if err == nil && administers(by, m.EntityID) != nil {
		return ErrNoMailbox
	}
	return err
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
