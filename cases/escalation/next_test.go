package escalation_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"makegood/cases/escalation"
	"makegood/internal/errs"
)

const (
	agent, lead, sup1, sup2, boss, owner int64 = 1, 2, 3, 4, 5, 6
)

func state(at escalation.Threshold, reached int) escalation.State {
	return escalation.State{
		Threshold: at, RungReached: reached, Assignee: agent, TeamLead: lead, Supervisors: []int64{sup1, sup2},
		Managers: []int64{boss}, Owner: owner, MayWork: []int64{agent, lead, sup1, sup2}, Priority: escalation.P3,
	}
}

// brief writes actions as "notify 3, raise P2".
func brief(actions []escalation.Action) string {
	words := []string{}
	for _, a := range actions {
		switch a.Kind {
		case escalation.Notify:
			words = append(words, fmt.Sprint("notify ", a.To))
		case escalation.Reassign:
			words = append(words, fmt.Sprint("reassign ", a.To))
		case escalation.RaisePriority:
			words = append(words, "raise "+string(a.Priority))
		}
	}
	return strings.Join(words, ", ")
}

func TestDefaultLadder(t *testing.T) {
	t.Parallel()
	with := func(s escalation.State, change func(*escalation.State)) escalation.State {
		change(&s)
		return s
	}
	for name, c := range map[string]struct {
		state escalation.State
		want  string
		rung  int
	}{
		"75 % assignee":           {state(escalation.Warn75, 0), "notify 1", 1},
		"75 % nobody assigned":    {with(state(escalation.Warn75, 0), func(s *escalation.State) { s.Assignee = 0 }), "notify 2", 1},
		"90 % lead":               {state(escalation.Warn90, 1), "notify 2", 2},
		"90 % without a lead":     {with(state(escalation.Warn90, 1), func(s *escalation.State) { s.TeamLead = 0 }), "notify 3, notify 4", 2},
		"breach":                  {state(escalation.Breach, 2), "notify 3, notify 4, raise P2", 3},
		"breach of P1":            {with(state(escalation.Breach, 2), func(s *escalation.State) { s.Priority = escalation.P1 }), "notify 3, notify 4", 3},
		"50 % is no rung":         {state(escalation.Warn50, 0), "", 0},
		"asked twice":             {state(escalation.Breach, 3), "", 3},
		"timer came late":         {state(escalation.Breach, 0), "notify 1, notify 2, notify 3, notify 4, raise P2", 3},
		"acknowledged":            {with(state(escalation.Warn90, 1), func(s *escalation.State) { s.Acknowledged = true }), "", 1},
		"acknowledged but broken": {with(state(escalation.Breach, 1), func(s *escalation.State) { s.Acknowledged = true }), "notify 2, notify 3, notify 4, raise P2", 3},
		"VIP starts higher":       {with(state(escalation.Warn75, 0), func(s *escalation.State) { s.VIP = true }), "notify 1, notify 2", 1},
		"VIP breach":              {with(state(escalation.Breach, 2), func(s *escalation.State) { s.VIP = true }), "notify 3, notify 4, notify 5, raise P2", 3},
		"nobody at all":           {escalation.State{Threshold: escalation.Warn75, Priority: escalation.P4}, "notify 0", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := brief(escalation.Next(escalation.Default(), c.state)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if got := escalation.Reached(escalation.Default(), c.state); got != c.rung {
				t.Errorf("reached %d, want %d", got, c.rung)
			}
		})
	}
}

func fullLadder() escalation.Ladder {
	big := decimal.NewFromInt(100_000)
	l := escalation.Default()
	l.Rungs = append(l.Rungs,
		escalation.Rung{At: escalation.Breach, After: escalation.Duration(2 * time.Hour), Notify: []escalation.Audience{escalation.Supervisor}, Reassign: true},
		escalation.Rung{At: escalation.Breach, After: escalation.Duration(8 * time.Hour), Notify: []escalation.Audience{escalation.Manager}, RaisePriority: true},
	)
	l.Amounts = []escalation.AmountStart{{Over: decimal.NewFromInt(10_000), Higher: 1}, {Over: decimal.NewFromInt(50_000), Higher: 2}}
	l.HighImpactOver, l.OwnerID = &big, owner
	return l
}

func TestAfterTheBreach(t *testing.T) {
	t.Parallel()
	l := fullLadder()
	s := state(escalation.Breach, 3)
	s.SinceBreach = 2 * time.Hour
	if got := brief(escalation.Next(l, s)); got != "notify 3, notify 4, reassign 3" {
		t.Error(got)
	}
	s.Acknowledged = true
	if got := escalation.Next(l, s); len(got) != 0 {
		t.Errorf("acknowledged, yet %v", got)
	}
	s.Acknowledged, s.SinceBreach, s.RungReached = false, 9*time.Hour, 0
	if got := brief(escalation.Next(l, s)); got != "notify 1, notify 2, notify 3, notify 4, reassign 3, notify 5, raise P1" {
		t.Errorf("late by two raising rungs: %s", got)
	}
	s = state(escalation.Breach, 3)
	s.SinceBreach, s.MayWork = 2*time.Hour, []int64{lead, sup2}
	if got := brief(escalation.Next(l, s)); got != "notify 3, notify 4, reassign 4" {
		t.Errorf("the first of those told may not work it: %s", got)
	}
	s.Assignee = sup2
	if got := brief(escalation.Next(l, s)); got != "notify 3, notify 4" {
		t.Errorf("the first who may work it has it: %s", got)
	}
	s.Assignee, s.MayWork = agent, nil
	if got := brief(escalation.Next(l, s)); got != "notify 3, notify 4" {
		t.Errorf("none of those told may work it: %s", got)
	}
	if got := l.AfterBreach(); !slices.Equal(got, []time.Duration{2 * time.Hour, 8 * time.Hour}) {
		t.Error(got)
	}
}

