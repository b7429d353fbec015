package contracts_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/commitment"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/web"
	"makegood/ui/books"
	"makegood/ui/contracts"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func d(text string) decimal.Decimal { return decimal.RequireFromString(text) }

func day(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

func utc(text string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return t
}

// open is the room on 12 May 2026 with a contract of Lumen's: a rack promised at 99.9 %, and a line to be restored within 4 h.
func open(t *testing.T) *screentest.Room {
	t.Helper()
	r := screentest.Open(t)
	s := contracts.New(r.Desk, r.Billing, r.Reports)
	r.Echo.GET("/contracts", s.List, web.Need(access.ReadBooks))
	r.Echo.GET("/contracts/new", s.New, web.Need(access.EnterContract))
	r.Echo.POST("/contracts/new", s.Create, web.Need(access.EnterContract))
	r.Echo.GET("/contracts/:number", s.File, web.Need(access.ReadBooks))
	r.Echo.POST("/contracts/:number/incidents", s.RecordIncident, web.Need(access.LogIncident))
	r.Echo.POST("/contracts/:number/incidents/:id/end", s.EndIncident, web.Need(access.LogIncident))
	r.Echo.POST("/contracts/:number/exclusions", s.RecordExclusion, web.Need(access.LogIncident))
	r.Echo.GET("/service-credits", s.Owed, web.Need(access.ReadBooks))
	r.Echo.GET("/service-credits/:id", s.Sheet, web.Need(access.ReadBooks))
	r.Echo.POST("/service-credits", s.Keep, web.Need(access.Propose))
	r.Echo.GET("/customers/:account", books.New(r.Desk, r.Reports.Books(r.Billing, r.Credits), r.Billing).Customer, web.Need(access.ReadBooks))
	half := d("50")
	_, err := r.Billing.CreateContract(t.Context(), billing.NewContract{
		By: r.Actor(access.Controller), EntityID: r.Company.Entity.ID, CustomerID: r.Company.Lumen.ID, Number: "K 2026/7",
		Terms: commitment.Terms{
			Currency: "EUR", Zone: "Europe/Berlin", From: day("2026-01-01"), Combination: commitment.Cumulative, FeeBase: commitment.FeeProRata,
			Excludes: []commitment.ExclusionKind{commitment.Maintenance}, MonthCap: commitment.Cap{Percent: &half}, ClaimDays: 30, ClaimFrom: commitment.FromMonthEnd,
		},
		Services: []commitment.Service{
			{
				Name: "Rack 4", Product: "COLO-R", Fees: []commitment.Fee{{From: day("2026-01-01"), Amount: d("1234.5")}},
				Commitments: []commitment.Commitment{{
					Ref: "Schedule 2, 4.1", Metric: commitment.Availability, Target: d("99.9"), Digits: 3, Formula: commitment.TierPercent,
					Tiers: []commitment.Tier{{Below: d("99.9"), Percent: d("5")}, {Below: d("99"), Percent: d("25")}},
				}},
			},
			{
				Name: "Line 7", Fees: []commitment.Fee{{From: day("2026-01-01"), Amount: d("400")}},
				Commitments: []commitment.Commitment{{
					Metric: commitment.Restore, Target: d("4"), Formula: commitment.PercentPerHour, Percent: d("10"), Counting: commitment.FullUnits,
				}},
			},
		},
	})
	r.Must(err)
	return r
}

func down(t *testing.T, r *screentest.Room, reference, from, until string) {
	t.Helper()
	c, err := r.Billing.ContractByNumber(t.Context(), r.DB, "K 2026/7")
	r.Must(err)
	_, err = r.Billing.RecordIncident(t.Context(), billing.NewIncident{
		By: r.Actor(access.Agent), EntityID: c.EntityID, Source: "monitor", Reference: reference, Title: "Power <lost>", Kind: commitment.Outage,
		From: utc(from), Until: utc(until), Services: []billing.ContractServiceID{c.Services[0].ID, c.Services[1].ID},
	})
	r.Must(err)
}

func has(t *testing.T, a screentest.Answer, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(a.Text, want) {
			t.Errorf("answer (%d) lacks %q: %s", a.Status, want, a.Text)
		}
	}
}

func TestContractInWords(t *testing.T) {
	t.Parallel()
	r := open(t)
	down(t, r, "T-1", "2026-04-10 12:00", "2026-04-10 18:30")
	agent := r.As(access.Agent)
	has(t, agent.Get("/contracts"), "K 2026/7", "Lumen Optik GmbH", "within 30 days of the month's end")
	has(t, agent.HTMX().Get("/contracts?q=nobody"), "No contract found")
	has(t, agent.Get("/contracts/K%202026%2F7"), "99.9 % available in a calendar month",
		"otherwise a part of the month's fee: 5 % below 99.9 %, 25 % below 99 %", "Schedule 2, 4.1", "1,234.50 EUR a month",
		"Restored within 4 hours", "otherwise 10 % of the month's fee for each full hour late", "Power <lost>", "6 h 30 min",
		"planned maintenance", "Month's limit 50 % of the fee", "18 days left", "61.73 EUR")
	has(t, agent.Get("/customers/100001"), "Contracts", "K 2026/7", "2 services")
}

