package casefile

import (
	"fmt"
	"strconv"
	"time"

	"makegood/cases/clock"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/ui/kit"
)

// whyShown is how many stretches the explanation of a deadline lists; older ones are summed up.
const whyShown = 7

func (r reader) clockLine(f reports.CaseFile, row clockRow) clockLine {
	line := clockLine{namedClock: row.named}
	if !row.open {
		return line
	}
	if row.i.PausedSince == nil {
		line.Due = r.short(row.i.DueAt)
	}
	steps, err := row.i.Explain()
	if err != nil {
		return line // the deadline itself stands; only its explanation is missing
	}
	line.Why = i18n.F("Why {short}?", "short", r.short(row.i.DueAt))
	if row.i.PausedSince != nil {
		line.Why = i18n.T("Why does it stand still?")
	}
	line.Steps = r.steps(steps.Steps, row.i)
	line.Foot = fmt.Sprintf("%s, %s v%d", row.i.Priority, f.PolicyName, f.PolicyVersion)
	if f.CalendarName != "" {
		line.Foot += "; " + f.CalendarName
	}
	if w := row.i.MonthEnd; w != nil {
		line.Foot += i18n.F("; month-end terms, for clocks that start from {short} until {short_2}", "short", r.short(w.From), "short_2", r.short(w.To))
	}
	if row.i.CarriedOver > 0 {
		line.Foot += i18n.F("; {carried_over} carried over from before the terms changed", "carried_over", kit.ClockText(row.i.CarriedOver))
	}
	return line
}

// steps lists what counted so far and what did not, leaving out closed hours, and then what is left.
func (r reader) steps(all []clock.Step, i clock.Instance) []stepLine {
	var list []stepLine
	for _, s := range all {
		if !s.From.Before(r.Now) || s.Reason == clock.OutsideHours {
			continue
		}
		if s.To.After(r.Now) {
			s.To = r.Now
		}
		list = append(list, r.stretchLine(s))
	}
	if over := len(list) - whyShown; over > 0 {
		list = append([]stepLine{{Text: i18n.F("{over} earlier stretches", "over", strconv.Itoa(over)), Class: "not"}}, list[over:]...)
	}
	left := stepLine{Text: i18n.F("left of {target}", "target", kit.ClockText(i.Target)), Length: kit.ClockText(i.Remaining), Class: "fut"}
	if i.Remaining < 0 {
		left.Text = i18n.F("over the {target} promised", "target", kit.ClockText(i.Target))
	}
	return append(list, left)
}

func (r reader) stretchLine(s clock.Step) stepLine {
	line := stepLine{Text: r.stretch(s.From, s.To), Length: kit.ClockText(s.Length())}
	switch s.Reason {
	case clock.WhilePaused:
		line.Class, line.Note = "not", i18n.T("at rest, not counted")
		if s.On != "" {
			line.Note = i18n.F("waiting on {on_word}, not counted", "on_word", onWord(s.On))
		}
	case clock.OnHoliday:
		line.Class, line.Note = "not", i18n.T("holiday, not counted")
		if s.Holiday != "" {
			line.Note = i18n.F("{holiday}, not counted", "holiday", s.Holiday)
		}
	case clock.Worked, clock.OutsideHours:
	}
	return line
}

// stretch names both ends, the day only once when they share it.
func (r reader) stretch(from, to time.Time) string {
	a, b := from.In(r.Zone), to.In(r.Zone)
	end := r.short(to)
	if a.YearDay() == b.YearDay() && a.Year() == b.Year() {
		end = r.time(to)
	}
	return r.short(from) + "–" + end
}
