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
	"makegood/internal/dbtest"
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
	if has(t, page, 200, memo.Number, "Issuing was refused after 1 attempt. Stripe does not take this credit note: The invoice is void.", "Try again"); !strings.Contains(page.HTML, retry) {
		t.Errorf("no way to try again: %s", page.HTML)
	}
	if a := agent.Get("/books/gateways"); strings.Contains(a.HTML, retry) {
		t.Error("an agent is offered to try again")
	}
	if c := elsewhere(t, r, memo); c.Count != 1 || c.Blocking || c.Rows[0].Href != "/credit-memos/"+memo.Number || !strings.Contains(c.Rows[0].Detail, "stripe: to be issued, refused") {
		t.Errorf("not on the month-end checklist: %+v", c)
	}
	went(t, controller.Post(retry, url.Values{"back": {"/books/gateways"}}))
	has(t, controller.Get("/books/gateways"), 200, "Issuing waits after 1 attempt. Stripe does not take")
	if n, err := db.Value[int](t.Context(), r.DB, `select count(*) from river_job where kind = 'billing.post_back'`); err != nil || n != 1 {
		t.Errorf("%d jobs, %v", n, err)
	}
	byHand := retry + "/by-hand"
	has(t, controller.Post(byHand, url.Values{"id": {"cn_7"}}), 422, "This is needed.", memo.Number)
	has(t, agent.Post(byHand, url.Values{"how": {"Done"}}), 403)
	went(t, controller.Post(byHand, url.Values{"how": {"Issued in the dashboard"}, "id": {"cn_7"}}))
	has(t, controller.Get("/books/gateways"), 200, "Everything that was to be issued in another system is there")
	if how, err := db.Value[string](t.Context(), r.DB, `select state || ' ' || external_id || ' ' || settled_how from gateway_postings`); err != nil || how != "by_hand cn_7 Issued in the dashboard" {
		t.Errorf("kept %q, %v", how, err)
	}
	has(t, controller.Post(byHand, url.Values{"how": {"Again"}}), 409, "The other system has done this already")
}

// elsewhere is the point of the month-end checklist about memos that another system has not, or has otherwise.
func elsewhere(t *testing.T, r *screentest.Room, memo billing.CreditMemo) reports.Check {
	t.Helper()
	list, err := r.Reports.Closing(r.Billing).Checklist(t.Context(), memo.EntityID, memo.IssuedOn, 0, r.Actor(access.Controller))
	r.Must(err)
	for _, c := range list.Checks {
		if c.Kind == reports.CheckElsewhere {
			return c
		}
	}
	t.Fatalf("no such point: %+v", list.Checks)
	return reports.Check{}
}

// TestADifferenceIsClosedByVoiding: a total that differs is a matter, below ours as well as above, until the note is voided there.
func TestADifferenceIsClosedByVoiding(t *testing.T) {
	t.Parallel()
	r := open(t)
	memo := creditLumen(t, r)
	dbtest.AsOwner(t, r.DB, `insert into gateway_postings (entity_id, credit_memo_id, action, gateway, system, key, state, external_id, external_number, total, difference, attempts, ordered_at, settled_at)
		select entity_id, id, 'issue', 'stripe', 'stripe', 'k', 'issued', 'cn_7', 'ST-7', total - 1, -1, 1, posted_at, posted_at from credit_memos`)
	has(t, r.As(access.Controller).Get("/books/gateways"), 200, memo.Number, "Its total there differs by −1.00 EUR.")
	if c := elsewhere(t, r, memo); c.Count != 1 || !strings.Contains(c.Rows[0].Detail, "another total") {
		t.Errorf("%+v", c)
	}
	dbtest.AsOwner(t, r.DB, `alter table gateway_postings drop constraint gateway_postings_reversal_id_fkey`,
		`insert into gateway_postings (entity_id, credit_memo_id, action, reversal_id, gateway, system, key, state, ordered_at)
		select entity_id, id, 'void', 1, 'stripe', 'stripe', 'k-void', 'waiting', posted_at from credit_memos`)
	if c := elsewhere(t, r, memo); c.Count != 2 {
		t.Errorf("before it is voided there: %+v", c)
	}
	dbtest.AsOwner(t, r.DB, `update gateway_postings set state = 'voided', external_id = 'cn_7', total = 594, difference = 0, settled_at = ordered_at where action = 'void'`)
	if c := elsewhere(t, r, memo); c.Count != 0 {
		t.Errorf("after it was voided there: %+v", c)
	}
	if a := r.As(access.Controller).Get("/books/gateways"); strings.Contains(a.HTML, memo.Number) {
		t.Error("what was voided there is still a matter")
	}
}
