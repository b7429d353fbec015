package reviews_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/web"
	"makegood/ui/reviews"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func open(t *testing.T) *screentest.Room {
	t.Helper()
	r := screentest.Open(t)
	s := reviews.New(r.Desk, r.Credits, r.Reports)
	r.Echo.GET("/reviews", s.Waiting, web.Need(access.ReadReviews))
	r.Echo.GET("/reviews/done", s.Done, web.Need(access.ReadReviews))
	r.Echo.GET("/reviews/samples", s.Samples, web.Need(access.ReadReviews))
	r.Echo.GET("/reviews/samples/:month", s.Draws, web.Need(access.ReadReviews))
	r.Echo.GET("/reviews/pairs", s.Pairs, web.Need(access.ReadReviews))
	r.Echo.GET("/reviews/assistants", s.Assistants, web.Need(access.ReadReviews))
	r.Echo.GET("/reviews/warnings", s.Warnings, web.Need(access.ReadReviews))
	r.Echo.POST("/reviews/warnings/:id", s.Look, web.Need(access.Review))
	r.Echo.GET("/reviews/:id", s.Sample, web.Need(access.ReadReviews))
	r.Echo.POST("/reviews/:id", s.Review, web.Need(access.Review))
	return r
}

// passed is a request of the agent within the own limit, which is in the sample.
func passed(t *testing.T, r *screentest.Room, net string) credits.Request {
	t.Helper()
	detail, err := r.Billing.InvoiceDetail(t.Context(), r.DB, r.Company.LumenBill.ID)
	r.Must(err)
	req, err := r.Credits.Submit(t.Context(), credits.ProposeInput{
		By: r.Actor(access.Agent), Kind: billing.BillingError, InvoiceID: detail.ID, ReasonCode: "not_delivered", Explanation: "Billed twice",
		Lines:    []credits.ProposeLine{{InvoiceLineID: detail.Lines[0].ID, Net: decimal.RequireFromString(net)}},
		Evidence: []credits.NewEvidence{{Kind: credits.Document, Label: "Delivery note 7"}},
	})
	r.Must(err)
	if !req.OwnLimit {
		t.Fatalf("%s is not within the own limit", req.Number)
	}
	dbtest.AsOwner(t, r.DB, `update own_limit_draws set draw = 0`)
	return req
}

func has(t *testing.T, a screentest.Answer, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(a.Text, want) {
			t.Errorf("answer (%d) lacks %q: %s", a.Status, want, a.Text)
		}
	}
}

// A supervisor finds the sample with its badge, looks, and says what is not fine; afterwards it stands among what was reviewed.
func TestASampleIsReviewed(t *testing.T) {
	t.Parallel()
	r := open(t)
	req := passed(t, r, "20.00")
	lead := r.As(access.Supervisor)
	list := lead.Get("/reviews")
	has(t, list, req.Number, "Alma Agent", "Lumen Optik GmbH", "23.80", "to review", "Review 1")
	path := fmt.Sprintf("/reviews/%d", req.ID)
	has(t, lead.Get(path), "23.80 EUR to Lumen Optik GmbH", "Alma Agent passed it within their own limit", "“Billed twice”", "Delivery note 7", "Was it right?",
		"Number 0 of 10,000 was drawn for it; up to 999 it is in the sample (10 %).")
	refused := lead.Post(path, url.Values{"verdict": {"not_fine"}, "finding": {"no_evidence"}})
	if has(t, refused, "Say what you found."); refused.Status != http.StatusUnprocessableEntity {
		t.Errorf("without a note: %d", refused.Status)
	}
	if done := lead.Post(path, url.Values{"verdict": {"not_fine"}, "finding": {"no_evidence"}, "note": {"Note 7 is of another delivery."}}); done.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", done.Status, done.Text)
	}
	has(t, lead.Get("/reviews"), "Nothing waits to be reviewed")
	has(t, lead.Get("/reviews/done"), req.Number, "nothing shows it is right")
	has(t, lead.Get(path), "Note 7 is of another delivery.", "Sina Supervisor")
	has(t, lead.Post(path, url.Values{"verdict": {"fine"}}), "Sina Supervisor has reviewed "+req.Number+" already.")
	has(t, r.As(access.Auditor).Get("/reviews/samples"), "Alma Agent", "told when the month is over", "How May 2026 was drawn")
	if csv := lead.Get("/reviews/samples?as=csv"); !strings.Contains(csv.HTML, "2026-05,2026-05,Alma Agent,1,23.80,1,1,1,0") {
		t.Errorf("csv %q", csv.HTML)
	}
	if csv := lead.Get("/reviews/samples/2026-05"); !strings.Contains(csv.HTML, req.Number) {
		t.Errorf("draws %q", csv.HTML)
	}
}

// An auditor reads, an agent does not, and an auditor has no form.
func TestWhoSeesTheRoom(t *testing.T) {
	t.Parallel()
	r := open(t)
	req := passed(t, r, "20.00")
	path := fmt.Sprintf("/reviews/%d", req.ID)
	page := r.As(access.Auditor).Get(path)
	has(t, page, "You may read this; supervisors, controllers and directors review.")
	if strings.Contains(page.HTML, `name="verdict"`) {
		t.Error("an auditor has a form")
	}
	for path, role := range map[string]access.Role{"/reviews": access.Agent, "/reviews/samples": access.Senior} {
		if got := r.As(role).Get(path); got.Status != http.StatusForbidden {
			t.Errorf("%s opens %s: %d", role, path, got.Status)
		}
	}
}

