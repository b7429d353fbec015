// Package audit keeps the evidence: structured events, append-only, hash-chained per stream. The database chains the
// rows; Verify recomputes the chain on its own.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

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
func Books(entityID int64) Stream { return Stream("books:" + strconv.FormatInt(entityID, 10)) }

// Event is one thing that happened. What is "noun.verb" ("case.opened"); Data holds before, after and references,
// never free text of a customer that would have to be erased.
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

// RecordTx appends events to their streams, in order, in one statement. Each stream's head stays locked until the
// commit, so this is called last in a transaction that touches a busy stream.
func RecordTx(ctx context.Context, tx *db.Tx, events ...Event) error {
	if len(events) == 0 {
		return nil
	}
	var c columns
	for _, e := range events {
		data := []byte("{}")
		if len(e.Data) > 0 {
			var err error
			if data, err = json.Marshal(e.Data); err != nil {
				return fmt.Errorf("record %s: %w", e.What, err)
			}
		}
		at := e.At
		if at.IsZero() {
			at = tx.Now()
		}
		c.add(e, at, string(data))
	}
	if _, err := tx.Exec(ctx, `insert into audit_log (stream, at, actor_kind, actor_id, actor_name, what, request_id, data)
		select * from unnest($1::text[], $2::timestamptz[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::jsonb[])`,
		c.stream, c.at, c.kind, c.actor, c.name, c.what, c.request, c.data); err != nil {
		return fmt.Errorf("record %s: %w", events[0].What, err)
	}
	return nil
}

// columns holds events turned on their side, for one insert.
type columns struct {
	stream, kind, name, what, request, data []string
	at                                      []time.Time
	actor                                   []int64
}

func (c *columns) add(e Event, at time.Time, data string) {
	c.stream = append(c.stream, string(e.Stream))
	c.at = append(c.at, at)
	c.kind = append(c.kind, string(e.By.Kind))
	c.actor = append(c.actor, e.By.UserID)
	c.name = append(c.name, e.By.Name)
	c.what = append(c.what, e.What)
	c.request = append(c.request, e.By.RequestID)
	c.data = append(c.data, data)
}

// Timeline reads a stream from its start, at most limit rows after the given sequence number.
func Timeline(ctx context.Context, r db.Reader, stream Stream, after int64, limit int) ([]Row, error) {
	return db.List[Row](ctx, r, `select id, stream, seq, at, actor_kind, actor_id, actor_name, what, request_id, data
		from audit_log where stream = $1 and seq > $2 order by seq limit $3`, string(stream), after, limit)
}
