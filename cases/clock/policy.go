package clock

import (
	"encoding"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"makegood/internal/errs"
)

// Kind says which promise a clock measures.
type Kind string

// The clocks of a case.
const (
	FirstResponse Kind = "first_response"
	NextResponse  Kind = "next_response"
	Resolution    Kind = "resolution"
	ApprovalStep  Kind = "approval_step"
	Posting       Kind = "posting"
	Statutory     Kind = "statutory"
)

// Kinds lists every kind, in the order people read them.
func Kinds() []Kind {
	return []Kind{FirstResponse, NextResponse, Resolution, ApprovalStep, Posting, Statutory}
}

// neverPauses tells the clocks that no waiting stops.
func (k Kind) neverPauses() bool {
	return k == ApprovalStep || k == Posting || k == Statutory
}

// Priority is how urgent a case is, P1 first.
type Priority string

// The priorities.
const (
	P1 Priority = "P1"
	P2 Priority = "P2"
	P3 Priority = "P3"
	P4 Priority = "P4"
)

// Priorities lists every priority, most urgent first.
func Priorities() []Priority { return []Priority{P1, P2, P3, P4} }

// WaitingOn names whom a waiting case waits for.
type WaitingOn string

// Those a case may wait for.
const (
	OnCustomer   WaitingOn = "customer"
	OnApprover   WaitingOn = "approver"
	OnBilling    WaitingOn = "billing"
	OnUpstream   WaitingOn = "upstream"
	OnThirdParty WaitingOn = "third_party"
)

// WaitingOns lists everyone a case may wait for.
func WaitingOns() []WaitingOn {
	return []WaitingOn{OnCustomer, OnApprover, OnBilling, OnUpstream, OnThirdParty}
}

// Policy is what was promised: a target for each clock and priority, what pauses a clock, and when to warn.
// A clock or priority without a target has no promise and no clock.
type Policy struct {
	Name         string                       `json:"name"                    yaml:"name"`
	Calendar     string                       `json:"calendar"                yaml:"calendar"`
	Targets      map[Kind]map[Priority]Target `json:"targets"                 yaml:"targets"`
	Pauses       map[Kind]PauseRule           `json:"pauses,omitempty"        yaml:"pauses,omitempty"`
	WarnAt       []int                        `json:"warn_at,omitempty"       yaml:"warn_at,omitempty,flow"`
	ReopenWithin Target                       `json:"reopen_within,omitzero"  yaml:"reopen_within,omitempty"`
	MonthEnd     *MonthEnd                    `json:"month_end,omitempty"     yaml:"month_end,omitempty"`
}

// PauseRule says whom waiting for stands a clock still, and for how much of the clock's own time in all (no cap
// when zero); once the cap is used up the clock runs on although the case still waits.
type PauseRule struct {
	On  []WaitingOn `json:"on"            yaml:"on,flow"`
	Cap Length      `json:"cap,omitempty" yaml:"cap,omitempty"`
}

// Length is a duration written as 2h30m.
type Length time.Duration

var (
	_ encoding.TextMarshaler   = Length(0)
	_ encoding.TextUnmarshaler = (*Length)(nil)
)

// MarshalText writes 2h30m.
func (l Length) MarshalText() ([]byte, error) { return []byte(formatLength(time.Duration(l))), nil }

// UnmarshalText reads 2h30m.
func (l *Length) UnmarshalText(text []byte) error {
	read, err := ParseTarget(string(text))
	if err != nil {
		return err
	}
	if read.Days > 0 || read.Basis != Business {
		return errs.InvalidField("cap", "clock.bad_target", "text", string(text))
	}
	*l = Length(read.Length)
	return nil
}

// Warnings are the percentages of a target at which people are warned: 50, 75 and 90 unless the policy says otherwise.
func (p Policy) Warnings() []int {
	if p.WarnAt == nil {
		return []int{50, 75, 90}
	}
	return p.WarnAt
}

// Pause is the pause rule of a clock: resolution stands still while waiting for the customer and every other
// clock runs through, unless the policy says otherwise.
func (p Policy) Pause(kind Kind) PauseRule {
	rule, found := p.Pauses[kind]
	if !found && kind == Resolution {
		return PauseRule{On: []WaitingOn{OnCustomer}}
	}
	return rule
}