func TestMoneyStartsHigher(t *testing.T) {
	t.Parallel()
	for amount, want := range map[int64]string{
		10_000: "notify 1", 10_001: "notify 1, notify 2", 60_000: "notify 1, notify 3, notify 4", 200_000: "notify 6, notify 1, notify 3, notify 4",
	} {
		s := state(escalation.Warn75, 0)
		s.Amount = decimal.NewFromInt(amount)
		if got := brief(escalation.Next(fullLadder(), s)); got != want {
			t.Errorf("%d: got %q, want %q", amount, got, want)
		}
	}
	s := state(escalation.Warn75, 0)
	s.Amount, s.Owner = decimal.NewFromInt(200_000), 0
	if got := brief(escalation.Next(fullLadder(), s)); got != "notify 1, notify 3, notify 4" {
		t.Errorf("the owner is not there: %q", got)
	}
}

func TestLadderSurvivesJSON(t *testing.T) {
	t.Parallel()
	for _, l := range []escalation.Ladder{escalation.Default(), fullLadder()} {
		text, err := json.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		var back escalation.Ladder
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		if again, err := json.Marshal(back); err != nil || string(again) != string(text) || !reflect.DeepEqual(back.Rungs, l.Rungs) {
			t.Errorf("%s became %s (%v)", text, again, err)
		}
		if err := back.Check(); err != nil {
			t.Error(err)
		}
	}
	var l escalation.Ladder
	if err := json.Unmarshal([]byte(`{"rungs":[{"at":"breach","after":"soon"}]}`), &l); errs.KindOf(err) != errs.Invalid {
		t.Errorf("a span that is none: %v", err)
	}
}

func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	tell := []escalation.Audience{escalation.Lead}
	amount := decimal.NewFromInt(1)
	for name, l := range map[string]escalation.Ladder{
		"no rungs":          {},
		"unknown threshold": {Rungs: []escalation.Rung{{At: "warn0", Notify: tell}}},
		"unknown audience":  {Rungs: []escalation.Rung{{At: escalation.Breach, Notify: []escalation.Audience{"everyone"}}}},
		"out of order":      {Rungs: []escalation.Rung{{At: escalation.Breach, Notify: tell}, {At: escalation.Warn75, Notify: tell}}},
		"twice the same":    {Rungs: []escalation.Rung{{At: escalation.Breach, Notify: tell}, {At: escalation.Breach, Notify: tell}}},
		"after a warning":   {Rungs: []escalation.Rung{{At: escalation.Warn75, After: 1, Notify: tell}}},
		"does nothing":      {Rungs: []escalation.Rung{{At: escalation.Breach, Reassign: true}}},
		"no owner":          {Rungs: escalation.Default().Rungs, HighImpactOver: &amount},
		"starts lower":      {Rungs: escalation.Default().Rungs, VIPHigher: -1},
	} {
		if err := l.Check(); errs.KindOf(err) != errs.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestClimbingEndsAndNeverTellsTwice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := fullLadder()
		user := rapid.Int64Range(0, 6)
		s := escalation.State{
			Threshold:   rapid.SampledFrom([]escalation.Threshold{escalation.Warn50, escalation.Warn75, escalation.Warn90, escalation.Breach}).Draw(t, "at"),
			RungReached: rapid.IntRange(0, 5).Draw(t, "reached"), Acknowledged: rapid.Bool().Draw(t, "acknowledged"),
			Assignee: user.Draw(t, "assignee"), TeamLead: user.Draw(t, "lead"), Supervisors: rapid.SliceOfN(user, 0, 3).Draw(t, "supervisors"),
			Owner: user.Draw(t, "owner"), MayWork: rapid.SliceOfN(user, 0, 6).Draw(t, "may work"),
			Priority: rapid.SampledFrom([]escalation.Priority{"P1", "P2", "P3", "P4"}).Draw(t, "priority"),
			VIP:      rapid.Bool().Draw(t, "vip"), Amount: decimal.NewFromInt(rapid.Int64Range(0, 200_000).Draw(t, "amount")),
		}
		if s.Threshold == escalation.Breach {
			s.SinceBreach = time.Duration(rapid.Int64Range(0, 10).Draw(t, "hours")) * time.Hour
		}
		told := map[int64]bool{}
		actions := escalation.Next(l, s)
		for _, a := range actions {
			if a.Kind == escalation.Notify && told[a.To] {
				t.Fatalf("%d is told twice: %v", a.To, actions)
			}
			if a.Kind == escalation.Reassign && (!told[a.To] || !slices.Contains(s.MayWork, a.To)) {
				t.Fatalf("%d, who is not told or may not work it, is given the case: %v", a.To, actions)
			}
			told[a.To] = told[a.To] || a.Kind == escalation.Notify
			if a.Reason == "" || a.Rung <= s.RungReached || a.Kind == escalation.RaisePriority && a.Priority >= s.Priority {
				t.Fatalf("%+v from %+v", a, s)
			}
		}
		s.RungReached = escalation.Reached(l, s)
		if again := escalation.Next(l, s); len(again) > 0 {
			t.Fatalf("again: %v", again)
		}
	})
}
