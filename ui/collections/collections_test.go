package collections_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/web"
	"makegood/ui/books"
	"makegood/ui/collections"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// open is the room on 20 June 2026: both invoices, due on 11 June, are overdue.
func open(t *testing.T) *screentest.Room {
	t.Helper()
	r := screentest.Open(t)
	s := collections.New(r.Desk, r.Billing, r.Reports)
	r.Echo.GET("/collections", s.Show, web.Need(access.ReadBooks))
	r.Echo.POST("/collections/promises", s.Promise, web.Need(access.Collect))
	r.Echo.POST("/collections/promises/:id/withdraw", s.Withdraw, web.Need(access.Collect))
	r.Echo.POST("/collections/blocks", s.Block, web.Need(access.Collect))
	r.Echo.POST("/collections/blocks/:id/lift", s.Lift, web.Need(access.Collect))
	return r
}

func june(r *screentest.Room) { r.Clock.Set(time.Date(2026, 6, 20, 8, 0, 0, 0, time.UTC)) }

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

func form(pairs ...string) url.Values {
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return values
}

func TestDisputedMoneyIsNotAskedFor(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.Dispute("595.00")
	june(r)
	controller := r.As(access.Controller)
	has(t, controller.Get("/collections"), 200, "May be reminded of, 20 Jun 2026 1,297.00 EUR", "2 invoices of 2 overdue", "in dispute 595.00 EUR",
		"Level 1 Lumen Optik GmbH "+r.Company.LumenBill.Number+" 9 days 1,785.00 595.00 0.00 1,190.00 EUR")
	file := controller.Get("/collections?invoice=" + r.Company.LumenBill.Number)
	has(t, file, 200, "Undisputed, may be paid 1,190.00 EUR", "May be reminded of 1,190.00 EUR", "reckons no late fee", "Promise to pay", "Keep reminders back")
	r.Must(r.Billing.SetCollectionPolicy(t.Context(), billing.CollectionPolicy{
		EntityID: r.Company.Entity.ID, LevelDays: []int{1}, PaymentLink: "https://pay.example/?i={reference}&a={amount}&c={currency}",
	}, r.Actor(access.Controller)))
	if page := controller.Get("/collections?invoice=" + r.Company.LumenBill.Number); !strings.Contains(page.HTML, `href="https://pay.example/?i=`+r.Company.LumenBill.Number+`&amp;a=1190.00&amp;c=EUR"`) {
		t.Error("the invoice's file has no link to pay")
	}
	agent := r.As(access.Agent).Get("/collections?invoice=" + r.Company.LumenBill.Number)
	if has(t, agent, 200, "Undisputed"); strings.Contains(agent.Text, "Write it down") {
		t.Error("an agent may write a promise down")
	}
}

func TestAPromiseTakesItsMoneyOffTheList(t *testing.T) {
	t.Parallel()
	r := open(t)
	june(r)
	controller := r.As(access.Controller)
	number := r.Company.FerroBill.Number
	promise := form("invoice", number, "entity", "DE", "amount", "107.01", "on", "2026-06-30", "promised_by", "Finn Ferro")
	has(t, controller.Post("/collections/promises", promise), 409, "Nothing was changed. Only 107.00 EUR is undisputed and not promised yet.")
	promise.Set("amount", "many")
	has(t, controller.Post("/collections/promises", promise), 422, "“many” is no amount.")
	promise.Set("amount", "107.00")
	if a := controller.Post("/collections/promises", promise); a.Status != http.StatusSeeOther {
		t.Fatalf("promise: %d %s", a.Status, a.Text)
	}
	list := controller.Get("/collections?entity=DE")
	if has(t, list, 200, "promised 107.00 EUR"); strings.Contains(list.Text, number) {
		t.Error("a promised invoice is on the list")
	}
	has(t, controller.Get("/collections?entity=DE&show=kept"), 200, number+" 9 days 107.00 0.00 107.00 Promised")
	has(t, controller.Get("/collections?show=promises"), 200, "Open 107.00 EUR by 30 Jun 2026 "+number+" Ferro Werke AG", "Finn Ferro", "Withdraw")
	has(t, controller.Post("/collections/promises/1/withdraw", form("invoice", number, "entity", "DE", "reason", "Agreed anew")), 303)
	has(t, controller.Get("/collections?entity=DE"), 200, number+" 9 days 107.00 0.00 0.00 107.00 EUR")
}

