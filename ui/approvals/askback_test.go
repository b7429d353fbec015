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
	"makegood/internal/access"
	"makegood/internal/web"
	"makegood/ui/propose"
)

func (f fixture) more() fixture {
	s := f.screen()
	f.Echo.POST("/approvals/:id/ask-back", s.AskBack, web.Need(access.Decide))
	f.Echo.POST("/approvals/:id/answer", s.Answer, web.Need(access.Propose))
	f.Echo.POST("/approvals/:id/evidence", s.AddEvidence, web.Need(access.Propose))
	f.Echo.POST("/approvals/:id/less", s.ApproveLess, web.Need(access.Decide))
	form := propose.New(f.Desk, f.Credits, f.Reports.CreditDesk(f.Billing, f.Cases, f.Credits))
	f.Echo.GET("/approvals/:id/change", form.ShowChange, web.Need(access.Propose))
	f.Echo.POST("/approvals/:id/change", form.Change, web.Need(access.Propose))
	f.Echo.POST("/approvals/:id/change/preview", form.PreviewChange, web.Need(access.Propose))
	return f
}

func TestAskBackAndAnswer(t *testing.T) {
	t.Parallel()
	f := open(t, "500.00").more()
	form := f.seen()
	answer := f.As(access.Senior).HTMX().Post(f.path+"/ask-back", form)
	if answer.Status != http.StatusUnprocessableEntity {
		t.Errorf("without a question: %d", answer.Status)
	}
	has(t, answer, "Write what you want to know.")
	form.Set("comment", "Which port was down?")
	has(t, f.As(access.Senior).HTMX().Post(f.path+"/ask-back", form), "Asked back", "“Which port was down?”", "waits for an answer", "Alma Agent has to answer or change it")
	has(t, f.As(access.Agent).Get(f.path), "You", "“Which port was down?”", "Send answer", "Change…", "Withdraw", "It waits for an answer.")
	if page := f.As(access.Senior).Get(f.path); strings.Contains(page.Text, "Approve 595.00") {
		t.Error("it can be approved meanwhile")
	}
	reply := url.Values{"comment": {"Port 3, see the ticket."}}
	has(t, f.As(access.Agent).HTMX().Post(f.path+"/answer", reply), "Port 3, see the ticket.", "It waits for")
	has(t, f.As(access.Senior).Get(f.path), "Approve 595.00 EUR", "Port 3, see the ticket.")
}

// A question of a request that is over waits for nobody.
func TestAQuestionOfWhatWasWithdrawn(t *testing.T) {
	t.Parallel()
	f := open(t, "500.00").more()
	form := f.seen()
	form.Set("comment", "Which port was down?")
	has(t, f.As(access.Senior).HTMX().Post(f.path+"/ask-back", form), "waits for an answer")
	f.As(access.Agent).HTMX().Post(f.path+"/withdraw", url.Values{})
	page := f.As(access.Agent).Get(f.path)
	has(t, page, "“Which port was down?”", "Withdrawn; nothing was posted.")
	if strings.Contains(page.Text, "waits for an answer") {
		t.Errorf("it still waits: %s", page.Text)
	}
}

// What is partly settled outside is approved whole or not at all.
func TestNoLessOfWhatWasSettledOutside(t *testing.T) {
	t.Parallel()
	f := open(t, "500.00").more()
	detail, err := f.Billing.InvoiceDetail(t.Context(), f.DB, f.Company.LumenBill.ID)
	f.Must(err)
	req, err := f.Credits.Submit(t.Context(), credits.ProposeInput{
		By: f.Actor(access.Agent), Kind: billing.BillingError, InvoiceID: detail.ID, ReasonCode: "not_delivered", Explanation: "Down in May",
		Lines:    []credits.ProposeLine{{InvoiceLineID: detail.Lines[0].ID, Net: decimal.RequireFromString("100")}},
		Evidence: []credits.NewEvidence{{Kind: credits.Document, Label: "Ticket"}}, SettledOutside: decimal.RequireFromString("20"),
	})
	f.Must(err)
	for path, offered := range map[string]bool{f.path: true, fmt.Sprintf("/approvals/%d", req.ID): false} {
		page := f.As(access.Senior).Get(path)
		has(t, page, "Approve ", "Reject")
		if strings.Contains(page.Text, "Approve less…") != offered {
			t.Errorf("less is offered, want %t: %s", offered, page.Text)
		}
	}
}

