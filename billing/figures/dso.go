package figures

import (
	"maps"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/money"
)

// Standing is what the ratios of receivables are made of, in one currency. Sales are the invoices of the period, with
// tax, since the receivable has it too.
type Standing struct {
	Opening    decimal.Decimal // receivable when the period began
	Receivable decimal.Decimal // receivable at its end
	Current    decimal.Decimal // the part of it that is not due
	Sales      decimal.Decimal
	Days       int // days of the period
	Months     int // whole months of the period, for CEI
}

// DSO is days sales outstanding: receivable at the end ÷ credit sales × days (Credit Research Foundation).
func DSO(receivable, sales decimal.Decimal, days int) Figure {
	return Ratio(receivable.Mul(count(days)), sales)
}

// DSO of the standing.
func (s Standing) DSO() Figure { return DSO(s.Receivable, s.Sales, s.Days) }

// BestPossible is the DSO if every customer paid on the day due: current receivable ÷ credit sales × days (Credit
// Research Foundation).
func (s Standing) BestPossible() Figure { return DSO(s.Current, s.Sales, s.Days) }

// DelinquentDays is average days delinquent: DSO less best possible DSO (Credit Research Foundation).
func (s Standing) DelinquentDays() Figure { return Less(s.DSO(), s.BestPossible()) }

// Effectiveness is the collection effectiveness index as a share: what was collected of what could be,
// (opening + sales ÷ months − receivable) ÷ (opening + sales ÷ months − current) (Credit Research Foundation).
// 1 is everything that was due. None for a period without a whole month.
func (s Standing) Effectiveness() Figure {
	if s.Months <= 0 {
		return Figure{}
	}
	// Both sides times the months, so that nothing is rounded before the end.
	months := count(s.Months)
	pool := s.Opening.Mul(months).Add(s.Sales)
	return Ratio(pool.Sub(s.Receivable.Mul(months)), pool.Sub(s.Current.Mul(months)))
}

// CurrentShare is the part of the receivable that is not due.
func (s Standing) CurrentShare() Figure { return Ratio(s.Current, s.Receivable) }

// Turnover is how often a year the receivable is turned over: credit sales of the period brought to 365 days ÷
// receivable. None for a period without days.
func (s Standing) Turnover() Figure {
	return Ratio(s.Sales.Mul(count(365)), s.Receivable.Mul(count(s.Days)))
}

// MonthSales is what was invoiced in a calendar month, or in the part of it up to the day asked for. Days are those of
// that part.
type MonthSales struct {
	Month time.Time
	Days  int
	Sales decimal.Decimal
}

// CountBack is count-back DSO.
type CountBack struct {
	Days Figure
	// AtLeast tells that the receivable is more than all the sales of the history: Days is all of it.
	AtLeast bool
}

// CountBackDSO takes the sales of one month after another from the receivable, the newest first: whole months while the
// balance covers them, then the days of the last one in proportion. A month without sales (or with less than none) is
// passed over whole. No history gives no figure; a receivable of nothing is nought days old.
func CountBackDSO(receivable decimal.Decimal, history []MonthSales) CountBack {
	if len(history) == 0 {
		return CountBack{}
	}
	months := slices.SortedFunc(slices.Values(history), func(a, b MonthSales) int { return b.Month.Compare(a.Month) })
	left, days := receivable, 0
	for _, m := range months {
		if !left.IsPositive() {
			break
		}
		if m.Sales.GreaterThan(left) {
			part := left.Mul(count(m.Days)).Add(m.Sales.Mul(count(days)))
			return CountBack{Days: Ratio(part, m.Sales)}
		}
		left = left.Sub(decimal.Max(m.Sales, decimal.Zero))
		days += m.Days
	}
	return CountBack{Days: decimal.NewNullDecimal(count(days)), AtLeast: left.IsPositive()}
}

// Sale is one invoice: what was billed, with tax, on which day.
type Sale struct {
	Currency money.Currency
	On       time.Time
	Amount   decimal.Decimal
}

// SalesBetween adds up the sales of the days from first to last, both included.
func SalesBetween(cur money.Currency, first, last time.Time, sales []Sale) (decimal.Decimal, error) {
	sum := decimal.Zero
	for _, s := range sales {
		if err := sameCurrency(cur, s.Currency); err != nil {
			return decimal.Zero, err
		}
		if on := date(s.On); !on.Before(date(first)) && !on.After(date(last)) {
			sum = sum.Add(s.Amount)
		}
	}
	return sum, nil
}

// SalesByMonth brings sales up to a day into calendar months, newest first, without gaps, back to the earliest sale.
// The month of the day counts only its days so far. Sales after the day are left out.
func SalesByMonth(cur money.Currency, on time.Time, sales []Sale) ([]MonthSales, error) {
	sums := map[time.Time]decimal.Decimal{}
	oldest := monthOf(on)
	for _, s := range sales {
		if err := sameCurrency(cur, s.Currency); err != nil {
			return nil, err
		}
		if date(s.On).After(date(on)) {
			continue
		}
		month := monthOf(s.On)
		sums[month] = sums[month].Add(s.Amount)
		if month.Before(oldest) {
			oldest = month
		}
	}
	if len(sums) == 0 {
		return nil, nil
	}
	var list []MonthSales
	for month := monthOf(on); !month.Before(oldest); month = month.AddDate(0, -1, 0) {
		list = append(list, MonthSales{Month: month, Days: daysUpTo(month, on), Sales: sums[month]})
	}
	return list, nil
}

// daysUpTo is how many days of a month have begun by a day.
func daysUpTo(month, on time.Time) int {
	last := month.AddDate(0, 1, -1)
	if date(on).Before(last) {
		last = date(on)
	}
	return DaysBetween(month, last) + 1
}

// OpenSale is an open invoice with what was sold in the month it was issued in.
type OpenSale struct {
	IssuedOn   time.Time
	Open       decimal.Decimal
	MonthSales decimal.Decimal
}

// TrueDSO weighs every open invoice by its own age: the sum of age × open amount ÷ credit sales of the month it was
// issued in (Oracle Receivables calls this true DSO). Nothing open is nought days; an invoice whose month has no sales
// gives no figure.
func TrueDSO(on time.Time, open []OpenSale) Figure {
	months := map[time.Time]OpenMonth{}
	for _, o := range open {
		month := months[monthOf(o.IssuedOn)]
		month.AmountDays = month.AmountDays.Add(o.Open.Mul(count(DaysBetween(o.IssuedOn, on))))
		month.Sales = o.MonthSales
		months[monthOf(o.IssuedOn)] = month
	}
	return TrueDSOByMonth(slices.Collect(maps.Values(months)))
}

// OpenMonth is a calendar month with open invoices: the sum of their age in days × open amount, and what was sold in it.
type OpenMonth struct {
	AmountDays decimal.Decimal
	Sales      decimal.Decimal
}

// TrueDSOByMonth is TrueDSO for invoices that were added up by the month they were issued in.
func TrueDSOByMonth(months []OpenMonth) Figure {
	sum := decimal.Zero
	for _, m := range months {
		if !m.Sales.IsPositive() {
			return Figure{}
		}
		sum = sum.Add(m.AmountDays.DivRound(m.Sales, 3*Places)) // far finer than the figure, which is rounded below
	}
	return decimal.NewNullDecimal(sum.Round(Places))
}