func TestBrokenPromisesAreListed(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.Echo.GET("/customers/:account", books.New(r.Desk, r.Reports.Books(r.Billing, r.Credits), r.Billing).Customer, web.Need(access.ReadBooks))
	june(r)
	controller := r.As(access.Controller)
	number := r.Company.FerroBill.Number
	has(t, controller.Get("/collections?show=broken"), 200, "No promise was broken")
	for _, amount := range []string{"40.00", "50.00"} {
		on := map[string]string{"40.00": "2026-06-21", "50.00": "2026-06-30"}[amount]
		promise := form("invoice", number, "entity", "DE", "amount", amount, "on", on, "promised_by", "Finn Ferro", "remind", "yes")
		has(t, controller.Post("/collections/promises", promise), 303)
	}
	r.Clock.Set(time.Date(2026, 6, 22, 8, 0, 0, 0, time.UTC))
	decided, err := r.Billing.DecidePromises(t.Context())
	r.Must(err)
	if decided != 1 {
		t.Fatalf("%d promises decided", decided)
	}
	controller = r.As(access.Controller)
	if a := controller.Get("/collections?entity=DE"); strings.Contains(a.Text, "asked to be reminded") {
		t.Error("a promise of next week is near")
	}
	has(t, controller.Get("/collections?entity=DE"), 200, "1 promise broken in the last two weeks. See what came in")
	list := controller.Get("/collections?entity=DE&show=broken")
	if has(t, list, 200, "Broken 40.00 EUR by 21 Jun 2026 "+number, "0.00 EUR came in"); strings.Contains(list.Text, "50.00 EUR by") {
		t.Error("an open promise is among the broken ones")
	}
	has(t, controller.Get("/customers/"+r.Company.Ferro.Account), 200, "Promises to pay 50.00 EUR by 30 Jun 2026 "+number+" open 40.00 EUR by 21 Jun 2026 0.00 EUR came in")
	r.Clock.Set(time.Date(2026, 6, 29, 8, 0, 0, 0, time.UTC))
	has(t, r.As(access.Controller).Get("/collections?entity=DE"), 200, "1 promise near, and asked to be reminded of. See which")
	r.Clock.Set(time.Date(2026, 7, 20, 8, 0, 0, 0, time.UTC))
	if a := r.As(access.Controller).Get("/collections?entity=DE"); strings.Contains(a.Text, "broken in the last") {
		t.Error("an old broken promise is news")
	}
}

func TestABlockKeepsACustomerQuiet(t *testing.T) {
	t.Parallel()
	r := open(t)
	june(r)
	controller := r.As(access.Controller)
	number := r.Company.LumenBill.Number
	block := form("invoice", number, "entity", "DE", "until", "2026-06-19", "reason", "Talks with their board", "whole", "on")
	has(t, controller.Post("/collections/blocks", block), 422, "Choose a day from today on, within a year.")
	block.Set("until", "2026-07-10")
	has(t, controller.Post("/collections/blocks", block), 303)
	has(t, controller.Get("/collections?entity=DE&show=kept&invoice="+number), 200, "Blocked to 10 Jul 2026", "No reminder goes out for it today", "Undisputed, may be paid 1,785.00 EUR")
	has(t, controller.Get("/collections?show=blocks"), 200, "Blocked 20 Jun 2026 to 10 Jul 2026 all invoices Lumen Optik GmbH", "Talks with their board", "Lift")
	has(t, controller.Post("/collections/blocks/1/lift", form("entity", "DE", "reason", "Talks are over")), 303)
	has(t, controller.Get("/collections?show=blocks"), 200, "Lifted 20 Jun 2026 to 20 Jun 2026", "lifted: Talks are over")
	has(t, r.As(access.Agent).Post("/collections/blocks", block), 403)
}

func TestForeignInvoicesAreNotThere(t *testing.T) {
	t.Parallel()
	r := open(t)
	dbtest.AsOwner(t, r.DB, `update users set entity_ids = '{999}' where email like 'controller@%'`)
	controller := r.As(access.Controller)
	has(t, controller.Get("/collections"), 200, "No books to show")
	has(t, controller.Post("/collections/promises", form("invoice", r.Company.LumenBill.Number)), 404)
}
