package billing

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// takeIDs gives invoices, lines, discounts and taxes their ids, so that rows can be copied in without asking back.
func (b *issuing) takeIDs(ctx context.Context) error {
	lines, taxes, discounts := 0, 0, 0
	for _, d := range b.drafts {
		lines, taxes, discounts = lines+len(d.priced.Lines), taxes+len(d.priced.Taxes), discounts+len(d.priced.Discounts)
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
	var discountIDs []int64
	if discounts > 0 {
		if discountIDs, err = nextIDs[int64](ctx, b.tx, "invoice_discounts", discounts); err != nil {
			return err
		}
	}
	for i := range b.drafts {
		d := &b.drafts[i]
		d.ID = invoiceIDs[i]
		lines, taxes, discounts := len(d.priced.Lines), len(d.priced.Taxes), len(d.priced.Discounts)
		d.priced.takeIDs(d.ID, lineIDs[:lines], taxIDs[:taxes], discountIDs[:discounts])
		lineIDs, taxIDs, discountIDs = lineIDs[lines:], taxIDs[taxes:], discountIDs[discounts:]
	}
	return nil
}

func (p *priced) takeIDs(invoice InvoiceID, lines []InvoiceLineID, taxes []InvoiceTaxID, discounts []int64) {
	for k := range p.Discounts {
		p.Discounts[k].ID, p.Discounts[k].InvoiceID = discounts[k], invoice
	}
	for k := range p.Lines {
		p.Lines[k].ID, p.Lines[k].InvoiceID = lines[k], invoice
		if at := p.DiscountOf[k]; at >= 0 {
			p.Lines[k].DiscountID = &p.Discounts[at].ID
		}
	}
	for k := range p.Taxes {
		p.Taxes[k].ID, p.Taxes[k].InvoiceID = taxes[k], invoice
	}
}

// takeNumbers takes the numbers of each series at once, series in one order so that batches never wait in a circle.
func (b *issuing) takeNumbers(ctx context.Context) error {
	bySeries := map[series][]*invoiceDraft{}
	for i := range b.drafts {
		d := &b.drafts[i]
		if d.Origin == Imported { // keeps the number it has
			continue
		}
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
			place := first + int64(i)
			d.Series, d.FiscalYear, d.SequenceNo = s.Name, s.Year, &place
			d.Number = s.number(place)
			d.ReferenceKey = ReferenceKey(d.Number)
		}
	}
	return nil
}

// table is rows on their way into one table.
type table struct {
	name    string
	columns []string
	rows    [][]any
}

// insert copies the rows of all invoices in, table by table.
func (b *issuing) insert(ctx context.Context) error {
	tables := invoiceTables()
	for _, d := range b.drafts {
		for i, rows := range d.rows() {
			tables[i].rows = append(tables[i].rows, rows...)
		}
	}
	for _, t := range tables {
		if len(t.rows) == 0 {
			continue
		}
		if err := b.tx.CopyFrom(ctx, t.name, t.columns, t.rows); err != nil {
			return fmt.Errorf("insert %s: %w", t.name, err)
		}
	}
	return nil
}

