package clock_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"makegood/cases/clock"
)

// setting is Singapore with a plain policy; days are March 2027, Friday the 12th first.
type setting struct {
	t   *testing.T
	loc *time.Location
	pin clock.Pin
}

func setup(t *testing.T) setting {
	t.Helper()
	ready := compile(t, singapore)
	all := func(p1, p2 clock.Target) map[clock.Priority]clock.Target {
		return map[clock.Priority]clock.Target{clock.P1: p1, clock.P2: p2}
	}
	return setting{t: t, loc: ready.Location(), pin: clock.Pin{
		Policy: clock.Policy{
			Targets: map[clock.Kind]map[clock.Priority]clock.Target{
				clock.FirstResponse: all(clock.Within(time.Hour), clock.Within(4*time.Hour)),
				clock.NextResponse:  all(clock.Within(2*time.Hour), clock.Within(8*time.Hour)),
				clock.Resolution:    all(clock.Within(4*time.Hour), clock.Within(16*time.Hour)),
				clock.ApprovalStep:  all(clock.Within(4*time.Hour), clock.Within(4*time.Hour)),
				clock.Posting:       all(clock.Within(time.Hour), clock.Within(time.Hour)),
				clock.Statutory:     all(clock.WithinDays(30), clock.WithinDays(30)),
			},
			ReopenWithin: clock.WithinDays(7),
		},
		PolicyVersion: 1, Calendar: ready, CalendarVersion: 1,
	}}
}

// at reads "12T17:00" as a moment of March 2027.
func (s setting) at(text string) time.Time { return moment(s.t, "2027-03-"+text, s.loc) }

// events reads lines such as "12T17:00 waiting customer".
func (s setting) events(lines string) []clock.Event {
	var list []clock.Event
	for line := range strings.Lines(lines) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		e := clock.Event{At: s.at(words[0]), Kind: clock.EventKind(words[1])}
		if len(words) > 2 {
			e.On, e.Priority, e.Ref, e.Answered = clock.WaitingOn(words[2]), clock.Priority(words[2]), words[2], words[2] == "answered"
		}
		list = append(list, e)
	}
	return list
}

func (s setting) derive(lines, now string) []clock.Instance {
	s.t.Helper()
	list, err := clock.Derive(clock.History{Events: s.events(lines), Pin: s.pin, Priority: clock.P1, Now: s.at(now)})
	if err != nil {
		s.t.Fatal(err)
	}
	return list
}

// stand writes an instance as "resolution#1.1 running due 15T12:00 used 1h".
func (s setting) stand(i clock.Instance) string {
	text := fmt.Sprintf("%s#%d.%d %s due %s used %s", i.Kind, i.Number, i.Revision, i.Outcome,
		i.DueAt.In(s.loc).Format("02T15:04"), clock.Within(i.Used))
	if i.PausedSince != nil {
		text += " paused " + i.PausedSince.In(s.loc).Format("02T15:04")
	}
	if i.ResumesAt != nil {
		text += " until " + i.ResumesAt.In(s.loc).Format("02T15:04")
	}
	if i.BreachedAt != nil && i.Outcome != clock.BreachedOpen && i.Outcome != clock.BreachedMetLate {
		text += " breached"
	}
	return text
}

