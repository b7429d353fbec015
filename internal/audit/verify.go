package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"makegood/internal/db"
)

// Broken is the first row of a chain that does not follow from the one before it.
type Broken struct {
	Stream string
	Seq    int64
	Why    string
}

// Verification is what Verify found.
type Verification struct {
	Streams int
	Rows    int64
	Broken  *Broken
}

type chainRow struct {
	Stream, ActorKind, ActorName, What, RequestID, Data string
	Seq, ActorID                                        int64
	At                                                  time.Time
	PrevHash, Hash                                      []byte
}

// Verify recomputes every chain from its first row without using the database's own function, and compares the last
// row of each with the recorded head. It reports the first fault and stops there.
func Verify(ctx context.Context, r db.Reader) (Verification, error) { return VerifyAfter(ctx, r, 0) }

// VerifyAfter is Verify for the rows after an id: each stream's must follow from the row before them, as it stands, and end
// in the stream's head. Rows up to the id are taken as proven.
func VerifyAfter(ctx context.Context, r db.Reader, id int64) (Verification, error) {
	var v Verification
	heads, err := readHeads(ctx, r, id)
	if err != nil {
		return v, err
	}
	before, err := lastBefore(ctx, r, id)
	if err != nil {
		return v, err
	}
	rows, err := r.Query(ctx, `select stream, seq, at, actor_kind, actor_id, actor_name, what, request_id, data::text, prev_hash, hash
		from audit_log where id > $1 order by stream, seq`, id)
	if err != nil {
		return v, fmt.Errorf("read audit log: %w", err)
	}
	defer rows.Close()
	var last chainRow
	for rows.Next() {
		var row chainRow
		if err := rows.Scan(&row.Stream, &row.Seq, &row.At, &row.ActorKind, &row.ActorID, &row.ActorName,
			&row.What, &row.RequestID, &row.Data, &row.PrevHash, &row.Hash); err != nil {
			return v, fmt.Errorf("read audit row: %w", err)
		}
		if row.Stream != last.Stream {
			if v.Broken = endOfStream(last, heads); v.Broken != nil {
				return v, nil
			}
			last = before[row.Stream]
			v.Streams++
		}
		if why := fault(last, row); why != "" {
			v.Broken = &Broken{Stream: row.Stream, Seq: row.Seq, Why: why}
			return v, nil
		}
		last = row
		v.Rows++
	}
	if err := rows.Err(); err != nil {
		return v, fmt.Errorf("read audit log: %w", err)
	}
	v.Broken = endOfStream(last, heads)
	if v.Broken == nil {
		for stream := range heads {
			v.Broken = &Broken{Stream: stream, Why: "the stream's rows are gone"}
		}
	}
	return v, nil
}

func fault(before, row chainRow) string {
	switch {
	case row.Seq != before.Seq+1:
		return "a row is missing"
	case !bytes.Equal(row.PrevHash, before.Hash):
		return "it does not follow the row before it"
	case !bytes.Equal(row.Hash, hashOf(before.Hash, row)):
		return "its content was altered"
	}
	return ""
}

// endOfStream compares a stream's last row with its head and takes the head off the list.
func endOfStream(last chainRow, heads map[string]chainRow) *Broken {
	if last.Stream == "" {
		return nil
	}
	head, ok := heads[last.Stream]
	delete(heads, last.Stream)
	if !ok || head.Seq != last.Seq || !bytes.Equal(head.Hash, last.Hash) {
		return &Broken{Stream: last.Stream, Seq: last.Seq, Why: "the last rows are missing"}
	}
	return nil
}

// readHeads reads the heads of all streams, or of those with rows after an id and of those whose last row is gone.
func readHeads(ctx context.Context, r db.Reader, id int64) (map[string]chainRow, error) {
	list, err := db.List[chainRow](ctx, r, `select stream, seq, hash from audit_heads h
		where seq > 0 and ($1 = 0 or stream in (select stream from audit_log where id > $1)
			or not exists (select from audit_log l where l.stream = h.stream and l.seq = h.seq))`, id)
	return byStream(list, err, "read audit heads")
}

// lastBefore reads the row that the first one after an id must follow, of each stream that has both.
func lastBefore(ctx context.Context, r db.Reader, id int64) (map[string]chainRow, error) {
	if id == 0 {
		return map[string]chainRow{}, nil
	}
	list, err := db.List[chainRow](ctx, r, `select b.stream, b.seq, b.hash
		from (select stream, min(seq) as first from audit_log where id > $1 group by stream) f
		join audit_log b on b.stream = f.stream and b.seq = f.first - 1`, id)
	return byStream(list, err, "read rows before")
}

func byStream(list []chainRow, err error, doing string) (map[string]chainRow, error) {
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	rows := make(map[string]chainRow, len(list))
	for _, h := range list {
		rows[h.Stream] = h
	}
	return rows, nil
}

// hashOf is SHA-256 over the length-prefixed fields and the hash before, as the schema's audit_chain makes it.
func hashOf(prev []byte, row chainRow) []byte {
	var b bytes.Buffer
	field := func(value []byte) {
		_ = binary.Write(&b, binary.BigEndian, int32(len(value)))
		b.Write(value)
	}
	number := func(n int64) { _ = binary.Write(&b, binary.BigEndian, n) }
	field(prev)
	field([]byte(row.Stream))
	number(row.Seq)
	number(row.At.UnixMicro())
	field([]byte(row.ActorKind))
	number(row.ActorID)
	field([]byte(row.ActorName))
	field([]byte(row.What))
	field([]byte(row.RequestID))
	field([]byte(row.Data))
	sum := sha256.Sum256(b.Bytes())
	return sum[:]
}
