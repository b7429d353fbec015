package approvals_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/web"
	"makegood/ui/approvals"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

type fixture struct {
	*screentest.Room
	t       *testing.T
	request credits.Request
	path    string
}

// open has a request of 595.00 wait for the senior.
func open(t *testing.T, net string) fixture {
	t.Helper()
	r := screentest.Open(t)
	s := screen(r)
	r.Echo.GET("/approvals", s.List, web.Need(access.ReadCredits))
	r.Echo.GET("/approvals/rows", s.Rows, web.Need(access.ReadCredits))
	r.Echo.GET("/approvals/:id", s.Request, web.Need(access.ReadCredits))
	r.Echo.POST("/approvals/:id/approve", s.Approve, web.Need(access.Decide))
	r.Echo.POST("/approvals/:id/reject", s.Reject, web.Need(access.Decide))
	r.Echo.POST("/approvals/:id/withdraw", s.Withdraw, web.Need(access.ReadCredits))
	c := r.Dispute("595.00")
	disputes, err := r.Cases.Disputes(t.Context(), r.DB, c.ID)
	r.Must(err)
	detail, err := r.Billing.InvoiceDetail(t.Context(), r.DB, r.Company.LumenBill.ID)
	r.Must(err)
	req, err := r.Credits.Submit(t.Context(), credits.ProposeInput{
		By: r.Actor(access.Agent), CaseID: &c.ID, Kind: billing.BillingError, InvoiceID: detail.ID, ReasonCode: "not_delivered",
		Explanation: "Down from 1 to 15 April", IdempotencyKey: "k",
		Lines: []credits.ProposeLine{{InvoiceLineID: detail.Lines[0].ID, Net: decimal.RequireFromString(net), DisputeLineID: id(disputes)}},
	})
	r.Must(err)
	return fixture{Room: r, t: t, request: req, path: fmt.Sprintf("/approvals/%d", req.ID)}
}

func screen(r *screentest.Room) *approvals.Screen {
	return approvals.New(r.Desk, r.Credits, r.Reports.CreditDesk(r.Billing, r.Cases, r.Credits))
}

func (f fixture) screen() *approvals.Screen { return screen(f.Room) }

func id(disputes []cases.DisputeLine) *cases.DisputeID { return &disputes[0].ID }

// seen are the fields of the form as its reader saw it.
func (f fixture) seen() url.Values {
	detail, err := f.Credits.Request(f.t.Context(), f.DB, f.request.ID, f.Actor(access.Controller))
	f.Must(err)
	step, _ := detail.Open()
	return url.Values{"step": {fmt.Sprint(step.ID)}, "digest": {fmt.Sprintf("%x", detail.Digest)}}
}

func has(t *testing.T, a screentest.Answer, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(a.Text, want) {
			t.Errorf("answer (%d) lacks %q: %s", a.Status, want, a.Text)
		}
	}
}

func TestApproverSeesEverythingBesideTheRequest(t *testing.T) {
	t.Parallel()
	f := open(t, "500.00")
	page := f.As(access.Senior).Get("/approvals")
	has(t, page, "1 waits for you", "Give back 595.00 EUR to Lumen Optik GmbH", "Alma Agent asked", "Down from 1 to 15 April",
		"95.00", "The <network> was down half of April.", "verified sender", "Approve 595.00 EUR and post to "+f.Company.LumenBill.Number, "unchanged")
	if strings.Contains(page.HTML, "<network>") {
		t.Error("the customer's text is not escaped")
	}
}

func TestLastApprovalPosts(t *testing.T) {
	t.Parallel()
	f := open(t, "500.00")
	answer := f.As(access.Senior).HTMX().Post(f.path+"/approve", f.seen())
	has(t, answer, "Approved; the credit memo is being posted.")
	if answer.Status != http.StatusOK || !strings.Contains(answer.Header.Get("HX-Trigger"), "mg:toast") {
		t.Errorf("status %d, trigger %q", answer.Status, answer.Header.Get("HX-Trigger"))
	}
	if strings.Contains(answer.Text, "595.00 EUR and post") {
		t.Error("the button is still there")
	}
}

func TestFirstOfTwoStepsDoesNotPost(t *testing.T) {
	t.Parallel()
	f := open(t, "1000.00")
	page := f.As(access.Senior).Get(f.path)
	if has(t, page, "Approve 1,190.00 EUR"); strings.Contains(page.Text, "and post to") {
		t.Errorf("the first of two steps claims to post: %s", page.Text)
	}
	has(t, f.As(access.Senior).HTMX().Post(f.path+"/approve", f.seen()), "You have decided. It waits for Sina Supervisor.")
	has(t, f.As(access.Supervisor).Get(f.path), "Approve 1,190.00 EUR and post to")
}

func TestSlowerApproverReadsWhatHappened(t *testing.T) {
	t.Parallel()
	f := open(t, "500.00")
	seen := f.seen()
	if answer := f.As(access.Senior).Post(f.path+"/approve", seen); answer.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", answer.Status, answer.Text)
	}
	answer := f.As(access.Senior).HTMX().Post(f.path+"/approve", seen)
	if answer.Status != http.StatusConflict || answer.Header.Get("HX-Retarget") != "#ap-main" {
		t.Errorf("status %d, target %q", answer.Status, answer.Header.Get("HX-Retarget"))
	}
	has(t, answer, "Nothing was changed.")
}

func TestRejectNeedsAReason(t *testing.T) {
	t.Parallel()
	f := open(t, "500.00")
	senior := f.As(access.Senior)
	answer := senior.Post(f.path+"/reject", f.seen())
	if answer.Status != http.StatusUnprocessableEntity || !strings.Contains(answer.HTML, `id="f-comment-error"`) {
		t.Fatalf("status %d: %s", answer.Status, answer.Text)
	}
	form := f.seen()
	form.Set("comment", "Ticket 4711 shows two days only.")
	if answer := senior.Post(f.path+"/reject", form); answer.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", answer.Status, answer.Text)
	}
	has(t, senior.Get(f.path), "Rejected", "Ticket 4711 shows two days only.")
	has(t, senior.Get("/approvals?tab=decided"), "You rejected it")
}

func TestRequesterOnlyWithdraws(t *testing.T) {
	t.Parallel()
	f := open(t, "500.00")
	agent := f.As(access.Agent)
	page := agent.Get("/approvals?tab=mine")
	if has(t, page, "Asked by you", "Withdraw", "so others decide"); strings.Contains(page.Text, "Approve 595") {
		t.Error("the requester is offered to approve")
	}
	if answer := agent.Post(f.path+"/approve", f.seen()); answer.Status != http.StatusForbidden {
		t.Errorf("own request: status %d, want 403", answer.Status)
	}
	agent.Post(f.path+"/withdraw", nil)
	has(t, agent.Get(f.path), "Withdrawn; nothing was posted.")
}

func TestAuditorMayNotDecide(t *testing.T) {
	t.Parallel()
	f := open(t, "500.00")
	auditor := f.As(access.Auditor)
	if answer := auditor.Post(f.path+"/approve", f.seen()); answer.Status != http.StatusForbidden {
		t.Errorf("status %d, want 403", answer.Status)
	}
	has(t, auditor.Get(f.path), "It waits for Sven Senior.")
}
