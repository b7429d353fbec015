package cases_test

import (
	"strconv"
	"testing"
	"time"

	"makegood/cases"
	"makegood/cases/clock"
	"makegood/cases/holidays"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
)

// calendarNow is the newest version of the Berlin calendar.
func (k *desk) calendarNow() cases.CalendarInUse {
	k.t.Helper()
	list, err := k.cases.Calendars(k.t.Context(), k.agent)
	k.must(err)
	if len(list) != 1 {
		k.t.Fatalf("%d calendars", len(list))
	}
	return list[0]
}

// closed is the calendar with one more day off.
func (k *desk) closed(line string) cases.CalendarInput {
	k.t.Helper()
	c := k.calendarNow()
	more, err := holidays.ParseLines(line)
	k.must(err)
	c.Definition.Holidays, _ = holidays.Merge(c.Definition.Holidays, more)
	return cases.CalendarInput{By: k.supervisor, Definition: c.Definition, BasedOn: c.Version, Comment: "The office moves"}
}

func TestANewCalendarMovesTheClocksThatRun(t *testing.T) {
	t.Parallel()
	k := setup(t)
	running := k.open(k.mail())
	answered := k.open(k.mail())
	k.reply(answered)
	done := k.set(k.reload(k.open(k.mail()).ID), cases.StatusResolved, cases.OnNobody)
	// Received Tuesday 09:30: 4 hours to answer, 24 to resolve.
	k.due(running.ID, clock.FirstResponse, "2026-05-12 13:30")
	k.due(running.ID, clock.Resolution, "2026-05-14 15:30")
	was := k.theClock(done.ID, clock.Resolution)
	k.clock.Set(berlin("2026-05-12 10:30"))

	in := k.closed("2026-05-12 09:00-12:00 Power cut\n2026-05-14 Ascension Day")
	moves, err := k.cases.PreviewCalendar(t.Context(), in)
	k.must(err)
	if moves.Cases != 2 || moves.Clocks != 3 || moves.Later != 3 || moves.Earlier != 0 || moves.Late != 0 || moves.More || len(moves.First) != 3 {
		t.Fatalf("%+v", moves)
	}
	k.due(running.ID, clock.FirstResponse, "2026-05-12 13:30") // looking changes nothing

	saved, change, err := k.cases.SaveCalendar(t.Context(), in)
	k.must(err)
	if saved.Version != 2 || change.Total != 2 || change.FinishedAt != nil || change.MadeBy != "Sven Brandt" {
		t.Fatalf("%+v %+v", saved, change)
	}
	k.drain("2026-05-12 10:35")
	// An hour was used by the old hours; three are left: half past ten to twelve, and Wednesday from nine.
	k.due(running.ID, clock.FirstResponse, "2026-05-13 10:30")
	k.due(running.ID, clock.Resolution, "2026-05-18 12:30")
	if got := k.theClock(running.ID, clock.Resolution); got.Revision != 2 || got.CalendarID != saved.ID {
		t.Errorf("%+v", got.Clock)
	}
	for _, f := range moves.First {
		if got := k.theClock(f.CaseID, f.Kind); !got.DueAt.Equal(*f.After) {
			t.Errorf("%s %s: foreseen %s, is %s", f.Number, f.Kind, f.After, got.DueAt)
		}
	}
	if got := k.theClock(done.ID, clock.Resolution); got.ID != was.ID || got.CalendarID != was.CalendarID || got.Outcome != clock.Met {
		t.Errorf("a resolved case moved: %+v", got.Clock)
	}
	if got := k.reload(running.ID); got.Version != running.Version {
		t.Error("an agent's open form went stale")
	}
	changes, err := k.cases.ClockChanges(t.Context(), k.agent)
	k.must(err)
	if len(changes) != 1 || changes[0].Done != 2 || changes[0].Moved != 2 || changes[0].FinishedAt == nil {
		t.Errorf("%+v", changes)
	}
	if n := value[int](t, k.db, `select count(*)::int from audit_log where stream = 'admin' and what = 'calendar.changed' and data ->> 'comment' = 'The office moves'`); n != 1 {
		t.Errorf("%d rows of audit", n)
	}
	k.sound()
	old, versions, err := k.cases.Calendar(t.Context(), k.agent, was.CalendarID)
	k.must(err)
	if old.Version != 1 || len(versions) != 2 || versions[0].Version != 2 || len(old.Definition.Holidays) != 0 {
		t.Errorf("%+v of %d", old, len(versions))
	}
	if next := k.theClock(k.open(k.mail()).ID, clock.Resolution); next.CalendarID != saved.ID {
		t.Errorf("a new case counts by calendar %d", next.CalendarID)
	}
}

