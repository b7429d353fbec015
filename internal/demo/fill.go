package demo

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"makegood/billing"
	"makegood/cases/clock"
	"makegood/cases/intake"
	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/people"
)

const (
	codeDE = "DE"
	codeSG = "SG"
	zoneDE = "Europe/Berlin"
	zoneSG = "Asia/Singapore"

	mailDE = "billing@nordwall.example"
	mailSG = "billing@nordwall-apac.example"
)

// seed makes the company the same each time.
const seed = 20_261_112

// SupportAddresses are where customers write to, one per legal entity.
func SupportAddresses() []string { return []string{mailDE, mailSG} }

// TokenRoles are the roles that get an API token.
func TokenRoles() []string {
	return []string{"agent", "senior", "supervisor", "controller", "director", "collections", "auditor", "admin"}
}

// Fill makes the company: its people, customers, invoices, payments and cases, by the same commands that screens call. It
// lives through the past in order: the clock of the services shows each moment while it is written.
func Fill(ctx context.Context, s Services) error {
	f := &filler{
		Services: s, rng: rand.New(rand.NewPCG(seed, seed)), //nolint:gosec // the company must be the same each time
		now: s.Now.UTC().Truncate(time.Second), transfers: map[time.Time][]due{},
		intake: intake.New(s.DB, s.Inbox, s.Cases, s.Billing, slog.New(slog.DiscardHandler), intake.Options{TrustedReceivers: []string{Receiver}}),
	}
	defer s.Clock.Set(s.Now)
	if err := f.hurry(ctx); err != nil {
		return err
	}
	for _, part := range []struct {
		name string
		make func(context.Context) error
	}{
		{"house", f.house}, {"promises", f.promises}, {"customers", f.settle}, {"history", f.live}, {"end", f.end},
	} {
		if err := part.make(ctx); err != nil {
			return fmt.Errorf("make %s: %w", part.name, err)
		}
	}
	return nil
}

// filler is the company while it is made.
type filler struct {
	Services
	rng *rand.Rand
	now time.Time

	intake    *intake.Intake
	admin     access.Actor
	users     []member
	entities  map[string]billing.Entity
	calendars map[string]*clock.Compiled
	causes    map[string]int64
	customers []*customer
	agenda    agenda
	transfers map[time.Time][]due
	caughtUp  time.Time
	memos     []credits.RenderDocument // documents to make
}

// member is somebody of the desk.
type member struct {
	people.User
	actor access.Actor
	role  access.Role
	codes []string
}

// customer is one of the customers with what happened to it.
type customer struct {
	billing.SeedCustomer
	code     string // of the legal entity
	invoices []*invoice
	waiting  []*invoice // to be paid together with the next ones
	inCase   bool       // has a case that is not over
}

// invoice is one of a customer's invoices.
type invoice struct {
	billing.Invoice
	paid      bool
	contested bool
}

// connections is how many are used at most: the past is lived through one thing at a time, or one per legal entity.
const connections = 4

// hurry lets those connections wait for the disk no more, as a past that is cut off is begun anew, and has them look rows up
// one by one: the planner knows nothing yet of tables that fill up this fast, and would read them from end to end.
func (f *filler) hurry(ctx context.Context) error {
	return f.tellConnections(ctx, `set synchronous_commit = off; set jit = off; set enable_hashjoin = off; set enable_mergejoin = off`)
}

func (f *filler) tellConnections(ctx context.Context, statement string) error {
	for range connections {
		conn, err := f.DB.Pool().Acquire(ctx)
		if err != nil {
			return fmt.Errorf("take connection: %w", err)
		}
		defer conn.Release()
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}
