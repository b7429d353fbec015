package credits

import (
	"context"
	"fmt"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/db"
)

// taxGroup names a tax of a document.
type taxGroup struct {
	Code     string
	Category string
	Rate     string
}

func groupOf(code, category string, rate decimal.Decimal) taxGroup {
	return taxGroup{code, category, rate.String()}
}

// taxed are the taxes of the invoice that a debit memo charges more on.
func (p *proposal) taxed(ctx context.Context, r db.Reader) ([]billing.InvoiceTax, error) {
	if p.adjustment.Kind != billing.Debit || p.adjustment.InvoiceID == 0 {
		return nil, nil
	}
	list, err := db.List[billing.InvoiceTax](ctx, r, `select id, invoice_id, code, category, rate, net, tax from invoice_taxes where invoice_id = $1`, p.adjustment.InvoiceID)
	if err != nil {
		return nil, fmt.Errorf("read taxes of what is charged more on: %w", err)
	}
	return list, nil
}

// changesTax tells whether a debit memo charges a tax that its invoice does not have, a rebill other taxes than what it gives back, or either of
// them, or a credit, stands on no invoice, so that somebody chose its tax.
func changesTax(a billing.Adjustment, taxed []billing.InvoiceTax) bool {
	for _, t := range a.Taxes {
		if t.InvoiceTaxID == 0 && t.Tax.IsPositive() {
			return true
		}
	}
	switch a.Kind {
	case billing.Debit:
		return a.InvoiceID == 0 && a.Billed.Tax.IsPositive() || a.InvoiceID != 0 && taxesAnew(a, taxed)
	case billing.Rebill:
		return movesTax(a)
	case billing.BillingError, billing.Concession, billing.SLACredit, billing.RefundOut, billing.WriteOff, billing.TransferOver, billing.Reverse:
	}
	return false
}

// taxesAnew tells whether a bill has a tax that the invoice does not have.
func taxesAnew(a billing.Adjustment, taxed []billing.InvoiceTax) bool {
	known := map[taxGroup]bool{}
	for _, t := range taxed {
		known[groupOf(t.Code, t.Category, t.Rate)] = true
	}
	for _, t := range a.Billed.Taxes {
		if !known[groupOf(t.Code, t.Category, t.Rate)] {
			return true
		}
	}
	return false
}

// movesTax tells whether a rebill has a tax that what it gives back does not have, lacks one that it has, or charges less under one and more
// under another.
func movesTax(a billing.Adjustment) bool {
	back, billed := map[taxGroup]decimal.Decimal{}, map[taxGroup]decimal.Decimal{}
	for _, t := range a.Taxes {
		g := groupOf(t.Code, t.Category, t.Rate)
		back[g] = back[g].Add(t.Net)
	}
	for _, t := range a.Billed.Taxes {
		g := groupOf(t.Code, t.Category, t.Rate)
		billed[g] = billed[g].Add(t.Net)
	}
	if len(back) != len(billed) {
		return true
	}
	less, more := false, false
	for g, net := range back {
		now, there := billed[g]
		if !there {
			return true
		}
		less, more = less || now.LessThan(net), more || now.GreaterThan(net)
	}
	return less && more
}
