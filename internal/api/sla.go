package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/clock"
	"makegood/internal/errs"
)

// SLAMatch says which cases a policy is for; what is left out matches all.
type SLAMatch struct {
	Types      []string `json:"types,omitempty"`
	Priorities []string `json:"priorities,omitempty"`
	Tiers      []string `json:"tiers,omitempty"`
	Regions    []string `json:"regions,omitempty"`
	Entities   []string `json:"entities,omitempty"    doc:"codes of legal entities"`
	AmountFrom string   `json:"amount_from,omitempty" doc:"in dispute, in EUR"`
}

// SLAPause says whom waiting for stands a clock still, and for how long at most.
type SLAPause struct {
	On  []string `json:"on"            doc:"customer, approver, billing, upstream, third_party"`
	Cap string   `json:"cap,omitempty" doc:"such as 8h; none: no limit"`
}

// SLAPromise is what a policy is for and what it promises.
type SLAPromise struct {
	Name         string                       `json:"name"                    maxLength:"100"`
	Position     int                          `json:"position"                doc:"place in the order in which policies are tried"`
	Match        SLAMatch                     `json:"match,omitzero"`
	Calendar     string                       `json:"calendar"                doc:"name of the calendar that business time is counted by"`
	Targets      map[string]map[string]string `json:"targets"                 doc:"per clock (first_response, next_response, resolution, approval_step, posting, statutory) and priority: 4h, 48h calendar or 30d"`
	Pauses       map[string]SLAPause          `json:"pauses,omitempty"        doc:"per clock"`
	WarnAt       []int                        `json:"warn_at,omitempty"       doc:"percent of the target"`
	ReopenWithin string                       `json:"reopen_within,omitempty" doc:"a case reopened later starts its clocks again"`
	MonthEnd     *SLAMonthEnd                 `json:"month_end,omitempty"     doc:"none: the end of a month is like any other time"`
}

// SLAMonthEnd tightens what is promised around the end of each month. A clock that starts in the window has the target given here; one that runs
// already keeps its own.
type SLAMonthEnd struct {
	LastDays  int                          `json:"last_days"  minimum:"0" maximum:"10" doc:"working days at the end of a month, by the policy's calendar"`
	FirstDays int                          `json:"first_days" minimum:"0" maximum:"10" doc:"working days at the beginning of the next"`
	Targets   map[string]map[string]string `json:"targets"    doc:"as those of the policy; none may be longer than the one it stands for, or counted otherwise"`
}

// SLAPolicy is a version of what is promised to which cases.
type SLAPolicy struct {
	SLAPromise
	ID              int64     `json:"id"`
	Version         int       `json:"version"`
	CalendarVersion int       `json:"calendar_version"`
	CreatedAt       time.Time `json:"created_at"`
}

// SLADraft is a policy as somebody means to change it, with what it would have done to the cases of the last three months.
type SLADraft struct {
	SLAPromise
	ID         int64         `json:"id"`
	BasedOn    int           `json:"based_on"`
	State      string        `json:"state"      enum:"draft,in_force,dropped"`
	MadeBy     string        `json:"made_by"`
	MadeAt     time.Time     `json:"made_at"`
	Total      int           `json:"total"      doc:"cases to try it on"`
	Done       int           `json:"done"`
	FinishedAt *time.Time    `json:"finished_at,omitempty"`
	Result     SLASimulation `json:"result"     doc:"both sides are derived alike, as if the policies in force, or the draft among them, had held from the day each case came in"`
}

// SLAKept counts how a kind of clock went.
type SLAKept struct {
	InTime int `json:"in_time"`
	Late   int `json:"late"`
	Open   int `json:"open"    doc:"still running in time"`
	Ended  int `json:"ended"   doc:"not asked for any more"`
}

// SLASimulatedClock is one kind of clock under the policies in force and under the draft in its place.
type SLASimulatedClock struct {
	Kind string  `json:"kind"`
	Now  SLAKept `json:"now"`
	Then SLAKept `json:"then"`
}

// SLASimulatedChange is a clock that would have gone otherwise.
type SLASimulatedChange struct {
	Number string     `json:"number"`
	Kind   string     `json:"kind"`
	Now    string     `json:"now,omitempty"     doc:"outcome; none: not promised"`
	Then   string     `json:"then,omitempty"`
	DueNow *time.Time `json:"due_now,omitempty"`
	Due    *time.Time `json:"due,omitempty"`
}

