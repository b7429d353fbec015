package inbox

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/internal/blob"
	"makegood/internal/db"
	"makegood/internal/jobs"
)

// OutgoingState is where a mail of ours stands.
type OutgoingState string

// The states of a mail that leaves. Unknown means that the server may or may not have taken it: it is shown to a person
// and never sent again by itself. Stopped means that mail to its reader came back for good before; a person can let it go.
const (
	Queued    OutgoingState = "queued"
	Sending   OutgoingState = "sending"
	Sent      OutgoingState = "sent"
	Bounced   OutgoingState = "bounced"
	Failed    OutgoingState = "failed"
	Unknown   OutgoingState = "unknown"
	Cancelled OutgoingState = "cancelled"
	Stopped   OutgoingState = "stopped"
)

// Attachment is a file that goes with a mail of ours. One that is kept already, and named in the same transaction by what is let go of after, needs
// no Content.
type Attachment struct {
	Filename  string
	MediaType string
	Content   []byte
	Blob      []byte // the hash it is kept by; empty before it is
	Size      int64  // of one that is only named by its hash
}

// Outgoing is a mail to be sent. Key says why it exists ("ack:case:12"): the same key is queued once.
type Outgoing struct {
	Key              string
	CaseID           *int64
	Kind             string
	Automatic        bool // carries the headers that keep machines from answering
	FromAddress      string
	FromName         string
	ReplyTo          string // empty: where the sender's mailbox takes them, an address that leads back to the case; else From
	ToAddress        string
	ToName           string
	Cc               []string
	Subject          string
	Text             string
	HTML             string
	InReplyTo        string
	References       []string
	Language         string
	Attachments      []Attachment
	NotBefore        time.Time // zero: at once
	AwaitsAttachment bool      // not sent before AttachTx
	CreatedBy        *int64
	LetterVersionID  *int64 // of the company's own wording it is written in; nil for the words we ship, and for what a person wrote
	Unasked          bool   // its reader did nothing that it answers: without a case too it does not go to a dead address, and an answer opens a case
}

// OutgoingMessage is a row of the outbox.
type OutgoingMessage struct {
	ID               OutgoingID
	Key              string
	CaseID           *int64
	Kind             string
	Automatic        bool
	MessageID        string
	InReplyTo        string
	Refs             []string
	FromAddress      string
	FromName         string
	ReplyTo          string
	ToAddress        string
	ToName           string
	Cc               []string
	Subject          string
	TextBody         string
	HTMLBody         string `db:"html_body"`
	Language         string
	State            OutgoingState
	NotBefore        time.Time
	AwaitsAttachment bool
	ClaimedAt        *time.Time
	Attempts         int
	SentAt           *time.Time
	Error            string
	CreatedBy        *int64
	CreatedAt        time.Time
	Version          int
	LetterVersionID  *int64
	Paced            bool // it had to wait for its turn, which is NotBefore
	Unasked          bool
	AnsweredCaseID   *int64 // of a mail without a case: the one that its reader's answer opened
}

// SendMessage asks for a mail in the outbox to be sent.
type SendMessage struct {
	ID OutgoingID `json:"id"`
}

// Kind names the job.
func (SendMessage) Kind() string { return "inbox.send_message" }

// Queue keeps a mail server that takes its time from holding up other work.
func (SendMessage) Queue() string { return jobs.Mail }

// HandOver is how long the mail server may take over one mail: to get it, and then to answer, for which alone RFC 5321 (4.5.3.2.6) wants
// it given ten minutes. Who hangs up earlier does not know whether it took the mail.
const HandOver = 15 * time.Minute

// sendTakes is HandOver with what comes before and after it.
const sendTakes = HandOver + 2*time.Minute

// Takes is how long the job may take.
func (SendMessage) Takes() time.Duration { return sendTakes }

// RetryWithin keeps a relay that was away for a day from keeping mail for longer.
func (SendMessage) RetryWithin() time.Duration { return sendAgainWithin }

// sendAgainWithin is the longest that a mail waits for its next attempt.
const sendAgainWithin = 10 * time.Minute

// SendMessages asks for several mails that were queued together to be sent one after the other.
type SendMessages struct {
	IDs []OutgoingID `json:"ids"`
}

// Kind names the job.
func (SendMessages) Kind() string { return "inbox.send_messages" }

// RetryWithin is that of each.
func (SendMessages) RetryWithin() time.Duration { return sendAgainWithin }

// Queue is that of each.
func (SendMessages) Queue() string { return jobs.Mail }

