package billing_test

import (
	"fmt"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"makegood/billing"
	"makegood/internal/money"
)

// drawInvoice makes an invoice of any shape: several taxes, prices with or without tax, document discounts and charges, cash
// rounding, in currencies with none, two and three decimals.
func drawInvoice(rt *rapid.T) billing.NewInvoice {
	currency := rapid.SampledFrom([]money.Currency{"EUR", "JPY", "KWD"}).Draw(rt, "currency")
	in := billing.NewInvoice{
		EntityID: 1, CustomerID: 1, Currency: currency, IssuedOn: day("2026-05-01"), PricesIncludeTax: rapid.Bool().Draw(rt, "inclusive"),
	}
	n := rapid.IntRange(1, 5).Draw(rt, "lines")
	for i := range n {
		l := billing.NewLine{
			Description: fmt.Sprint("Line ", i), Quantity: decimal.NewFromInt(rapid.Int64Range(1, 7).Draw(rt, "quantity")),
			UnitPrice:   decimal.New(rapid.Int64Range(1, 200_000).Draw(rt, "price"), -currency.Digits()),
			TaxCategory: "S", TaxRate: d(rapid.SampledFrom([]string{"0", "7", "19", "8.875", "23.33"}).Draw(rt, "rate")),
		}
		if !in.PricesIncludeTax && rapid.IntRange(0, 3).Draw(rt, "city tax") == 0 {
			l.MoreTaxes = []billing.LineTax{{Code: "city", Category: "S", Rate: d("2.5")}}
		}
		l.Charge = rapid.IntRange(0, 4).Draw(rt, "charge") == 0
		in.Lines = append(in.Lines, l)
	}
	if rapid.Bool().Draw(rt, "coupon") {
		covers := rapid.IntRange(1, n).Draw(rt, "coupon lines")
		coupon, sum := billing.NewDiscount{Label: "Coupon"}, decimal.Zero
		for i := range covers {
			coupon.Lines = append(coupon.Lines, i)
			sum = sum.Add(in.Lines[i].Quantity.Mul(in.Lines[i].UnitPrice).Round(currency.Digits()))
		}
		coupon.Amount = decimal.New(rapid.Int64Range(1, max(1, sum.Shift(currency.Digits()).IntPart()/2)).Draw(rt, "off"), -currency.Digits())
		if coupon.Amount.LessThan(sum) {
			in.Discounts = []billing.NewDiscount{coupon}
		}
	}
	in.Rounding = decimal.New(rapid.Int64Range(-2, 2).Draw(rt, "rounding"), -currency.Digits())
	return in
}

// Any split of any invoice, in any order, by amount, by list amount or by quantity, gives back exactly the invoice: net,
// tax per group, discount and cash rounding; no credit is negative and none is more than what is left.
func TestAnySplitGivesBackExactlyTheInvoice(t *testing.T) {
	t.Parallel()
	property := func(rt *rapid.T) {
		books, err := billing.NewPaperBooks(drawInvoice(rt))
		if err != nil {
			return // an invoice of nothing
		}
		total := decimal.Zero
		for books.Left() {
			a, err := books.Credit(drawCredit(rt, books))
			if err != nil {
				rt.Fatalf("refused: %v", err)
			}
			if a.Total.IsNegative() || a.Net.IsNegative() || a.Tax.IsNegative() {
				rt.Fatalf("a credit below zero: %s net, %s tax, %s total", a.Net, a.Tax, a.Total)
			}
			total = total.Add(a.Total)
		}
		if rest := books.Rest(); len(rest) > 0 || !total.Equal(books.Total()) {
			rt.Fatalf("credited %s of %s, left %v", total, books.Total(), rest)
		}
	}
	for range 100 { // a hundred runs each: ten thousand
		rapid.Check(t, property)
	}
}

// drawCredit proposes a part of what is left, or all of it.
func drawCredit(rt *rapid.T, books *billing.PaperBooks) []billing.AdjustLine {
	var lines []billing.AdjustLine
	open := books.Lines()
	for i, l := range open {
		last := i == len(open)-1 && len(lines) == 0
		if !last && !rapid.Bool().Draw(rt, "this line") {
			continue
		}
		p := billing.AdjustLine{InvoiceLineID: l.ID}
		switch rapid.IntRange(0, 3).Draw(rt, "how") {
		case 0:
			p.Amount = l.Remaining
		case 1:
			p.List = books.Part(l.List.Sub(l.Credited).Sub(l.DiscountGiven), rapid.Int64Range(1, 100).Draw(rt, "per cent"))
		case 2:
			p.Amount = books.Part(l.Remaining, rapid.Int64Range(1, 100).Draw(rt, "per cent"))
		default:
			left := l.Quantity.Sub(l.QuantityGiven)
			if !left.IsPositive() {
				p.Amount = l.Remaining
				break
			}
			p.Quantity = &left
			if left.GreaterThan(decimal.NewFromInt(1)) && rapid.Bool().Draw(rt, "one") {
				p.Quantity = new(decimal.NewFromInt(1))
			}
		}
		lines = append(lines, p)
	}
	return lines
}
