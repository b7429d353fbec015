package cases_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/errs"
)

func (k *desk) putOff(c cases.Case, until string) cases.Case {
	k.t.Helper()
	c, err := k.cases.FollowUp(k.t.Context(), cases.FollowUpInput{On: k.on(c), At: berlin(until), Note: "ask the bank"})
	k.must(err)
	return c
}

// shows lists the numbers that a view shows, a page of two at a time.
func (k *desk) shows(v cases.View) []string {
	k.t.Helper()
	var numbers []string
	for f := (cases.Filter{View: v, Limit: 2}); ; {
		page, err := k.cases.Queue(k.t.Context(), f, k.supervisor)
		k.must(err)
		for _, row := range page.Rows {
			numbers = append(numbers, row.Number)
		}
		if f.After = page.Next; page.Next == "" {
			return numbers
		}
	}
}

func TestACasePutOffComesBackOnTop(t *testing.T) {
	t.Parallel()
	k := setup(t)
	first, second, third, fourth := k.asked(), k.asked(), k.asked(), k.asked()
	all := []string{first.Number, second.Number, third.Number, fourth.Number}
	if got := k.shows(cases.ViewAllOpen); !slices.Equal(got, all) {
		t.Fatalf("%q", got)
	}
	k.putOff(fourth, "2026-05-12 11:00")
	off := k.putOff(third, "2026-05-12 10:30")
	for v, want := range map[cases.View][]string{
		cases.ViewAllOpen: {first.Number, second.Number}, cases.ViewUnassigned: {first.Number, second.Number},
		cases.ViewSnoozed: {fourth.Number, third.Number}, cases.ViewFollowUps: nil, cases.ViewAll: {fourth.Number, third.Number, second.Number, first.Number},
	} {
		if got := k.shows(v); !slices.Equal(got, want) {
			t.Errorf("%s shows %q, want %q", v, got, want)
		}
	}
	counts, err := k.cases.Counts(t.Context(), k.supervisor)
	k.must(err)
	if counts[cases.ViewAllOpen] != 2 || counts[cases.ViewSnoozed] != 2 || counts[cases.ViewFollowUps] != 0 {
		t.Errorf("%v", counts)
	}

	k.drain("2026-05-12 10:31")
	back := k.reload(third.ID)
	if !back.FollowUpDue || back.Version != off.Version || k.events(third.ID, "follow_up.due") != 1 {
		t.Errorf("%+v", back)
	}
	if got := k.shows(cases.ViewAllOpen); !slices.Equal(got, []string{third.Number, first.Number, second.Number}) {
		t.Errorf("%q", got)
	}
	told, err := k.cases.Notices(t.Context(), k.agent.UserID, true, 5) // who asked for it: nobody works on the case
	k.must(err)
	if len(told) != 1 || told[0].Key != "notice.follow_up_note" || told[0].Params["note"] != "ask the bank" {
		t.Errorf("%+v", told)
	}
	// A job that runs again, and one of a moment that is not the present one, do nothing.
	for _, at := range []time.Time{berlin("2026-05-12 10:30"), berlin("2026-05-12 10:00")} {
		k.must(k.jobs.Work(t.Context(), cases.FollowUpDue{}.Kind(), fmt.Appendf(nil, `{"case_id":%d,"at":%q}`, third.ID, at.Format(time.RFC3339))))
	}
	if n := k.events(third.ID, "follow_up.due"); n != 1 {
		t.Errorf("came back %d times", n)
	}

	k.drain("2026-05-12 11:01")
	if got := k.shows(cases.ViewAllOpen); !slices.Equal(got, []string{third.Number, fourth.Number, first.Number, second.Number}) {
		t.Errorf("%q", got)
	}
	answered := k.reply(k.reload(third.ID)).Case
	done, err := k.cases.EndFollowUp(t.Context(), k.on(k.reload(fourth.ID)))
	k.must(err)
	if answered.FollowUpAt != nil || done.FollowUpAt != nil || len(k.shows(cases.ViewFollowUps)) != 0 {
		t.Errorf("%+v %+v", answered, done)
	}
	k.sound()
}

