package tax_test

import (
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing/tax"
)

// creditAll credits nets one after another on one group and returns the tax of each.
func creditAll(net, total, rate string, digits int32, nets ...string) []decimal.Decimal {
	in := tax.CreditInput{InvoiceNet: d(net), InvoiceTax: d(total), Rate: d(rate), Digits: digits}
	out := make([]decimal.Decimal, len(nets))
	for i, this := range nets {
		in.ThisNet = d(this)
		out[i] = tax.CreditTax(in)
		in.CreditedNet, in.CreditedTax = in.CreditedNet.Add(in.ThisNet), in.CreditedTax.Add(out[i])
	}
	return out
}

func TestCreditTaxCumulative(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name             string
		net, total, rate string
		digits           int32
		nets, want       []string
	}{
		{"part of two lines", "250.00", "62.50", "25", 2, []string{"193.33"}, []string{"48.33"}},
		{"six sevenths at an odd rate", "29.99", "7.00", "23.33", 2, []string{"25.71", "4.28"}, []string{"6.00", "1.00"}},
		{"two unequal parts", "769.00", "153.80", "20", 2, []string{"726.86", "42.14"}, []string{"145.37", "8.43"}},
		{"two equal lines, the second takes the rest", "136.66", "27.33", "20", 2, []string{"68.33", "68.33"}, []string{"13.67", "13.66"}},
		{"unused days of a month", "62.00", "12.40", "20", 2, []string{"16.00"}, []string{"3.20"}},
		{"the rest of one item", "2399.95", "0", "0", 2, []string{"1000", "1000", "399.95"}, []string{"0", "0", "0"}},
		{"yen in thirds", "1000", "100", "10", 0, []string{"333", "333", "334"}, []string{"33", "34", "33"}},
		{"dinar with three decimals", "10.005", "0.500", "5", 3, []string{"3.335", "3.335", "3.335"}, []string{"0.167", "0.167", "0.166"}},
		{"imported tax below the rate", "100.00", "18.98", "19", 2, []string{"99.95", "0.05"}, []string{"18.98", "0"}},
		{"imported tax above the rate", "100.00", "19.03", "19", 2, []string{"50.00", "50.00"}, []string{"9.50", "9.53"}},
		{"nothing and less than nothing", "100.00", "19.00", "19", 2, []string{"0", "-5.00"}, []string{"0", "0"}},
		{"more than the invoice never exceeds its tax", "100.00", "19.00", "19", 2, []string{"99.00", "10.00"}, []string{"18.81", "0.19"}},
	} {
		for i, got := range creditAll(c.net, c.total, c.rate, c.digits, c.nets...) {
			equal(t, c.name+", credit of "+c.nets[i], c.want[i], got)
		}
	}
}

// Twenty in coupons on six lines of 4,137.79; one is credited on each of five lines. Rounding each line's
// 0.10 less its coupon share would give 0.49; the tax of the document's credited net, rounded once, is 0.50.
func TestCouponSharesRoundOnceForTheCredit(t *testing.T) {
	t.Parallel()
	discount := tax.CreditDiscount(tax.DiscountInput{
		LineList: d("4137.79"), LineDiscount: d("20.00"), ThisList: d("5.00"), Digits: 2,
	})
	equal(t, "coupon share", "0.02", discount)
	net := d("5.00").Sub(discount)
	equal(t, "net", "4.98", net)
	equal(t, "tax", "0.50", tax.CreditTax(tax.CreditInput{
		InvoiceNet: d("4117.79"), InvoiceTax: d("411.78"), Rate: d("10"), ThisNet: net, Digits: 2,
	}))
}

// What stays after a withdrawal can be off by its rounding; the next credit takes the difference.
func TestCreditTaxCorrectsItselfAfterAWithdrawal(t *testing.T) {
	t.Parallel()
	in := tax.CreditInput{InvoiceNet: d("0.30"), InvoiceTax: d("0.03"), Rate: d("10"), Digits: 2}
	in.ThisNet = d("0.05")
	first := tax.CreditTax(in)
	equal(t, "first, 0.005 up", "0.01", first)
	in.CreditedNet, in.CreditedTax = d("0.05"), first
	second := tax.CreditTax(in)
	equal(t, "second, 0.01 in all", "0", second)

	in.CreditedNet, in.CreditedTax = d("0.05"), second // the first is withdrawn
	in.ThisNet = d("0.15")
	equal(t, "next credit makes up for it", "0.02", tax.CreditTax(in))

	in.CreditedNet, in.CreditedTax = d("0.05"), d("0.02") // withdrawn the other way: too much stayed
	in.ThisNet = d("0.05")
	equal(t, "too small to take the surplus off: zero, not negative", "0", tax.CreditTax(in))
	in.CreditedNet, in.ThisNet = d("0.10"), d("0.20")
	equal(t, "the last one gets exactly the rest", "0.01", tax.CreditTax(in))
}

func TestCreditTaxWithinGross(t *testing.T) {
	t.Parallel()
	in := tax.GrossInput{InvoiceGross: d("2099"), InvoiceTax: d("191"), Rate: d("10"), Digits: 0}
	for _, c := range []struct{ this, want string }{{"1000", "91"}, {"500", "45"}, {"599", "55"}} {
		in.ThisGross = d(c.this)
		got := tax.CreditTaxWithin(in)
		equal(t, "gross "+c.this, c.want, got)
		in.CreditedGross, in.CreditedTax = in.CreditedGross.Add(in.ThisGross), in.CreditedTax.Add(got)
	}
}
