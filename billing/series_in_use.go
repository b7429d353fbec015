package billing

import (
	"context"
	"fmt"

	"makegood/internal/db"
)

// SeriesInUse is what the numbers of our documents begin with.
type SeriesInUse struct {
	// Own are the series of invoices, debit and credit memos we number ourselves: a year and a place follow.
	Own []string
	// Imported are the letters before the first digit of numbers that other systems gave; digits follow.
	Imported []string
}

const (
	maxOwnSeries      = 200
	maxImportedSeries = 40
	importedLookedAt  = 2000 // of the imported invoices, enough to see every series there is
	shortestPrefix    = 3    // letters: fewer are the beginning of bank accounts and tax numbers
)

// SeriesInUse reads the series in use, at most 200 of our own and 40 of other systems.
func (s *Service) SeriesInUse(ctx context.Context, r db.Reader) (SeriesInUse, error) {
	var out SeriesInUse
	var err error
	out.Own, err = db.Values[string](ctx, r, `select series from (select distinct series from document_sequences where document_kind in ('invoice', 'debit_memo', 'credit_memo')
		union select code from legal_entities) s order by series limit $1`, maxOwnSeries)
	if err != nil {
		return out, fmt.Errorf("read series: %w", err)
	}
	out.Imported, err = db.Values[string](ctx, r, `select prefix from (
			select distinct upper(substring(number from '^([[:alpha:]][[:alpha:]/_.-]*?)[/_.-]?[0-9]')) as prefix
			from (select number from invoices where external_system <> '' order by external_system, external_id limit $1) i) p
		where length(prefix) >= $2 order by prefix limit $3`, importedLookedAt, shortestPrefix, maxImportedSeries)
	if err != nil {
		return out, fmt.Errorf("read series of other systems: %w", err)
	}
	return out, nil
}
