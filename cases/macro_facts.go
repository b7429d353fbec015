package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"makegood/cases/letters"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// macroFacts is what macros tell of cases, read for all of them at once.
type macroFacts struct {
	entity   string // that writes where a case has none
	frames   map[ID]macroFrame
	people   map[ID]string // the name of whom a reply goes to; none where nobody takes part
	invoices map[ID][]string
	credits  map[ID]map[int64]credit
}

type macroFrame struct {
	ID       ID
	Customer string
	Account  string
	Entity   string
}

type macroName struct {
	ID   ID
	Name string
}

// batcher reads several things in one round trip.
type batcher interface {
	Batch(ctx context.Context, batch *pgx.Batch) error
}

func factsOf(ctx context.Context, r batcher, ids ...ID) (macroFacts, error) {
	f := macroFacts{frames: map[ID]macroFrame{}, people: map[ID]string{}, invoices: map[ID][]string{}, credits: map[ID]map[int64]credit{}}
	streams := make([]string, len(ids))
	for n, id := range ids {
		streams[n] = string(audit.Case(int64(id)))
	}
	var (
		frames           []macroFrame
		people, invoices []macroName
		credits          []creditRow
		entities         []macroName
	)
	b := &pgx.Batch{}
	db.QueueList(b, &frames, `select c.id, coalesce(cu.name, '') as customer, coalesce(cu.account, '') as account, coalesce(e.name, '') as entity
		from cases c left join customers cu on cu.id = c.customer_id left join legal_entities e on e.id = c.entity_id where c.id = any ($1)`, ids)
	db.QueueList(b, &people, `select distinct on (p.case_id) p.case_id as id, p.name from case_participants p
		left join lateral (select m.author_address from case_messages m where m.case_id = p.case_id and m.kind = 'inbound' and not m.machine
			order by m.at desc, m.id desc limit 1) last on true
		where p.case_id = any ($1) and p.accepted
		order by p.case_id, (p.address = lower(last.author_address)) desc nulls last, p.added_at, p.address`, ids)
	db.QueueList(b, &invoices, `select l.case_id as id, i.number as name from case_invoices l join invoices i on i.id = l.invoice_id
		where l.case_id = any ($1) order by i.number`, ids)
	db.QueueList(b, &credits, creditRowsQuery, streams)
	db.QueueList(b, &entities, `select id, name from legal_entities order by code limit 1`)
	if err := r.Batch(ctx, b); err != nil {
		return f, fmt.Errorf("read what a macro tells: %w", err)
	}
	for _, one := range frames {
		f.frames[one.ID] = one
	}
	for _, one := range people {
		f.people[one.ID] = one.Name
	}
	for _, one := range invoices {
		f.invoices[one.ID] = append(f.invoices[one.ID], one.Name)
	}
	for _, one := range entities {
		f.entity = one.Name
	}
	of := map[string][]creditRow{}
	for _, row := range credits {
		of[row.Stream] = append(of[row.Stream], row)
	}
	for n, id := range ids {
		f.credits[id] = lastWords(of[streams[n]])
	}
	return f, nil
}

// values are what the variables of macros stand for in one case.
func (f macroFacts) values(c Case, by access.Actor) (map[string]string, error) {
	frame := f.frames[c.ID]
	if frame.Entity == "" {
		frame.Entity = f.entity
	}
	values := map[string]string{
		"name": f.people[c.ID], "customer": frame.Customer, "account": frame.Account, "number": c.Number, "subject": c.Subject,
		"invoices": strings.Join(f.invoices[c.ID], ", "), "entity": frame.Entity, "agent": by.Name,
	}
	var disputed []money.Amount
	if c.Disputed.IsPositive() {
		disputed = []money.Amount{c.InDispute()}
	}
	for name, sums := range map[string][]money.Amount{
		"disputed": disputed, "approved": f.sums(c.ID, CreditApproved), "credited": f.sums(c.ID, CreditPosted),
	} {
		texts := make([]string, len(sums))
		for n, sum := range sums {
			var err error
			if texts[n], err = letters.Money(c.Language, sum); err != nil {
				return nil, err
			}
		}
		values[name] = strings.Join(texts, " + ")
	}
	return values, nil
}

// sums are the credits of a case in a state that give the customer money, added up for each currency.
func (f macroFacts) sums(id ID, state CreditState) []money.Amount {
	totals := map[money.Currency]decimal.Decimal{}
	for _, a := range backing(f.credits[id], state) {
		totals[a.Currency()] = totals[a.Currency()].Add(a.Decimal())
	}
	var list []money.Amount
	for currency, total := range totals {
		list = append(list, money.Of(total, currency))
	}
	slices.SortFunc(list, func(a, b money.Amount) int { return strings.Compare(string(a.Currency()), string(b.Currency())) })
	return list
}

// write is the text of a macro for one case. A variable that stands for nothing there is refused with its name: ErrMacroVariables.
func (f macroFacts) write(m Macro, c Case, by access.Actor) (string, error) {
	values, err := f.values(c, by)
	if err != nil {
		return "", err
	}
	filled, err := letters.FillPassage(m.Body, values)
	if err != nil {
		return "", err
	}
	if len(filled.Empty) > 0 {
		return "", errs.New(ErrMacroVariables.Kind, ErrMacroVariables.Key, "name", m.Name, "number", c.Number, "variables", strings.Join(filled.Empty, ", "))
	}
	return filled.Text, nil
}
