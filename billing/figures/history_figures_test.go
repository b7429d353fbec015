package figures_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/figures"
)

// Every figure of a known history, to the cent and to four decimals.
func TestKnownHistory(t *testing.T) {
	t.Parallel()
	for name, path := range histories(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list, want := readHistory(t, path), readExpected(t, path)
			if len(list) != want.Invoices {
				t.Fatalf("%d invoices, want %d", len(list), want.Invoices)
			}
			whole := figures.Settling(settled(list))
			equal(t, "total", want.AmountTotal, whole.Amount)
			same(t, "days to settle", want.DaysToSettle, whole.ToSettle.Mean)
			same(t, "days to settle, weighted", want.Weighted, whole.ToSettle.Weighted)
			same(t, "days late", want.DaysLate, whole.Late.Mean)
			same(t, "late share", want.LateShare, whole.LateShare())
			if whole.LateCount != want.Late {
				t.Errorf("%d late, want %d", whole.LateCount, want.Late)
			}
			checkDisputed(t, list, want)
			for on, figuresOf := range want.AsOf {
				checkDay(t, list, day(on), figuresOf)
			}
		})
	}
}

func checkDisputed(t *testing.T, list []paid, want expected) {
	t.Helper()
	isDisputed := func(p paid) bool { return p.disputed }
	clear := slices.DeleteFunc(slices.Clone(list), isDisputed)
	disputed := slices.DeleteFunc(slices.Clone(list), func(p paid) bool { return !isDisputed(p) })
	of := figures.Settling(settled(disputed))
	if len(disputed) != want.Disputed.Count {
		t.Errorf("%d disputed, want %d", len(disputed), want.Disputed.Count)
	}
	equal(t, "disputed", want.Disputed.Amount, of.Amount)
	same(t, "share disputed", want.Disputed.Share,
		figures.Ratio(decimal.NewFromInt(int64(len(disputed))), decimal.NewFromInt(int64(len(list)))))
	same(t, "days to settle, disputed", want.Disputed.DaysToSettle, of.ToSettle.Mean)
	same(t, "days to settle, undisputed", want.Disputed.Undisputed, figures.Settling(settled(clear)).ToSettle.Mean)
}

func checkDay(t *testing.T, list []paid, on time.Time, want expectedDay) {
	t.Helper()
	at := on.Format(time.DateOnly) + " "
	fourBuckets, err := figures.NewBuckets(0, 30, 60, 90)
	if err != nil {
		t.Fatal(err)
	}
	items, _ := openOn(list, on)
	aging, err := figures.Age(usd, on, fourBuckets, items)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, at+"receivable", want.Open, aging.Receivable.Open)
	equal(t, at+"disputed", want.DisputedAmount, aging.Receivable.Disputed)
	if aging.Receivable.Count != want.OpenCount {
		t.Errorf("%s%d open, want %d", at, aging.Receivable.Count, want.OpenCount)
	}
	if len(aging.Owed) != len(want.Ageing) {
		t.Errorf("%s%d ranges, want %d", at, len(aging.Owed), len(want.Ageing))
	}
	for _, range_ := range aging.Owed {
		wanted := want.Ageing[map[bool]string{true: "current", false: range_.Bucket}[range_.Bucket == "not-due"]]
		equal(t, at+range_.Bucket, wanted.Amount, range_.Open)
		if range_.Count != wanted.Count {
			t.Errorf("%s%s: %d invoices, want %d", at, range_.Bucket, range_.Count, wanted.Count)
		}
	}
	for _, period := range []struct {
		days  int
		sales decimal.Decimal
		dso   json.Number
	}{{30, want.Sales30, want.DSO30}, {90, want.Sales90, want.DSO90}, {365, want.Sales365, want.DSO365}} {
		sum, err := figures.SalesBetween(usd, on.AddDate(0, 0, 1-period.days), on, sales(list))
		if err != nil {
			t.Fatal(err)
		}
		equal(t, at+"sales", period.sales, sum)
		same(t, at+"DSO", period.dso, figures.DSO(aging.Receivable.Open, sum, period.days))
	}
	months, err := figures.SalesByMonth(usd, on, sales(list))
	if err != nil {
		t.Fatal(err)
	}
	same(t, at+"count-back", want.CountBack, figures.CountBackDSO(aging.Receivable.Open, months).Days)
}
