package billing

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/dunning"
	"makegood/internal/db"
	"makegood/internal/money"
)

// Basis says which of two truths about a past day is asked for.
type Basis string

// The bases. What is known now for a day goes by the dates on the documents; what was known then by the moment each was
// posted.
const (
	KnownNow  Basis = "known_now"
	KnownThen Basis = "known_then"
)

// holds is the condition that a posting p stood at the end of a day of an entity, whose zone this is.
func (b Basis) holds(day, zone string) string {
	if b == KnownThen {
		return knownBy(day, zone)
	}
	return "p.dated_on <= " + day
}

// knownBy is the condition that a posting p was made by the end of a day in a time zone. Its day of posting is by UTC, so within a day of it the
// moment decides.
func knownBy(day, zone string) string {
	return `(p.posted_on < ` + day + `::date or p.posted_on <= ` + day + `::date + 1
		and (select e.posted_at from journal_entries e where e.id = p.entry_id) < ((` + day + `::date + 1)::timestamp at time zone ` + zone + `))`
}

// BalanceAsOf is how a customer stood at the end of a past day in one currency. Receivable is what was open on its
// invoices, Unapplied its cash and credits not used; both straight from the ledger.
type BalanceAsOf struct {
	Currency   money.Currency
	Receivable decimal.Decimal
	Unapplied  decimal.Decimal
}

// Amount is a sum in the balance's currency.
func (b BalanceAsOf) Amount(value decimal.Decimal) money.Amount { return money.Of(value, b.Currency) }

// BalancesAsOf is how a customer stood at the end of a day, per currency: from the postings of what was open on that day, so
// that it costs what was open and not what ever was. Every posting on these accounts names the item it moves, and an item
// that closed before a day has nothing left on it by any date.
func (s *Service) BalancesAsOf(ctx context.Context, r db.Reader, customer CustomerID, on time.Time, basis Basis) ([]BalanceAsOf, error) {
	list, err := db.List[BalanceAsOf](ctx, r, `select o.currency, coalesce(sum(l.open) filter (where o.kind = 'invoice'), 0) as receivable,
			coalesce(-sum(l.open) filter (where o.kind <> 'invoice'), 0) as unapplied
		from open_items o join legal_entities n on n.id = o.entity_id cross join lateral (select coalesce(sum(p.amount), 0) as open from postings p
			where p.item_kind = o.kind and p.item_id = o.document_id and `+basis.holds("$2", "n.time_zone")+`) l
		where o.customer_id = $1 and o.opened_on <= $2 and (o.closed_on is null or o.closed_on > $2::date - 1)
		group by o.currency order by o.currency`, customer, Date(on))
	if err != nil {
		return nil, fmt.Errorf("add up balances: %w", err)
	}
	return list, nil
}

// StatementLine is a document on a statement of account: what it charged or gave. Applications between the customer's own
// documents move nothing and are left out.
type StatementLine struct {
	On       time.Time
	Kind     string // as ledger.DocumentKind; a debit memo is an invoice of its kind
	Number   string
	Refers   string // the invoice or document it is about
	DueOn    *time.Time
	Charge   decimal.Decimal
	Credit   decimal.Decimal
	Balance  decimal.Decimal // running, charges less credits
	Reversal bool
}

// StatementItem is something still open on the last day.
type StatementItem struct {
	standingItem // Held is what was in dispute at the end of that day
	Number       string
	InvoiceKind  InvoiceKind // of an invoice item
	OpenedOn     time.Time
	Original     decimal.Decimal // what it came to
}

// Collectible is what may be asked for of it, due or not: open and not in dispute.
func (i StatementItem) Collectible() decimal.Decimal {
	if i.Kind != InvoiceItem {
		return decimal.Zero
	}
	return dunning.Divide([]dunning.Item{i.asDunned()}, decimal.Zero, decimal.Zero)[0].Collectible()
}

// Statement is a customer's account in one currency over a period.
type Statement struct {
	Customer Customer
	Entity   Entity
	Currency money.Currency
	From, To time.Time
	KnownOn  time.Time       // as it was known that evening at the entity; zero for what is known now
	Opening  decimal.Decimal // what was owed less what was unapplied, the evening before
	Lines    []StatementLine
	Closing  decimal.Decimal
	Items    []StatementItem // open at the end of To, invoices first
	PayLink  string          // where what is asked for is paid; "" for none, and as it was known then
}

