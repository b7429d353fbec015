package figures_test

import (
	"encoding/json"
	"math/big"
	"slices"
	"testing"
	"time"

	"makegood/billing/figures"
)

// The recount goes the slow obvious way: fractions instead of decimals, day by day instead of by formula.

func rat(text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		panic(text)
	}
	return r
}

func days(n int) *big.Rat { return new(big.Rat).SetInt64(int64(n)) }

func sum(list []paid, of func(paid) *big.Rat) *big.Rat {
	total := new(big.Rat)
	for _, p := range list {
		total.Add(total, of(p))
	}
	return total
}

func amountOf(p paid) *big.Rat { return rat(p.amount) }

func quotient(part, whole *big.Rat) json.Number {
	return json.Number(new(big.Rat).Quo(part, whole).FloatString(figures.Places))
}

// dayCount walks from one day to the other.
func dayCount(from, to time.Time) int {
	n := 0
	for at := from; at.Before(to); at = at.AddDate(0, 0, 1) {
		n++
	}
	return n
}

func TestRecount(t *testing.T) {
	t.Parallel()
	for name, path := range histories(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := readHistory(t, path)
			recountSettling(t, list)
			last := slices.MaxFunc(list, func(a, b paid) int { return a.issued.Compare(b.issued) }).issued
			for _, back := range []int{0, 17, 31, 60, 101} { // days within a month as well as at its end
				recountDay(t, list, last.AddDate(0, 0, -back))
			}
		})
	}
}

func recountSettling(t *testing.T, list []paid) {
	t.Helper()
	got := figures.Settling(settled(list))
	took := func(p paid) *big.Rat { return days(dayCount(p.issued, p.ended)) }
	late := func(p paid) *big.Rat { return days(dayCount(p.due, p.ended)) } // none when it ended before
	weigh := func(of func(paid) *big.Rat) func(paid) *big.Rat {
		return func(p paid) *big.Rat { return new(big.Rat).Mul(of(p), amountOf(p)) }
	}
	same(t, "mean days to settle", quotient(sum(list, took), days(len(list))), got.ToSettle.Mean)
	same(t, "weighted days to settle", quotient(sum(list, weigh(took)), sum(list, amountOf)), got.ToSettle.Weighted)
	same(t, "mean days late", quotient(sum(list, late), days(len(list))), got.Late.Mean)
	same(t, "weighted days late", quotient(sum(list, weigh(late)), sum(list, amountOf)), got.Late.Weighted)
	byLate := slices.DeleteFunc(slices.Clone(list), func(p paid) bool { return !p.ended.After(p.due) })
	same(t, "late share", quotient(days(len(byLate)), days(len(list))), got.LateShare())
	same(t, "late share by value", quotient(sum(byLate, amountOf), sum(list, amountOf)), got.LateValueShare())
}

func recountDay(t *testing.T, list []paid, on time.Time) {
	t.Helper()
	at := on.Format(time.DateOnly) + " "
	items, open := openOn(list, on)
	aging, err := figures.Age(usd, on, figures.StandardBuckets(), items)
	if err != nil {
		t.Fatal(err)
	}
	receivable, byName := sum(open, amountOf), map[string]*big.Rat{}
	for _, p := range open {
		name := obvious(dayCount(p.due, on))
		if byName[name] == nil {
			byName[name] = new(big.Rat)
		}
		byName[name].Add(byName[name], amountOf(p))
	}
	for _, range_ := range aging.Owed {
		want := byName[range_.Bucket]
		if want == nil {
			want = new(big.Rat)
		}
		equal(t, at+range_.Bucket, d(want.FloatString(2)), range_.Open)
	}
	equal(t, at+"receivable", d(receivable.FloatString(2)), aging.Receivable.Open)

	sold := map[time.Time]*big.Rat{} // by the first of the month
	for _, p := range list {
		if p.issued.After(on) {
			continue
		}
		first := p.issued.AddDate(0, 0, 1-p.issued.Day())
		if sold[first] == nil {
			sold[first] = new(big.Rat)
		}
		sold[first].Add(sold[first], amountOf(p))
	}
	months, err := figures.SalesByMonth(usd, on, sales(list))
	if err != nil {
		t.Fatal(err)
	}
	same(t, at+"count-back", json.Number(countBack(receivable, sold, on).FloatString(figures.Places)),
		figures.CountBackDSO(aging.Receivable.Open, months).Days)
	recountTrue(t, open, sold, on)
}

func recountTrue(t *testing.T, open []paid, sold map[time.Time]*big.Rat, on time.Time) {
	t.Helper()
	sum := new(big.Rat)
	var sales []figures.OpenSale
	for _, p := range open {
		month := sold[p.issued.AddDate(0, 0, 1-p.issued.Day())]
		part := new(big.Rat).Mul(days(dayCount(p.issued, on)), amountOf(p))
		sum.Add(sum, part.Quo(part, month))
		sales = append(sales, figures.OpenSale{IssuedOn: p.issued, Open: d(p.amount), MonthSales: d(month.FloatString(2))})
	}
	same(t, "true DSO", json.Number(sum.FloatString(figures.Places)), figures.TrueDSO(on, sales))
}

// countBack goes back one day at a time; each day of a month stands for an equal part of its sales. The history here
// always covers what is open.
func countBack(receivable *big.Rat, sold map[time.Time]*big.Rat, on time.Time) *big.Rat {
	left, counted := new(big.Rat).Set(receivable), 0
	for at := on; ; at = at.AddDate(0, 0, -1) {
		first := at.AddDate(0, 0, 1-at.Day())
		month := sold[first]
		if left.Sign() <= 0 || len(sold) == 0 {
			return days(counted)
		}
		if month == nil { // a month without sales counts its days
			counted++
			continue
		}
		length := dayCount(first, first.AddDate(0, 1, 0))
		if on.Before(first.AddDate(0, 1, -1)) {
			length = on.Day()
		}
		perDay := new(big.Rat).Quo(month, days(length))
		if perDay.Cmp(left) > 0 {
			return new(big.Rat).Add(days(counted), left.Quo(left, perDay))
		}
		left.Sub(left, perDay)
		counted++
	}
}

func obvious(pastDue int) string {
	switch {
	case pastDue <= 0:
		return "not-due"
	case pastDue <= 30:
		return "1-30"
	case pastDue <= 60:
		return "31-60"
	case pastDue <= 90:
		return "61-90"
	case pastDue <= 120:
		return "91-120"
	default:
		return "over-120"
	}
}
