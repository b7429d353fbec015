package main

import (
	"encoding/json"
	"fmt"
	"os"

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
	explained, err := clock.Explain(calendar, from, lasting, pauses)
	if err != nil {
		return err
	}
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
