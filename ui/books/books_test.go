package books_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/web"
	"makegood/ui/books"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func open(t *testing.T) *screentest.Room {
	t.Helper()
	r := screentest.Open(t)
	s := books.New(r.Desk, r.Reports.Books(r.Billing, r.Credits), r.Billing)
	r.Echo.GET("/customers", s.Customers, web.Need(access.ReadBooks))
	r.Echo.GET("/customers/:account", s.Customer, web.Need(access.ReadBooks))
	r.Echo.GET("/invoices/:number", s.Invoice, web.Need(access.ReadBooks))
	r.Echo.GET("/credit-memos/:number", s.Memo, web.Need(access.ReadBooks))
	r.Echo.GET("/credit-memos/:number/pdf", s.MemoPDF, web.Need(access.ReadBooks))
	return r
}

func has(t *testing.T, a screentest.Answer, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(a.Text, want) {
			t.Errorf("answer (%d) lacks %q: %s", a.Status, want, a.Text)
		}
	}
}

// memo posts a credit of 500.00 net on the first line, in the case of a dispute over it.
func memo(t *testing.T, r *screentest.Room) billing.CreditMemo {
	t.Helper()
	c := r.Dispute("595.00")
	disputes, err := r.Cases.Disputes(t.Context(), r.DB, c.ID)
	r.Must(err)
	detail, err := r.Billing.InvoiceDetail(t.Context(), r.DB, r.Company.LumenBill.ID)
	r.Must(err)
	req, err := r.Credits.Submit(t.Context(), credits.ProposeInput{
		By: r.Actor(access.Agent), CaseID: &c.ID, Kind: billing.BillingError, InvoiceID: detail.ID, ReasonCode: "not_delivered", IdempotencyKey: "k",
		Lines: []credits.ProposeLine{{InvoiceLineID: detail.Lines[0].ID, Net: decimal.NewFromInt(500), DisputeLineID: &disputes[0].ID}},
	})
	r.Must(err)
	_, err = r.Credits.Approve(t.Context(), credits.DecideInput{By: r.Actor(access.Senior), ID: req.ID})
	r.Must(err)
	r.Must(r.Credits.Post(t.Context(), credits.PostRequest{ID: req.ID}))
	posted, err := r.Billing.MemoByRequest(t.Context(), r.DB, int64(req.ID))
	r.Must(err)
	return posted
}

func TestCustomersAreFound(t *testing.T) {
	t.Parallel()
	r := open(t)
	agent := r.As(access.Agent)
	has(t, agent.Get("/customers"), "Lumen Optik GmbH", "Ferro Werke AG", "1,785.00 EUR")
	found := agent.HTMX().Get("/customers?q=ferro")
	if has(t, found, "Ferro Werke AG"); strings.Contains(found.Text, "Lumen") || strings.Contains(found.HTML, "<html") {
		t.Errorf("search gives more than the row found: %s", found.Text)
	}
	has(t, agent.Get("/customers?q=nobody"), "No customer found")
}

func TestCustomerFile(t *testing.T) {
	t.Parallel()
	r := open(t)
	c := r.Dispute("595.00")
	has(t, r.As(access.Agent).Get("/customers/100001"), "Collectible now 1,190.00 EUR", "of it disputed 595.00", "Ada Lumen", "ada@lumen.example",
		c.Number, r.Company.LumenBill.Number, "Not due 1,785.00")
}

func TestInvoiceTellsItsStory(t *testing.T) {
	t.Parallel()
	r := open(t)
	posted := memo(t, r)
	page := r.As(access.Agent).Get("/invoices/" + r.Company.LumenBill.Number)
	has(t, page, "Open now 1,190.00 EUR", "Issued", "1,785.00 1,785.00", "Hold on line 1", "Credit memo "+posted.Number, "−595.00 1,190.00", "Hold released",
		"Propose credit", "balanced", "Invoice total 1,785.00 EUR")
	if strings.Contains(page.Text, "does not balance") {
		t.Error("an entry does not balance")
	}
}

func TestMemoWithItsChainAndFile(t *testing.T) {
	t.Parallel()
	r := open(t)
	posted := memo(t, r)
	auditor := r.As(access.Auditor)
	has(t, auditor.Get("/credit-memos/"+posted.Number), "−595.00 EUR", "Lowered invoice", "Sven Senior", "Asked by Alma Agent", "MG-000001", "balanced")
	for _, path := range []string{"/credit-memos/" + posted.Number + "/pdf", "/credit-memos/" + posted.Number + ".pdf"} {
		file := auditor.Get(path)
		if file.Status != http.StatusOK || !strings.HasPrefix(file.HTML, "%PDF-") || file.Header.Get("X-Content-Type-Options") != "nosniff" || file.Header.Get("Content-Security-Policy") != "default-src 'none'; sandbox" ||
			!strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("%s: status %d, headers %v", path, file.Status, file.Header)
		}
	}
	has(t, auditor.Get("/credit-memos/"+posted.Number), "PDF sha256")
}

// TestMemoElsewhere: the memo says what became of it in the other system, and lets a controller ask again.
func TestMemoElsewhere(t *testing.T) {
	t.Parallel()
	r := open(t)
	posted := memo(t, r)
	address := "/credit-memos/" + posted.Number
	if a := r.As(access.Controller).Get(address); strings.Contains(a.Text, "Stripe") {
		t.Errorf("a memo that is nowhere else: %s", a.Text)
	}
	dbtest.AsOwner(t, r.DB,
		`alter table invoices disable trigger user`,
		`update invoices set external_system = 'stripe', external_id = 'in_1' where id = `+strconv.FormatInt(int64(*posted.InvoiceID), 10),
		`alter table invoices enable trigger user`,
		`insert into gateway_postings (entity_id, credit_memo_id, action, gateway, system, key, state, answer, answer_params, attempts, ordered_at, settled_at)
			select entity_id, id, 'issue', 'stripe', 'stripe', 'k', 'refused', 'billing.gateway.refused', '{"system": "Stripe", "why": "No such invoice."}', 2, posted_at, posted_at from credit_memos`)
	page := r.As(access.Controller).Get(address)
	if has(t, page, "In Stripe", "Issuing was refused after 2 attempts. Stripe does not take this credit note: No such invoice."); !strings.Contains(page.HTML, address+"/elsewhere/issue") {
		t.Error("no way to try again")
	}
	if a := r.As(access.Agent).Get(address); strings.Contains(a.HTML, "/elsewhere/issue") {
		t.Error("an agent is offered to try again")
	}
	dbtest.AsOwner(t, r.DB, `update gateway_postings set state = 'issued', answer = '', external_id = 'cn_7', external_number = 'ST-7', total = 594, difference = -1`)
	has(t, r.As(access.Agent).Get(address), "Issued as ST-7 (cn_7), ", "Its total there differs by −1.00 EUR.")
}

func TestForeignEntityLooksEmpty(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.Must(r.DB.Do(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update users set entity_ids = array[999::bigint] where id = $1`, r.Company.Users[access.Agent].ID)
		return err
	}))
	agent := r.As(access.Agent)
	has(t, agent.Get("/customers"), "No customer found")
	for _, path := range []string{"/customers/100001", "/invoices/" + r.Company.LumenBill.Number, "/credit-memos/none"} {
		if page := agent.Get(path); page.Status != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", path, page.Status)
		}
	}
}
