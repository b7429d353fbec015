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
	importedLookedAt  = 500 // of the imported invoices of each system, from either end of their ids
	shortestPrefix    = 3   // letters: fewer are the beginning of bank accounts and tax numbers
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
	out.Imported, err = db.Values[string](ctx, r, `with recursive systems(name) as (
			(select external_system from invoices where external_system <> '' order by external_system limit 1)
			union all
			select (select i.external_system from invoices i where i.external_system > s.name order by i.external_system limit 1) from systems s where s.name is not null)
		select prefix from (
			select distinct upper(substring(i.number from '^([[:alpha:]][[:alpha:]/_.-]*?)[/_.-]?[0-9]')) as prefix
			from systems s cross join lateral (
				(select number from invoices where external_system <> '' and external_system = s.name order by external_id limit $1)
				union all
				(select number from invoices where external_system <> '' and external_system = s.name order by external_id desc limit $1)) i) p
		where length(prefix) >= $2 order by prefix limit $3`, importedLookedAt, shortestPrefix, maxImportedSeries)
	if err != nil {
		return out, fmt.Errorf("read series of other systems: %w", err)
	}
	return out, nil
}
