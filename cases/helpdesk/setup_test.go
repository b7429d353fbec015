package helpdesk_test

import (
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"makegood/billing"
	"makegood/billing/document"
	"makegood/cases"
	"makegood/cases/awaiting"
	"makegood/cases/clock"
	"makegood/cases/helpdesk"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/jobs"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/secrets"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// renderers parses the fonts once for all tests.
var renderers = sync.OnceValue(document.New)

// desk is a company with two legal entities, of which the first has three customers, whom it promises an answer in four hours. Another system
// is told of everything that happens.
type desk struct {
	t        testing.TB
	clock    *jobstest.Clock
	db       *db.DB
	jobs     *jobs.Registry
	billing  *billing.Service
	cases    *cases.Service
	helpdesk *helpdesk.Service
	entity   billing.EntityID
	other    billing.EntityID
	admin    access.Actor
}

func setup(t testing.TB) *desk {
	t.Helper()
	d := &desk{t: t, clock: jobstest.NewClock(now), jobs: jobs.NewRegistry()}
	d.db = dbtest.NewAt(t, d.clock.Now)
	logger := slog.New(slog.DiscardHandler)
	keys, err := secrets.New("a secret of these tests, 0123456789 long enough")
	d.must(err)
	d.billing = billing.New(d.db, renderers(), logger)
	mail := inbox.New(d.db, keys, logger, inbox.Options{})
	d.cases = cases.New(d.db, d.billing, mail, logger)
	awaiting.New(awaiting.Services{DB: d.db, Billing: d.billing, Cases: d.cases, Inbox: mail}, keys, "https://desk.example", logger).Register(d.jobs)
	d.helpdesk = helpdesk.New(helpdesk.Services{DB: d.db, Billing: d.billing, Cases: d.cases}, logger)
	d.cases.Register(d.jobs)
	d.helpdesk.Register(d.jobs)
	d.do(d.company)
	return d
}

func (d *desk) company(tx *db.Tx) error {
	d.entity, d.other = d.addEntity(tx, "DE"), d.addEntity(tx, "SG")
	d.addCustomer(tx, d.entity, "C-1001", "Aster Media GmbH", "anna@aster.example", "aster.example")
	d.addCustomer(tx, d.entity, "C-1002", "Borealis AS", "bo@borealis.example", "borealis.example")
	d.addCustomer(tx, d.other, "S-1", "Straits Pte", "lim@straits.example", "straits.example")
	d.admin = access.Actor{Kind: access.Person, Name: "Ada Admin", Roles: []access.Role{access.Admin}}
	d.admin.UserID = value[int64](d.t, tx, `insert into users (email, name, roles, created_at) values ('ada@nordlicht.example', 'Ada Admin', array['admin'], $1) returning id`, tx.Now())
	if _, err := tx.Exec(d.t.Context(), `insert into webhook_endpoints (url, events, secret_sealed, created_at) values ('https://elsewhere.example', array['case.*', 'sla.*'], 'x', $1)`, tx.Now()); err != nil {
		return err
	}
	if _, err := tx.Exec(d.t.Context(), `insert into assignment_rules (name, position, how) values ('All', 1, 'in_turn')`); err != nil {
		return err
	}
	all := clock.Calendar{Name: "Always", Zone: "Europe/Berlin", Weekly: map[time.Weekday][]clock.Span{}}
	for day := time.Sunday; day <= time.Saturday; day++ {
		all.Weekly[day] = []clock.Span{{From: 0, To: 24 * 60}}
	}
	hours := func(n int) map[clock.Priority]clock.Target {
		h := clock.Within(time.Duration(n) * time.Hour)
		return map[clock.Priority]clock.Target{clock.P1: h, clock.P2: h, clock.P3: h, clock.P4: h}
	}
	calendar, err := d.cases.SaveCalendarTx(d.t.Context(), tx, all)
	if err != nil {
		return err
	}
	_, err = d.cases.SavePolicyTx(d.t.Context(), tx, cases.Policy{Name: "All", Position: 1, CalendarID: calendar, Definition: clock.Policy{
		Name: "All", Calendar: "Always", ReopenWithin: clock.WithinDays(7),
		Targets: map[clock.Kind]map[clock.Priority]clock.Target{clock.FirstResponse: hours(4), clock.NextResponse: hours(4), clock.Resolution: hours(48)},
	}})
	return err
}

func (d *desk) addEntity(tx *db.Tx, code string) billing.EntityID {
	return value[billing.EntityID](d.t, tx, `insert into legal_entities (code, name, base_currency, country, address, support_address, support_name, signature, time_zone)
		values ($1, 'Nordlicht ' || $1, 'EUR', 'DE', 'Hafenstraße 12', lower($1) || '@nordlicht.example', 'Billing', 'Your team', 'Europe/Berlin') returning id`, code)
}

func (d *desk) addCustomer(tx *db.Tx, entity billing.EntityID, account, name, contact, domain string) {
	id := value[billing.CustomerID](d.t, tx, `with new as (select nextval(pg_get_serial_sequence('customers', 'id')) as id)
		insert into customers (id, account, name, kind, family_id, tier, country, language, entity_id, currency, created_at, email_domains, address)
		select id, $1, $2, 'direct', id, 'gold', 'DE', 'de', $3, 'EUR', $4, array[$5], 'Weg 1' from new returning id`, account, name, entity, tx.Now(), domain)
	_, err := tx.Exec(d.t.Context(), `insert into contacts (customer_id, name, email, language, created_at) values ($1, $2, $3, 'de', $4)`, id, name, contact, tx.Now())
	d.must(err)
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) do(work func(tx *db.Tx) error) {
	d.t.Helper()
	d.must(d.db.Do(d.t.Context(), work))
}

func value[T any](t testing.TB, r db.Reader, query string, args ...any) T {
	t.Helper()
	v, err := db.Value[T](t.Context(), r, query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

func (d *desk) count(what string, args ...any) int {
	d.t.Helper()
	return value[int](d.t, d.db, `select count(*) from `+what, args...)
}

func (d *desk) input() helpdesk.Input {
	return helpdesk.Input{Format: helpdesk.Salesforce, EntityID: d.entity, By: d.admin}
}

func (d *desk) bring(in helpdesk.Input, files ...helpdesk.File) (helpdesk.Import, []helpdesk.Refusal) {
	d.t.Helper()
	imp, refused, err := d.helpdesk.Bring(d.t.Context(), in, files, nil)
	d.must(err)
	return imp, refused
}

// called is the case that another system called by a number.
func (d *desk) called(number string) cases.Case {
	d.t.Helper()
	refs, err := d.cases.BroughtAs(d.t.Context(), d.db, "salesforce", []string{number})
	d.must(err)
	if len(refs) != 1 {
		d.t.Fatalf("%d cases for %s", len(refs), number)
	}
	c, err := d.cases.CaseByID(d.t.Context(), d.db, refs[0].CaseID, d.admin)
	d.must(err)
	return c
}

func (d *desk) warnings(id cases.ID) string {
	d.t.Helper()
	keys, err := db.Values[string](d.t.Context(), d.db, `select key || ' ' || params::text from case_warnings where case_id = $1 order by id`, id)
	d.must(err)
	return strings.Join(keys, "\n")
}
