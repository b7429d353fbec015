package billing

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/dunning"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// KeptBack says why no reminder goes out for an invoice.
type KeptBack string

// The reasons: a dunning block covers the day (its last day included), or a hold ended or was lowered on this very day.
const (
	NotKeptBack  KeptBack = ""
	ByBlock      KeptBack = "blocked"
	HoldEndToday KeptBack = "hold_ends_today"
)

// Collectible is an open invoice with what may be asked for it on a day: Open = Held + Promised + KeptBack + Covered +
// Dunnable, and Open − Held may be paid.
type Collectible struct {
	dunning.Parts
	InvoiceID    InvoiceID
	Number       string
	CustomerID   CustomerID
	CustomerName string
	Account      string
	EntityID     EntityID
	Currency     money.Currency
	DueOn        time.Time
	Overdue      int // days past due
	Level        int // of reminder, by days overdue; 0 while not overdue
	Why          KeptBack
	BlockedUntil time.Time // the last day of the block, of ByBlock
	PayLink      string    `db:"-"` // where what is collectible of it is paid; "" for none
}

// Amount is a sum in the invoice's currency.
func (c Collectible) Amount(value decimal.Decimal) money.Amount { return money.Of(value, c.Currency) }

// OnList tells whether a reminder may go out on the day, and so stands on the dunning list.
func (c Collectible) OnList() bool { return c.Level > 0 && c.Dunnable.IsPositive() }

// CollectQuery asks for open invoices: of an entity, of a customer, or one. The zero Day is today at the entity that issued
// the invoice.
type CollectQuery struct {
	EntityID   EntityID
	CustomerID CustomerID
	InvoiceID  InvoiceID
	Day        time.Time
}

// Collectible is the one answer to what may be asked of a customer, used by the dunning list, by promises and wherever the
// undisputed part is shown: each open invoice with its parts, the oldest due first. It reads what is open now; what it
// tells of a later day is what that day would be like if nothing happened.
func (s *Service) Collectible(ctx context.Context, r db.Reader, q CollectQuery) ([]Collectible, error) {
	entities, err := listEntities(ctx, r)
	if err != nil {
		return nil, err
	}
	if q.InvoiceID != 0 && q.CustomerID == 0 {
		customers, err := db.Values[CustomerID](ctx, r, `select customer_id from open_items where kind = 'invoice' and document_id = $1`, q.InvoiceID)
		if err != nil {
			return nil, fmt.Errorf("find customer of invoice: %w", err)
		}
		if len(customers) == 0 {
			return nil, ErrNoInvoice
		}
		q.CustomerID = customers[0]
	}
	var list []Collectible
	for _, e := range entities {
		if q.EntityID != 0 && q.EntityID != e.ID {
			continue
		}
		part, err := s.collectibleOf(ctx, r, e, q)
		if err != nil {
			return nil, err
		}
		list = append(list, part...)
	}
	if q.InvoiceID != 0 {
		list = slices.DeleteFunc(list, func(c Collectible) bool { return c.InvoiceID != q.InvoiceID })
	}
	return list, nil
}

// collectibleOf reads the invoices of one entity and divides them customer by customer, currency by currency.
func (s *Service) collectibleOf(ctx context.Context, r db.Reader, e Entity, q CollectQuery) ([]Collectible, error) {
	if q.Day.IsZero() {
		q.Day = e.Day(r.Now())
	}
	q.EntityID, q.Day = e.ID, Date(q.Day)
	policy, err := s.CollectionPolicy(ctx, r, e.ID)
	if err != nil {
		return nil, err
	}
	facts, err := collectFacts(ctx, r, q)
	if err != nil || len(facts) == 0 {
		return nil, err
	}
	promised, err := openPromises(ctx, r, e.ID, q.CustomerID)
	if err != nil {
		return nil, err
	}
	unapplied, err := unappliedSums(ctx, r, e.ID, q.CustomerID)
	if err != nil {
		return nil, err
	}
	groups := map[promiseTarget][]collectFact{}
	for _, f := range facts {
		group := promiseTarget{f.CustomerID, f.Currency, 0}
		groups[group] = append(groups[group], f)
	}
	list := make([]Collectible, 0, len(facts))
	for group, members := range groups {
		items := make([]dunning.Item, len(members))
		for i := range members {
			f := &members[i]
			f.look(e, q.Day)
			items[i] = dunning.Item{
				InvoiceID: int64(f.InvoiceID), DueOn: f.DueOn, Open: f.Open, Held: f.Held, KeptBack: f.Why != NotKeptBack,
				Promised: promised[promiseTarget{f.CustomerID, f.Currency, f.InvoiceID}],
			}
		}
		for i, parts := range dunning.Divide(items, promised[group], unapplied[group]) {
			c := members[i].Collectible
			c.Parts, c.Overdue = parts, dunning.DaysOverdue(c.DueOn, q.Day)
			c.Level = dunning.Level(policy.LevelDays, c.Overdue)
			c.PayLink = policy.PaymentLink.For(dunning.Pay{Amount: c.Amount(c.Collectible()), Reference: c.Number, Account: c.Account})
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b Collectible) int {
		if c := a.DueOn.Compare(b.DueOn); c != 0 {
			return c
		}
		return int(a.InvoiceID - b.InvoiceID)
	})
	return list, nil
}

