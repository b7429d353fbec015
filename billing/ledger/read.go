package ledger

import (
	"context"
	"fmt"

	"github.com/shopspring/decimal"

	"makegood/internal/db"
	"makegood/internal/money"
)

// Entries reads the entries posted for documents of a kind, in the order of posting, with their postings.
func Entries(ctx context.Context, r db.Reader, kind DocumentKind, documents ...int64) ([]Entry, error) {
	entries, err := db.List[Entry](ctx, r, `select * from journal_entries
		where document_kind = $1 and document_id = any ($2) order by id`, string(kind), documents)
	if err != nil {
		return nil, fmt.Errorf("read entries: %w", err)
	}
	return withPostings(ctx, r, entries)
}

func withPostings(ctx context.Context, r db.Reader, entries []Entry) ([]Entry, error) {
	ids := make([]EntryID, len(entries))
	at := make(map[EntryID]int, len(entries))
	for i, e := range entries {
		ids[i], at[e.ID] = e.ID, i
	}
	postings, err := db.List[Posting](ctx, r, `select p.*, a.code, a.name from postings p
		join ledger_accounts a on a.entity_id = p.entity_id and a.role = p.account
		where p.entry_id = any ($1) order by p.id`, ids)
	if err != nil {
		return nil, fmt.Errorf("read postings: %w", err)
	}
	for _, p := range postings {
		e := &entries[at[p.EntryID]]
		e.Postings = append(e.Postings, p)
	}
	return entries, nil
}

// Balance is what an account adds up to in one currency: debit positive.
type Balance struct {
	Account    Account
	Currency   money.Currency
	Amount     decimal.Decimal
	BaseAmount decimal.Decimal
}

// CustomerBalances adds up the accounts kept per customer (receivable and unapplied) for one customer.
func CustomerBalances(ctx context.Context, r db.Reader, customerID int64) ([]Balance, error) {
	list, err := db.List[Balance](ctx, r, `select account, currency, sum(amount) as amount, sum(base_amount) as base_amount
		from postings where customer_id = $1 and account in ('receivable', 'unapplied')
		group by account, currency order by account, currency`, customerID)
	if err != nil {
		return nil, fmt.Errorf("add up customer's balances: %w", err)
	}
	return list, nil
}
