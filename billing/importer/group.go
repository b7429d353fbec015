package importer

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"makegood/billing/importer/table"
)

// groups gathers rows that make one document. Documents are finished in the order in which they begin; while a document
// is open its further lines may stand anywhere. Of a finished one only a digest of its name and its row stay behind.
type groups struct {
	open  []*group // by first row
	byKey map[string]*group
	held  int
	seen  map[name]int // what has been read → the row where it began
}

type group struct {
	key  string
	rows []*row
}

type name [16]byte

func newGroups() groups {
	return groups{byKey: map[string]*group{}, seen: map[name]int{}}
}

func nameOf(kind Kind, external string) name {
	sum := sha256.Sum256([]byte(string(kind) + "\x00" + external))
	return name(sum[:len(name{})])
}

// take brings in one row: as a document of its own, or to the other lines of its document.
func (r *reading) take(in table.Row) error {
	r.sum.Rows++
	w := &row{Row: in, r: r}
	if in.Problem != nil {
		w.bad = append(w.bad, Rejection{Row: in.Number, Key: in.Problem.Key, Params: in.Problem.Params})
		return r.finish(&group{rows: []*row{w}})
	}
	if left, ok := r.leftOut(w); ok {
		w.bad = []Rejection{left}
		return r.finish(&group{rows: []*row{w}})
	}
	key := ""
	if r.grouped {
		key = r.groupKey(w)
	}
	if key == "" {
		return r.finish(&group{rows: []*row{w}})
	}
	g := r.groups.byKey[key]
	if g == nil {
		g = &group{key: key}
		r.groups.byKey[key] = g
		r.groups.open = append(r.groups.open, g)
	}
	g.rows = append(g.rows, w)
	r.groups.held++
	for r.groups.held > r.o.HeldRows {
		if err := r.finishFirst(); err != nil {
			return err
		}
	}
	return nil
}

// leftOut tells whether a row is none of the kind's: what the preset leaves out, and the sums under a table.
func (r *reading) leftOut(w *row) (Rejection, bool) {
	if r.preset.adapt != nil {
		if key := r.preset.adapt(w); key != "" {
			return Rejection{Row: w.Number, Key: key, Left: true, Got: shorten(w.cell(FieldType).Text)}, true
		}
	}
	first := ""
	for _, c := range w.Cells {
		if c.Text != "" {
			first = c.Text
			break
		}
	}
	word, _, _ := strings.Cut(strings.ToLower(first), " ")
	sums := []string{"total", "totals", "total:", "subtotal", "sum", "summe", "gesamt", "gesamtsumme", "totale", "totaal", "somme", "suma", "soma", "grand", "合計", "总计"}
	if keys := identity(r.o.Kind); len(keys) > 0 && slices.Contains(sums, word) && !w.has(keys[0]) {
		return Rejection{Row: w.Number, Key: "billing.import.total_row", Got: shorten(first), Left: true}, true
	}
	// The sum may stand in the very column that names documents; then nothing else does that a document must have.
	if slices.Contains(sums, word) && len(identity(r.o.Kind)) > 1 && !w.has(identity(r.o.Kind)[1]) {
		return Rejection{Row: w.Number, Key: "billing.import.total_row", Got: shorten(first), Left: true}, true
	}
	return Rejection{}, false
}

// identity are the fields that say which thing a row is about, and one more that it must have.
func identity(kind Kind) []Field {
	switch kind {
	case Invoices, CreditNotes, OpenBalances:
		return []Field{FieldNumber, FieldIssuedOn}
	case Payments:
		return []Field{FieldNumber, FieldReceivedOn}
	case Customers:
		return []Field{FieldAccount, FieldName}
	default:
		return nil
	}
}

func (r *reading) groupKey(w *row) string {
	number := w.cell(FieldNumber).Text
	if number == "" {
		return ""
	}
	if r.o.Kind == Payments {
		return number
	}
	return string(r.documentType(w)) + " " + number
}

func (r *reading) finishFirst() error {
	g := r.groups.open[0]
	r.groups.open = r.groups.open[1:]
	delete(r.groups.byKey, g.key)
	r.groups.held -= len(g.rows)
	return r.finish(g)
}

