package surveys_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"makegood/cases"
	"makegood/cases/survey"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/personal"
	"makegood/internal/reports"
)

func TestNobodyIsAskedUntilItIsSwitchedOn(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.inquiry("ada@lumen.example", false)
	c.later(48)
	c.switchOn() // what was resolved before is not asked about
	c.later(48)
	if n := len(c.letters()); n != 0 {
		t.Errorf("%d letters", n)
	}
}

func TestASettledCaseIsAskedAboutOnce(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.switchOn()
	done := c.inquiry("ada@lumen.example", false)
	c.later(23)
	if n := len(c.letters()); n != 0 {
		t.Errorf("%d letters before it stayed resolved for a day", n)
	}
	c.later(2)
	c.later(1)
	list := c.letters()
	if len(list) != 1 {
		t.Fatalf("%d letters", len(list))
	}
	m := list[0]
	if m.ToAddress != "ada@lumen.example" || m.Language != "de" || !strings.Contains(m.TextBody, "einen bis fünf Punkte") || !strings.HasPrefix(m.Subject, "Re: Which order is this?") || !m.Automatic {
		t.Errorf("the letter: %+v", m)
	}
	said, err := c.Cases.Messages(t.Context(), c.DB, done.ID)
	c.Must(err)
	for _, one := range said {
		if strings.Contains(one.Body+one.FullBody, "/survey") {
			t.Error("the conversation shows the link, with which anybody could answer")
		}
	}
	link := c.link(m)
	for _, method := range []string{http.MethodGet, http.MethodGet} { // as programs that scan mail do
		page := c.visit(method, link, nil)
		for _, want := range []string{"Wie zufrieden sind Sie?", `type="radio"`, "/brand/DE", "Ostwind Netz GmbH", done.Number} {
			if page.Code != http.StatusOK || !strings.Contains(page.Body.String(), want) {
				t.Errorf("the page (%d) lacks %q", page.Code, want)
			}
		}
	}
	if got := c.of(done); got.Score != nil || got.AgentID == nil || *got.AgentID != c.Actor(access.Agent).UserID {
		t.Errorf("opening the link answered: %+v", got)
	}
	if after, err := c.Cases.CaseByID(t.Context(), c.DB, done.ID, c.Actor(access.Agent)); err != nil || after.Version != done.Version {
		t.Errorf("asking counted up the version: %d, %v", after.Version, err)
	}
}

func TestAnAnswerStandsBesideTheCaseAndInTheReports(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.switchOn()
	done, other := c.inquiry("ada@lumen.example", false), c.inquiry("ben@lumen.example", false)
	c.later(25)
	link := c.link(c.letters()[0])
	if got := c.answer(token(link), "", "no score"); got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), "no score") {
		t.Errorf("without a score: %d", got.Code)
	}
	if got := c.answer(token(link), "6", ""); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("six of five: %d", got.Code)
	}
	if got := c.answer(token(link), "2", strings.Repeat("ä", survey.LongestComment+1)); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("a long comment: %d", got.Code)
	}
	if got := c.answer(token(link), "2", "Took <weeks>."); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), done.Number) {
		t.Fatalf("answered: %d %s", got.Code, got.Body)
	}
	c.answer(token(link), "2", "Took <weeks>.") // a button pressed twice
	page := c.As(access.Supervisor).Get("/cases/" + done.Number)
	if !strings.Contains(page.Text, "Ada Lumen gave 2 of 5: “Took <weeks>.”") || !strings.Contains(page.Text, "2 of 5 “Took <weeks>.”") {
		t.Errorf("the case does not say it: %s", page.Text)
	}
	told, err := c.Cases.Notices(t.Context(), c.Actor(access.Agent).UserID, true, 10)
	c.Must(err)
	poor := 0
	for _, n := range told {
		if n.Key == "notice.survey_poor" && n.Params["score"] == "2" {
			poor++
		}
	}
	if poor != 1 {
		t.Errorf("the agent was told of the poor score %d times", poor)
	}
	c.Clock.Add(time.Hour)
	if got := c.answer(token(link), "4", ""); got.Code != http.StatusOK {
		t.Errorf("changed: %d", got.Code)
	}
	if got := c.of(done); got.Score == nil || *got.Score != 4 || got.Comment != "" || !got.ChangedAt.After(*got.AnsweredAt) {
		t.Errorf("changed: %+v", got)
	}
	if n, err := db.Value[int](t.Context(), c.DB, `select count(*) from audit_log where stream = $1 and what = 'survey.answered' and actor_kind = 'customer'`, "case:"+strconv.FormatInt(int64(done.ID), 10)); err != nil || n != 2 {
		t.Errorf("%d events of answers, %v", n, err)
	}
	work := c.Reports.Work()
	scope := reports.WorkScope{By: c.Actor(access.Supervisor), Days: 7}
	sent, err := work.Report(t.Context(), scope, reports.Surveyed, reports.ByAgent)
	c.Must(err)
	if all := sent.All.Now; all.Count != 2 || all.Good != 1 || all.GoodOf != 2 || len(sent.Groups) != 1 || sent.Groups[0].Now.Name != c.Actor(access.Agent).Name {
		t.Errorf("sent: %+v", sent)
	}
	scored, err := work.Report(t.Context(), scope, reports.Scored, reports.ByMonth)
	c.Must(err)
	if all := scored.All.Now; all.Count != 1 || all.Good != 1 || all.Mean.Decimal.String() != "4" || len(scored.Groups) != 1 {
		t.Errorf("scored: %+v", scored)
	}
	rows, err := work.Rows(t.Context(), scope, reports.WorkRows{Fact: reports.Scored})
	c.Must(err)
	if len(rows.Rows) != 1 || rows.Rows[0].CaseNumber != done.Number || rows.Rows[0].Score.Decimal.String() != "4" {
		t.Errorf("rows: %+v", rows.Rows)
	}
	if got := c.of(other); got.Score != nil {
		t.Error("the other case has an answer")
	}
}

