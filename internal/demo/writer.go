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
	cancel  context.CancelFunc
	done    sync.WaitGroup
}

// StartWriter lets a customer write about one of their invoices every 20 to 60 seconds.
func StartWriter(ctx context.Context, b *billing.Service, office *postoffice.Office, logger *slog.Logger) *Writer {
	ctx, cancel := context.WithCancel(ctx)
	w := &Writer{billing: b, office: office, logger: logger, cancel: cancel}
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
		pause := 20*time.Second + rand.N(40*time.Second) //nolint:gosec // when a customer writes need not be secret
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
	detail, people, err := w.billing.InvoiceWithPeople(ctx, newest.Rows[rand.IntN(len(newest.Rows))].ID) //nolint:gosec // any will do
	if err != nil {
		return fmt.Errorf("read invoice: %w", err)
	}
	if len(people) == 0 {
		return errNothingToWrite
	}
	l := about(detail, people[rand.IntN(len(people))]) //nolint:gosec // anybody will do
	return w.office.Deliver(l.from.Address, []string{l.to}, l.raw())
}

// about is a mail about a line of an invoice.
func about(detail billing.InvoiceDetail, who billing.Contact) letter {
	c := detail.SoldTo
	v := voiceOf(c.Language)
	pick := func(n int) int { return rand.IntN(n) } //nolint:gosec // any will do
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
