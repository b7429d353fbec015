package bench

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/inbox"
	"makegood/internal/db"
	"makegood/internal/demo/postoffice"
	"makegood/internal/scenario"
)

// What intake must reach: mails a second, and the part of the rate at which pgbench opens cases with judged clients.
const (
	mustMails     = 400
	mustMailsPart = 0.08
)

// IntakeFigures is what reading a full mailbox gave, beside the baseline of the same rounds. Costs are of the program, the mail
// server that it runs beside and the database's sessions.
type IntakeFigures struct {
	What       string  `json:"what"`
	Mails      int     `json:"mails"`
	Opened     Spread  `json:"opened_rate"`   // mails a second until the last case was open, its clocks running, its answer queued
	Answered   Spread  `json:"answered_rate"` // and until the last answer was with the mail server
	Baseline   Spread  `json:"baseline"`      // transactions a second of pgbench
	Ratio      Spread  `json:"ratio"`         // of answered and baseline, round by round
	Cost       Spread  `json:"cost_s"`        // processor seconds of 1,000 mails
	Memory     Spread  `json:"memory_mb"`     // the most the process held
	Commits    Spread  `json:"commits"`       // of a mail, from mailbox to answer
	Flushes    Spread  `json:"flushes"`
	Statements Spread  `json:"statements"`
	Trips      Spread  `json:"round_trips"`
	MustRate   float64 `json:"must_rate"`
	MustPart   float64 `json:"must_ratio"`
	Met        bool    `json:"met"`
}

type intakeBench struct {
	o     Options
	h     *house
	base  *baseline
	ready string
}

// intakeRun is what one measurement gave.
type intakeRun struct {
	opened, answered         time.Duration
	cost                     time.Duration
	memory                   float64
	commits, flushes         int64
	statements, trips, mails int
}

// Intake measures how many mails a second go from a full mailbox to opened and acknowledged cases, by the program as it works:
// it reads by IMAP, decides, opens, and answers by SMTP. Afterwards it proves that each mail has its case and its answer, and
// everything sound.
func Intake(ctx context.Context, o Options) (report Report, err error) {
	o = o.filled()
	report.Machine = NewMachine()
	b := intakeBench{o: o}
	if b.h, err = openHouse(ctx, o); err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, b.h.close(ctx)) }()
	if b.base, err = newBaseline(ctx, b.h); err != nil {
		return report, err
	}
	b.ready, err = b.h.make(ctx, "intake", o.Mails, func(ctx context.Context, database string) error {
		o.Say(fmt.Sprintf("Preparing %d customers and %d invoices", customers, o.Mails))
		s, err := o.Open(ctx, b.h.url(database)+"&synchronous_commit=off", true)
		if err != nil {
			return err
		}
		defer s.DB.Close()
		return prepareIntake(ctx, s, o.Mails)
	})
	if err != nil {
		return report, err
	}
	series := map[string]*intakeSeries{}
	for round := range o.Rounds {
		if err := b.turn(ctx, round, series); err != nil {
			return report, err
		}
	}
	for _, kind := range letters() {
		report.Intake = append(report.Intake, series[kind.what].figures(kind.what, o.Mails))
	}
	report.Machine, err = b.h.machine(ctx, report.Machine)
	return report, err
}

// turn measures the baseline and each sort of mail once.
func (b *intakeBench) turn(ctx context.Context, round int, series map[string]*intakeSeries) error {
	if err := b.h.quiet(ctx); err != nil {
		return err
	}
	base, err := b.base.run(ctx, caseScript, customers, judged, b.o.Seconds)
	if err != nil {
		return err
	}
	for _, kind := range letters() {
		got, err := b.measure(ctx, kind)
		if err != nil {
			return fmt.Errorf("take in %s: %w", kind.what, err)
		}
		if series[kind.what] == nil {
			series[kind.what] = &intakeSeries{}
		}
		series[kind.what].add(got, base)
		b.o.Say(fmt.Sprintf("round %d, %-19s %4.0f/s opened, %4.0f/s answered, %.1f s of processor for 1,000; pgbench %6.0f/s", round+1, kind.what+":",
			mailsPerSecond(got.mails, got.opened), mailsPerSecond(got.mails, got.answered), 1000*got.cost.Seconds()/float64(got.mails), base.rate))
	}
	return nil
}

func mailsPerSecond(n int, d time.Duration) float64 { return float64(n) / d.Seconds() }

// measure fills a mailbox, has the program work on a fresh copy of the prepared database, and waits until all is answered.
func (b *intakeBench) measure(ctx context.Context, kind letterKind) (run intakeRun, err error) {
	name, err := b.h.copy(ctx, b.ready)
	if err != nil {
		return run, err
	}
	office, err := b.fullMailbox(ctx, name, kind)
	if err != nil {
		return run, err
	}
	defer func() { err = errors.Join(err, office.Stop(context.WithoutCancel(ctx))) }()
	if run, err = b.work(ctx, name, office); err != nil {
		return run, err
	}
	w, err := b.o.Work(ctx, b.h.url(name), "", nil)
	if err != nil {
		return run, err
	}
	return run, errors.Join(proveIntake(ctx, w, run.mails, kind), w.Stop(context.WithoutCancel(ctx)))
}

