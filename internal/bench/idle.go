package bench

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"makegood/internal/copies"
	"makegood/internal/demo/postoffice"
	"makegood/internal/scenario"
)

// What the program may weigh and do when nobody asks anything of it: MB of its file, milliseconds from its start until it is
// ready on a schema that is there, MB of memory, transactions a second.
const (
	mustFile   = 45
	mustReady  = 250
	mustMemory = 60
	mustWork   = 15
)

// settling is how long a copy is left alone before it is looked at: what comes once after a start is no idle work.
const settling = 15 * time.Second

// IdleFigure is one of the things that the program costs while it does nothing.
type IdleFigure struct {
	What string  `json:"what"`
	Unit string  `json:"unit"`
	Is   Spread  `json:"is"`
	Must float64 `json:"must"`
	Met  bool    `json:"met"`
}

// Idle measures a copy of the running program with both roles, a company and one mailbox that it reads, from outside: how large
// its file is, how soon it is ready, and, once it has settled, what memory it holds and how many transactions it makes.
func Idle(ctx context.Context, o Options) (report Report, err error) {
	o = o.filled()
	report.Machine = NewMachine()
	h, err := openHouse(ctx, o)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, h.close(ctx)) }()
	office, err := postoffice.Start(ctx, postoffice.Config{
		Dir: filepath.Join(h.scratch, "idle-mail"), SMTPAddr: "127.0.0.1:0", IMAPAddr: "127.0.0.1:0", Hostname: "mail.bench.example",
		Accounts: []postoffice.Account{{User: mailUser, Password: mailPassword, Addresses: []string{scenario.SupportAddress}}},
	})
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, office.Stop(context.WithoutCancel(ctx))) }()
	name, err := idleDatabase(ctx, h, o, office)
	if err != nil {
		return report, err
	}
	var ready, memory, work []float64
	for round := range o.Rounds {
		got, err := h.idle(ctx, o, name, office)
		if err != nil {
			return report, err
		}
		o.Say(fmt.Sprintf("round %d: ready after %.0f ms, %.0f MB, %.1f transactions/s", round+1, got.ready, got.memory, got.work))
		ready, memory, work = append(ready, got.ready), append(memory, got.memory), append(work, got.work)
	}
	file, err := ownFile()
	if err != nil {
		return report, err
	}
	report.Idle = []IdleFigure{
		idleFigure("file of the program", "MB", []float64{file}, mustFile), idleFigure("start to ready", "ms", ready, mustReady),
		idleFigure("memory", "MB", memory, mustMemory), idleFigure("transactions", "/s", work, mustWork),
	}
	report.Machine, err = h.machine(ctx, report.Machine)
	return report, err
}

func idleFigure(what, unit string, figures []float64, must float64) IdleFigure {
	is := Median(figures)
	return IdleFigure{What: what, Unit: unit, Is: is, Must: must, Met: is.Median <= must}
}

// idleDatabase is a fresh one with a company whose mailbox is on the mail server.
func idleDatabase(ctx context.Context, h *house, o Options, office *postoffice.Office) (string, error) {
	ready, err := h.make(ctx, "idle", 1, func(ctx context.Context, database string) error {
		s, err := o.Open(ctx, h.url(database), true)
		if err != nil {
			return err
		}
		defer s.DB.Close()
		_, err = scenario.Build(ctx, scenario.Services{DB: s.DB, People: s.People, Billing: s.Billing, Inbox: s.Inbox, Cases: s.Cases, Credits: s.Credits}, scenario.Options{})
		return err
	})
	if err != nil {
		return "", err
	}
	name, err := h.copy(ctx, ready)
	if err != nil {
		return "", err
	}
	s, err := o.Open(ctx, h.url(name), true)
	if err != nil {
		return "", err
	}
	defer s.DB.Close()
	return name, addMailbox(ctx, s, office.IMAPAddr())
}

type idleRound struct{ ready, memory, work float64 }

// idle starts a copy, leaves it alone, and looks at it from outside.
func (h *house) idle(ctx context.Context, o Options, database string, office *postoffice.Office) (idleRound, error) {
	var got idleRound
	c, err := copies.Start(ctx, copies.Settings{Env: []string{
		"MAKEGOOD_DATABASE_URL=" + h.url(database), "MAKEGOOD_SECRET_KEY=" + rand.Text() + rand.Text(), "MAKEGOOD_ROLE=all",
		"MAKEGOOD_PUBLIC_URL=http://127.0.0.1", "MAKEGOOD_SMTP_URL=smtp://" + office.SMTPAddr(),
	}})
	if err != nil {
		return got, err
	}
	defer c.Stop(context.WithoutCancel(ctx))
	got.ready = float64(c.Took.Microseconds()) / 1000
	if err := pause(ctx, settling); err != nil {
		return got, err
	}
	before, err := h.transactions(ctx, database)
	if err != nil {
		return got, err
	}
	if err := pause(ctx, time.Duration(o.Seconds)*time.Second); err != nil {
		return got, err
	}
	after, err := h.transactions(ctx, database)
	got.work, got.memory = float64(after-before)/float64(o.Seconds), c.Memory()
	return got, err
}

// transactions of a database so far, finished either way. Who asks is connected to another one and does not count.
func (h *house) transactions(ctx context.Context, database string) (int64, error) {
	var n int64
	err := h.ask(ctx, &n, `select xact_commit + xact_rollback from pg_stat_database where datname = $1`, database)
	return n, err
}

func ownFile() (float64, error) {
	path, err := os.Executable()
	if err != nil {
		return 0, fmt.Errorf("find the program: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, fmt.Errorf("look at the program: %w", err)
	}
	return float64(info.Size()) / 1e6, nil
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func writeIdle(w io.Writer, list []IdleFigure) {
	_, _ = fmt.Fprintln(w, "doing nothing\tis\tleast–most\tmust\t")
	for _, f := range list {
		_, _ = fmt.Fprintf(w, "%s\t%.1f %s\t%.1f–%.1f\t%s\t\n", f.What, f.Is.Median, f.Unit, f.Is.Least, f.Is.Most, fmt.Sprintf("%s: %.0f %s", met(f.Met), f.Must, f.Unit))
	}
}
