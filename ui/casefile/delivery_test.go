package casefile_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"makegood/cases"
	"makegood/inbox"
	"makegood/internal/db"
)

func TestDeliveryPanel(t *testing.T) {
	t.Parallel()
	r, _, c := disputed(t)
	form := url.Values{"kind": {"reply"}, "body": {"Thank you, we look into it."}, "version": {version(c)}}
	r.post(r.mara, "/cases/"+c.Number+"/messages", form, true).has(t, http.StatusOK, "Delivery", "to s.koehler@brueckner.example", "Reply by Mara Lindqvist", "Queued", "Take it back")
	list, err := r.mail.Outgoing(t.Context(), inbox.OutgoingFilter{CaseID: new(int64(c.ID))})
	r.must(err)
	if len(list) != 1 {
		t.Fatalf("%d mails", len(list))
	}
	path := fmt.Sprintf("/cases/%s/mails/%d/", c.Number, list[0].ID)
	r.clock.Add(60e9)
	_, taken, err := r.mail.Claim(t.Context(), list[0].ID)
	r.must(err)
	if !taken {
		t.Fatal("the mail does not leave")
	}
	r.must(r.mail.Settle(t.Context(), inbox.Settlement{ID: list[0].ID, State: inbox.Unknown, Answer: "EOF after <the end> of data"}))
	r.get(r.mara, "/cases/"+c.Number, true).has(t, http.StatusOK, "Sent or not?", "EOF after &lt;the end&gt; of data", "Send once more", "it may have arrived")
	if page := r.get(r.auditor, "/cases/"+c.Number, true); strings.Contains(page.body, "Send once more") || !strings.Contains(page.body, "Sent or not?") {
		t.Error("a reader is offered to send, or is not told")
	}
	r.post(r.auditor, path+"resend", url.Values{"reason": {"x"}}, true).has(t, http.StatusForbidden)
	refused := r.post(r.mara, path+"resend", url.Values{"at": {fmt.Sprintf("resend-%d", list[0].ID)}}, true)
	refused.has(t, http.StatusUnprocessableEntity, "Say why")
	if to := refused.header.Get("HX-Retarget"); to != fmt.Sprintf("#resend-%d-error", list[0].ID) {
		t.Errorf("the refusal stands in %q", to)
	}
	r.post(r.mara, path+"cancel", url.Values{"at": {"x"}}, true).has(t, http.StatusConflict, "left already")
	r.post(r.mara, path+"resend", url.Values{"reason": {"nothing came"}}, true).has(t, http.StatusOK, "You had it sent: nothing came", "You had a mail sent once more: nothing came", "Take it back")
	r.post(r.mara, path+"cancel", url.Values{}, true).has(t, http.StatusOK, "Taken back", "Thank you, we look into it.", "Draft saved")
}

func TestDeadAddressWarnsAndStops(t *testing.T) {
	t.Parallel()
	r, _, c := disputed(t)
	const sabine = "s.koehler@brueckner.example"
	write := func() inbox.OutgoingID {
		r.post(r.mara, "/cases/"+c.Number+"/messages", url.Values{"kind": {"reply"}, "body": {"We look into it."}, "version": {fmt.Sprint(r.version(c))}}, true).has(t, http.StatusOK)
		list, err := r.mail.Outgoing(t.Context(), inbox.OutgoingFilter{CaseID: new(int64(c.ID)), Limit: 1})
		r.must(err)
		r.clock.Add(60e9)
		return list[0].ID
	}
	first := write()
	if page := r.get(r.mara, "/cases/"+c.Number, false); strings.Contains(page.body, "came back for good") {
		t.Error("warned of an address that lives")
	}
	r.do(func(tx *db.Tx) error {
		return r.mail.MarkDeadTx(t.Context(), tx, first, sabine, "5.1.1 <no such user>")
	})
	r.get(r.mara, "/cases/"+c.Number, false).has(t, http.StatusOK, "Mail to "+sabine+" came back for good (", "5.1.1 &lt;no such user&gt;", "bounces")
	next := write()
	_, taken, err := r.mail.Claim(t.Context(), next)
	r.must(err)
	if taken {
		t.Fatal("it leaves for a dead address")
	}
	r.get(r.mara, "/cases/"+c.Number, true).has(t, http.StatusOK, "Stopped: mail to this address came back for good before.", "Let it go", "Take it back")
	path := fmt.Sprintf("/cases/%s/mails/%d/release", c.Number, next)
	r.post(r.auditor, path, url.Values{"reason": {"x"}}, true).has(t, http.StatusForbidden)
	done := r.post(r.mara, path, url.Values{"reason": {"the mailbox is back"}}, true)
	done.has(t, http.StatusOK, "You let mail to "+sabine+" go again: the mailbox is back", "Queued")
	if strings.Contains(done.body, "came back for good") {
		t.Error("still warned after the address was released")
	}
}

// version is the case's own, as a page that was just loaded would send it.
func (r *room) version(c cases.Case) int {
	r.t.Helper()
	now, err := r.cases.CaseByID(r.t.Context(), r.db, c.ID, r.mara)
	r.must(err)
	return now.Version
}