// Takes is how long the job may take: the mail server has its time for each of them.
func (m SendMessages) Takes() time.Duration { return time.Duration(1+len(m.IDs)) * sendTakes }

// sentTogether is how many mails one job sends at most: a slow server keeps the last of them waiting.
const sentTogether = 10

// SendEach has mails sent each by a job of its own.
func (s *Service) SendEach(ctx context.Context, ids []OutgoingID) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		for _, id := range ids {
			if err := tx.Enqueue(ctx, SendMessage{ID: id}); err != nil {
				return err
			}
		}
		return nil
	})
}

// QueueTx puts a mail into the outbox, to be sent after the commit. A key that is there already gives the id of
// the mail queued first and changes nothing.
func (s *Service) QueueTx(ctx context.Context, tx *db.Tx, o Outgoing) (OutgoingID, error) {
	ids, err := s.QueueAllTx(ctx, tx, []Outgoing{o})
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

// QueueAllTx is QueueTx for several mails in one round trip; it gives their ids in the same order.
func (s *Service) QueueAllTx(ctx context.Context, tx *db.Tx, list []Outgoing) ([]OutgoingID, error) {
	if len(list) == 0 {
		return nil, nil
	}
	var batch pgx.Batch
	queued := make([][]OutgoingID, len(list))
	for i, o := range list {
		if o.ToAddress == "" {
			return nil, ErrNoAddress
		}
		db.QueueValues(&batch, &queued[i], `insert into outgoing_messages (key, case_id, kind, automatic, message_id, in_reply_to, refs,
				from_address, from_name, reply_to, to_address, to_name, cc, subject, text_body, html_body, language, not_before, awaits_attachment, created_by, created_at, letter_version_id, unasked)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)
			on conflict (key) do nothing returning id`,
			o.Key, o.CaseID, o.Kind, o.Automatic, s.messageID(o), o.InReplyTo, orNone(o.References), o.FromAddress, o.FromName, o.ReplyTo,
			o.ToAddress, o.ToName, orNone(o.Cc), o.Subject, o.Text, o.HTML, o.Language, o.notBefore(tx.Now()), o.AwaitsAttachment, o.CreatedBy, tx.Now(), o.LetterVersionID, o.Unasked)
	}
	if err := tx.Batch(ctx, &batch); err != nil {
		return nil, fmt.Errorf("queue mail: %w", err)
	}
	ids := make([]OutgoingID, len(list))
	for i, o := range list {
		var err error
		if len(queued[i]) == 0 {
			ids[i], err = db.Value[OutgoingID](ctx, tx, `select id from outgoing_messages where key = $1`, o.Key)
		} else {
			ids[i] = queued[i][0]
			err = o.readyTx(ctx, tx, ids[i])
		}
		if err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// NextIDsTx takes ids for mails that are written later in the transaction.
func (s *Service) NextIDsTx(ctx context.Context, tx *db.Tx, n int) ([]OutgoingID, error) {
	ids, err := db.Values[OutgoingID](ctx, tx, `select nextval((select pg_get_serial_sequence('outgoing_messages', 'id')::regclass)) from generate_series(1, $1)`, n)
	if err != nil {
		return nil, fmt.Errorf("take mail ids: %w", err)
	}
	return ids, nil
}

// QueueWaiting adds to a batch mails that wait for their attachments, under ids that were taken before. A key that is there
// already makes the batch fail.
func (s *Service) QueueWaiting(batch *pgx.Batch, now time.Time, ids []OutgoingID, mails []Outgoing) {
	rows := make([][]any, len(mails))
	for i, o := range mails {
		rows[i] = s.outgoingRow(ids[i], o, now, true)
	}
	db.QueueRows(batch, outgoingTable(), rows)
}

func (s *Service) outgoingRow(id OutgoingID, o Outgoing, now time.Time, awaits bool) []any {
	return []any{
		id, o.Key, o.CaseID, o.Kind, o.Automatic, s.messageID(o), o.InReplyTo, o.References, o.FromAddress, o.FromName, o.ReplyTo, o.ToAddress, o.ToName,
		o.Cc, o.Subject, o.Text, o.HTML, o.Language, o.notBefore(now), awaits, o.CreatedBy, now, o.LetterVersionID,
	}
}

// outgoingTable is where mails with ids that were taken before go.
func outgoingTable() db.Table {
	return db.Table{Name: "outgoing_messages", Columns: []string{
		"id bigint", "key text", "case_id bigint", "kind text", "automatic boolean", "message_id text", "in_reply_to text", "refs text[]",
		"from_address text", "from_name text", "reply_to text", "to_address text", "to_name text", "cc text[]", "subject text", "text_body text",
		"html_body text", "language text", "not_before timestamptz", "awaits_attachment boolean", "created_by bigint", "created_at timestamptz", "letter_version_id bigint",
	}}
}

// QueueNewTx adds to a batch mails without attachments under ids that were taken before, and has them sent after the commit. A
// key that is there already makes the batch fail.
func (s *Service) QueueNewTx(ctx context.Context, tx *db.Tx, batch *pgx.Batch, mails map[OutgoingID]Outgoing) error {
	var rows [][]any
	var now []OutgoingID
	for _, id := range slices.Sorted(maps.Keys(mails)) {
		o := mails[id]
		if o.ToAddress == "" {
			return ErrNoAddress
		}
		rows = append(rows, s.outgoingRow(id, o, tx.Now(), false))
		at := o.notBefore(tx.Now())
		if !at.After(tx.Now()) {
			now = append(now, id)
			continue
		}
		if err := tx.EnqueueAt(ctx, SendMessage{ID: id}, at); err != nil {
			return err
		}
	}
	db.QueueRows(batch, outgoingTable(), rows)
	return sendNow(ctx, tx, now)
}

// sendNow has mails sent after the commit, several by one job.
func sendNow(ctx context.Context, tx *db.Tx, ids []OutgoingID) error {
	for part := range slices.Chunk(ids, sentTogether) {
		var job db.Job = SendMessages{IDs: part}
		if len(part) == 1 {
			job = SendMessage{ID: part[0]}
		}
		if err := tx.Enqueue(ctx, job); err != nil {
			return err
		}
	}
	return nil
}

// LeaveAtTx has mails that are still queued leave at a moment, sooner or later than they would have. What has left, was taken back, or waits
// for its turn or an attachment stays as it is.
func (s *Service) LeaveAtTx(ctx context.Context, tx *db.Tx, ids []OutgoingID, at time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	moved, err := db.Values[OutgoingID](ctx, tx, `update outgoing_messages set not_before = $2, version = version + 1
		where id = any ($1) and state = 'queued' and not paced and not awaits_attachment and not_before <> $2 returning id`, ids, at)
	if err != nil {
		return fmt.Errorf("move when mail leaves: %w", err)
	}
	for part := range slices.Chunk(moved, sentTogether) {
		if err := tx.EnqueueAt(ctx, SendMessages{IDs: part}, at); err != nil {
			return err
		}
	}
	return nil
}

// notBefore is when a mail may leave: now, or at the moment that was asked for.
func (o Outgoing) notBefore(now time.Time) time.Time {
	if o.NotBefore.After(now) {
		return o.NotBefore
	}
	return now
}

// readyTx completes a mail that was just queued: its attachments, and the job that sends it unless it waits for more.
func (o Outgoing) readyTx(ctx context.Context, tx *db.Tx, id OutgoingID) error {
	for i, a := range o.Attachments {
		if err := insertAttachment(ctx, tx, id, i, a); err != nil {
			return err
		}
	}
	if o.AwaitsAttachment {
		return nil
	}
	return tx.EnqueueAt(ctx, SendMessage{ID: id}, o.notBefore(tx.Now()))
}

// AttachTx adds the attachments a queued mail waits for and lets it go. A mail that waits for none is left as it is.
func (s *Service) AttachTx(ctx context.Context, tx *db.Tx, key string, attachments ...Attachment) error {
	id, err := db.Value[OutgoingID](ctx, tx, `update outgoing_messages set awaits_attachment = false, version = version + 1
		where key = $1 and awaits_attachment and state = 'queued' returning id`, key)
	if errors.Is(err, db.ErrNoRow) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("attach to mail: %w", err)
	}
	for i, a := range attachments {
		if err := insertAttachment(ctx, tx, id, i, a); err != nil {
			return err
		}
	}
	return tx.Enqueue(ctx, SendMessage{ID: id})
}

func insertAttachment(ctx context.Context, tx *db.Tx, id OutgoingID, position int, a Attachment) error {
	batch := &pgx.Batch{}
	sum, size := a.Blob, a.Size
	if sum == nil {
		sum, size = blob.QueueKeep(batch, a.Content), int64(len(a.Content))
	}
	batch.Queue(`insert into outgoing_attachments (outgoing_message_id, position, filename, media_type, blob, size) values ($1, $2, $3, $4, $5, $6)`,
		id, position, a.Filename, a.MediaType, sum, size)
	return tx.Batch(ctx, batch)
}

func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func caseText(id *int64) string {
	if id == nil {
		return "0"
	}
	return strconv.FormatInt(*id, 10)
}
