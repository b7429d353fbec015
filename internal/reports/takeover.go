package reports

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"time"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/sheet"
)

// Takeovers write what an ERP takes over from these books, as CSV, however much it is: a row at a time.
type Takeovers struct {
	db      *db.DB
	billing *billing.Service
}

// Takeovers makes the writer of what other systems take over.
func (s *Service) Takeovers(b *billing.Service) *Takeovers { return &Takeovers{db: s.db, billing: b} }

// Takeovers are those of the same books.
func (b *Books) Takeovers() *Takeovers { return &Takeovers{db: b.db, billing: b.billing} }

// Kinds of extract.
const (
	JournalExtract = "journal"
	MemosExtract   = "credit-memos"
)

// ErrNoExtract is returned for a kind of extract that there is not.
var ErrNoExtract = errs.New(errs.NotFound, "books.no_extract")

// Takeover asks for a month of a legal entity's books. Any day of the month names it.
type Takeover struct {
	By     access.Actor
	Entity string // code
	Month  time.Time
}

// Make makes an extract of a kind; ErrNoExtract when there is none such. See Journal and Memos.
func (t *Takeovers) Make(ctx context.Context, kind string, in Takeover) (Extract, error) {
	switch kind {
	case JournalExtract:
		return t.Journal(ctx, in)
	case MemosExtract:
		return t.Memos(ctx, in)
	}
	return Extract{}, ErrNoExtract
}

// Extract is a file still to be written. Write may be called once; what it wrote before an error is no whole file.
type Extract struct {
	Name  string
	Write func(ctx context.Context, w io.Writer) error
}

// Journal is every posting booked in a month, entry by entry, with the accounts as the legal entity codes them: debit and
// credit in the currency of the document and in the entity's own. Each entry balances in both. That it was taken is recorded.
func (t *Takeovers) Journal(ctx context.Context, in Takeover) (Extract, error) {
	return t.extract(ctx, in, JournalExtract, journalHeading(), journalQuery)
}

// Memos are the credit memos issued in a month, a row per line, under the labels of NetSuite's saved searches, so that
// NetSuite's CSV import and our own preset "netsuite" read them. Amounts are positive; cash rounding is a line of its own. What
// was issued elsewhere is not among them. That it was taken is recorded.
func (t *Takeovers) Memos(ctx context.Context, in Takeover) (Extract, error) {
	return t.extract(ctx, in, MemosExtract, memoHeading(), memoQuery)
}

func (t *Takeovers) extract(ctx context.Context, in Takeover, what string, heading []string, query string) (Extract, error) {
	entity, err := t.entity(ctx, in)
	if err != nil {
		return Extract{}, err
	}
	first := time.Date(in.Month.Year(), in.Month.Month(), 1, 0, 0, 0, 0, time.UTC)
	if err := t.billing.RecordTakeover(ctx, in.By, entity.ID, what, first); err != nil {
		return Extract{}, err
	}
	return Extract{Name: what + "-" + entity.Code + "-" + first.Format("2006-01") + ".csv", Write: func(ctx context.Context, w io.Writer) error {
		return t.write(ctx, w, heading, query, entity.ID, first, first.AddDate(0, 1, 0))
	}}, nil
}

// entity finds the legal entity within what the actor may see.
func (t *Takeovers) entity(ctx context.Context, in Takeover) (billing.Entity, error) {
	list, err := t.billing.Entities(ctx)
	if err != nil {
		return billing.Entity{}, err
	}
	for _, e := range list {
		if e.Code == in.Entity {
			return e, access.Can(in.By, access.ReadBooks, access.Object{EntityID: int64(e.ID)})
		}
	}
	return billing.Entity{}, billing.ErrNoEntity
}

// write writes the heading and the rows of a query that gives texts, in the order of the heading.
func (t *Takeovers) write(ctx context.Context, w io.Writer, heading []string, query string, args ...any) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(heading); err != nil {
		return fmt.Errorf("write csv: %w", err)
	}
	rows, err := t.db.Query(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("read rows to take over: %w", err)
	}
	defer rows.Close()
	cells, into := make([]string, len(heading)), make([]any, len(heading))
	for i := range cells {
		into[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("read row to take over: %w", db.Explain(err))
		}
		for i, text := range cells {
			if cells[i] = sheet.Harmless(text); isNumber(text) {
				cells[i] = text
			}
		}
		if err := out.Write(cells); err != nil {
			return fmt.Errorf("write csv: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read rows to take over: %w", db.Explain(err))
	}
	if out.Flush(); out.Error() != nil {
		return fmt.Errorf("write csv: %w", out.Error())
	}
	return nil
}
