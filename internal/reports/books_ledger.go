package reports

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/ledger"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// ErrNoAccount is returned for an account that a legal entity's chart does not have.
var ErrNoAccount = errs.New(errs.NotFound, "books.no_account")

// LedgerQuery asks for an account of a legal entity in one month. After is the Next of the page before.
type LedgerQuery struct {
	Entity  string
	Account ledger.Account
	Month   time.Time // its first day
	After   string
	Limit   int
}

// ChartAccount is an account of a legal entity's chart.
type ChartAccount struct {
	Role ledger.Account
	Code string
	Name string
}

// AccountLine is a posting on an account with the document it is for. Balance is what the account comes to after it, in
// base currency, debit positive.
type AccountLine struct {
	ID             int64
	BookedOn       time.Time
	DatedOn        time.Time
	DocumentKind   ledger.DocumentKind
	DocumentNumber string
	Reversal       bool
	CustomerName   string
	Account        string // the customer's
	Currency       money.Currency
	Amount         decimal.Decimal
	BaseAmount     decimal.Decimal
	Balance        decimal.Decimal
}

// AmountOf is the posting in the document's currency, debit positive.
func (l AccountLine) AmountOf() money.Amount { return money.Of(l.Amount, l.Currency) }

// AccountSum is what an account came to in one currency at both ends of the month, and what went over it in between.
// Debit is positive in Opening and Closing. The base figures are in the entity's base currency.
type AccountSum struct {
	Currency             money.Currency
	Opening, BaseOpening decimal.Decimal
	Debit, BaseDebit     decimal.Decimal
	Credit, BaseCredit   decimal.Decimal
	Carried              decimal.Decimal // base currency, of the month's postings before this page
	Closing, BaseClosing decimal.Decimal
}

// LedgerFile is an account in one month. Sums has a row per currency that was ever booked on it.
type LedgerFile struct {
	Entity billing.Entity
	ChartAccount
	Chart []ChartAccount
	Month time.Time
	Total AccountSum // in base currency alone
	Sums  []AccountSum
	Lines []AccountLine
	Next  string
}

// Base is a sum in the entity's base currency.
func (f LedgerFile) Base(value decimal.Decimal) money.Amount {
	return money.Of(value, f.Entity.BaseCurrency)
}

const linesShown = 100

// Ledger reads a page of an account, by the day the entries are booked on and in the order of posting.
func (b *Books) Ledger(ctx context.Context, q LedgerQuery, by access.Actor) (LedgerFile, error) {
	f := LedgerFile{Month: time.Date(q.Month.Year(), q.Month.Month(), 1, 0, 0, 0, 0, time.UTC)}
	if err := b.chart(ctx, &f, q, by); err != nil {
		return f, err
	}
	if q.Limit <= 0 {
		q.Limit = linesShown
	}
	day, id := afterOf(q.After, f.Month)
	if err := b.accountSums(ctx, &f, day, id); err != nil {
		return f, err
	}
	rows, err := db.List[AccountLine](ctx, b.db, `select p.id, p.booked_on, p.dated_on, e.document_kind, e.document_number, e.reverses_id is not null as reversal,
			c.name as customer_name, c.account, p.currency, p.amount, p.base_amount
		from postings p join journal_entries e on e.id = p.entry_id join customers c on c.id = e.customer_id
		where p.entity_id = $1 and p.account = $2 and p.booked_on >= $3 and p.booked_on < $4 and (p.booked_on, p.id) > ($5::date, $6::bigint)
		order by p.booked_on, p.id limit $7`, f.Entity.ID, f.Role, f.Month, f.Month.AddDate(0, 1, 0), day, id, q.Limit+1)
	if err != nil {
		return f, fmt.Errorf("read account: %w", err)
	}
	if len(rows) > q.Limit {
		rows = rows[:q.Limit]
		last := rows[q.Limit-1]
		f.Next = last.BookedOn.Format(time.DateOnly) + "." + strconv.FormatInt(last.ID, 10)
	}
	balance := f.Total.BaseOpening.Add(f.Total.Carried)
	for i := range rows {
		balance = balance.Add(rows[i].BaseAmount)
		rows[i].Balance = balance
	}
	f.Lines = rows
	return f, nil
}

// chart finds the entity and the account in what the actor may see.
func (b *Books) chart(ctx context.Context, f *LedgerFile, q LedgerQuery, by access.Actor) error {
	entities, err := b.billing.Entities(ctx)
	if err != nil {
		return err
	}
	for _, e := range entities {
		if e.Code == q.Entity {
			f.Entity = e
		}
	}
	if f.Entity.ID == 0 {
		return billing.ErrNoEntity
	}
	if err := access.Can(by, access.ReadBooks, access.Object{EntityID: int64(f.Entity.ID)}); err != nil {
		return err
	}
	f.Chart, err = db.List[ChartAccount](ctx, b.db, `select role, code, name from ledger_accounts where entity_id = $1 order by code, role`, f.Entity.ID)
	if err != nil {
		return fmt.Errorf("read chart of accounts: %w", err)
	}
	for _, a := range f.Chart {
		if a.Role == q.Account {
			f.ChartAccount = a
			return nil
		}
	}
	return ErrNoAccount
}

