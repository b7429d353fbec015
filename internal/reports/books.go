package reports

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/money"
)

// Books reads customers and documents for the screens that show them, within what the actor may see. What is out of
// scope looks as if it were not there.
type Books struct {
	db      *db.DB
	billing *billing.Service
	credits *credits.Service
}

// Books makes the reader.
func (s *Service) Books(b *billing.Service, c *credits.Service) *Books {
	return &Books{db: s.db, billing: b, credits: c}
}

// CustomerRow is a customer in a list, with what it owes in its own currency.
type CustomerRow struct {
	ID         billing.CustomerID
	Account    string
	Name       string
	Kind       billing.CustomerKind
	Tier       billing.Tier
	Country    string
	EntityCode string
	ParentName string
	Currency   money.Currency
	Open       decimal.Decimal
	Overdue    decimal.Decimal
	Held       decimal.Decimal
	OpenCases  int
}

// Amount is a sum in the customer's currency.
func (r CustomerRow) Amount(value decimal.Decimal) money.Amount { return money.Of(value, r.Currency) }

// CustomerFilter narrows the list of customers. After is the account the page before ended with.
type CustomerFilter struct {
	Query string // part of the name, the account or a mail domain
	Tier  billing.Tier
	After string
	Limit int
}

// CustomerPage is one page of customers; Next is "" on the last.
type CustomerPage struct {
	Rows []CustomerRow
	Next string
}

const customersShown = 50

// Customers lists customers by account with what they owe.
func (b *Books) Customers(ctx context.Context, f CustomerFilter, by access.Actor) (CustomerPage, error) {
	if err := access.Can(by, access.ReadBooks, access.Object{}); err != nil {
		return CustomerPage{}, err
	}
	if f.Limit <= 0 {
		f.Limit = customersShown
	}
	rows, err := db.List[CustomerRow](ctx, b.db, `with page as (
			select * from customers where account > $1 and ($2 = '' or name ilike $3 or account ilike $3
					or exists (select from unnest(email_domains) d where d ilike $3))
				and ($4 = '' or tier = $4) and (cardinality($5::bigint[]) = 0 or entity_id = any ($5))
			order by account limit $6)
		select p.id, p.account, p.name, p.kind, p.tier, p.country, p.currency, e.code as entity_code, coalesce(up.name, '') as parent_name,
			coalesce(o.open, 0) as open, coalesce(o.overdue, 0) as overdue, coalesce(o.held, 0) as held,
			(select count(*) from cases c where c.customer_id = p.id and c.status in ('new','open','waiting')) as open_cases
		from page p join legal_entities e on e.id = p.entity_id left join customers up on up.id = p.parent_id
		left join lateral (select sum(i.open) as open, sum(i.open) filter (where i.due_on < ($7::timestamptz at time zone e.time_zone)::date) as overdue, sum(least(i.held, i.open)) as held
			from open_items i where i.customer_id = p.id and i.kind = 'invoice' and i.open > 0 and i.currency = p.currency) o on true
		order by p.account`, f.After, f.Query, pattern(f.Query), f.Tier, scopeOf(by), f.Limit+1, b.db.Now())
	if err != nil {
		return CustomerPage{}, fmt.Errorf("list customers: %w", err)
	}
	page := CustomerPage{Rows: rows}
	if len(rows) > f.Limit {
		page.Rows, page.Next = rows[:f.Limit], rows[f.Limit-1].Account
	}
	return page, nil
}

// pattern makes "somewhere in it, in any case" of what somebody typed.
func pattern(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.TrimSpace(text)) + "%"
}

// Relative is a customer of the same family.
type Relative struct {
	ID      billing.CustomerID
	Account string
	Name    string
	Kind    billing.CustomerKind
	Tier    billing.Tier
}

// CaseRow is a case in a customer's or an invoice's list.
type CaseRow struct {
	ID               int64
	Number           string
	Subject          string
	Type             string
	Status           string
	WaitingOn        string
	Priority         string
	NextDueAt        *time.Time
	ClockPaused      bool
	Disputed         decimal.Decimal
	DisputedCurrency money.Currency
	AssigneeName     string
	OpenedAt         time.Time
}

// InDispute is the amount in dispute.
func (c CaseRow) InDispute() money.Amount { return money.Of(c.Disputed, c.DisputedCurrency) }

