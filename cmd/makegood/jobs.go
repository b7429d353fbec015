package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"makegood/internal/access"
	"makegood/internal/app"
	"makegood/internal/jobs"
)

type jobsCommand struct {
	List  jobsList  `cmd:"" help:"List the background work that failed so often that nobody tries again, the latest first."`
	Retry jobsRetry `cmd:"" help:"Have it worked once more, when its cause is mended."`
}

const jobsListed = 1000

type jobsList struct{}

// Run lists what was given up, a line each.
func (c *jobsList) Run(ctx context.Context, set *settings, s streams) error {
	return closed(ctx, set, s, func(a *app.App) error {
		list, err := jobs.GivenUp(ctx, a.DB, jobsListed)
		if err != nil {
			return a.Explain(err)
		}
		w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		for _, j := range list {
			why, _, _ := strings.Cut(j.Error, "\n")
			if _, err := fmt.Fprintf(w, "%d\t%s\t%s\t%d times, last %s\t%s\n", j.ID, j.Kind, j.Args, j.Attempts, j.At.UTC().Format(time.RFC3339), why); err != nil {
				return err
			}
		}
		return w.Flush()
	})
}

type jobsRetry struct {
	IDs []int64 `arg:"" optional:"" name:"id" help:"Numbers from the list."`
	All bool    `help:"All that were given up."`
}

// Run has jobs worked again; a number that is none of them ends it, with what was done before it done.
func (c *jobsRetry) Run(ctx context.Context, set *settings, s streams) error {
	if c.All == (len(c.IDs) > 0) {
		return fmt.Errorf("say which: numbers from makegood jobs list, or --all")
	}
	return closed(ctx, set, s, func(a *app.App) error {
		ids := c.IDs
		if c.All {
			list, err := jobs.GivenUp(ctx, a.DB, jobsListed)
			if err != nil {
				return a.Explain(err)
			}
			for _, j := range list {
				ids = append(ids, j.ID)
			}
		}
		for _, id := range ids {
			if err := jobs.Again(ctx, a.DB, access.SystemActor("makegood jobs retry"), id); err != nil {
				return a.Explain(err)
			}
			if _, err := fmt.Fprintf(s.out, "%d is worked again\n", id); err != nil {
				return err
			}
		}
		return nil
	})
}
