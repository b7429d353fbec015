package billing_test

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"makegood/billing"
	"makegood/internal/dbtest"
	"makegood/internal/money"
)

// withheld is what the paper of a memo says it takes back of the noted withholding.
func (s *shop) withheld(memo *billing.CreditMemo) decimal.Decimal {
	s.t.Helper()
	printed, err := s.billing.PrintedMemo(s.t.Context(), s.db, memo.ID)
	s.must(err)
	if printed.Withholding.Currency() == "" {
		return decimal.Zero
	}
	return printed.Withholding.Decimal()
}

// What the customer was to withhold goes back in proportion, to the cent over the whole invoice, also around a reversal.
func TestWithholdingGoesBackInProportion(t *testing.T) {
	t.Parallel()
	s := setup(t)
	dbtest.AsOwner(t, s.db, `update legal_entities set phone = '+49 40 0'`, `update customers set endpoint_scheme = '0060', endpoint_id = '910000001', address = E'Weg 1\n20095 Hamburg'`)
	in := s.invoice("EUR", line("100.00", "19"), line("33.33", "7"))
	in.Withholding = d("10.00")
	i := s.issue(in)
	first := s.credited(i, onLine(i, 0, "33.33")) // 10.00 × 33.33 / 133.33
	equal(t, "a part", "2.50", s.withheld(first))
	second := s.credited(i, onLine(i, 0, "33.34"))
	equal(t, "a second", "2.50", s.withheld(second))
	s.takeBack(billing.DocumentRef{Kind: billing.MemoDoc, ID: int64(first.ID)})
	equal(t, "what was printed stays", "2.50", s.withheld(second))
	third := s.credited(i, onLine(i, 1, "33.33"))
	equal(t, "a third", "2.50", s.withheld(third))
	rest := s.carried(billing.AdjustmentInput{Kind: billing.BillingError, InvoiceID: i.ID, ReasonCode: "overcharge", Whole: true}).Memo
	equal(t, "the rest", "5.00", s.withheld(rest))
	stored, err := s.billing.RenderXML(t.Context(), billing.DocumentRef{Kind: billing.MemoDoc, ID: int64(rest.ID)})
	s.must(err)
	if !strings.Contains(string(stored.Content), "5,00") || !strings.Contains(string(stored.Content), "Abzugsteuer") {
		t.Error("the electronic form does not say what was withheld")
	}
	plain := s.issue(s.invoice("EUR", line("10", "19")))
	equal(t, "nothing noted", "0", s.withheld(s.credited(plain, onLine(plain, 0, "5"))))
	s.sound()
}

// Any split of an invoice takes back exactly what was noted, in yen, euro and dinar.
func TestAnySplitTakesBackTheWholeWithholding(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		currency := rapid.SampledFrom([]money.Currency{"JPY", "EUR", "KWD"}).Draw(t, "currency")
		unit := decimal.New(1, -currency.Digits())
		of := func(units int64) decimal.Decimal { return unit.Mul(decimal.NewFromInt(units)) }
		sizes := rapid.SliceOfN(rapid.Int64Range(1, 90_000), 1, 12).Draw(t, "parts")
		var net int64
		for _, size := range sizes {
			net += size
		}
		noted := of(rapid.Int64Range(0, net).Draw(t, "noted"))
		got := decimal.Zero
		for n := range sizes {
			share := billing.ShareWithheld(currency, of(net), noted, sizes, n)
			if share.IsNegative() || share.GreaterThan(of(sizes[n])) {
				t.Fatalf("part %d of %s takes back %s", n, of(sizes[n]), share)
			}
			got = got.Add(share)
		}
		if !got.Equal(noted) {
			t.Fatalf("%s went back of %s", got, noted)
		}
	})
}
