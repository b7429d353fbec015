package quality_test

import (
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"makegood/cases"
	"makegood/cases/quality"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/reports"
)

const monday = "2026-05-11" // of the week the company's morning is in

func TestASampleIsDrawnByTheWeeksSeed(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.rule(quality.Count, 2)
	r.settled(5, r.Actor(access.Agent))
	r.settled(1, r.Actor(access.Senior))
	r.drawn()
	day, err := time.Parse(time.DateOnly, monday)
	r.Must(err)
	before, err := r.quality.Week(t.Context(), day.AddDate(0, 0, 3), 0, 0, r.Actor(access.Auditor))
	r.Must(err)
	if before.Seed != nil || len(before.Commitment) != 32 || len(before.Draws) != 0 {
		t.Errorf("the week before it is over: %+v", before)
	}
	r.weekLater()
	week, err := r.quality.Week(t.Context(), day, 0, 0, r.Actor(access.Auditor))
	r.Must(err)
	sampled := map[string]int{}
	lowest := map[string]int64{}
	for _, d := range week.Draws {
		if !d.Repeats || d.Draw != quality.Drawn(week.Seed, d.CaseID) {
			t.Errorf("%s does not follow from the seed", d.Number)
		}
		if d.Sampled {
			sampled[d.AgentName]++
			lowest[d.AgentName] = max(lowest[d.AgentName], d.Draw)
		}
	}
	for _, d := range week.Draws {
		if !d.Sampled && d.Draw < lowest[d.AgentName] {
			t.Errorf("%s has a lower number than one that was drawn", d.Number)
		}
	}
	if len(week.Draws) != 6 || sampled[r.Actor(access.Agent).Name] != 2 || sampled[r.Actor(access.Senior).Name] != 1 || hex.EncodeToString(week.Commitment) != hex.EncodeToString(before.Commitment) {
		t.Errorf("%d draws, %v", len(week.Draws), sampled)
	}
	page := r.As(access.Auditor).Get("/quality/weeks/" + monday)
	if page.Status != http.StatusOK || !strings.Contains(page.Text, hex.EncodeToString(week.Seed)) || strings.Contains(page.Text, "differs") {
		t.Errorf("the page of the week: %d", page.Status)
	}
	queue, err := r.quality.Queue(t.Context(), r.Actor(access.Supervisor), 0, 0)
	r.Must(err)
	if len(queue) != 3 {
		t.Errorf("%d wait", len(queue))
	}
	rest, err := r.quality.Queue(t.Context(), r.Actor(access.Supervisor), queue[0].CaseID, 0)
	r.Must(err)
	if len(rest) != 2 || rest[0].CaseID != queue[1].CaseID {
		t.Errorf("after the first: %+v", rest)
	}
	r.settled(1, r.Actor(access.Agent)) // not drawn
	r.refused(`update quality_weeks set seed = sha256('x')`, "drawn once")
	r.refused(`update quality_draws set place = 1`, "")
	r.refused(`insert into quality_draws (case_id, week, agent_id, team_id, rule_id, kind, amount, draw, place, resolved_at, drawn_at)
		select (select min(id) from cases c where not exists (select from quality_draws d where d.case_id = c.id)), week, agent_id, team_id, rule_id, kind, amount, 0, 1, resolved_at, drawn_at
		from quality_draws limit 1`, "follows from the seed")
}

func TestOnlyWhatItsTeamsRuleSaysIsDrawn(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.settled(3, r.Actor(access.Agent))
	r.weekLater()
	if n, err := db.Value[int](t.Context(), r.DB, `select count(*) from quality_draws`); err != nil || n != 0 {
		t.Errorf("%d draws without a rule, %v", n, err)
	}
	r.rule(quality.Share, 100)
	list := r.settled(3, r.Actor(access.Agent))
	again, err := r.Cases.SetStatus(t.Context(), cases.StatusInput{On: cases.On{By: r.Actor(access.Agent), ID: list[0].ID, Version: list[0].Version}, To: cases.StatusOpen})
	r.Must(err)
	r.weekLater()
	queue, err := r.quality.Queue(t.Context(), r.Actor(access.Supervisor), 0, 0)
	r.Must(err)
	if len(queue) != 2 || queue[0].Number == again.Number || queue[1].Number == again.Number {
		t.Errorf("all of what is still settled: %+v", queue)
	}
}

