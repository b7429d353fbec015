package reports

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/money"
)

// OpenWork is all open work as the board needs it, read once: what was put off is in it too, for it is open, and its money in dispute. A deadline
// that has passed counts as a breach at once, also before its timer has written so.
type OpenWork struct {
	by    access.Actor
	now   time.Time
	cells []workCell
	risks []riskCell
}

// band is how near a case is to its breach.
type band int

const (
	bandBreached band = 1 + iota
	bandSoon          // within a quarter of an hour
	bandHour
	bandToday
	bandTomorrow
	bandLater
	bandPaused
)

// bandOf is the band of a case c at the moment $2, where the reader's day and the next end at $3 and $4.
const bandOf = `case when c.breached or (not c.clock_paused and c.next_due_at <= $2) then 1 when c.next_due_at is null or c.clock_paused then 7
	when c.next_due_at <= $2::timestamptz + interval '15 minutes' then 2 when c.next_due_at <= $2::timestamptz + interval '1 hour' then 3
	when c.next_due_at < $3 then 4 when c.next_due_at < $4 then 5 else 6 end`

// openTo is what of the open cases c the actor of the legal entities $1 may see.
const openTo = `c.status in ('new','open','waiting') and (cardinality($1::bigint[]) = 0 or c.entity_id is null or c.entity_id = any ($1))`

// waitingOns are whom a case waits on, in the order that workCell counts them.
func waitingOns() []string {
	return []string{"", "customer", "approver", "upstream", "third_party", "billing"}
}

// workCell counts the open cases of one person, one band and one that is waited on. They are told apart by one number: grouped by the columns
// themselves it takes twice the time.
type workCell struct {
	Key              int64
	Cases            int
	Unanswered       int
	OldestUnanswered *time.Time
	Oldest           time.Time
}

const (
	workKeys = `coalesce(c.assignee_id, 0) * 100 + (coalesce(array_position(array['','customer','approver','upstream','third_party','billing'], c.waiting_on), 1) - 1) * 10`
	perUser  = 100
	perOn    = 10
)

func (c workCell) assignee() int64 { return c.Key / perUser }
func (c workCell) waitsOn() string { return waitingOns()[c.Key%perUser/perOn] }
func (c workCell) band() band      { return band(c.Key % perOn) }
func (c workCell) dueWithin60() bool {
	return c.band() == bandSoon || c.band() == bandHour
}

// riskCell is the money in dispute of one currency and band; Base is in billing.AuthorityCurrency.
type riskCell struct {
	Currency money.Currency
	Band     band
	Cases    int
	Amount   decimal.Decimal
	Base     decimal.Decimal
}

// OpenWork reads open work for somebody whose day and whose next day end at these moments.
func (s *Service) OpenWork(ctx context.Context, by access.Actor, dayEnds, tomorrowEnds time.Time) (OpenWork, error) {
	w := OpenWork{by: by, now: s.db.Now()}
	batch := &pgx.Batch{}
	args := []any{scopeOf(by), w.now, dayEnds, tomorrowEnds}
	db.QueueList(batch, &w.cells, `select `+workKeys+` + `+bandOf+` as key, count(*) as cases, count(c.unanswered_since) as unanswered,
		min(c.unanswered_since) as oldest_unanswered, min(c.opened_at) as oldest from cases c where `+openTo+` group by 1`, args...)
	db.QueueList(batch, &w.risks, `select c.disputed_currency as currency, `+bandOf+` as band, count(*) as cases, sum(c.disputed) as amount, sum(c.risk_base) as base
		from cases c where `+openTo+` and c.disputed > 0 group by 1, 2`, args...)
	if err := s.db.KeyedBatch(ctx, batch); err != nil {
		return w, fmt.Errorf("read open work: %w", err)
	}
	return w, nil
}

// load is what each person has: the people, and beside them how many are on us, wait, and are late.
func (w OpenWork) load() (users []int64, counts [3][]int) {
	type share struct{ onUs, waiting, late int }
	shares := map[int64]share{}
	for _, c := range w.cells {
		if c.assignee() == 0 {
			continue
		}
		of := shares[c.assignee()]
		if c.waitsOn() == "" {
			of.onUs += c.Cases
		} else {
			of.waiting += c.Cases
		}
		if c.band() == bandBreached {
			of.late += c.Cases
		}
		shares[c.assignee()] = of
	}
	users = slices.Sorted(maps.Keys(shares))
	for _, u := range users {
		counts[0], counts[1], counts[2] = append(counts[0], shares[u].onUs), append(counts[1], shares[u].waiting), append(counts[2], shares[u].late)
	}
	return users, counts
}

// WaitingSplit counts the open cases by whom they wait for; "" is us.
func (w OpenWork) WaitingSplit() map[string]int {
	split := map[string]int{}
	for _, c := range w.cells {
		split[c.waitsOn()] += c.Cases
	}
	return split
}

// RiskPart is the money in dispute in one currency; Base is the same in billing.AuthorityCurrency.
type RiskPart struct {
	Currency money.Currency
	Amount   decimal.Decimal
	Base     decimal.Decimal
	Cases    int
}

