package reports_test

import (
	"strconv"
	"time"

	"makegood/cases/clock"
)

// derive works out the clocks of a case from its events alone.
func (k *slowly) derive(c *rawCase) {
	type pinned struct {
		ID         int64
		Name       string
		Definition clock.Policy
		CalendarID int64
		Calendar   clock.Calendar
	}
	pins, names := map[int64]clock.Pin{}, map[int64]string{}
	for _, p := range list[pinned](k, `select p.id, p.name, p.definition, p.calendar_id, c.definition as calendar from sla_policies p join calendars c on c.id = p.calendar_id`) {
		calendar, err := clock.Compile(p.Calendar)
		if err != nil {
			k.t.Fatal(err)
		}
		pins[p.ID], names[p.ID] = clock.Pin{Policy: p.Definition, PolicyVersion: p.ID, Calendar: calendar, CalendarVersion: p.CalendarID}, p.Name
	}
	h := clock.History{Now: k.now.Add(time.Microsecond), Pin: pins[c.events[0].Data.Policy], Priority: clock.Priority(c.events[0].Data.Priority)}
	for n, e := range c.events {
		if c.apartAfter(n) && (e.What == "case.merged" || e.What == "case.unmerged") {
			continue // joined and taken out again, a case keeps the deadlines its customer was told
		}
		if one, counts := e.forClocks(pins); counts {
			h.Events = append(h.Events, one)
		}
	}
	found, err := clock.Derive(h)
	if err != nil {
		k.t.Fatal(err)
	}
	// Whatever its terms became, a clock is one promise: broken where any of its revisions was, else kept once it was met.
	type name struct {
		kind   clock.Kind
		number int
		ref    string
	}
	first, last := map[name]clock.Instance{}, map[name]clock.Instance{}
	for _, i := range found {
		n := name{i.Kind, i.Number, i.Ref}
		if b, broken := first[n]; i.BreachedAt != nil && (!broken || i.BreachedAt.Before(*b.BreachedAt)) {
			first[n] = i
		}
		if i.Revision >= last[n].Revision {
			last[n] = i
		}
	}
	for n, end := range last {
		i, broken := first[n]
		met := end.Outcome == clock.Met || end.Outcome == clock.BreachedMetLate
		if !broken && !met {
			continue
		}
		if !broken {
			i, i.BreachedAt = end, end.EndedAt
		}
		r := k.row(c, *i.BreachedAt, 0).of(string(i.Kind)).judged(!broken)
		i = ranOut(found, i)
		r.policy, r.priority = names[i.PolicyVersion], string(i.Priority)
		if met {
			used := int64(end.Used / time.Second)
			r.seconds = &used
		}
		k.clocks = append(k.clocks, r)
	}
}

// ranOut is the revision whose time had run out when a clock broke: the one before, where its terms changed at that very moment.
func ranOut(found []clock.Instance, broken clock.Instance) clock.Instance {
	for _, e := range found {
		same := e.Kind == broken.Kind && e.Number == broken.Number && e.Ref == broken.Ref && e.Revision < broken.Revision
		if same && e.DueAt.Equal(*broken.BreachedAt) && e.EndedAt.Equal(e.DueAt) && e.StartedAt.Before(e.DueAt) {
			return e
		}
	}
	return broken
}

// apartAfter tells whether the case is taken out of another by that event or a later one.
func (c *rawCase) apartAfter(n int) bool {
	for _, e := range c.events[n:] {
		if e.What == "case.unmerged" {
			return true
		}
	}
	return false
}

func (e rawEvent) forClocks(pins map[int64]clock.Pin) (clock.Event, bool) {
	kinds := map[string]clock.EventKind{
		"case.opened": clock.Received, "message.received": clock.CustomerMessage, "reply.sent": clock.PublicReply, "priority.changed": clock.PriorityChanged,
		"policy.changed": clock.PolicyChanged, "step.opened": clock.StepOpened, "step.decided": clock.StepDecided, "step.voided": clock.Withdrawn, "credit.approved": clock.Approved,
		"credit.posted": clock.Posted, "credit.rejected": clock.Withdrawn, "credit.withdrawn": clock.Withdrawn, "case.merged": clock.Merged, "case.unmerged": clock.Unmerged,
	}
	one := clock.Event{At: e.At, Kind: kinds[e.What], Priority: clock.Priority(e.Data.Priority)}
	if one.Kind != clock.PriorityChanged {
		one.Priority = ""
	}
	if e.Data.Step != 0 {
		one.Ref = "step:" + strconv.FormatInt(e.Data.Step, 10)
	} else if e.Data.Request != 0 {
		one.Ref = "request:" + strconv.FormatInt(e.Data.Request, 10)
	}
	if pin, found := pins[e.Data.Policy]; e.What == "policy.changed" && found {
		one.Pin = &pin
	}
	if e.What == "status.changed" {
		done := e.Data.From == "resolved" || e.Data.From == "closed"
		switch {
		case e.Data.To == "waiting":
			one.Kind, one.On = clock.Waiting, clock.WaitingOn(e.Data.WaitingOn)
		case e.Data.To == "resolved":
			one.Kind = clock.Resolved
		case e.Data.To == "open" && done:
			one.Kind = clock.Reopened
		case e.Data.From == "waiting":
			one.Kind = clock.Resumed
		}
	}
	return one, one.Kind != "" && (e.What != "message.received" || !e.Data.Machine)
}