// Amount is a sum in the statement's currency.
func (s Statement) Amount(value decimal.Decimal) money.Amount { return money.Of(value, s.Currency) }

// Asked is what the statement asks for as of its last day: what is due and not in dispute, less what is unapplied, is to
// be paid now.
func (s Statement) Asked() dunning.Asked {
	items := make([]standingItem, len(s.Items))
	for i := range s.Items {
		items[i] = s.Items[i].standingItem
	}
	invoices, unapplied := divide(items)
	return dunning.Ask(invoices, unapplied, s.To)
}

// Statement reads a customer's account from one day through another by the dates on the documents, as it is known now.
func (s *Service) Statement(ctx context.Context, r db.Reader, customer CustomerID, currency money.Currency, from, to time.Time) (Statement, error) {
	return s.StatementOf(ctx, r, StatementInput{CustomerID: customer, Currency: currency, From: from, To: to})
}

// StatementInput asks for a customer's account in a currency ("" is its own) from one day through another. With KnownOn it is
// what was posted by the end of that day where the entity is: the statement as it would have been made then.
type StatementInput struct {
	CustomerID CustomerID
	Currency   money.Currency
	From, To   time.Time
	KnownOn    time.Time
}

// posted is the last day of posting that counts.
func (s Statement) posted() string {
	if s.KnownOn.IsZero() {
		return "infinity"
	}
	return s.KnownOn.Format(time.DateOnly)
}

// StatementOf reads a customer's account by the dates on the documents. What was in dispute is told
// by the history of holds, as of the last day, and by what imported files said of it. What was open the evening before comes from the items that were, so that it costs what was open and
// not what ever was: an item that closed before has nothing left on it.
func (s *Service) StatementOf(ctx context.Context, r db.Reader, in StatementInput) (Statement, error) {
	c, err := s.CustomerByID(ctx, r, in.CustomerID)
	if err != nil {
		return Statement{}, err
	}
	st := Statement{Customer: c, Currency: orElse(in.Currency, c.Currency), From: Date(in.From), To: Date(in.To)}
	if !in.KnownOn.IsZero() {
		st.KnownOn = Date(in.KnownOn)
	}
	if st.Entity, err = s.EntityByID(ctx, r, c.EntityID); err != nil {
		return st, err
	}
	st.Opening, err = db.Value[decimal.Decimal](ctx, r, `select coalesce(sum(l.open), 0) from open_items o
		cross join lateral (select sum(p.amount) as open from postings p where p.item_kind = o.kind and p.item_id = o.document_id and p.dated_on < $3
			and `+knownBy("$4", "$5")+`) l
		where o.customer_id = $1 and o.currency = $2 and (o.closed_on is null or o.closed_on >= least($3, $4::date))`,
		c.ID, st.Currency, st.From, st.posted(), st.Entity.TimeZone)
	if err != nil {
		return st, fmt.Errorf("add up opening balance: %w", err)
	}
	if st.Lines, err = statementLines(ctx, r, st); err != nil {
		return st, err
	}
	st.Closing = st.Opening
	for i := range st.Lines {
		st.Closing = st.Closing.Add(st.Lines[i].Charge).Sub(st.Lines[i].Credit)
		st.Lines[i].Balance = st.Closing
	}
	if st.Items, err = statementItems(ctx, r, st); err != nil || !st.KnownOn.IsZero() || st.To.Before(st.Entity.Day(r.Now())) {
		return st, err // what was to be paid then is not what is to be paid now
	}
	st.PayLink, err = s.PayLinkOf(ctx, r, st.Entity.ID, dunning.Pay{Amount: st.Amount(st.Asked().Now()), Reference: c.Account, Account: c.Account})
	return st, err
}

