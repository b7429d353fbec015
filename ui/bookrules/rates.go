package bookrules

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/web"
	"makegood/ui/kit"
)

const ratesPath = "/books/rates"

type ratesView struct {
	typed
	Rows   []rateRow
	MaxAge string
	May    bool
	Today  string
	Stale  int
}

type rateRow struct {
	Pair, Rate, On, Age, Source, Note string
	Old                               bool
}

// Rates lists the newest rate of every pair and how old it is: GET /books/rates.
func (s *Screen) Rates(c echo.Context) error { return s.rates(c, http.StatusOK, typed{}) }

func (s *Screen) rates(c echo.Context, status int, t typed) error {
	ctx, by := c.Request().Context(), web.Actor(c)
	list, err := s.billing.LatestFixings(ctx, by)
	if err != nil {
		return err
	}
	age, err := s.billing.RateAge(ctx, by)
	if err != nil {
		return err
	}
	today := billing.Date(s.desk.Clock())
	v := ratesView{typed: t, MaxAge: strconv.Itoa(age), May: access.May(by, access.ManageRates), Today: today.Format(time.DateOnly)}
	for _, f := range list {
		days := int(today.Sub(f.OnDate) / (24 * time.Hour))
		row := rateRow{
			Pair: string(f.Base) + " → " + string(f.Quote), Rate: f.Rate.String(), On: s.day(c, f.OnDate), Age: kit.FormatCount(max(days, 0), s.desk.Lang(c)),
			Source: f.Source, Old: days > age,
		}
		if f.Version > 1 {
			row.Note = i18n.F("corrected: {reason}", "reason", f.Reason)
		}
		if row.Old {
			v.Stale++
		}
		v.Rows = append(v.Rows, row)
	}
	return s.page(c, status, i18n.T("Exchange rates"), ratesPage(v))
}

// RecordRate records a rate, or corrects the one of its day: POST /books/rates. Fields: base, quote, date, rate, source,
// reason (of a correction).
func (s *Screen) RecordRate(c echo.Context) error {
	f, err := fixingOf(c)
	if err == nil {
		ctx, by := c.Request().Context(), web.Actor(c)
		if reason := strings.TrimSpace(c.FormValue("reason")); reason != "" {
			_, err = s.billing.CorrectRate(ctx, billing.RateCorrection{Fixing: f, Reason: reason, By: by})
		} else {
			_, err = s.billing.RecordRate(ctx, f, by)
		}
	}
	if errs.KindOf(err) == errs.NotFound { // a correction of a day without a rate
		err = errs.InvalidField("date", errs.KeyOf(err), "base", string(f.Base), "quote", string(f.Quote), "on", f.OnDate.Format(time.DateOnly))
	}
	return s.done(c, ratesPath, "rate", s.rates, err)
}

func fixingOf(c echo.Context) (billing.Fixing, error) {
	f := billing.Fixing{Source: c.FormValue("source")}
	var err error
	for field, into := range map[string]*money.Currency{"base": &f.Base, "quote": &f.Quote} {
		text := strings.ToUpper(strings.TrimSpace(c.FormValue(field)))
		if *into, err = money.ParseCurrency(text); err != nil {
			return f, errs.InvalidField(field, errs.KeyOf(err), "currency", text)
		}
	}
	if f.OnDate, err = day(c, "date"); err != nil {
		return f, err
	}
	f.Rate, err = number(c, "rate")
	return f, err
}

// RateAge says how long a rate may be used: POST /books/rates/age. Field: days.
func (s *Screen) RateAge(c echo.Context) error {
	days, err := whole(c, "days")
	if err == nil {
		err = s.billing.SetRateAge(c.Request().Context(), days, web.Actor(c))
	}
	return s.done(c, ratesPath, "age", s.rates, err)
}