// invoiceTables are the tables of an invoice in the order in which their rows go in; rows gives the rows in this order.
func invoiceTables() []table {
	return []table{
		{name: "invoices", columns: []string{
			"id", "entity_id", "number", "reference_key", "series", "fiscal_year", "sequence_no", "kind", "origin", "customer_id", "sold_to_id",
			"currency", "issued_on", "due_on", "service_from", "service_to", "purchase_order", "net", "tax", "rounding", "total", "fx_rate", "posted_at",
			"prices_include_tax", "discount", "withholding", "corrects_id", "reason_code", "case_id", "credit_request_id", "approval_id",
			"external_system", "external_id", "approved_due_on",
		}},
		{name: "invoice_discounts", columns: []string{"id", "invoice_id", "position", "label", "amount"}},
		{name: "invoice_lines", columns: []string{
			"id", "invoice_id", "line_no", "product", "description", "quantity", "unit_price", "list", "discount", "discount_id",
			"net", "tax_category", "tax_rate", "tax_share", "cost_centre", "location", "charge", "exemption_id",
		}},
		{name: "invoice_line_balances", columns: []string{"invoice_line_id", "invoice_id", "amount"}},
		{name: "invoice_taxes", columns: []string{"id", "invoice_id", "code", "category", "rate", "net", "tax"}},
		{name: "invoice_line_taxes", columns: []string{"invoice_line_id", "invoice_tax_id", "tax_share"}},
		{name: "invoice_tax_balances", columns: []string{"invoice_tax_id", "invoice_id", "net", "tax"}},
		{name: "open_items", columns: []string{
			"kind", "document_id", "number", "customer_id", "entity_id", "currency", "original", "open", "base_open", "due_on", "opened_on", "closed_on",
		}},
	}
}

func (d *invoiceDraft) rows() [][][]any {
	p := d.priced
	rows := make([][][]any, len(invoiceTables()))
	rows[0] = [][]any{{
		d.ID, d.EntityID, d.Number, d.ReferenceKey, d.Series, d.FiscalYear, d.SequenceNo, d.Kind, d.Origin, d.CustomerID, d.SoldToID,
		d.Currency, d.IssuedOn, d.DueOn, d.ServiceFrom, d.ServiceTo, d.PurchaseOrder, d.Net, d.Tax, d.Rounding, d.Total, d.FxRate, d.PostedAt,
		d.PricesIncludeTax, d.Discount, d.Withholding, d.CorrectsID, d.ReasonCode, d.CaseID, d.CreditRequestID, d.ApprovalID,
		d.ExternalSystem, d.ExternalID, d.ApprovedDueOn,
	}}
	for _, t := range p.Discounts {
		rows[1] = append(rows[1], []any{t.ID, t.InvoiceID, t.Position, t.Label, t.Amount})
	}
	for _, l := range p.Lines {
		rows[2] = append(rows[2], []any{
			l.ID, l.InvoiceID, l.LineNo, l.Product, l.Description, l.Quantity, l.UnitPrice, l.List, l.Discount, l.DiscountID,
			l.Net, l.TaxCategory, l.TaxRate, l.TaxShare, l.CostCentre, l.Location, l.Charge, l.ExemptionID,
		})
		rows[3] = append(rows[3], []any{l.ID, l.InvoiceID, l.Amount()})
	}
	for _, t := range p.Taxes {
		rows[4] = append(rows[4], []any{t.ID, t.InvoiceID, t.Code, t.Category, t.Rate, t.Net, t.Tax})
		rows[6] = append(rows[6], []any{t.ID, t.InvoiceID, t.Net, t.Tax})
	}
	for _, s := range p.LineTaxes {
		rows[5] = append(rows[5], []any{p.Lines[s.Line].ID, p.Taxes[s.Tax].ID, s.Share})
	}
	rows[7] = [][]any{{"invoice", d.ID, d.Number, d.CustomerID, d.EntityID, d.Currency, d.Total, d.Total, d.base(), d.DueOn, d.IssuedOn, d.closedOn()}}
	return rows
}

// base is what the invoice is worth in base currency.
func (d *invoiceDraft) base() decimal.Decimal {
	return d.Total.Mul(d.FxRate).Round(d.entity.BaseCurrency.Digits())
}

// closedOn is set on an invoice of nothing, which is settled as it is issued.
func (d *invoiceDraft) closedOn() *time.Time {
	if !d.Total.IsZero() {
		return nil
	}
	return new(lastOf(d.IssuedOn, d.booked.Day, d.PostedAt))
}

// lastOf is the latest of some moments, as a day.
func lastOf(moments ...time.Time) time.Time {
	last := time.Time{}
	for _, m := range moments {
		if m.After(last) {
			last = m
		}
	}
	return Date(last.UTC())
}
