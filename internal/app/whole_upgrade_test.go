package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"makegood/internal/access"
	"makegood/internal/api"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/scenario"
	"makegood/migrations"
)

// While two copies serve, the next version's `migrate up` adds a column to every table, an index and a table, one step after
// another as the rule for migrations says. Neither the copies of this version nor a copy started afterwards fails a request, and
// nothing that was accepted is lost.
func TestNextVersionMigratesUnderLoad(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	second := h.build(0)
	must(t, second.Start(t.Context()))
	l := &load{h: h, addresses: []string{h.app.Addr(), second.Addr()}, stop: make(chan struct{})}
	l.start()
	l.await(20)
	next := nextVersion(t, h)
	must(t, db.MigrateWith(t.Context(), dbtest.OwnerURL(t, h.app.DB), next))
	l.await(20)
	must(t, h.app.CheckSchema(t.Context())) // a copy of this version started now is content with the newer schema
	third := h.build(0)
	must(t, third.Start(t.Context()))
	l.end()

	if l.failed.Load() != 0 {
		t.Errorf("%d of %d requests failed, the first with %s", l.failed.Load(), l.asked.Load(), *l.first.Load())
	}
	until(t, "every approved credit to be posted", h.news, func() bool {
		return count(t, h.app.DB, `select count(*) from credit_memos`) == int(l.credits.Load())
	})
	if n := count(t, h.app.DB, `select count(*) from cases where subject like 'Load %'`); n != int(l.cases.Load()) {
		t.Errorf("%d cases of %d that were accepted", n, l.cases.Load())
	}
	until(t, "every acknowledgement to leave", h.news, func() bool {
		return count(t, h.app.DB, `select count(*) from outgoing_messages where state <> 'sent'`) == 0
	})
	if n := count(t, h.app.DB, `select count(*) from schema_checksums`); n != len(steps(t, next)) {
		t.Errorf("%d steps of %d are noted", n, len(steps(t, next)))
	}
	failed, err := db.Values[string](t.Context(), h.app.DB, `select kind || ': ' || (errors[1] ->> 'error') from river_job
		where state in ('retryable', 'discarded') or cardinality(errors) > 0`)
	if must(t, err); len(failed) != 0 {
		t.Errorf("%d jobs failed, also of those that went well afterwards: %s", len(failed), failed)
	}
	t.Logf("%d requests, %d cases, %d credits, %d steps of the next version", l.asked.Load(), l.cases.Load(), l.credits.Load(), len(steps(t, next))-len(steps(t, migrations.FS)))
	h.sound()
}

func steps(t *testing.T, files fs.FS) []string {
	t.Helper()
	names, err := fs.Glob(files, "*.sql")
	must(t, err)
	return names
}

// nextVersion are the migrations of a version that adds something everywhere.
func nextVersion(t *testing.T, h *house) fs.FS {
	t.Helper()
	files := fstest.MapFS{}
	for _, name := range steps(t, migrations.FS) {
		text, err := fs.ReadFile(migrations.FS, name)
		must(t, err)
		files[name] = &fstest.MapFile{Data: text}
	}
	tables, err := db.Values[string](t.Context(), h.app.DB, `select relname::text from pg_class
		where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
		and relname !~ '^(river_|schema_)' order by relname`)
	must(t, err)
	if len(tables) < 60 {
		t.Fatalf("only %d tables", len(tables))
	}
	number := 9000
	add := func(statement string) {
		number++
		files[fmt.Sprintf("%d_next.sql", number)] = &fstest.MapFile{Data: []byte("-- +goose NO TRANSACTION\n-- +goose Up\n" + statement + ";\n")}
	}
	for _, table := range tables {
		add("alter table " + table + " add column next_version_note text")
	}
	add("create table next_version_things (id bigint generated always as identity primary key)")
	add("create index concurrently next_version_cases on cases (subject)")
	add("alter table cases add constraint next_version_note_short check (length(next_version_note) < 100) not valid")
	add("alter table cases validate constraint next_version_note_short")
	return files
}

// load is people and other programs at work on several copies, until it is ended.
type load struct {
	h         *house
	addresses []string
	stop      chan struct{}
	working   sync.WaitGroup

	asked, failed, cases, credits atomic.Int64

	first atomic.Pointer[string]
	more  sync.Cond
}

const (
	loaders     = 4
	mostCredits = 400 // of 1.00 each, so that the invoice has enough to give
)

func (l *load) goesOn() bool {
	select {
	case <-l.stop:
		return false
	default:
		return true
	}
}