func TestWhatACalendarIsRefusedFor(t *testing.T) {
	t.Parallel()
	k := setup(t)
	in := k.closed("2026-05-14 Ascension Day")
	same := in
	same.Definition.Holidays = nil
	_, _, err := k.cases.SaveCalendar(t.Context(), same)
	k.key(err, "clock_setting.unchanged")
	silent := in
	silent.Comment = " "
	_, _, err = k.cases.SaveCalendar(t.Context(), silent)
	k.field(err, "comment", "clock_setting.needs_reason")
	nameless := in
	nameless.Definition.Name = " "
	_, _, err = k.cases.SaveCalendar(t.Context(), nameless)
	k.field(err, "name", "error.required")
	nobody := in
	nobody.Definition.Weekly, nobody.Definition.Holidays = nil, nil
	_, _, err = k.cases.SaveCalendar(t.Context(), nobody)
	k.field(err, "weekly", "clock.no_working_time")
	for _, by := range []access.Actor{k.agent, k.controller} {
		foreign := in
		foreign.By = by
		_, _, err = k.cases.SaveCalendar(t.Context(), foreign)
		k.refused(err, access.ErrForbidden)
		_, err = k.cases.PreviewCalendar(t.Context(), foreign)
		k.refused(err, access.ErrForbidden)
	}
	_, _, err = k.cases.SaveCalendar(t.Context(), in)
	k.must(err)
	_, _, err = k.cases.SaveCalendar(t.Context(), in)
	k.refused(err, cases.ErrStaleSetting)
	_, _, err = k.cases.Calendar(t.Context(), k.agent, 4711)
	k.refused(err, cases.ErrNoCalendar)
	in.Definition.Name, in.BasedOn = "Nobody's", 0
	_, change, err := k.cases.SaveCalendar(t.Context(), in)
	k.must(err)
	if change.FinishedAt == nil || change.Total != 0 {
		t.Errorf("a calendar that no policy uses moves clocks: %+v", change)
	}
}

// A case that was being opened while a calendar was changed is under the old version, and is moved a little later.
func TestACaseOpenedMeanwhileFollows(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.open(k.mail())
	_, _, err := k.cases.SaveCalendar(t.Context(), k.closed("2026-05-14 Ascension Day"))
	k.must(err)
	k.do(func(tx *db.Tx) error { // as if the case had not been there yet
		_, err := tx.Exec(t.Context(), `update clock_changes set last_case = $1`, c.ID)
		return err
	})
	k.drain("2026-05-12 09:31")
	k.due(c.ID, clock.Resolution, "2026-05-14 15:30")
	k.drain("2026-05-12 09:35")
	k.due(c.ID, clock.Resolution, "2026-05-15 15:30")
	k.sound()
}

// A new policy leaves those of others in use: a case opened meanwhile follows all the same, and one that cannot holds up no other.
func TestACaseOpenedMeanwhileFollowsANewPolicy(t *testing.T) {
	t.Parallel()
	k := setup(t)
	stuck, c := k.open(k.mail()), k.open(k.mail())
	in := k.draftOf("Standard")
	in.Name, in.BasedOn, in.Position = "Everybody", 0, 1
	in.Definition.Targets[clock.FirstResponse][clock.P3] = clock.Within(6 * time.Hour)
	draft := k.tried(in, "2026-05-12 09:31")
	_, err := k.cases.PutInForce(t.Context(), k.supervisor, draft.ID, "Six hours for all")
	k.must(err)
	dbtest.AsOwner(t, k.db, `alter table cases add constraint stuck check (id <> `+strconv.FormatInt(int64(stuck.ID), 10)+` or policy_id = 1)`)
	k.do(func(tx *db.Tx) error { // as if the cases had not been there yet
		_, err := tx.Exec(t.Context(), `update clock_changes set last_case = $1`, c.ID)
		return err
	})
	k.drain("2026-05-12 09:32")
	k.due(c.ID, clock.FirstResponse, "2026-05-12 13:30")
	k.drain("2026-05-12 09:36")
	k.due(c.ID, clock.FirstResponse, "2026-05-12 15:30")
	k.due(stuck.ID, clock.FirstResponse, "2026-05-12 13:30")
	k.sound()
}

// Who sees one legal entity is shown the cases of that one alone.
func TestAPreviewShowsWhatOneMaySee(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.open(k.mail())
	in := k.closed("2026-05-13 Outing")
	in.By.EntityIDs = []int64{int64(k.other)}
	moves, err := k.cases.PreviewCalendar(t.Context(), in)
	k.must(err)
	if moves.Cases != 0 || len(moves.First) != 0 {
		t.Errorf("%+v", moves)
	}
}

func (k *desk) key(err error, want string) {
	k.t.Helper()
	if err == nil || errs.KeyOf(err) != want {
		k.t.Fatalf("got %v, want %s", err, want)
	}
}
