package stripe

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"makegood/billing/importer"
	"makegood/billing/importer/table"
	"makegood/internal/errs"
)

// Options say how objects are read. Zone is where moments become days, UTC if nil. MaxBytes bounds the file and
// MaxObject one object in it; zero means 512 MiB and 16 MiB.
type Options struct {
	Zone      *time.Location
	MaxBytes  int64
	MaxObject int
	// AsItStands hands over void documents as records too: for comparing with what Stripe says, not for bringing it in.
	AsItStands bool
	// Progress, if set, is told now and then how many objects have been read.
	Progress func(objects int)
}

// ErrNotJSON says that a file is no JSON, from the object named on.
var ErrNotJSON = errs.New(errs.Invalid, "billing.import.not_json")

type reading struct {
	o     Options
	out   importer.Sink
	sum   importer.Summary
	seen  map[key]first
	place int
}

type key struct {
	kind     importer.Kind
	external string
}

type first struct {
	place int
	hash  [sha256.Size]byte
}

// Read reads every object of a file. Each becomes one record or more, or a rejection; Rows of both are the object's place
// in the file, counted from 1. The same object again is left out if it says the same, and rejected if not.
func Read(ctx context.Context, src io.Reader, o Options, out importer.Sink) (importer.Summary, error) {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 512 << 20
	}
	if o.MaxObject == 0 {
		o.MaxObject = 16 << 20
	}
	r := &reading{o: o, out: out, seen: map[key]first{}}
	in := &guard{from: src, limit: o.MaxObject, left: o.MaxBytes}
	dec := json.NewDecoder(in)
	for {
		if err := ctx.Err(); err != nil {
			return r.sum, err
		}
		in.taken = 0
		err := r.value(ctx, dec, in)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return r.sum, r.unreadable(err)
		}
	}
	if r.place == 0 {
		return r.sum, importer.ErrNoRows
	}
	return r.sum, nil
}

// unreadable names the object at which a file ceases to be JSON.
func (r *reading) unreadable(err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errs.Wrap(err, ErrNotJSON.Kind, ErrNotJSON.Key, "place", strconv.Itoa(r.place+1))
	}
	return err
}

// value reads the next value: an array or a list object by object, anything else whole.
func (r *reading) value(ctx context.Context, dec *json.Decoder, in *guard) error {
	token, err := dec.Token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('['):
		return r.elements(ctx, dec, in)
	case json.Delim('{'):
		return r.list(ctx, dec, in)
	}
	return errs.New(ErrNotJSON.Kind, ErrNotJSON.Key, "place", strconv.Itoa(r.place+1))
}

// elements reads the elements of an array whose bracket has been taken.
func (r *reading) elements(ctx context.Context, dec *json.Decoder, in *guard) error {
	for dec.More() {
		if err := ctx.Err(); err != nil {
			return err
		}
		in.taken = 0
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return unexpected(err)
		}
		if err := r.object(raw); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return unexpected(err)
}

// list reads an object whose brace has been taken. An object with an array called data is a page of others, which are
// read one by one; any other is put together again.
func (r *reading) list(ctx context.Context, dec *json.Decoder, in *guard) error {
	var whole bytes.Buffer
	page := false
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return unexpected(err)
		}
		var raw json.RawMessage
		paged := false
		if name == "data" {
			paged, raw, err = r.data(ctx, dec, in)
		} else {
			err = unexpected(dec.Decode(&raw))
		}
		if err != nil {
			return err
		}
		if page = page || paged; page {
			continue
		}
		if err := member(&whole, name, raw); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil || page {
		return unexpected(err)
	}
	if whole.Len() == 0 {
		whole.WriteByte('{')
	}
	whole.WriteByte('}')
	return r.object(whole.Bytes())
}

// member writes a member of an object that is put together again.
func member(whole *bytes.Buffer, name json.Token, raw json.RawMessage) error {
	quoted, err := json.Marshal(name)
	if err != nil {
		return fmt.Errorf("name of a member: %w", err)
	}
	if whole.Len() == 0 {
		whole.WriteByte('{')
	} else {
		whole.WriteByte(',')
	}
	whole.Write(quoted)
	whole.WriteByte(':')
	whole.Write(raw)
	return nil
}

// data reads what stands under the name data: the elements of an array at once, anything else whole.
func (r *reading) data(ctx context.Context, dec *json.Decoder, in *guard) (page bool, raw json.RawMessage, err error) {
	token, err := dec.Token()
	if err != nil {
		return false, nil, unexpected(err)
	}
	switch token {
	case json.Delim('['):
		return true, nil, r.elements(ctx, dec, in)
	case json.Delim('{'):
		members := map[string]json.RawMessage{}
		for dec.More() {
			name, err := dec.Token()
			if err != nil {
				return false, nil, unexpected(err)
			}
			var member json.RawMessage
			if err := dec.Decode(&member); err != nil {
				return false, nil, unexpected(err)
			}
			if text, ok := name.(string); ok {
				members[text] = member
			}
		}
		if _, err := dec.Token(); err != nil {
			return false, nil, unexpected(err)
		}
		raw, err = json.Marshal(members)
		return false, raw, err
	}
	raw, err = json.Marshal(token)
	return false, raw, err
}

// unexpected is an end of file where a value was to come.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// object brings in one object.
func (r *reading) object(raw json.RawMessage) error {
	r.place++
	r.sum.Rows++
	if r.o.Progress != nil && r.sum.Rows%1000 == 0 {
		r.o.Progress(r.sum.Rows)
	}
	c := &conversion{zone: r.o.Zone, place: r.place, raw: raw, asItStands: r.o.AsItStands}
	records := c.convert()
	if c.refused == nil {
		for i := range records {
			if err := r.known(c, records[i]); err != nil {
				return err
			}
		}
	}
	if c.refused != nil {
		if c.refused.Left {
			r.sum.Left++
		} else {
			r.sum.Rejected++
		}
		return r.out.Reject(*c.refused)
	}
	for _, record := range records {
		r.sum.Records++
		if err := r.out.Record(record); err != nil {
			return err
		}
	}
	return nil
}

// known refuses an object that has been read before.
func (r *reading) known(c *conversion, record importer.Record) error {
	hash, err := record.ContentHash()
	if err != nil {
		return err
	}
	k := key{record.Kind, record.External}
	earlier, twice := r.seen[k]
	switch {
	case !twice:
		r.seen[k] = first{r.place, hash}
	case c.refused == nil && earlier.hash == hash:
		c.leave("billing.import.same_again", record.External)
		c.refused.Params = errs.Params{"first": strconv.Itoa(earlier.place)}
	case c.refused == nil:
		c.refuse("id", "billing.import.duplicate", record.External, "")
		c.refused.Params = errs.Params{"first": strconv.Itoa(earlier.place)}
	}
	return nil
}

// guard bounds a file and each value in it.
type guard struct {
	from         io.Reader
	taken, limit int
	left         int64
}

func (g *guard) Read(p []byte) (int, error) {
	if g.taken > g.limit {
		return 0, errs.New(errs.TooLarge, "billing.import.object_too_large", "limit", strconv.Itoa(g.limit>>20))
	}
	if g.left <= 0 {
		var one [1]byte
		if n, err := g.from.Read(one[:]); n == 0 {
			return 0, err
		}
		return 0, table.ErrFileTooLarge
	}
	n, err := g.from.Read(p[:min(int64(len(p)), g.left)])
	g.taken += n
	g.left -= int64(n)
	return n, err
}
