package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/internal/app"
	"makegood/internal/bench"
	"makegood/internal/config"
)

type benchCommand struct {
	Intake    benchIntake    `cmd:"" help:"Mails a second from a full mailbox to opened and acknowledged cases, beside what pgbench reaches."`
	Post      benchPost      `cmd:"" help:"Credit memos posted a second, beside what pgbench reaches."`
	Reports   benchReports   `cmd:"" help:"Aging, DSO and indicators of receivables as of past days."`
	Classify  benchClassify  `cmd:"" help:"What mail is about: macro-F1 by cross-validation, training time, texts a second."`
	Authority benchAuthority `cmd:"" help:"Who must approve: chains a second on one core for the demo policy."`
	List      benchList      `cmd:"" help:"Queue, views, case, search and board over many cases: p50, p95 and p99 of the rendered page."`
	Preview   benchPreview   `cmd:"" help:"Preview of a credit among many posted memos, and the check of an API token: p50, p95 and p99 of the request."`
	Idle      benchIdle      `cmd:"" help:"What the program costs while it does nothing: its file, start to ready, memory, transactions a second."`
	Timers    benchTimers    `cmd:"" help:"How late timers are when many clocks reach a threshold within ten seconds, beside River's own floor."`
	All       benchAll       `cmd:"" help:"Every benchmark, one after the other."`
}

// benchFlags are common to all benchmarks.
type benchFlags struct {
	Dir     string `help:"Keep database and prepared data there; without it both are temporary." placeholder:"DIR"`
	Scale   int    `default:"1" help:"How much is prepared: thousands of approved requests of each sort, millions of invoices."`
	Seconds int    `default:"5" help:"Of each measurement at most."`
	Rounds  int    `default:"3" help:"Of all measurements, one after the other."`
	Clients []int  `default:"1,4,16" help:"How many work at once."`
	JSON    bool   `help:"Print JSON instead of a table."`
}

func (f benchFlags) options(s streams) bench.Options {
	return bench.Options{
		Dir: f.Dir, Scale: f.Scale, Seconds: f.Seconds, Rounds: f.Rounds, Clients: f.Clients,
		Say:  func(text string) { _, _ = fmt.Fprintln(s.err, text) },
		Open: openForBench,
		Work: workForBench,
		Now:  time.Now, //nolint:forbidigo // a benchmark reads the clock
	}
}

// openForBench builds the services as the server does.
func openForBench(ctx context.Context, url string, dropJobs bool) (bench.Services, error) {
	a, err := app.New(ctx, config.Config{DatabaseURL: url, SecretKey: rand.Text() + rand.Text(), PublicURL: "http://127.0.0.1"},
		app.Options{Logger: slog.New(slog.DiscardHandler), DropJobs: dropJobs})
	if err != nil {
		return bench.Services{}, err
	}
	s := benchServices(a)
	s.Pages, err = a.Handler() //nolint:contextcheck // pages take the context of their request
	return s, err
}

func benchServices(a *app.App) bench.Services {
	return bench.Services{DB: a.DB, People: a.People, Billing: a.Billing, Cases: a.Cases, Credits: a.Credits, Inbox: a.Inbox, Job: a.Jobs.Work}
}

// workForBench builds the program that works in the background.
func workForBench(ctx context.Context, url, smtp string, tracer pgx.QueryTracer) (bench.Working, error) {
	a, err := app.New(ctx, config.Config{DatabaseURL: url, SecretKey: rand.Text() + rand.Text(), PublicURL: "http://127.0.0.1", SMTPURL: smtp, Roles: []string{"worker"}},
		app.Options{Logger: slog.New(slog.DiscardHandler), Tracer: tracer})
	if err != nil {
		return bench.Working{}, err
	}
	return bench.Working{Services: benchServices(a), Start: a.Start, Stop: a.Stop, Verify: func(ctx context.Context) error {
		report, err := a.Verify(ctx)
		for _, check := range report.Checks {
			if err == nil && !check.OK {
				err = fmt.Errorf("%s: %s", check.Name, check.Fault)
			}
		}
		return err
	}}, nil
}

func (f benchFlags) print(s streams, r bench.Report) error {
	if f.JSON {
		return bench.WriteJSON(s.out, r)
	}
	return bench.WriteTable(s.out, r)
}

type benchIntake struct {
	benchFlags
	Mails int `help:"In the mailbox, instead of 2,000 times the scale."`
}

// Run measures intake.
func (c *benchIntake) Run(ctx context.Context, s streams) error {
	o := c.options(s)
	o.Mails = c.Mails
	report, err := bench.Intake(ctx, o)
	if err != nil {
		return err
	}
	return c.print(s, report)
}

type benchPost struct {
	benchFlags
	Requests int `help:"Approved requests of each sort, instead of 1,000 times the scale."`
}

// Run measures posting.
func (c *benchPost) Run(ctx context.Context, s streams) error {
	o := c.options(s)
	o.Requests = c.Requests
	report, err := bench.Post(ctx, o)
	if err != nil {
		return err
	}
	return c.print(s, report)
}