func values(card quality.Card, note string, given ...string) url.Values {
	form := url.Values{"card": {strconv.Itoa(card.Number)}, "note": {note}}
	for i, c := range card.Criteria {
		if i < len(given) {
			form.Set("value_"+c.Code, given[i])
		}
	}
	return form
}

func TestAReviewIsWrittenReadAndAcknowledged(t *testing.T) {
	t.Parallel()
	r := open(t)
	card := r.card()
	one := r.settled(1, r.Actor(access.Agent))[0]
	boss := r.As(access.Supervisor)
	path := "/quality/cases/" + one.Number
	if got := boss.Get("/quality/pick?number=" + strings.ToLower(one.Number)); got.Status != http.StatusSeeOther || got.Header.Get("Location") != path {
		t.Errorf("picked: %d %s", got.Status, got.Header.Get("Location"))
	}
	sheet := boss.Get(path)
	for _, want := range []string{"Please look at <this>", "The right invoice", "Did not apply", r.Actor(access.Agent).Name} {
		if sheet.Status != http.StatusOK || !strings.Contains(sheet.Text, want) {
			t.Errorf("the sheet (%d) lacks %q", sheet.Status, want)
		}
	}
	if got := r.As(access.Agent).Post(path, values(card, "I was good", "1")); got.Status != http.StatusForbidden {
		t.Errorf("an agent reviews: %d", got.Status)
	}
	for name, form := range map[string]url.Values{
		"without words": values(card, " ", "1"), "with nothing scored": values(card, "Well done"), "six of five": values(card, "Well done", "1", "6"), "no number": values(card, "Well done", "x"),
	} {
		if got := boss.Post(path, form); got.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, got.Status)
		}
	}
	if got := boss.Post(path, values(quality.Card{Number: 7, Criteria: card.Criteria}, "Well done", "1")); got.Status != http.StatusConflict {
		t.Errorf("by another card: %d", got.Status)
	}
	kept := boss.Post(path, values(card, "Say <sooner> what you found.", "1", "3"))
	if kept.Status != http.StatusSeeOther {
		t.Fatalf("kept: %d %s", kept.Status, kept.Text)
	}
	review := kept.Header.Get("Location")
	if got := boss.Post(path, values(card, "Again", "1")); got.Status != http.StatusSeeOther && got.Status != http.StatusConflict {
		t.Errorf("reviewed twice: %d", got.Status)
	}
	list, err := r.quality.Reviews(t.Context(), r.Actor(access.Director), false, 0, 0)
	r.Must(err)
	if len(list) != 1 || list[0].Score.String() != "75" || list[0].Sampled {
		t.Errorf("reviews: %+v", list)
	}
	agent := r.As(access.Agent)
	if got := agent.Get("/quality/mine"); !strings.Contains(got.Text, one.Number) || !strings.Contains(got.Text, "75.00 %") {
		t.Errorf("the agent's list: %s", got.Text)
	}
	mine := "/quality/mine?review=" + review[strings.LastIndex(review, "/")+1:]
	if got := agent.Get(mine); got.Status != http.StatusOK || !strings.Contains(got.Text, "Say <sooner> what you found.") || !strings.Contains(got.Text, "3 of 5") || !strings.Contains(got.Text, "did not apply") {
		t.Errorf("the agent reads: %d %s", got.Status, got.Text)
	}
	for _, other := range []access.Role{access.Senior, access.Controller} {
		if got := r.As(other).Get(mine); got.Status != http.StatusNotFound {
			t.Errorf("%s reads it: %d", other, got.Status)
		}
		if got := r.As(other).Get(review); got.Status != http.StatusForbidden {
			t.Errorf("%s reads it where supervisors do: %d", other, got.Status)
		}
	}
	if got := boss.Post(review+"/acknowledge", nil); got.Status != http.StatusForbidden {
		t.Errorf("the reviewer acknowledges: %d", got.Status)
	}
	if got := agent.Post(review+"/acknowledge", url.Values{"reply": {"I will."}}); got.Status != http.StatusSeeOther {
		t.Errorf("acknowledged: %d %s", got.Status, got.Text)
	}
	if got := agent.Post(review+"/acknowledge", nil); got.Status != http.StatusConflict {
		t.Errorf("acknowledged again: %d", got.Status)
	}
	if got := boss.Get(review); !strings.Contains(got.Text, "I will.") {
		t.Errorf("the reviewer reads the answer: %s", got.Text)
	}
	told, err := r.Cases.Notices(t.Context(), r.Actor(access.Agent).UserID, true, 10)
	r.Must(err)
	answered, err := r.Cases.Notices(t.Context(), r.Actor(access.Supervisor).UserID, true, 10)
	r.Must(err)
	if told[0].Key != "notice.quality_reviewed" || answered[0].Key != "notice.quality_replied" {
		t.Errorf("told: %+v, %+v", told, answered)
	}
	r.refused(`update quality_reviews set score = 100`, "stays as it was written")
	r.refused(`delete from quality_reviews`, "stays as it was written")
	r.refused(`update quality_scores set value = 5`, "")
	if n, err := db.Value[int](t.Context(), r.DB, `select count(*) from audit_log where what in ('quality.card_saved', 'quality.reviewed', 'quality.acknowledged')`); err != nil || n != 3 {
		t.Errorf("%d audit rows, %v", n, err)
	}
}

