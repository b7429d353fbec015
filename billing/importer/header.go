package importer

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"makegood/billing/importer/table"
)

// headerWithin is how many rows at the beginning may be titles.
const headerWithin = 30

// findHeader finds the row that names the columns: the one the mapping says, else the one with the most names we know.
func (r *reading) findHeader(rows []table.Row) ([]table.Row, error) {
	if len(rows) == 0 {
		return nil, ErrNoRows
	}
	at, best := -1, 0
	switch {
	case r.mapping.HeaderRow < 0:
		for i := range widest(rows) {
			r.headers = append(r.headers, "#"+strconv.Itoa(i+1))
		}
		return rows, nil
	case r.mapping.HeaderRow > 0:
		for i, row := range rows {
			if row.Number == r.mapping.HeaderRow {
				at = i
			}
		}
	case r.o.Kind == Generic && len(r.mapping.Columns) == 0:
		at = 0
	default:
		known := r.knownNames()
		for i, row := range rows[:min(headerWithin, len(rows))] {
			if n := count(row, known); n > best {
				at, best = i, n
			}
		}
	}
	if at < 0 {
		return nil, ErrNoHeader
	}
	r.headers = headersOf(rows[at])
	return rows[at+1:], nil
}

// knownNames are all names that a column of the kind may have.
func (r *reading) knownNames() map[string]bool {
	known := map[string]bool{}
	for _, s := range specs(r.o.Kind) {
		for name := range strings.SplitSeq(s.names, ", ") {
			known[plainName(name)] = true
		}
	}
	for _, names := range r.preset.columns {
		for _, name := range names {
			known[plainName(name)] = true
		}
	}
	for _, name := range r.preset.reads {
		known[plainName(name)] = true
	}
	for _, column := range r.mapping.Columns {
		known[plainName(column)] = true
	}
	return known
}

func count(row table.Row, known map[string]bool) int {
	n := 0
	for _, c := range row.Cells {
		if c.Text != "" && known[plainName(c.Text)] {
			n++
		}
	}
	return n
}

// headersOf names the columns: those without a name by their place, and a name that comes again by its place too.
func headersOf(row table.Row) []string {
	headers := make([]string, len(row.Cells))
	seen := map[string]bool{}
	for i, c := range row.Cells {
		headers[i] = unquoteFormula(c.Text)
		if headers[i] == "" {
			headers[i] = "#" + strconv.Itoa(i+1)
		}
		if seen[headers[i]] {
			headers[i] = fmt.Sprintf("%s (%d)", headers[i], i+1)
		}
		seen[headers[i]] = true
	}
	return headers
}

func widest(rows []table.Row) int {
	width := 0
	for _, row := range rows {
		width = max(width, len(row.Cells))
	}
	return width
}

func (r *reading) columnName(f Field) string {
	if i, ok := r.columns[f]; ok && i < len(r.headers) {
		return r.headers[i]
	}
	return ""
}

// numberLike is an example of a number in the file's way of writing.
func (r *reading) numberLike(digits int32) string {
	example := map[int32]string{0: "1,234", 2: "1,234.50", 3: "1,234.500"}[digits]
	if example == "" {
		example = "12.5"
	}
	if r.mark == ',' {
		return strings.NewReplacer(",", ".", ".", ",").Replace(example)
	}
	return example
}

func (m Mapping) with(field Field, value string) Mapping {
	m.Defaults = maps.Clone(m.Defaults)
	if m.Defaults == nil {
		m.Defaults = map[Field]string{}
	}
	m.Defaults[field] = value
	return m
}
