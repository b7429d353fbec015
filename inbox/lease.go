package inbox

import (
	"context"
	"errors"
	"time"

	"makegood/internal/db"
)

// LeaseTime is how long a process may read a mailbox without saying that it still lives. A dead one's mailbox
// is taken over within this time.
const LeaseTime = 20 * time.Second

// Lease takes or renews the right to read a mailbox. It answers false while another process holds it.
func (s *Service) Lease(ctx context.Context, id MailboxID, owner string) (Mailbox, bool, error) {
	var box Mailbox
	var held bool
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		box, err = db.One[Mailbox](ctx, tx, `update mailboxes set lease_owner = $2, lease_until = $3
			where id = $1 and active and (lease_owner = $2 or lease_until < $4) returning *`,
			id, owner, tx.Now().Add(LeaseTime), tx.Now())
		held = err == nil
		if errors.Is(err, db.ErrNoRow) {
			return nil
		}
		return err
	})
	return box, held, err
}

// EndLease lets go of a mailbox, so that another process need not wait.
func (s *Service) EndLease(ctx context.Context, id MailboxID, owner string) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update mailboxes set lease_owner = '', lease_until = '1970-01-01 00:00Z' where id = $1 and lease_owner = $2`, id, owner)
		return err
	})
}

// Fetched is what one round of reading found.
type Fetched struct {
	Mailbox     MailboxID
	Owner       string
	UIDValidity int64
	LastUID     int64 // the cursor after this batch
	Messages    []Arrived
	Backlog     int // still on the server
}

// ErrLeaseLost means that another process reads the mailbox now; nothing of the batch was stored.
var ErrLeaseLost = errors.New("the mailbox is read by another process")

// StoreFetched keeps a batch of messages and moves the mailbox's cursor in one transaction, while the lease is held.
func (s *Service) StoreFetched(ctx context.Context, f Fetched) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `update mailboxes set uid_validity = $3, last_uid = $4, backlog = $5, last_success_at = $6, last_error = '', lease_until = $7,
				retry_at = null, failures = 0
			where id = $1 and lease_owner = $2`, f.Mailbox, f.Owner, f.UIDValidity, f.LastUID, f.Backlog, tx.Now(), tx.Now().Add(LeaseTime))
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrLeaseLost
		}
		_, err = s.StoreAllTx(ctx, tx, f.Messages)
		return err
	})
}

// StoreFound keeps messages that a comparison with the server found missing, and tells how many were new. The cursor stays.
func (s *Service) StoreFound(ctx context.Context, messages []Arrived) (int, error) {
	var ids []InboundID
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		ids, err = s.StoreAllTx(ctx, tx, messages)
		return err
	})
	return len(ids), err
}

// NoteReconciled records that a mailbox was compared with its server and how many messages are missing.
func (s *Service) NoteReconciled(ctx context.Context, id MailboxID, missing int) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		tx.Publish("board", "intake")
		_, err := tx.Exec(ctx, `update mailboxes set reconciled_at = $2, missing = $3 where id = $1`, id, tx.Now(), missing)
		return err
	})
}

// MailboxFailed records why a mailbox cannot be read, and when that is tried again.
func (s *Service) MailboxFailed(ctx context.Context, id MailboxID, cause error, again time.Duration) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		tx.Publish("board", "intake")
		_, err := tx.Exec(ctx, `update mailboxes set last_error = $2, last_error_at = $3, retry_at = $4, failures = failures + 1 where id = $1`,
			id, cause.Error(), tx.Now(), tx.Now().Add(again))
		return err
	})
}

// StoredUIDs lists the UIDs of a mailbox that are kept, for the comparison with the server. Messages that the server
// would not give are not among them until a person has decided about them.
func (s *Service) StoredUIDs(ctx context.Context, id MailboxID, validity int64) ([]int64, error) {
	return db.Values[int64](ctx, s.db, `select uid from inbound_messages where mailbox_id = $1 and uid_validity = $2
		and (refusal = '' or fate not in ('pending', 'held', 'quarantined')) order by uid`, id, validity)
}

// SetAsideUIDs lists those of a mailbox that the server would not give and that were set aside: they are no gap, and it is asked for them.
func (s *Service) SetAsideUIDs(ctx context.Context, id MailboxID, validity int64) ([]int64, error) {
	return db.Values[int64](ctx, s.db, `select uid from inbound_messages where mailbox_id = $1 and uid_validity = $2 and refusal <> ''
		and fate = 'ignored' and fate_reason = '`+ReasonDiscarded+`' order by uid`, id, validity)
}

// ActiveMailboxes lists the mailboxes to be read.
func (s *Service) ActiveMailboxes(ctx context.Context) ([]Mailbox, error) {
	return db.List[Mailbox](ctx, s.db, `select * from mailboxes where active order by id`)
}
