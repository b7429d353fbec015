package approvals_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/credits/authority/policy"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/web"
)

// What is small enough can be ticked in the list; the one confirmation names number and total, and each has its own result.
func TestSeveralWithOneConfirmation(t *testing.T) {
	t.Parallel()
	f := open(t, "200.00")
	s := f.screen()
	f.Echo.GET("/approvals/several", s.Several, web.Need(access.Decide))
	f.Echo.POST("/approvals/several", s.ApproveSeveral, web.Need(access.Decide))
	senior := f.As(access.Senior)
	second, err := f.Credits.Submit(t.Context(), credits.ProposeInput{
		By: f.Actor(access.Agent), Kind: billing.Concession, InvoiceID: f.Company.LumenBill.ID, ReasonCode: "not_delivered", Explanation: "Asked for it",
		Lines: []credits.ProposeLine{{InvoiceLineID: f.line(), Net: decimal.RequireFromString("60.00")}},
	})
	f.Must(err)
	if page := senior.Get("/approvals"); strings.Contains(page.Text, "Tick several") {
		t.Error("several at once without a policy that allows it")
	}
	f.Must(f.DB.Do(t.Context(), func(tx *db.Tx) error { return f.Credits.SeedPolicyTx(t.Context(), tx, policy.Demo()) }))
	has(t, senior.Get("/approvals"), "Tick several small ones, up to 500.00 EUR each, by the policy", "Approve ticked…")
	has(t, senior.Get("/approvals/several"), "Nothing is chosen")
	ask := fmt.Sprintf("/approvals/several?id=%d&id=%d&id=999", f.request.ID, second.ID)
	page := senior.Get(ask)
	has(t, page, "Approve 2 requests: 309.40 EUR", "What does not wait for you any more is left out.", f.request.Number, second.Number)
	detail := func(id credits.ID) (string, string) {
		d, err := f.Credits.Request(t.Context(), f.DB, id, f.Actor(access.Controller))
		f.Must(err)
		step, _ := d.Open()
		return fmt.Sprint(step.ID), fmt.Sprintf("%x", d.Sealed())
	}
	form := url.Values{"comment": {"Both are right"}}
	for _, id := range []credits.ID{f.request.ID, second.ID} {
		step, digest := detail(id)
		if !strings.Contains(page.HTML, digest) {
			t.Error("the confirmation does not say what was read")
		}
		form["id"], form["step"], form["digest"] = append(form["id"], fmt.Sprint(id)), append(form["step"], step), append(form["digest"], digest)
	}
	form["digest"][1] = strings.Repeat("00", 32)
	answer := senior.Post("/approvals/several", form)
	if answer.Status != http.StatusOK {
		t.Errorf("%d", answer.Status)
	}
	has(t, answer, "Approved: 1 request: 238.00 EUR", "is being posted", "not approved", "changed")
	has(t, senior.Post("/approvals/several", url.Values{}), "Nothing was changed.", "Choose from 1 to 50 requests.")
}
