package app_test

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/internal/app"
	"makegood/internal/copies"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/scenario"
	"makegood/internal/telemetry"
)

// A long run: ./dev soak 30m
var soakTime = flag.Duration("soak", 0, "how long faults are caused while the program works; without it each is caused once")

// soak is two copies of the program, each a process of its own, with a database and a mail server behind lines that can be cut.
type soak struct {
	*house
	desk       *desk
	server     *dbtest.Crashing
	imap, smtp *gate
	running    [2]process
	memory     []float64 // of both copies together, MB, after each round of faults
	lost       int       // of all that was begun, when it was counted last; failovers count so
	doubled    int       // likewise
}

// fault is something that goes wrong while the program works.
type fault struct {
	name   string
	cause  func(s *soak)
	times  int
	longer []time.Duration // until a mail and a credit that came after it were done
}

func faults() []*fault {
	return []*fault{
		{name: "a copy is killed", cause: (*soak).killOne},
		{name: "both copies are killed", cause: (*soak).killBoth},
		{name: "the database crashes", cause: func(s *soak) { s.server.Crash() }},
		{name: "every session of the database is ended", cause: (*soak).endSessions},
		{name: "a table stays locked until work waits", cause: (*soak).lockNumbers},
		{name: "a job that nobody can do", cause: (*soak).poison},
		{name: "the lines to the mail server are cut", cause: func(s *soak) { s.imap.cut(); s.smtp.cut() }},
		{name: "the mail server takes a mail and is gone", cause: (*soak).swallow},
	}
}

// TestSoak has people write, and credits asked for, approved and posted, while one fault after another is caused. In the end
// nothing is lost, nothing doubled, and books, chains, deadlines and mail are sound. It logs a table of what was caused.
func TestSoak(t *testing.T) {
	t.Parallel()
	s := openSoak(t)
	s.desk.start(2, 2)
	list := faults()
	for end := time.Now().Add(*soakTime); ; {
		rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		for _, f := range list {
			s.suffer(f)
		}
		s.memory = append(s.memory, s.size())
		if !time.Now().Before(end) || t.Failed() {
			break
		}
	}
	s.desk.end()
	mails, credits := int(s.desk.mails.Load()), int(s.desk.credits.Load())
	lost, doubled := s.balance(mails, credits)
	t.Log(s.table(list, mails, credits, lost, doubled))
	s.proves(mails)
}

// proves waits until all is done, ends both copies, and proves that books, chains, deadlines and mail are sound.
func (s *soak) proves(mails int) {
	s.t.Helper()
	s.settled()
	for _, p := range s.running {
		p.kill()
	}
	s.sound()
	s.acknowledgedOnce(mails)
	s.reconciled(mails + mails/5)
}

func openSoak(t *testing.T) *soak {
	t.Helper()
	server := dbtest.NewCrashing(t)
	s := openSoakOn(t, server.URL, "")
	s.server = server
	return s
}

// openSoakOn is a soak on a database that is there; sessions is the way to it without a pooler, where url leads through one.
func openSoakOn(t *testing.T, url, sessions string) *soak {
	t.Helper()
	s := &soak{house: &house{t: t, url: url, sessions: sessions, log: &record{}}}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(s.unexpected())
		}
	})
	s.office = openOffice(t)
	s.imap, s.smtp = openGate(t, s.office.IMAPAddr()), openGate(t, s.office.SMTPAddr())
	set := settings(s.url, s.office.SMTPAddr())
	set.SessionDatabaseURL = sessions
	var err error
	s.app, err = app.New(t.Context(), set, app.Options{
		Logger: telemetry.NewLogger(s.log, slog.LevelInfo), Passwords: scenario.QuickPasswords(),
	})
	must(t, err)
	s.Company, err = scenario.Build(t.Context(), servicesOf(s.app), scenario.Options{MailServer: s.imap.address(), MailUser: support, MailPassword: password})
	must(t, err)
	s.desk = newDesk(s.house)
	for i := range s.running {
		s.begin(i)
	}
	return s
}

// unexpected is what the program says of failed requests that no fault explains.
func (s *soak) unexpected() string {
	var text strings.Builder
	for line := range strings.Lines(s.log.text()) {
		if strings.Contains(line, "request failed") && !strings.Contains(line, "unavailable") {
			text.WriteString(line)
		}
	}
	return text.String()
}

// begin starts a copy.
func (s *soak) begin(i int) {
	s.t.Helper()
	s.running[i] = s.spawnWith(0, "web,worker", s.smtp.address())
	var addresses []string
	for _, p := range s.running {
		if p.address != "" {
			addresses = append(addresses, p.address)
		}
	}
	s.desk.open(addresses...)
}

// suffer causes a fault and measures how long it is until work that comes after it is done.
func (s *soak) suffer(f *fault) {
	s.t.Helper()
	f.cause(s)
	f.times++
	began := time.Now()
	s.desk.mail()
	s.desk.credit()
	f.longer = append(f.longer, time.Since(began))
}