// What was noticed is summed, opened and settled with a note; what was chosen stays.
func TestWarningsAreLookedAt(t *testing.T) {
	t.Parallel()
	r := open(t)
	first, second := passed(t, r, "20.00"), passed(t, r, "20.00")
	lead := r.As(access.Supervisor)
	page := lead.Get("/reviews/warnings")
	has(t, page, "Same amount again", second.Number, first.Number, "23.80 EUR", "Looked at", "To look at")
	if !strings.Contains(page.HTML, requestPath(first)) {
		t.Error("the row behind is not open to a click")
	}
	for _, way := range []string{"person", "customer"} {
		has(t, lead.Get("/reviews/warnings?by="+way), map[string]string{"person": "Alma Agent", "customer": "Lumen Optik GmbH"}[way])
	}
	id, err := r.Credits.Warnings(t.Context(), credits.WarningFilter{Rule: credits.SameAmount}, r.Actor(access.Supervisor))
	r.Must(err)
	path := fmt.Sprintf("/reviews/warnings/%d?rule=same_amount", id.Rows[0].ID)
	refused := lead.Post(path, nil)
	if has(t, refused, "Say what you found."); refused.Status != http.StatusUnprocessableEntity {
		t.Errorf("without a note: %d", refused.Status)
	}
	done := lead.Post(path, url.Values{"note": {"Two deliveries."}})
	if done.Status != http.StatusSeeOther || done.Header.Get("Location") != "/reviews/warnings?rule=same_amount" {
		t.Fatalf("%d %s", done.Status, done.Header.Get("Location"))
	}
	has(t, lead.Get("/reviews/warnings?rule=same_amount"), "Nothing was noticed")
	has(t, lead.Get("/reviews/warnings?rule=same_amount&show=all"), "Sina Supervisor", "Two deliveries.")
	if csv := lead.Get("/reviews/warnings?as=csv&show=all"); !strings.Contains(csv.HTML, "Two deliveries.") || !strings.Contains(csv.HTML, "Same amount again") {
		t.Errorf("csv %q", csv.HTML)
	}
	if page := r.As(access.Auditor).Get("/reviews/warnings?show=all"); strings.Contains(page.HTML, `name="note"`) {
		t.Error("an auditor has a form")
	}
}

func requestPath(req credits.Request) string { return fmt.Sprintf("/approvals/%d", req.ID) }

// Who signed for whom, and what an assistant proposed, open to their requests.
func TestPairsAndAssistants(t *testing.T) {
	t.Parallel()
	r := open(t)
	detail, err := r.Billing.InvoiceDetail(t.Context(), r.DB, r.Company.LumenBill.ID)
	r.Must(err)
	robot := r.Actor(access.Agent)
	robot.Assistant = true
	req, err := r.Credits.Submit(t.Context(), credits.ProposeInput{
		By: robot, Kind: billing.BillingError, InvoiceID: detail.ID, ReasonCode: "not_delivered", Explanation: "Billed twice",
		Lines:    []credits.ProposeLine{{InvoiceLineID: detail.Lines[0].ID, Net: decimal.RequireFromString("20.00")}},
		Evidence: []credits.NewEvidence{{Kind: credits.Document, Label: "Delivery note 7"}},
	})
	r.Must(err)
	_, err = r.Credits.Approve(t.Context(), credits.DecideInput{By: r.Actor(access.Senior), ID: req.ID})
	r.Must(err)
	lead := r.As(access.Supervisor)
	has(t, lead.Get("/reviews/pairs"), "Alma Agent", "100.0 %", "23.80 EUR")
	opened := lead.Get(fmt.Sprintf("/reviews/pairs?requester=%d&approver=%d", r.Actor(access.Agent).UserID, r.Actor(access.Senior).UserID))
	has(t, opened, "signed for Alma Agent", req.Number)
	has(t, lead.Get("/reviews/assistants"), "Alma Agent", "100.0 %", "23.80 EUR")
	has(t, lead.Get(fmt.Sprintf("/reviews/assistants?person=%d", r.Actor(access.Agent).UserID)), "Proposed by the assistant of Alma Agent", req.Number)
	if csv := lead.Get("/reviews/pairs?as=csv"); !strings.Contains(csv.HTML, "Alma Agent") || !strings.Contains(csv.HTML, ",1,0,1,100.0,23.80,") {
		t.Errorf("csv %q", csv.HTML)
	}
	if csv := lead.Get("/reviews/assistants?as=csv"); !strings.Contains(csv.HTML, ",1,1,100.0,1,0,0,0,0,0,100.0,23.80") {
		t.Errorf("csv %q", csv.HTML)
	}
	if bad := lead.Get("/reviews/pairs?from=2026-05-12&to=2026-05-01"); bad.Status != http.StatusUnprocessableEntity {
		t.Errorf("backwards: %d", bad.Status)
	}
}
