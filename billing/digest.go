package billing

import (
	"cmp"
	"crypto/sha256"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Digest is the SHA-256 over everything an approver decides on: request, kind, parties, invoice, reason, sums, every
// part. The database takes it again over what was posted, and refuses a document no approval carries it for.
func (a Adjustment) Digest(creditRequestID int64) []byte {
	return a.digest("r" + strconv.FormatInt(creditRequestID, 10))
}

// ImportDigest is Digest for a document that comes in by a row of an import instead of a credit request.
func (a Adjustment) ImportDigest(importRowID int64) []byte {
	return a.digest("i" + strconv.FormatInt(importRowID, 10))
}

func (a Adjustment) digest(origin string) []byte {
	parts := []string{
		"adjustment/2", origin, string(a.Kind), id(a.EntityID), id(a.CustomerID), id(a.InvoiceID), string(a.Currency), a.ReasonCode,
		a.Net.String(), a.Tax.String(), a.Rounding.String(), a.ToRefund.String(), a.SettledOutside.String(),
	}
	for _, l := range a.Lines {
		parts = append(parts, "l"+id(l.InvoiceLineID)+":"+l.Amount.String()+":"+l.Net.String())
	}
	for _, t := range a.Taxes {
		parts = append(parts, "t"+id(t.InvoiceTaxID)+"/"+t.Code+"/"+t.Category+"/"+t.Rate.String()+":"+t.Net.String()+":"+t.Tax.String())
	}
	parts = append(parts, a.itemText()...)
	if a.Bill != nil {
		parts = append(parts, billText(a.Bill.DueOn, a.Billed)...)
	}
	if a.Kind == Reverse {
		parts = append(parts, "v"+string(a.Reverses.Kind)+":"+id(a.Reverses.ID))
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "|")))
	return sum[:]
}

func (a Adjustment) itemText() []string {
	items := slices.Clone(a.Items)
	slices.SortFunc(items, func(x, y ItemPart) int { return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.ID, y.ID)) })
	var parts []string
	for _, i := range items {
		if a.Kind == WriteOff {
			parts = append(parts, "w"+id(i.ID)+":"+i.Amount.String()+":"+i.Tax.String())
			continue
		}
		parts = append(parts, "s"+string(i.Kind)+":"+id(i.ID)+":"+i.Amount.String())
	}
	if a.Kind == TransferOver {
		parts = append(parts, "c"+id(a.ToCustomerID))
	}
	return parts
}

// billText is what an approver decides on of a bill: the day it is due, its lines and its taxes.
func billText(due time.Time, p priced) []string {
	parts := []string{"d" + due.Format(time.DateOnly)}
	for _, l := range p.Lines {
		parts = append(parts, "b"+strconv.Itoa(l.LineNo)+":"+l.Net.String())
	}
	taxes := slices.Clone(p.Taxes)
	slices.SortFunc(taxes, func(x, y InvoiceTax) int {
		return cmp.Or(cmp.Compare(x.Code, y.Code), cmp.Compare(x.Category, y.Category), x.Rate.Cmp(y.Rate))
	})
	for _, t := range taxes {
		parts = append(parts, "g"+t.Code+"/"+t.Category+"/"+t.Rate.String()+":"+t.Net.String()+":"+t.Tax.String())
	}
	return parts
}

func id[T ~int64](n T) string { return strconv.FormatInt(int64(n), 10) }
