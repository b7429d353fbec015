package bookrules_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/web"
	"makegood/ui/bookrules"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func open(t *testing.T) *screentest.Room {
	t.Helper()
	r := screentest.Open(t)
	s := bookrules.New(r.Desk, r.Billing, r.Credits, r.PostBack)
	r.Echo.GET("/books/gateways", s.Gateways, web.Need(access.ReadBooks))
	r.Echo.POST("/books/gateways/:entity", s.SetGateway, web.Need(access.Administer))
	r.Echo.POST("/credit-memos/:number/elsewhere/:action", s.RetryElsewhere, web.Need(access.Reconcile))
	r.Echo.POST("/credit-memos/:number/elsewhere/:action/by-hand", s.SettleElsewhere, web.Need(access.Reconcile))
	r.Echo.GET("/books/proofs", s.Proofs, web.Need(access.ReadBooks))
	r.Echo.POST("/books/proofs", s.Prove, web.Need(access.ManagePeriods))
	r.Echo.GET("/books/rates", s.Rates, web.Need(access.ReadBooks))
	r.Echo.POST("/books/rates", s.RecordRate, web.Need(access.ManageRates))
	r.Echo.POST("/books/rates/import", s.ImportRates, web.Need(access.ManageRates))
	r.Echo.POST("/books/rates/age", s.RateAge, web.Need(access.ManageRates))
	r.Echo.GET("/books/reminders", s.Reminders, web.Need(access.ReadBooks))
	r.Echo.POST("/books/reminders/:entity", s.SetReminders, web.Need(access.ManagePeriods))
	r.Echo.GET("/books/budgets", s.Budgets, web.Need(access.ReadCredits))
	r.Echo.POST("/books/budgets", s.SetBudget, web.Need(access.ManageBudgets))
	return r
}

func has(t *testing.T, a screentest.Answer, status int, wants ...string) {
	t.Helper()
	if a.Status != status {
		t.Errorf("status %d, want %d: %s", a.Status, status, a.Text)
	}
	for _, want := range wants {
		if !strings.Contains(a.Text, want) {
			t.Errorf("answer lacks %q: %s", want, a.Text)
		}
	}
}

func went(t *testing.T, a screentest.Answer) {
	t.Helper()
	if a.Status != http.StatusSeeOther {
		t.Errorf("status %d: %s", a.Status, a.Text)
	}
}

