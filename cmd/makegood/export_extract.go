package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"makegood/internal/app"
	"makegood/internal/reports"
)

// extractFlags say of which books and month an extract is.
type extractFlags struct {
	exportFlags
	Entity string `arg:"" help:"Code of the legal entity."`
	Month  string `arg:"" help:"Month, YYYY-MM."`
}

type exportJournal struct{ extractFlags }

// Run writes the journal of a month.
func (c *exportJournal) Run(ctx context.Context, set *settings, s streams) error {
	return c.extract(ctx, set, s, reports.JournalExtract)
}

type exportMemos struct{ extractFlags }

// Run writes the credit memos of a month.
func (c *exportMemos) Run(ctx context.Context, set *settings, s streams) error {
	return c.extract(ctx, set, s, reports.MemosExtract)
}

// extract writes an extract to a file that must not be there yet; one that could not be written whole is not left.
func (c *extractFlags) extract(ctx context.Context, set *settings, s streams, kind string) error {
	month, err := time.Parse("2006-01", c.Month)
	if err != nil {
		return fmt.Errorf("%q is no month; write YYYY-MM", c.Month)
	}
	return closed(ctx, set, s, func(a *app.App) error {
		by, err := c.actor(ctx, a)
		if err != nil {
			return a.Explain(err)
		}
		x, err := a.Reports.Takeovers(a.Billing).Make(ctx, kind, reports.Takeover{By: by, Entity: c.Entity, Month: month})
		if err != nil {
			return a.Explain(err)
		}
		name := x.Name
		if c.Out != "" {
			name = c.Out
		}
		if err := writeExtract(ctx, name, x); err != nil {
			return a.Explain(err)
		}
		_, err = fmt.Fprintln(s.out, name)
		return err
	})
}

func writeExtract(ctx context.Context, name string, x reports.Extract) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write extract: %w", err)
	}
	out := bufio.NewWriter(file)
	if err := errors.Join(x.Write(ctx, out), out.Flush(), file.Close()); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}
