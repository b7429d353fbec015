package credits_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/commitment"
	"makegood/credits"
)

// twoSheets proposes a service credit of a net amount by the sheets of March and April.
func (k *desk) twoSheets(net string, march, april billing.CreditSheet) credits.ProposeInput {
	in := k.proposal(k.invoice(k.customer, "3000"), net)
	in.Kind, in.Evidence = billing.SLACredit, nil
	for _, sheet := range []billing.CreditSheet{march, april} {
		in.Evidence = append(in.Evidence, credits.NewEvidence{Kind: credits.Calculation, Label: "Sheet for " + sheet.Month.Format("January"), SheetID: new(int64(sheet.ID)), SHA256: sheet.SHA256})
	}
	return in
}

// A service credit over two sheets under a limit of the contract's year goes all the way; the limit is held over both together.
func TestAServiceCreditOverTwoSheetsOfAYear(t *testing.T) {
	t.Parallel()
	k := setup(t)
	service := k.rack(commitment.Cap{Amount: new(d("1500"))})
	for _, month := range []time.Month{time.March, time.April} {
		k.powerLost(service, "out-"+month.String(), time.Date(2026, month, 10, 8, 0, 0, 0, time.UTC), time.Date(2026, month, 10, 10, 0, 0, 0, time.UTC))
	}
	march, april := k.sheetOf(time.March), k.sheetOf(time.April)
	equal(t, "for March", "1000", march.Amount)
	equal(t, "for April, beside it", "1000", april.Amount)
	if _, err := k.credits.Submit(t.Context(), k.twoSheets("1500.01", march, april)); problem(err) != "evidence.1.sheet_id billing.more_than_year_leaves" || remains(err, "left") != "500.00 EUR" {
		t.Errorf("a cent over the year's limit: %v", err)
	}
	got := k.through(k.twoSheets("1500", march, april))
	equal(t, "given", "1500", got.Net)
	equal(t, "by month", "500", value[decimal.Decimal](t, k.db, `select amount from incident_credits where month = '2026-04-01' and released_at is null`))
	equal(t, "the year is used up", "0", k.sheetOf(time.April).Amount)
}

// Goodwill for one night over a month's end is taken off what is owed for either month, once.
func TestGoodwillOverAMonthsEndIsNotPaidTwice(t *testing.T) {
	t.Parallel()
	k := setup(t)
	service := k.rack(commitment.Cap{})
	// From 23:00 of 31 March to the end of 1 April in Berlin: 60 and 1,440 minutes.
	night := k.powerLost(service, "night", time.Date(2026, 3, 31, 21, 0, 0, 0, time.UTC), time.Date(2026, 4, 1, 22, 0, 0, 0, time.UTC))
	k.through(k.goodwill(night, "200"))
	equal(t, "1,000.00 for March less its share", "992", k.sheetOf(time.March).Amount)
	equal(t, "1,000.00 for April less its share", "808", k.sheetOf(time.April).Amount)
	k.through(k.twoSheets("1800", k.sheetOf(time.March), k.sheetOf(time.April)))
	equal(t, "in all, what was owed", "2000", value[decimal.Decimal](t, k.db, `select sum(amount) from incident_credits where released_at is null`))
}
