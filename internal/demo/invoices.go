package demo

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/db"
)

// invoicesInAll is how many invoices the past holds.
const invoicesInAll = 2_000

// runs are the moments at which invoices are issued: the second and the sixteenth of each month, the last fourteen of each.
func (f *filler) runs() [2][]time.Time {
	var runs [2][]time.Time
	for half, day := range []int{2, 16} {
		at := time.Date(f.now.Year(), f.now.Month(), day, 4, 0, 0, 0, time.UTC)
		if at.After(f.now.Add(-time.Hour)) {
			at = at.AddDate(0, -1, 0)
		}
		for i := range months {
			runs[half] = append(runs[half], at.AddDate(0, i-months+1, 0))
		}
	}
	return runs
}

// planInvoices puts the issuing of all invoices on the agenda.
func (f *filler) planInvoices() {
	runs := f.runs()
	batches := map[time.Time][]billing.NewInvoice{}
	for i, c := range f.customers {
		if c.Kind == billing.EndCustomer {
			continue
		}
		half := i % 2
		count := f.cycles()[c.ID]
		for n := months - count; n < months; n++ {
			at := runs[half][n]
			batches[at] = append(batches[at], f.orders(c, at)...)
		}
	}
	for half := range runs {
		for _, at := range runs[half] {
			f.agenda.at(at, func(ctx context.Context) error { return f.issue(ctx, batches[at]) })
		}
	}
}

// cycles is how many months each customer has been billed for, so that the invoices add up.
func (f *filler) cycles() map[billing.CustomerID]int {
	counts := map[billing.CustomerID]int{}
	left, silver := invoicesInAll, 0
	for _, c := range f.customers {
		switch {
		case c.Kind == billing.EndCustomer:
		case c.Kind == billing.Partner:
			counts[c.ID] = months
			left -= months * endCustomers
		case c.Tier == billing.Platinum:
			counts[c.ID] = months
			left -= months
		case c.Tier == billing.Gold:
			counts[c.ID] = months - 2
			left -= months - 2
		default:
			silver++
		}
	}
	each, more := left/silver, left%silver
	for _, c := range f.customers {
		if c.Kind != billing.Direct || c.Tier != billing.Silver {
			continue
		}
		counts[c.ID] = each
		if more > 0 {
			counts[c.ID]++
			more--
		}
	}
	return counts
}

// orders are the invoices of a customer for one run: a partner gets one for each of its customers.
func (f *filler) orders(c *customer, at time.Time) []billing.NewInvoice {
	if c.Kind != billing.Partner {
		return []billing.NewInvoice{f.order(c, c, at)}
	}
	var list []billing.NewInvoice
	for _, end := range f.customers {
		if end.ParentID != nil && *end.ParentID == c.ID {
			list = append(list, f.order(c, end, at))
		}
	}
	return list
}

func (f *filler) order(billTo, soldTo *customer, at time.Time) billing.NewInvoice {
	day := billing.Date(at)
	from := time.Date(day.Year(), day.Month()-1, 1, 0, 0, 0, 0, time.UTC)
	in := billing.NewInvoice{
		EntityID: billTo.EntityID, CustomerID: billTo.ID, SoldToID: soldTo.ID, Currency: billTo.Currency, IssuedOn: day,
		ServiceFrom: from, ServiceTo: from.AddDate(0, 1, -1), By: access.SystemActor("billing run"),
	}
	if f.rng.IntN(100) < 40 {
		in.PurchaseOrder = fmt.Sprintf("PO-%d-%04d", at.Year(), 1000+f.rng.IntN(9000))
	}
	most := map[billing.Tier]int{billing.Platinum: 12, billing.Gold: 7, billing.Silver: 4}[soldTo.Tier]
	list := products()
	start, step := f.rng.IntN(len(list)), []int{5, 7, 11}[f.rng.IntN(3)] // without a common divisor with the number of products
	for i := range 1 + f.rng.IntN(most) {
		in.Lines = append(in.Lines, f.line(list[(start+i*step)%len(list)], soldTo, from))
	}
	return in
}

// issue issues the invoices of a run, for each legal entity by itself, and notes when they will be paid.
func (f *filler) issue(ctx context.Context, batch []billing.NewInvoice) error {
	parts := map[string][]billing.NewInvoice{}
	for _, in := range batch {
		code := f.byCustomer(in.CustomerID).code
		parts[code] = append(parts[code], in)
	}
	made := map[string]*[]billing.Invoice{codeDE: {}, codeSG: {}}
	var group errgroup.Group
	for code, list := range made {
		group.Go(func() error {
			return f.DB.Do(ctx, func(tx *db.Tx) error {
				var err error
				*list, err = f.Billing.IssueInvoicesTx(ctx, tx, parts[code])
				return err
			})
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, code := range []string{codeDE, codeSG} {
		f.handOut(*made[code])
		f.planPayments(*made[code])
	}
	return nil
}

// handOut lets customers know their invoices.
func (f *filler) handOut(made []billing.Invoice) {
	for _, i := range made {
		c := f.byCustomer(i.CustomerID)
		c.invoices = append(c.invoices, &invoice{Invoice: i})
		if i.SoldToID != i.CustomerID {
			end := f.byCustomer(i.SoldToID)
			end.invoices = append(end.invoices, c.invoices[len(c.invoices)-1])
		}
	}
}

// byCustomer finds a customer; they were added in the order of their ids.
func (f *filler) byCustomer(id billing.CustomerID) *customer {
	return f.customers[id-f.customers[0].ID]
}