func TestLinksThatDoNotHold(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.switchOn()
	done, other := c.inquiry("ada@lumen.example", false), c.inquiry("ben@lumen.example", false)
	c.later(25)
	good := token(c.link(c.letters()[0]))
	_, tag, _ := strings.Cut(good, ".")
	for name, bad := range map[string]string{
		"of another case": strconv.FormatInt(int64(other.ID), 10) + "." + tag, "guessed": strconv.FormatInt(int64(done.ID), 10) + ".aaaa", "empty": "", "no number": "x." + tag,
		"a number written otherwise": "0" + good, "no such case": "99999." + tag,
	} {
		if got := c.answer(bad, "5", ""); got.Code != http.StatusNotFound {
			t.Errorf("%s: %d", name, got.Code)
		}
		if got := c.visit(http.MethodGet, "/survey?t="+url.QueryEscape(bad), nil); got.Code != http.StatusNotFound && bad != "" || strings.Contains(got.Body.String(), done.Number) {
			t.Errorf("looking, %s: %d", name, got.Code)
		}
	}
	c.Clock.Add(14*24*time.Hour + time.Minute)
	if got := c.answer(good, "5", ""); got.Code != http.StatusNotFound || c.of(done).Score != nil {
		t.Errorf("after a fortnight: %d", got.Code)
	}
}

// Once what is kept about its reader is erased, a link brings nobody back: neither words nor an answer by somebody with a name.
func TestALinkDoesNotOutliveAnErasure(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.switchOn()
	done := c.inquiry("ada@lumen.example", false)
	c.later(25)
	good := token(c.link(c.letters()[0]))
	if got := c.answer(good, "4", "Ada was here"); got.Code != http.StatusOK {
		t.Fatalf("before: %d", got.Code)
	}
	c.Must(c.DB.Do(t.Context(), func(tx *db.Tx) error {
		by, other := c.Actor(access.Director), c.Actor(access.Admin)
		id, err := db.Value[int64](t.Context(), tx, `insert into erasures (addresses, reason, state, asked_by, asked_at, decided_by, decided_at)
			values (array['ada@lumen.example'], 'they asked', 'agreed', $1, $3, $2, $3) returning id`, by.UserID, other.UserID, tx.Now())
		if err != nil {
			return err
		}
		_, err = c.surveys.EraseTx(t.Context(), tx, personal.Person{Erasure: id, Addresses: []string{"ada@lumen.example"}})
		return err
	}))
	if got := c.visit(http.MethodGet, "/survey?t="+url.QueryEscape(good), nil); got.Code != http.StatusNotFound || strings.Contains(got.Body.String(), done.Number) {
		t.Errorf("looking: %d", got.Code)
	}
	if got := c.answer(good, "5", "Ada is back"); got.Code != http.StatusNotFound {
		t.Errorf("answering: %d", got.Code)
	}
	if kept := c.of(done); kept.Comment != "" || kept.Score == nil || *kept.Score != 4 {
		t.Errorf("%+v", kept)
	}
}