// What comes after the submission is said to come later, and voids nothing.
func TestEvidenceAddedLater(t *testing.T) {
	t.Parallel()
	f := open(t, "500.00").more()
	agent := f.As(access.Agent)
	answer := agent.HTMX().Post(f.path+"/evidence", url.Values{"kind": {"ticket"}, "label": {" "}})
	if answer.Status != http.StatusUnprocessableEntity {
		t.Errorf("without words: %d %s", answer.Status, answer.Text)
	}
	has(t, agent.HTMX().Post(f.path+"/evidence", url.Values{"kind": {"ticket"}, "label": {"INC-77"}}), "Ticket", "came later", "INC-77")
	before := f.seen()
	has(t, f.As(access.Senior).Get(f.path), "INC-77", "came later", "with the evidence it was submitted with")
	if answer := f.As(access.Senior).Post(f.path+"/approve", before); answer.Status != http.StatusSeeOther {
		t.Errorf("%d %s", answer.Status, answer.Text)
	}
	if page := f.As(access.Auditor).Get(f.path); strings.Contains(page.Text, "Add evidence") {
		t.Error("an auditor is offered to add evidence")
	}
}

func TestChangeShowsTheDifferenceToApprovers(t *testing.T) {
	t.Parallel()
	f := open(t, "500.00").more()
	page := f.As(access.Agent).Get(f.path + "/change")
	has(t, page, "What should be different about "+f.request.Number, "Change it to 595.00 EUR and start the chain again")
	detail, err := f.Billing.InvoiceDetail(t.Context(), f.DB, f.Company.LumenBill.ID)
	f.Must(err)
	line := fmt.Sprint(detail.Lines[0].ID)
	form := url.Values{
		"kind": {string(billing.BillingError)}, "reason_code": {"not_delivered"}, "explanation": {"Down for ten days"}, "line": {line}, "net." + line: {"300.00"},
		"version": {"1"}, "answer": {"Ten days, not fifteen."},
	}
	has(t, f.As(access.Agent).HTMX().Post(f.path+"/change/preview", form), "Change it to 357.00 EUR")
	if answer := f.As(access.Supervisor).Get(f.path + "/change"); answer.Status != http.StatusSeeOther {
		t.Errorf("somebody else's request: %d", answer.Status)
	}
	if answer := f.As(access.Agent).Post(f.path+"/change", form); answer.Status != http.StatusSeeOther || answer.Header.Get("Location") != f.path {
		t.Fatalf("%d: %s", answer.Status, answer.Text)
	}
	has(t, f.As(access.Senior).Get(f.path), "v2", "Changed since version 1", "Changed by Alma Agent", "“Ten days, not fifteen.”", "500.00", "300.00", "Approve 357.00 EUR")
	form.Set("version", "1")
	form.Set("net."+line, "200.00")
	answer := f.As(access.Agent).Post(f.path+"/change", form)
	if answer.Status != http.StatusUnprocessableEntity || !strings.Contains(answer.Text, "changed") || !strings.Contains(answer.HTML, `name="version" value="1"`) {
		t.Errorf("a version nobody sees any more, and a second click sends it again: %d %s", answer.Status, answer.Text)
	}
	form.Set("version", "2")
	form.Set("net."+line, "300.00")
	form.Set("explanation", "Down from 1 to 10 April")
	if answer := f.As(access.Agent).Post(f.path+"/change", form); answer.Status != http.StatusSeeOther {
		t.Fatalf("another explanation: %d %s", answer.Status, answer.Text)
	}
	has(t, f.As(access.Senior).Get(f.path), "Changed since version 2", "Explanation: Down for ten days → Down from 1 to 10 April")
}

func TestApproveLessOnScreen(t *testing.T) {
	t.Parallel()
	f := open(t, "500.00").more()
	name := "less.line." + fmt.Sprint(f.line())
	has(t, f.As(access.Senior).Get(f.path), "Approve less…", "asked 500.00")
	form := f.seen()
	form.Set("comment", "Eight days.")
	form.Set(name, "five")
	if answer := f.As(access.Senior).HTMX().Post(f.path+"/less", form); answer.Status != http.StatusUnprocessableEntity || !strings.Contains(answer.Text, "five") {
		t.Errorf("%d %s", answer.Status, answer.Text)
	}
	form.Set(name, "250.00")
	has(t, f.As(access.Senior).HTMX().Post(f.path+"/less", form), "Lowered by You, who does not sign it", "297.50", "It waits for Sina Supervisor.")
	req, err := f.Credits.Request(t.Context(), f.DB, f.request.ID, f.Actor(access.Controller))
	f.Must(err)
	if !req.Total.Equal(decimal.RequireFromString("297.50")) || req.State != credits.Pending {
		t.Errorf("%s over %s", req.State, req.Total)
	}
}

func (f fixture) line() billing.InvoiceLineID {
	detail, err := f.Billing.InvoiceDetail(f.t.Context(), f.DB, f.Company.LumenBill.ID)
	f.Must(err)
	return detail.Lines[0].ID
}
