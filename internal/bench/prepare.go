package bench

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/scenario"
)

const (
	customers     = 1000
	issueAtOnce   = 500
	prepareAtOnce = 4
)

// sort is one kind of approved request to post.
type sort struct {
	Hot  bool // all of one customer, instead of spread over a thousand
	Case bool // asked for in a case: its dispute line is settled, its hold released, the customer written to
}

func sorts() []sort { return []sort{{false, false}, {true, false}, {false, true}, {true, true}} }

func (s sort) String() string {
	name := "spread"
	if s.Hot {
		name = "hot"
	}
	if s.Case {
		return name + " with case"
	}
	return name
}

// reason marks the requests of a sort in the database.
func (s sort) note() string { return "benchmark: " + s.String() }

// preparation fills a database with requests that are approved and wait to be posted.
type preparation struct {
	s        Services
	company  scenario.Company
	agent    access.Actor
	contacts []billing.SeedCustomer
	each     int
}

// prepare does everything through the commands that people's screens call.
func prepare(ctx context.Context, s Services, each int) error {
	p := preparation{s: s, each: each}
	var err error
	if p.company, err = scenario.Build(ctx, scenario.Services{DB: s.DB, People: s.People, Billing: s.Billing, Cases: s.Cases, Credits: s.Credits}, scenario.Options{}); err != nil {
		return err
	}
	p.agent = p.company.Actor(access.Agent)
	if err := p.seed(ctx); err != nil {
		return err
	}
	for _, kind := range sorts() {
		if err := p.requests(ctx, kind); err != nil {
			return fmt.Errorf("prepare %s: %w", kind, err)
		}
	}
	return nil
}

// seed adds the customers, and a level at which the agent may approve alone: how requests came to be approved is not
// what is measured.
func (p *preparation) seed(ctx context.Context) error {
	enough := decimal.NewFromInt(1_000_000_000)
	return p.s.DB.Do(ctx, func(tx *db.Tx) error {
		var err error
		if p.contacts, err = p.s.Billing.SeedCustomersTx(ctx, tx, thousand(p.company.Entity)); err != nil {
			return err
		}
		return p.s.Credits.SeedLevelsTx(ctx, tx, []credits.LevelSeed{{
			Rank: 99, Name: "Benchmark", Limits: []credits.Limit{{Kind: billing.BillingError, MaxAmount: &enough, OwnLimit: enough}},
			Holders: []credits.HolderSeed{{Who: credits.Who{UserID: p.agent.UserID}}},
		}})
	})
}

// requests prepares the approved requests of a sort, each on an invoice of its own.
func (p *preparation) requests(ctx context.Context, kind sort) error {
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var all sync.WaitGroup
	invoices, err := p.invoices(ctx, kind)
	if err != nil {
		return err
	}
	for range prepareAtOnce {
		all.Go(func() {
			for at := next.Add(1) - 1; at < int64(len(invoices)) && failed.Load() == nil; at = next.Add(1) - 1 {
				if err := p.request(ctx, kind, invoices[at], p.contacts[p.who(kind, int(at))]); err != nil {
					failed.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	all.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

// who is the place of the customer that the n-th request of a sort is for.
func (p *preparation) who(kind sort, n int) int {
	if kind.Hot {
		return 0
	}
	return n % customers
}

func (p *preparation) invoices(ctx context.Context, kind sort) ([]billing.Invoice, error) {
	var all []billing.Invoice
	for len(all) < p.each {
		err := p.s.DB.Do(ctx, func(tx *db.Tx) error {
			var batch []billing.NewInvoice
			for n := len(all); n < min(len(all)+issueAtOnce, p.each); n++ {
				batch = append(batch, bill(p.contacts[p.who(kind, n)].Customer, tx.Now()))
			}
			issued, err := p.s.Billing.IssueInvoicesTx(ctx, tx, batch)
			all = append(all, issued...)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}
