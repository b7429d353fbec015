package importer

import (
	"io"
	"slices"

	"makegood/billing/importer/table"
	"makegood/internal/errs"
)

// Examination is what a file looks like before it is brought in: how it is written, what its columns are called, what they
// are taken for, and its first rows. Missing are the fields nobody was found for; Uncertain those whose cells can be
// read in two ways until a person says which.
type Examination struct {
	Layout    table.Layout
	Headers   []string
	Mapping   Mapping
	Missing   []errs.Field
	Uncertain []Field
	Sample    [][]string
}

const shownRows = 20

// Examine looks at the beginning of a file. The mapping it gives back is complete: shown to a person, changed where that
// person knows better, and used by Read.
func Examine(src io.Reader, o Options) (Examination, error) {
	in, err := table.Open(src, o.Table)
	if err != nil {
		return Examination{}, err
	}
	r, sample, err := begin(in, o)
	if closing := in.Close(); err == nil && closing != nil {
		err = closing
	}
	if err != nil {
		return Examination{}, err
	}
	e := Examination{Layout: in.Layout(), Headers: r.headers, Missing: r.missing()}
	e.Mapping = r.mapping
	e.Mapping.Columns = map[Field]string{}
	for f, i := range r.columns {
		e.Mapping.Columns[f] = r.headers[i]
	}
	e.Mapping.DateOrder, e.Mapping.DecimalMark = r.dates.order, string(r.mark)
	for _, s := range specs(o.Kind) {
		if i, there := r.columns[s.field]; there && s.content == aDate && r.ambiguous(sample, i) {
			e.Uncertain = append(e.Uncertain, s.field)
		}
	}
	for _, row := range sample[:min(shownRows, len(sample))] {
		cells := make([]string, len(row.Cells))
		for i, c := range row.Cells {
			cells[i] = c.Text
		}
		e.Sample = append(e.Sample, cells)
	}
	return e, nil
}

func (r *reading) ambiguous(sample []table.Row, column int) bool {
	return slices.ContainsFunc(sample, func(row table.Row) bool {
		if column >= len(row.Cells) {
			return false
		}
		_, key, _ := r.dates.parse(row.Cells[column])
		return key == "billing.import.date_ambiguous"
	})
}
