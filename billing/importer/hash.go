package importer

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
)

// ContentHash is the SHA-256 over what a record says, so that the same record read again is recognised whatever file,
// row or order of columns it came from. How an invoice stands (paid, open, disputed) is not part of it, since that moves
// while the invoice stays the same; nor is the status of a credit note, nor who sells to a customer; nor are the source's raw text and
// our notes. A part that records did not always have is left out where it is empty, so that what was read before it is recognised.
func (r Record) ContentHash() ([sha256.Size]byte, error) {
	r.Rows, r.Notes, r.Raw = nil, nil, nil
	if r.Invoice != nil {
		invoice := *r.Invoice
		invoice.Standing = Standing{}
		invoice.Document = invoice.folded()
		r.Invoice = &invoice
	}
	if r.CreditNote != nil {
		note := *r.CreditNote
		note.Status = ""
		note.Document = note.folded()
		r.CreditNote = &note
	}
	if r.Customer != nil {
		customer := *r.Customer
		customer.SalesOwner = ""
		r.Customer = &customer
	}
	content, err := json.Marshal(r)
	if err != nil {
		return [sha256.Size]byte{}, fmt.Errorf("hash record %s: %w", r.External, err)
	}
	return sha256.Sum256(content), nil
}

// folded is a document with the further taxes of its lines counted into the one tax that each line had before several were told
// apart, so that what was read then is recognised still.
func (d Document) folded() Document {
	if !slices.ContainsFunc(d.Lines, func(l Line) bool { return len(l.More) > 0 }) {
		return d
	}
	d.Lines = slices.Clone(d.Lines)
	for i := range d.Lines {
		l := &d.Lines[i]
		l.Tax, l.TaxRate, l.More = l.Taxed(), l.Rate(), nil
	}
	d.Taxes = GroupTaxes(d.Lines)
	return d
}
