package postback_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/shopspring/decimal"
)

// account is an account of Stripe that keeps to Stripe's rules as far as they matter here: it answers a key it knows with
// what it made of it, 409 while another request with the same key is being worked on, lists an invoice's notes, and works
// tax out by itself.
type account struct {
	mu      sync.Mutex
	notes   []*noteThere
	working map[string]bool
	posts   int
	fail    []int         // what to answer to the next requests that change something; 0 does the work and breaks off the answer
	arrived chan struct{} // if there is one, the next to issue says so and waits for goOn
	goOn    chan struct{}
	strange bool   // another account answers: it knows nothing of what is looked for
	extra   string // added to each total, in the smallest unit
}

type noteThere struct {
	ID, Key, Status string
	Invoice         string
	Total           string
	Form            map[string]string
}

func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer sk_test_1" {
		answer(w, http.StatusUnauthorized, `{"error":{"type":"invalid_request_error","message":"Invalid API Key provided"}}`)
		return
	}
	a.mu.Lock()
	strange := a.strange
	a.mu.Unlock()
	switch {
	case strange:
		answer(w, http.StatusNotFound, `{"error":{"type":"invalid_request_error","code":"resource_missing","message":"No such invoice"}}`)
	case r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/lines"):
		answer(w, 200, `{"has_more":false,"data":[{"id":"il_1","amount":10000},{"id":"il_2","amount":5000}]}`)
	case r.Method == http.MethodGet && r.URL.Path == "/v1/credit_notes":
		a.list(w)
	case r.Method == http.MethodGet:
		a.show(w, r)
	default:
		a.change(w, r)
	}
}

func (a *account) list(w http.ResponseWriter) {
	a.mu.Lock()
	defer a.mu.Unlock()
	rows := make([]string, len(a.notes))
	for i, n := range a.notes {
		rows[i] = n.json()
	}
	answer(w, 200, `{"has_more":false,"data":[`+strings.Join(rows, ",")+`]}`)
}

func (a *account) show(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, n := range a.notes {
		if strings.HasSuffix(r.URL.Path, "/"+n.ID) {
			answer(w, 200, n.json())
			return
		}
	}
	answer(w, http.StatusNotFound, `{"error":{"type":"invalid_request_error","message":"No such credit note"}}`)
}

func (a *account) change(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	key := r.Header.Get("Idempotency-Key")
	a.mu.Lock()
	if a.working[key] {
		a.mu.Unlock()
		answer(w, http.StatusConflict, `{"error":{"type":"idempotency_error","code":"idempotency_key_in_use","message":"in use"}}`)
		return
	}
	a.working[key] = true
	a.posts++
	arrived, goOn := a.arrived, a.goOn
	a.arrived = nil
	status := http.StatusOK
	if len(a.fail) > 0 {
		status, a.fail = a.fail[0], a.fail[1:]
	}
	a.mu.Unlock()
	if arrived != nil {
		close(arrived)
		<-goOn
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.working, key)
	if status >= 400 {
		answer(w, status, `{"error":{"type":"invalid_request_error","message":"The invoice is void."}}`)
		return
	}
	n := a.do(r, key)
	if status == 0 {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte(`{"id":`))
		return
	}
	answer(w, 200, n.json())
}

// do issues or voids, once for each key.
func (a *account) do(r *http.Request, key string) *noteThere {
	if id, voids := strings.CutSuffix(r.URL.Path, "/void"); voids {
		for _, n := range a.notes {
			if strings.HasSuffix(id, "/"+n.ID) {
				n.Status = "void"
				return n
			}
		}
	}
	for _, n := range a.notes {
		if n.Key == key {
			return n
		}
	}
	net := decimal.Zero
	form := map[string]string{}
	for name, values := range r.PostForm {
		if form[name] = values[0]; strings.HasSuffix(name, "[amount]") || strings.HasSuffix(name, "[unit_amount]") {
			net = net.Add(decimal.RequireFromString(values[0]))
		}
	}
	total := net.Mul(decimal.RequireFromString("1.19")).Round(0)
	if a.extra != "" {
		total = total.Add(decimal.RequireFromString(a.extra))
	}
	n := &noteThere{ID: "cn_" + strconv.Itoa(len(a.notes)+1), Key: key, Status: "issued", Invoice: form["invoice"], Total: total.String(), Form: form}
	a.notes = append(a.notes, n)
	return n
}

func (n *noteThere) json() string {
	metadata, _ := json.Marshal(map[string]string{"makegood_key": n.Form["metadata[makegood_key]"]})
	return fmt.Sprintf(`{"id":%q,"number":"ST-%s","invoice":%q,"total":%s,"currency":"eur","status":%q,"metadata":%s}`,
		n.ID, n.ID, n.Invoice, n.Total, n.Status, metadata)
}

func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}