// accountSums adds the account up to both ends of the month, and as far as the pages before went: what came before the
// month from what is kept of earlier months, the month itself from its postings.
func (b *Books) accountSums(ctx context.Context, f *LedgerFile, day time.Time, id int64) error {
	var err error
	f.Sums, err = db.List[AccountSum](ctx, b.db, `select coalesce(o.currency, m.currency) as currency,
			coalesce(o.amount, 0) as opening, coalesce(o.base_amount, 0) as base_opening, coalesce(m.debit, 0) as debit, coalesce(m.base_debit, 0) as base_debit,
			coalesce(m.credit, 0) as credit, coalesce(m.base_credit, 0) as base_credit, coalesce(m.carried, 0) as carried,
			coalesce(o.amount, 0) + coalesce(m.amount, 0) as closing, coalesce(o.base_amount, 0) + coalesce(m.base_amount, 0) as base_closing
		from account_sums($1, $2, $3) o full join (select currency, sum(amount) as amount, sum(base_amount) as base_amount,
				coalesce(sum(amount) filter (where amount > 0), 0) as debit, coalesce(sum(base_amount) filter (where base_amount > 0), 0) as base_debit,
				coalesce(-sum(amount) filter (where amount < 0), 0) as credit, coalesce(-sum(base_amount) filter (where base_amount < 0), 0) as base_credit,
				coalesce(sum(base_amount) filter (where (booked_on, id) <= ($5::date, $6::bigint)), 0) as carried
			from postings where entity_id = $1 and account = $2 and booked_on >= $3 and booked_on < $4 group by currency) m on m.currency = o.currency
		order by 1`, f.Entity.ID, string(f.Role), f.Month, f.Month.AddDate(0, 1, 0), day, id)
	if err != nil {
		return fmt.Errorf("add up account: %w", err)
	}
	t := AccountSum{Currency: f.Entity.BaseCurrency}
	for _, s := range f.Sums {
		t.BaseOpening, t.BaseDebit, t.BaseCredit = t.BaseOpening.Add(s.BaseOpening), t.BaseDebit.Add(s.BaseDebit), t.BaseCredit.Add(s.BaseCredit)
		t.Carried, t.BaseClosing = t.Carried.Add(s.Carried), t.BaseClosing.Add(s.BaseClosing)
	}
	f.Total = t
	return nil
}

// afterOf reads a place in an account; anything that is none is the beginning of the month.
func afterOf(text string, month time.Time) (time.Time, int64) {
	on, number, _ := strings.Cut(text, ".")
	day, err := time.Parse(time.DateOnly, on)
	id, wrong := strconv.ParseInt(number, 10, 64)
	if err != nil || wrong != nil || day.Before(month) {
		return month, 0
	}
	return day, id
}

// Place says where a document is told: by itself (an invoice, payment or credit memo), by the payment it took back, or
// by the request it was posted for.
type Place struct {
	Kind      string // invoice, payment, credit_memo, request
	Number    string
	RequestID int64
	EntityID  billing.EntityID
}

// Place finds a document of any kind by its number; ErrNoAdjustment when there is none that the actor may see.
func (b *Books) Place(ctx context.Context, number string, by access.Actor) (Place, error) {
	list, err := db.List[Place](ctx, b.db, `select 'invoice' as kind, number, 0::bigint as request_id, entity_id from invoices where number = $1
		union all select 'payment', number, 0, entity_id from payments where number = $1
		union all select 'credit_memo', number, 0, entity_id from credit_memos where number = $1
		union all select 'payment', p.number, 0, c.entity_id from chargebacks c join payments p on p.id = c.payment_id where c.number = $1
		union all select 'request', number, credit_request_id, entity_id from refunds where number = $1
		union all select 'request', number, credit_request_id, entity_id from write_offs where number = $1
		union all select 'request', number, credit_request_id, entity_id from transfers where number = $1
		union all select 'request', number, credit_request_id, entity_id from reversals where number = $1`, strings.TrimSpace(number))
	if err != nil {
		return Place{}, fmt.Errorf("find document: %w", err)
	}
	if len(list) == 0 {
		return Place{}, billing.ErrNoAdjustment
	}
	return list[0], access.Can(by, access.ReadBooks, access.Object{EntityID: int64(list[0].EntityID)})
}
