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
