package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"makegood/internal/access"
	"makegood/internal/app"
	"makegood/internal/configfile"
)

type configCommand struct {
	Export configExport `cmd:"" help:"Print what the company has set as one YAML file; secrets are not in it."`
	Apply  configApply  `cmd:"" help:"Show what a file would change, and change it; what takes a second person is proposed."`
}

type configExport struct{}

// Run prints the file.
func (*configExport) Run(ctx context.Context, set *settings, s streams) error {
	return closed(ctx, set, s, func(a *app.App) error {
		file, err := settingsOf(a).Export(ctx, access.SystemActor("makegood config export"))
		if err != nil {
			return a.Explain(err)
		}
		text, err := file.Write()
		if err != nil {
			return err
		}
		_, err = s.out.Write(text)
		return err
	})
}

func settingsOf(a *app.App) configfile.Services {
	return configfile.Services{
		People: a.People, Billing: a.Billing, Cases: a.Cases, Credits: a.Credits, Inbox: a.Inbox, Survey: a.Survey, Awaiting: a.Awaiting, Statements: a.Statements, Quality: a.Quality, Env: os.Getenv,
	}
}

type configApply struct {
	File    string `arg:"" help:"Settings as YAML; - reads standard input. Parts that are left out are not touched, and nothing is taken away."`
	DryRun  bool   `help:"Only show the difference."`
	As      string `placeholder:"EMAIL" help:"Who changes and proposes it: an administrator. Needed without --dry-run."`
	Comment string `help:"Why. Needed without --dry-run."`
}

// Run prints each difference, then what became of each change. It exits with 1 when one was refused; the others stand.
func (c *configApply) Run(ctx context.Context, set *settings, s streams) error {
	if !c.DryRun && (c.As == "" || c.Comment == "") {
		return errors.New("--as and --comment say who changes it and why; --dry-run only shows the difference")
	}
	return closed(ctx, set, s, func(a *app.App) error {
		text, err := readFile(c.File)
		if err != nil {
			return err
		}
		file, err := configfile.Read(text)
		if err != nil {
			return a.Explain(err)
		}
		by, err := actorNamed(ctx, a, c.As, "makegood config apply")
		if err != nil {
			return a.Explain(err)
		}
		plan, err := settingsOf(a).Plan(ctx, by, file)
		if err != nil {
			return a.Explain(err)
		}
		if err := show(s.out, plan); err != nil || c.DryRun {
			return err
		}
		return carry(ctx, a, plan, configfile.Order{By: by, Comment: c.Comment}, s.out)
	})
}

func show(out io.Writer, plan []configfile.Change) error {
	if len(plan) == 0 {
		_, err := fmt.Fprintln(out, "nothing differs")
		return err
	}
	for _, change := range plan {
		word := "changes"
		if change.New {
			word = "is new"
		}
		if _, err := fmt.Fprintf(out, "%s: %s %s\n", change.Part, change.Name, word); err != nil {
			return err
		}
		for _, line := range change.Lines {
			if _, err := fmt.Fprintln(out, "  "+line); err != nil {
				return err
			}
		}
	}
	return nil
}

// carry makes one change after the other. One that is refused keeps none of the others back.
func carry(ctx context.Context, a *app.App, plan []configfile.Change, order configfile.Order, out io.Writer) error {
	refused := false
	for _, change := range plan {
		outcome, err := change.Carry(ctx, order)
		if err != nil {
			refused = true
			outcome = "refused: " + a.Explain(err).Error()
		}
		if _, err := fmt.Fprintf(out, "%s: %s: %s\n", change.Part, change.Name, outcome); err != nil {
			return err
		}
	}
	if refused {
		return failure(1)
	}
	return nil
}
