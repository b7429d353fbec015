package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"makegood/cases/clock"
)

type slaCommand struct {
	Explain slaExplain `cmd:"" help:"Print when a deadline falls and which intervals count."`
}

type slaExplain struct {
	Calendar string   `required:"" type:"existingfile" help:"Calendar file (YAML)."`
	From     string   `required:"" help:"When the clock starts: RFC 3339, or a local time of the calendar's zone."`
	Target   string   `required:"" help:"Time allowed, e.g. 4h or 1h30m."`
	Pause    []string `sep:"none" help:"A pause FROM/TO; may be repeated."`
	All      bool     `help:"Print also the intervals that do not count, and why."`

	MonthEndTarget string `help:"Time allowed where the clock starts around the end of a month; no longer than the target."`
	LastDays       int    `help:"Working days at the end of a month that --month-end-target holds for."`
	FirstDays      int    `help:"Working days at the beginning of a month that --month-end-target holds for."`
}

// monthEnd is the window around the end of a month that the clock starts in, and the time allowed there; nil outside of any.
func (c *slaExplain) monthEnd(calendar *clock.Compiled, from time.Time, usual clock.Target) (*clock.Interval, time.Duration, error) {
	if c.MonthEndTarget == "" {
		if c.LastDays != 0 || c.FirstDays != 0 {
			return nil, 0, errors.New("--last-days and --first-days need --month-end-target")
		}
		return nil, 0, nil
	}
	tight, err := clock.ParseTarget(c.MonthEndTarget)
	if err != nil {
		return nil, 0, fmt.Errorf("--month-end-target: %w", err)
	}
	of := func(t clock.Target) map[clock.Kind]map[clock.Priority]clock.Target {
		return map[clock.Kind]map[clock.Priority]clock.Target{clock.Resolution: {clock.P1: t}}
	}
	m := clock.MonthEnd{LastDays: c.LastDays, FirstDays: c.FirstDays, Targets: of(tight)}
	if err := (clock.Policy{Targets: of(usual), MonthEnd: &m}).Validate(); err != nil {
		return nil, 0, fmt.Errorf("--month-end-target: %w", err)
	}
	window, _, inside := calendar.MonthEndWindow(from, m)
	if !inside {
		return nil, 0, nil
	}
	lasting, err := tight.Lasting()
	if err != nil {
		return nil, 0, fmt.Errorf("--month-end-target: %w", err)
	}
	zone := calendar.Location()
	return &clock.Interval{From: window.From.In(zone), To: window.To.In(zone)}, lasting, nil
}

// Run explains.
func (c *slaExplain) Run(s streams) error {
	content, err := os.ReadFile(c.Calendar)
	if err != nil {
		return err
	}
	calendar, err := clock.ParseCalendar(content)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Calendar, err)
	}
	compiled, err := clock.Compile(calendar)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Calendar, err)
	}
	from, err := clock.ParseMoment(c.From, compiled.Location())
	if err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	target, err := clock.ParseTarget(c.Target)
	if err != nil {
		return fmt.Errorf("--target: %w", err)
	}
	lasting, err := target.Lasting()
	if err != nil {
		return fmt.Errorf("--target: %w", err)
	}
	var pauses []clock.Interval
	for _, text := range c.Pause {
		pause, err := clock.ParsePause(text, compiled.Location())
		if err != nil {
			return fmt.Errorf("--pause: %w", err)
		}
		pauses = append(pauses, pause)
	}
	window, tight, err := c.monthEnd(compiled, from, target)
	if err != nil {
		return err
	}
	if window != nil {
		lasting = tight
	}
	explained, err := clock.Explain(calendar, from, lasting, pauses)
	if err != nil {
		return err
	}
	explained.MonthEnd = window
	out := json.NewEncoder(s.out)
	out.SetIndent("", "  ")
	if !c.All {
		return out.Encode(explained)
	}
	return out.Encode(struct {
		clock.Explanation
		Steps []clock.Step `json:"steps"`
	}{explained, explained.Steps})
}