func TestWhatReportsSayOfReviews(t *testing.T) {
	t.Parallel()
	r := open(t)
	card := r.card()
	list := r.settled(2, r.Actor(access.Agent))
	for i, given := range [][]string{{"1", "5", "5"}, {"0", "1", ""}} {
		if got := r.As(access.Supervisor).Post("/quality/cases/"+list[i].Number, values(card, "Read this", given...)); got.Status != http.StatusSeeOther {
			t.Fatalf("kept: %d %s", got.Status, got.Text)
		}
	}
	work, scope := r.Reports.Work(), reports.WorkScope{By: r.Actor(access.Supervisor), Days: 7}
	by, err := work.Report(t.Context(), scope, reports.Reviewed, reports.ByAgent)
	r.Must(err)
	if len(by.Groups) != 1 || by.Groups[0].Now.Name != r.Actor(access.Agent).Name || by.All.Now.Mean.Decimal.String() != "50" || by.All.Now.Good != 0 || by.All.Now.GoodOf != 2 {
		t.Errorf("by agent: %+v", by)
	}
	criteria, err := work.Report(t.Context(), scope, reports.Judged, reports.ByPart)
	r.Must(err)
	got := map[string]string{}
	for _, g := range criteria.Groups {
		got[g.Now.Name] = g.Now.Mean.Decimal.String() + " " + strconv.Itoa(g.Now.Count)
	}
	if got["The right invoice"] != "50 2" || got["Clear"] != "50 2" || got["Kept informed"] != "100 1" {
		t.Errorf("by criterion: %v", got)
	}
	rows, err := work.Rows(t.Context(), scope, reports.WorkRows{Fact: reports.Judged, Limit: 2})
	r.Must(err)
	more, err := work.Rows(t.Context(), scope, reports.WorkRows{Fact: reports.Judged, Limit: 3, After: rows.Next})
	r.Must(err)
	if len(rows.Rows) != 2 || len(more.Rows) != 3 {
		t.Errorf("%d and %d rows", len(rows.Rows), len(more.Rows))
	}
	scope.By = r.Actor(access.Controller) // who reads the other reports
	if _, err := work.Report(t.Context(), scope, reports.Reviewed, reports.ByAgent); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("a controller reads what was said of agents: %v", err)
	}
	if _, err := work.Rows(t.Context(), scope, reports.WorkRows{Fact: reports.Judged}); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("a controller reads it row by row: %v", err)
	}
	all, err := work.Overview(t.Context(), scope)
	r.Must(err)
	for _, one := range all {
		if one.Fact == reports.Reviewed || one.Fact == reports.Judged {
			t.Errorf("the overview of a controller shows %s", one.Fact)
		}
	}
}

