package escalation

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// State is a case's clock as the ladder sees it. Users are ids; zero means the place is empty.
type State struct {
	Threshold   Threshold
	SinceBreach time.Duration
	// RungReached is how many rungs were carried out already, as the last actions' Rung told.
	RungReached int
	// Acknowledged says that somebody took notice of the last rung; warnings then stop climbing.
	Acknowledged bool
	Assignee     int64
	TeamLead     int64
	Supervisors  []int64
	Managers     []int64
	// Owner is the ladder's owner of high-impact cases; zero, too, while they are not there.
	Owner int64
	// MayWork are those of all these who may work the case: nobody else is given it.
	MayWork  []int64
	Priority Priority
	VIP      bool
	// Amount is the money at risk, in base currency.
	Amount decimal.Decimal
}

// ActionKind is what the caller has to do.
type ActionKind string

// The kinds of action.
const (
	Notify        ActionKind = "notify"
	Reassign      ActionKind = "reassign"
	RaisePriority ActionKind = "raise_priority"
)

// Action is one thing to do. To is the person told or given the case; zero in a notice means that nobody at
// all is there to be told, which the board must show. Reason is a key of the message catalogue. Rung is what
// to remember as RungReached once the action is carried out.
type Action struct {
	Kind     ActionKind
	To       int64
	Priority Priority // of RaisePriority: the new one
	Reason   string
	Rung     int
	Urgent   bool // of Notify: quiet hours do not hold it back
}

// Next lists what to do now, each person told once. It is empty when nothing new is due: asking again with
// the rung remembered does nothing. An acknowledged rung holds back later warnings and later reminders, but
// never the breach itself; a timer that came late does what was missed.
func Next(l Ladder, s State) []Action {
	var actions []Action
	state := s
	for _, i := range l.due(s) {
		for _, a := range l.climb(i, state) {
			actions = merge(actions, a)
			switch a.Kind {
			case RaisePriority:
				state.Priority = a.Priority
			case Reassign:
				state.Assignee = a.To
			case Notify:
			}
		}
	}
	return actions
}

// Reached is how many rungs are behind the case once the actions of Next are carried out. It moves even
// where a rung found nothing to change.
func Reached(l Ladder, s State) int {
	due := l.due(s)
	if len(due) == 0 {
		return s.RungReached
	}
	return due[len(due)-1] + 1
}

// due lists the rungs to carry out now.
func (l Ladder) due(s State) []int {
	var due []int
	breach := false
	for i := s.RungReached; i < len(l.Rungs); i++ {
		if r := l.Rungs[i]; r.reached(s) {
			due = append(due, i)
			breach = breach || r.At == Breach && r.After == 0
		}
	}
	if s.Acknowledged && !breach {
		return nil
	}
	return due
}

func (l Ladder) climb(i int, s State) []Action {
	r := l.Rungs[i]
	var actions []Action
	told := s.people(l.audience(r, s))
	if i == 0 || s.RungReached == 0 {
		told = l.withOwner(told, s)
	}
	for _, who := range told {
		actions = append(actions, Action{Kind: Notify, To: who, Reason: r.reason(), Rung: i + 1, Urgent: r.Urgent})
	}
	if len(told) == 0 && len(r.Notify) > 0 {
		actions = append(actions, Action{Kind: Notify, Reason: "escalation.nobody", Rung: i + 1})
	}
	if to := s.taker(told); r.Reassign && to != 0 && to != s.Assignee {
		actions = append(actions, Action{Kind: Reassign, To: to, Reason: r.reason(), Rung: i + 1})
	}
	if r.RaisePriority && s.Priority != P1 {
		actions = append(actions, Action{Kind: RaisePriority, Priority: s.Priority.raised(), Reason: r.reason(), Rung: i + 1})
	}
	return actions
}

func (r Rung) reason() string {
	switch {
	case r.At != Breach:
		return "escalation.warning"
	case r.After > 0:
		return "escalation.still_breached"
	}
	return "escalation.breach"
}

// audience is whom the rung names and, for a case that starts higher, also those further up: never fewer.
func (l Ladder) audience(r Rung, s State) []Audience {
	order := climbing()
	higher := l.higher(s)
	told := slices.Clone(r.Notify)
	for _, a := range r.Notify {
		up := order[min(slices.Index(order, a)+higher, len(order)-1)]
		if !slices.Contains(told, up) {
			told = append(told, up)
		}
	}
	return told
}

func (l Ladder) higher(s State) int {
	n := 0
	if s.VIP {
		n = l.VIPHigher
	}
	for _, a := range l.Amounts {
		if s.Amount.GreaterThan(a.Over) {
			n = max(n, a.Higher)
		}
	}
	return n
}

func (l Ladder) withOwner(told []int64, s State) []int64 {
	if l.HighImpactOver == nil || s.Owner == 0 || !s.Amount.GreaterThan(*l.HighImpactOver) || slices.Contains(told, s.Owner) {
		return told
	}
	return append([]int64{s.Owner}, told...)
}

// taker is the first of those told who may work the case; 0 when none of them may, and it stays where it is.
func (s State) taker(told []int64) int64 {
	for _, who := range told {
		if slices.Contains(s.MayWork, who) {
			return who
		}
	}
	return 0
}

// people finds who fills the places; an empty one goes to the next place up that is filled.
func (s State) people(audience []Audience) []int64 {
	order := climbing()
	var told []int64
	for _, a := range audience {
		for _, place := range order[slices.Index(order, a):] {
			there := s.at(place)
			for _, who := range there {
				if !slices.Contains(told, who) {
					told = append(told, who)
				}
			}
			if len(there) > 0 {
				break
			}
		}
	}
	return told
}

func (s State) at(place Audience) []int64 {
	var there []int64
	switch place {
	case Assignee:
		there = []int64{s.Assignee}
	case Lead:
		there = []int64{s.TeamLead}
	case Supervisor:
		there = slices.Clone(s.Supervisors)
	case Manager:
		there = slices.Clone(s.Managers)
	}
	return slices.DeleteFunc(there, func(id int64) bool { return id == 0 })
}

// merge keeps one notice per person and one change of priority, the later and graver of each.
func merge(actions []Action, a Action) []Action {
	actions = slices.DeleteFunc(actions, func(b Action) bool {
		same := b.Kind == a.Kind && (a.Kind != Notify || b.To == a.To)
		a.Urgent = a.Urgent || same && b.Urgent
		return same
	})
	return append(actions, a)
}
