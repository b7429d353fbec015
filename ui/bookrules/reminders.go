package bookrules

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/billing/dunning"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
)

const remindersPath = "/books/reminders"

type remindersView struct {
	typed
	Rows []reminderRow
	May  bool
}

type reminderRow struct{ Code, Name, Levels, Fee, Promise, Link string }

// Reminders shows when each legal entity reminds and at what late fee: GET /books/reminders.
func (s *Screen) Reminders(c echo.Context) error { return s.reminders(c, http.StatusOK, typed{}) }

func (s *Screen) reminders(c echo.Context, status int, t typed) error {
	ctx, by := c.Request().Context(), web.Actor(c)
	policies, err := s.billing.CollectionPolicies(ctx, by)
	if err != nil {
		return err
	}
	v := remindersView{typed: t, May: access.May(by, access.ManagePeriods)}
	for _, p := range policies {
		levels := make([]string, len(p.LevelDays))
		for i, days := range p.LevelDays {
			levels[i] = strconv.Itoa(days)
		}
		v.Rows = append(v.Rows, reminderRow{Code: p.Code, Name: p.Name, Levels: strings.Join(levels, ", "), Fee: p.LateFeePercent.String(), Promise: strconv.Itoa(p.PromiseReminderDays), Link: string(p.PaymentLink)})
	}
	return s.page(c, status, i18n.T("Reminders and late fee"), remindersPage(v))
}

// SetReminders changes when an entity reminds: POST /books/reminders/:entity. Fields: level_days (by comma),
// late_fee_percent, promise_reminder_days, payment_link.
func (s *Screen) SetReminders(c echo.Context) error {
	ctx := c.Request().Context()
	known, err := s.billing.CollectionPolicies(ctx, web.Actor(c))
	if err != nil {
		return err
	}
	at := slices.IndexFunc(known, func(p billing.EntityPolicy) bool { return p.Code == c.Param("entity") })
	if at < 0 {
		return billing.ErrNoEntity
	}
	p := known[at].CollectionPolicy
	if p.LevelDays, err = daysOf(c.FormValue("level_days")); err == nil {
		if p.LateFeePercent, err = number(c, "late_fee_percent"); err == nil {
			p.PaymentLink = dunning.PayLink(c.FormValue("payment_link"))
			if p.PromiseReminderDays, err = whole(c, "promise_reminder_days"); err == nil {
				err = s.billing.SetCollectionPolicy(ctx, p, web.Actor(c))
			}
		}
	}
	return s.done(c, remindersPath, known[at].Code, s.reminders, err)
}

// daysOf reads days by comma.
func daysOf(text string) ([]int, error) {
	var days []int
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil {
			return nil, errs.InvalidField("level_days", "billing.bad_levels")
		}
		days = append(days, n)
	}
	return days, nil
}