func TestNobodyReviewsThemselves(t *testing.T) {
	t.Parallel()
	r := open(t)
	card := r.card()
	r.rule(quality.Share, 100)
	own := r.settled(1, r.Actor(access.Supervisor))[0]
	running := r.Dispute("119.00")
	r.weekLater()
	if got := r.As(access.Supervisor).Get("/quality"); !strings.Contains(got.Text, "yours: for somebody else") {
		t.Errorf("the queue: %s", got.Text)
	}
	if got := r.As(access.Supervisor).Get("/quality/pick?number=" + own.Number); got.Status != http.StatusForbidden || !strings.Contains(got.Text, "somebody else reviews it") {
		t.Errorf("picked: %d", got.Status)
	}
	if _, err := r.quality.Review(t.Context(), quality.ReviewInput{By: r.Actor(access.Supervisor), Number: own.Number, Card: card.Number, Values: map[string]int{"clear": 5}, Note: "Perfect"}); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("their own: %v", err)
	}
	if _, err := r.quality.Sheet(t.Context(), running.Number, r.Actor(access.Supervisor)); errs.KindOf(err) != errs.Conflict {
		t.Errorf("one that is under way: %v", err)
	}
	r.refused(`insert into quality_reviews (case_id, agent_id, reviewer_id, card, score, note, reviewed_at)
		select `+strconv.FormatInt(int64(own.ID), 10)+`, id, id, 1, 100, 'x', now() from users limit 1`, "nobody_reviews_themselves")
	r.refused(`insert into quality_reviews (case_id, agent_id, reviewer_id, card, score, note, reviewed_at)
		select `+strconv.FormatInt(int64(own.ID), 10)+`, min(id), max(id), 1, 100, 'x', now() from users`, "follows from its criteria")
}

func TestTheCardAndTheRulesAreSetByWhoMay(t *testing.T) {
	t.Parallel()
	r := open(t)
	boss := r.As(access.Supervisor)
	page := boss.Get("/settings/quality")
	if page.Status != http.StatusOK || !strings.Contains(page.HTML, "The cause was found") || !strings.Contains(page.Text, "Desk") {
		t.Fatalf("the page: %d", page.Status)
	}
	form := func() url.Values {
		return url.Values{"base": {"0"}, "code": {"", "", ""}, "name": {"Clear", "", "Right"}, "hint": {"", "", ""}, "scale": {"five", "five", "yes_no"}, "weight": {"10", "", "30"}}
	}
	wrong := form()
	wrong["weight"] = []string{"0", "", "x"}
	wrong["name"] = []string{"Clear", "", "clear"}
	if got := boss.Post("/settings/quality/card", wrong); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Text, "Criterion 1: ") || !strings.Contains(got.Text, "Criterion 2: ") {
		t.Errorf("wrong: %d", got.Status)
	}
	if got := r.As(access.Agent).Post("/settings/quality/card", form()); got.Status != http.StatusForbidden {
		t.Errorf("an agent: %d", got.Status)
	}
	if got := boss.Post("/settings/quality/card", form()); got.Status != http.StatusSeeOther {
		t.Errorf("saved: %d %s", got.Status, got.Text)
	}
	if got := boss.Post("/settings/quality/card", form()); got.Status != http.StatusConflict {
		t.Errorf("from an older card: %d", got.Status)
	}
	card, err := r.quality.Card(t.Context(), r.Actor(access.Auditor))
	r.Must(err)
	if card.Number != 1 || len(card.Criteria) != 2 || card.Criteria[1].Code != "right" || card.Criteria[0].Weight != 10 {
		t.Errorf("card: %+v", card)
	}
	team := "/settings/quality/teams/" + strconv.FormatInt(r.team, 10)
	if got := boss.Post(team, url.Values{"base": {"0"}, "kind": {"count"}, "amount": {"51"}}); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("51 of each: %d", got.Status)
	}
	if got := boss.Post(team, url.Values{"base": {"0"}, "kind": {"share"}, "amount": {"20"}}); got.Status != http.StatusSeeOther {
		t.Errorf("a fifth: %d", got.Status)
	}
	if got := boss.Post(team, url.Values{"base": {"0"}, "kind": {"none"}}); got.Status != http.StatusConflict {
		t.Errorf("from an older rule: %d", got.Status)
	}
	if got := boss.Post("/settings/quality/teams/4711", url.Values{"base": {"0"}, "kind": {"none"}}); got.Status != http.StatusNotFound {
		t.Errorf("no such team: %d", got.Status)
	}
	r.refused(`update quality_cards set number = 2`, "")
	r.refused(`delete from quality_rules`, "")
}
