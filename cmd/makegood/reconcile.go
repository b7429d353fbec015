package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"makegood/billing"
	"makegood/billing/importer"
	"makegood/billing/reconcile"
	"makegood/billing/reconciling"
	"makegood/internal/access"
	"makegood/internal/app"
)

type reconcileCommand struct {
	tableFlags
	Entity     string   `help:"Code of the legal entity; may be left out where there is only one."`
	Source     string   `help:"Name of the other system; stripe for Stripe's objects in JSON."`
	Kind       string   `enum:"invoices,credit_notes,payments" default:"invoices" help:"What a table holds: ${enum}."`
	From       string   `placeholder:"DAY" help:"First day that is compared; without it the whole months of the file."`
	To         string   `placeholder:"DAY" help:"Last day that is compared."`
	Covers     []string `placeholder:"KIND" help:"Kinds of document that the file gives whole: invoice, credit_memo, payment, refund."`
	DaysApart  int      `default:"5" help:"Days that documents without a number in common may be apart."`
	TimingDays int      `default:"3" help:"Days from an end of the period within which a difference is one of timing."`
	MemosWait  string   `enum:",here,there" default:"" help:"Side that applies a credit memo only after its invoice was paid: here or there."`
	Again      bool     `help:"Compare a file that was compared before once more."`
	Findings   bool     `help:"Print each difference, one JSON object a line, before the sum."`
	As         string   `placeholder:"EMAIL" help:"Who compares; without it the system does."`
	File       string   `arg:"" type:"existingfile" help:"CSV, XLSX or JSON file."`
}

// reconciled is the sum of a comparison, as one line of JSON.
type reconciled struct {
	Reconciliation reconciling.ID          `json:"reconciliation"`
	File           string                  `json:"file"`
	State          reconciling.State       `json:"state"`
	From           string                  `json:"from,omitempty"`
	To             string                  `json:"to,omitempty"`
	Rows           int64                   `json:"rows"`
	Here           int64                   `json:"here"`
	There          int64                   `json:"there"`
	Matched        int64                   `json:"matched"`
	Differences    map[reconcile.Class]int `json:"differences"`
	Unexplained    int                     `json:"unexplained"`
	Proven         bool                    `json:"proven"`
	Failure        string                  `json:"failure,omitempty"`
}

type foundLine struct {
	Difference reconcile.Class        `json:"difference"`
	Number     string                 `json:"number"`
	Here       *reconciling.Paper     `json:"here,omitempty"`
	There      *reconciling.Paper     `json:"there,omitempty"`
	Gap        []reconciling.Sum      `json:"gap,omitempty"`
	Rows       []int                  `json:"rows,omitempty"`
	Reason     string                 `json:"reason,omitempty"`
	Resolution reconciling.Resolution `json:"resolution"`
}

// Run compares a file with the books and prints the counts. It exits with 1 when a difference is unexplained, when the proof
// does not add up, or when the file cannot be compared.
func (c *reconcileCommand) Run(ctx context.Context, set *settings, s streams) error {
	in, err := c.run()
	if err != nil {
		return err
	}
	return closed(ctx, set, s, func(a *app.App) error {
		if in.EntityID, err = entityNamed(ctx, a, c.Entity); err != nil {
			return err
		}
		if in.By, err = actorNamed(ctx, a, c.As, "makegood reconcile"); err != nil {
			return a.Explain(err)
		}
		run, err := c.compare(ctx, a, in)
		if err != nil {
			return a.Explain(err)
		}
		return c.report(ctx, a, s, in.By, run)
	})
}

func (c *reconcileCommand) run() (reconciling.NewRun, error) {
	o := c.options()
	in := reconciling.NewRun{
		Source: c.Source, Kind: importer.Kind(c.Kind), Filename: filepath.Base(c.File),
		Settings: reconciling.Settings{
			Mapping: o.Mapping, Sheet: o.Table.Sheet, Charset: o.Table.Charset, DaysApart: c.DaysApart, TimingDays: c.TimingDays, MemosWait: reconcile.System(c.MemosWait),
		},
	}
	switch {
	case c.Source == "stripe":
		in.Kind, in.Mapping = billing.StripeFile, importer.Mapping{}
	case c.Source == "" && c.Preset != "":
		in.Source = c.Preset
	}
	for _, kind := range c.Covers {
		in.Covers = append(in.Covers, reconcile.Kind(kind))
	}
	for _, day := range []struct {
		text string
		to   *time.Time
	}{{c.From, &in.From}, {c.To, &in.To}} {
		if day.text == "" {
			continue
		}
		var err error
		if *day.to, err = time.Parse(time.DateOnly, day.text); err != nil {
			return in, err
		}
	}
	return in, nil
}

func (c *reconcileCommand) compare(ctx context.Context, a *app.App, in reconciling.NewRun) (reconciling.Run, error) {
	file, err := os.Open(c.File)
	if err != nil {
		return reconciling.Run{}, err
	}
	defer func() { _ = file.Close() }()
	run, fresh, err := a.Reconciling.Start(ctx, in, file)
	if err == nil && c.Again && !fresh && run.State.Finished() {
		run, err = a.Reconciling.Again(ctx, run.ID, in.By)
	}
	if err != nil {
		return run, err
	}
	if err := a.Reconciling.Work(ctx, run.ID); err != nil {
		return run, err
	}
	return a.Reconciling.Run(ctx, in.By, run.ID)
}

func (c *reconcileCommand) report(ctx context.Context, a *app.App, s streams, by access.Actor, run reconciling.Run) error {
	counts, err := a.Reconciling.Counts(ctx, by, run.ID)
	if err != nil {
		return a.Explain(err)
	}
	out := json.NewEncoder(s.out)
	if c.Findings {
		if err := printFindings(ctx, a, out, by, run.ID); err != nil {
			return a.Explain(err)
		}
	}
	sum := reconciled{
		Reconciliation: run.ID, File: run.Filename, State: run.State, Rows: run.RowsRead, Here: run.Ours, There: run.Theirs, Matched: run.Matched,
		Differences: map[reconcile.Class]int{}, Unexplained: reconciling.Unexplained(counts), Proven: run.Proven,
	}
	if run.PeriodFrom != nil && run.PeriodTo != nil {
		sum.From, sum.To = run.PeriodFrom.Format(time.DateOnly), run.PeriodTo.Format(time.DateOnly)
	}
	for _, n := range counts {
		sum.Differences[n.Class] += n.Count
	}
	if run.Failure != nil {
		sum.Failure = a.Say(run.Failure.Key, run.Failure.Params)
	}
	if err := out.Encode(sum); err != nil {
		return err
	}
	if run.State != reconciling.Done || sum.Unexplained > 0 || !run.Proven {
		return failure(1)
	}
	return nil
}

func printFindings(ctx context.Context, a *app.App, out *json.Encoder, by access.Actor, id reconciling.ID) error {
	filter := reconciling.FindingFilter{Limit: 500}
	for {
		page, err := a.Reconciling.Findings(ctx, by, id, filter)
		if err != nil {
			return err
		}
		for _, f := range page.Rows {
			line := foundLine{Difference: f.Class, Number: f.Number, Here: f.Here, There: f.There, Gap: f.Gap, Rows: f.Rows, Resolution: f.Resolution}
			if f.Reason != nil {
				line.Reason = a.Say(f.Reason.Key, f.Reason.Params)
			}
			if err := out.Encode(line); err != nil {
				return err
			}
		}
		if page.Next == "" {
			return nil
		}
		filter.After = page.Next
	}
}
