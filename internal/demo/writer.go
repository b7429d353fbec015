package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"makegood/billing"
	"makegood/internal/demo/postoffice"
)

// Writer is the customers who keep writing while the demo runs.
type Writer struct {
	billing *billing.Service
	office  *postoffice.Office
	logger  *slog.Logger
	chance  *dice
	cancel  context.CancelFunc
	done    sync.WaitGroup
}

// dice decides who writes about what. It may be thrown from several goroutines.
type dice struct {
	mu  sync.Mutex
	rnd *rand.Rand
}

func (d *dice) pick(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rnd.IntN(n)
}

// StartWriter lets a customer write about one of their invoices every 20 to 60 seconds. The same seed over the same
// company lets the same customers write the same.
func StartWriter(ctx context.Context, b *billing.Service, office *postoffice.Office, seed uint64, logger *slog.Logger) *Writer {
	ctx, cancel := context.WithCancel(ctx)
	chance := &dice{rnd: rand.New(rand.NewPCG(seed, seed))} //nolint:gosec // who writes about what need not be secret
	w := &Writer{billing: b, office: office, logger: logger, chance: chance, cancel: cancel}
	w.done.Go(func() { w.run(ctx) })
	return w
}

// Stop ends the writing. It may be repeated.
func (w *Writer) Stop() {
	w.cancel()
	w.done.Wait()
}

func (w *Writer) run(ctx context.Context) {
	for {
		pause := 20*time.Second + time.Duration(w.chance.pick(40_000))*time.Millisecond
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		if err := w.WriteOne(ctx); err != nil && ctx.Err() == nil {
			w.logger.WarnContext(ctx, "customer could not write", "error", err.Error())
		}
	}
}

var errNothingToWrite = errors.New("no invoice to write about")

// WriteOne has one customer write now.
func (w *Writer) WriteOne(ctx context.Context) error {
	newest, err := w.billing.Invoices(ctx, billing.InvoiceFilter{Limit: 300})
	if err != nil {
		return fmt.Errorf("find invoices: %w", err)
	}
	if len(newest.Rows) == 0 {
		return errNothingToWrite
	}
	detail, people, err := w.billing.InvoiceWithPeople(ctx, newest.Rows[w.chance.pick(len(newest.Rows))].ID)
	if err != nil {
		return fmt.Errorf("read invoice: %w", err)
	}
	if len(people) == 0 {
		return errNothingToWrite
	}
	l := about(detail, people[w.chance.pick(len(people))], w.chance.pick)
	return w.office.Deliver(l.from.Address, []string{l.to}, l.raw())
}

// about is a mail about a line of an invoice.
func about(detail billing.InvoiceDetail, who billing.Contact, pick func(n int) int) letter {
	c := detail.SoldTo
	v := voiceOf(c.Language)
	topics := slices.Sorted(maps.Keys(v.claims))
	said := v.claims[topics[pick(len(topics))]]
	line := detail.Lines[pick(len(detail.Lines))]
	m := matterOf(&customer{SeedCustomer: billing.SeedCustomer{Customer: c}}, who, &invoice{Invoice: detail.Invoice}, line.InvoiceLine, line.Net.Add(line.TaxShare))
	l := letter{
		to: detail.Entity.SupportAddress, subject: m.fill(said.subject), at: time.Now(), //nolint:forbidigo // written at this very moment
		body: v.greeting[pick(len(v.greeting))] + "\n\n" + m.fill(said.bodies[pick(len(said.bodies))]) + "\n\n" + m.fill(v.closing),
	}
	l.from.Name, l.from.Address = who.Name, who.Email
	l.id = fmt.Sprintf("%d.%d@%s", l.at.UnixNano(), pick(1_000_000), domainOf(who.Email))
	return l
}
