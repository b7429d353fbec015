package main

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"time"

	"makegood/billing"
	"makegood/billing/ratefile"
	"makegood/internal/access"
	"makegood/internal/app"
	"makegood/internal/errs"
)

type importRates struct {
	File   string `arg:"" help:"CSV: date,base,quote,rate, or the ECB's history with a column for each currency; - reads standard input."`
	Source string `required:"" placeholder:"NAME" help:"Who fixed the rates, e.g. ECB."`
	DryRun bool   `help:"Tell what would happen and keep nothing."`
}

// refusedLine is a line of the file that was not taken, with the reason.
type refusedLine struct {
	Line   int    `json:"line"`
	Reason string `json:"reason"`
}

type ratesImported struct {
	Source  string `json:"source"`
	DryRun  bool   `json:"dry_run,omitempty"`
	Added   int    `json:"added"`
	Known   int    `json:"known"`
	Refused int    `json:"refused"`
}

// Run imports the rates and prints one JSON object for each line refused, then the sum. It exits with 1 when a line was
// refused; the others are kept.
func (c *importRates) Run(ctx context.Context, set *settings, s streams) error {
	raw, err := readFile(c.File)
	if err != nil {
		return err
	}
	return closed(ctx, set, s, func(a *app.App) error {
		file, err := ratefile.Read(bytes.NewReader(raw))
		if err != nil {
			return a.Explain(err)
		}
		in := billing.RateImport{Source: c.Source, DryRun: c.DryRun, By: access.SystemActor("import.rates")}
		for _, r := range file.Rates {
			in.Rates = append(in.Rates, billing.Fixing{Base: r.Base, Quote: r.Quote, OnDate: r.On, Rate: r.Rate})
		}
		out, err := a.Billing.ImportRates(ctx, in)
		if err != nil {
			return a.Explain(err)
		}
		refused := refusedLines(a, file, out)
		answer := json.NewEncoder(s.out)
		for _, line := range refused {
			if err := answer.Encode(line); err != nil {
				return err
			}
		}
		if err := answer.Encode(ratesImported{c.Source, c.DryRun, out.Added, out.Known, len(refused)}); err != nil {
			return err
		}
		if len(refused) > 0 {
			return failure(1)
		}
		return nil
	})
}

// refusedLines says in English why lines were not taken, in the order of the file.
func refusedLines(a *app.App, file ratefile.File, out billing.RateOutcome) []refusedLine {
	var refused []refusedLine
	for _, r := range file.Rejected {
		refused = append(refused, refusedLine{r.Line, a.Say(r.Key, r.Params)})
	}
	lines := make(map[rateDay]int, len(file.Rates))
	for _, r := range file.Rates {
		lines[rateDay{string(r.Base) + string(r.Quote), r.On}] = r.Line
	}
	for _, r := range out.Refused {
		refused = append(refused, refusedLine{lines[rateDay{string(r.Base) + string(r.Quote), r.OnDate}], a.Say(billing.ErrRateKnown.Key, errs.Params{
			"base": string(r.Base), "quote": string(r.Quote), "on": r.OnDate.Format(time.DateOnly), "known": r.Known.String(), "source": r.KnownSource,
		})})
	}
	slices.SortStableFunc(refused, func(a, b refusedLine) int { return a.Line - b.Line })
	return refused
}

type rateDay struct {
	pair string
	on   time.Time
}
