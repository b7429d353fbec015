package tax_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"makegood/billing/tax"
)

// Minor units of JPY, USD and KWD.
var allDigits = []int32{0, 2, 3}

func units(n int64, digits int32) decimal.Decimal { return decimal.New(n, -digits) }

func drawRate(t *rapid.T) decimal.Decimal {
	return units(rapid.Int64Range(0, 3000).Draw(t, "rate in hundredths of a per cent"), 2)
}

// split cuts total minor units into positive parts.
func split(t *rapid.T, total int64) []int64 {
	var parts []int64
	for left := total; left > 0; {
		part := rapid.Int64Range(1, left).Draw(t, "part")
		if len(parts) == 11 {
			part = left
		}
		parts = append(parts, part)
		left -= part
	}
	return rapid.Permutation(parts).Draw(t, "order")
}

// ledger is one group's credits so far, whichever way the amounts were typed.
type ledger struct {
	net, tax decimal.Decimal
}

func TestAnySplitReturnsExactlyTheInvoicesTax(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.SampledFrom(allDigits).Draw(t, "digits")
		total := rapid.Int64Range(1, 5_000_000).Draw(t, "net")
		rate := drawRate(t)
		net := units(total, digits)
		invoiceTax := tax.Of(net, rate, digits)
		var done ledger
		for _, part := range split(t, total) {
			this := units(part, digits)
			got := tax.CreditTax(tax.CreditInput{
				InvoiceNet: net, InvoiceTax: invoiceTax, Rate: rate,
				CreditedNet: done.net, CreditedTax: done.tax, ThisNet: this, Digits: digits,
			})
			if got.IsNegative() {
				t.Fatalf("negative tax %s", got)
			}
			done.net, done.tax = done.net.Add(this), done.tax.Add(got)
			if naive := tax.Of(done.net, rate, digits); !done.tax.Equal(naive) {
				t.Fatalf("credited tax %s is not the tax %s on the credited net", done.tax, naive)
			}
		}
		if !done.tax.Equal(invoiceTax) {
			t.Fatalf("tax left over: %s of %s", done.tax, invoiceTax)
		}
	})
}

// With reservations withdrawn in between, and an invoice whose tax came from elsewhere, nothing is ever
// negative or too much, and crediting the rest leaves exactly zero.
func TestWithdrawalsNeverExceedAndEndAtZero(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.SampledFrom(allDigits).Draw(t, "digits")
		total := rapid.Int64Range(1, 100_000).Draw(t, "net")
		rate := drawRate(t)
		net := units(total, digits)
		foreign := units(rapid.Int64Range(-5, 5).Draw(t, "deviation"), digits)
		invoiceTax := decimal.Max(decimal.Zero, tax.Of(net, rate, digits).Add(foreign))
		credit := func(done ledger, this decimal.Decimal) decimal.Decimal {
			got := tax.CreditTax(tax.CreditInput{
				InvoiceNet: net, InvoiceTax: invoiceTax, Rate: rate,
				CreditedNet: done.net, CreditedTax: done.tax, ThisNet: this, Digits: digits,
			})
			if got.IsNegative() || done.tax.Add(got).GreaterThan(invoiceTax) {
				t.Fatalf("tax %s after %s of %s", got, done.tax, invoiceTax)
			}
			return got
		}
		walk(t, total, digits, credit, func(done ledger) {
			if !done.tax.Equal(invoiceTax) {
				t.Fatalf("tax left over: %s of %s", done.tax, invoiceTax)
			}
		})
	})
}