func (r *reading) finishAll() error {
	for len(r.groups.open) > 0 {
		if err := r.finishFirst(); err != nil {
			return err
		}
	}
	return nil
}

// finish makes the records of a group and hands them over, or the rejections of all its rows.
func (r *reading) finish(g *group) error {
	var records []Record
	if !g.refused() {
		records = r.assemble(g.rows)
	}
	if !g.refused() {
		for i := range records {
			records[i].Rows = g.numbers()
			if first, twice := r.register(records[i]); twice && !r.o.AsItStands {
				key := "billing.import.duplicate"
				if r.grouped {
					key = "billing.import.rows_apart"
				}
				g.rows[0].bad = append(g.rows[0].bad, Rejection{
					Row: g.rows[0].Number, Field: FieldNumber, Column: r.columnName(FieldNumber), Key: key, Ref: records[i].External,
					Got: shorten(records[i].External), Params: map[string]string{"first": strconv.Itoa(first)},
				})
				break
			}
		}
	}
	if g.refused() {
		return r.reject(g)
	}
	raw, err := r.raw(g)
	if err != nil {
		return err
	}
	for _, record := range records {
		record.Raw = raw
		for _, w := range g.rows {
			record.Notes = append(record.Notes, w.note...)
		}
		r.sum.Records++
		if err := r.out.Record(record); err != nil {
			return err
		}
	}
	return nil
}

func (r *reading) register(record Record) (first int, twice bool) {
	n := nameOf(record.Kind, record.External)
	if first, twice = r.groups.seen[n]; !twice {
		r.groups.seen[n] = record.Rows[0]
	}
	return first, twice
}

func (g *group) refused() bool {
	return slices.ContainsFunc(g.rows, func(w *row) bool { return len(w.bad) > 0 })
}

func (g *group) numbers() []int {
	list := make([]int, len(g.rows))
	for i, w := range g.rows {
		list[i] = w.Number
	}
	return list
}

// reject hands over what is wrong with each row of a group, and says of the others which row spoils them.
func (r *reading) reject(g *group) error {
	var culprit Rejection
	for _, w := range g.rows {
		if len(w.bad) > 0 {
			culprit = w.bad[0]
			break
		}
	}
	for _, w := range g.rows {
		if len(w.bad) == 0 {
			w.bad = []Rejection{{
				Row: w.Number, Key: "billing.import.line_of_rejected", Params: map[string]string{"row": strconv.Itoa(culprit.Row)},
				Ref: culprit.Ref, Left: culprit.Left,
			}}
		}
		if w.bad[0].Left {
			r.sum.Left++
		} else {
			r.sum.Rejected++
		}
		raw, err := json.Marshal(r.cells(w))
		if err != nil {
			return fmt.Errorf("keep row: %w", err)
		}
		for _, b := range w.bad {
			b.Raw = raw
			if err := r.out.Reject(b); err != nil {
				return err
			}
		}
	}
	return nil
}

// raw keeps the cells of a group's rows by the names of their columns.
func (r *reading) raw(g *group) (json.RawMessage, error) {
	rows := make([]map[string]string, len(g.rows))
	for i, w := range g.rows {
		rows[i] = r.cells(w)
	}
	var content any = rows
	if len(rows) == 1 {
		content = rows[0]
	}
	raw, err := json.Marshal(content)
	if err != nil {
		return nil, fmt.Errorf("keep row: %w", err)
	}
	return raw, nil
}

func (r *reading) cells(w *row) map[string]string {
	cells := map[string]string{}
	for k, c := range w.Cells {
		if c.Text == "" {
			continue
		}
		if k < len(r.headers) {
			cells[r.headers[k]] = c.Text
		} else {
			cells["#"+strconv.Itoa(k+1)] = c.Text
		}
	}
	return cells
}

// assemble makes the records that the rows of one group stand for; what is wrong is noted at the rows.
func (r *reading) assemble(rows []*row) []Record {
	switch r.o.Kind {
	case Invoices, CreditNotes:
		return r.document(rows)
	case Payments:
		return r.payment(rows)
	case Customers:
		return r.customer(rows[0])
	case OpenBalances:
		return r.balance(rows[0])
	case Rates:
		return r.rate(rows[0])
	default:
		return r.generic(rows[0])
	}
}