func TestOwedIsDrawnAndKept(t *testing.T) {
	t.Parallel()
	r := open(t)
	down(t, r, "T-1", "2026-04-10 12:00", "2026-04-10 18:30")
	c, err := r.Billing.ContractByNumber(t.Context(), r.DB, "K 2026/7")
	r.Must(err)
	_, err = r.Billing.RecordExclusion(t.Context(), billing.NewExclusion{
		By: r.Actor(access.Agent), Contract: c.ID, Kind: commitment.Maintenance, From: utc("2026-04-10 12:00"), Until: utc("2026-04-10 12:10"), Reason: "Announced",
	})
	r.Must(err)
	agent := r.As(access.Agent)
	has(t, agent.Get("/service-credits"), "Lumen Optik GmbH", "Rack 4", "April 2026", "18 days left", "61.73 EUR", "80.00 EUR", "141.73 EUR")

	address := "/service-credits?contract=K+2026%2F7&service=Rack+4&month=2026-04"
	page := agent.Get(address)
	has(t, page, "Service credit, Rack 4, April 2026", "Power <lost>", "10 Apr 2026, 14:00 – 14:10", "planned maintenance: Announced",
		"(43,190 min − 380 min) ÷ 43,190 min = 99.120 %", "below 99.9 %: 5 % × 1,234.50 = 61.725", "Rounded once", "61.73",
		"limit 617.25", "In time, by 30 May 2026", "Keep this sheet", "half up to the minor unit of EUR")
	has(t, agent.Get("/service-credits?contract=K+2026%2F7&service=Line+7&month=2026-04"), "took 6 h 20 min", "4 h are within the promise",
		"2 h 20 min late = 2 × 10 % × 400.00 = 80.00", "Given before 0.00")

	form := url.Values{"contract": {"K 2026/7"}, "service": {"Rack 4"}, "month": {"2026-04"}}
	kept := agent.Post("/service-credits", form)
	at := kept.Header.Get("Location")
	if again := agent.Post("/service-credits", form).Header.Get("Location"); kept.Status != http.StatusSeeOther || again != at {
		t.Fatalf("kept with %d at %s, again at %s", kept.Status, at, again)
	}
	auditor := r.As(access.Auditor)
	hash, err := r.Billing.SheetHash(t.Context(), r.DB, 1)
	r.Must(err)
	has(t, auditor.Get(at), hash, "61.73 EUR", "Sheet 1")
	if page := auditor.Get(address); strings.Contains(page.Text, "Keep this sheet") {
		t.Error("an auditor is offered to keep a sheet")
	}
	if answer := auditor.Post("/service-credits", form); answer.Status != http.StatusForbidden {
		t.Errorf("an auditor keeps one: %d", answer.Status)
	}
	has(t, agent.Get("/contracts/K%202026%2F7"), "Rack 4, April 2026")
}

func TestWhatIsNotThere(t *testing.T) {
	t.Parallel()
	r := open(t)
	down(t, r, "T-1", "2026-04-10 12:00", "2026-04-10 18:30")
	_, err := r.Billing.ComputeServiceCredit(t.Context(), billing.ComputeInput{By: r.Actor(access.Agent), Contract: "K 2026/7", Service: "Rack 4", Month: day("2026-04-01")})
	r.Must(err)
	agent := r.As(access.Agent)
	for _, path := range []string{"/contracts/none", "/service-credits/99", "/service-credits/x", "/service-credits?contract=none"} {
		if page := agent.Get(path); page.Status != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", path, page.Status)
		}
	}
	if answer := agent.Post("/service-credits", url.Values{"contract": {"K 2026/7"}, "service": {"Rack 4"}, "month": {"April"}}); answer.Status != http.StatusUnprocessableEntity {
		t.Errorf("a month that is none: %d", answer.Status)
	}
	r.Must(r.DB.Do(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update users set entity_ids = array[999::bigint] where id = $1`, r.Company.Users[access.Agent].ID)
		return err
	}))
	stranger := r.As(access.Agent)
	has(t, stranger.Get("/contracts"), "No contract found")
	has(t, stranger.Get("/service-credits"), "Nothing is owed and unclaimed")
	for _, path := range []string{"/contracts/K%202026%2F7", "/service-credits/1", "/service-credits?contract=K+2026%2F7&service=Rack+4&month=2026-04"} {
		if page := stranger.Get(path); page.Status != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", path, page.Status)
		}
	}
}