func TestWhatEndsAFollowUp(t *testing.T) {
	t.Parallel()
	k := setup(t)
	heard, resolved, moved, lost := k.asked(), k.asked(), k.asked(), k.asked()
	for _, c := range []cases.Case{heard, resolved, moved} {
		k.putOff(c, "2026-05-13 09:00")
	}
	if c := k.receive(heard.ID, cases.InboundMessage{AuthorName: "Anna Behn", AuthorAddress: "anna@brandung.example", Body: "And?"}); c.FollowUpAt != nil {
		t.Errorf("the customer wrote: %+v", c)
	}
	if c := k.set(k.reload(resolved.ID), cases.StatusResolved, ""); c.FollowUpAt != nil {
		t.Errorf("resolved: %+v", c)
	}
	_, err := k.cases.FollowUp(t.Context(), cases.FollowUpInput{On: k.on(k.reload(resolved.ID)), At: berlin("2026-05-13 09:00")})
	k.refused(err, cases.ErrClosed)
	k.putOff(k.reload(moved.ID), "2026-05-14 09:00") // another day
	k.drain("2026-05-13 09:01")
	if c := k.reload(moved.ID); c.FollowUpDue || c.FollowUpAt == nil {
		t.Errorf("came back on the first day: %+v", c)
	}
	for _, at := range []string{"2026-05-13 09:00", "2027-06-01 09:00"} {
		_, err := k.cases.FollowUp(t.Context(), cases.FollowUpInput{On: k.on(k.reload(moved.ID)), At: berlin(at)})
		k.field(err, "at", "follow_up.not_ahead")
	}
	if _, err := k.cases.FollowUp(t.Context(), cases.FollowUpInput{On: cases.On{By: access.Actor{Kind: access.Person, UserID: k.agent.UserID, Roles: []access.Role{access.Auditor}}, ID: moved.ID}}); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("%v", err)
	}

	// The sweeper is the net under a job that was lost.
	k.putOff(k.reload(lost.ID), "2026-05-13 10:00")
	_, err = k.db.Pool().Exec(t.Context(), `delete from river_job where kind = 'cases.follow_up'`)
	k.must(err)
	k.clock.Set(berlin("2026-05-13 10:02"))
	k.must(k.jobs.Work(t.Context(), cases.SweepClocks{}.Kind(), []byte(`{}`)))
	if c := k.reload(lost.ID); !c.FollowUpDue {
		t.Errorf("%+v", c)
	}
	k.sound()
}

func TestAMacroPutsACaseOff(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.asked()
	m := k.macro(cases.SaveMacroInput{Name: "Next week", Kind: cases.Note, Does: cases.MacroDoes{FollowUp: 7}})
	run := k.bulk(cases.BulkInput{By: k.supervisor, Numbers: []string{c.Number}, Action: cases.BulkMacro, Value: fmt.Sprint(int64(m.ID))})
	if now := k.reload(c.ID); run.Done != 1 || now.FollowUpAt == nil || !now.FollowUpAt.Equal(berlin("2026-05-19 09:00")) {
		t.Errorf("%+v %+v", run, now)
	}
	if back := k.undone(run, k.supervisor); back.Restored != 1 || k.reload(c.ID).FollowUpAt != nil {
		t.Errorf("%+v", back)
	}
	_, err := k.cases.SaveMacro(t.Context(), cases.SaveMacroInput{By: k.agent, Name: "x", Kind: cases.Note, Does: cases.MacroDoes{FollowUp: 900}})
	k.field(err, "follow_up", "follow_up.not_ahead")
	_, err = k.cases.SaveMacro(t.Context(), cases.SaveMacroInput{By: k.agent, Name: "x", Kind: cases.Note, Does: cases.MacroDoes{Status: "resolved", FollowUp: 3}})
	k.field(err, "follow_up", "macro.resolved_comes_back")
	// What is over is not put off, and the preview knows.
	k.set(k.reload(c.ID), cases.StatusResolved, "")
	p, err := k.cases.PreviewBulk(t.Context(), cases.BulkInput{By: k.supervisor, Numbers: []string{c.Number}, Action: cases.BulkMacro, Value: fmt.Sprint(int64(m.ID))})
	k.must(err)
	if p.Refused != 1 || p.Refusals[0].Reason != cases.ErrClosed.Key {
		t.Errorf("%+v", p)
	}
}
