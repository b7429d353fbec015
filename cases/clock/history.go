package clock

import "time"

// EventKind says what happened to a case, as far as clocks care.
type EventKind string

// What moves clocks. Machine mail moves none: the caller leaves it out.
const (
	Received        EventKind = "received"         // the case came in; everything starts here
	CustomerMessage EventKind = "customer_message" // a person on the customer's side wrote
	PublicReply     EventKind = "public_reply"     // a person of ours answered
	Waiting         EventKind = "waiting"          // now waiting on Event.On
	Resumed         EventKind = "resumed"          // waiting no longer
	Resolved        EventKind = "resolved"
	Reopened        EventKind = "reopened"
	PriorityChanged EventKind = "priority_changed" // to Event.Priority
	PolicyChanged   EventKind = "policy_changed"   // to Event.Pin: policy, calendar, team or customer changed
	StepOpened      EventKind = "step_opened"      // approval step Event.Ref
	StepDecided     EventKind = "step_decided"     // approval step Event.Ref
	Approved        EventKind = "approved"         // last approval of credit request Event.Ref
	Posted          EventKind = "posted"           // memo of credit request Event.Ref
	Withdrawn       EventKind = "withdrawn"        // approval step or credit request Event.Ref is void
	Merged          EventKind = "merged"           // closed, merged into another case
	Unmerged        EventKind = "unmerged"         // the merge was undone
)

// Event is one thing that happened to a case.
type Event struct {
	At       time.Time
	Kind     EventKind
	On       WaitingOn // Waiting
	Priority Priority  // PriorityChanged
	Pin      *Pin      // PolicyChanged
	Ref      string    // StepOpened, StepDecided, Approved, Posted, Withdrawn
	Answered bool      // Received: somebody had answered before, elsewhere, so no first response is owed
}

// Pin fixes which version of policy and calendar holds.
type Pin struct {
	Policy          Policy
	PolicyVersion   int64
	Calendar        *Compiled
	CalendarVersion int64
}

// History is all that clocks are derived from: what happened, in order, and what held when the case came in.
// Events after Now are left out, so any moment of the past can be asked for.
type History struct {
	Events   []Event
	Pin      Pin
	Priority Priority
	Now      time.Time
}
