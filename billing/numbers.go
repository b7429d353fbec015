package billing

import (
	"cmp"
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"makegood/internal/db"
)

// series is one gapless row of numbers.
type series struct {
	Entity EntityID
	Kind   string // which documents carry its numbers
	Name   string
	Year   int
}

// invoiceSeries names the row an invoice's number comes from; the others do so for their documents.
func invoiceSeries(e Entity, year int) series { return series{e.ID, "invoice", e.Code, year} }
func debitSeries(e Entity, year int) series   { return seriesOf(e, "debit_memo", "DM", year) }
func paymentSeries(e Entity, year int) series { return seriesOf(e, "payment", "PAY", year) }
func memoSeries(e Entity, year int) series    { return seriesOf(e, "credit_memo", "CM", year) }

func seriesOf(e Entity, kind, prefix string, year int) series {
	return series{e.ID, kind, prefix + "-" + e.Code, year}
}

// number writes the number at a place in the series.
func (s series) number(place int64) string { return numberOf(s.Name, s.Year, place) }

// takeTx takes the next n numbers and tells the first. The series stays locked until the transaction ends, so this
// is the last thing before the rows that carry the numbers; a transaction that fails gives them back.
func (s series) takeTx(ctx context.Context, tx *db.Tx, n int) (int64, error) {
	last, err := db.Value[int64](ctx, tx, takeQuery, s.Entity, s.Name, s.Year, n, s.Kind)
	if err != nil {
		return 0, fmt.Errorf("take number of %s %d: %w", s.Name, s.Year, err)
	}
	return last - int64(n) + 1, nil
}

const takeQuery = `insert into document_sequences (entity_id, series, fiscal_year, last_no, document_kind)
	values ($1, $2, $3, $4, $5)
	on conflict (entity_id, series, fiscal_year) do update set last_no = document_sequences.last_no + excluded.last_no
	returning last_no`

// queueTake is takeTx in a batch; it gives the last of the n numbers.
func (s series) queueTake(batch *pgx.Batch, last *[]int64, n int) {
	db.QueueValues(batch, last, takeQuery, s.Entity, s.Name, s.Year, n, s.Kind)
}

// compare is the one order in which several series are locked.
func (s series) compare(o series) int {
	return cmp.Or(cmp.Compare(s.Entity, o.Entity), cmp.Compare(s.Name, o.Name), cmp.Compare(s.Year, o.Year))
}