func TestWhoIsNotAsked(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.switchOn()
	first, again := c.inquiry("ada@lumen.example", false), c.inquiry("ada@lumen.example", false)
	machine, dead := c.inquiry("robot@lumen.example", true), c.inquiry("gone@lumen.example", false)
	reopened, joined := c.inquiry("eve@lumen.example", false), c.written("joe@lumen.example", false)
	into, past := c.written("joe@lumen.example", false), c.brought("pat@lumen.example")
	by := c.Actor(access.Agent)
	_, err := c.Cases.Join(t.Context(), cases.JoinInput{On: cases.On{By: by, ID: joined.ID, Version: joined.Version}, Into: into.ID})
	c.Must(err)
	_, err = c.Cases.SetStatus(t.Context(), cases.StatusInput{On: cases.On{By: by, ID: reopened.ID, Version: reopened.Version}, To: cases.StatusOpen})
	c.Must(err)
	c.Must(c.DB.Do(t.Context(), func(tx *db.Tx) error {
		id, err := c.Inbox.QueueTx(t.Context(), tx, inbox.Outgoing{Key: "x", Kind: "reply", FromAddress: "de@ostwind.example", ToAddress: "gone@lumen.example", Subject: "x", Text: "x"})
		if err != nil {
			return err
		}
		return c.Inbox.MarkDeadTx(t.Context(), tx, id, "gone@lumen.example", "550 no such user")
	}))
	c.later(25)
	for _, one := range []struct {
		name string
		of   cases.Case
		want survey.LeftOut
	}{
		{"the first", first, ""},
		{"asked a moment ago", again, survey.AskedLately},
		{"a machine", machine, survey.Nobody},
		{"mail comes back", dead, survey.Dead},
		{"open again", reopened, "not looked at"},
		{"joined", joined, "not looked at"},
		{"brought in as past", past, "not looked at"},
	} {
		if got := c.of(one.of); got.LeftOut != one.want {
			t.Errorf("%s: %q, want %q", one.name, got.LeftOut, one.want)
		}
	}
	if n := len(c.letters()); n != 1 {
		t.Errorf("%d letters", n)
	}
	c.later(30 * 24)
	third := c.inquiry("ada@lumen.example", false)
	c.later(25)
	if got := c.of(third); got.LeftOut != "" || len(c.letters()) != 2 {
		t.Errorf("a month later: %q, %d letters", got.LeftOut, len(c.letters()))
	}
}

// Whoever tries links that are wrong is stopped too: a try counts whatever becomes of it.
func TestWrongLinksAreBounded(t *testing.T) {
	t.Parallel()
	c := open(t)
	for n := range 60 {
		if got := c.answer("1.abc", "5", ""); got.Code != http.StatusNotFound {
			t.Fatalf("try %d: %d", n+1, got.Code)
		}
	}
	if got := c.answer("1.abc", "5", ""); got.Code != http.StatusTooManyRequests {
		t.Errorf("one too many: %d", got.Code)
	}
}

func TestTheDatabaseHoldsOneAnswer(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.switchOn()
	c.inquiry("ada@lumen.example", false)
	c.later(25)
	c.answer(token(c.link(c.letters()[0])), "5", "")
	c.refused(`delete from case_surveys`, "an answer is not taken away")
	c.refused(`update case_surveys set score = null, answered_at = null, changed_at = null`, "an answer is not taken away")
	c.refused(`update case_surveys set address = 'eve@lumen.example'`, "an answer is not taken away")
	c.refused(`update case_surveys set changed_at = expires_at + interval '1 second'`, "answer_in_time")
	c.refused(`update case_surveys set score = 6`, "case_surveys_score_check")
	c.refused(`insert into case_surveys select * from case_surveys`, "case_surveys_pkey")
}

func TestRulesAreSetByWhoMay(t *testing.T) {
	t.Parallel()
	c := open(t)
	page := c.As(access.Supervisor).Get("/settings/surveys")
	if page.Status != http.StatusOK || !strings.Contains(page.HTML, `action="/settings/surveys/DE"`) {
		t.Fatalf("the page: %d", page.Status)
	}
	form := func() url.Values {
		return url.Values{"active": {"on"}, "wait_hours": {"24"}, "answer_days": {"14"}, "quiet_days": {"30"}, "version": {"0"}}
	}
	if got := c.As(access.Agent).Post("/settings/surveys/DE", form()); got.Status != http.StatusForbidden {
		t.Errorf("an agent: %d", got.Status)
	}
	if got := c.As(access.Supervisor).Post("/settings/surveys/XX", form()); got.Status != http.StatusNotFound {
		t.Errorf("no such company: %d", got.Status)
	}
	wrong := form()
	wrong.Set("wait_hours", "0")
	wrong.Set("answer_days", "a week")
	if got := c.As(access.Supervisor).Post("/settings/surveys/DE", wrong); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.HTML, "a week") || !strings.Contains(got.Text, "from 1 to 720") {
		t.Errorf("out of range: %d", got.Status)
	}
	if got := c.As(access.Supervisor).Post("/settings/surveys/DE", form()); got.Status != http.StatusSeeOther {
		t.Errorf("set: %d %s", got.Status, got.Text)
	}
	if got := c.As(access.Admin).Post("/settings/surveys/DE", form()); got.Status != http.StatusConflict {
		t.Errorf("set from an older page: %d", got.Status)
	}
	list, err := c.surveys.Rules(t.Context(), c.Actor(access.Admin))
	c.Must(err)
	if r := list[0]; r.Entity != "DE" || !r.Active || r.Version != 1 || r.ActiveSince == nil {
		t.Errorf("rules: %+v", r)
	}
	elsewhere := c.Actor(access.Supervisor)
	elsewhere.EntityIDs = []int64{4711}
	if _, err := c.surveys.SetRules(t.Context(), survey.RulesInput{By: elsewhere, Entity: "DE", WaitHours: 1, AnswerDays: 1}); errs.KindOf(err) != errs.NotFound {
		t.Errorf("of another company: %v", err)
	}
	if n, err := db.Value[int](t.Context(), c.DB, `select count(*) from audit_log where what = 'survey.rules_set'`); err != nil || n != 1 {
		t.Errorf("%d audit rows, %v", n, err)
	}
}
