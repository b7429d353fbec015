package audit

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"makegood/internal/db"
)

// Anchors is what a file of anchors proved: heads of chains that were kept outside the database, where whoever owns the
// database cannot rewrite them.
type Anchors struct {
	Heads int    // heads the file holds
	Fault string // the first that the database no longer agrees with
	last  string // hash of the file's last line
	seqs  map[string]int64
}

// anchorLine is one line of the file: some heads, and the hash of the line before, so that no line but the last ones can be taken out unseen.
type anchorLine struct {
	At     time.Time    `json:"at"`
	Before string       `json:"before"`
	Heads  []anchorHead `json:"heads"`
}

type anchorHead struct {
	Stream string `json:"stream"`
	Seq    int64  `json:"seq"`
	Hash   string `json:"hash"`
}

// headsALine bounds a line, so that neither reading nor comparing it takes much memory.
const headsALine = 1000

// CompareAnchors reads a file of anchors and says whether each row that was a chain's head then is still the same row. A
// file that does not exist holds none.
func CompareAnchors(ctx context.Context, r db.Reader, path string) (Anchors, error) {
	a := Anchors{seqs: map[string]int64{}}
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return a, nil
	}
	if err != nil {
		return a, fmt.Errorf("open anchors: %w", err)
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewReader(file)
	for n := 1; ; n++ {
		text, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(text) == 0 {
			return a, nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return a, fmt.Errorf("read anchors: %w", err)
		}
		a.Fault, err = a.line(ctx, r, text)
		if err != nil {
			return a, err
		}
		if a.Fault != "" {
			a.Fault = fmt.Sprintf("line %d of %s: %s", n, path, a.Fault)
			return a, nil
		}
	}
}

// line takes one line in and says what is wrong with it.
func (a *Anchors) line(ctx context.Context, r db.Reader, text []byte) (string, error) {
	var line anchorLine
	whole, ended := bytes.CutSuffix(text, []byte("\n"))
	if readable := json.Unmarshal(whole, &line) == nil; !ended || !readable {
		return "not a whole line of anchors; a run that was cut off leaves one, which may be taken out", nil
	}
	if line.Before != a.last {
		return "does not follow the line before it: the file was altered", nil
	}
	a.last = sum(whole)
	a.Heads += len(line.Heads)
	for _, head := range line.Heads {
		a.seqs[head.Stream] = max(a.seqs[head.Stream], head.Seq)
	}
	return moved(ctx, r, line)
}

// moved names the first head of a line that is not the row it was.
func moved(ctx context.Context, r db.Reader, line anchorLine) (string, error) {
	streams, seqs := make([]string, len(line.Heads)), make([]int64, len(line.Heads))
	for i, head := range line.Heads {
		streams[i], seqs[i] = head.Stream, head.Seq
	}
	rows, err := db.List[chainRow](ctx, r, `select l.stream, l.seq, l.hash
		from unnest($1::text[], $2::bigint[]) as k (stream, seq) join audit_log l on l.stream = k.stream and l.seq = k.seq`, streams, seqs)
	if err != nil {
		return "", fmt.Errorf("read anchored rows: %w", err)
	}
	now := make(map[anchorHead]bool, len(rows))
	for _, row := range rows {
		now[anchorHead{row.Stream, row.Seq, hex.EncodeToString(row.Hash)}] = true
	}
	for _, head := range line.Heads {
		if !now[head] {
			return fmt.Sprintf("stream %s, row %d is not what it was on %s", head.Stream, head.Seq, line.At.Format(time.RFC3339)), nil
		}
	}
	return "", nil
}

// Append adds the heads that moved since the file's last lines, and says how many. The file is only ever appended to, and on
// the disk before Append returns.
func (a *Anchors) Append(ctx context.Context, r db.Reader, path string) (int, error) {
	heads, err := db.List[chainRow](ctx, r, `select stream, seq, hash from audit_heads where seq > 0 order by stream`)
	if err != nil {
		return 0, fmt.Errorf("read audit heads: %w", err)
	}
	heads = slices.DeleteFunc(heads, func(h chainRow) bool { return h.Seq <= a.seqs[h.Stream] })
	if len(heads) == 0 {
		return 0, nil
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, fmt.Errorf("open anchors: %w", err)
	}
	for some := range slices.Chunk(heads, headsALine) {
		if err == nil {
			err = a.write(file, some, r.Now())
		}
	}
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return 0, fmt.Errorf("append anchors: %w", err)
	}
	return len(heads), nil
}

func (a *Anchors) write(to io.Writer, heads []chainRow, at time.Time) error {
	line := anchorLine{At: at.UTC(), Before: a.last, Heads: make([]anchorHead, len(heads))}
	for i, h := range heads {
		line.Heads[i] = anchorHead{h.Stream, h.Seq, hex.EncodeToString(h.Hash)}
	}
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	a.last = sum(text)
	_, err = to.Write(append(text, '\n'))
	return err
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}