// statementLines reads what changed the account: every entry by what it did to receivable and unapplied together.
func statementLines(ctx context.Context, r db.Reader, st Statement) ([]StatementLine, error) {
	list, err := db.List[StatementLine](ctx, r, `with moved as (
			select e.id, e.dated_on, e.document_kind, e.document_id, e.document_number, e.reverses_id, sum(p.amount) as amount, min(p.invoice_id) as invoice_id
			from postings p join journal_entries e on e.id = p.entry_id
			where p.customer_id = $1 and p.currency = $2 and p.account in ('receivable', 'unapplied') and p.dated_on between $3 and $4
				and `+knownBy("$5", "$6")+`
			group by e.id having sum(p.amount) <> 0)
		select m.dated_on as "on", case when m.document_kind = 'invoice' then i.kind else m.document_kind end as kind, m.document_number as number,
			coalesce(c.number, w.number, '') as refers, case when m.document_kind = 'invoice' then i.due_on end as due_on,
			greatest(m.amount, 0) as charge, greatest(-m.amount, 0) as credit, m.reverses_id is not null as reversal
		from moved m left join invoices i on m.document_kind = 'invoice' and i.id = m.document_id
		left join credit_memos n on m.document_kind = 'credit_memo' and n.id = m.document_id
		left join invoices c on c.id = coalesce(i.corrects_id, n.invoice_id)
		left join invoices w on m.document_kind = 'write_off' and w.id = m.invoice_id
		order by m.dated_on, m.id`, st.Customer.ID, st.Currency, st.From, st.To, st.posted(), st.Entity.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("read statement: %w", err)
	}
	return list, nil
}

// statementItems reads what was open at the end of the last day. Items that closed before are passed by.
func statementItems(ctx context.Context, r db.Reader, st Statement) ([]StatementItem, error) {
	list, err := db.List[StatementItem](ctx, r, `select o.kind, o.document_id, o.number, o.due_on, l.open,
			case when o.kind = 'invoice' then least(`+heldAsOf("o.document_id", "$3", "$5")+` + coalesce(t.amount, 0), l.open) else 0 end as held, o.opened_on, o.original, coalesce(i.kind, '') as invoice_kind
		from open_items o left join invoices i on o.kind = 'invoice' and i.id = o.document_id
		left join `+saidDisputed("b.customer_id = $1", "$3", "$5")+` t on t.invoice_id = o.document_id
		cross join lateral (select case o.kind when 'invoice' then 1 else -1 end * coalesce(sum(p.amount), 0) as open
			from postings p where p.item_kind = o.kind and p.item_id = o.document_id and p.dated_on <= $3 and `+knownBy("$4", "$5")+`) l
		where o.customer_id = $1 and o.currency = $2 and o.opened_on <= $3 and (o.closed_on is null or o.closed_on > least($3, $4::date - 1)) and l.open <> 0
		order by o.kind = 'invoice' desc, o.due_on, o.document_id`, st.Customer.ID, st.Currency, st.To, st.posted(), st.Entity.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("read open items: %w", err)
	}
	return list, nil
}

// Allocations lists what was applied to an invoice, or from a customer's payments and credits, newest first, those taken
// back included.
func (s *Service) Allocations(ctx context.Context, f AllocationFilter) (Page[AllocationDetail], error) {
	var c conditions
	if f.CustomerID != 0 {
		c.add("a.customer_id = ?", f.CustomerID)
	}
	if f.InvoiceID != 0 {
		c.add("a.invoice_id = ?", f.InvoiceID)
	}
	if len(f.EntityIDs) > 0 {
		c.add("a.entity_id = any (?)", f.EntityIDs)
	}
	c.addAfter(f.After, "a.allocated_on", "a.id")
	limit := limitOf(f.Limit)
	rows, err := db.List[AllocationDetail](ctx, s.db, allocationColumns+fmt.Sprintf(`%s order by a.allocated_on desc, a.id desc limit %d`, c.where(), limit+1), c.args...)
	if err != nil {
		return Page[AllocationDetail]{}, fmt.Errorf("list allocations: %w", err)
	}
	return pageOf(rows, limit, func(a AllocationDetail) string { return cursor{a.AllocatedOn, a.ID}.String() }), nil
}

// AllocationFilter narrows a list of allocations; zero values do not narrow.
type AllocationFilter struct {
	CustomerID CustomerID
	InvoiceID  InvoiceID
	EntityIDs  []EntityID
	After      string
	Limit      int
}
