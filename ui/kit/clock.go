package kit

import (
	"context"
	"strconv"
	"time"
)

// ClockView is one clock chip. With Ticks the browser counts Left down in place.
type ClockView struct {
	State   string // ok, soon, due, breached, paused, met, late
	Text    string // made from Left when empty
	Percent int    // used, 0 to 100
	Due     time.Time
	Left    time.Duration
	Total   time.Duration
	Ticks   bool
	Title   string // why; made from Due when empty
}

const (
	soonFrom    = 50
	dueFrom     = 90
	lastMinutes = time.Hour
)

// RunningClock is a clock that counts at this moment: left is what remains of total in counted time.
func RunningClock(left, total time.Duration, due time.Time) ClockView {
	view := HaltedClock(left, total, due)
	view.Ticks = true
	return view
}

// HaltedClock shows the same state but stands still, as outside business hours.
func HaltedClock(left, total time.Duration, due time.Time) ClockView {
	used := usedPercent(left, total)
	return ClockView{State: runningState(left, used), Percent: used, Due: due, Left: left, Total: total}
}

// PausedClock stands still for a reason.
func PausedClock(left time.Duration, why string) ClockView {
	return ClockView{State: "paused", Left: left, Title: why}
}

// DoneClock says how much of the target was used, met or late.
func DoneClock(used, total time.Duration) ClockView {
	state := "met"
	if used > total {
		state = "late"
	}
	return ClockView{State: state, Left: used, Total: total}
}

func runningState(left time.Duration, used int) string {
	switch {
	case left < 0:
		return "breached"
	case left < lastMinutes || used >= dueFrom:
		return "due"
	case used >= soonFrom:
		return "soon"
	default:
		return "ok"
	}
}

func usedPercent(left, total time.Duration) int {
	if total <= 0 {
		return 0
	}
	return int(min(max((total-left)*100/total, 0), 100))
}

func (v ClockView) text(ctx context.Context) string {
	switch {
	case v.Text != "":
		return v.Text
	case v.farAway(LocaleOf(ctx).Now):
		return v.days(LocaleOf(ctx))
	case (v.State == "met" || v.State == "late") && v.Total > 0:
		return Word(ctx, "kit.clock.of", "used", ClockText(v.Left), "total", ClockText(v.Total))
	default:
		return ClockText(v.Left)
	}
}

func (v ClockView) title(ctx context.Context) string {
	if v.Title != "" || v.Due.IsZero() {
		return v.Title
	}
	l := LocaleOf(ctx)
	return Word(ctx, "kit.clock.due", "when", FormatShort(v.Due, l.Now, l.Zone, l.Lang))
}

// spoken is the word a screen reader gets where sighted readers see a flame, bars or colour.
func (v ClockView) spoken(ctx context.Context) string {
	switch v.State {
	case "breached", "paused", "late":
		return Word(ctx, "kit.clock."+v.State)
	default:
		return ""
	}
}

func seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }

// farAway tells that a clock has two days of counted time or more: nobody reckons working hours into days.
func (v ClockView) farAway(now time.Time) bool {
	open := v.State != "met" && v.State != "late" && v.State != "paused"
	return open && !v.Due.IsZero() && !now.IsZero() && v.Left.Abs() >= dayAfter
}

// days are the calendar days until a clock is due, or since it was.
func (v ClockView) days(l Locale) string {
	day := func(t time.Time) time.Time {
		t = t.In(l.Zone)
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	}
	n := int(day(v.Due).Sub(day(l.Now)) / (24 * time.Hour))
	if n < 0 {
		return minus + strconv.Itoa(-n) + nbsp + "d"
	}
	return strconv.Itoa(n) + nbsp + "d"
}
