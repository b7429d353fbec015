package audit

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"makegood/internal/db"
)

// Link is a row of a chain in a form that leaves the database: everything its hash is taken over, and the hashes as lower-case
// hexadecimal. At is microseconds since 1970 (UTC); Data is the text the hash was taken over, not to be formatted anew.
type Link struct {
	Stream    string `json:"stream"`
	Seq       int64  `json:"seq"`
	At        int64  `json:"at_micros"`
	When      string `json:"at"` // At again, for people
	ActorKind string `json:"actor_kind"`
	ActorID   int64  `json:"actor_id"`
	ActorName string `json:"actor_name"`
	What      string `json:"what"`
	RequestID string `json:"request_id"`
	Data      string `json:"data"`
	PrevHash  string `json:"prev_hash"`
	Hash      string `json:"hash"`
}

// Links reads a stream from a row on, as it stands.
func Links(ctx context.Context, r db.Reader, stream Stream, from int64) ([]Link, error) {
	rows, err := db.List[struct {
		Stream, ActorKind, ActorName, What, RequestID, Data string
		Seq, ActorID                                        int64
		At                                                  time.Time
		PrevHash, Hash                                      []byte
	}](ctx, r, `select stream, seq, at, actor_kind, actor_id, actor_name, what, request_id, data::text as data, prev_hash, hash
		from audit_log where stream = $1 and seq >= $2 order by seq`, string(stream), from)
	if err != nil {
		return nil, fmt.Errorf("read chain: %w", err)
	}
	links := make([]Link, len(rows))
	for i, row := range rows {
		links[i] = Link{
			Stream: row.Stream, Seq: row.Seq, At: row.At.UnixMicro(), When: row.At.UTC().Format(time.RFC3339Nano), ActorKind: row.ActorKind, ActorID: row.ActorID,
			ActorName: row.ActorName, What: row.What, RequestID: row.RequestID, Data: row.Data, PrevHash: hex.EncodeToString(row.PrevHash), Hash: hex.EncodeToString(row.Hash),
		}
	}
	return links, nil
}

// Prove recomputes a chain of links, which may begin in the middle of a stream, and says what is wrong with the first that
// does not follow; nil when all do.
func Prove(links []Link) *Broken {
	var last chainRow
	for i, l := range links {
		row, err := l.row()
		if err != nil {
			return &Broken{Stream: l.Stream, Seq: l.Seq, Why: "its hash is unreadable"}
		}
		if i == 0 {
			last = chainRow{Seq: row.Seq - 1, Hash: row.PrevHash}
		}
		why := fault(last, row)
		if when, err := time.Parse(time.RFC3339Nano, l.When); why == "" && (err != nil || when.UnixMicro() != l.At) {
			why = "its time was altered"
		}
		if why != "" {
			return &Broken{Stream: l.Stream, Seq: l.Seq, Why: why}
		}
		last = row
	}
	return nil
}

func (l Link) row() (chainRow, error) {
	before, err := hex.DecodeString(l.PrevHash)
	if err != nil {
		return chainRow{}, err
	}
	hash, err := hex.DecodeString(l.Hash)
	return chainRow{
		Stream: l.Stream, Seq: l.Seq, At: time.UnixMicro(l.At), ActorKind: l.ActorKind, ActorID: l.ActorID, ActorName: l.ActorName, What: l.What, RequestID: l.RequestID,
		Data: l.Data, PrevHash: before, Hash: hash,
	}, err
}
