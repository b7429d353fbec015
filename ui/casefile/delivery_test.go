package casefile_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"makegood/inbox"
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
	r.must(r.mail.Settle(t.Context(), list[0].ID, inbox.Unknown, "EOF after <the end> of data"))
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
	r.post(r.mara, path+"resend", url.Values{"reason": {"nothing came"}}, true).has(t, http.StatusOK, "You had it sent once more: nothing came", "You had a mail sent once more: nothing came", "Take it back")
	r.post(r.mara, path+"cancel", url.Values{}, true).has(t, http.StatusOK, "Taken back", "Thank you, we look into it.", "Draft saved")
}
