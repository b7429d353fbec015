package reading_test

import (
	"encoding/json"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"makegood/billing"
	"makegood/billing/bookstest"
	"makegood/billing/document"
	"makegood/billing/reading"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/jobs"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/outside"
	"makegood/internal/secrets"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

var renderers = sync.OnceValue(document.New)

type object = map[string]any

// account answers as Stripe's API does, as far as reading goes: lists, newest first, and lines of a document.
type account struct {
	mu      sync.Mutex
	objects map[string][]object                                      // by resource, newest first
	lines   map[string][]object                                      // by the id of a document; its object shows the first two
	before  func(n int, w http.ResponseWriter, r *http.Request) bool // answers the n-th request itself
	asked   []string
	secret  string
}

// ServeHTTP answers one request.
func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = append(a.asked, r.URL.Path)
	if a.before != nil && a.before(len(a.asked), w, r) {
		return
	}
	if r.Method != http.MethodGet || r.Header.Get("Authorization") != "Bearer "+a.secret || r.Header.Get("Stripe-Version") == "" {
		refuse(w, http.StatusUnauthorized, "Invalid API key")
		return
	}
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/v1/"), "/")
	list, known := a.objects[parts[0]]
	if len(parts) == 3 {
		list, known = a.lines[parts[1]]
	}
	if !known && len(parts) != 1 {
		refuse(w, http.StatusNotFound, "No such object")
		return
	}
	answer(w, r.URL.Query(), list)
}

func refuse(w http.ResponseWriter, status int, message string) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(object{"error": object{"type": "invalid_request_error", "message": message}})
}

func answer(w http.ResponseWriter, q url.Values, list []object) {
	limit, _ := strconv.Atoi(q.Get("limit"))
	since, _ := strconv.ParseInt(q.Get("created[gte]"), 10, 64)
	list = slices.DeleteFunc(slices.Clone(list), func(o object) bool { return since > 0 && number(o["created"]) < since })
	if after := q.Get("starting_after"); after != "" {
		at := slices.IndexFunc(list, func(o object) bool { return o["id"] == after })
		if at < 0 {
			refuse(w, http.StatusBadRequest, "No such object: "+after)
			return
		}
		list = list[at+1:]
	}
	page := list[:min(limit, len(list))]
	_ = json.NewEncoder(w).Encode(object{"object": "list", "has_more": len(page) < len(list), "data": page})
}

func number(v any) int64 {
	switch n := v.(type) {
	case int:
		return int64(n)
	case float64:
		return int64(n)
	}
	return 0
}

// desk is a company that reads an account.
type desk struct {
	t       testing.TB
	db      *db.DB
	clock   *jobstest.Clock
	jobs    *jobs.Registry
	billing *billing.Service
	reading *reading.Service
	account *account
	server  *httptest.Server
	entity  billing.EntityID
	keys    secrets.Keys
}

func setup(t testing.TB) *desk {
	t.Helper()
	clock := jobstest.NewClock(time.Date(2026, 5, 12, 7, 30, 0, 0, time.UTC))
	s := &desk{t: t, db: dbtest.NewAt(t, clock.Now), clock: clock, jobs: jobs.NewRegistry(), account: &account{secret: "rk_test_1", objects: map[string][]object{}, lines: map[string][]object{}}}
	s.server = httptest.NewServer(s.account)
	s.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(s.server.Close)
	var err error
	s.keys, err = secrets.New("q8Zt3-vN0xR7_kLw5Bd1-yHs9Cf2_mPj4")
	s.must(err)
	quiet := slog.New(slog.DiscardHandler)
	s.billing = billing.New(s.db, renderers(), quiet)
	s.billing.RegisterImports(s.jobs)
	s.reading = s.service(outside.Options{Also: []netip.AddrPort{netip.MustParseAddrPort(s.server.Listener.Addr().String())}})
	s.reading.Register(s.jobs)
	s.must(s.db.Do(t.Context(), func(tx *db.Tx) error {
		s.entity = bookstest.Company(t, tx)
		return nil
	}))
	_, err = s.reading.Set(t.Context(), reading.Setting{By: bookstest.Administrator(), Entity: "DE", Secret: "rk_test_1", Active: true})
	s.must(err)
	return s
}

func (s *desk) service(o outside.Options) *reading.Service {
	return reading.New(s.db, s.billing, s.keys, reading.Options{Stripe: s.server.URL, Client: outside.New(o).Patient(5 * time.Second), Logger: slog.New(slog.DiscardHandler)})
}

func (s *desk) must(err error) { s.t.Helper(); bookstest.Must(s.t, err) }

func (s *desk) start(everything bool) {
	s.t.Helper()
	_, err := s.reading.Start(s.t.Context(), bookstest.Controller(), "DE", everything)
	s.must(err)
}

func (s *desk) drain() { s.t.Helper(); jobstest.DrainNow(s.t, s.db, s.jobs, s.clock) }

// last is the latest reading.
func (s *desk) last() reading.Run {
	s.t.Helper()
	list, err := s.reading.Standings(s.t.Context(), bookstest.Controller())
	s.must(err)
	if len(list) != 1 || list[0].Last == nil {
		s.t.Fatalf("%+v", list)
	}
	return *list[0].Last
}

// counts are the rows of the import that the latest reading became.
func (s *desk) counts() billing.ImportCounts {
	s.t.Helper()
	run := s.last()
	if run.BatchID == nil {
		s.t.Fatalf("no import: %+v", run)
	}
	counts, err := s.billing.ImportCounts(s.t.Context(), bookstest.Controller(), *run.BatchID)
	s.must(err)
	return counts
}

const may = 1777600000 // 1 May 2026

func customer(n int) object {
	return object{"object": "customer", "id": "cus_" + strconv.Itoa(n), "name": "Kilo " + strconv.Itoa(n), "address": object{"country": "DE"}, "currency": "eur", "created": may + n}
}

// bill is an invoice of so many lines of 10.00 each.
func (s *desk) bill(n, lines int) object {
	id := "in_" + strconv.Itoa(n)
	var all []object
	for i := range lines {
		all = append(all, object{"object": "line_item", "id": "il_" + strconv.Itoa(n) + "_" + strconv.Itoa(i), "amount": 1000, "currency": "eur", "description": "Seats", "quantity": 1})
	}
	s.account.lines[id] = all
	return object{
		"object": "invoice", "id": id, "number": "ST-" + strconv.Itoa(n), "customer": "cus_" + strconv.Itoa(n), "currency": "eur", "created": may + n, "status": "open",
		"total": 1000 * lines, "amount_paid": 0, "amount_remaining": 1000 * lines,
		"lines": object{"object": "list", "has_more": lines > 2, "data": all[:min(2, lines)]},
	}
}

// fill gives the account so many customers with an invoice each.
func (s *desk) fill(n int) {
	for i := n; i >= 1; i-- {
		s.account.objects["customers"] = append(s.account.objects["customers"], customer(i))
		s.account.objects["invoices"] = append(s.account.objects["invoices"], s.bill(i, 1+i%4))
	}
}
