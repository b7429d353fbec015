package intake_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
)

// queue puts a mail without a case into the outbox, in the state asked for.
func (o *office) queue(key string, state inbox.OutgoingState) inbox.OutgoingID {
	o.t.Helper()
	var id inbox.OutgoingID
	o.Must(o.DB.Do(o.t.Context(), func(tx *db.Tx) error {
		var err error
		id, err = o.Inbox.QueueTx(o.t.Context(), tx, inbox.Outgoing{Key: key, Kind: "notice", FromAddress: "billing@ostwind.example", ToAddress: key + "@lumen.example", Subject: "Mail " + key})
		return err
	}))
	dbtest.AsOwner(o.t, o.DB, fmt.Sprintf(`update outgoing_messages set state = '%s' where id = %d`, state, id))
	return id
}

func (o *office) health() inbox.OutgoingHealth {
	o.t.Helper()
	h, err := o.Inbox.OutgoingHealth(o.t.Context(), nil)
	o.Must(err)
	return h
}

// TestMailInDoubtIsSettled: a mail that failed or may not have arrived is ended by somebody who says why, whether it has a case or not.
func TestMailInDoubtIsSettled(t *testing.T) {
	t.Parallel()
	o := open(t)
	doubt, failed, again := o.queue("doubt", inbox.Unknown), o.queue("failed", inbox.Failed), o.queue("again", inbox.Failed)
	agent := o.As(access.Agent)
	post := func(id inbox.OutgoingID, what string, form url.Values) int {
		t.Helper()
		return agent.Post(fmt.Sprintf("/intake/out/%d/%s", id, what), form).Status
	}
	has(t, agent.Get(fmt.Sprintf("/intake/out/%d", doubt)), "It arrived", "It is given up", "Send once more")
	if page := agent.Get(fmt.Sprintf("/intake/out/%d", failed)); strings.Contains(page.Text, "It arrived") {
		t.Error("what the server refused may be called arrived")
	}
	empty := agent.HTMX().Post(fmt.Sprintf("/intake/out/%d/settle", doubt), url.Values{"as": {"arrived"}, "reason": {" "}})
	has(t, empty, "Say why; it is kept with the mail.")
	if empty.Status != http.StatusUnprocessableEntity || empty.Header.Get("HX-Retarget") != "#ik-actions" {
		t.Errorf("without a reason: status %d", empty.Status)
	}
	if status := post(failed, "settle", url.Values{"as": {"arrived"}, "reason": {"She says so"}}); status != http.StatusConflict {
		t.Errorf("a refused mail that arrived: status %d", status)
	}
	has(t, agent.HTMX().Post(fmt.Sprintf("/intake/out/%d/settle", doubt), url.Values{"as": {"arrived"}, "reason": {"She has it"}}), "The mail is settled.", "She has it")
	post(failed, "settle", url.Values{"as": {"otherwise"}, "reason": {"Told on the phone"}})
	post(again, "resend", url.Values{"reason": {"The address was mended"}})
	for id, want := range map[inbox.OutgoingID]inbox.OutgoingState{doubt: inbox.Sent, failed: inbox.Cancelled, again: inbox.Queued} {
		m, err := o.Inbox.ReadableOutgoing(t.Context(), o.DB, id, access.SystemActor("test"))
		o.Must(err)
		if m.State != want {
			t.Errorf("mail %s is %s, not %s", m.Key, m.State, want)
		}
	}
	if h := o.health(); h.Unknown != 0 || h.Failed != 0 {
		t.Errorf("still counted: %+v", h)
	}
	if n, err := db.Value[int](t.Context(), o.DB, `select count(*) from audit_log where stream = 'inbox' and what in ('mail.settled', 'mail.resent') and data->>'reason' <> ''`); err != nil || n != 3 {
		t.Errorf("%d decisions recorded, %v", n, err)
	}
	if status := post(doubt, "settle", url.Values{"as": {"given_up"}, "reason": {"Again"}}); status != http.StatusConflict {
		t.Errorf("settled twice: status %d", status)
	}
	if a := o.As(access.Auditor).Post(fmt.Sprintf("/intake/out/%d/settle", again), url.Values{"as": {"given_up"}, "reason": {"x"}}); a.Status != http.StatusForbidden {
		t.Errorf("an auditor settles: status %d", a.Status)
	}
}

// TestOutboxGoesOnBehindItsFirstPage: what needs somebody comes first, each mail stands on one page, and a state is a list of its own.
func TestOutboxGoesOnBehindItsFirstPage(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.queue("doubt", inbox.Unknown)
	for n := range 55 {
		o.queue(fmt.Sprintf("s%d", n), inbox.Sent)
	}
	for n := range 51 {
		o.queue(fmt.Sprintf("b%d", n), inbox.Bounced)
	}
	o.queue("stopped", inbox.Stopped)
	agent := o.As(access.Agent)
	seen := map[string]int{}
	rows := func(address string) (subjects []string, next string) {
		t.Helper()
		page := agent.HTMX().Get(strings.Replace(address, "/intake?", "/intake/list?", 1)).HTML
		for _, part := range strings.Split(page, "Mail ")[1:] {
			if key, _, ok := strings.Cut(part, "<"); ok && !strings.ContainsAny(key, " \"") {
				subjects = append(subjects, key)
			}
		}
		if _, rest, ok := strings.Cut(page, `href="/intake?after=`); ok {
			next, _, _ = strings.Cut(rest, `"`)
			next = "/intake?after=" + strings.ReplaceAll(next, "&amp;", "&")
		}
		return subjects, next
	}
	first, next := rows("/intake?tab=outgoing")
	if len(first) != 50 || first[0] != "stopped" || first[1] != "doubt" || next == "" {
		t.Fatalf("the first page: %d %v, then %q", len(first), first[:min(len(first), 3)], next)
	}
	pages := 1
	for list := first; ; pages++ {
		for _, key := range list {
			seen[key]++
		}
		if next == "" {
			break
		}
		list, next = rows(next)
	}
	for key, n := range seen {
		if n != 1 {
			t.Errorf("%s stands on %d pages", key, n)
		}
	}
	if len(seen) != 108 || pages != 3 {
		t.Errorf("%d mails on %d pages", len(seen), pages)
	}
	if bounced, next := rows("/intake?tab=outgoing&state=bounced"); len(bounced) != 50 || next == "" || !strings.HasPrefix(bounced[0], "b") {
		t.Errorf("bounced: %d, then %q", len(bounced), next)
	}
}
