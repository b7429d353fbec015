package billing

import (
	"context"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"makegood/billing/importer"
	"makegood/internal/db"
)

// soldShown is how many lines that a customer bought are looked through for the one that a credit note takes back.
const soldShown = 2000

// soldLine is an invoice line that a credit note might take back.
type soldLine struct {
	InvoiceID InvoiceID
	Number    string
	Product   string
	Quantity  decimal.Decimal
	Remaining decimal.Decimal
}

// cancelled finds the invoice that a credit note takes back where the note names none: the last one to the customer on or
// before its day that has, for each line of the note, a line of its own with the same product and quantity, not credited
// nor about to be. None where no single invoice has them all, and for sales without a customer: an account that stands in
// for many is nobody's.
func (k known) cancelled(ctx context.Context, r db.Reader, n importer.CreditNote, customer CustomerID) (knownInvoice, error) {
	if n.Customer == k.batch.Mapping.Defaults[importer.FieldCustomer] || len(n.Lines) == 0 {
		return knownInvoice{}, nil
	}
	products := make([]string, 0, len(n.Lines))
	for _, l := range n.Lines {
		if l.Product == "" || !l.Quantity.IsPositive() {
			return knownInvoice{}, nil
		}
		products = append(products, l.Product)
	}
	sold, err := db.List[soldLine](ctx, r, `select i.id as invoice_id, i.number, l.product, l.quantity, b.amount - b.credited - b.reserved as remaining
		from invoices i join invoice_lines l on l.invoice_id = i.id join invoice_line_balances b on b.invoice_line_id = l.id
		where i.customer_id = $1 and i.entity_id = $2 and i.currency = $3 and i.issued_on <= $4 and l.product = any ($5) and i.kind = 'invoice'
			and not exists (select from import_rows w where w.batch_id = $6 and w.state in ('waiting', 'approved')
				and w.adjustment @> jsonb_build_object('Lines', jsonb_build_array(jsonb_build_object('InvoiceLineID', l.id))))
		order by i.issued_on desc, i.id desc, l.line_no limit $7`, customer, k.batch.EntityID, n.Currency, n.IssuedOn, products, k.batch.ID, soldShown)
	if err != nil {
		return knownInvoice{}, fmt.Errorf("look for what is taken back: %w", err)
	}
	for len(sold) > 0 {
		end := slices.IndexFunc(sold, func(s soldLine) bool { return s.InvoiceID != sold[0].InvoiceID })
		if end < 0 {
			end = len(sold)
		}
		if soldAll(n, sold[:end]) {
			return knownInvoice{ID: sold[0].InvoiceID, Number: sold[0].Number, CustomerID: customer, EntityID: k.batch.EntityID, Currency: n.Currency}, nil
		}
		sold = sold[end:]
	}
	return knownInvoice{}, nil
}

// soldAll tells whether the lines of one invoice hold a sale for each line of a note.
func soldAll(n importer.CreditNote, sold []soldLine) bool {
	sold = slices.Clone(sold)
	for _, l := range n.Lines {
		amount := l.Net
		if n.TaxInclusive {
			amount = amount.Add(l.Tax)
		}
		at := slices.IndexFunc(sold, func(s soldLine) bool {
			return s.Product == l.Product && s.Quantity.Equal(l.Quantity) && !amount.GreaterThan(s.Remaining)
		})
		if at < 0 {
			return false
		}
		sold = slices.Delete(sold, at, at+1)
	}
	return true
}
