package clock_test

import (
	"strings"
	"testing"
	"time"

	"makegood/cases/clock"
)

// Two waits in a row are two stretches, each with whom it waited for; a case at rest waited for nobody.
func TestExplainNamesWhomItWaitedFor(t *testing.T) {
	t.Parallel()
	ready := compile(t, singapore)
	at := func(clockTime string) time.Time { return moment(t, "2027-03-15T"+clockTime, ready.Location()) }
	policy := clock.Policy{
		Targets:      map[clock.Kind]map[clock.Priority]clock.Target{clock.Resolution: {clock.P1: clock.Within(4 * time.Hour)}},
		Pauses:       map[clock.Kind]clock.PauseRule{clock.Resolution: {On: []clock.WaitingOn{clock.OnCustomer, clock.OnUpstream}}},
		ReopenWithin: clock.WithinDays(7),
	}
	list, err := clock.Derive(clock.History{
		Pin: clock.Pin{Policy: policy, Calendar: ready}, Priority: clock.P1, Now: at("16:00"),
		Events: []clock.Event{
			{At: at("09:00"), Kind: clock.Received},
			{At: at("10:00"), Kind: clock.Waiting, On: clock.OnCustomer},
			{At: at("11:00"), Kind: clock.Waiting, On: clock.OnUpstream},
			{At: at("12:00"), Kind: clock.Resolved},
			{At: at("13:00"), Kind: clock.Reopened},
		},
	})
	if err != nil || len(list) != 1 {
		t.Fatalf("%+v %v", list, err)
	}
	e, err := list[0].Explain()
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, s := range e.Steps {
		told = append(told, strings.TrimSpace(s.From.Format("15:04 ")+string(s.Reason)+" "+string(s.On)))
	}
	want := "09:00 counted, 10:00 paused customer, 11:00 paused upstream, 12:00 paused, 13:00 counted"
	if got := strings.Join(told, ", "); got != want || !e.Due.Equal(at("16:00")) {
		t.Errorf("told %s until %s", got, e.Due)
	}
}
