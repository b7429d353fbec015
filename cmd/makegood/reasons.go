package main

import (
	"context"
	"fmt"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/app"
)

type reasonsCommand struct {
	Starter reasonsStarter `cmd:"" help:"Add the set to begin with: fifteen reasons, worded in five languages, and ten root causes; codes that are there stay as they are."`
	Export  reasonsExport  `cmd:"" help:"Print reasons and root causes as YAML."`
	Apply   reasonsApply   `cmd:"" help:"Add, change and retire what a file names; all of it or, with an error in it, nothing."`
}

type reasonsStarter struct {
	DryRun bool `help:"Say what would be added, and keep nothing."`
}

// Run adds the set.
func (c *reasonsStarter) Run(ctx context.Context, set *settings, s streams) error {
	return closed(ctx, set, s, func(a *app.App) error {
		changes, err := a.Cases.AddStarterReasons(ctx, access.SystemActor("makegood reasons starter"), c.DryRun)
		if err != nil {
			return a.Explain(err)
		}
		return printReasons(s, changes)
	})
}

type reasonsExport struct{}

// Run prints them.
func (*reasonsExport) Run(ctx context.Context, set *settings, s streams) error {
	return closed(ctx, set, s, func(a *app.App) error {
		book, err := a.Cases.ReasonBook(ctx, access.SystemActor("makegood reasons export"))
		if err != nil {
			return a.Explain(err)
		}
		text, err := cases.WriteReasonBook(book)
		if err != nil {
			return err
		}
		_, err = s.out.Write(text)
		return err
	})
}

type reasonsApply struct {
	File   string `arg:"" help:"Reasons as YAML, as export prints them; - reads standard input."`
	DryRun bool   `help:"Say what would change, and keep nothing."`
}

// Run keeps what the file says.
func (c *reasonsApply) Run(ctx context.Context, set *settings, s streams) error {
	return closed(ctx, set, s, func(a *app.App) error {
		text, err := readFile(c.File)
		if err != nil {
			return err
		}
		book, err := cases.ReadReasonBook(text)
		if err != nil {
			return a.Explain(err)
		}
		changes, err := a.Cases.KeepReasons(ctx, cases.KeepReasonsInput{By: access.SystemActor("makegood reasons apply"), Book: book, DryRun: c.DryRun})
		if err != nil {
			return a.Explain(err)
		}
		return printReasons(s, changes)
	})
}

// printReasons prints each change on a line.
func printReasons(s streams, changes []cases.ReasonChange) error {
	for _, c := range changes {
		if _, err := fmt.Fprintf(s.out, "%s %s %s\n", c.What, c.Of, c.Code); err != nil {
			return err
		}
	}
	return nil
}