// CustomerFile is a customer with everything the books know of it. Its lists hold the latest; the More fields tell that
// there is more.
type CustomerFile struct {
	billing.Customer
	Entity     billing.Entity
	Position   billing.Position
	Contacts   []billing.Contact
	Invoices   billing.Page[billing.InvoiceRow]
	Payments   billing.Page[billing.PaymentRow]
	Memos      billing.Page[billing.MemoRow]
	Promises   []billing.PromiseRow // the latest
	Cases      []CaseRow
	Contracts  []billing.ContractRow
	Statements []billing.KeptRow // handed out, the latest
	Family     []Relative        // the others of the family, the top one first
}

// Amount is a sum in the customer's currency.
func (f CustomerFile) Amount(value decimal.Decimal) money.Amount {
	return money.Of(value, f.Position.Currency)
}

const (
	documentsShown  = 25
	promisesShown   = 5
	statementsShown = 10
)

// Customer reads a customer's file by account number.
func (b *Books) Customer(ctx context.Context, account, after string, by access.Actor) (CustomerFile, error) {
	customer, err := b.billing.CustomerByAccount(ctx, b.db, account)
	if err != nil {
		return CustomerFile{}, err
	}
	if err := access.Can(by, access.ReadBooks, access.Object{EntityID: int64(customer.EntityID)}); err != nil {
		return CustomerFile{}, err
	}
	f := CustomerFile{Customer: customer}
	if f.Entity, err = b.billing.EntityByID(ctx, b.db, customer.EntityID); err != nil {
		return f, err
	}
	if f.Position, err = b.billing.Position(ctx, b.db, customer.ID); err != nil {
		return f, err
	}
	if f.Contacts, err = b.billing.Contacts(ctx, b.db, customer.ID); err != nil {
		return f, err
	}
	promises, err := b.billing.Promises(ctx, billing.PromiseQuery{CustomerID: customer.ID, Limit: promisesShown, By: by})
	if err != nil {
		return f, err
	}
	f.Promises = promises.Rows
	return f, b.customerLists(ctx, &f, after)
}

func (b *Books) customerLists(ctx context.Context, f *CustomerFile, after string) error {
	var err error
	f.Invoices, err = b.billing.Invoices(ctx, billing.InvoiceFilter{CustomerID: f.ID, After: after, Limit: documentsShown})
	if err != nil {
		return err
	}
	if f.Payments, err = b.billing.Payments(ctx, billing.PaymentFilter{CustomerID: f.ID, Limit: 10}); err != nil {
		return err
	}
	if f.Memos, err = b.billing.Memos(ctx, billing.MemoFilter{CustomerID: f.ID, Limit: 10}); err != nil {
		return err
	}
	contracts, err := b.billing.Contracts(ctx, billing.ContractFilter{CustomerID: f.ID, Limit: documentsShown})
	if err != nil {
		return err
	}
	f.Contracts = contracts.Rows
	if f.Statements, err = b.billing.KeptStatements(ctx, b.db, f.ID, statementsShown); err != nil {
		return err
	}
	if f.Cases, err = b.cases(ctx, `c.customer_id = $1`, f.ID); err != nil {
		return err
	}
	f.Family, err = db.List[Relative](ctx, b.db, `select id, account, name, kind, tier from customers
		where family_id = $1 and id <> $2 order by id = family_id desc, name, id limit 50`, f.FamilyID, f.ID)
	if err != nil {
		return fmt.Errorf("read family: %w", err)
	}
	return nil
}

// cases lists the latest cases that meet a condition of ours on one argument.
func (b *Books) cases(ctx context.Context, condition string, arg any) ([]CaseRow, error) {
	list, err := db.List[CaseRow](ctx, b.db, `select c.id, c.number, c.subject, c.type, c.status, c.waiting_on, c.priority, c.next_due_at,
			c.clock_paused, c.disputed, c.disputed_currency, coalesce(u.name, '') as assignee_name, c.opened_at
		from cases c left join users u on u.id = c.assignee_id where `+condition+`
		order by c.opened_at desc, c.id desc limit 12`, arg)
	if err != nil {
		return nil, fmt.Errorf("list cases: %w", err)
	}
	return list, nil
}
