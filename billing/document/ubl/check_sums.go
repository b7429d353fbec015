package ubl

import (
	"fmt"

	"github.com/shopspring/decimal"

	"makegood/internal/money"
)

type namedAmount struct {
	field  string
	amount money.Amount
	needed bool
}

// amounts tells whether every amount is in the document's currency, and notes those that are not or that have a decimal
// too many for the profile.
func (c *checker) amounts() bool {
	ok := true
	for _, a := range c.all() {
		switch {
		case !given(a.amount):
			if a.needed {
				c.need(false, a.field)
				ok = false
			}
		case a.amount.Currency() != c.doc.Currency:
			c.wrong(a.field, "document.ubl_currency", "currency", string(c.doc.Currency))
			ok = false
		default:
			c.decimals(a.field, a.amount)
		}
	}
	if home := c.doc.HomeTax; given(home) {
		c.decimals("home_tax", home)
		if home.Currency() == c.doc.Currency || home.Decimal().Sign()*c.doc.Totals.Tax.Decimal().Sign() < 0 { // R005, R055
			c.wrong("home_tax", "document.ubl_home_tax")
		}
	}
	return ok
}

func (c *checker) decimals(field string, a money.Amount) {
	if c.doc.Profile.European() && !a.Decimal().Equal(a.Decimal().Truncate(europeanDigits)) {
		c.wrong(field, "document.ubl_decimals", "amount", a.String())
	}
}

func (c *checker) all() []namedAmount {
	t := c.doc.Totals
	list := []namedAmount{
		{"totals.lines", t.Lines, true},
		{"totals.allowances", t.Allowances, false},
		{"totals.charges", t.Charges, false},
		{"totals.net", t.Net, true},
		{"totals.tax", t.Tax, true},
		{"totals.gross", t.Gross, true},
		{"totals.paid", t.Paid, false},
		{"totals.rounding", t.Rounding, false},
		{"totals.payable", t.Payable, true},
	}
	for i, tax := range c.doc.Taxes {
		at := fmt.Sprintf("taxes[%d]", i)
		list = append(list, namedAmount{at + ".net", tax.Net, true}, namedAmount{at + ".tax", tax.Tax, true})
	}
	list = append(list, adjustmentAmounts("adjustments", c.doc.Adjustments)...)
	for i, l := range c.doc.Lines {
		at := fmt.Sprintf("lines[%d]", i)
		list = append(list, namedAmount{at + ".net", l.Net, true})
		list = append(list, adjustmentAmounts(at+".adjustments", l.Adjustments)...)
	}
	return list
}

func adjustmentAmounts(at string, adjustments []Adjustment) []namedAmount {
	var list []namedAmount
	for i, a := range adjustments {
		list = append(list,
			namedAmount{fmt.Sprintf("%s[%d].amount", at, i), a.Amount, true},
			namedAmount{fmt.Sprintf("%s[%d].base", at, i), a.Base, a.Percent.Valid})
	}
	return list
}

// minor rounds half up to what the profile lets an amount in the document's currency be.
func (c *checker) minor(value decimal.Decimal) decimal.Decimal {
	digits := c.doc.Currency.Digits()
	if c.doc.Profile.European() {
		digits = min(digits, europeanDigits)
	}
	return value.Round(digits)
}

// same notes a stated amount that is not the sum it must be.
func (c *checker) same(field string, stated money.Amount, sum decimal.Decimal) {
	if !stated.Decimal().Equal(sum) {
		c.wrong(field, "document.ubl_sum", "sum", sum.String(), "stated", stated.String())
	}
}

func (c *checker) lineSums() {
	ids := map[string]bool{}
	for i, l := range c.doc.Lines {
		at := fmt.Sprintf("lines[%d]", i)
		c.need(text(l.ID) != "" && !ids[l.ID], at+".id")
		ids[l.ID] = true
		c.need(text(l.Name) != "", at+".name")
		c.need(l.Unit != "", at+".unit")
		if l.Price.IsNegative() { // BR-27: a line that takes away has a negative quantity
			c.wrong(at+".price", "document.ubl_negative")
		}
		base := l.BaseQuantity
		if base.IsZero() {
			base = decimal.NewFromInt(1)
		}
		if base.IsNegative() {
			c.wrong(at+".base_quantity", "document.ubl_negative")
			continue
		}
		allowances, charges := c.adjustmentSums(at+".adjustments", l.Adjustments)
		amount := l.Quantity.Mul(l.Price).DivRound(base, priceDigits*2).Round(lineDigits(c.doc.Currency))
		c.same(at+".net", l.Net, amount.Sub(allowances).Add(charges))
	}
}

// lineDigits is to how many decimals quantity × price must give a line's amount: those of the currency, and for one with
// fewer still two, since the official rule allows a difference of 0.02 whatever the currency (PEPPOL-EN16931-R120).
func lineDigits(cur money.Currency) int32 { return max(cur.Digits(), europeanDigits) }

func (c *checker) adjustmentSums(at string, list []Adjustment) (allowances, charges decimal.Decimal) {
	for i, a := range list {
		field := fmt.Sprintf("%s[%d]", at, i)
		c.need(a.Reason != "" || a.ReasonCode != "", field+".reason") // BR-33, BR-38, BR-42, BR-44
		if a.Amount.IsNegative() {
			c.wrong(field+".amount", "document.ubl_negative")
		}
		if a.Percent.Valid {
			c.same(field+".amount", a.Amount, c.minor(a.Base.Decimal().Mul(a.Percent.Decimal).Shift(-2)))
		}
		if a.Charge {
			charges = charges.Add(a.Amount.Decimal())
		} else {
			allowances = allowances.Add(a.Amount.Decimal())
		}
	}
	return allowances, charges
}

// totals holds the sums of BG-22 (BR-CO-10 to BR-CO-16), to the minor unit.
func (c *checker) totals() {
	t := c.doc.Totals
	var lines, tax decimal.Decimal
	for _, l := range c.doc.Lines {
		lines = lines.Add(l.Net.Decimal())
	}
	for _, g := range c.doc.Taxes {
		tax = tax.Add(g.Tax.Decimal())
	}
	allowances, charges := c.adjustmentSums("adjustments", c.doc.Adjustments)
	c.same("totals.lines", t.Lines, lines)
	c.same("totals.allowances", t.Allowances, allowances)
	c.same("totals.charges", t.Charges, charges)
	c.same("totals.net", t.Net, lines.Sub(allowances).Add(charges))
	c.same("totals.tax", t.Tax, tax)
	c.same("totals.gross", t.Gross, t.Net.Decimal().Add(t.Tax.Decimal()))
	c.same("totals.payable", t.Payable, t.Gross.Decimal().Sub(t.Paid.Decimal()).Add(t.Rounding.Decimal()))
}
