package reports_test

import (
	"encoding/json"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/figures"
)

// raw is an invoice of the file, read without the program.
type raw struct {
	issued, due, settled time.Time
	amount               decimal.Decimal
	disputed             bool
}

func (p *department) raws() []raw {
	p.t.Helper()
	list := make([]raw, len(p.history.rows))
	for i, row := range p.history.rows {
		list[i] = raw{
			issued: p.history.on(row, "InvoiceDate"), due: p.history.on(row, "DueDate"), settled: p.history.on(row, "SettledDate"),
			amount: d(p.history.cell(row, "InvoiceAmount")), disputed: p.history.cell(row, "Disputed") == "Yes",
		}
	}
	return list
}

func (r raw) openOn(on time.Time) bool { return !r.issued.After(on) && r.settled.After(on) }

func daysFrom(from, to time.Time) int64 { return int64(to.Sub(from).Hours()) / 24 }

// recountDays adds the aging, what is disputed, the sales and the DSO of each day of account up anew.
func (p *department) recountDays() {
	p.t.Helper()
	list := p.raws()
	for on, want := range p.history.want.AsOf {
		p.recountAging(list, day(on), want)
		p.recountDSO(list, day(on), want)
	}
	p.recountWhole(list)
}

func (p *department) recountAging(list []raw, on time.Time, want dayOfBook) {
	p.t.Helper()
	aged, disputed := map[string]agedPart{}, agedPart{}
	for _, r := range list {
		if !r.openOn(on) {
			continue
		}
		name := "over-90"
		switch late := daysFrom(r.due, on); {
		case late <= 0:
			name = "current"
		case late <= 30:
			name = "1-30"
		case late <= 60:
			name = "31-60"
		case late <= 90:
			name = "61-90"
		}
		aged[name] = agedPart{aged[name].Count + 1, aged[name].Amount.Add(r.amount)}
		if r.disputed {
			disputed = agedPart{disputed.Count + 1, disputed.Amount.Add(r.amount)}
		}
	}
	name := on.Format(time.DateOnly) + " in the file: "
	for bucket, part := range want.Ageing {
		p.same(name+bucket, part.Amount, aged[bucket].Amount)
		if aged[bucket].Count != part.Count {
			p.t.Errorf("%s%d of %s, want %d", name, aged[bucket].Count, bucket, part.Count)
		}
	}
	p.same(name+"disputed", want.DisputedAmount, disputed.Amount)
	if disputed.Count != want.DisputedCount {
		p.t.Errorf("%s%d disputed, want %d", name, disputed.Count, want.DisputedCount)
	}
}

func (p *department) recountDSO(list []raw, on time.Time, want dayOfBook) {
	p.t.Helper()
	name := on.Format(time.DateOnly) + " in the file: "
	for _, w := range []struct {
		days  int
		sales decimal.Decimal
		dso   json.Number
	}{{30, want.Sales30, want.DSO30}, {90, want.Sales90, want.DSO90}, {365, want.Sales365, want.DSO365}} {
		open, sales := decimal.Zero, decimal.Zero
		for _, r := range list {
			if r.openOn(on) {
				open = open.Add(r.amount)
			}
			if !r.issued.After(on) && r.issued.After(on.AddDate(0, 0, -w.days)) {
				sales = sales.Add(r.amount)
			}
		}
		p.same(name+"sales", w.sales, sales)
		p.ratio(name+"DSO", w.dso, figures.Ratio(open.Mul(decimal.NewFromInt(int64(w.days))), sales))
	}
	p.ratio(name+"count-back DSO", want.CountBack, decimal.NewNullDecimal(countedBack(list, on).Round(figures.Places)))
}

// countedBack takes the sales of whole months off what is open, the latest first, for as many days as they have, and of the month that
// covers the rest a part.
func countedBack(list []raw, on time.Time) decimal.Decimal {
	left, days := decimal.Zero, decimal.Zero
	for _, r := range list {
		if r.openOn(on) {
			left = left.Add(r.amount)
		}
	}
	for last := on; ; last = time.Date(last.Year(), last.Month(), 0, 0, 0, 0, 0, time.UTC) {
		sales := decimal.Zero
		for _, r := range list {
			if r.issued.Year() == last.Year() && r.issued.Month() == last.Month() && !r.issued.After(on) {
				sales = sales.Add(r.amount)
			}
		}
		length := decimal.NewFromInt(int64(last.Day()))
		if sales.GreaterThanOrEqual(left) && sales.IsPositive() {
			return days.Add(length.Mul(left).DivRound(sales, figures.Places+8))
		}
		left, days = left.Sub(sales), days.Add(length)
	}
}

// recountWhole counts what was paid late, by how much, how soon by amount, and what was disputed of the whole file.
func (p *department) recountWhole(list []raw) {
	p.t.Helper()
	want, count := p.history.want, decimal.NewFromInt(int64(len(list)))
	var late, lateDays, disputed int64
	weighted, total, contested := decimal.Zero, decimal.Zero, decimal.Zero
	for _, r := range list {
		if days := daysFrom(r.due, r.settled); days > 0 {
			late, lateDays = late+1, lateDays+days
		}
		weighted, total = weighted.Add(r.amount.Mul(decimal.NewFromInt(daysFrom(r.issued, r.settled)))), total.Add(r.amount)
		if r.disputed {
			disputed, contested = disputed+1, contested.Add(r.amount)
		}
	}
	p.ratio("days to settle by amount in the file", want.Weighted, figures.Ratio(weighted, total))
	p.ratio("days late in the file", want.DaysLate, figures.Ratio(decimal.NewFromInt(lateDays), count))
	p.ratio("paid late in the file", want.LateShare, figures.Ratio(decimal.NewFromInt(late), count))
	p.ratio("dispute share in the file", want.Disputed.Share, figures.Ratio(decimal.NewFromInt(disputed), count))
	p.same("disputed in the file", want.Disputed.Amount, contested)
}
