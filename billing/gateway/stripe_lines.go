package gateway

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"

	"github.com/shopspring/decimal"

	"makegood/billing/importer/stripe"
	"makegood/internal/errs"
)

type stripeLine struct {
	ID     string      `json:"id"`
	Amount json.Number `json:"amount"`
}

// named gives a note's lines the ids that Stripe has for the lines of its invoice. The place alone would not do: the amount
// of the line has to be the same, or nothing is sent.
func (s *Stripe) named(ctx context.Context, n Note) ([]Line, error) {
	if !slices.ContainsFunc(n.Lines, Line.nameless) {
		return n.Lines, nil
	}
	there, below, err := s.invoiceLines(ctx, n)
	if err != nil {
		return nil, err
	}
	lines := slices.Clone(n.Lines)
	for i, l := range lines {
		if !l.nameless() {
			continue
		}
		if l.No > len(there) || !there[l.No-1].List.Equal(l.List) {
			return nil, errs.New(ErrLinesDiffer.Kind, ErrLinesDiffer.Key, "system", "Stripe", "line", l.Description)
		}
		lines[i].InvoiceLine = there[l.No-1].InvoiceLine
		if below { // what is a discount here is a line there
			lines[i].Discount = decimal.Zero
		}
	}
	return lines, nil
}

func (l Line) nameless() bool { return l.InvoiceLine == "" && l.No > 0 }

// invoiceLines reads the lines of a note's invoice, and whether there are some below zero, which are left out: they are
// discounts here.
func (s *Stripe) invoiceLines(ctx context.Context, n Note) (lines []Line, below bool, err error) {
	after := ""
	for {
		query := url.Values{"limit": {"100"}}
		if after != "" {
			query.Set("starting_after", after)
		}
		var page struct {
			Data    []stripeLine `json:"data"`
			HasMore bool         `json:"has_more"`
		}
		path := "/v1/invoices/" + url.PathEscape(n.Invoice) + "/lines"
		if err := s.call(ctx, call{method: http.MethodGet, path: path, query: query}, &page); err != nil {
			return nil, false, err
		}
		for _, l := range page.Data {
			after = l.ID
			amount, err := decimal.NewFromString(string(l.Amount))
			if err != nil {
				return nil, false, errs.Wrap(err, ErrAway.Kind, ErrAway.Key, "system", "Stripe")
			}
			if amount.IsNegative() {
				below = true
				continue
			}
			lines = append(lines, Line{InvoiceLine: l.ID, List: stripe.Units(amount, n.Currency)})
		}
		if !page.HasMore || len(page.Data) == 0 {
			return lines, below, nil
		}
	}
}