func TestRatesAreRecordedOnScreen(t *testing.T) {
	t.Parallel()
	r := open(t)
	controller, agent := r.As(access.Controller), r.As(access.Agent)
	rate := url.Values{"base": {"eur"}, "quote": {"CHF"}, "date": {"2026-05-01"}, "rate": {"0.9412"}, "source": {"ECB"}}
	went(t, controller.Post("/books/rates", rate))
	has(t, controller.Get("/books/rates"), 200, "EUR → CHF 0.9412 1 May 2026", "ECB", "Record a rate")
	rate.Set("rate", "0.9500")
	has(t, controller.Post("/books/rates", rate), 409, "Nothing was changed.", "0.9412")
	rate.Set("reason", "typing error")
	went(t, controller.Post("/books/rates", rate))
	has(t, controller.Get("/books/rates"), 200, "EUR → CHF 0.95 1 May 2026", "corrected: typing error")
	for field, value := range map[string]string{"base": "Euro", "rate": "much", "date": "May"} {
		wrong := url.Values{"base": {"EUR"}, "quote": {"CHF"}, "date": {"2026-05-02"}, "rate": {"0.94"}, "source": {"ECB"}}
		wrong.Set(field, value)
		if a := controller.Post("/books/rates", wrong); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.HTML, `value="`+value+`"`) {
			t.Errorf("%s: %d", field, a.Status)
		}
	}
	went(t, controller.Post("/books/rates/age", url.Values{"days": {"3"}}))
	has(t, agent.Get("/books/rates"), 200, "too old", "Some rates are too old to be used.", "A rate may be used for 3 days")
	has(t, controller.Post("/books/rates/age", url.Values{"days": {"0"}}), 422)
	if a := agent.Get("/books/rates"); strings.Contains(a.Text, "Record a rate") {
		t.Error("an agent can record a rate")
	}
	for _, path := range []string{"/books/rates", "/books/rates/age", "/books/reminders/DE", "/books/budgets", "/books/proofs"} {
		if a := agent.Post(path, nil); a.Status != http.StatusForbidden {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
}

func TestRemindersAreChangedOnScreen(t *testing.T) {
	t.Parallel()
	r := open(t)
	controller := r.As(access.Controller)
	has(t, r.As(access.Auditor).Get("/books/reminders"), 200, "Reminders from 1, 15, 30, 45 days overdue; late fee 0 % a year; word of a promise 1 days before.")
	went(t, controller.Post("/books/reminders/DE", url.Values{"level_days": {"3, 20"}, "late_fee_percent": {"9.12"}, "promise_reminder_days": {"2"}}))
	has(t, r.As(access.Auditor).Get("/books/reminders"), 200, "Reminders from 3, 20 days overdue; late fee 9.12 % a year; word of a promise 2 days before.")
	has(t, controller.Post("/books/reminders/DE", url.Values{"level_days": {"20, 3"}, "late_fee_percent": {"9"}}), 422)
	has(t, controller.Post("/books/reminders/DE", url.Values{"level_days": {"3"}, "late_fee_percent": {"900"}, "promise_reminder_days": {"1"}}), 422)
	has(t, controller.Post("/books/reminders/DE", url.Values{"level_days": {"3"}, "late_fee_percent": {"9"}, "promise_reminder_days": {"31"}}), 422, "0 to 30 days")
	link := url.Values{"level_days": {"3"}, "late_fee_percent": {"9"}, "promise_reminder_days": {"1"}, "payment_link": {"https://pay.example/?i={reference}&a={amount}&c={currency}"}}
	went(t, controller.Post("/books/reminders/DE", link))
	if a := controller.Get("/books/reminders"); !strings.Contains(a.HTML, `value="https://pay.example/?i={reference}&amp;a={amount}&amp;c={currency}"`) {
		t.Error("the payment link is not shown")
	}
	link.Set("payment_link", "https://pay.example/?i={reference}&a={amount}")
	has(t, controller.Post("/books/reminders/DE", link), 422, "The link must say what is paid: {currency} is missing.")
	if a := controller.Post("/books/reminders/XX", url.Values{"level_days": {"3"}, "late_fee_percent": {"9"}, "promise_reminder_days": {"1"}}); a.Status != http.StatusNotFound {
		t.Errorf("no such entity: %d", a.Status)
	}
}

func TestBudgetsAreSetOnScreen(t *testing.T) {
	t.Parallel()
	r := open(t)
	director := r.As(access.Director)
	page := director.Get("/books/budgets?month=2026-05")
	has(t, page, 200, "May 2026", "EUR, tax included")
	_, rest, found := strings.Cut(page.HTML, `name="team" value="`)
	if !found {
		t.Fatal("no team to set a budget for")
	}
	team, _, _ := strings.Cut(rest, `"`)
	set := url.Values{"team": {team}, "month": {"2026-05"}, "amount": {"500"}, "version": {"0"}}
	went(t, director.Post("/books/budgets", set))
	has(t, r.As(access.Agent).Get("/books/budgets?month=2026-05"), 200, "0.00 0.00 500.00 500.00")
	has(t, director.Post("/books/budgets", set), 409, "Somebody else changed this budget meanwhile")
	set.Set("amount", "a lot")
	has(t, director.Post("/books/budgets", set), 422, "This is not a number.")
	has(t, director.Get("/books/budgets?month=2026-06"), 200, "June 2026")

	each := url.Values{"team": {team}, "month": {"2026-06"}, "amount": {"700"}, "version": {"0"}, "each": {"yes"}, "each_version": {"0"}}
	went(t, director.Post("/books/budgets", each))
	has(t, director.Post("/books/budgets", each), 409, "Somebody else changed this budget meanwhile")
	has(t, director.Get("/books/budgets?month=2026-09"), 200, "Each month since June 2026.", "None from here on")
	if a := director.Get("/books/budgets?month=2026-05"); strings.Contains(a.Text, "Each month since") {
		t.Error("May has its own figure")
	}
	went(t, director.Post("/books/budgets", url.Values{"team": {team}, "month": {"2026-08"}, "version": {"0"}, "each_version": {"0"}, "do": {"ends"}}))
	if a := director.Get("/books/budgets?month=2026-09"); strings.Contains(a.Text, "Each month since") {
		t.Error("it ended in August")
	}
}

func TestTheProofIsOnScreen(t *testing.T) {
	t.Parallel()
	r := open(t)
	controller := r.As(access.Controller)
	has(t, controller.Get("/books/proofs"), 200, "Nothing was proven yet")
	went(t, controller.Post("/books/proofs", nil))
	has(t, r.As(access.Auditor).Get("/books/proofs"), 200, "The books agree.", "everything", "Carl Controller", "Everything agrees", "The chain of events holds agrees",
		"Numbers have no gaps, per entity, kind, series and year agrees")
	if page := r.As(access.Auditor).Get("/books/proofs"); strings.Contains(page.HTML, "proof.") {
		t.Errorf("a check has no name: %s", page.Text)
	}
	dbtest.AsOwner(t, r.DB, `update open_items set open = open - 1 where kind = 'invoice' and open > 1`)
	went(t, controller.Post("/books/proofs", nil))
	has(t, controller.Get("/books/proofs"), 200, "The books do not agree.", "What is open is what the ledger has", "found")
}
