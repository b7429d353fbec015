package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"makegood/internal/app"
)

type verifyCommand struct {
	JSON   bool   `help:"Print JSON."`
	Anchor string `help:"Compare the chains with the heads in FILE, and append those of today when all is well. Keep it where nobody who owns the database can write." placeholder:"FILE"`
}

// Run checks everything that can be checked and exits 1 on the first fault of each kind.
func (c *verifyCommand) Run(ctx context.Context, set *settings, s streams) error {
	return closed(ctx, set, s, func(a *app.App) error {
		report, err := c.report(ctx, a)
		if err != nil {
			return a.Explain(err)
		}
		if c.JSON {
			err = json.NewEncoder(s.out).Encode(report)
		} else {
			err = printReport(s.out, report)
		}
		if err == nil && !report.OK {
			return failure(1)
		}
		return err
	})
}

func (c *verifyCommand) report(ctx context.Context, a *app.App) (app.Report, error) {
	if c.Anchor != "" {
		return a.VerifyAnchored(ctx, c.Anchor)
	}
	return a.Verify(ctx)
}

func printReport(out io.Writer, report app.Report) error {
	for _, check := range report.Checks {
		state := "ok"
		if check.Fault != "" {
			state = "BROKEN: " + check.Fault
		}
		if _, err := fmt.Fprintf(out, "%-28s %s\n", check.Name, state); err != nil {
			return err
		}
	}
	return nil
}
