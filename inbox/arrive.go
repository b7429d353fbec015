package inbox

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/internal/db"
)

// MessageArrived asks for a stored message to be understood. It is worked above, where cases are known.
type MessageArrived struct {
	ID InboundID `json:"id"`
}

// Kind names the job.
func (MessageArrived) Kind() string { return "inbox.message_arrived" }

// understood is how long a message may take: the virus scanner alone has minutes for each of its files.
const understood = 10 * time.Minute

// Takes is how long the job may take.
func (MessageArrived) Takes() time.Duration { return understood }

// MessagesArrived asks for several stored messages to be understood, together as far as that can be.
type MessagesArrived struct {
	IDs []InboundID `json:"ids"`
}

// Kind names the job.
func (MessagesArrived) Kind() string { return "inbox.messages_arrived" }

// Takes is how long the job may take. What cannot be understood together is tried once more alone.
func (m MessagesArrived) Takes() time.Duration {
	return time.Duration(1+2*len(m.IDs)) * understood
}

// together is how many messages are understood in one go at most.
const together = 20

// Arrived is a message as it came in. Mailbox, UIDValidity and UID are set together for mail fetched by IMAP.
type Arrived struct {
	Source       Source
	MailboxID    *MailboxID
	UIDValidity  *int64
	UID          *int64
	Raw          []byte
	InternalDate *time.Time
	Oversize     bool
	Size         int64  // as the server says; 0 means the length of Raw
	Refusal      string // the server's words when it would not give the message; Raw is empty then and not kept
	Quiet        bool   // imported from the past: not answered automatically
}

// storing writes a message and its raw bytes. One that the server refused before and gives now gets the bytes it lacked, even where
// somebody set it aside meanwhile: nobody could read it then. Of one that was erased
// only this is kept, that it came again: it counts as stored, and neither its bytes nor work on it are.
const storing = `with e as (select erasure_id from erased_mails where hash = $5 and $11 = ''), m as (
		insert into inbound_messages (source, mailbox_id, uid_validity, uid, sha256, size, oversize, internal_date, stored_at, refusal, quiet, fate, fate_reason, fated_at)
		select $1, $2, $3, $4, $5, $6, $7, $8, $9, $11, $12, case when exists (select from e) then 'duplicate' else 'pending' end,
			case when exists (select from e) then '` + ReasonErased + `' else '' end, case when exists (select from e) then $9::timestamptz end
		on conflict (mailbox_id, uid_validity, uid) do update set sha256 = $5, size = $6, oversize = $7, refusal = '', fate = excluded.fate, fate_reason = excluded.fate_reason,
			fate_params = '{}', fated_at = excluded.fated_at, attempts = 0, version = inbound_messages.version + 1
			where inbound_messages.refusal <> '' and $11 = '' and (inbound_messages.fate in ('pending', 'held', 'quarantined')
				or inbound_messages.fate = 'ignored' and inbound_messages.fate_reason = '` + ReasonDiscarded + `')
		returning id
	), r as (insert into inbound_raw (inbound_message_id, content) select id, $10 from m where $11 = '' and not exists (select from e)),
	z as (insert into erased_rows (kind, row_id, erasure_id) select 'inbound', m.id, e.erasure_id from m, e on conflict do nothing)
	select id from m where not exists (select from e)`

func (a Arrived) values(now time.Time) []any {
	sum := sha256.Sum256(a.Raw)
	if a.Size == 0 {
		a.Size = int64(len(a.Raw))
	}
	return []any{string(a.Source), a.MailboxID, a.UIDValidity, a.UID, sum[:], a.Size, a.Oversize, a.InternalDate, now, a.Raw, a.Refusal, a.Quiet}
}

// StoreTx keeps a message's raw bytes and asks for it to be understood. The same UID of the same mailbox is kept once:
// stored is then false and the id that of the first. Nor is one stored that was erased: the id is that of the row that says it came again.
func (s *Service) StoreTx(ctx context.Context, tx *db.Tx, a Arrived) (id InboundID, stored bool, err error) {
	ids, err := s.StoreAllTx(ctx, tx, []Arrived{a})
	if err != nil {
		return 0, false, err
	}
	if len(ids) > 0 {
		return ids[0], true, nil
	}
	sum := sha256.Sum256(a.Raw)
	id, err = db.Value[InboundID](ctx, tx, `select coalesce((select id from inbound_messages where mailbox_id = $1 and uid_validity = $2 and uid = $3),
		(select max(id) from inbound_messages where sha256 = $4 and fate_reason = $5))`, a.MailboxID, a.UIDValidity, a.UID, sum[:], ReasonErased)
	return id, false, err
}

// StoreAllTx is StoreTx for several messages in one round trip. It gives the ids of those that were not kept before.
func (s *Service) StoreAllTx(ctx context.Context, tx *db.Tx, list []Arrived) ([]InboundID, error) {
	if len(list) == 0 {
		return nil, nil
	}
	var batch pgx.Batch
	stored := make([][]InboundID, len(list))
	for i, a := range list {
		db.QueueValues(&batch, &stored[i], storing, a.values(tx.Now())...)
	}
	if err := tx.Batch(ctx, &batch); err != nil {
		return nil, fmt.Errorf("store messages: %w", err)
	}
	ids := slices.Concat(stored...)
	if len(ids) == 0 {
		return nil, nil
	}
	tx.Publish("intake")
	return ids, askToUnderstand(ctx, tx, ids)
}

// askToUnderstand enqueues the work on messages that were just stored.
func askToUnderstand(ctx context.Context, tx *db.Tx, ids []InboundID) error {
	for part := range slices.Chunk(ids, together) {
		var job db.Job = MessagesArrived{IDs: part}
		if len(part) == 1 {
			job = MessageArrived{ID: part[0]}
		}
		if err := tx.Enqueue(ctx, job); err != nil {
			return err
		}
	}
	return nil
}

// Ingest stores one message that came from a file, the web or the API in a transaction of its own.
func (s *Service) Ingest(ctx context.Context, raw []byte, source Source) (InboundID, error) {
	return s.ingest(ctx, Arrived{Source: source, Raw: raw})
}

// IngestPast stores one message of the past from a file: nobody is answered automatically, however long ago it was.
func (s *Service) IngestPast(ctx context.Context, raw []byte) (InboundID, error) {
	return s.ingest(ctx, Arrived{Source: SourceFile, Raw: raw, Quiet: true})
}

func (s *Service) ingest(ctx context.Context, a Arrived) (InboundID, error) {
	var id InboundID
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		id, _, err = s.StoreTx(ctx, tx, a)
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