// Target is what is promised for a clock at a priority, if anything is.
func (p Policy) Target(kind Kind, priority Priority) (Target, bool) {
	target, found := p.Targets[kind][priority]
	return target, found
}

// Validate refuses unknown names, targets out of range, a statutory target in business time, a pause on a clock
// that never pauses, and warnings outside 1 to 99 percent. All wrong fields are named at once.
func (p Policy) Validate() error {
	wrong := append(p.wrongTargets(), p.wrongPauses()...)
	for i, percent := range p.WarnAt {
		if percent < 1 || percent > 99 || (i > 0 && percent <= p.WarnAt[i-1]) {
			wrong = append(wrong, wrongField(fmt.Sprintf("warn_at[%d]", i), "clock.bad_warning"))
		}
	}
	if p.ReopenWithin != (Target{}) && p.ReopenWithin.wrong() {
		wrong = append(wrong, wrongField("reopen_within", "clock.bad_target", "text", p.ReopenWithin.String()))
	}
	if p.MonthEnd != nil {
		wrong = append(wrong, p.MonthEnd.wrong(p.Targets)...)
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

func (p Policy) wrongTargets() []errs.Field {
	var wrong []errs.Field
	for _, kind := range slices.Sorted(maps.Keys(p.Targets)) {
		if !slices.Contains(Kinds(), kind) {
			wrong = append(wrong, wrongField("targets", "clock.unknown_kind", "kind", string(kind)))
			continue
		}
		for _, priority := range slices.Sorted(maps.Keys(p.Targets[kind])) {
			wrong = append(wrong, wrongTarget(kind, priority, p.Targets[kind][priority])...)
		}
	}
	return wrong
}

func wrongTarget(kind Kind, priority Priority, target Target) []errs.Field {
	name := fmt.Sprintf("targets.%s.%s", kind, priority)
	switch {
	case !slices.Contains(Priorities(), priority):
		return []errs.Field{wrongField(name, "clock.unknown_priority", "priority", string(priority))}
	case target.wrong():
		return []errs.Field{wrongField(name, "clock.bad_target", "text", target.String())}
	case kind == Statutory && target.Basis != CalendarTime:
		return []errs.Field{wrongField(name, "clock.statutory_in_calendar_time")}
	}
	return nil
}

func (p Policy) wrongPauses() []errs.Field {
	var wrong []errs.Field
	for _, kind := range slices.Sorted(maps.Keys(p.Pauses)) {
		rule, name := p.Pauses[kind], "pauses."+string(kind)
		if !slices.Contains(Kinds(), kind) {
			wrong = append(wrong, wrongField("pauses", "clock.unknown_kind", "kind", string(kind)))
		}
		if kind.neverPauses() && len(rule.On) > 0 {
			wrong = append(wrong, wrongField(name, "clock.never_pauses", "kind", string(kind)))
		}
		if rule.Cap < 0 || rule.Cap > Length(maxLength) {
			wrong = append(wrong, wrongField(name+".cap", "clock.bad_target", "text", formatLength(time.Duration(rule.Cap))))
		}
		for _, on := range rule.On {
			if !slices.Contains(WaitingOns(), on) {
				wrong = append(wrong, wrongField(name+".on", "clock.unknown_waiting_on", "who", string(on)))
			}
		}
	}
	return wrong
}

// UnmarshalJSON reads and validates a policy; a name it does not know is an error.
func (p *Policy) UnmarshalJSON(data []byte) error {
	type shape Policy // without this method
	var read shape
	if err := strictJSON(data, &read); err != nil {
		return fmt.Errorf("read policy: %w", err)
	}
	return p.accept(Policy(read))
}

// UnmarshalYAML reads and validates a policy; a name it does not know is an error.
func (p *Policy) UnmarshalYAML(node *yaml.Node) error {
	type shape Policy // without this method
	var read shape
	if err := strictYAML(node, &read); err != nil {
		return fmt.Errorf("read policy: %w", err)
	}
	return p.accept(Policy(read))
}

func (p *Policy) accept(read Policy) error {
	if err := read.Validate(); err != nil {
		return err
	}
	*p = read
	return nil
}
