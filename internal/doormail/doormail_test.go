package doormail_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wneessen/go-mail"

	"makegood/billing"
	"makegood/billing/document"
	"makegood/inbox/send"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/doormail"
	"makegood/internal/i18n"
	"makegood/internal/jobs"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/people"
	"makegood/internal/secrets"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

var errRefused = errors.New("550 no such mailbox")

// relay is a mail server that refuses some addresses, and keeps what it takes.
type relay struct {
	refuses string
	taken   []letter
}

type letter struct{ to, id, repeat, text string }

func (r *relay) RepeatHeader() string { return "X-Entity-Ref-ID" }

func (r *relay) Send(_ context.Context, m *mail.Msg) (send.Outcome, error) {
	var raw bytes.Buffer
	if _, err := m.WriteTo(&raw); err != nil {
		return send.Unclear, err
	}
	to := m.GetToString()[0]
	if r.refuses != "" && strings.Contains(to, r.refuses) {
		return send.Refused, errRefused
	}
	r.taken = append(r.taken, letter{to: to, id: m.GetMessageID(), repeat: m.GetGenHeader("X-Entity-Ref-ID")[0], text: raw.String()})
	return send.Accepted, nil
}

// post is the letters of a desk with an admin, a controller and two directors.
type post struct {
	*testing.T
	relay    relay
	db       *db.DB
	clock    *jobstest.Clock
	registry *jobs.Registry
	people   *people.Service
	service  *doormail.Service
	staff    map[string]people.User
}

func newPost(t *testing.T) *post {
	t.Helper()
	clock := jobstest.NewClock(time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC))
	p := &post{T: t, db: dbtest.NewAt(t, clock.Now), clock: clock, registry: jobs.NewRegistry(), staff: map[string]people.User{}}
	quiet := slog.New(slog.DiscardHandler)
	keys, err := secrets.New("a key that only these tests use, long enough")
	p.must(err)
	p.people, err = people.Open(p.db, quiet, people.Options{Cost: people.Cost{MemoryKiB: 64, Passes: 1}, Keys: keys, PublicURL: "https://desk.ostwind.example"})
	p.must(err)
	books := billing.New(p.db, document.New(), quiet)
	p.must(p.db.Do(t.Context(), func(tx *db.Tx) error {
		_, err := books.SeedEntityTx(t.Context(), tx, billing.Entity{
			Code: "OW", Name: "Ostwind GmbH", Address: "Hafen 1", Country: "DE", BaseCurrency: "EUR", SupportAddress: "billing@ostwind.example", SupportName: "Ostwind Billing",
		})
		return err
	}))
	words, err := i18n.Load()
	p.must(err)
	for name, role := range map[string]access.Role{"noor": access.Admin, "cleo": access.Controller, "dana": access.Director, "dirk": access.Director} {
		p.staff[name], err = p.people.AddUser(t.Context(), people.NewUser{
			Email: name + "@desk.example", Name: name, Password: "a long enough secret", Roles: []access.Role{role}, By: access.SystemActor("test"),
		})
		p.must(err)
	}
	p.service = &doormail.Service{People: p.people, Billing: books, Words: words, Sender: &p.relay, Logger: quiet, Clock: clock.Now, Public: "https://desk.ostwind.example/"}
	p.service.Register(p.registry)
	return p
}

func (p *post) must(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

// due are the arguments of the jobs of a kind, the oldest first.
func (p *post) due(kind string) [][]byte {
	p.Helper()
	list, err := db.Values[[]byte](p.Context(), p.db, `select args::text::bytea from river_job where kind = $1 order by id`, kind)
	p.must(err)
	return list
}

func (p *post) work(kind string, args []byte) error { return p.registry.Work(p.Context(), kind, args) }

// broken has the admin change the rules of the door alone.
func (p *post) broken() {
	p.Helper()
	_, err := p.people.Propose(p.Context(), people.ChangeInput{
		By: p.staff["noor"].Actor(), Kind: people.ChangeRules, Rules: people.Rules{StepUpMinutes: 5, Version: 1}, Reason: "Somebody is at the door right now", BreakGlass: true,
	})
	p.must(err)
}

func TestEachWatcherHasALetterOfTheirOwn(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	p.relay.refuses = "cleo@"
	p.broken()
	for range 2 { // cut off at its end, it is worked again
		p.must(p.work("people.glass_broken", p.due("people.glass_broken")[0]))
	}
	letters := p.due("people.write_of_glass")
	if len(letters) != 3 {
		t.Fatalf("%d letters: %s", len(letters), letters)
	}
	refused := 0
	for _, args := range letters {
		if err := p.work("people.write_of_glass", args); errors.Is(err, errRefused) {
			refused++
		} else {
			p.must(err)
		}
	}
	if refused != 1 || len(p.relay.taken) != 2 {
		t.Fatalf("%d refused, taken %+v", refused, p.relay.taken)
	}
	for _, l := range p.relay.taken {
		if !strings.Contains(l.text, "Somebody is at the door right now") || !strings.Contains(l.text, "https://desk.ostwind.example/settings/users/changes") {
			t.Errorf("%s", l.text)
		}
	}
	p.must(p.people.Deactivate(t.Context(), p.staff["noor"].Actor(), p.staff["cleo"].ID))
	p.relay.refuses = ""
	p.must(p.work("people.write_of_glass", letters[slices.IndexFunc(letters, func(a []byte) bool {
		return strings.Contains(string(a), fmt.Sprintf(`"watcher": %d}`, p.staff["cleo"].ID))
	})]))
	if len(p.relay.taken) != 2 {
		t.Errorf("written to somebody who was shut out: %+v", p.relay.taken[2])
	}
}

func TestALetterWrittenAgainIsTheSame(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	p.broken()
	p.must(p.people.AskReset(t.Context(), "dana@desk.example", people.Browser{}))
	p.must(p.work("people.glass_broken", p.due("people.glass_broken")[0]))
	for range 2 {
		for _, args := range p.due("people.write_of_glass") {
			p.must(p.work("people.write_of_glass", args))
		}
		p.must(p.work("people.send_link", p.due("people.send_link")[0]))
		p.clock.Add(time.Minute)
	}
	seen := map[string]int{}
	for _, l := range p.relay.taken {
		seen[l.to+l.id]++
		if l.id == "" || "<"+l.repeat+">" != l.id {
			t.Errorf("%s is told apart by %q, not %q", l.to, l.repeat, l.id)
		}
	}
	if len(p.relay.taken) != 8 || len(seen) != 4 {
		t.Errorf("%v", seen)
	}
}

func TestWithoutAMailServer(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	var log bytes.Buffer
	p.service.Sender, p.service.Logger = nil, slog.New(slog.NewTextHandler(&log, nil))
	p.must(p.people.AskReset(t.Context(), "dana@desk.example", people.Browser{}))
	p.must(p.work("people.send_link", p.due("people.send_link")[0]))
	if !strings.Contains(log.String(), "there is no mail server") || strings.Contains(log.String(), "/login/choose") {
		t.Errorf("%s", log.String())
	}
}