// SLASimulation is what a draft would have done to the cases looked at so far.
type SLASimulation struct {
	Matched int                  `json:"matched" doc:"cases the draft would be for"`
	Changed int                  `json:"changed" doc:"clocks with another result"`
	Stuck   int                  `json:"stuck"   doc:"cases that cannot be counted so"`
	Clocks  []SLASimulatedClock  `json:"clocks"`
	First   []SLASimulatedChange `json:"first"   doc:"the first of those changed, as far as you may see their cases"`
}

func simulationBody(m cases.Simulation) SLASimulation {
	out := SLASimulation{Matched: m.Matched, Changed: m.Changed, Stuck: m.Stuck, Clocks: []SLASimulatedClock{}, First: []SLASimulatedChange{}}
	for _, c := range m.Clocks {
		out.Clocks = append(out.Clocks, SLASimulatedClock{string(c.Kind), SLAKept(c.Now), SLAKept(c.Then)})
	}
	for _, c := range m.First {
		out.First = append(out.First, SLASimulatedChange{c.Number, string(c.Kind), string(c.Now), string(c.Then), c.DueNow, c.Due})
	}
	return out
}

type slaDraftIn struct {
	Signed
	Body struct {
		SLAPromise
		BasedOn int `json:"based_on" doc:"version that was read; 0 for a new policy; a stale one is refused with 409"`
	}
}

type slaDraftByID struct {
	Signed
	ID int64 `path:"id"`
}

type putInForceIn struct {
	Signed
	ID   int64 `path:"id"`
	Body struct {
		Comment string `json:"comment" doc:"why it is changed" maxLength:"1000"`
	}
}

type slaDraftOut struct{ Body SLADraft }

func (h *handlers) serviceLevels(api huma.API) {
	add(h, api, operation[calendarsIn, listOut[SLAPolicy]]{at(http.MethodGet, "/sla-policies", "list-sla-policies", "List the policies in force, in the order they are tried", "clocks"), h.listSLAPolicies})
	add(h, api, operation[slaDraftIn, slaDraftOut]{created("/sla-drafts", "draft-sla-policy", "Draft a policy and begin to try it on the cases of the last three months", "clocks"), h.draftSLAPolicy})
	add(h, api, operation[slaDraftByID, slaDraftOut]{at(http.MethodGet, "/sla-drafts/{id}", "get-sla-draft", "Read a draft and what it would have done so far", "clocks"), h.getSLADraft})
	add(h, api, operation[putInForceIn, slaDraftOut]{at(http.MethodPost, "/sla-drafts/{id}/put-in-force", "put-sla-draft-in-force", "Make a draft the policy's new version; open cases are put under it", "clocks"), h.putInForce})
	h.ladders(api)
}

// promiseBody writes a policy.
func (h *handlers) promiseBody(ctx context.Context, p SLAPromise, m cases.Match, d clock.Policy) (SLAPromise, error) {
	p.Match = SLAMatch{Regions: m.Regions}
	for _, one := range m.Types {
		p.Match.Types = append(p.Match.Types, string(one))
	}
	for _, one := range m.Priorities {
		p.Match.Priorities = append(p.Match.Priorities, string(one))
	}
	for _, one := range m.Tiers {
		p.Match.Tiers = append(p.Match.Tiers, string(one))
	}
	if m.AmountFrom != nil {
		p.Match.AmountFrom = m.AmountFrom.String()
	}
	entities, err := h.Billing.Entities(ctx)
	if err != nil {
		return p, err
	}
	for _, e := range entities {
		for _, id := range m.Entities {
			if e.ID == id {
				p.Match.Entities = append(p.Match.Entities, e.Code)
			}
		}
	}
	text, err := json.Marshal(d)
	if err != nil {
		return p, fmt.Errorf("write policy: %w", err)
	}
	name := p.Name
	if err := json.Unmarshal(text, &p); err != nil { // targets, pauses and warnings are written alike
		return p, fmt.Errorf("write policy: %w", err)
	}
	p.Name = name
	return p, nil
}

