package gateway_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"makegood/billing/gateway"
	"makegood/internal/errs"
)

// TestStripeTakesOurVoiding holds the voiding against the description of Stripe's API.
func TestStripeTakesOurVoiding(t *testing.T) {
	t.Parallel()
	handler, err := testServer()
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(handler)
	defer web.Close()
	stripe := gateway.NewStripe(web.URL, "sk_test_123")
	sample := gateway.Taking{Key: "memo-17-void", ID: "cn_1", Invoice: "in_1Pgc75B7WZ01zgkWYv4iMwt7", Currency: "USD", Total: dec("16.90")}
	got, err := stripe.Void(t.Context(), sample)
	if err != nil || got.ID == "" || !got.Difference.IsZero() {
		t.Errorf("%+v, %v", got, err)
	}
	elsewhere, more := sample, sample
	elsewhere.Invoice, more.Total = "in_2", dec("17")
	for what, other := range map[string]gateway.Taking{"on another invoice": elsewhere, "of another total": more} {
		if _, err := stripe.Void(t.Context(), other); !errors.Is(err, gateway.ErrOtherNote) {
			t.Errorf("a note %s: %v", what, err)
		}
	}
	if _, err := stripe.Void(t.Context(), gateway.Taking{ID: "cn_1"}); errs.KindOf(err) != errs.Invalid {
		t.Errorf("without a key: %v", err)
	}
}

// invoice answers with the lines of an invoice, in two pages, and takes notes as books does.
func invoice(t *testing.T, first, second string) (*books, gateway.Gateway) {
	t.Helper()
	b, _ := account(t)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/invoices/in_1/lines", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("starting_after") == "" {
			_, _ = io.WriteString(w, `{"has_more":true,"data":[`+first+`]}`)
			return
		}
		_, _ = io.WriteString(w, `{"has_more":false,"data":[`+second+`]}`)
	})
	mux.Handle("/", b)
	web := httptest.NewServer(mux)
	t.Cleanup(web.Close)
	return b, gateway.NewStripe(web.URL, "sk_test_123")
}

func TestLinesGetTheirNamesThere(t *testing.T) {
	t.Parallel()
	n := note()
	n.Lines = []gateway.Line{{No: 2, List: dec("50"), Net: dec("16.00"), Discount: dec("0.90"), Description: "Disks"}}
	for name, c := range map[string]struct{ first, second, line, amount string }{
		"a discount there":       {`{"id":"il_1","amount":10000}`, `{"id":"il_2","amount":5000}`, "il_2", "1690"},
		"a line below zero":      {`{"id":"il_0","amount":-1000},{"id":"il_1","amount":10000}`, `{"id":"il_2","amount":5000}`, "il_2", "1600"},
		"another amount":         {`{"id":"il_1","amount":10000}`, `{"id":"il_2","amount":5001}`, "", ""},
		"not so many":            {`{"id":"il_1","amount":10000}`, ``, "", ""},
		"the lines change place": {`{"id":"il_2","amount":5000}`, `{"id":"il_1","amount":10000}`, "", ""},
	} {
		b, stripe := invoice(t, c.first, c.second)
		_, err := stripe.Issue(t.Context(), n)
		if c.line == "" {
			if !errors.Is(err, gateway.ErrLinesDiffer) || b.posts != 0 {
				t.Errorf("%s: %v after %d posts", name, err, b.posts)
			}
			continue
		}
		form := b.notes["memo-17"]
		if err != nil || form.Get("lines[0][invoice_line_item]") != c.line || form.Get("lines[0][amount]") != c.amount {
			t.Errorf("%s: %v, %v", name, form, err)
		}
	}
}

// TestTheSameRequestAtOnce: Stripe answers 409 while it works on the same key, which is to wait and not a refusal.
func TestTheSameRequestAtOnce(t *testing.T) {
	t.Parallel()
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, `{"has_more":false,"data":[]}`)
			return
		}
		w.WriteHeader(http.StatusConflict)
		_, _ = io.WriteString(w, `{"error":{"type":"idempotency_error","code":"idempotency_key_in_use","message":"in use"}}`)
	}))
	defer web.Close()
	_, err := gateway.NewStripe(web.URL, "sk_test_123").Issue(t.Context(), note())
	if !errors.Is(err, gateway.ErrAway) || errors.Is(err, gateway.ErrUnanswered) {
		t.Errorf("%v", err)
	}
}
