package credits

import (
	"bytes"
	"slices"

	"makegood/billing"
)

// frozen gives what a request asks billing to post, exactly as it was submitted. It refuses a request whose content, or
// whose figures, parties, lines and taxes as people see them, are no longer what was hashed then.
func (r Request) frozen(lines []Line, taxes []Tax) (billing.Adjustment, error) {
	if r.Content == nil || !bytes.Equal(r.Content.Digest(int64(r.ID)), r.Digest) || !r.shows(*r.Content) {
		return billing.Adjustment{}, ErrDigestMismatch
	}
	for _, l := range lines {
		if !slices.ContainsFunc(r.Content.Lines, func(c billing.AdjustmentLine) bool {
			return c.InvoiceLineID == l.InvoiceLineID && c.Amount.Equal(l.Amount) && c.Net.Equal(l.Net)
		}) {
			return billing.Adjustment{}, ErrDigestMismatch
		}
	}
	for _, t := range taxes {
		if !slices.ContainsFunc(r.Content.Taxes, func(c billing.AdjustmentTax) bool {
			return c.InvoiceTaxID == t.InvoiceTaxID && c.Net.Equal(t.Net) && c.Tax.Equal(t.Tax) && c.Rate.Equal(t.Rate) && c.Category == t.Category && c.Code == t.Code
		}) {
			return billing.Adjustment{}, ErrDigestMismatch
		}
	}
	if len(lines) != invoiceLines(*r.Content) || len(taxes) != invoiceTaxes(*r.Content) {
		return billing.Adjustment{}, ErrDigestMismatch
	}
	return *r.Content, nil
}

// shows tells whether the columns of a request, which people and lists read, say what its content says, and the note to the
// customer and where a refund goes what was asked for: the digest is not over those.
func (r Request) shows(c billing.Adjustment) bool {
	sums := r.Net.Equal(c.Net) && r.Tax.Equal(c.Tax) && r.Rounding.Equal(c.Rounding) && r.Total.Equal(c.Total)
	about := r.Kind == c.Kind && r.CustomerID == c.CustomerID && r.EntityID == c.EntityID && r.Currency == c.Currency && r.ReasonCode == c.ReasonCode
	noted := r.Proposal == nil || r.Proposal.CustomerNote == r.CustomerNote
	return sums && about && noted && r.paysAsAsked(c) && (c.InvoiceID == 0 || r.InvoiceID == c.InvoiceID)
}

// paysAsAsked tells whether what is paid out goes the way and to the place that was asked for. Debit memos and reversals pay nothing
// out; of a refund without a way it is by bank.
func (r Request) paysAsAsked(c billing.Adjustment) bool {
	if r.Proposal == nil || r.Kind == billing.Debit || r.Kind == billing.Reverse {
		return true
	}
	way := r.Proposal.Method == c.Method || r.Proposal.Method == "" && c.Method == billing.ByBank
	return way && r.Proposal.Destination == c.Destination
}

// invoiceLines counts the lines of a content that stand on an invoice: those on account have no rows of their own.
func invoiceLines(c billing.Adjustment) int {
	return len(slices.DeleteFunc(slices.Clone(c.Lines), func(l billing.AdjustmentLine) bool { return l.InvoiceLineID == 0 }))
}

func invoiceTaxes(c billing.Adjustment) int {
	return len(slices.DeleteFunc(slices.Clone(c.Taxes), func(t billing.AdjustmentTax) bool { return t.InvoiceTaxID == 0 }))
}
