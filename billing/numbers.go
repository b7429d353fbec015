package billing

import (
	"context"
	"fmt"

	"makegood/internal/db"
)

// series is one gapless row of numbers.
type series struct {
	Entity EntityID
	Name   string
	Year   int
}

// invoiceSeries, paymentSeries and memoSeries name the row a document's number comes from.
func invoiceSeries(e Entity, year int) series { return series{e.ID, e.Code, year} }
func paymentSeries(e Entity, year int) series { return series{e.ID, "PAY-" + e.Code, year} }
func memoSeries(e Entity, year int) series    { return series{e.ID, "CM-" + e.Code, year} }

// number writes the number at a place in the series.
func (s series) number(place int64) string { return numberOf(s.Name, s.Year, place) }

// takeTx takes the next n numbers and tells the first. The series stays locked until the transaction ends, so this
// is the last thing before the rows that carry the numbers; a transaction that fails gives them back.
func (s series) takeTx(ctx context.Context, tx *db.Tx, n int) (int64, error) {
	last, err := db.Value[int64](ctx, tx, `insert into document_sequences (entity_id, series, fiscal_year, last_no)
		values ($1, $2, $3, $4)
		on conflict (entity_id, series, fiscal_year) do update set last_no = document_sequences.last_no + excluded.last_no
		returning last_no`, s.Entity, s.Name, s.Year, n)
	if err != nil {
		return 0, fmt.Errorf("take number of %s %d: %w", s.Name, s.Year, err)
	}
	return last - int64(n) + 1, nil
}