func TestGrossCreditsNeverExceedAndEndAtZero(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.SampledFrom(allDigits).Draw(t, "digits")
		total := rapid.Int64Range(1, 100_000).Draw(t, "gross")
		rate := drawRate(t)
		gross := units(total, digits)
		invoiceTax := tax.Within(gross, rate, digits)
		credit := func(done ledger, this decimal.Decimal) decimal.Decimal {
			got := tax.CreditTaxWithin(tax.GrossInput{
				InvoiceGross: gross, InvoiceTax: invoiceTax, Rate: rate,
				CreditedGross: done.net, CreditedTax: done.tax, ThisGross: this, Digits: digits,
			})
			netOf := done.net.Add(this).Sub(done.tax).Sub(got)
			if got.IsNegative() || got.GreaterThan(this) || done.tax.Add(got).GreaterThan(invoiceTax) ||
				netOf.GreaterThan(gross.Sub(invoiceTax)) {
				t.Fatalf("tax %s in %s after %s of %s", got, this, done.tax, invoiceTax)
			}
			return got
		}
		walk(t, total, digits, credit, func(done ledger) {
			if !done.tax.Equal(invoiceTax) {
				t.Fatalf("tax left over: %s of %s", done.tax, invoiceTax)
			}
		})
	})
}

func TestDiscountsGoBackWholeWithTheLine(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.SampledFrom(allDigits).Draw(t, "digits")
		total := rapid.Int64Range(1, 100_000).Draw(t, "list")
		discount := units(rapid.Int64Range(0, total).Draw(t, "discount"), digits)
		credit := func(done ledger, this decimal.Decimal) decimal.Decimal {
			got := tax.CreditDiscount(tax.DiscountInput{
				LineList: units(total, digits), LineDiscount: discount,
				CreditedList: done.net, CreditedDiscount: done.tax, ThisList: this, Digits: digits,
			})
			if got.IsNegative() || got.GreaterThan(this) || done.tax.Add(got).GreaterThan(discount) {
				t.Fatalf("discount %s in %s after %s of %s", got, this, done.tax, discount)
			}
			return got
		}
		walk(t, total, digits, credit, func(done ledger) {
			if !done.tax.Equal(discount) {
				t.Fatalf("discount left over: %s of %s", done.tax, discount)
			}
		})
	})
}

// walk makes and withdraws random credits, then credits what is left of total and hands over the end.
func walk(t *rapid.T, total int64, digits int32, credit func(ledger, decimal.Decimal) decimal.Decimal, end func(ledger)) {
	var held []ledger
	var done ledger
	left := total
	for range rapid.IntRange(0, 25).Draw(t, "steps") {
		if len(held) > 0 && rapid.IntRange(0, 2).Draw(t, "withdraw") == 0 {
			i := rapid.IntRange(0, len(held)-1).Draw(t, "which")
			gone := held[i]
			held = append(held[:i], held[i+1:]...)
			done.net, done.tax = done.net.Sub(gone.net), done.tax.Sub(gone.tax)
			left += gone.net.Shift(digits).IntPart()
		} else if left > 0 {
			part := rapid.Int64Range(1, left).Draw(t, "part")
			this := units(part, digits)
			got := ledger{this, credit(done, this)}
			held = append(held, got)
			done.net, done.tax = done.net.Add(got.net), done.tax.Add(got.tax)
			left -= part
		}
	}
	if left > 0 {
		this := units(left, digits)
		done.tax = done.tax.Add(credit(done, this))
		done.net = done.net.Add(this)
	}
	end(done)
}

func TestSharesAddUpToTheGroupsTax(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.SampledFrom(allDigits).Draw(t, "digits")
		lines := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) tax.Line {
			return tax.Line{
				Net:      units(rapid.Int64Range(-20_000, 1_000_000).Draw(t, "net"), digits),
				Category: rapid.SampledFrom([]string{"S", "Z"}).Draw(t, "category"),
				Rate:     drawRate(t).Mod(decimal.NewFromInt(3)).Mul(decimal.NewFromInt(7)),
			}
		}), 0, 12).Draw(t, "lines")
		seen := 0
		for _, groups := range [][]tax.Group{tax.Groups(lines, digits), tax.GroupsInclusive(lines, digits)} {
			for _, g := range groups {
				sum := decimal.Zero
				for _, s := range g.Shares {
					sum = sum.Add(s.Tax)
					seen++
				}
				if !sum.Equal(g.Tax) || !g.Gross.Equal(g.Net.Add(g.Tax)) {
					t.Fatalf("group does not add up: %+v", g)
				}
			}
		}
		if seen != 2*len(lines) {
			t.Fatalf("%d shares for %d lines", seen, len(lines))
		}
	})
}
