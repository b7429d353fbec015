package bookrules_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/reports"
	"makegood/ui/screentest"
)

// creditLumen posts a credit of 500.00 net in the case of a dispute over it.
func creditLumen(t *testing.T, r *screentest.Room) billing.CreditMemo {
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

// TestIssuedElsewhereOnScreen sets an entity's account and shows a memo that the other system refused, to a controller who
// has it tried again.
func TestIssuedElsewhereOnScreen(t *testing.T) {
	t.Parallel()
	r := open(t)
	admin, controller, agent := r.As(access.Admin), r.As(access.Controller), r.As(access.Agent)
	code := r.Company.Entity.Code
	has(t, agent.Get("/books/gateways"), 200, "Credit memos are issued here alone.", "there, to the cent")
	if a := controller.Get("/books/gateways"); strings.Contains(a.HTML, "Secret key") {
		t.Error("a controller is offered the settings")
	}
	form := url.Values{"gateway": {"stripe"}, "account": {"acct_1"}, "secret": {"pk_x"}}
	wrong := admin.Post("/books/gateways/"+code, form)
	if has(t, wrong, 422, "A key of Stripe begins with"); strings.Contains(wrong.HTML, "pk_x") || !strings.Contains(wrong.HTML, `value="acct_1"`) {
		t.Error("what was typed is lost, or the key is shown")
	}
	form.Set("secret", "sk_test_1")
	went(t, admin.Post("/books/gateways/"+code, form))
	shown := admin.Get("/books/gateways")
	if has(t, shown, 200, "in account acct_1", "A key is kept, given 12 May 2026"); strings.Contains(shown.HTML, "sk_test_1") {
		t.Error("the key is shown")
	}

	memo := creditLumen(t, r)
	r.Must(r.DB.Do(t.Context(), func(tx *db.Tx) error { // as its posting would have asked for it, had its invoice come from Stripe
		_, err := tx.Exec(t.Context(), `insert into gateway_postings (entity_id, credit_memo_id, action, gateway, system, key, state, answer, answer_params, attempts, ordered_at, settled_at)
			values ($1, $2, 'issue', 'stripe', 'stripe', 'k', 'refused', 'billing.gateway.refused', '{"system": "Stripe", "why": "The invoice is void."}', 1, $3, $3)`,
			memo.EntityID, memo.ID, tx.Now())
		return err
	}))
	retry := "/credit-memos/" + memo.Number + "/elsewhere/issue"
	page := controller.Get("/books/gateways")
	if has(t, page, 200, memo.Number, "To be issued, refused: Stripe does not take this credit note: The invoice is void.", "Try again"); !strings.Contains(page.HTML, retry) {
		t.Errorf("no way to try again: %s", page.HTML)
	}
	if a := agent.Get("/books/gateways"); strings.Contains(a.HTML, retry) {
		t.Error("an agent is offered to try again")
	}
	list, err := r.Reports.Closing(r.Billing).Checklist(t.Context(), memo.EntityID, memo.IssuedOn, 0, r.Actor(access.Controller))
	r.Must(err)
	found := false
	for _, c := range list.Checks {
		if c.Kind == reports.CheckElsewhere {
			found = c.Count == 1 && !c.Blocking && c.Rows[0].Href == "/credit-memos/"+memo.Number && strings.Contains(c.Rows[0].Detail, "stripe: to be issued, refused")
		}
	}
	if !found {
		t.Errorf("not on the month-end checklist: %+v", list.Checks)
	}
	went(t, controller.Post(retry, url.Values{"back": {"/books/gateways"}}))
	has(t, controller.Get("/books/gateways"), 200, "To be issued: Stripe does not take")
	if n, err := db.Value[int](t.Context(), r.DB, `select count(*) from river_job where kind = 'billing.post_back'`); err != nil || n != 1 {
		t.Errorf("%d jobs, %v", n, err)
	}
}
