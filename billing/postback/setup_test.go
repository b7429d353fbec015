package postback_test

import (
	"io"
	"log"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/bookstest"
	"makegood/billing/document"
	"makegood/billing/postback"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/jobs"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/secrets"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

var renderers = sync.OnceValue(document.New)

func d(text string) decimal.Decimal { return decimal.RequireFromString(text) }

// desk is a company whose invoice in_1 came from Stripe: two lines of 100.00 and 50.00 with 19 % tax.
type desk struct {
	t        testing.TB
	db       *db.DB
	clock    *jobstest.Clock
	jobs     *jobs.Registry
	billing  *billing.Service
	postback *postback.Service
	stripe   *account
	entity   billing.EntityID
	customer billing.CustomerID
	invoice  billing.InvoiceDetail
	requests int64
}

func setup(t testing.TB) *desk {
	t.Helper()
	clock := jobstest.NewClock(time.Date(2026, 5, 12, 7, 30, 0, 0, time.UTC))
	s := &desk{t: t, db: dbtest.NewAt(t, clock.Now), clock: clock, jobs: jobs.NewRegistry(), stripe: &account{working: map[string]bool{}}}
	web := httptest.NewServer(s.stripe)
	web.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(web.Close)
	renderer := renderers()
	keys, err := secrets.New("q8Zt3-vN0xR7_kLw5Bd1-yHs9Cf2_mPj4")
	s.must(err)
	quiet := slog.New(slog.DiscardHandler)
	s.billing = billing.New(s.db, renderer, quiet)
	s.postback = postback.New(s.db, s.billing, keys, web.URL, quiet)
	s.postback.Register(s.jobs)
	s.billing.RegisterImports(s.jobs)
	s.must(s.db.Do(t.Context(), func(tx *db.Tx) error {
		s.entity = bookstest.Company(t, tx)
		s.customer = bookstest.Customer(t, tx, s.entity, "cus_1", "Kilo GmbH")
		return nil
	}))
	const tax = `"taxes":[{"amount":%,"tax_behavior":"exclusive","taxability_reason":"standard_rated","tax_rate_details":{"tax_rate":"txr"}}]`
	s.bring(`{"object":"invoice","id":"in_1","number":"ST-1","customer":"cus_1","currency":"eur","created":1777600000,"status":"open","total":17850,"amount_remaining":17850,"lines":{"data":[` +
		`{"id":"il_1","amount":10000,"description":"Seats","quantity":4,` + strings.Replace(tax, "%", "1900", 1) + `},` +
		`{"id":"il_2","amount":5000,"description":"Disks","quantity":1,` + strings.Replace(tax, "%", "950", 1) + `}]}}`)
	invoice, err := s.billing.InvoiceByNumber(t.Context(), s.db, "ST-1")
	s.must(err)
	s.invoice, err = s.billing.InvoiceDetail(t.Context(), s.db, invoice.ID)
	s.must(err)
	s.must(s.postback.Set(t.Context(), stripeSetting()))
	return s
}

func stripeSetting() postback.Setting {
	return postback.Setting{By: bookstest.Administrator(), Entity: "DE", Gateway: billing.StripeGateway, Account: "acct_1", Secret: "sk_test_1"}
}

func (s *desk) must(err error) { s.t.Helper(); bookstest.Must(s.t, err) }

// bring imports a file of Stripe's objects.
func (s *desk) bring(content string) billing.ImportBatch {
	s.t.Helper()
	in := billing.NewImport{EntityID: s.entity, System: "stripe", Kind: billing.StripeFile, Filename: "stripe.json", By: bookstest.Controller()}
	b, err := s.billing.StageImport(s.t.Context(), in, strings.NewReader(content))
	s.must(err)
	s.must(s.billing.StartImport(s.t.Context(), b.ID, bookstest.Controller()))
	s.must(s.billing.RunImport(s.t.Context(), b.ID))
	b, err = s.billing.Import(s.t.Context(), bookstest.Controller(), b.ID)
	s.must(err)
	return b
}

// post takes an adjustment all the way through approval.
func (s *desk) post(in billing.AdjustmentInput) billing.Posted {
	s.t.Helper()
	s.requests++
	posted, err := bookstest.Post(s.t.Context(), s.db, s.billing, s.requests, in)
	s.must(err)
	return posted
}

// credit posts a credit on the invoice's second line.
func (s *desk) credit(net string) billing.CreditMemo {
	s.t.Helper()
	return *s.post(s.onLine(net)).Memo
}

func (s *desk) onLine(net string) billing.AdjustmentInput {
	return billing.AdjustmentInput{
		Kind: billing.BillingError, InvoiceID: s.invoice.ID, ReasonCode: "duplicate",
		Lines: []billing.AdjustLine{{InvoiceLineID: s.invoice.Lines[1].ID, Amount: d(net)}},
	}
}

func (s *desk) takeBack(m billing.CreditMemo) {
	s.t.Helper()
	s.post(billing.AdjustmentInput{Kind: billing.Reverse, ReasonCode: "wrong_price", Reverses: billing.DocumentRef{Kind: billing.MemoDoc, ID: int64(m.ID)}})
}

func (s *desk) drain() { jobstest.DrainNow(s.t, s.db, s.jobs, s.clock) }

// work is one attempt.
func (s *desk) work(m billing.CreditMemo) error {
	return s.postback.Work(s.t.Context(), billing.PostBack{Memo: m.ID, Action: billing.IssueThere})
}

// there is what became of a memo, as its screen shows it: the issue, then the voiding.
func (s *desk) there(m billing.CreditMemo) []billing.GatewayPosting {
	s.t.Helper()
	detail, err := s.billing.MemoByNumber(s.t.Context(), s.db, m.Number)
	s.must(err)
	return detail.Elsewhere
}

// hold has the account keep the next request that changes something until goOn, or until the test ends.
func (s *desk) hold() (arrived chan struct{}, goOn func()) {
	arrived = make(chan struct{})
	release := make(chan struct{})
	s.stripe.arrived, s.stripe.goOn = arrived, release
	goOn = sync.OnceFunc(func() { close(release) })
	s.t.Cleanup(goOn) // before the server is closed, which waits for its requests
	return arrived, goOn
}

// is checks the state of a memo's issue.
func (s *desk) is(m billing.CreditMemo, state billing.GatewayState, attempts int, answer string) billing.GatewayPosting {
	s.t.Helper()
	list := s.there(m)
	if len(list) == 0 {
		s.t.Fatal("nothing was asked for")
	}
	if p := list[0]; p.State != state || p.Attempts != attempts || p.Answer != answer {
		s.t.Errorf("%s after %d attempts, answer %q; want %s after %d, %q", p.State, p.Attempts, p.Answer, state, attempts, answer)
	}
	return list[0]
}

// noted checks how many notes the account has, and how many requests that change something came.
func (s *desk) noted(notes, posts int) {
	s.t.Helper()
	s.stripe.mu.Lock()
	defer s.stripe.mu.Unlock()
	if len(s.stripe.notes) != notes || s.stripe.posts != posts {
		s.t.Errorf("%d notes after %d requests, want %d after %d", len(s.stripe.notes), s.stripe.posts, notes, posts)
	}
}
