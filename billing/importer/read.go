package importer

import (
	"context"
	"errors"
	"io"
	"time"

	"makegood/billing/importer/table"
	"makegood/internal/errs"
)

// Options say what a file holds and how it is to be read. HeldRows bounds how many rows of unfinished documents stand in
// memory while their further lines are awaited; documents whose lines lie farther apart are rejected.
type Options struct {
	Kind     Kind
	Mapping  Mapping
	Table    table.Options
	HeldRows int
	// AsItStands hands over void documents and those that stand twice as records too: for comparing with what the source says,
	// not for bringing it in.
	AsItStands bool
	// Progress, if set, is told now and then how many rows have been read.
	Progress func(rows int)
}

// Errors that concern a whole file.
var (
	ErrNoRows      = errs.New(errs.Invalid, "billing.import.no_rows")
	ErrNoHeader    = errs.New(errs.Invalid, "billing.import.no_header")
	ErrUnknownKind = errs.New(errs.Invalid, "billing.import.unknown_kind")
)

const (
	sampleRows       = 1000
	defaultHeldRows  = 50_000
	progressInterval = 1000
)

// reading is a file being read.
type reading struct {
	o       Options
	out     Sink
	mapping Mapping
	preset  preset
	headers []string
	columns map[Field]int
	byName  map[string]int // the columns that the preset looks at
	dates   dates
	mark    rune
	grouped bool
	layout  table.Layout

	groups groups
	sum    Summary
}

// Read reads a CSV or XLSX file. Every row that is not empty is handed to the sink, as part of a record or as a
// rejection, in the order of the file; rows of one document are one record, or all rejected. An error means that the file as
// a whole cannot be read, or was read no further; what had been handed over before must then be dropped.
func Read(ctx context.Context, src io.Reader, o Options, out Sink) (Summary, error) {
	in, err := table.Open(src, o.Table)
	if err != nil {
		return Summary{}, err
	}
	r, sample, err := begin(in, o)
	if err == nil {
		r.out = out
		err = r.run(ctx, in, sample)
	}
	if closing := in.Close(); err == nil && closing != nil {
		err = closing
	}
	if r == nil {
		return Summary{}, err
	}
	return r.sum, err
}

// begin reads the first rows and settles how the file is to be read.
func begin(in *table.Reader, o Options) (*reading, []table.Row, error) {
	if o.HeldRows == 0 {
		o.HeldRows = defaultHeldRows
	}
	sample, err := take(in, sampleRows)
	if err != nil {
		return nil, nil, err
	}
	r := &reading{o: o, mapping: o.Mapping, layout: in.Layout(), groups: newGroups()}
	if err := r.mapping.check(); err != nil {
		return nil, nil, err
	}
	if o.Kind != Generic && specs(o.Kind) == nil {
		return nil, nil, errs.New(ErrUnknownKind.Kind, ErrUnknownKind.Key, "kind", string(o.Kind))
	}
	if r.preset, err = presetNamed(o.Mapping.Preset, o.Kind); err != nil {
		return nil, nil, err
	}
	body, err := r.findHeader(sample)
	if err != nil {
		return nil, nil, err
	}
	r.byName = map[string]int{}
	for _, name := range r.preset.reads {
		if i, there := namesOf(r.headers)[plainName(name)]; there {
			r.byName[name] = i
		}
	}
	if r.columns, err = r.mapping.columnsFor(o.Kind, r.headers, r.preset); err != nil {
		return nil, nil, err
	}
	r.sum.Headers = r.headers
	return r, body, r.settle(body)
}

// settle works out from the sample what the mapping leaves open.
func (r *reading) settle(sample []table.Row) error {
	zone := time.UTC
	if r.mapping.Zone != "" {
		var err error
		if zone, err = time.LoadLocation(r.mapping.Zone); err != nil {
			return errs.Wrap(err, errs.Invalid, "billing.import.unknown_zone", "zone", r.mapping.Zone)
		}
	}
	r.dates = dates{order: r.mapping.DateOrder, zone: zone, epoch1904: r.layout.Epoch1904}
	if r.dates.order == "" {
		r.dates.order = guessOrder(r.texts(sample, aDate))
	}
	if r.mapping.DecimalMark != "" {
		r.mark = rune(r.mapping.DecimalMark[0])
	} else if r.mark = guessMark(r.texts(sample, aNumber)); r.mark == 0 {
		r.mark = '.'
		if r.layout.Separator == ';' {
			r.mark = ','
		}
	}
	_, quantity := r.columns[FieldQuantity]
	_, price := r.columns[FieldUnitPrice]
	_, net := r.columns[FieldLineNet]
	_, applied := r.columns[FieldApplied]
	switch r.o.Kind {
	case Invoices, CreditNotes:
		r.grouped = quantity || price || net
	case Payments:
		r.grouped = applied || r.preset.grouped
	default:
	}
	return nil
}

// texts are the cells of all dates or numbers of the sample that are written as text.
func (r *reading) texts(sample []table.Row, what content) []string {
	var list []string
	for _, s := range specs(r.o.Kind) {
		column, there := r.columns[s.field]
		if !there || s.content != what {
			continue
		}
		for _, row := range sample {
			if column < len(row.Cells) && (what == aDate || row.Cells[column].Number == "") {
				list = append(list, row.Cells[column].Text)
			}
		}
	}
	return list
}

func take(in *table.Reader, n int) ([]table.Row, error) {
	var rows []table.Row
	for len(rows) < n {
		row, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (r *reading) run(ctx context.Context, in *table.Reader, sample []table.Row) error {
	if fields := r.missing(); len(fields) > 0 {
		return errs.InvalidFields(fields...)
	}
	for _, row := range sample {
		if err := r.take(row); err != nil {
			return err
		}
	}
	for {
		row, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if r.sum.Rows%progressInterval == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			if r.o.Progress != nil {
				r.o.Progress(r.sum.Rows)
			}
		}
		if err := r.take(row); err != nil {
			return err
		}
	}
	if r.o.Progress != nil {
		r.o.Progress(r.sum.Rows)
	}
	return r.finishAll()
}

func (r *reading) missing() []errs.Field {
	m := r.mapping
	for field, value := range r.preset.defaults {
		if m.Defaults[field] == "" {
			m = m.with(field, value)
		}
	}
	r.mapping = m
	if r.preset.adapt != nil {
		return nil // the preset makes what is missing; each row is checked
	}
	return m.missing(r.o.Kind, r.columns)
}
