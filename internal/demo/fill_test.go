package demo_test

import (
	"context"
	"encoding/json"
	"flag"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"makegood/billing"
	"makegood/billing/document"
	"makegood/cases"
	"makegood/credits"
	"makegood/inbox"
	"makegood/inbox/parse"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/demo"
	"makegood/internal/demo/postoffice"
	"makegood/internal/people"
	"makegood/internal/raced"
	"makegood/internal/scenario"
	"makegood/internal/secrets"
)

var update = flag.Bool("update", false, "write the testdata anew")

func TestMain(m *testing.M) {
	flag.Parse()
	dbtest.Main(m)
}

// services opens a fresh database as the demo's first start does.
func services(t *testing.T, now time.Time) demo.Services {
	t.Helper()
	clock := demo.NewClock(now)
	d, err := db.Open(t.Context(), db.Options{URL: dbtest.URL(t), Clock: clock.Now, DropJobs: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	log := slog.New(slog.DiscardHandler)
	keys, err := secrets.New("a secret key for tests of the demo only")
	if err != nil {
		t.Fatal(err)
	}
	renderer := document.New()
	s := demo.Services{DB: d, Clock: clock, Now: now, MailServer: "127.0.0.1:1143", Token: func(role string) string { return "mgd_test-" + role }}
	if s.People, err = people.NewWithCost(d, log, scenario.QuickPasswords()); err != nil {
		t.Fatal(err)
	}
	s.Billing = billing.New(d, renderer, log)
	s.Inbox = inbox.New(d, keys, log, inbox.Options{Domain: "makegood.invalid"})
	s.Cases = cases.New(d, s.Billing, s.Inbox, log)
	s.Credits = credits.New(d, s.Billing, s.Cases, s.Inbox, s.People, log)
	return s
}

func TestTheCompanyIsWholeAndItsBooksAreRight(t *testing.T) {
	t.Parallel()
	if raced.Detector {
		return // one step after another; TestDemoStarts fills and runs a company under the race detector
	}
	s := filled(t)
	t.Run("counts", func(t *testing.T) { counts(t, s) })
	t.Run("owed", func(t *testing.T) { owed(t, s) })
	t.Run("compared", func(t *testing.T) { compared(t, s) })
	t.Run("verified", func(t *testing.T) { verified(t, s) })
	t.Run("raw mail", func(t *testing.T) { rawMail(t, s) })
	t.Run("signing in", func(t *testing.T) { signingIn(t, s) })
	t.Run("writer", func(t *testing.T) { writer(t, s) })
	t.Run("the same each time", func(t *testing.T) { same(t, prints(t, s)) })
}

func filled(t *testing.T) demo.Services {
	t.Helper()
	s := services(t, time.Date(2026, 11, 18, 10, 30, 0, 0, time.UTC))
	if err := demo.Fill(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	return s
}

func counts(t *testing.T, s demo.Services) {
	t.Helper()
	for query, want := range map[string][2]int{
		`select count(*) from legal_entities`:                                                              {2, 2},
		`select count(*) from customers`:                                                                   {200, 200},
		`select count(*) from customers where kind = 'end_customer'`:                                       {16, 16},
		`select count(*) from invoices`:                                                                    {2000, 2000},
		`select count(distinct language) from customers`:                                                   {5, 5},
		`select max(n) from (select count(*) as n from invoice_lines group by invoice_id) l`:               {10, 12},
		`select count(*) from payments`:                                                                    {600, 2000},
		`select count(*) from open_items where kind = 'invoice' and open > 0 and due_on < '2026-11-18'`:    {40, 500},
		`select count(*) from open_items where kind = 'payment' and open > 0`:                              {3, 100},
		`select count(*) from open_items where kind = 'invoice' and open > 0 and due_on < '2026-08-20'`:    {5, 90},
		`select count(*) from inbound_messages where fate_reason = 'intake.no_sender'`:                     {1, 1},
		`select count(*) from cases`:                                                                       {300, 345},
		`select count(*) from cases where status = 'new' and assignee_id is null`:                          {10, 60},
		`select count(*) from cases where status = 'open'`:                                                 {25, 70},
		`select count(*) from cases where status = 'resolved'`:                                             {15, 70},
		`select count(*) from cases where status = 'closed'`:                                               {80, 200},
		`select count(*) from cases where waiting_on = 'customer'`:                                         {12, 40},
		`select count(*) from cases where waiting_on = 'upstream'`:                                         {6, 20},
		`select count(*) from cases where waiting_on = 'approver'`:                                         {18, 30},
		`select count(*) from cases where breached`:                                                        {4, 15},
		`select count(*) from cases where next_due_at between '2026-11-18T10:30Z' and '2026-11-18T10:45Z'`: {2, 20},
		`select count(*) from credit_requests where state = 'pending'`:                                     {18, 30},
		`select count(*) from credit_steps where state = 'open' and level_name like 'L5%'`:                 {3, 8},
		`select count(distinct level_name) from credit_steps where state = 'open'`:                         {4, 5},
		`select count(*) from credit_memos`:                                                                {55, 70},
		`select count(*) from credit_requests where state = 'rejected'`:                                    {5, 10},
		`select count(*) from credit_requests r join incident_credits k on k.credit_request_id = r.id where r.kind = 'sla_credit' and k.amount = r.net`:          {5, 20},
		`select count(*) from credit_requests where state = 'failed'`:                                                                                            {0, 0},
		`select count(*) from inbound_messages where fate = 'pending'`:                                                                                           {0, 0},
		`select count(*) from inbound_messages where fate = 'held'`:                                                                                              {3, 8},
		`select count(*) from inbound_messages where fate = 'quarantined'`:                                                                                       {2, 4},
		`select count(distinct fate) from inbound_messages`:                                                                                                      {8, 8},
		`select count(*) from contracts where number like 'NW-%'`:                                                                                                {4, 4},
		`select count(*) from commitments m join contract_services s on s.id = m.service_id join contracts c on c.id = s.contract_id where c.number like 'NW-%'`: {10, 10},
		`select count(*) from incidents where source = 'status page'`:                                                                                            {10, 10},
		`select count(*) from service_credit_sheets s join contracts c on c.id = s.contract_id where s.amount > 0 and c.number like 'NW-%'`:                      {1, 1},
		`select count(*) from outgoing_messages where state = 'queued'`:                                                                                          {0, 3},
		`select count(*) from outgoing_messages where state in ('failed', 'unknown')`:                                                                            {2, 2},
	} {
		got, err := db.Value[int](t.Context(), s.DB, query)
		if err != nil {
			t.Fatal(err)
		}
		if got < want[0] || got > want[1] {
			t.Errorf("%s: %d, want %d to %d", query, got, want[0], want[1])
		}
	}
}

// owed: the incidents of the last months have left something to claim, worked out the same each time.
func owed(t *testing.T, s demo.Services) {
	t.Helper()
	list, err := s.Billing.ServiceCreditsOwed(t.Context(), billing.OwedFilter{By: access.SystemActor("test")})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range list {
		if !strings.HasPrefix(o.Contract.Number, "NW-") { // what a case of the past left over
			continue
		}
		got = append(got, o.Contract.Number+" "+o.Service+" "+o.Month.Format("2006-01")+" "+o.Proposed().String())
	}
	want := []string{
		"NW-DE-4802 Rack FRA-2/14 2026-10 1180.00 EUR", "NW-DE-4711 Kubernetes FRA 2026-09 1490.00 EUR", "NW-DE-4711 Kubernetes FRA 2026-10 1490.00 EUR",
		"NW-SG-0218 Compute SIN 2026-10 642.00 SGD", "NW-DE-4711 Cross-connect FRA-2 2026-10 116.00 EUR", "NW-DE-4711 Premium support 2026-10 75.00 EUR",
		"NW-DE-4950 PostgreSQL HAM 2026-10 87.60 EUR", "NW-DE-4950 Site-to-site VPN 2026-10 17.42 EUR",
	}
	if !slices.Equal(got, want) {
		t.Errorf("owed\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// compared looks at the comparison with another system that a controller finds: done, proven, with a few differences of each
// kind to decide.
func compared(t *testing.T, s demo.Services) {
	t.Helper()
	found, err := db.Value[string](t.Context(), s.DB, `select r.state || ' ' || r.proven || ' ' || string_agg(f.class, ' ' order by f.class)
		from reconciliations r join reconciliation_findings f on f.reconciliation_id = r.id group by r.id`)
	if err != nil || found != "done true amount missing_here missing_there" {
		t.Errorf("compared: %q, %v", found, err)
	}
}

func verified(t *testing.T, s demo.Services) {
	t.Helper()
	chains, err := audit.Verify(t.Context(), s.DB)
	if err != nil || chains.Broken != nil {
		t.Errorf("audit: %+v, %v", chains, err)
	}
	books, err := s.Billing.Verify(t.Context())
	if err != nil || len(books) > 0 {
		t.Errorf("books: %+v, %v", books, err)
	}
	clocks, err := s.Cases.Verify(t.Context())
	if err != nil || len(clocks) > 0 {
		t.Errorf("deadlines: %+v, %v", clocks, err)
	}
}

func rawMail(t *testing.T, s demo.Services) {
	t.Helper()
	list, err := s.Inbox.Messages(t.Context(), inbox.Filter{Fates: []inbox.FateKind{inbox.NewCase}, Limit: 20})
	if err != nil || len(list) == 0 {
		t.Fatal(err)
	}
	for _, m := range list {
		raw, err := s.Inbox.Raw(t.Context(), s.DB, m.ID)
		if err != nil {
			t.Fatal(err)
		}
		read := parse.Parse(raw, parse.Options{})
		if len(read.Defects) > 0 || read.Subject != m.Subject || read.Kind != parse.Person {
			t.Errorf("message %d: %q, %s, defects %v", m.ID, read.Subject, read.Kind, read.Defects)
		}
	}
}

func signingIn(t *testing.T, s demo.Services) {
	t.Helper()
	for _, role := range demo.TokenRoles() {
		actor, err := s.People.Bearer(t.Context(), s.Token(role))
		if err != nil || !actor.Has(access.Role(role)) {
			t.Errorf("token %s: %+v, %v", role, actor, err)
		}
	}
	if _, _, err := s.People.SignIn(t.Context(), demo.People()[0].Email, demo.Password, "test"); err != nil {
		t.Error(err)
	}
}

func writer(t *testing.T, s demo.Services) {
	t.Helper()
	office, err := postoffice.Start(t.Context(), postoffice.Config{
		Dir: t.TempDir(), SMTPAddr: "127.0.0.1:0", IMAPAddr: "127.0.0.1:0", Hostname: demo.Receiver,
		Accounts: []postoffice.Account{{User: demo.SupportUser, Password: demo.MailPassword, Addresses: demo.SupportAddresses()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = office.Stop(context.WithoutCancel(t.Context())) })
	w := demo.StartWriter(t.Context(), s.Billing, office, 7, slog.New(slog.DiscardHandler))
	defer w.Stop()
	for range 5 {
		if err := w.WriteOne(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	got, err := office.Messages(demo.SupportUser, 0, 0)
	if err != nil || len(got) != 5 {
		t.Fatalf("%d mails, %v", len(got), err)
	}
	named := 0 // some customers write without a word of which invoice they mean
	for _, m := range got {
		read := parse.Parse(m.Raw, parse.Options{})
		if len(read.Defects) > 0 {
			t.Errorf("defects %v", read.Defects)
		}
		if len(read.Refs.Invoices) > 0 || len(read.Refs.Accounts) > 0 {
			named++
		}
	}
	if named < 3 {
		t.Errorf("%d of 5 mails name an invoice or an account", named)
	}
}

// same compares the company with the one made before from the same seed for the same moment.
func same(t *testing.T, made map[string]string) {
	t.Helper()
	const path = "testdata/company.json"
	if *update {
		text, err := json.MarshalIndent(made, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(text, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before := map[string]string{}
	if err := json.Unmarshal(text, &before); err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(before, made) {
		t.Errorf("the company is another one (run with -update if that is meant):\nwas %v\n is %v", before, made)
	}
}

// prints are what must be the same each time the company is made at one moment.
func prints(t *testing.T, s demo.Services) map[string]string {
	t.Helper()
	marks := map[string]string{}
	for name, query := range map[string]string{
		"customers":       `select md5(string_agg(account || name || tier || tax_id, '|' order by account)) from customers`,
		"invoices":        `select md5(string_agg(number || issued_on || total, '|' order by number)) from invoices`,
		"payments":        `select md5(string_agg(customer_id || '/' || received_on || '/' || amount, '|' order by customer_id, received_on, amount)) from payments`,
		"cases":           `select md5(string_agg(subject || status || opened_at, '|' order by id)) from cases`,
		"credit requests": `select md5(string_agg(total || state, '|' order by id)) from credit_requests`,
	} {
		var err error
		if marks[name], err = db.Value[string](t.Context(), s.DB, query); err != nil {
			t.Fatal(err)
		}
	}
	return marks
}
