// Package filter reads what somebody types to narrow the queue, "status:waiting disputed:>1000 opened:<7d crane", into
// typed terms over a fixed set of fields. It knows no SQL: what a term means for the records is said where they are read.
package filter

import (
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Field is what a term is about; only those of Fields exist.
type Field string

// Query is a text as read: all terms hold together, and the words are looked for in what was written. What is no term
// is words.
type Query struct {
	Terms []Term
	Words string

	written string // the words, quoted where they would read as a term
}

// Term is one condition. Which of its values are set depends on the kind of its field: Values for choices, codes and
// names, any of which may hold; Bounds for amounts, all of which must; From and Until for moments, the first included and
// the second not, either of them nil for no bound; Holds for a field of the company's own.
type Term struct {
	Field       Field
	Not         bool
	Values      []string
	Bounds      []Bound
	From, Until *time.Time
	Holds       *Holding

	written string
}

// NamesFew tells whether the term is met by few cases, which an index finds: it names a case, somebody or something.
func (t Term) NamesFew() bool {
	switch t.Field {
	case Number, Subject, Tag, Own, Customer, Account, Contact, Assignee, Team, Invoice, Reason, Cause:
		return !t.Not
	default:
		return false
	}
}

// Bound is one side of an amount.
type Bound struct {
	Sign  string // ">", ">=", "<", "<=" or "="
	Value decimal.Decimal
}

// Holding is what a field of the company's own is to hold: Sign "" for anything at all, "=" for one of Values, otherwise a comparison
// with the one value, which is a Number or a Day. What reads as a number or a day is given as that as well.
type Holding struct {
	Code   string
	Sign   string
	Values []string
	Number *decimal.Decimal
	Day    string // 2026-05-31
}

// String is the term as it was written.
func (t Term) String() string { return t.written }

// Value is what stands behind the colon, for the reader.
func (t Term) Value() string {
	_, value, _ := strings.Cut(t.written, ":")
	return strings.Trim(value, `"`)
}

// String is the query as it can be read again.
func (q Query) String() string {
	parts := make([]string, 0, len(q.Terms)+1)
	for _, t := range q.Terms {
		parts = append(parts, t.written)
	}
	if q.written != "" {
		parts = append(parts, q.written)
	}
	return strings.Join(parts, " ")
}

// Without is the query without its nth term.
func (q Query) Without(n int) Query {
	return Query{Terms: slices.Delete(slices.Clone(q.Terms), n, n+1), Words: q.Words, written: q.written}
}

// Has tells whether one of the terms is about the field.
func (q Query) Has(f Field) bool {
	return slices.ContainsFunc(q.Terms, func(t Term) bool { return t.Field == f })
}

// Empty tells that nothing is asked for.
func (q Query) Empty() bool { return len(q.Terms) == 0 && q.Words == "" }
