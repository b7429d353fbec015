package people_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/people"
)

func (s staffed) away() string {
	s.t.Helper()
	names, err := db.Values[string](s.t.Context(), s.db, `select name from users where away order by name`)
	s.must(err)
	return strings.Join(names, ", ")
}

func TestAbsencesBeginAndEndByThemselves(t *testing.T) {
	t.Parallel()
	s := newStaff(t) // 1 March 2027, 09:00 UTC
	s.exec(`update users set time_zone = 'Asia/Singapore' where id = $1`, s.agent.ID)
	registry, moves := jobs.NewRegistry(), 0
	s.Register(registry)
	s.OnMove(func(context.Context, *db.Tx) error { moves++; return nil })
	s.done(s.EnterAbsence(t.Context(), people.AbsenceInput{By: s.agent.Actor(), FirstDay: "2027-03-03", LastDay: "2027-03-04", Note: "Hiking"}))
	for _, c := range []struct {
		until time.Time
		away  string
		moves int
	}{
		{time.Date(2027, 3, 2, 15, 59, 0, 0, time.UTC), "", 0},            // 23:59 in Singapore
		{time.Date(2027, 3, 2, 16, 0, 0, 0, time.UTC), "Mira Okafor", 1},  // its midnight
		{time.Date(2027, 3, 4, 15, 59, 0, 0, time.UTC), "Mira Okafor", 1}, // the last minute of the last day
		{time.Date(2027, 3, 4, 16, 0, 0, 0, time.UTC), "", 2},
	} {
		jobstest.Drain(t, s.db, registry, s.clock, c.until)
		if s.away() != c.away || moves != c.moves {
			t.Errorf("%s: %q away, %d moves", c.until, s.away(), moves)
		}
	}
	found, err := s.Absences(t.Context(), s.second)
	if s.must(err); len(found) != 0 {
		t.Errorf("over, and listed: %v", found)
	}
}

func TestAnAbsenceOfTodayHoldsAtOnceAndEndsWhenTaken(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	a, err := s.EnterAbsence(t.Context(), people.AbsenceInput{By: s.admin, UserID: s.agent.ID, FirstDay: "2027-03-01", LastDay: "2027-03-01"})
	s.must(err)
	if s.away() != "Mira Okafor" {
		t.Fatalf("%q", s.away())
	}
	s.want(s.EndAbsence(t.Context(), s.director, a.ID), people.ErrOthersAbsences)
	s.must(s.EndAbsence(t.Context(), s.agent.Actor(), a.ID))
	if s.away() != "" {
		t.Errorf("back, and %q", s.away())
	}
	s.want(s.EndAbsence(t.Context(), s.agent.Actor(), a.ID), people.ErrNoAbsence)
	got, err := db.Values[string](t.Context(), s.db, `select what from audit_log where what like 'absence.%' order by id`)
	if s.must(err); strings.Join(got, " ") != "absence.settled absence.entered absence.settled absence.ended" {
		t.Errorf("%v", got)
	}
}

func TestWhatAbsencesAreRefused(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	s.done(s.EnterAbsence(t.Context(), people.AbsenceInput{By: s.agent.Actor(), FirstDay: "2027-05-03", LastDay: "2027-05-07"}))
	for name, c := range map[string]struct {
		by          access.Actor
		first, last string
		note, key   string
	}{
		"no day":          {s.agent.Actor(), "soon", "2027-03-04", "", "first_day people.not_a_day"},
		"backwards":       {s.agent.Actor(), "2027-03-05", "2027-03-04", "", "last_day people.absence_ends_first"},
		"over":            {s.agent.Actor(), "2027-02-05", "2027-02-28", "", "last_day people.absence_over"},
		"two years":       {s.agent.Actor(), "2027-03-05", "2029-03-04", "", "last_day people.absence_too_long"},
		"a long story":    {s.agent.Actor(), "2027-03-05", "2027-03-06", strings.Repeat("ü", 201), "note people.absence_note"},
		"twice":           {s.agent.Actor(), "2027-05-07", "2027-05-09", "", " people.absent_already"},
		"somebody else's": {s.director, "2027-03-05", "2027-03-06", "", " people.others_absences"},
	} {
		_, err := s.EnterAbsence(t.Context(), people.AbsenceInput{By: c.by, UserID: s.agent.ID, FirstDay: c.first, LastDay: c.last, Note: c.note})
		if got := refusal(err); got != c.key {
			t.Errorf("%s: %q, want %q", name, got, c.key)
		}
	}
}

func refusal(err error) string {
	if found := (*errs.Error)(nil); errors.As(err, &found) && len(found.Fields) > 0 {
		return found.Fields[0].Name + " " + found.Fields[0].Key
	}
	return " " + errs.KeyOf(err)
}

func (s staffed) done(_ any, err error) {
	s.t.Helper()
	s.must(err)
}
