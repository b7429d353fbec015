package queue

import (
	"time"

	"makegood/cases"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// reader is who looks at the list.
type reader struct {
	kit.Locale
	mayWork bool
}

// rows puts a page of the queue under its headings. after is the heading the page before ended with, so that it is
// not said twice; last tells that no page follows, so that the last heading's count is the whole.
func (r reader) rows(list []cases.QueueRow, faces map[cases.ID]reports.QueueClock, l listView, after string) []rowGroup {
	var groups []rowGroup
	byUrgency := l.Sort == "" && sortedByDue(l.View) || l.Sort == cases.SortDue
	for _, row := range list {
		title, tone := "", ""
		if byUrgency {
			title, tone = r.urgency(row)
		}
		if n := len(groups); n == 0 || groups[n-1].Title != title {
			groups = append(groups, rowGroup{Title: title, Tone: tone})
		}
		g := &groups[len(groups)-1]
		g.Rows = append(g.Rows, r.row(row, faces, l.Chosen))
	}
	for i := range groups {
		if i < len(groups)-1 || l.More == "" {
			groups[i].Count = kit.FormatCount(len(groups[i].Rows), r.Lang)
		}
	}
	if len(groups) > 0 && i18n.English(groups[0].Title) == after && after != "" {
		groups[0].Title = ""
	}
	return groups
}

func sortedByDue(v cases.View) bool {
	return v != cases.ViewAtRisk && v != cases.ViewSnoozed && v != cases.ViewResolved && v != cases.ViewAll
}

func (r reader) urgency(row cases.QueueRow) (title, tone string) {
	if row.FollowUpDue {
		return i18n.T("Follow-ups due"), "due"
	}
	if row.NextDueAt == nil {
		return i18n.T("Paused"), ""
	}
	left := row.NextDueAt.Sub(r.Now)
	switch {
	case left <= 0:
		return i18n.T("Breached"), "bad"
	case left <= time.Hour:
		return i18n.T("Due within 60 minutes"), "due"
	}
	a, b := r.Now.In(r.Zone), row.NextDueAt.In(r.Zone)
	if a.Year() == b.Year() && a.YearDay() == b.YearDay() {
		return i18n.T("Today"), ""
	}
	return i18n.T("Later"), ""
}

func (r reader) row(q cases.QueueRow, faces map[cases.ID]reports.QueueClock, chosen string) rowView {
	v := rowView{
		ID: id(q.ID), Number: q.Number, Tick: tick(q.Number, q.Version), Href: "/cases/" + q.Number, Customer: q.CustomerName, Tier: string(q.Tier), TierText: desk.TierName(q.Tier),
		Priority: rank(q.Priority), Subject: q.Subject, Snippet: q.Snippet, Waiting: waitingTag(q), Assignee: q.AssigneeName,
		Chosen: q.Number == chosen, Claimable: r.mayWork && q.AssigneeID == nil && q.Status.Active(),
	}
	if v.Customer == "" {
		v.Customer = i18n.T("Unknown sender")
	}
	if q.Disputed.IsPositive() {
		a := q.InDispute()
		v.Amount = &a
	}
	v.Clock, v.ClockName = r.clock(q, faces)
	if q.FollowUpAt != nil {
		v.FollowUp = kit.TagView{Text: i18n.F("until {follow_up_at}", "follow_up_at", kit.FormatShort(*q.FollowUpAt, r.Now, r.Zone, r.Lang)), Tone: "line", Icon: "calendar-time"}
		if q.FollowUpDue {
			v.FollowUp = kit.TagView{Text: i18n.T("follow-up"), Tone: "due", Icon: "bell"}
		}
	}
	return v
}

// clock is the chip of the tightest clock, in counted time as the case itself shows it.
func (r reader) clock(q cases.QueueRow, faces map[cases.ID]reports.QueueClock) (*kit.ClockView, string) {
	switch {
	case !q.Status.Active():
		return nil, ""
	case q.NextDueAt == nil && !q.ClockPaused:
		return nil, ""
	case q.NextDueAt == nil:
		v := kit.PausedClock(0, i18n.T("Stands still while the case waits"))
		v.Text = i18n.T("paused")
		return &v, desk.ClockName(q.NextClock)
	}
	face, known := faces[q.ID]
	if !known { // it ended a moment ago; the next look shows how
		return nil, desk.ClockName(q.NextClock)
	}
	v := kit.HaltedClock(face.Left, face.Total, *q.NextDueAt)
	if face.Runs {
		v = kit.RunningClock(face.Left, face.Total, *q.NextDueAt)
	}
	return &v, desk.ClockName(q.NextClock)
}