// swallow has the mail server take a mail and the line cut before its answer.
func (s *soak) swallow() {
	s.t.Helper()
	taken := s.smtp.swallowAnswer()
	var writing sync.WaitGroup
	defer writing.Wait()
	writing.Go(s.desk.mail)
	select {
	case <-taken:
	case <-time.After(patience):
		s.t.Error("waited in vain for a mail whose answer is swallowed")
	}
}

func (s *soak) killOne() {
	i := rand.IntN(len(s.running))
	s.running[i].kill()
	s.begin(i)
}

func (s *soak) killBoth() {
	for _, p := range s.running {
		p.kill()
	}
	for i := range s.running {
		s.begin(i)
	}
}

// endSessions ends what the program does in the database, wherever it is.
func (s *soak) endSessions() {
	s.t.Helper()
	_, err := db.Value[int](s.t.Context(), s.app.DB, `select count(pg_terminate_backend(pid)) from pg_stat_activity
		where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`)
	must(s.t, err)
}

// lockNumbers holds the numbers of documents until a posting waits for them.
func (s *soak) lockNumbers() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	holder, err := pgx.Connect(ctx, s.url)
	must(s.t, err)
	defer func() { _ = holder.Close(context.WithoutCancel(ctx)) }()
	_, err = holder.Exec(ctx, `begin; lock table document_sequences in exclusive mode`)
	must(s.t, err)
	var waiting sync.WaitGroup
	defer waiting.Wait()
	waiting.Go(s.desk.credit)
	s.desk.until("a posting that waits", func(ctx context.Context) bool {
		waiting, err := db.Value[bool](ctx, s.app.DB, `select exists (select from pg_locks where relation = 'document_sequences'::regclass and not granted)`)
		return err == nil && waiting
	})
	_, err = holder.Exec(ctx, `rollback`)
	must(s.t, err)
}

// poison leaves a job that can never be done, and waits until it was given up.
func (s *soak) poison() {
	s.t.Helper()
	var id int64
	s.desk.until("a job to be accepted", func(ctx context.Context) bool {
		var err error
		id, err = db.Value[int64](ctx, s.app.DB, `insert into river_job (kind, args, max_attempts, queue) select kind, '{"ID": "no number"}', 1, queue from river_job
			where kind = 'credits.post_request' limit 1 returning id`)
		return err == nil
	})
	s.desk.until("the job to be given up", func(ctx context.Context) bool {
		state, err := db.Value[string](ctx, s.app.DB, `select state::text from river_job where id = $1`, id)
		return err == nil && (state == "discarded" || state == "cancelled")
	})
}

// size is the memory of both copies, in MB.
func (s *soak) size() float64 {
	sum := 0.0
	for _, p := range s.running {
		sum += copies.Memory(p.cmd.Process.Pid)
	}
	return sum
}

// balance counts what is missing and what is there twice, of mails and credits that were begun.
func (s *soak) balance(mails, credits int) (lost, doubled int) {
	s.t.Helper()
	less := func(what string, want int, query string) {
		n := count(s.t, s.app.DB, query)
		lost, doubled = lost+max(0, want-n), doubled+max(0, n-want)
		if n != want {
			s.t.Errorf("%d %s, want %d", n, what, want)
		}
	}
	less("cases that mails opened", mails, `select count(*) from cases c where exists (select from case_messages m where m.case_id = c.id and m.kind = 'inbound')`)
	less("answers to mails", mails, `select count(*) from outgoing_messages where kind = 'acknowledgement'`)
	less("credit memos", credits, `select count(*) from credit_memos`)
	less("credit requests that are posted", credits, `select count(*) from credit_requests where state = 'posted'`)
	less("credit requests", credits, `select count(*) from credit_requests`)
	less("numbers of memos in a row", credits, `select count(distinct sequence_no) from credit_memos where sequence_no between 1 and (select count(*) from credit_memos)`)
	less("invoices", credits+2, `select count(*) from invoices`)
	return lost, doubled
}

// settled waits until nothing is left to be done.
func (s *soak) settled() {
	s.desk.until("all work to be done", func(ctx context.Context) bool {
		left, err := db.Value[bool](ctx, s.app.DB, `select exists (select from inbound_messages where fate = 'pending')
			or exists (select from outgoing_messages where state in ('queued', 'sending'))
			or exists (select from river_job where state in ('available', 'running'))`)
		return err == nil && !left
	})
}

func (s *soak) table(list []*fault, mails, credits, lost, doubled int) string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\n%d mails, %d credits; lost %d, doubled %d; %d answers were refused or cut off and asked for again, %d were lost of what was carried out\n",
		mails, credits, lost, doubled, s.desk.refused.Load(), s.desk.lost.Load())
	fmt.Fprintln(w, "fault\ttimes\tseconds until later work was done: median\tlongest")
	slices.SortFunc(list, func(a, b *fault) int { return strings.Compare(a.name, b.name) })
	for _, f := range list {
		slices.Sort(f.longer)
		fmt.Fprintf(w, "%s\t%d\t%.2f\t%.2f\n", f.name, f.times, f.longer[len(f.longer)/2].Seconds(), f.longer[len(f.longer)-1].Seconds())
	}
	fmt.Fprintf(w, "memory of both copies after the rounds, MB: %.0f\n", s.memory)
	must(s.t, w.Flush())
	return text.String()
}
