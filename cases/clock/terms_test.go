package clock_test

import (
	"strings"
	"testing"
	"time"

	"makegood/cases/clock"
)

func TestPauseCap(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.pin.Policy.Pauses = map[clock.Kind]clock.PauseRule{
		clock.Resolution: {On: []clock.WaitingOn{clock.OnCustomer}, Cap: clock.Length(2 * time.Hour)},
	}
	events := "12T09:00 received\n12T10:00 waiting customer\n12T11:00 resumed"
	for now, want := range map[string]string{
		"12T10:30": "resolution#1.1 running due 12T15:00 used 1h paused 12T10:00 until 12T12:00",
		"12T12:00": "resolution#1.1 running due 12T14:00 used 2h",
	} {
		if got := s.stand(s.derive(events, now)[1]); got != want {
			t.Errorf("at %s: got %s, want %s", now, got, want)
		}
	}
	for _, c := range []struct {
		events, now, want string
		nth               int
	}{
		{"12T09:00 received\n12T10:00 waiting customer", "12T13:00", "resolution#1.1 running due 12T15:00 used 2h", 1},
		{ // one hour of the cap is left for the second wait
			"12T09:00 received\n12T09:30 waiting customer\n12T10:30 resumed\n12T11:00 waiting customer\n12T14:00 resumed", "12T14:30",
			"resolution#1.1 running due 12T15:00 used 3h30m", 1,
		},
		{
			"12T09:00 received\n12T09:30 waiting customer\n12T10:30 resumed\n12T11:00 waiting customer", "12T11:30",
			"resolution#1.1 running due 12T15:00 used 1h paused 12T11:00 until 12T12:00", 1,
		},
		{ // and for the wait that goes on under another priority
			"12T09:00 received\n12T09:30 waiting customer\n12T10:30 priority_changed P2", "12T11:00",
			"resolution#1.2 running due 15T18:00 used 30m paused 12T10:30 until 12T11:30", 4,
		},
	} {
		if got := s.stand(s.derive(c.events, c.now)[c.nth]); got != c.want {
			t.Errorf("%s: got %s, want %s", c.events, got, c.want)
		}
	}
}

func TestPausesEndWithTheRevision(t *testing.T) {
	t.Parallel()
	s := setup(t)
	list := s.derive("12T09:00 received\n12T09:30 waiting customer\n12T10:30 priority_changed P2\n12T11:30 resumed", "12T12:00")
	old, next := list[1].Pauses, list[4].Pauses
	if len(old) != 1 || !old[0].To.Equal(s.at("12T10:30")) || old[0].On != clock.OnCustomer {
		t.Errorf("old pauses %v", old)
	}
	if len(next) != 1 || !next[0].From.Equal(s.at("12T10:30")) || !next[0].To.Equal(s.at("12T11:30")) {
		t.Errorf("next pauses %v", next)
	}
}

func TestReopenWindowEnds(t *testing.T) {
	t.Parallel()
	s := setup(t)
	// first response, resolution and statutory; the last two start again after seven days
	for reopened, want := range map[string]int{"19T11:00": 3, "19T11:00:01": 5} {
		list := s.derive("12T09:00 received\n12T11:00 resolved\n"+reopened+" reopened", "20T09:00")
		if len(list) != want {
			t.Errorf("reopened %s: %d clocks, want %d", reopened, len(list), want)
		}
	}
}

func TestPolicyChange(t *testing.T) {
	t.Parallel()
	s := setup(t)
	other := s.pin
	other.PolicyVersion, other.CalendarVersion = 2, 7
	other.Calendar = compile(t, newYork)
	events := s.events("12T09:00 received")
	events = append(events, clock.Event{At: s.at("12T11:00"), Kind: clock.PolicyChanged, Pin: &other})
	list, err := clock.Derive(clock.History{Events: events, Pin: s.pin, Priority: clock.P2, Now: s.at("12T20:00")})
	if err != nil {
		t.Fatal(err)
	}
	last := list[len(list)-2]
	if got := s.stand(last); got != "resolution#1.2 running due 13T01:00 used 11h" || last.PolicyVersion != 2 || last.CalendarVersion != 7 {
		t.Errorf("got %s under %d, %d", got, last.PolicyVersion, last.CalendarVersion)
	}
	if list[1].Outcome != clock.Superseded || list[1].PolicyVersion != 1 || list[1].CarriedOver != 0 || last.CarriedOver != 2*time.Hour {
		t.Errorf("old %+v", list[1])
	}
}

func TestThresholds(t *testing.T) {
	t.Parallel()
	s := setup(t)
	show := func(events, now string) string {
		var texts []string
		for _, th := range clock.Thresholds(s.derive(events, now)[1]) {
			texts = append(texts, th.Name+" "+th.At.In(s.loc).Format("02T15:04"))
		}
		return strings.Join(texts, ", ")
	}
	for _, c := range []struct{ events, now, want string }{
		{"12T17:00 received", "12T17:00", "warn50 15T10:00, warn75 15T11:00, warn90 15T11:36, breach 15T12:00"},
		{"12T17:00 received", "16T17:00", "warn50 15T10:00, warn75 15T11:00, warn90 15T11:36, breach 15T12:00"},
		{"12T17:00 received\n12T17:30 waiting customer", "15T10:00", ""},
		{"12T17:00 received\n15T12:00 waiting customer", "16T10:00", "warn50 15T10:00, warn75 15T11:00, warn90 15T11:36, breach 15T12:00"},
		{"12T17:00 received\n12T17:30 resolved", "15T10:00", ""},
	} {
		if got := show(c.events, c.now); got != c.want {
			t.Errorf("%s: got %s", c.events, got)
		}
	}
	list := s.derive("12T09:00 received\n12T12:00 priority_changed P2\n12T12:30 priority_changed P1", "12T12:30")
	var texts []string
	for _, th := range clock.Thresholds(list[len(list)-2]) {
		texts = append(texts, th.Name+" "+th.At.In(s.loc).Format("02T15:04"))
	}
	if got := strings.Join(texts, ", "); got != "warn50 12T12:30, warn75 12T12:30, warn90 12T12:36, breach 12T13:00" {
		t.Errorf("carried over: %s", got)
	}
}

func TestInstanceExplains(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.derive("12T17:00 received\n12T17:30 waiting customer\n15T09:30 resumed", "15T10:00")[1]
	e, err := i.Explain()
	if err != nil || !e.Due.Equal(i.DueAt) || len(e.Steps) != 5 {
		t.Errorf("got %+v, %v", e, err)
	}
}

func TestDeriveRefuses(t *testing.T) {
	t.Parallel()
	s := setup(t)
	if _, err := clock.Derive(clock.History{}); err == nil {
		t.Error("no calendar accepted")
	}
	events := s.events("12T17:00 received\n12T18:00 policy_changed")
	if _, err := clock.Derive(clock.History{Events: events, Pin: s.pin, Priority: clock.P1, Now: s.at("15T10:00")}); err == nil {
		t.Error("a change without policy accepted")
	}
	events = s.events("12T17:00 lunch")
	if _, err := clock.Derive(clock.History{Events: events, Pin: s.pin, Priority: clock.P1, Now: s.at("15T10:00")}); err == nil {
		t.Error("an unknown event accepted")
	}
}
