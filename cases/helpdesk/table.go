package helpdesk

import (
	"errors"
	"io"
	"slices"

	"makegood/billing/importer/table"
	"makegood/internal/errs"
)

// grid is one table of an export, read from its first row on.
type grid struct {
	name    string
	columns map[string]int // by their names in plain letters
	reader  *table.Reader
	days    days
}

// row is one row of a table.
type row struct {
	*grid

	table.Row
}

// openSheet opens a table and reads its head. What is no table, or an empty one, has no columns.
func openSheet(p part) (*grid, io.Closer, error) {
	in, err := p.open()
	if err != nil {
		return nil, nil, err
	}
	// Records of cases have hundreds of columns, and texts far longer than figures are.
	reader, err := table.Open(in, table.Options{Bounds: table.Bounds{Bytes: largestFile, Rows: 20_000_000, Columns: 5000, CellBytes: 4 << 20, RowBytes: 16 << 20}})
	if err != nil {
		return nil, nil, errors.Join(unreadable(p.name, 1, err), in.Close())
	}
	s := &grid{name: p.name, columns: map[string]int{}, reader: reader}
	closer := both{reader, in}
	head, err := reader.Next()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, errors.Join(unreadable(p.name, 1, err), closer.Close())
	}
	for n, c := range head.Cells {
		if name := plain(c.Text); name != "" {
			if _, again := s.columns[name]; !again {
				s.columns[name] = n
			}
		}
	}
	return s, closer, nil
}

// unreadable says which table cannot be read, and from where on.
func unreadable(name string, row int, err error) error {
	return errs.Wrap(err, ErrTable.Kind, ErrTable.Key, "file", name, "row", itoa(max(row, 1)))
}

type both struct {
	table *table.Reader
	file  io.Closer
}

// Close closes the reader, then what it reads.
func (b both) Close() error { return errors.Join(b.table.Close(), b.file.Close()) }

// has tells whether there is a column of one of the names.
func (s *grid) has(names ...string) bool {
	return slices.ContainsFunc(names, func(n string) bool { _, ok := s.columns[n]; return ok })
}

// each calls do with every row.
func (s *grid) each(do func(r row) error) error {
	for {
		next, err := s.reader.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unreadable(s.name, next.Number, err)
		}
		if err := do(row{s, next}); err != nil {
			return err
		}
	}
}

// cell is the first that is not empty of columns of some names.
func (r row) cell(names ...string) string {
	for _, name := range names {
		if n, ok := r.columns[name]; ok && n < len(r.Cells) && r.Cells[n].Text != "" {
			return r.Cells[n].Text
		}
	}
	return ""
}

// problem is why a row cannot be read as a whole.
func (r row) problem() *errs.Error { return r.Problem }

// is tells whether a column says yes.
func (r row) is(names ...string) bool {
	value, _ := yes(r.cell(names...))
	return value
}