// work starts the program on a full mailbox, waits for it and ends it.
func (b *intakeBench) work(ctx context.Context, database string, office *postoffice.Office) (run intakeRun, err error) {
	var asked statements
	w, err := b.o.Work(ctx, b.h.url(database), "smtp://"+office.SMTPAddr(), &asked)
	if err != nil {
		return run, err
	}
	err = addMailbox(ctx, w.Services, office.IMAPAddr())
	if err == nil {
		err = b.h.quiet(ctx)
	}
	before, errBefore := b.h.written(ctx, database)
	var looks int64
	if err = errors.Join(err, errBefore); err == nil {
		run, looks, err = b.watch(ctx, database, w, &asked)
	}
	if err = errors.Join(err, w.Stop(context.WithoutCancel(ctx))); err != nil { // a session tells what it did when it ends
		return run, err
	}
	after, err := b.h.written(ctx, database)
	run.commits, run.flushes = after.commits-before.commits-looks, after.flushes-before.flushes
	return run, err
}

// watch starts the program and waits until every answer is out. It tells how often it looked.
func (b *intakeBench) watch(ctx context.Context, database string, w Working, asked *statements) (intakeRun, int64, error) {
	run := intakeRun{mails: b.o.Mails}
	look, err := pgx.Connect(ctx, b.h.server.AdminURL(database))
	if err != nil {
		return run, 0, fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = look.Close(ctx) }()
	statements, trips := asked.asked.Load(), asked.trips.Load()
	forgetPeak()
	spent, began := ownTime(), b.o.Now()
	if err := w.Start(ctx); err != nil {
		return run, 0, err
	}
	looks, err := b.await(ctx, look, began, &run)
	if err != nil {
		return run, 0, err
	}
	run.memory = peak()
	sessions, err := b.h.sessions(ctx, database)
	run.cost = ownTime() - spent + spentBy(sessions)
	run.statements, run.trips = int(asked.asked.Load()-statements), int(asked.trips.Load()-trips)
	return run, looks, err
}

// await looks until every case is open and every answer out; it tells how often it looked.
func (b *intakeBench) await(ctx context.Context, look *pgx.Conn, began time.Time, run *intakeRun) (looks int64, err error) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		var queued, sent int
		if err := look.QueryRow(ctx, `select count(*), count(*) filter (where state = 'sent') from outgoing_messages`).Scan(&queued, &sent); err != nil {
			return looks, fmt.Errorf("look how far it is: %w", err)
		}
		looks++
		took := b.o.Now().Sub(began)
		if queued >= run.mails && run.opened == 0 {
			run.opened = took
		}
		if sent >= run.mails {
			run.answered = took
			return looks, nil
		}
		if took > longestIntake {
			return looks, fmt.Errorf("after %s only %d of %d mails were answered", took, sent, run.mails)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return looks, ctx.Err()
		}
	}
}

const (
	lookEvery     = 50 * time.Millisecond
	longestIntake = 10 * time.Minute
)

// writes counts what reached the disk.
type writes struct{ commits, flushes int64 }

// written tells how many transactions were committed in a database, and how often the server flushed to disk.
func (h *house) written(ctx context.Context, database string) (writes, error) {
	var n []int64
	err := h.ask(ctx, &n, `select array[xact_commit, (select wal_sync from pg_stat_wal)] from pg_stat_database where datname = $1`, database)
	if err != nil {
		return writes{}, err
	}
	return writes{n[0], n[1]}, nil
}

// fullMailbox opens a mail server with all the mails in the support mailbox.
func (b *intakeBench) fullMailbox(ctx context.Context, database string, kind letterKind) (*postoffice.Office, error) {
	dir := filepath.Join(b.h.scratch, "mail", database, kind.dir(b.o.Now()))
	office, err := postoffice.Start(ctx, postoffice.Config{
		Dir: dir, SMTPAddr: "127.0.0.1:0", IMAPAddr: "127.0.0.1:0", Hostname: "mail.bench.example",
		Accounts: []postoffice.Account{
			{User: mailUser, Password: mailPassword, Addresses: []string{scenario.SupportAddress}},
			{User: "customers", Password: mailPassword, CatchAll: true},
		},
	})
	if err != nil {
		return nil, err
	}
	err = b.fill(ctx, database, kind, office)
	if err != nil {
		return nil, errors.Join(err, office.Stop(context.WithoutCancel(ctx)))
	}
	return office, nil
}

const (
	mailUser     = "support"
	mailPassword = "benchmark-only"
)

func addMailbox(ctx context.Context, s Services, addr string) error {
	return s.DB.Do(ctx, func(tx *db.Tx) error {
		_, err := s.Inbox.AddMailboxTx(ctx, tx, inbox.NewMailbox{
			Address: scenario.SupportAddress, IMAPAddress: addr, Security: "none", Username: mailUser, Password: mailPassword,
		})
		return err
	})
}

// proveIntake fails a measurement in which anything but one case and one answer came of each mail.
func proveIntake(ctx context.Context, w Working, mails int, kind letterKind) error {
	queries := map[string]string{
		"cases with a first message": `select count(distinct c.id) from cases c join case_messages m on m.case_id = c.id and m.kind = 'inbound'`,
		"mails that opened a case":   `select count(distinct case_id) from inbound_messages where fate = 'new_case'`,
		"cases with clocks":          `select count(distinct case_id) from case_clocks`,
		"cases that were answered":   `select count(distinct case_id) from outgoing_messages where state = 'sent'`,
		"answers":                    `select count(*) from outgoing_messages`,
	}
	if kind.disputes {
		queries["cases that hold what they dispute"] = `select count(distinct d.case_id) from dispute_lines d join holds h on h.dispute_line_id = d.id`
	}
	for what, query := range queries {
		n, err := db.Value[int](ctx, w.DB, query)
		if err != nil {
			return err
		}
		if n != mails {
			return fmt.Errorf("%d mails, but %d %s", mails, n, what)
		}
	}
	return w.Verify(ctx)
}
