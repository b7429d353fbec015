package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"makegood/credits"
	"makegood/internal/db"
)

// warming is how many pieces a worker does before the measurement, so that connections are open and statements known.
const warming = 20

// PostFigures is what posting gave with a number of clients, beside the baseline of the same rounds.
type PostFigures struct {
	What     string  `json:"what"`
	Clients  int     `json:"clients"`
	Rate     Spread  `json:"rate"`     // memos a second
	Baseline Spread  `json:"baseline"` // transactions a second of pgbench
	Ratio    Spread  `json:"ratio"`    // of the two, round by round
	P50      Spread  `json:"p50_ms"`
	P95      Spread  `json:"p95_ms"`
	P99      Spread  `json:"p99_ms"`
	Cost     Spread  `json:"cost_ms"`          // processor milliseconds a memo, of program and database
	BaseCost Spread  `json:"baseline_cost_ms"` // and a transaction of pgbench
	MustRate float64 `json:"must_rate,omitempty"`
	MustPart float64 `json:"must_ratio,omitempty"`
	Met      *bool   `json:"met,omitempty"`
}

// cell is one measurement: a sort of request with a number of clients.
type cell struct {
	kind    sort
	clients int
}

// postBench is a run of the posting benchmark.
type postBench struct {
	o       Options
	h       *house
	base    *baseline
	ready   string
	figures map[cell]*series
}

// series is what a cell gave round by round.
type series struct{ rate, base, ratio, p50, p95, p99, cost, baseCost []float64 }

// Post measures how many approved credit requests are posted a second, by the very call that the posting job makes:
// spread over 1,000 customers and all of one, with and without a case. Afterwards it proves the books sound.
func Post(ctx context.Context, o Options) (report Report, err error) {
	o = o.filled()
	report.Machine = NewMachine()
	b := postBench{o: o, figures: map[cell]*series{}}
	if b.h, err = openHouse(ctx, o); err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, b.h.close(ctx)) }()
	if b.base, err = newBaseline(ctx, b.h); err != nil {
		return report, err
	}
	b.ready, err = b.h.make(ctx, "post", o.Requests, func(ctx context.Context, database string) error {
		o.Say(fmt.Sprintf("Preparing %d approved requests of each sort", o.Requests))
		s, err := o.Open(ctx, b.h.url(database)+"&synchronous_commit=off", true)
		if err != nil {
			return err
		}
		defer s.DB.Close()
		return prepare(ctx, s, o.Requests)
	})
	if err != nil {
		return report, err
	}
	for round := range o.Rounds {
		for _, clients := range o.Clients {
			if err := b.turn(ctx, round, clients); err != nil {
				return report, err
			}
		}
	}
	report.Post = b.table()
	report.Machine, err = b.h.machine(ctx, report.Machine)
	return report, err
}

// turn measures the baseline and every sort once with a number of clients.
func (b *postBench) turn(ctx context.Context, round, clients int) error {
	ceilings := map[bool]ceiling{}
	for _, hot := range []bool{false, true} {
		accounts := customers
		if hot {
			accounts = 1
		}
		if err := b.h.quiet(ctx); err != nil {
			return err
		}
		var err error
		if ceilings[hot], err = b.base.run(ctx, memoScript, accounts, clients, b.o.Seconds); err != nil {
			return err
		}
	}
	for _, kind := range sorts() {
		load, cost, err := b.measure(ctx, kind, clients)
		if err != nil {
			return fmt.Errorf("post %s with %d clients: %w", kind, clients, err)
		}
		base := ceilings[kind.Hot]
		b.keep(cell{kind, clients}, load, cost, base)
		b.o.Say(fmt.Sprintf("round %d, %2d clients, %-17s %6.0f/s, p95 %5.1f ms, %.2f ms of processor each; pgbench %6.0f/s, %.2f ms", round+1, clients,
			kind.String()+":", load.Rate(), milliseconds(load.Percentile(0.95)), cost, base.rate, base.cost))
	}
	return nil
}

// measure posts on a fresh copy of the prepared database. It tells the processor milliseconds of each memo too.
func (b *postBench) measure(ctx context.Context, kind sort, clients int) (Load, float64, error) {
	name, err := b.h.copy(ctx, b.ready)
	if err != nil {
		return Load{}, 0, err
	}
	s, err := b.o.Open(ctx, b.h.url(name), false)
	if err != nil {
		return Load{}, 0, err
	}
	defer s.DB.Close()
	ids, err := db.Values[credits.ID](ctx, s.DB, `select id from credit_requests where state = 'approved' and explanation = $1 order by id`, kind.note())
	if err != nil {
		return Load{}, 0, err
	}
	post := func(ctx context.Context, id credits.ID) error {
		return s.Credits.Post(ctx, credits.PostRequest{ID: id})
	}
	warm := min(warming*clients, len(ids)/4)
	if _, err := drive(ctx, b.o.Now, clients, time.Minute, ids[:warm], post); err != nil {
		return Load{}, 0, err
	}
	if err := b.h.quiet(ctx); err != nil {
		return Load{}, 0, err
	}
	sessions, err := b.h.sessions(ctx, name)
	if err != nil {
		return Load{}, 0, err
	}
	before := ownTime() + spentBy(sessions)
	load, err := drive(ctx, b.o.Now, clients, time.Duration(b.o.Seconds)*time.Second, ids[warm:], post)
	if err != nil {
		return load, 0, err
	}
	cost := milliseconds(ownTime()+spentBy(sessions)-before) / float64(load.Done)
	return load, cost, prove(ctx, s, warm+load.Done)
}

// prove fails a measurement in which anything but sound postings happened.
func prove(ctx context.Context, s Services, posted int) error {
	n, err := db.Value[int](ctx, s.DB, `select count(*) from credit_memos`)
	if err != nil {
		return err
	}
	if n != posted {
		return fmt.Errorf("%d requests were worked and %d memos posted", posted, n)
	}
	faults, err := s.Billing.Verify(ctx)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		return fmt.Errorf("the books are not sound after it: %s: %s: %s", faults[0].Check, faults[0].Row, faults[0].Detail)
	}
	return nil
}

func (b *postBench) keep(c cell, load Load, cost float64, base ceiling) {
	f := b.figures[c]
	if f == nil {
		f = &series{}
		b.figures[c] = f
	}
	f.rate, f.base, f.ratio = append(f.rate, load.Rate()), append(f.base, base.rate), append(f.ratio, load.Rate()/base.rate)
	f.cost, f.baseCost = append(f.cost, cost), append(f.baseCost, base.cost)
	f.p50 = append(f.p50, milliseconds(load.Percentile(0.50)))
	f.p95 = append(f.p95, milliseconds(load.Percentile(0.95)))
	f.p99 = append(f.p99, milliseconds(load.Percentile(0.99)))
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