// RiskByCurrency lists the money in dispute, the largest sum first.
func (w OpenWork) RiskByCurrency() []RiskPart {
	var list []RiskPart
	for _, c := range w.risks {
		n := slices.IndexFunc(list, func(p RiskPart) bool { return p.Currency == c.Currency })
		if n < 0 {
			n, list = len(list), append(list, RiskPart{Currency: c.Currency})
		}
		list[n].Amount, list[n].Base, list[n].Cases = list[n].Amount.Add(c.Amount), list[n].Base.Add(c.Base), list[n].Cases+c.Cases
	}
	slices.SortFunc(list, func(a, b RiskPart) int {
		if d := b.Base.Cmp(a.Base); d != 0 {
			return d
		}
		return strings.Compare(string(a.Currency), string(b.Currency))
	})
	return list
}

// RiskBand is the money in dispute whose deadline falls into a stretch of time; Base is in billing.AuthorityCurrency.
type RiskBand struct {
	Band  string // breached, hour, today, tomorrow, later, paused
	Cases int
	Base  decimal.Decimal
}

// RiskByDue adds up the money in dispute by when its case breaches, the nearest first.
func (w OpenWork) RiskByDue() []RiskBand {
	list := []RiskBand{{Band: "breached"}, {Band: "hour"}, {Band: "today"}, {Band: "tomorrow"}, {Band: "later"}, {Band: "paused"}}
	place := map[band]int{bandBreached: 0, bandSoon: 1, bandHour: 1, bandToday: 2, bandTomorrow: 3, bandLater: 4, bandPaused: 5}
	for _, c := range w.risks {
		into := &list[place[c.Band]]
		into.Cases, into.Base = into.Cases+c.Cases, into.Base.Add(c.Base)
	}
	return list
}

// BoardFigures are the six figures at the head of the board, each with the case behind its extreme.
type BoardFigures struct {
	Open             int
	Breached         int
	Due15            int // running, due within a quarter of an hour
	Due60            int // running, due within the hour; those of Due15 too
	Due60Unassigned  int
	Unanswered       int
	OldestUnanswered *time.Time
	OldestNumber     string
	Unassigned       int
	OldestUnassigned *time.Time
	Worst            *Extreme // nil where none was missed
	Next             *Extreme
	Risk             decimal.Decimal // in billing.AuthorityCurrency
}

// Extreme is the case with the first deadline of its kind.
type Extreme struct {
	Number   string
	Customer string
	DueAt    time.Time
}

// BoardFigures adds up open work, and looks up the cases behind the extremes.
func (s *Service) BoardFigures(ctx context.Context, w OpenWork) (BoardFigures, error) {
	f := w.figures()
	found, err := db.List[struct {
		Extreme

		Late bool
	}](ctx, s.db.Ordered(), `(select true as late, `+extreme+` and (c.breached or (not c.clock_paused and c.next_due_at <= $2)) order by c.next_due_at, c.id limit 1)
		union all (select false as late, `+extreme+` and c.next_due_at > $2 and not c.breached and not c.clock_paused order by c.next_due_at, c.id limit 1)`, scopeOf(w.by), w.now)
	if err != nil {
		return f, fmt.Errorf("find the nearest deadlines: %w", err)
	}
	for _, e := range found {
		if e.Late {
			f.Worst = &e.Extreme
		} else {
			f.Next = &e.Extreme
		}
	}
	if f.OldestUnanswered == nil {
		return f, nil
	}
	// It was opened before it was left unanswered: along the oldest cases it is soon found.
	f.OldestNumber, err = db.Value[string](ctx, s.db.Ordered(), `select c.number from cases c where `+openTo+` and c.unanswered_since = $2 and c.opened_at <= $2 order by c.opened_at, c.id limit 1`,
		scopeOf(w.by), *f.OldestUnanswered)
	if err != nil && !errors.Is(err, db.ErrNoRow) { // it may have been answered in this moment
		return f, fmt.Errorf("find the oldest unanswered: %w", err)
	}
	return f, nil
}

// extreme reads cases with a deadline.
const extreme = `c.number, c.next_due_at as due_at, coalesce((select k.name from customers k where k.id = c.customer_id), '') as customer
	from cases c where ` + openTo + ` and c.next_due_at is not null`

func (w OpenWork) figures() BoardFigures {
	var f BoardFigures
	for _, c := range w.cells {
		f.Open += c.Cases
		f.Unanswered += c.Unanswered
		f.OldestUnanswered = earlier(f.OldestUnanswered, c.OldestUnanswered)
		free := c.assignee() == 0
		if free {
			f.Unassigned += c.Cases
			f.OldestUnassigned = earlier(f.OldestUnassigned, &c.Oldest)
		}
		switch {
		case c.band() == bandBreached:
			f.Breached += c.Cases
		case c.dueWithin60():
			f.Due60 += c.Cases
			if c.band() == bandSoon {
				f.Due15 += c.Cases
			}
			if free {
				f.Due60Unassigned += c.Cases
			}
		}
	}
	for _, r := range w.risks {
		f.Risk = f.Risk.Add(r.Base)
	}
	return f
}

func earlier(a, b *time.Time) *time.Time {
	if a == nil || b != nil && b.Before(*a) {
		return b
	}
	return a
}