func TestDerive(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		kinds  []clock.Kind
		events string
		now    string
		want   []string
	}{
		{
			"worked example",
			[]clock.Kind{clock.Resolution},
			"12T17:00 received", "12T17:30",
			[]string{"resolution#1.1 running due 15T12:00 used 30m"},
		},
		{
			"answered elsewhere before it was brought",
			[]clock.Kind{clock.FirstResponse, clock.NextResponse},
			"12T17:00 received answered\n15T09:00 customer_message", "15T10:00",
			[]string{"next_response#1.1 running due 15T11:00 used 1h"},
		},
		{
			"worked example with pause",
			[]clock.Kind{clock.Resolution},
			"12T17:00 received\n15T10:00 waiting customer\n15T11:30 resumed", "15T12:00",
			[]string{"resolution#1.1 running due 15T13:30 used 2h30m"},
		},
		{
			"worked example with pause over the weekend",
			[]clock.Kind{clock.Resolution},
			"12T17:00 received\n12T17:30 waiting customer\n15T09:30 resumed", "15T09:30",
			[]string{"resolution#1.1 running due 15T13:00 used 30m"},
		},
		{
			"paused: due as if it ended now",
			[]clock.Kind{clock.Resolution},
			"12T17:00 received\n12T17:30 waiting customer", "15T10:00",
			[]string{"resolution#1.1 running due 15T13:30 used 30m paused 12T17:30"},
		},
		{
			"waiting on others does not pause",
			[]clock.Kind{clock.Resolution},
			"12T17:00 received\n12T17:30 waiting upstream", "15T10:00",
			[]string{"resolution#1.1 running due 15T12:00 used 2h"},
		},
		{
			"met at the due moment is met",
			[]clock.Kind{clock.Resolution},
			"12T17:00 received\n15T12:00 resolved", "16T12:00",
			[]string{"resolution#1.1 met due 15T12:00 used 4h"},
		},
		{
			"a second later is late",
			[]clock.Kind{clock.Resolution},
			"12T17:00 received\n15T12:00:01 resolved", "16T12:00",
			[]string{"resolution#1.1 breached_met_late due 15T12:00 used 4h1s"},
		},
		{
			"breached at the due moment while open",
			[]clock.Kind{clock.Resolution},
			"12T17:00 received", "15T12:00",
			[]string{"resolution#1.1 breached_open due 15T12:00 used 4h"},
		},
		{
			"events to come are not known yet",
			[]clock.Kind{clock.Resolution},
			"12T17:00 received\n15T12:00 resolved", "15T11:00",
			[]string{"resolution#1.1 running due 15T12:00 used 3h"},
		},
		{
			"responses",
			[]clock.Kind{clock.FirstResponse, clock.NextResponse},
			`
			12T09:00 received
			12T09:10 customer_message
			12T09:30 public_reply
			12T10:00 customer_message
			12T11:00 customer_message
			12T13:00 public_reply
			12T14:00 public_reply
			12T15:00 customer_message`, "12T16:00",
			[]string{
				"first_response#1.1 met due 12T10:00 used 30m",
				"next_response#1.1 breached_met_late due 12T12:00 used 3h",
				"next_response#2.1 running due 12T17:00 used 1h",
			},
		},
		{
			"reopened within the window continues",
			[]clock.Kind{clock.Resolution, clock.Statutory},
			"12T09:00 received\n12T11:00 resolved\n16T10:00 reopened", "16T11:00",
			[]string{"resolution#1.1 running due 16T12:00 used 3h", "statutory#1.1 running due 11T09:00 used 98h"},
		},
		{
			"reopened after the window starts again",
			[]clock.Kind{clock.Resolution},
			"12T09:00 received\n12T11:00 resolved\n22T10:00 reopened", "22T11:00",
			[]string{"resolution#1.1 met due 12T13:00 used 2h", "resolution#2.1 running due 22T14:00 used 1h"},
		},
		{
			"reopened within the window, with another priority",
			[]clock.Kind{clock.Resolution},
			"12T09:00 received\n12T11:00 resolved\n15T10:00 priority_changed P2\n16T10:00 reopened", "16T11:00",
			[]string{"resolution#1.1 superseded due 16T12:00 used 2h", "resolution#1.2 running due 17T15:00 used 3h"},
		},
		{
			"an owed response ends with the case and goes on with it",
			[]clock.Kind{clock.NextResponse},
			"12T09:00 received\n12T09:30 public_reply\n12T10:00 customer_message\n12T11:00 resolved\n15T11:00 reopened", "15T11:30",
			[]string{"next_response#1.1 running due 15T12:00 used 1h30m"},
		},
		{
			"an owed response of a resolved case",
			[]clock.Kind{clock.NextResponse},
			"12T09:00 received\n12T09:30 public_reply\n12T10:00 customer_message\n12T11:00 resolved", "15T11:30",
			[]string{"next_response#1.1 cancelled due 12T12:00 used 1h"},
		},
		{
			"thank you needs no answer unless reopened",
			[]clock.Kind{clock.NextResponse},
			"12T09:00 received\n12T09:30 public_reply\n12T11:00 resolved\n12T12:00 customer_message", "15T11:30", nil,
		},
		{
			"a message that reopens",
			[]clock.Kind{clock.NextResponse},
			"12T09:00 received\n12T09:30 public_reply\n12T11:00 resolved\n12T12:00 customer_message\n12T12:00 reopened", "12T13:00",
			[]string{"next_response#1.1 running due 12T14:00 used 1h"},
		},
		{
			"priority lowered",
			[]clock.Kind{clock.Resolution},
			"12T09:00 received\n12T11:00 priority_changed P2", "12T12:00",
			[]string{"resolution#1.1 superseded due 12T13:00 used 2h", "resolution#1.2 running due 15T16:00 used 3h"},
		},
		{
			"priority lowered too late",
			[]clock.Kind{clock.Resolution},
			"12T09:00 received\n12T14:00 priority_changed P2", "12T15:00",
			[]string{"resolution#1.1 superseded due 12T13:00 used 5h breached", "resolution#1.2 running due 15T16:00 used 6h"},
		},
		{
			"priority raised over what is left",
			[]clock.Kind{clock.Resolution},
			"12T09:00 received\n12T09:00 priority_changed P2\n12T15:00 priority_changed P1", "12T15:00",
			[]string{
				"resolution#1.1 superseded due 12T13:00 used 0h", "resolution#1.2 superseded due 15T16:00 used 6h",
				"resolution#1.3 breached_open due 12T15:00 used 6h",
			},
		},
		{
			"no promise under the new priority, and back",
			[]clock.Kind{clock.Resolution},
			"12T09:00 received\n12T10:00 priority_changed P4\n12T11:00 priority_changed P2", "12T12:00",
			[]string{"resolution#1.1 superseded due 12T13:00 used 1h", "resolution#1.2 running due 15T16:00 used 3h"},
		},
		{
			"steps and posting",
			[]clock.Kind{clock.ApprovalStep, clock.Posting},
			`
			12T09:00 received
			12T09:00 step_opened A
			12T09:00 step_opened B
			12T10:00 step_decided A
			12T10:00 waiting approver
			12T11:00 withdrawn B
			12T11:00 approved R
			12T11:00 resolved
			12T11:30 posted R`, "12T18:00",
			[]string{
				"approval_step#1.1 met due 12T13:00 used 1h", "approval_step#2.1 cancelled due 12T13:00 used 2h",
				"posting#1.1 met due 12T12:00 used 30m",
			},
		},
		{
			"merged",
			[]clock.Kind{clock.FirstResponse, clock.Resolution},
			"12T09:00 received\n12T11:00 merged", "15T11:00",
			[]string{"first_response#1.1 cancelled due 12T10:00 used 2h breached", "resolution#1.1 cancelled due 12T13:00 used 2h"},
		},
		{
			"unmerged",
			[]clock.Kind{clock.Resolution},
			"12T09:00 received\n12T11:00 merged\n15T10:00 unmerged", "15T11:00",
			[]string{"resolution#1.1 running due 15T12:00 used 3h"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			var got []string
			for _, i := range s.derive(c.events, c.now) {
				for _, kind := range c.kinds {
					if i.Kind == kind {
						got = append(got, s.stand(i))
					}
				}
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(c.want, "\n  "))
			}
		})
	}
}
