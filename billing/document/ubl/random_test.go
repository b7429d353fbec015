package ubl_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"makegood/billing/document"
	"makegood/billing/document/ubl"
	"makegood/billing/tax"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// TestAnyMemoIsWritten prices random invoices as the books do (discounts over the lines, tax per group, prices with or
// without tax), credits them in two parts by the cumulative rule, and wants both memos written and read back with the
// figures that were posted.
func TestAnyMemoIsWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		for _, memo := range randomCredits(t) {
			content, err := ubl.Write(ubl.CreditNote(memo.CreditMemo, memo.details))
			if beyondTheStandard(err) {
				memo.details.Profile = ubl.Plain
				content, err = ubl.Write(ubl.CreditNote(memo.CreditMemo, memo.details))
			}
			if err != nil {
				t.Fatalf("%v\n%+v", err, memo)
			}
			read, err := ubl.Read(content)
			if err != nil {
				t.Fatal(err)
			}
			if same, err := read.Totals.Payable.Cmp(memo.Total); err != nil || same != 0 {
				t.Fatalf("posted %s, written %s", memo.Total, read.Totals.Payable)
			}
			for _, g := range memo.Taxes {
				if !slices.ContainsFunc(read.Taxes, func(got ubl.Tax) bool {
					return got.Category == g.Category && got.Rate.Equal(g.Rate) && got.Net.Decimal().Equal(g.Net.Decimal()) && got.Tax.Decimal().Equal(g.Tax.Decimal())
				}) {
					t.Fatalf("posted %s %s on %s, written %+v", g.Category, g.Tax, g.Net, read.Taxes)
				}
			}
		}
	})
}

// beyondTheStandard tells what only EN 16931 refuses: of yen with tax in their prices, a tax a whole yen from its rate.
func beyondTheStandard(err error) bool {
	invalid, ok := errors.AsType[*errs.Error](err)
	return ok && !slices.ContainsFunc(invalid.Fields, func(f errs.Field) bool { return f.Key != "document.ubl_tolerance" })
}

// memo is a credit memo with what its electronic form needs besides.
type memo struct {
	document.CreditMemo
	details ubl.Details
}

var someRates = []struct {
	category string
	rate     string
}{{"S", "19"}, {"S", "7"}, {"S", "8.1"}, {"Z", "0"}, {"E", "0"}, {"AE", "0"}}

// sold is one invoice line in the price basis of its document.
type sold struct {
	category, rate            string
	quantity, price           decimal.Decimal
	list, discount, after     decimal.Decimal
	creditedList, creditedOff decimal.Decimal
	charge                    bool
}

// randomCredits gives the memos of one invoice: first a part of every line, then the rest.
func randomCredits(t *rapid.T) []memo {
	cur := rapid.SampledFrom([]money.Currency{"EUR", "SGD", "JPY"}).Draw(t, "currency")
	inclusive := rapid.Bool().Draw(t, "inclusive")
	lines := randomLines(t, cur.Digits())
	invoice := groupsOf(lines, func(s *sold) decimal.Decimal { return s.after }, inclusive, cur.Digits())
	credited := map[string][2]decimal.Decimal{} // net and tax so far
	var memos []memo
	for _, whole := range []bool{false, true} {
		m := german()
		m.Currency, m.PricesIncludeTax, m.Lines, m.Taxes, m.Settlements = cur, inclusive, nil, nil, nil
		amounts := make([]decimal.Decimal, len(lines))
		for i := range lines {
			s := &lines[i]
			list := s.list.Sub(s.creditedList)
			if !whole {
				list = decimal.New(rapid.Int64Range(0, list.Shift(cur.Digits()).IntPart()).Draw(t, "part"), -cur.Digits())
			}
			off := tax.CreditDiscount(tax.DiscountInput{
				LineList: s.list, LineDiscount: s.discount, CreditedList: s.creditedList, CreditedDiscount: s.creditedOff, ThisList: list, Digits: cur.Digits(),
			})
			s.creditedList, s.creditedOff = s.creditedList.Add(list), s.creditedOff.Add(off)
			amounts[i] = list.Sub(off)
			m.Lines = append(m.Lines, document.Line{
				Description: "Line", Quantity: decimal.NullDecimal{Decimal: s.quantity, Valid: true}, UnitPrice: decimal.NullDecimal{Decimal: s.price, Valid: true},
				List: money.Of(list, cur), Discount: money.Of(off, cur), Category: s.category, TaxRate: dec(s.rate), Charge: s.charge,
			})
			if off.IsPositive() && len(m.Discounts) == 0 {
				m.Discounts = []document.Discount{{Label: "SPRING"}}
			}
		}
		memos = append(memos, post(m, invoice, credited, amounts))
	}
	return memos
}

