package gateway_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stripe/stripe-mock/embedded"
	"github.com/stripe/stripe-mock/server"

	"makegood/billing/gateway"
	"makegood/internal/errs"
)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func note() gateway.Note {
	return gateway.Note{
		Key: "memo-17", Number: "CM-DE-2026-00017", Invoice: "in_1", Currency: "USD", Reason: "goodwill", Memo: "With apologies.",
		Lines: []gateway.Line{{InvoiceLine: "il_1", Net: dec("11.90")}, {Description: "Service credit", Net: dec("5.00")}},
		Total: dec("16.90"), ToInvoice: dec("6.90"), ToBalance: dec("4"), ToRefund: dec("3"), Outside: dec("3"),
	}
}

// testServer is Stripe's own test server: it holds every request against the description of Stripe's API, answers with
// its samples, and remembers nothing.
var testServer = sync.OnceValues(func() (http.Handler, error) {
	log.SetOutput(io.Discard)
	spec, err := server.LoadSpec(embedded.OpenAPISpec, "")
	if err != nil {
		return nil, err
	}
	fixtures, err := server.LoadFixtures(embedded.OpenAPIFixtures, "")
	if err != nil {
		return nil, err
	}
	stub, err := server.NewStubServer(fixtures, spec, false, false)
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(stub.HandleRequest), nil
})

func TestStripeTakesOurCreditNotes(t *testing.T) {
	t.Parallel()
	handler, err := testServer()
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(handler)
	defer web.Close()
	stripe := gateway.NewStripe(web.URL, "sk_test_123")
	got, err := stripe.Issue(t.Context(), note())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(got.ID, "cn_") || got.Number == "" || !got.Total.Equal(dec("16.90")) || !got.Difference.IsZero() {
		t.Errorf("outcome %+v", got)
	}
	other := note()
	other.Total, other.ToBalance = dec("17"), dec("4.10")
	if got, err = stripe.Issue(t.Context(), other); err != nil || !got.Difference.Equal(dec("-0.10")) {
		t.Errorf("a total that differs: %+v, %v", got, err)
	}
	if _, err := gateway.NewStripe(web.URL, "").Issue(t.Context(), note()); !errors.Is(err, gateway.ErrAway) {
		t.Errorf("without a key of the account: %v", err)
	}
}

// books answers like an account that remembers what was issued, which the test server does not.
type books struct {
	mu    sync.Mutex
	notes map[string]url.Values // by idempotency key
	posts int
	fail  []int // what to answer to the next posts, 0 meaning to lose the answer after the work is done
}

func (b *books) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r.Method == http.MethodGet {
		body := ""
		for key := range b.notes {
			body = `{"id":"cn_` + key + `","number":"N-1","total":1690,"currency":"usd","metadata":{"makegood_key":"` + key + `"}}`
		}
		_, _ = io.WriteString(w, `{"object":"list","has_more":false,"data":[`+body+`]}`)
		return
	}
	b.posts++
	status := http.StatusOK
	if len(b.fail) > 0 {
		status, b.fail = b.fail[0], b.fail[1:]
	}
	if status >= 400 {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"error":{"type":"`+map[int]string{400: "invalid_request_error", 402: "idempotency_error"}[status]+`","message":"no"}}`)
		return
	}
	_ = r.ParseForm()
	key := r.Header.Get("Idempotency-Key")
	b.notes[key] = r.PostForm
	if status == 0 {
		w.Header().Set("Content-Length", "1000") // and break off
		_, _ = io.WriteString(w, `{"id":`)
		return
	}
	_, _ = io.WriteString(w, `{"id":"cn_`+key+`","number":"N-1","total":1690,"currency":"usd"}`)
}

func account(t *testing.T, fail ...int) (*books, gateway.Gateway) {
	t.Helper()
	b := &books{notes: map[string]url.Values{}, fail: fail}
	web := httptest.NewServer(b)
	web.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(web.Close)
	return b, gateway.NewStripe(web.URL, "sk_test_123")
}

// TestOneNoteOnce: an answer that was lost, and any number of attempts, leave one credit note.
func TestOneNoteOnce(t *testing.T) {
	t.Parallel()
	b, stripe := account(t, 0)
	if _, err := stripe.Issue(t.Context(), note()); !errors.Is(err, gateway.ErrAway) || !errors.Is(err, gateway.ErrUnanswered) {
		t.Errorf("a lost answer: %v", err)
	}
	for range 2 {
		got, err := stripe.Issue(t.Context(), note())
		if err != nil || got.ID != "cn_memo-17" || !got.Difference.IsZero() {
			t.Errorf("again: %+v, %v", got, err)
		}
	}
	if b.posts != 1 || len(b.notes) != 1 {
		t.Errorf("%d posts, %d notes", b.posts, len(b.notes))
	}
	form := b.notes["memo-17"]
	for name, want := range map[string]string{
		"invoice": "in_1", "credit_amount": "400", "refund_amount": "300", "out_of_band_amount": "300", "reason": "product_unsatisfactory",
		"lines[0][type]": "invoice_line_item", "lines[0][amount]": "1190", "lines[1][unit_amount]": "500", "metadata[makegood_number]": "CM-DE-2026-00017",
	} {
		if form.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, form.Get(name), want)
		}
	}
}

func TestWhatFailuresMean(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]error{400: gateway.ErrRefused, 402: gateway.ErrKeyUsed, 401: gateway.ErrAway, 409: gateway.ErrAway, 429: gateway.ErrAway, 500: gateway.ErrAway} {
		_, stripe := account(t, status)
		if _, err := stripe.Issue(t.Context(), note()); !errors.Is(err, want) || gateway.Answered(err) != (status < 500) {
			t.Errorf("%d gives %v, want %v", status, err, want)
		}
	}
	_, stripe := account(t)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := stripe.Issue(ended, note()); !errors.Is(err, gateway.ErrAway) || gateway.Answered(err) {
		t.Errorf("nobody there: %v", err)
	}
}

func TestNotesThatMeanNothing(t *testing.T) {
	t.Parallel()
	b, stripe := account(t)
	for name, change := range map[string]func(*gateway.Note){
		"key": func(n *gateway.Note) { n.Key = "" }, "invoice": func(n *gateway.Note) { n.Invoice = "" }, "lines": func(n *gateway.Note) { n.Lines = nil },
		"total": func(n *gateway.Note) { n.Outside = dec("4") }, "cents": func(n *gateway.Note) { n.Lines[0].Net = dec("1.001") },
	} {
		n := note()
		change(&n)
		if _, err := stripe.Issue(t.Context(), n); errs.KindOf(err) != errs.Invalid || gateway.Answered(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if b.posts != 0 {
		t.Errorf("%d posts", b.posts)
	}
	yen := note()
	yen.Currency, yen.Total, yen.ToInvoice, yen.ToBalance, yen.ToRefund, yen.Outside = "JPY", dec("1690"), dec("1690"), dec("0"), dec("0"), dec("0")
	yen.Lines = []gateway.Line{{InvoiceLine: "il_1", Net: dec("1690")}}
	if got, err := stripe.Issue(t.Context(), yen); err != nil || !got.Total.Equal(dec("1690")) || b.notes["memo-17"].Get("lines[0][amount]") != "1690" {
		t.Errorf("yen have no cents: %+v, %v", got, err)
	}
}