// draft reads a policy.
func (h *handlers) slaDraft(ctx context.Context, in *slaDraftIn) (cases.PolicyDraftInput, error) {
	b := in.Body
	out := cases.PolicyDraftInput{By: in.by, Name: b.Name, BasedOn: b.BasedOn, Position: b.Position, Calendar: b.Calendar, Match: cases.Match{Regions: b.Match.Regions}}
	for _, one := range b.Match.Types {
		out.Match.Types = append(out.Match.Types, cases.Type(one))
	}
	for _, one := range b.Match.Priorities {
		out.Match.Priorities = append(out.Match.Priorities, cases.Priority(one))
	}
	for _, one := range b.Match.Tiers {
		out.Match.Tiers = append(out.Match.Tiers, billing.Tier(one))
	}
	if b.Match.AmountFrom != "" {
		amount, err := decimal.NewFromString(b.Match.AmountFrom)
		if err != nil {
			return out, errs.InvalidField("match.amount_from", "error.not_a_number")
		}
		out.Match.AmountFrom = &amount
	}
	entities, err := h.Billing.Entities(ctx)
	if err != nil {
		return out, err
	}
	for _, code := range b.Match.Entities {
		found := false
		for _, e := range entities {
			if e.Code == code {
				out.Match.Entities, found = append(out.Match.Entities, e.ID), true
			}
		}
		if !found {
			return out, errs.InvalidField("match.entities", billing.ErrNoEntity.Key)
		}
	}
	out.Definition, err = b.definition()
	return out, err
}

// definition reads what is promised as the program writes it.
func (p SLAPromise) definition() (clock.Policy, error) {
	text, err := json.Marshal(struct {
		Name         string                       `json:"name"`
		Calendar     string                       `json:"calendar"`
		Targets      map[string]map[string]string `json:"targets"`
		Pauses       map[string]SLAPause          `json:"pauses,omitempty"`
		WarnAt       []int                        `json:"warn_at,omitempty"`
		ReopenWithin string                       `json:"reopen_within,omitempty"`
		MonthEnd     *SLAMonthEnd                 `json:"month_end,omitempty"`
	}{p.Name, p.Calendar, p.Targets, p.Pauses, p.WarnAt, p.ReopenWithin, p.MonthEnd})
	if err != nil {
		return clock.Policy{}, fmt.Errorf("read policy: %w", err)
	}
	var read clock.Policy
	return read, json.Unmarshal(text, &read)
}

func (h *handlers) listSLAPolicies(ctx context.Context, in *calendarsIn) (*listOut[SLAPolicy], error) {
	found, err := h.Cases.Policies(ctx, in.by)
	if err != nil {
		return nil, err
	}
	out := &listOut[SLAPolicy]{Body: list[SLAPolicy]{Items: []SLAPolicy{}}}
	for _, p := range found {
		one := SLAPolicy{ID: p.ID, Version: p.Version, CalendarVersion: p.CalendarVersion, CreatedAt: p.CreatedAt}
		if one.SLAPromise, err = h.promiseBody(ctx, SLAPromise{Name: p.Name, Position: p.Position}, p.Match, p.Definition); err != nil {
			return nil, err
		}
		one.Calendar = p.Calendar
		out.Body.Items = append(out.Body.Items, one)
	}
	return out, nil
}

func (h *handlers) slaDraftAnswer(ctx context.Context, in Signed, id cases.PolicyDraftID) (*slaDraftOut, error) {
	d, err := h.Cases.PolicyDraft(ctx, in.by, id)
	if err != nil {
		return nil, err
	}
	out := &slaDraftOut{Body: SLADraft{
		ID: int64(d.ID), BasedOn: d.BasedOn, State: string(d.State), MadeBy: d.MadeBy, MadeAt: d.MadeAt, Total: d.Total, Done: d.Done, FinishedAt: d.FinishedAt, Result: simulationBody(d.Result),
	}}
	out.Body.SLAPromise, err = h.promiseBody(ctx, SLAPromise{Name: d.Name, Position: d.Position}, d.Match, d.Definition)
	return out, err
}

func (h *handlers) draftSLAPolicy(ctx context.Context, in *slaDraftIn) (*slaDraftOut, error) {
	draft, err := h.slaDraft(ctx, in)
	if err != nil {
		return nil, err
	}
	d, err := h.Cases.DraftPolicy(ctx, draft)
	if err != nil {
		return nil, err
	}
	return h.slaDraftAnswer(ctx, in.Signed, d.ID)
}

func (h *handlers) getSLADraft(ctx context.Context, in *slaDraftByID) (*slaDraftOut, error) {
	return h.slaDraftAnswer(ctx, in.Signed, cases.PolicyDraftID(in.ID))
}

func (h *handlers) putInForce(ctx context.Context, in *putInForceIn) (*slaDraftOut, error) {
	if _, err := h.Cases.PutInForce(ctx, in.by, cases.PolicyDraftID(in.ID), in.Body.Comment); err != nil {
		return nil, err
	}
	return h.slaDraftAnswer(ctx, in.Signed, cases.PolicyDraftID(in.ID))
}
