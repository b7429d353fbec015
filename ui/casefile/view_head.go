package casefile

import (
	"slices"
	"strings"
	"time"

	"makegood/cases"
	"makegood/cases/clock"
	"makegood/internal/access"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

func (r reader) head(f reports.CaseFile) headView {
	h := headView{
		Subject: f.Subject, Status: statusWord(f.Status, f.WaitingOn), Type: typeWord(f.Type), Priority: rank(f.Priority),
		PriorityWhy: i18n.T("Computed from type, tier and amount in dispute"), Assignee: f.AssigneeName, Team: f.TeamName, Entity: f.EntityName,
		Follows: f.FollowsNumber, Merged: f.MergedNumber, Active: f.Status.Active(),
		Mine: f.AssigneeID != nil && *f.AssigneeID == r.by.UserID, Free: f.AssigneeID == nil,
		MayCredit: access.May(r.by, access.Propose) && len(f.Invoices) > 0,
	}
	if f.PriorityReason != "" {
		h.PriorityWhy = i18n.F("Set by hand: {priority_reason}", "priority_reason", f.PriorityReason)
	}
	h.NoResolve, h.FollowUp = noResolve(f), r.followUp(f)
	for _, line := range r.clocks(f) {
		if line.open {
			h.Clocks = append(h.Clocks, line.named)
		}
	}
	return h
}

func rank(p cases.Priority) int {
	switch p {
	case cases.P1:
		return 1
	case cases.P2:
		return 2
	case cases.P3:
		return 3
	case cases.P4:
		return 4
	}
	return 4
}

// noResolve says what stands in the way, before anybody tries.
func noResolve(f reports.CaseFile) string {
	why := ""
	if n := f.Undecided(); n > 0 {
		why = i18n.N(n, "{n} dispute line is undecided.", "{n} dispute lines are undecided.", "n", kit.FormatCount(n, "en")) + " "
	}
	for _, c := range f.Credits {
		if onItsWay(c.State) {
			why += i18n.F("{number} is not posted yet.", "number", c.Number) + " "
		}
	}
	return strings.TrimSpace(why + undone(f) + " " + unsaid(f))
}

// clockRow is one clock as the head and the frame show it.
type clockRow struct {
	named namedClock
	open  bool
	i     clock.Instance
}

// clocks lists the clocks that run, the tightest marked, and those of the case itself that were met or missed.
func (r reader) clocks(f reports.CaseFile) []clockRow {
	var rows []clockRow
	tight := -1
	for _, c := range f.Clocks {
		i := c.Derived
		if !i.Outcome.Open() && !finished(f.Clocks, i) {
			continue
		}
		row := clockRow{named: namedClock{Name: desk.ClockName(i.Kind), Clock: r.face(i)}, open: i.Outcome.Open(), i: i}
		rows = append(rows, row)
		if row.open && i.PausedSince == nil && (tight < 0 || i.DueAt.Before(rows[tight].i.DueAt)) {
			tight = len(rows) - 1
		}
	}
	if tight >= 0 {
		rows[tight].named.Tight = true
	}
	slices.SortStableFunc(rows, func(a, b clockRow) int { return place(a.i.Kind) - place(b.i.Kind) })
	return rows
}

// place is the order people read clocks in: what is asked of us next before what ends the case.
func place(k clock.Kind) int {
	order := []clock.Kind{clock.FirstResponse, clock.NextResponse, clock.ApprovalStep, clock.Posting, clock.Resolution, clock.Statutory}
	return slices.Index(order, k)
}

// finished tells whether an ended clock is worth showing: the last of its kind, met or missed, of the case itself.
func finished(all []cases.ClockView, i clock.Instance) bool {
	if i.Outcome != clock.Met && i.Outcome != clock.BreachedMetLate || i.Ref != "" {
		return false
	}
	for _, other := range all {
		later := other.Derived.Number > i.Number || other.Derived.Number == i.Number && other.Derived.Revision > i.Revision
		if other.Derived.Kind == i.Kind && later {
			return false
		}
	}
	return true
}

// face is the chip of a clock at this moment.
func (r reader) face(i clock.Instance) kit.ClockView {
	switch {
	case !i.Outcome.Open():
		return kit.DoneClock(i.Used, i.Target)
	case i.PausedSince != nil:
		return kit.PausedClock(i.Remaining, i18n.F("Stands still since {short}", "short", r.short(*i.PausedSince)))
	case len(i.Calendar().Counted(r.Now, r.Now.Add(time.Second))) == 0:
		return kit.HaltedClock(i.Remaining, i.Target, i.DueAt)
	}
	return kit.RunningClock(i.Remaining, i.Target, i.DueAt)
}
