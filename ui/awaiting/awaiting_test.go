package awaiting_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"makegood/cases"
	"makegood/cases/awaiting"
	"makegood/cases/clock"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/personal"
)

func token(link string) string {
	u, _ := url.Parse(link)
	return u.Query().Get("t")
}

func TestACustomerIsRemindedAndTheCaseClosed(t *testing.T) {
	t.Parallel()
	c := open(t)
	one := c.asked()
	c.days(6)
	if n := len(c.letters("nudge")); n != 0 {
		t.Fatalf("%d reminders within the week", n)
	}
	c.days(1)
	list := c.letters("nudge")
	if len(list) != 1 {
		t.Fatalf("%d reminders", len(list))
	}
	if m := list[0]; m.ToAddress != ada || !m.Automatic || !strings.Contains(m.TextBody, "Which order do you mean?") || !strings.Contains(m.TextBody, "we will close "+one.Number) {
		t.Errorf("the reminder: %+v", m)
	}
	c.days(6)
	if got := c.now(one); got.Status != cases.StatusWaiting || len(c.letters("auto_close")) != 0 {
		t.Fatalf("closed early: %s", got.Status)
	}
	c.days(1)
	got := c.now(one)
	if got.Status != cases.StatusResolved || len(c.letters("nudge")) != 1 || len(c.letters("auto_close")) != 1 {
		t.Fatalf("%s, %d letters", got.Status, len(c.letters("auto_close")))
	}
	clocks, err := c.Cases.Clocks(t.Context(), c.DB, one.ID)
	c.Must(err)
	for _, k := range clocks {
		if k.Kind == clock.Resolution && (k.Outcome != clock.Met || k.EndedAt == nil || !k.EndedAt.Equal(*got.ResolvedAt)) {
			t.Errorf("the clock of the resolution, paused while it waited: %s %v", k.Outcome, k.EndedAt)
		}
	}
	faults, err := c.Cases.Verify(t.Context())
	c.Must(err)
	if len(faults) > 0 {
		t.Errorf("%+v", faults)
	}
	said, err := c.Cases.Messages(t.Context(), c.DB, one.ID)
	c.Must(err)
	shown := 0
	for _, m := range said {
		if m.Kind == cases.Letter {
			shown++
		}
		if strings.Contains(m.Body+m.FullBody, "/reopen") {
			t.Error("the conversation shows the link, with which anybody could open the case in the customer's name")
		}
	}
	if shown < 2 {
		t.Errorf("%d letters in the conversation", shown)
	}
	if page := c.As(access.Agent).Get("/cases/" + one.Number); !strings.Contains(page.Text, "because the customer has not answered what they were asked") {
		t.Errorf("the timeline does not say why: %s", page.Text)
	}
	if got := c.told(); got != "" {
		t.Errorf("the agent was told %s", got)
	}
}

