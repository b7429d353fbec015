package inbox

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"makegood/internal/db"
)

// MessageArrived asks for a stored message to be understood. It is worked above, where cases are known.
type MessageArrived struct {
	ID InboundID `json:"id"`
}

// Kind names the job.
func (MessageArrived) Kind() string { return "inbox.message_arrived" }

// Arrived is a message as it came in. Mailbox, UIDValidity and UID are set together for mail fetched by IMAP.
type Arrived struct {
	Source       Source
	MailboxID    *MailboxID
	UIDValidity  *int64
	UID          *int64
	Raw          []byte
	InternalDate *time.Time
	Oversize     bool
	Size         int64 // as the server says; 0 means the length of Raw
}

// StoreTx keeps a message's raw bytes and asks for it to be understood. The same UID of the same mailbox is kept once:
// stored is then false and the id that of the first.
func (s *Service) StoreTx(ctx context.Context, tx *db.Tx, a Arrived) (id InboundID, stored bool, err error) {
	sum := sha256.Sum256(a.Raw)
	if a.Size == 0 {
		a.Size = int64(len(a.Raw))
	}
	id, err = db.Value[InboundID](ctx, tx, `with m as (
			insert into inbound_messages (source, mailbox_id, uid_validity, uid, sha256, size, oversize, internal_date, stored_at)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (mailbox_id, uid_validity, uid) do nothing returning id
		), r as (insert into inbound_raw (inbound_message_id, content) select id, $10 from m)
		select id from m`,
		string(a.Source), a.MailboxID, a.UIDValidity, a.UID, sum[:], a.Size, a.Oversize, a.InternalDate, tx.Now(), a.Raw)
	if errors.Is(err, db.ErrNoRow) {
		id, err = db.Value[InboundID](ctx, tx, `select id from inbound_messages where mailbox_id = $1 and uid_validity = $2 and uid = $3`,
			a.MailboxID, a.UIDValidity, a.UID)
		return id, false, err
	}
	if err != nil {
		return 0, false, fmt.Errorf("store message: %w", err)
	}
	tx.Publish("intake")
	return id, true, tx.Enqueue(ctx, MessageArrived{ID: id})
}

// Ingest stores one message that came from a file, the web or the API in a transaction of its own.
func (s *Service) Ingest(ctx context.Context, raw []byte, source Source) (InboundID, error) {
	var id InboundID
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		id, _, err = s.StoreTx(ctx, tx, Arrived{Source: source, Raw: raw})
		return err
	})
	return id, err
}

// Message reads one message that came; ErrNoMessage when there is none.
func (s *Service) Message(ctx context.Context, r db.Reader, id InboundID) (Inbound, error) {
	m, err := db.One[Inbound](ctx, r, `select * from inbound_messages where id = $1`, id)
	if errors.Is(err, db.ErrNoRow) {
		return Inbound{}, ErrNoMessage
	}
	return m, err
}

// Raw reads the bytes of a message exactly as they came.
func (s *Service) Raw(ctx context.Context, r db.Reader, id InboundID) ([]byte, error) {
	raw, err := db.Value[[]byte](ctx, r, `select content from inbound_raw where inbound_message_id = $1`, id)
	if errors.Is(err, db.ErrNoRow) {
		return nil, ErrNoMessage
	}
	return raw, err
}
