package document

import (
	"fmt"

	"makegood/internal/errs"
	"makegood/internal/money"
)

// Why data makes no document: a particular the law asks for is missing, or the figures do not add up. What
// cannot be right is refused here, before it gets a customer's eyes and a hash.
var (
	ErrIncomplete = errs.New(errs.Invalid, "document.incomplete")
	ErrSums       = errs.New(errs.Invalid, "document.sums")
	ErrLanguage   = errs.New(errs.Invalid, "document.unknown_language")
)

// Validate tells whether the memo names what art. 219 and 226 of the VAT Directive ask of every credit memo,
// and whether lines, taxes, totals and settlement add up in one currency.
func (m CreditMemo) Validate() error {
	if _, known := catalogueOf(m.Language, m.Entity.Country); !known {
		return errs.New(ErrLanguage.Kind, ErrLanguage.Key, "language", string(m.Language))
	}
	for _, need := range []struct {
		field string
		there bool
	}{
		{"number", m.Number != ""},
		{"date", !m.Date.IsZero()},
		{"entity.name", m.Entity.Name != ""},
		{"customer.name", m.Customer.Name != ""},
		{"lines", len(m.Lines) > 0},
		{"originals", len(m.Originals) > 0},
	} {
		if !need.there {
			return incomplete(need.field)
		}
	}
	for i, o := range m.Originals {
		if o.Number == "" || o.Date.IsZero() {
			return incomplete(fmt.Sprintf("originals[%d]", i))
		}
	}
	for i, part := range m.Settlements {
		if words, _ := catalogueOf(m.Language, m.Entity.Country); words.buckets[part.Bucket] == "" {
			return incomplete(fmt.Sprintf("settlements[%d].bucket", i))
		}
	}
	return m.checkSums()
}

func incomplete(field string) error {
	return errs.New(ErrIncomplete.Kind, ErrIncomplete.Key, "field", field)
}

func (m CreditMemo) checkSums() error {
	var nets, bases, taxes, settled []money.Amount
	for _, line := range m.Lines {
		nets = append(nets, line.Net)
	}
	for _, group := range m.Taxes {
		bases = append(bases, group.Net)
		taxes = append(taxes, group.Tax)
	}
	for _, part := range m.Settlements {
		settled = append(settled, part.Amount)
	}
	if len(settled) == 0 {
		settled = append(settled, m.Total) // nothing said about settlement is nothing wrong
	}
	total := []money.Amount{m.Net, m.Tax}
	if !m.Rounding.IsZero() {
		total = append(total, m.Rounding)
	}
	for _, sum := range []struct {
		what  string
		parts []money.Amount
		want  money.Amount
	}{
		{"net", nets, m.Net},
		{"taxable", bases, m.Net},
		{"tax", taxes, m.Tax},
		{"total", total, m.Total},
		{"settlements", settled, m.Total},
	} {
		got, err := money.Sum(m.Currency, sum.parts...)
		if err != nil {
			return fmt.Errorf("credit memo %s, %s: %w", m.Number, sum.what, err)
		}
		if cmp, err := got.Cmp(sum.want); err != nil || cmp != 0 {
			return errs.Wrap(err, ErrSums.Kind, ErrSums.Key, "what", sum.what, "sum", got.String(), "stated", sum.want.String())
		}
	}
	return nil
}