func TestTheLinkOpensItAgainWhenItIsPressed(t *testing.T) {
	t.Parallel()
	c := open(t)
	one := c.asked()
	c.days(14)
	link := c.link(c.letters("auto_close")[0])
	for range 2 { // as programs that scan mail do
		page := c.visit(http.MethodGet, link, nil)
		for _, want := range []string{"Is it not settled for you?", one.Number, "/brand/DE", `method="post"`} {
			if page.Code != http.StatusOK || !strings.Contains(page.Body.String(), want) {
				t.Errorf("the page (%d) lacks %q", page.Code, want)
			}
		}
	}
	if got := c.now(one); got.Status != cases.StatusResolved {
		t.Fatalf("looking at it opened it: %s", got.Status)
	}
	for _, wrong := range []string{"", token(link) + "a", "1.abc", "9999." + strings.Split(token(link), ".")[1]} {
		if got := c.visit(http.MethodPost, "/reopen", url.Values{"t": {wrong}}); got.Code != http.StatusNotFound || !strings.Contains(got.Body.String(), "/contact") {
			t.Errorf("%q: %d", wrong, got.Code)
		}
	}
	for range 2 { // a button pressed twice
		if got := c.visit(http.MethodPost, "/reopen", url.Values{"t": {token(link)}}); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), "It is open again") {
			t.Fatalf("%d %s", got.Code, got.Body)
		}
	}
	now := c.now(one)
	if now.Status != cases.StatusOpen || c.told() != "taken_up_again" {
		t.Fatalf("%s, the agent was told %q", now.Status, c.told())
	}
	if page := c.As(access.Agent).Get("/cases/" + one.Number); !strings.Contains(page.Text, "opened it again by the link in our letter") {
		t.Errorf("%s", page.Text)
	}
	if got := c.visit(http.MethodGet, link, nil); !strings.Contains(got.Body.String(), "It is open again") {
		t.Errorf("%d", got.Code)
	}
	now, err := c.Cases.SetStatus(t.Context(), cases.StatusInput{On: cases.On{By: c.Actor(access.Agent), ID: now.ID, Version: now.Version}, To: cases.StatusWaiting, WaitingOn: cases.OnCustomer})
	c.Must(err)
	c.days(1)
	if now = c.now(now); now.Status != cases.StatusWaiting || len(c.letters("auto_close")) != 1 {
		t.Errorf("closed once more, though nothing was asked since: %s", now.Status)
	}
	c.ask(now) // and all of it begins anew
	c.days(7)
	if n := len(c.letters("nudge")); n != 2 {
		t.Errorf("%d reminders, want one for each question", n)
	}
	if got := c.visit(http.MethodGet, link, nil); got.Code != http.StatusNotFound {
		t.Errorf("the link of the question before: %d", got.Code)
	}
}

// Whoever tries links that are wrong is stopped too: a try counts whatever becomes of it.
func TestWrongLinksAreBounded(t *testing.T) {
	t.Parallel()
	c := open(t)
	for n := range 60 {
		if got := c.visit(http.MethodPost, "/reopen", url.Values{"t": {"1.abc"}}); got.Code != http.StatusNotFound {
			t.Fatalf("try %d: %d", n+1, got.Code)
		}
	}
	if got := c.visit(http.MethodPost, "/reopen", url.Values{"t": {"1.abc"}}); got.Code != http.StatusTooManyRequests {
		t.Errorf("one too many: %d", got.Code)
	}
}

