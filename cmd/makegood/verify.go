package main

import (
	"context"
	"encoding/json"
	"fmt"

	"makegood/internal/app"
)

type verifyCommand struct {
	JSON bool `help:"Print JSON."`
}

// Run checks everything that can be checked and exits 1 on the first fault of each kind.
func (c *verifyCommand) Run(ctx context.Context, set *settings, s streams) error {
	return closed(ctx, set, s, func(a *app.App) error {
		report, err := a.Verify(ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			if err := json.NewEncoder(s.out).Encode(report); err != nil {
				return err
			}
		} else {
			for _, check := range report.Checks {
				state := "ok"
				if check.Fault != "" {
					state = "BROKEN: " + check.Fault
				}
				if _, err := fmt.Fprintf(s.out, "%-28s %s\n", check.Name, state); err != nil {
					return err
				}
			}
		}
		if !report.OK {
			return failure(1)
		}
		return nil
	})
}