// credit is what two or three people do: one asks for a small credit in a case, the others approve.
func (l *load) credit(agent, senior, supervisor caller) {
	var c api.Case
	var request api.CreditRequest
	if !l.read(agent, "POST", "/cases", map[string]any{
		"type": "dispute", "subject": "Charged too much", "customer": l.h.Lumen.Account, "contact": ada, "message": "Too much.", "invoices": []string{l.h.LumenBill.Number},
	}, &c) || !l.read(agent, "POST", "/credit-requests", submitted(l.h.proposal(c.Number, "1.00")), &request) {
		return
	}
	for _, approver := range []caller{senior, supervisor} {
		if request.State == "pending" {
			l.read(approver, "POST", requestPath(request.ID)+"/approve", map[string]any{}, &request)
		}
	}
	if request.State == "approved" || request.State == "posted" {
		l.credits.Add(1)
	}
}

// read is ask for a request that makes something.
func (l *load) read(c caller, method, path string, in, out any) bool {
	l.asked.Add(1)
	a := c.try(method, path, in)
	if a.status/100 != 2 || json.Unmarshal(a.body, out) != nil {
		l.fails(method, path, a)
		return false
	}
	return true
}

func (l *load) fails(method, path string, a answer) {
	l.failed.Add(1)
	text := fmt.Sprintf("%s %s: %d: %s", method, path, a.status, strings.TrimSpace(string(a.body)))
	l.first.CompareAndSwap(nil, &text)
}

func (l *load) start() {
	l.more.L = &sync.Mutex{}
	agent, senior := l.h.as(access.Agent), l.h.as(access.Senior)
	supervisor := l.h.as(access.Supervisor)
	desk := l.h.browse(access.Senior)
	l.working.Go(func() {
		for i := 0; i < mostCredits && l.goesOn(); i++ {
			at := l.addresses[i%len(l.addresses)]
			l.credit(agent.on(at), senior.on(at), supervisor.on(at))
		}
	})
	for n := range loaders {
		l.working.Go(func() {
			for i := 0; l.goesOn(); i++ {
				at := l.addresses[i%len(l.addresses)]
				number := l.round(agent.on(l.addresses[(n+i)%len(l.addresses)]), senior.on(at), fmt.Sprintf("Load %d-%d", n, i))
				l.look(desk, at, "/cases/"+number)
			}
		})
	}
}

// round is what one person does: opens a case, and reads. It tells the number of the case.
func (l *load) round(agent, senior caller, subject string) string {
	var c api.Case
	if l.read(agent, "POST", "/cases", map[string]any{
		"type": "inquiry", "subject": subject, "customer": l.h.Lumen.Account, "contact": ada, "message": "How do I read my invoice?",
	}, &c) {
		l.cases.Add(1)
	}
	for _, path := range []string{
		"/cases/" + c.Number,
		"/cases", "/customers", "/invoices", "/credit-requests", "/credit-memos", "/me", "/invoices/" + l.h.LumenBill.Number,
		"/customers/" + l.h.Lumen.Account + "/balance",
	} {
		l.ask(senior, "GET", path, nil, http.StatusOK)
	}
	l.more.L.Lock()
	l.more.Broadcast()
	l.more.L.Unlock()
	return c.Number
}

// look opens a page of the desk.
func (l *load) look(desk browser, address, path string) {
	l.asked.Add(1)
	request, err := http.NewRequestWithContext(l.h.t.Context(), http.MethodGet, "http://"+address+path, nil)
	var response *http.Response
	if err == nil {
		response, err = desk.http.Do(request)
	}
	if err != nil {
		l.fails(http.MethodGet, path, answer{body: []byte(err.Error())})
		return
	}
	defer func() { _ = response.Body.Close() }()
	if body, err := io.ReadAll(response.Body); err != nil || response.StatusCode != http.StatusOK || !bytes.Contains(body, []byte(path)) {
		l.fails(http.MethodGet, path, answer{status: response.StatusCode, body: body})
	}
}

func (l *load) ask(c caller, method, path string, in any, status int) bool {
	l.asked.Add(1)
	a := c.try(method, path, in)
	if a.status != status {
		l.fails(method, path, a)
	}
	return a.status == status
}

// await returns when so many more cases have been opened.
func (l *load) await(n int64) {
	l.h.t.Helper()
	l.more.L.Lock()
	defer l.more.L.Unlock()
	for goal := l.cases.Load() + n; l.cases.Load() < goal && l.failed.Load() < goal; {
		l.more.Wait()
	}
}

func (l *load) end() {
	close(l.stop)
	l.working.Wait()
}
