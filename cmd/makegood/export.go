package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"makegood/internal/access"
	"makegood/internal/app"
	"makegood/internal/evidence"
	"makegood/internal/reports"
)

type exportCommand struct {
	Case   exportCase   `cmd:"" help:"Write the evidence of a case as one ZIP file that proves itself."`
	Period exportPeriod `cmd:"" help:"Write the audit package of a legal entity's month."`
	Audit  exportAudit  `cmd:"" help:"Write the audit package of a legal entity's books over some days."`
	Person exportPerson `cmd:"" help:"Write everything kept about a person outside, for them; that it was taken is recorded."`
	Check  exportCheck  `cmd:"" help:"Prove a bundle without a database; exit 1 on any fault."`

	Journal exportJournal `cmd:"" help:"Write a month of a legal entity's journal as CSV for another ledger."`
	Memos   exportMemos   `cmd:"" help:"Write the credit memos issued in a month as CSV for NetSuite."`
}

// exportFlags say where a bundle goes and who takes it.
type exportFlags struct {
	Out string `short:"o" placeholder:"FILE" help:"File to write; a name after what it is of without it."`
	As  string `placeholder:"EMAIL" help:"Who takes it; without it the system does."`
}

func (f exportFlags) actor(ctx context.Context, a *app.App) (access.Actor, error) {
	return actorNamed(ctx, a, f.As, "makegood export")
}

// write makes a bundle, writes it to a file that must not be there yet, and tells the hash that proves it.
func (f exportFlags) write(ctx context.Context, set *settings, s streams, name string, make func(a *app.App, by access.Actor) (evidence.Sealed, error)) error {
	return closed(ctx, set, s, func(a *app.App) error {
		by, err := f.actor(ctx, a)
		if err != nil {
			return a.Explain(err)
		}
		if f.Out != "" {
			name = f.Out
		}
		// The file comes first: making a bundle records that somebody took it.
		file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return fmt.Errorf("write bundle: %w", err)
		}
		sealed, err := make(a, by)
		if err != nil {
			return errors.Join(a.Explain(err), file.Close(), os.Remove(name))
		}
		_, err = file.Write(sealed.ZIP)
		if err = errors.Join(err, file.Close()); err != nil {
			return fmt.Errorf("write bundle: %w", err)
		}
		_, err = fmt.Fprintf(s.out, "%s: %d files, manifest SHA-256 %s\n", name, len(sealed.Manifest.Files), sealed.SHA256)
		return err
	})
}

type exportCase struct {
	exportFlags
	Number string `arg:"" help:"Number of the case, MG-000123."`
}

// Run writes the evidence of a case.
func (c *exportCase) Run(ctx context.Context, set *settings, s streams) error {
	return c.write(ctx, set, s, "evidence-"+c.Number+".zip", func(a *app.App, by access.Actor) (evidence.Sealed, error) {
		return a.Reports.Evidence(a.Cases).Case(ctx, c.Number, by)
	})
}

type exportPerson struct {
	exportFlags
	Address []string `arg:"" help:"Their mail addresses."`
}

// Run writes the copy.
func (c *exportPerson) Run(ctx context.Context, set *settings, s streams) error {
	return c.write(ctx, set, s, "personal-data.zip", func(a *app.App, by access.Actor) (evidence.Sealed, error) {
		return a.Erasure.Copy(ctx, by, c.Address, 0)
	})
}

// packageFlags say how samples are chosen.
type packageFlags struct {
	exportFlags
	Seed    string `help:"Any words; they alone choose the samples."`
	Samples int    `default:"25" help:"How many adjustments are added with their papers and the chains of their cases."`
}

func (f packageFlags) run(ctx context.Context, set *settings, s streams, in reports.Package) error {
	name := "audit-" + in.Entity + "-" + in.From.Format(time.DateOnly) + "-" + in.To.Format(time.DateOnly) + ".zip"
	return f.write(ctx, set, s, name, func(a *app.App, by access.Actor) (evidence.Sealed, error) {
		in.By, in.Seed, in.Samples = by, f.Seed, f.Samples
		return a.Reports.Packages(a.Reports.Evidence(a.Cases), a.Billing).Package(ctx, in)
	})
}

type exportPeriod struct {
	packageFlags
	Entity string `arg:"" help:"Code of the legal entity."`
	Month  string `arg:"" help:"Month, YYYY-MM."`
}

// Run writes the audit package of a month.
func (c *exportPeriod) Run(ctx context.Context, set *settings, s streams) error {
	first, err := time.Parse("2006-01", c.Month)
	if err != nil {
		return fmt.Errorf("%q is no month; write YYYY-MM", c.Month)
	}
	return c.run(ctx, set, s, reports.Package{Entity: c.Entity, From: first, To: first.AddDate(0, 1, -1)})
}

type exportAudit struct {
	packageFlags
	Entity string `required:"" help:"Code of the legal entity."`
	From   string `required:"" placeholder:"DAY" help:"First day, YYYY-MM-DD."`
	To     string `required:"" placeholder:"DAY" help:"Last day."`
}

// Run writes the audit package of some days.
func (c *exportAudit) Run(ctx context.Context, set *settings, s streams) error {
	in := reports.Package{Entity: c.Entity}
	var err error
	if in.From, err = time.Parse(time.DateOnly, c.From); err != nil {
		return fmt.Errorf("%q is no day; write YYYY-MM-DD", c.From)
	}
	if in.To, err = time.Parse(time.DateOnly, c.To); err != nil {
		return fmt.Errorf("%q is no day; write YYYY-MM-DD", c.To)
	}
	return c.run(ctx, set, s, in)
}

type exportCheck struct {
	File string `arg:"" type:"existingfile" help:"Bundle of evidence."`
}

// Run proves a bundle. It asks no database.
func (c *exportCheck) Run(s streams) error {
	content, err := os.ReadFile(c.File)
	if err != nil {
		return fmt.Errorf("read bundle: %w", err)
	}
	found, err := evidence.Check(content)
	if err != nil {
		return err
	}
	for _, f := range found.Findings {
		if _, err := fmt.Fprintf(s.out, "%s: %s\n", f.Path, f.Why); err != nil {
			return err
		}
	}
	if !found.OK() {
		return failure(1)
	}
	_, err = fmt.Fprintf(s.out, "%s: %d files as they were, %d rows of chains follow from one another, manifest SHA-256 %s\n",
		found.Manifest.Subject, len(found.Manifest.Files), found.Rows, found.SHA256)
	return err
}