type benchReports struct {
	benchFlags
	Invoices int  `help:"How many invoices there are, instead of a million times the scale."`
	Plans    bool `help:"Have PostgreSQL write the plan of every statement into its log; with --dir it stays there."`
}

// Run measures the reports.
func (c *benchReports) Run(ctx context.Context, s streams) error {
	o := c.options(s)
	o.Invoices, o.Plans = c.Invoices, c.Plans
	report, err := bench.Reports(ctx, o)
	if err != nil {
		return err
	}
	return c.print(s, report)
}

type benchList struct {
	benchFlags
	Cases int  `help:"How many cases there are, with four messages each, instead of 10,000 times the scale."`
	Plans bool `help:"Have PostgreSQL write the plan of every statement into its log; with --dir it stays there."`
}

// Run measures the pages on which work is found.
func (c *benchList) Run(ctx context.Context, s streams) error {
	o := c.options(s)
	o.Cases, o.Plans = c.Cases, c.Plans
	report, err := bench.List(ctx, o)
	if err != nil {
		return err
	}
	return c.print(s, report)
}

type benchPreview struct {
	benchFlags
	Memos int  `help:"How many are posted, instead of a million times the scale."`
	Plans bool `help:"Have PostgreSQL write the plan of every statement into its log; with --dir it stays there."`
}

// Run measures the preview of a credit.
func (c *benchPreview) Run(ctx context.Context, s streams) error {
	o := c.options(s)
	o.Memos, o.Plans = c.Memos, c.Plans
	report, err := bench.Preview(ctx, o)
	if err != nil {
		return err
	}
	return c.print(s, report)
}

type benchTimers struct {
	benchFlags
	Timers int `help:"How many are due within ten seconds, instead of 20,000 times the scale."`
}

// Run measures timers.
func (c *benchTimers) Run(ctx context.Context, s streams) error {
	o := c.options(s)
	o.Timers = c.Timers
	report, err := bench.Timers(ctx, o)
	if err != nil {
		return err
	}
	return c.print(s, report)
}

type benchClassify struct {
	File   string `arg:"" optional:"" help:"CSV of text and class with a line of heads; without it the shipped texts." type:"existingfile"`
	Rounds int    `default:"3" help:"Of all measurements, one after the other."`
	JSON   bool   `help:"Print JSON instead of a table."`
}

// Run measures the classifier. It needs no database.
func (c *benchClassify) Run(ctx context.Context, s streams) error {
	f := benchFlags{Rounds: c.Rounds, JSON: c.JSON}
	report, err := bench.Classify(ctx, f.options(s), c.File)
	if err != nil {
		return err
	}
	return f.print(s, report)
}

type benchAuthority struct {
	Rounds  int  `default:"3" help:"Of the measurement."`
	Seconds int  `default:"2" help:"Of each round."`
	JSON    bool `help:"Print JSON instead of a table."`
}

// Run measures how fast the policy is worked out. It needs no database.
func (c *benchAuthority) Run(s streams) error {
	f := benchFlags{Rounds: c.Rounds, Seconds: c.Seconds, JSON: c.JSON}
	report, err := bench.Authority(f.options(s))
	if err != nil {
		return err
	}
	return f.print(s, report)
}

type benchIdle struct {
	Dir     string `help:"Keep database and prepared data there; without it both are temporary." placeholder:"DIR"`
	Seconds int    `default:"20" help:"That its transactions are counted."`
	Rounds  int    `default:"3" help:"Of start and measurement."`
	JSON    bool   `help:"Print JSON instead of a table."`
}

// Run measures a copy of this program from outside.
func (c *benchIdle) Run(ctx context.Context, s streams) error {
	f := benchFlags{Dir: c.Dir, Rounds: c.Rounds, Seconds: c.Seconds, JSON: c.JSON}
	report, err := bench.Idle(ctx, f.options(s))
	if err != nil {
		return err
	}
	return f.print(s, report)
}

type benchAll struct {
	benchFlags
}

// Run measures everything there is.
func (c *benchAll) Run(ctx context.Context, s streams) error {
	o := c.options(s)
	taken, err := bench.Intake(ctx, o)
	if err != nil {
		return err
	}
	posted, err := bench.Post(ctx, o)
	if err != nil {
		return err
	}
	read, err := bench.Reports(ctx, o)
	if err != nil {
		return err
	}
	sorted, err := bench.Classify(ctx, o, "")
	if err != nil {
		return err
	}
	listed, err := bench.List(ctx, o)
	if err != nil {
		return err
	}
	previewed, err := bench.Preview(ctx, o)
	if err != nil {
		return err
	}
	rung, err := bench.Timers(ctx, o)
	if err != nil {
		return err
	}
	drawn, err := bench.Authority(o)
	if err != nil {
		return err
	}
	return c.print(s, taken.Join(posted).Join(read).Join(sorted).Join(listed).Join(previewed).Join(rung).Join(drawn))
}
