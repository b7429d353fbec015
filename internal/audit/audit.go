// Package audit keeps the evidence: structured events, append-only, hash-chained per stream. The database chains the
// rows; Verify recomputes the chain on its own.
package audit

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/internal/access"
	"makegood/internal/db"
)

// Stream names one chain: a case, a legal entity's books, or administration. Writers of different streams do not
// wait for one another.
type Stream string

// Admin is the stream of users, settings and sign-ins; Inbox that of decisions about mail without a case.
const (
	Admin Stream = "admin"
	Inbox Stream = "inbox"
)

// Case is the stream, and so the timeline, of one case.
func Case(id int64) Stream { return Stream("case:" + strconv.FormatInt(id, 10)) }

// Books is the stream of one legal entity's books.
func Books(entityID int64) Stream { return Stream(books + strconv.FormatInt(entityID, 10)) }

const books = "books:"

func (s Stream) isBooks() bool { return strings.HasPrefix(string(s), books) }

// Event is one thing that happened. What is "noun.verb" ("case.opened"); Data holds before, after and references,
// never free text of a customer that would have to be erased: what names somebody outside is a Personal. That a customer acted is
// kept without their name, which stands with what they wrote.
type Event struct {
	Stream Stream
	By     access.Actor
	What   string
	Data   map[string]any
	At     time.Time // zero means the transaction's moment
}

// Row is a recorded event.
type Row struct {
	ID        int64
	Stream    string
	Seq       int64
	At        time.Time
	ActorKind string
	ActorID   int64
	ActorName string
	What      string
	RequestID string
	Data      map[string]any
}

// RecordTx appends events to their streams, in order. Those of a case are there at once, for whoever reads the case in
// the same transaction. Those of an entity's books, whose head everybody wants, are written when the transaction's work is
// done, all in one statement, so that the head is locked for the commit alone.
func RecordTx(ctx context.Context, tx *db.Tx, events ...Event) error {
	var batch pgx.Batch
	if err := QueueTx(&batch, tx, events...); err != nil || batch.Len() == 0 {
		return err
	}
	if err := tx.Batch(ctx, &batch); err != nil {
		return fmt.Errorf("record %s: %w", events[0].What, err)
	}
	return nil
}

// QueueTx is RecordTx for callers that send other rows in the same round trip.
func QueueTx(batch *pgx.Batch, tx *db.Tx, events ...Event) error {
	var c columns
	var b besides
	for _, e := range events {
		r, err := e.recorded(tx.Now(), &b)
		if err != nil {
			return err
		}
		tx.Did(e.name())
		if e.Stream.isBooks() {
			tx.AtEnd("audit", writeLate, r)
			continue
		}
		c.add(r)
	}
	b.queue(batch)
	if len(c.stream) > 0 {
		batch.Queue(insertEvents, c.arguments()...)
	}
	return nil
}

const insertEvents = `insert into audit_log (stream, at, actor_kind, actor_id, actor_name, what, request_id, data)
	select * from unnest($1::text[], $2::timestamptz[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::jsonb[])`

// writeLate writes events of books: one stream after the other, so that two transactions never wait in a circle.
func writeLate(batch *pgx.Batch, _ time.Time, items []any) error {
	list := make([]recorded, len(items))
	for i, item := range items {
		list[i] = item.(recorded) //nolint:forcetypeassert // nobody else puts items of this kind
	}
	slices.SortStableFunc(list, func(a, b recorded) int { return cmp.Compare(a.Stream, b.Stream) })
	var c columns
	for _, r := range list {
		c.add(r)
	}
	batch.Queue(insertEvents, c.arguments()...)
	return nil
}

// name is the event in a few words: what happened, and to which number where it has one.
func (e Event) name() string {
	if number, ok := e.Data["number"].(string); ok {
		return e.What + " " + number
	}
	return e.What
}

// recorded is an event ready to be written.
type recorded struct {
	Event
	data string
}

func (e Event) recorded(now time.Time, b *besides) (recorded, error) {
	if e.At.IsZero() {
		e.At = now
	}
	if e.By.Kind == access.Customer {
		e.By.Name = ""
	}
	r := recorded{e, "{}"}
	if len(e.Data) > 0 {
		said, err := b.commit(e.Data)
		if err != nil {
			return r, err
		}
		data, err := json.Marshal(said)
		if err != nil {
			return r, fmt.Errorf("record %s: %w", e.What, err)
		}
		r.data = string(data)
	}
	return r, nil
}

// columns holds events turned on their side, for one insert.
type columns struct {
	stream, kind, name, what, request, data []string
	at                                      []time.Time
	actor                                   []int64
}

func (c *columns) arguments() []any {
	return []any{c.stream, c.at, c.kind, c.actor, c.name, c.what, c.request, c.data}
}

func (c *columns) add(e recorded) {
	c.stream = append(c.stream, string(e.Stream))
	c.at = append(c.at, e.At)
	c.kind = append(c.kind, string(e.By.Kind))
	c.actor = append(c.actor, e.By.UserID)
	c.name = append(c.name, e.By.Name)
	c.what = append(c.what, e.What)
	c.request = append(c.request, e.By.RequestID)
	c.data = append(c.data, e.data)
}

// Timeline reads a stream from its start, at most limit rows after the given sequence number.
func Timeline(ctx context.Context, r db.Reader, stream Stream, after int64, limit int) ([]Row, error) {
	list, err := db.List[Row](ctx, r, `select id, stream, seq, at, actor_kind, actor_id, actor_name, what, request_id, data
		from audit_log where stream = $1 and seq > $2 order by seq limit $3`, string(stream), after, limit)
	if err != nil {
		return nil, err
	}
	return list, reveal(ctx, r, list)
}
