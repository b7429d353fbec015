package reports_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/figures"
	"makegood/internal/db"
	"makegood/internal/money"
	"makegood/internal/reports"
)

// billed is an invoice as the database has it.
type billed struct {
	ID           int64
	Entity       string
	Currency     money.Currency
	BaseCurrency money.Currency
	Total        decimal.Decimal
	FxRate       decimal.Decimal
	IssuedOn     time.Time
	PostedAt     time.Time
}

func (b billed) sale(s reports.Scope) (figures.Sale, bool) {
	if b.IssuedOn.After(s.On) || s.Basis == reports.KnownThen && !b.PostedAt.Before(s.On.AddDate(0, 0, 1)) ||
		s.Entity != "" && b.Entity != s.Entity || s.Currency != "" && s.Currency != b.Currency {
		return figures.Sale{}, false
	}
	if s.Base {
		return figures.Sale{Currency: b.BaseCurrency, On: b.IssuedOn, Amount: b.Total.Mul(b.FxRate).Round(b.BaseCurrency.Digits())}, true
	}
	return figures.Sale{Currency: b.Currency, On: b.IssuedOn, Amount: b.Total}, true
}

func TestDSOIsWhatTheDocumentsGive(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.live(12)
	r := h.recount()
	bills, err := db.List[billed](t.Context(), h.db, `select i.id, e.code as entity, i.currency, e.base_currency, i.total, i.fx_rate, i.issued_on, i.posted_at
		from invoices i join legal_entities e on e.id = i.entity_id`)
	h.must(err)
	for n, s := range scopes() {
		days := []int{30, 90, 61}[n%3]
		got, err := h.reports.DSO(t.Context(), s, days)
		h.must(err)
		sales := map[money.Currency][]figures.Sale{}
		for _, b := range bills {
			if sale, counts := b.sale(s); counts {
				sales[sale.Currency] = append(sales[sale.Currency], sale)
			}
		}
		if len(got.Sections) < len(sales) {
			t.Errorf("%+v: %d sections for %d currencies", s, len(got.Sections), len(sales))
		}
		for _, section := range got.Sections {
			want := h.dsoByHand(r, s, section.Currency, days, sales[section.Currency])
			if have := sayDSO(section); have != want {
				t.Errorf("%+v, %d days:\ngot  %s\nwant %s", s, days, have, want)
			}
		}
	}
}

// dsoByHand takes the figures from the journal and the documents through the pure package.
func (h *house) dsoByHand(r recount, s reports.Scope, cur money.Currency, days int, sales []figures.Sale) string {
	h.t.Helper()
	age := func(s reports.Scope) figures.Ageing {
		a, err := figures.Age(cur, s.On, figures.StandardBuckets(), r.items(s)[cur])
		h.must(err)
		return a
	}
	before := s
	before.On = s.On.AddDate(0, 0, -days)
	now, then := age(s), age(before)
	sold, err := figures.SalesBetween(cur, s.On.AddDate(0, 0, 1-days), s.On, sales)
	h.must(err)
	months, err := figures.SalesByMonth(cur, s.On, sales)
	h.must(err)
	standing := figures.Standing{
		Opening: then.Receivable.Open, Receivable: now.Receivable.Open, Current: now.Current(), Sales: sold, Days: days, Months: (days + 15) / 30,
	}
	section := reports.DSOSection{Currency: cur, Standing: standing, CountBack: figures.CountBackDSO(now.Receivable.Open, months), True: h.trueByHand(r, s, cur, months)}
	for _, length := range []int{30, 90, 365} {
		sum, err := figures.SalesBetween(cur, s.On.AddDate(0, 0, 1-length), s.On, sales)
		h.must(err)
		section.Windows = append(section.Windows, reports.DSOWindow{Days: length, Standing: figures.Standing{
			Receivable: now.Receivable.Open, Current: now.Current(), Sales: sum, Days: length,
		}})
	}
	return sayDSO(section)
}

func (h *house) trueByHand(r recount, s reports.Scope, cur money.Currency, months []figures.MonthSales) figures.Figure {
	type invoice struct {
		issued time.Time
		open   decimal.Decimal
	}
	open := map[int64]*invoice{}
	for _, p := range r.postings {
		currency, amount := p.Currency, p.Amount
		if s.Base {
			currency, amount = p.BaseCurrency, p.BaseAmount
		}
		if p.ItemKind != "invoice" || currency != cur || p.DatedOn.After(s.On) || s.Basis == reports.KnownThen && !p.PostedAt.Before(s.On.AddDate(0, 0, 1)) ||
			s.Entity != "" && p.Entity != s.Entity || s.Currency != "" && s.Currency != p.Currency {
			continue
		}
		if open[p.ItemID] == nil {
			open[p.ItemID] = &invoice{issued: p.OpenedOn}
		}
		open[p.ItemID].open = open[p.ItemID].open.Add(amount)
	}
	var list []figures.OpenSale
	for _, i := range open {
		if i.open.IsZero() {
			continue
		}
		sale := figures.OpenSale{IssuedOn: i.issued, Open: i.open}
		at := slices.IndexFunc(months, func(m figures.MonthSales) bool {
			return m.Month.Year() == i.issued.Year() && m.Month.Month() == i.issued.Month()
		})
		if at >= 0 {
			sale.MonthSales = months[at].Sales
		}
		list = append(list, sale)
	}
	return figures.TrueDSO(s.On, list)
}

func sayDSO(s reports.DSOSection) string {
	st := s.Standing
	text := fmt.Sprintf("%s %s %s %s %s | %v %v %v %v %v %v | %v %t %v", s.Currency, st.Opening.StringFixed(2), st.Receivable.StringFixed(2), st.Current.StringFixed(2),
		st.Sales.StringFixed(2), st.DSO(), st.BestPossible(), st.DelinquentDays(), st.Effectiveness(), st.CurrentShare(), st.Turnover(), s.CountBack.Days, s.CountBack.AtLeast, s.True)
	for _, w := range s.Windows {
		text += fmt.Sprintf(" | %d %s %v %v", w.Days, w.Standing.Sales.StringFixed(2), w.Standing.DSO(), w.Standing.BestPossible())
	}
	return text
}

func TestTrendEndsWithToday(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.live(13)
	for _, basis := range []reports.Basis{reports.KnownNow, reports.KnownThen} {
		s := reports.Scope{By: controller(), On: day("2026-06-20"), Basis: basis}
		points, err := h.reports.DSOTrend(t.Context(), s, "EUR", 4)
		h.must(err)
		var on []string
		for _, p := range points {
			on = append(on, p.On.Format(time.DateOnly))
			at := s
			at.On = p.On
			whole, err := h.reports.DSO(t.Context(), at, 90)
			h.must(err)
			for _, section := range whole.Sections {
				if section.Currency != "EUR" {
					continue
				}
				alone, trend := fmt.Sprint(section.Standing.DSO(), section.Standing.BestPossible(), section.CountBack), fmt.Sprint(p.DSO, p.BestPossible, p.CountBack)
				if alone != trend {
					t.Errorf("%s: %s on the trend, %s by itself", p.On, trend, alone)
				}
			}
		}
		if want := []string{"2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-20"}; !slices.Equal(on, want) {
			t.Errorf("points %v, want %v", on, want)
		}
	}
}
