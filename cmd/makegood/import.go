package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"makegood/billing"
	"makegood/billing/importer"
	"makegood/billing/importer/table"
	"makegood/internal/access"
	"makegood/internal/app"
	"makegood/internal/errs"
)

type importCommand struct {
	Rates        importRates        `cmd:"" help:"Exchange rates from a CSV file."`
	Stripe       importStripe       `cmd:"" help:"Bring Stripe objects in from JSON files: customers, invoices, charges, credit notes."`
	CSV          importCSV          `cmd:"" name:"csv" help:"Bring a CSV or XLSX file in."`
	Openbalances importOpenbalances `cmd:"" help:"Bring in what was open when books are taken over, from a CSV or XLSX file."`
}

// importFlags are shared by all imports.
type importFlags struct {
	DryRun       bool   `help:"Read and check only; nothing is kept."`
	AllOrNothing bool   `help:"Bring in the whole file or nothing of it; else each record stands for itself."`
	Entity       string `help:"Code of the legal entity; may be left out where there is only one."`
	System       string `help:"Name of the system the records come from; records are known again by it."`
	As           string `placeholder:"EMAIL" help:"Who brings it in; without it the system does."`
	Rejected     string `placeholder:"FILE" help:"Write the rows that were not taken to a CSV file, with the reasons."`
}

// tableFlags say how a table is read where that is not found by itself.
type tableFlags struct {
	Preset      string            `help:"Whose export it is: netsuite, oracle, salesforce, aws-marketplace, ebanx, tesorio, open-balances, makegood."`
	Map         map[string]string `placeholder:"FIELD=COLUMN" help:"Column of a field; may be repeated."`
	Default     map[string]string `placeholder:"FIELD=VALUE" help:"Value of a field without a column, such as currency=EUR; may be repeated."`
	DateOrder   string            `placeholder:"ORDER" help:"DD.MM.YYYY, MM/DD/YYYY, YYYY-MM-DD or unix, where the file does not say."`
	DecimalMark string            `placeholder:"MARK" help:"Point or comma, where the file does not say."`
	CreditPref  string            `name:"credit-prefix" placeholder:"PREFIX" help:"Invoice numbers that begin with it are credit notes."`
	Sheet       string            `help:"Sheet of a workbook."`
	Charset     string            `help:"Charset of a CSV file, where it is not found."`
	Remember    bool              `help:"Remember how the columns were read, for the next file of this system."`
}

func (t tableFlags) options() importer.Options {
	m := importer.Mapping{
		Preset: t.Preset, DateOrder: importer.DateOrder(t.DateOrder), DecimalMark: t.DecimalMark, CreditPrefix: t.CreditPref,
		Columns: map[importer.Field]string{}, Defaults: map[importer.Field]string{},
	}
	for field, column := range t.Map {
		m.Columns[importer.Field(field)] = column
	}
	for field, value := range t.Default {
		m.Defaults[importer.Field(field)] = value
	}
	return importer.Options{Mapping: m, Table: table.Options{Sheet: t.Sheet, Charset: t.Charset}}
}

type importStripe struct {
	importFlags
	Files []string `arg:"" name:"file" type:"existingfile" help:"JSON files: objects, lists, events, or one value a line. They are brought in as one."`
}

// Run brings Stripe's objects in.
func (c *importStripe) Run(ctx context.Context, set *settings, s streams) error {
	in := billing.NewImport{System: "stripe", Kind: billing.StripeFile}
	return c.run(ctx, set, s, in, c.Files)
}

type importCSV struct {
	importFlags
	tableFlags
	KIND string `arg:"" enum:"customers,invoices,payments,credit_notes,open_balances,rates,generic" help:"What it holds: ${enum}."`
	File string `arg:"" type:"existingfile" help:"CSV or XLSX file."`
}

// Run brings a table in.
func (c *importCSV) Run(ctx context.Context, set *settings, s streams) error {
	in := billing.NewImport{System: "csv", Kind: importer.Kind(c.KIND), Options: c.options(), Remember: c.Remember}
	if c.Preset != "" {
		in.System = c.Preset
	}
	return c.run(ctx, set, s, in, []string{c.File})
}

type importOpenbalances struct {
	importFlags
	tableFlags
	File string `arg:"" type:"existingfile" help:"CSV or XLSX file."`
}

// Run brings open balances in.
func (c *importOpenbalances) Run(ctx context.Context, set *settings, s streams) error {
	in := billing.NewImport{System: "opening", Kind: importer.OpenBalances, Options: c.options(), Remember: c.Remember}
	return c.run(ctx, set, s, in, []string{c.File})
}

// run stages the files as one batch, brings it in unless only asked to look, and reports. Exit 1 when anything was not taken.
func (f importFlags) run(ctx context.Context, set *settings, s streams, in billing.NewImport, files []string) error {
	return closed(ctx, set, s, func(a *app.App) error {
		var err error
		if in.EntityID, err = entityNamed(ctx, a, f.Entity); err != nil {
			return err
		}
		if in.By, err = f.actor(ctx, a); err != nil {
			return a.Explain(err)
		}
		if f.System != "" {
			in.System = f.System
		}
		in.AllOrNothing = f.AllOrNothing
		src, names, err := openAll(files)
		if err != nil {
			return err
		}
		in.Filename = names
		batch, err := a.Billing.StageImport(ctx, in, src)
		if err := errors.Join(err, src.Close()); err != nil {
			if f.DryRun && batch.ID != 0 {
				err = errors.Join(err, a.Billing.DiscardImport(ctx, batch.ID, in.By))
			}
			return a.Explain(err)
		}
		return f.finish(ctx, a, s, in.By, batch)
	})
}

