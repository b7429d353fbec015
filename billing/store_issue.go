package billing

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// takeIDs gives invoices, lines and taxes their ids, so that rows can be copied in without asking back.
func (b *issuing) takeIDs(ctx context.Context) error {
	lines, taxes := 0, 0
	for _, d := range b.drafts {
		lines, taxes = lines+len(d.Lines), taxes+len(d.Taxes)
	}
	invoiceIDs, err := nextIDs[InvoiceID](ctx, b.tx, "invoices", len(b.drafts))
	if err != nil {
		return err
	}
	lineIDs, err := nextIDs[InvoiceLineID](ctx, b.tx, "invoice_lines", lines)
	if err != nil {
		return err
	}
	taxIDs, err := nextIDs[InvoiceTaxID](ctx, b.tx, "invoice_taxes", taxes)
	if err != nil {
		return err
	}
	for i := range b.drafts {
		d := &b.drafts[i]
		d.ID = invoiceIDs[i]
		for k := range d.Lines {
			d.Lines[k].ID, d.Lines[k].InvoiceID, lineIDs = lineIDs[0], d.ID, lineIDs[1:]
		}
		for k := range d.Taxes {
			d.Taxes[k].ID, d.Taxes[k].InvoiceID, taxIDs = taxIDs[0], d.ID, taxIDs[1:]
		}
	}
	return nil
}

// takeNumbers takes the numbers of each series at once, series in one order so that batches never wait in a circle.
func (b *issuing) takeNumbers(ctx context.Context) error {
	bySeries := map[series][]*invoiceDraft{}
	for i := range b.drafts {
		d := &b.drafts[i]
		bySeries[d.carries] = append(bySeries[d.carries], d)
	}
	order := make([]series, 0, len(bySeries))
	for s := range bySeries {
		order = append(order, s)
	}
	slices.SortFunc(order, func(a, b series) int {
		return cmp.Or(cmp.Compare(a.Entity, b.Entity), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Year, b.Year))
	})
	for _, s := range order {
		first, err := s.takeTx(ctx, b.tx, len(bySeries[s]))
		if err != nil {
			return err
		}
		for i, d := range bySeries[s] {
			d.Series, d.FiscalYear, d.SequenceNo = s.Name, s.Year, first+int64(i)
			d.Number = s.number(d.SequenceNo)
			d.ReferenceKey = ReferenceKey(d.Number)
		}
	}
	return nil
}

// insert copies the rows of all invoices in, table by table.
func (b *issuing) insert(ctx context.Context) error {
	var invoices, lines, lineBalances, taxes, taxBalances, items [][]any
	for _, d := range b.drafts {
		invoices = append(invoices, []any{
			d.ID, d.EntityID, d.Number, d.ReferenceKey, d.Series, d.FiscalYear, d.SequenceNo, d.CustomerID, d.SoldToID,
			d.Currency, d.IssuedOn, d.DueOn, d.ServiceFrom, d.ServiceTo, d.PurchaseOrder, d.Net, d.Tax, d.Total, d.FxRate, d.PostedAt,
		})
		for _, l := range d.Lines {
			lines = append(lines, []any{
				l.ID, l.InvoiceID, l.LineNo, l.Product, l.Description, l.Quantity, l.UnitPrice,
				l.Net, l.TaxCategory, l.TaxRate, l.TaxShare, l.CostCentre,
			})
			lineBalances = append(lineBalances, []any{l.ID, l.InvoiceID, l.Net})
		}
		for _, t := range d.Taxes {
			taxes = append(taxes, []any{t.ID, t.InvoiceID, t.Category, t.Rate, t.Net, t.Tax})
			taxBalances = append(taxBalances, []any{t.ID, t.InvoiceID, t.Net, t.Tax})
		}
		items = append(items, []any{"invoice", d.ID, d.Number, d.CustomerID, d.EntityID, d.Currency, d.Total, d.Total, d.DueOn})
	}
	for _, table := range []struct {
		name    string
		columns []string
		rows    [][]any
	}{
		{"invoices", []string{
			"id", "entity_id", "number", "reference_key", "series", "fiscal_year", "sequence_no", "customer_id", "sold_to_id",
			"currency", "issued_on", "due_on", "service_from", "service_to", "purchase_order", "net", "tax", "total", "fx_rate", "posted_at",
		}, invoices},
		{"invoice_lines", []string{
			"id", "invoice_id", "line_no", "product", "description", "quantity", "unit_price",
			"net", "tax_category", "tax_rate", "tax_share", "cost_centre",
		}, lines},
		{"invoice_line_balances", []string{"invoice_line_id", "invoice_id", "net"}, lineBalances},
		{"invoice_taxes", []string{"id", "invoice_id", "category", "rate", "net", "tax"}, taxes},
		{"invoice_tax_balances", []string{"invoice_tax_id", "invoice_id", "net", "tax"}, taxBalances},
		{"open_items", []string{"kind", "document_id", "number", "customer_id", "entity_id", "currency", "original", "open", "due_on"}, items},
	} {
		if err := b.tx.CopyFrom(ctx, table.name, table.columns, table.rows); err != nil {
			return fmt.Errorf("insert %s: %w", table.name, err)
		}
	}
	return nil
}
