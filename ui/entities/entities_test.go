package entities_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/web"
	"makegood/ui/entities"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func open(t *testing.T) *screentest.Room {
	t.Helper()
	r := screentest.Open(t)
	s, need := entities.New(r.Desk, r.Billing), web.Need(access.ManageEntities)
	r.Echo.GET("/settings/entities", s.List, need)
	r.Echo.GET("/settings/entities/new", s.Form, need)
	r.Echo.POST("/settings/entities", s.Add, need)
	r.Echo.GET("/settings/entities/:entity", s.Show, need)
	r.Echo.POST("/settings/entities/:entity", s.Save, need)
	r.Echo.POST("/settings/entities/:entity/accounts", s.SaveAccounts, need)
	return r
}

func says(t *testing.T, a screentest.Answer, status int, words ...string) {
	t.Helper()
	if a.Status != status {
		t.Errorf("status %d, want %d: %s", a.Status, status, a.Text)
	}
	for _, word := range words {
		if !strings.Contains(a.Text, word) && !strings.Contains(a.HTML, word) {
			t.Errorf("does not say %q: %s", word, a.Text)
		}
	}
}

func form() url.Values {
	return url.Values{
		"code": {"ch"}, "name": {"Südwind Netz AG"}, "base_currency": {"CHF"}, "country": {"CH"}, "fiscal_month": {"7"}, "time_zone": {"Europe/Zurich"},
		"language": {"de"}, "bank_details": {"Musterbank, CH00"}, "support_address": {"billing@suedwind.example"}, "memo_period_policy": {"memo_day"}, "write_off_tax_relief": {"on"},
	}
}

// A controller adds a legal entity, sees it with its accounts, and renames one.
func TestANewEntity(t *testing.T) {
	t.Parallel()
	r := open(t)
	says(t, r.As(access.Agent).Get("/settings/entities"), http.StatusForbidden)
	controller := r.As(access.Controller)
	says(t, controller.Get("/settings/entities"), http.StatusOK, "Ostwind Netz GmbH", "DE · DE · EUR", "Add a legal entity")
	says(t, controller.Get("/settings/entities/new"), http.StatusOK, "New legal entity", "Document numbers begin with it")
	bad := form()
	bad.Set("fiscal_month", "July")
	says(t, controller.Post("/settings/entities", bad), http.StatusUnprocessableEntity, "A month is a number from 1 to 12", "Südwind Netz AG")
	bad = form()
	bad.Set("code", "DE")
	says(t, controller.Post("/settings/entities", bad), http.StatusUnprocessableEntity, "There is a legal entity with the code DE already")
	added := controller.Post("/settings/entities", form())
	if says(t, added, http.StatusSeeOther); added.Header.Get("Location") != "/settings/entities/CH" {
		t.Fatalf("to %q", added.Header.Get("Location"))
	}
	says(t, controller.Get("/settings/entities/CH"), http.StatusOK, "Südwind Netz AG", `value="Europe/Zurich"`, "Trade receivables", `<option value="7" selected>July</option>`, `value="memo_day" selected`)
	accounts := url.Values{"version": {"1"}}
	kept, err := r.Billing.EntityToKeep(t.Context(), "CH", r.Actor(access.Controller))
	r.Must(err)
	for _, a := range kept.Accounts {
		accounts["code."+a.Role], accounts["name."+a.Role] = []string{a.Code}, []string{a.Name}
	}
	accounts.Set("code.revenue", "")
	says(t, controller.Post("/settings/entities/CH/accounts", accounts), http.StatusUnprocessableEntity, "An account has a code of at most 20 characters")
	accounts.Set("code.revenue", "3400")
	says(t, controller.Post("/settings/entities/CH/accounts", accounts), http.StatusSeeOther)
	says(t, controller.Get("/settings/entities/CH"), http.StatusOK, `value="3400"`)
	says(t, controller.Post("/settings/entities/CH/accounts", accounts), http.StatusConflict, "changed")
}

// Once something is posted, currency, country and fiscal month stand on the form, and a form that changes them is told why.
func TestAPostedEntity(t *testing.T) {
	t.Parallel()
	r := open(t)
	admin := r.As(access.Admin)
	says(t, admin.Get("/settings/entities/DE"), http.StatusOK, "Stands, because something is posted.", `<option value="2" disabled>February</option>`)
	says(t, admin.Get("/settings/entities/XX"), http.StatusNotFound)
	change := form()
	change.Set("version", "1")
	says(t, admin.Post("/settings/entities/DE", change), http.StatusUnprocessableEntity, "the books add up in EUR", "follow the law of DE", "fiscal years that begin in January")
	change.Set("base_currency", "EUR")
	change.Set("country", "DE")
	change.Set("fiscal_month", "1")
	says(t, admin.Post("/settings/entities/DE", change), http.StatusSeeOther)
	says(t, admin.Get("/settings/entities/DE"), http.StatusOK, "Musterbank, CH00", `name="write_off_tax_relief"`, "checked")
	says(t, admin.Post("/settings/entities/DE", change), http.StatusConflict, "Südwind Netz AG")
}