func (f importFlags) finish(ctx context.Context, a *app.App, s streams, by access.Actor, batch billing.ImportBatch) error {
	if !f.DryRun {
		err := a.Billing.StartImport(ctx, batch.ID, by)
		if err == nil {
			err = a.Billing.RunImport(ctx, batch.ID)
		}
		if err != nil && !errors.Is(err, billing.ErrImportRejected) {
			return a.Explain(err)
		}
	}
	bad, err := f.report(ctx, a, s, by, batch.ID)
	if err != nil {
		return err
	}
	if f.DryRun {
		if err := a.Billing.DiscardImport(ctx, batch.ID, by); err != nil {
			return a.Explain(err)
		}
	}
	if bad {
		return failure(1)
	}
	return nil
}

// imported is the report of an import, as one line of JSON.
type imported struct {
	Import   billing.ImportID     `json:"import,omitempty"`
	File     string               `json:"file"`
	DryRun   bool                 `json:"dry_run,omitempty"`
	State    billing.ImportState  `json:"state"`
	Rows     int64                `json:"rows"`
	Counts   billing.ImportCounts `json:"counts"`
	Rejected []notTaken           `json:"rejected,omitempty"`
}

type notTaken struct {
	Row      int                    `json:"row"`
	Column   string                 `json:"column,omitempty"`
	State    billing.ImportRowState `json:"state"`
	External string                 `json:"id,omitempty"`
	Reason   string                 `json:"reason"`
	Got      string                 `json:"got,omitempty"`
	Expected string                 `json:"expected,omitempty"`
}

func (f importFlags) report(ctx context.Context, a *app.App, s streams, by access.Actor, id billing.ImportID) (bad bool, err error) {
	batch, err := a.Billing.Import(ctx, by, id)
	if err != nil {
		return false, a.Explain(err)
	}
	out := imported{Import: batch.ID, File: batch.Filename, DryRun: f.DryRun, State: batch.State, Rows: batch.RowsRead}
	if out.Counts, err = a.Billing.ImportCounts(ctx, by, id); err != nil {
		return false, a.Explain(err)
	}
	if out.Rejected, err = rejectedRows(ctx, a, by, id); err != nil {
		return false, a.Explain(err)
	}
	if f.Rejected != "" {
		if err := f.writeRejected(ctx, a, by, id); err != nil {
			return false, err
		}
	}
	return len(out.Rejected) > 0 || batch.State == billing.ImportFailed, json.NewEncoder(s.out).Encode(out)
}

func rejectedRows(ctx context.Context, a *app.App, by access.Actor, id billing.ImportID) ([]notTaken, error) {
	var list []notTaken
	filter := billing.ImportRowFilter{States: []string{string(billing.RowRejected), string(billing.RowFailed), string(billing.RowConflict)}, Limit: 500}
	for {
		page, err := a.Billing.ImportRows(ctx, by, id, filter)
		if err != nil {
			return nil, err
		}
		for _, r := range page.Rows {
			for _, reason := range r.Reasons {
				list = append(list, notTaken{
					Row: reason.Row, Column: reason.Column, State: r.State, External: r.ExternalID, Reason: a.Say(reason.Key, reason.Params),
					Got: reason.Got, Expected: reason.Expected,
				})
			}
		}
		if page.Next == "" {
			return list, nil
		}
		filter.After = page.Next
	}
}

func (f importFlags) writeRejected(ctx context.Context, a *app.App, by access.Actor, id billing.ImportID) error {
	file, err := os.Create(f.Rejected)
	if err != nil {
		return err
	}
	err = a.Billing.WriteRejectedRows(ctx, by, id, file, func(key string, params errs.Params) string { return a.Say(key, params) })
	return errors.Join(err, file.Close())
}

func (f importFlags) actor(ctx context.Context, a *app.App) (access.Actor, error) {
	return actorNamed(ctx, a, f.As, "makegood import")
}

// entityNamed finds the legal entity by its code, or the only one there is.
func entityNamed(ctx context.Context, a *app.App, code string) (billing.EntityID, error) {
	list, err := a.Billing.Entities(ctx)
	if err != nil {
		return 0, err
	}
	var codes []string
	for _, e := range list {
		if strings.EqualFold(e.Code, code) || code == "" && len(list) == 1 {
			return e.ID, nil
		}
		codes = append(codes, e.Code)
	}
	if len(codes) == 0 {
		return 0, errors.New("there is no legal entity yet")
	}
	return 0, fmt.Errorf("name the legal entity by --entity: %s", strings.Join(codes, ", "))
}

// joined reads files one after the other, each beginning on a line of its own.
type joined struct {
	io.Reader
	files []*os.File
}

// Close closes all files.
func (j joined) Close() error {
	var err error
	for _, f := range j.files {
		err = errors.Join(err, f.Close())
	}
	return err
}

func openAll(paths []string) (joined, string, error) {
	var j joined
	var readers []io.Reader
	names := make([]string, len(paths))
	for i, path := range paths {
		file, err := os.Open(path)
		if err != nil {
			return j, "", errors.Join(err, j.Close())
		}
		j.files, names[i] = append(j.files, file), filepath.Base(path)
		if i > 0 {
			readers = append(readers, strings.NewReader("\n"))
		}
		readers = append(readers, file)
	}
	j.Reader = io.MultiReader(readers...)
	return j, strings.Join(names, ", "), nil
}
