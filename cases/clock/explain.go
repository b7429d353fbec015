package clock

import (
	"slices"
	"time"
)

// Reason says why a stretch of time counted or not.
type Reason string

// The reasons; all but Worked mean the stretch did not count.
const (
	Worked       Reason = "counted"
	OutsideHours Reason = "outside_hours"
	OnHoliday    Reason = "holiday"
	WhilePaused  Reason = "paused"
)

// Step is one stretch on the way to a deadline, in the calendar's zone.
type Step struct {
	Interval
	Reason  Reason    `json:"reason"`
	Holiday string    `json:"holiday,omitempty"`    // the holiday's name, if it has one
	On      WaitingOn `json:"waiting_on,omitempty"` // of a pause: who was waited for; empty while the case was at rest
}

// Explanation is why a deadline is what it is. As JSON it is the due moment and the stretches that counted, in the
// calendar's zone; Steps is the whole way, every second from start to due in exactly one step.
type Explanation struct {
	Due     time.Time  `json:"due"`
	Counted []Interval `json:"counted"`
	Steps   []Step     `json:"-"`
	// MonthEnd is the window whose target it is; nil where the usual one holds.
	MonthEnd *Interval `json:"month_end,omitempty"`
}

// Explain computes a deadline and the way to it.
func Explain(cal Calendar, from time.Time, target time.Duration, pauses []Interval) (Explanation, error) {
	ready, err := Compile(cal)
	if err != nil {
		return Explanation{}, err
	}
	unnamed := make([]Pause, len(pauses))
	for n, p := range pauses {
		unnamed[n].Interval = p
	}
	return ready.explain(from, target, unnamed)
}

func (c *Compiled) explain(from time.Time, target time.Duration, pauses []Pause) (Explanation, error) {
	due, counted, err := c.Due(from, target, intervals(pauses))
	if err != nil {
		return Explanation{}, err
	}
	e := Explanation{Due: due.In(c.loc), Counted: make([]Interval, len(counted))}
	for i, stretch := range counted {
		e.Counted[i] = stretch.in(c.loc)
	}
	e.Steps = c.steps(Interval{From: plain(from), To: due}, pauses)
	return e, nil
}

// steps cuts a stretch wherever working hours, usual hours, days or pauses begin or end, names each piece, and melts
// neighbours of the same kind.
func (c *Compiled) steps(way Interval, pauses []Pause) []Step {
	s := sorter{
		calendar: c,
		worked:   c.Counted(way.From, way.To),
		usual:    c.usual().Counted(way.From, way.To),
		paused:   joined(intervals(pauses)),
		pauses:   pauses,
	}
	cuts := []time.Time{way.From, way.To}
	for _, list := range [][]Interval{s.worked, s.usual, intervals(pauses)} {
		for _, i := range list {
			cuts = append(cuts, i.From.UTC(), i.To.UTC())
		}
	}
	cuts = append(cuts, c.midnights(way)...)
	slices.SortFunc(cuts, time.Time.Compare)
	var list []Step
	for n := 1; n < len(cuts); n++ {
		piece := Interval{From: cuts[n-1], To: cuts[n]}.clip(way.From, way.To)
		if !piece.empty() {
			list = appendStep(list, s.step(piece))
		}
	}
	return list
}

func appendStep(list []Step, next Step) []Step {
	if last := len(list) - 1; last >= 0 && list[last].Reason == next.Reason && list[last].Holiday == next.Holiday && list[last].On == next.On {
		list[last].To = next.To
		return list
	}
	return append(list, next)
}

// usual is the same calendar without its holidays.
func (c *Compiled) usual() *Compiled {
	return &Compiled{calendar: c.calendar, loc: c.loc, weekly: c.weekly}
}

// midnights are the starts of the special days of a stretch, and of the days after them.
func (c *Compiled) midnights(way Interval) []time.Time {
	var list []time.Time
	for day := range c.special {
		for _, d := range []Day{day, day + 1} {
			if at := c.midnight(d); way.holds(at) {
				list = append(list, at)
			}
		}
	}
	return list
}

// midnight is when a day begins; where the clock skips midnight, when the gap ends.
func (c *Compiled) midnight(day Day) time.Time {
	want := int64(day) * daySeconds
	return firstShown(want, time.Unix(want-2*daySeconds, 0), c.loc).UTC()
}

// sorter names stretches.
type sorter struct {
	calendar              *Compiled
	worked, usual, paused []Interval
	pauses                []Pause
}

// waitingOn is who was waited for in the pause that holds a moment.
func (s sorter) waitingOn(at time.Time) WaitingOn {
	for _, p := range s.pauses {
		if p.holds(at) {
			return p.On
		}
	}
	return ""
}

func (s sorter) step(piece Interval) Step {
	step := Step{Interval: piece.in(s.calendar.loc), Reason: OutsideHours}
	switch {
	case covers(s.worked, piece.From) && covers(s.paused, piece.From):
		step.Reason, step.On = WhilePaused, s.waitingOn(piece.From)
	case covers(s.worked, piece.From):
		step.Reason = Worked
	case covers(s.usual, piece.From):
		step.Reason = OnHoliday
		step.Holiday = s.calendar.holidayName(piece.From)
	}
	return step
}

// holidayName names the holiday that took hours away at a moment: that of the day, or of the day before when its
// night shift did not take place.
func (c *Compiled) holidayName(at time.Time) string {
	day := dayOf(at, c.loc)
	if special, found := c.special[day]; found {
		return special.Name
	}
	return c.special[day-1].Name
}

// covers looks up a moment in intervals that are sorted and apart from each other.
func covers(list []Interval, at time.Time) bool {
	n, _ := slices.BinarySearchFunc(list, at, func(i Interval, at time.Time) int {
		if i.To.After(at) {
			return 1
		}
		return -1
	})
	return n < len(list) && list[n].holds(at)
}
