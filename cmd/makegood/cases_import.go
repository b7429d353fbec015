package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"makegood/cases/helpdesk"
	"makegood/internal/access"
	"makegood/internal/app"
	"makegood/internal/errs"
)

type casesCommand struct {
	Import casesImport `cmd:"" help:"Bring in cases of Salesforce, or conversations of Intercom, from their files: closed or open as they were, with what was said."`
}

type casesImport struct {
	From         string   `required:"" enum:"salesforce,intercom" help:"Whose files they are: ${enum}."`
	DryRun       bool     `help:"Read and check only; nothing is kept."`
	AllOrNothing bool     `help:"Bring in every case or none; else each stands for itself."`
	Entity       string   `help:"Code of the legal entity; may be left out where there is only one."`
	System       string   `help:"Name of the installation the cases come from, where there are several; cases are known again by it and their number."`
	DateOrder    string   `placeholder:"ORDER" help:"DD.MM.YYYY or MM/DD/YYYY, where days are written with figures alone and the file does not say."`
	As           string   `placeholder:"EMAIL" help:"Who brings them in; without it the system does."`
	Rejected     string   `placeholder:"FILE" help:"Write the cases that were not taken to a CSV file, with the reasons."`
	Files        []string `arg:"" name:"file" type:"existingfile" help:"CSV files (Case, EmailMessage, CaseComment, Account, Contact, User, Attachment), JSON, or ZIP files of either. They are read as one."`
}

// casesBrought is the report, as one line of JSON.
type casesBrought struct {
	Import   helpdesk.ImportID `json:"import,omitempty"`
	From     string            `json:"from"`
	System   string            `json:"system"`
	DryRun   bool              `json:"dry_run,omitempty"`
	Counts   helpdesk.Counts   `json:"counts"`
	Ignored  []string          `json:"ignored,omitempty"`
	Rejected []caseNotTaken    `json:"rejected,omitempty"`
}

type caseNotTaken struct {
	File   string `json:"file"`
	Row    int    `json:"row"`
	Number string `json:"number,omitempty"`
	Reason string `json:"reason"`
}

// Run brings the cases in and prints what became of them; how far it has come stands on standard error. Exit 1 when any was not taken.
func (c *casesImport) Run(ctx context.Context, set *settings, s streams) error {
	return closed(ctx, set, s, func(a *app.App) (err error) {
		in := helpdesk.Input{Format: helpdesk.Format(c.From), System: c.System, DateOrder: c.DateOrder, AllOrNothing: c.AllOrNothing}
		if in.EntityID, err = entityNamed(ctx, a, c.Entity); err != nil {
			return err
		}
		if in.By, err = c.actor(ctx, a); err != nil {
			return a.Explain(err)
		}
		files, done, err := filesToRead(c.Files)
		if err != nil {
			return err
		}
		return errors.Join(c.bring(ctx, a, s, in, files), done())
	})
}

func (c *casesImport) bring(ctx context.Context, a *app.App, s streams, in helpdesk.Input, files []helpdesk.File) error {
	if c.DryRun {
		plan, err := a.Helpdesk.Plan(ctx, in, files)
		if err != nil {
			return a.Explain(err)
		}
		return c.report(a, s, casesBrought{From: c.From, System: plan.System, DryRun: true, Counts: plan.Counts, Ignored: plan.Ignored}, plan.Refused)
	}
	imp, refused, err := a.Helpdesk.Bring(ctx, in, files, func(done, of int) {
		if done%tellEvery == 0 || done == of {
			_, _ = fmt.Fprintf(s.err, "makegood: %d of %d cases\n", done, of)
		}
	})
	if err != nil && !errors.Is(err, helpdesk.ErrRejected) {
		return a.Explain(err)
	}
	return c.report(a, s, casesBrought{Import: imp.ID, From: c.From, System: imp.System, Counts: imp.Counts}, refused)
}

func (c *casesImport) report(a *app.App, s streams, out casesBrought, refused []helpdesk.Refusal) error {
	for _, r := range refused {
		out.Rejected = append(out.Rejected, caseNotTaken{File: r.File, Row: r.Row, Number: r.Number, Reason: a.Say(r.Key, r.Params)})
	}
	if c.Rejected != "" {
		if err := c.write(a, refused); err != nil {
			return err
		}
	}
	if err := json.NewEncoder(s.out).Encode(out); err != nil {
		return err
	}
	if len(refused) > 0 {
		return failure(1)
	}
	return nil
}

func (c *casesImport) write(a *app.App, refused []helpdesk.Refusal) error {
	file, err := os.Create(c.Rejected)
	if err != nil {
		return err
	}
	err = helpdesk.WriteRefused(file, refused, func(key string, params errs.Params) string { return a.Say(key, params) })
	return errors.Join(err, file.Close())
}

func (c *casesImport) actor(ctx context.Context, a *app.App) (access.Actor, error) {
	return actorNamed(ctx, a, c.As, "makegood cases import")
}

// filesToRead opens files; done closes them.
func filesToRead(paths []string) (files []helpdesk.File, done func() error, err error) {
	var opened []*os.File
	done = func() error {
		var err error
		for _, f := range opened {
			err = errors.Join(err, f.Close())
		}
		return err
	}
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return nil, nil, errors.Join(err, done())
		}
		opened = append(opened, f)
		info, err := f.Stat()
		if err != nil {
			return nil, nil, errors.Join(err, done())
		}
		files = append(files, helpdesk.File{Name: filepath.Base(path), Content: f, Size: info.Size()})
	}
	return files, done, nil
}