// look tells why an invoice is kept back on the day, if it is.
func (f *collectFact) look(e Entity, day time.Time) {
	switch {
	case f.LastBlocked != nil:
		f.Why, f.BlockedUntil = ByBlock, *f.LastBlocked
	case f.HoldLowered != nil && e.Day(*f.HoldLowered).Equal(day):
		f.Why = HoldEndToday
	}
}

// DunningQuery asks for an entity's dunning list of a day; the zero Day is today. After is the Next of the page before.
type DunningQuery struct {
	EntityID EntityID
	Day      time.Time
	Limit    int
	After    string
	By       Actor
}

// DunningList is what may be reminded of on a day, and the overdue invoices that may not, with the reason in their parts.
type DunningList struct {
	Day      time.Time
	Rows     []Collectible // something may be asked for; the highest level first, then the longest overdue
	KeptBack []Collectible // overdue, and nothing may be asked for today
	Totals   []CollectTotal
	Next     string
}

// CollectTotal sums overdue invoices of one currency: everything overdue, and what of it stands on the list.
type CollectTotal struct {
	Currency money.Currency
	Invoices int
	OnList   int
	dunning.Parts
}

// DunningList reads the dunning list of an entity. What is disputed, promised or blocked is never on it, and nothing of an
// invoice on the day a hold or a block on it ends. A day that has passed is refused: what was open then is not kept.
func (s *Service) DunningList(ctx context.Context, q DunningQuery) (DunningList, error) {
	if err := access.Can(q.By, access.ReadBooks, access.Object{EntityID: int64(q.EntityID)}); err != nil {
		return DunningList{}, err
	}
	entity, err := s.EntityByID(ctx, s.db, q.EntityID)
	if err != nil {
		return DunningList{}, err
	}
	today := entity.Day(s.db.Now())
	if q.Day.IsZero() {
		q.Day = today
	}
	if q.Day = Date(q.Day); q.Day.Before(today) {
		return DunningList{}, errs.InvalidField("day", "billing.day_has_passed")
	}
	all, err := s.Collectible(ctx, s.db, CollectQuery{EntityID: q.EntityID, Day: q.Day})
	if err != nil {
		return DunningList{}, err
	}
	overdue := slices.DeleteFunc(all, func(c Collectible) bool { return c.Level == 0 })
	slices.SortStableFunc(overdue, func(a, b Collectible) int { return b.Level - a.Level })
	list := DunningList{Day: q.Day, Totals: totalsOf(overdue)}
	for _, c := range overdue {
		if c.OnList() {
			list.Rows = append(list.Rows, c)
		} else {
			list.KeptBack = append(list.KeptBack, c)
		}
	}
	if at := slices.IndexFunc(list.Rows, func(c Collectible) bool { return c.Number == q.After }); at >= 0 {
		list.Rows = list.Rows[at+1:]
	}
	page := pageOf(list.Rows, limitOf(q.Limit), func(c Collectible) string { return c.Number })
	list.Rows, list.Next = page.Rows, page.Next
	return list, nil
}

func totalsOf(list []Collectible) []CollectTotal {
	var totals []CollectTotal
	for _, c := range list {
		at := slices.IndexFunc(totals, func(t CollectTotal) bool { return t.Currency == c.Currency })
		if at < 0 {
			at = len(totals)
			totals = append(totals, CollectTotal{Currency: c.Currency})
		}
		t := &totals[at]
		t.Parts, t.Invoices = t.Parts.Add(c.Parts), t.Invoices+1
		if c.OnList() {
			t.OnList++
		}
	}
	slices.SortFunc(totals, func(a, b CollectTotal) int { return b.Open.Cmp(a.Open) })
	return totals
}