func randomLines(t *rapid.T, digits int32) []sold {
	lines := make([]sold, rapid.IntRange(1, 6).Draw(t, "lines"))
	weights := make([]decimal.Decimal, len(lines))
	total := decimal.Zero
	for i := range lines {
		s, kind := &lines[i], rapid.SampledFrom(someRates).Draw(t, "rate")
		s.category, s.rate = kind.category, kind.rate
		s.quantity = decimal.New(rapid.Int64Range(1, 5_000_000).Draw(t, "quantity"), -3)
		s.price = decimal.New(rapid.Int64Range(1, 900_000).Draw(t, "price"), -4)
		s.list = s.quantity.Mul(s.price).Round(digits)
		s.charge = i > 0 && rapid.IntRange(0, 3).Draw(t, "charge") == 0
		weights[i], total = s.list, total.Add(s.list)
	}
	discount := decimal.New(rapid.Int64Range(0, 30).Draw(t, "discount per cent"), -2).Mul(total).Round(digits)
	for i, share := range tax.Spread(discount, weights, digits) {
		lines[i].discount, lines[i].after = share, lines[i].list.Sub(share)
	}
	return lines
}

func groupsOf(lines []sold, amount func(*sold) decimal.Decimal, inclusive bool, digits int32) []tax.Group {
	var list []tax.Line
	for i := range lines {
		list = append(list, tax.Line{Net: amount(&lines[i]), Category: lines[i].category, Rate: dec(lines[i].rate)})
	}
	if inclusive {
		return tax.GroupsInclusive(list, digits)
	}
	return tax.Groups(list, digits)
}

// post works the taxes out by the cumulative rule and tells the details what the books now say.
func post(m document.CreditMemo, invoice []tax.Group, credited map[string][2]decimal.Decimal, amounts []decimal.Decimal) memo {
	cur, digits := m.Currency, m.Currency.Digits()
	details := inGermany()
	details.Exemptions = map[string]ubl.Exemption{"E": {Code: "VATEX-EU-132-1I"}}
	details.Payment.Terms = "Gutgeschrieben."
	net, all := decimal.Zero, decimal.Zero
	for _, g := range invoice {
		key := g.Category + g.Rate.String()
		before, sum := credited[key], decimal.Zero
		var own []decimal.Decimal
		for _, share := range g.Shares {
			own = append(own, amounts[share.Index])
			sum = sum.Add(amounts[share.Index])
		}
		groupTax := tax.CreditTax(tax.CreditInput{InvoiceNet: g.Net, InvoiceTax: g.Tax, Rate: g.Rate, CreditedNet: before[0], CreditedTax: before[1], ThisNet: sum, Digits: digits})
		groupNet := sum
		if m.PricesIncludeTax {
			groupTax = tax.CreditTaxWithin(tax.GrossInput{InvoiceGross: g.Gross, InvoiceTax: g.Tax, Rate: g.Rate, CreditedGross: before[0].Add(before[1]), CreditedTax: before[1], ThisGross: sum, Digits: digits})
			groupNet = sum.Sub(groupTax)
		}
		for i, part := range tax.Spread(groupNet, own, digits) {
			m.Lines[g.Shares[i].Index].Net = money.Of(part, cur)
		}
		m.Taxes = append(m.Taxes, document.TaxGroup{Category: g.Category, Rate: g.Rate, Net: money.Of(groupNet, cur), Tax: money.Of(groupTax, cur)})
		details.Booked = append(details.Booked, ubl.Booked{
			Category: g.Category, Rate: g.Rate, Net: money.Of(groupNet, cur), Tax: money.Of(groupTax, cur),
			Original: &ubl.Original{Net: money.Of(g.Net, cur), Tax: money.Of(g.Tax, cur), CreditedNet: money.Of(before[0], cur), CreditedTax: money.Of(before[1], cur)},
		})
		credited[key] = [2]decimal.Decimal{before[0].Add(groupNet), before[1].Add(groupTax)}
		net, all = net.Add(groupNet), all.Add(groupTax)
	}
	m.Net, m.Tax, m.Total = money.Of(net, cur), money.Of(all, cur), money.Of(net.Add(all), cur)
	return memo{m, details}
}