func TestALinkThatIsOverSaysWhatToDo(t *testing.T) {
	t.Parallel()
	c := open(t)
	one := c.asked()
	c.days(14)
	link := c.link(c.letters("auto_close")[0])
	c.days(14)
	if got := c.visit(http.MethodPost, "/reopen", url.Values{"t": {token(link)}}); got.Code != http.StatusNotFound || !strings.Contains(got.Body.String(), "Reply to our last mail") {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	if got := c.now(one); got.Status.Active() {
		t.Errorf("opened again: %s", got.Status)
	}
	if got := c.visit(http.MethodGet, "/reopen", nil); got.Code != http.StatusOK {
		t.Errorf("without a link: %d", got.Code)
	}
}

// Once the letter with it is erased, with everything else that was kept about them, the link opens nothing: there is nobody to answer to.
func TestTheLinkDoesNotOutliveAnErasure(t *testing.T) {
	t.Parallel()
	c := open(t)
	one := c.asked()
	c.days(14)
	link := c.link(c.letters("auto_close")[0])
	c.Must(c.DB.Do(t.Context(), func(tx *db.Tx) error {
		by, other := c.Actor(access.Director), c.Actor(access.Admin)
		id, err := db.Value[int64](t.Context(), tx, `insert into erasures (addresses, reason, state, asked_by, asked_at, decided_by, decided_at)
			values (array[$4], 'they asked', 'agreed', $1, $3, $2, $3) returning id`, by.UserID, other.UserID, tx.Now(), ada)
		if err != nil {
			return err
		}
		_, err = c.Inbox.EraseTx(t.Context(), tx, inbox.Erasing{Person: personal.Person{Erasure: id, Addresses: []string{ada}}, Cases: []int64{int64(one.ID)}})
		return err
	}))
	if got := c.visit(http.MethodGet, link, nil); got.Code != http.StatusNotFound || strings.Contains(got.Body.String(), one.Number) {
		t.Errorf("looking: %d", got.Code)
	}
	if got := c.visit(http.MethodPost, "/reopen", url.Values{"t": {token(link)}}); got.Code != http.StatusNotFound {
		t.Errorf("opening: %d", got.Code)
	}
	if got := c.now(one); got.Status.Active() {
		t.Errorf("opened again: %s", got.Status)
	}
}

func TestAMailOpensItAgainAndAnAnswerEndsTheWaiting(t *testing.T) {
	t.Parallel()
	c := open(t)
	answered, late := c.asked(), c.asked()
	says := func(one cases.Case) {
		c.Must(c.DB.Do(t.Context(), func(tx *db.Tx) error {
			_, err := c.Cases.ReceiveTx(t.Context(), tx, one.ID, cases.InboundMessage{AuthorName: "Ada Lumen", AuthorAddress: ada, Body: "The second one", Trust: cases.Verified})
			return err
		}))
	}
	c.days(3)
	says(answered)
	c.days(11)
	if got := c.now(answered); got.Status != cases.StatusOpen || len(c.letters("nudge")) != 1 {
		t.Errorf("%s, %d reminders: only the other case waits", got.Status, len(c.letters("nudge")))
	}
	if got := c.now(late); got.Status != cases.StatusResolved {
		t.Fatalf("%s", got.Status)
	}
	says(late)
	if got := c.now(late); got.Status != cases.StatusOpen {
		t.Errorf("%s", got.Status)
	}
}

func TestWhatHasWorkLeftStaysOpenAndTheAgentIsTold(t *testing.T) {
	t.Parallel()
	c := open(t)
	one := c.contested(c.asked())
	c.days(7)
	if list := c.letters("nudge"); len(list) != 1 || strings.Contains(list[0].TextBody, "we will close") {
		t.Fatalf("%d reminders that promise no closing: %+v", len(list), list)
	}
	c.days(20)
	if got := c.now(one); got.Status != cases.StatusWaiting || len(c.letters("auto_close")) != 0 {
		t.Errorf("%s", got.Status)
	}
	if got := c.told(); got != "unanswered_dispute" {
		t.Errorf("the agent was told %q", got)
	}
}

func TestWhoCannotBeReachedIsToldOfInstead(t *testing.T) {
	t.Parallel()
	c := open(t)
	one := c.asked()
	c.run(`insert into dead_addresses (address, cause, outgoing_message_id, found_at) select $1, 'gone', min(id), $2 from outgoing_messages`, ada, c.Clock.Now())
	c.days(20)
	if n := len(c.letters("nudge")) + len(c.letters("auto_close")); n != 0 || c.now(one).Status != cases.StatusWaiting {
		t.Errorf("%d letters, %s", n, c.now(one).Status)
	}
	if got := c.told(); got != "unanswered_address" {
		t.Errorf("the agent was told %q", got)
	}
}

func TestNothingHappensWhileItIsNotTheCustomersTurn(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{
		"a credit is on its way":                 `update cases set credit_state = 'approved' where id = $1`,
		"put off":                                `update cases set follow_up_at = last_reply_at + interval '60 days' where id = $1`,
		"our answer is still owed":               `update cases set unanswered_since = last_reply_at where id = $1`,
		"waits for somebody else":                `update cases set waiting_on = 'upstream' where id = $1`,
		"a mail of theirs waits for a decision":  `insert into inbound_messages (source, sha256, size, stored_at, sender, fate) select 'file', '\x01', 1, last_reply_at, 'ada@lumen.example', 'held' from cases where id = $1`,
		"it was joined to another":               `update cases set merged_into = (select min(id) from cases where id <> $1) where id = $1`,
		"our question was asked before it began": `insert into waiting_rules (entity_id, remind_days, close_days, active_since) select entity_id, '{7}', 14, last_reply_at + interval '1 second' from cases where id = $1`,
		"nobody is reminded and nothing closed":  `insert into waiting_rules (entity_id, remind_days, close_days) select entity_id, '{}', 0 from cases where id = $1`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := open(t)
			c.Dispute("10.00")
			one := c.asked()
			c.run(change, one.ID)
			c.Clock.Add(30 * day)
			c.look()
			if n := len(c.letters("nudge")) + len(c.letters("auto_close")); n != 0 || c.told() != "" {
				t.Errorf("%d letters, told %q", n, c.told())
			}
		})
	}
}

func TestOneBadCaseDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	c := open(t)
	bad, good := c.asked(), c.asked()
	dbtest.AsOwner(t, c.DB, `create function refuse_it() returns trigger language plpgsql as $$ begin if new.case_id = `+strconv.FormatInt(int64(bad.ID), 10)+` then raise 'no'; end if; return new; end $$`)
	dbtest.AsOwner(t, c.DB, `create trigger refuse_it before insert on case_awaits for each row execute function refuse_it()`)
	c.days(7)
	if list := c.letters("nudge"); len(list) != 1 || *list[0].CaseID != int64(good.ID) {
		t.Errorf("%d reminders", len(list))
	}
}

func TestWhatCameLateKeepsItsDistance(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.rules([]int{5, 10}, 15)
	one := c.asked()
	c.Clock.Add(30 * day) // nothing ran all the time
	c.look()
	if n := len(c.letters("nudge")); n != 1 {
		t.Fatalf("%d reminders at once", n)
	}
	c.days(5)
	if n := len(c.letters("nudge")); n != 2 || c.now(one).Status != cases.StatusWaiting {
		t.Fatalf("%d reminders, %s", n, c.now(one).Status)
	}
	c.days(4)
	if got := c.now(one); got.Status != cases.StatusWaiting {
		t.Fatalf("%s", got.Status)
	}
	c.days(1)
	if got := c.now(one); got.Status != cases.StatusResolved {
		t.Errorf("%s", got.Status)
	}
}

func TestRulesOfWaiting(t *testing.T) {
	t.Parallel()
	c := open(t)
	if a := c.As(access.Agent).Get("/settings/unanswered"); a.Status != http.StatusForbidden {
		t.Errorf("an agent: %d", a.Status)
	}
	lead := c.As(access.Supervisor)
	if a := lead.Get("/settings/unanswered"); a.Status != http.StatusOK || !strings.Contains(a.HTML, `value="7"`) || !strings.Contains(a.HTML, `value="14"`) {
		t.Errorf("%d %s", a.Status, a.HTML)
	}
	post := func(remind, closes, version string) (int, string) {
		a := lead.Post("/settings/unanswered/DE", url.Values{"remind_days": {remind}, "close_days": {closes}, "version": {version}})
		return a.Status, a.Text
	}
	for _, wrong := range [][2]string{{"10, 5", "20"}, {"5, 5", "20"}, {"x", "20"}, {"0", "20"}, {"1 2 3 4", "20"}, {"400", "0"}, {"7", "7"}, {"7", ""}, {"7", "-1"}, {"", "366"}} {
		if status, text := post(wrong[0], wrong[1], "0"); status != http.StatusUnprocessableEntity {
			t.Errorf("%v: %d %s", wrong, status, text)
		}
	}
	if status, text := post("5, 10", "20", "0"); status != http.StatusSeeOther {
		t.Fatalf("%d %s", status, text)
	}
	if status, text := post("", "0", "0"); status != http.StatusConflict || !strings.Contains(text, "Somebody changed this meanwhile") {
		t.Errorf("a stale form: %d %s", status, text)
	}
	if status, _ := post("", "0", "1"); status != http.StatusSeeOther {
		t.Errorf("switched off: %d", status)
	}
	if status, _ := post("3", "9", "2"); status != http.StatusSeeOther {
		t.Errorf("switched on: %d", status)
	}
	list, err := c.waits.Rules(t.Context(), c.Actor(access.Supervisor))
	c.Must(err)
	var kept awaiting.Rules
	for _, r := range list {
		if r.Entity == "DE" {
			kept = r
		}
	}
	if kept.Version != 3 || kept.CloseDays != 9 || kept.ActiveSince == nil || !kept.ActiveSince.Equal(c.Clock.Now()) {
		t.Errorf("%+v", kept)
	}
}
