package idempotency_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
	"makegood/internal/idempotency"
	"makegood/internal/jobs"
	"makegood/internal/jobs/jobstest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// desk is the service under a clock, and a request that it knows.
type desk struct {
	t       *testing.T
	db      *db.DB
	service *idempotency.Service
	clock   *jobstest.Clock
	claims  map[string]*idempotency.Claim // the last of each key
}

func newDesk(t *testing.T) desk {
	t.Helper()
	clock := jobstest.NewClock(time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC))
	d := dbtest.NewAt(t, clock.Now)
	return desk{t, d, idempotency.New(d), clock, map[string]*idempotency.Claim{}}
}

func (d desk) begin(key, content string, want error) *idempotency.Answer {
	d.t.Helper()
	claim, answer, err := d.service.Begin(d.t.Context(), "user:1", key, []byte(content))
	if claim != nil {
		d.claims[key] = claim
	}
	if !errors.Is(err, want) {
		d.t.Fatalf("begin %s with %q: %v, want %v", key, content, err, want)
	}
	return answer
}

func (d desk) finish(key string, a idempotency.Answer) {
	d.t.Helper()
	if err := d.service.Finish(d.t.Context(), d.claims[key], a); err != nil {
		d.t.Fatal(err)
	}
}

func TestTheSameRequestGetsTheSameAnswer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if d.begin("k", "pay 10", nil) != nil {
		t.Fatal("an answer before there was one")
	}
	d.begin("k", "pay 10", idempotency.ErrInProgress)
	d.begin("k", "pay 99", idempotency.ErrOtherContent)
	d.finish("k", idempotency.Answer{Status: 201, ContentType: "application/json", Location: "/payments/7", Body: []byte(`{"id":7}`)})

	again := d.begin("k", "pay 10", nil)
	if again == nil || again.Status != 201 || again.ContentType != "application/json" || again.Location != "/payments/7" || string(again.Body) != `{"id":7}` {
		t.Errorf("answered %+v", again)
	}
	d.begin("k", "pay 99", idempotency.ErrOtherContent)
	if _, other, err := d.service.Begin(t.Context(), "user:2", "k", []byte("pay 10")); other != nil || err != nil {
		t.Errorf("another owner's key is the same one: %+v, %v", other, err)
	}
	d.begin(strings.Repeat("k", 201), "pay 10", idempotency.ErrTooLong)
}

func TestWhatWasNotAnsweredMayBeTriedAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for key, status := range map[string]int{"busy": 429, "broken": 500, "away": 503} {
		d.begin(key, "pay 10", nil)
		d.finish(key, idempotency.Answer{Status: status})
		if d.begin(key, "pay 10", nil) != nil {
			t.Errorf("%d was kept as the answer", status)
		}
	}
	d.begin("crash", "pay 10", nil) // the process dies here
	d.clock.Add(20 * time.Second)
	d.begin("crash", "pay 10", idempotency.ErrInProgress)
	d.clock.Add(20 * time.Second)
	if d.begin("crash", "pay 10", nil) != nil {
		t.Error("an answer that nobody gave")
	}
	d.begin("crash", "pay 10", idempotency.ErrInProgress)
}

// pay does something under the claim of a key, as the request it is of would.
func (d desk) pay(claim *idempotency.Claim) error {
	return d.db.Do(claim.Under(d.t.Context()), func(tx *db.Tx) error {
		return audit.RecordTx(d.t.Context(), tx, audit.Event{
			Stream: audit.Books(1), By: access.SystemActor("test"), What: "payment.recorded", Data: map[string]any{"number": "PAY-7"},
		})
	})
}

func (d desk) paid() int {
	d.t.Helper()
	n, err := db.Value[int](d.t.Context(), d.db, `select count(*) from audit_log where what = 'payment.recorded'`)
	if err != nil {
		d.t.Fatal(err)
	}
	return n
}

// TestWhatWasDoneIsNotDoneAgain: the answer is lost, by a crash or because the line to the database broke off behind the commit.
func TestWhatWasDoneIsNotDoneAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, key := range []string{"crash", "broken"} {
		d.begin(key, "pay 10", nil)
		if err := d.pay(d.claims[key]); err != nil {
			t.Fatal(err)
		}
	}
	d.begin("crash", "pay 10", idempotency.ErrInProgress) // it may still be about to answer
	d.finish("broken", idempotency.Answer{Status: 503})
	d.clock.Add(2 * time.Minute)
	for _, key := range []string{"crash", "broken"} {
		_, _, err := d.service.Begin(t.Context(), "user:1", key, []byte("pay 10"))
		if !errors.Is(err, idempotency.ErrCarriedOut) || !strings.Contains(err.Error(), "carried_out") {
			t.Errorf("%s: %v", key, err)
		}
		if e, ok := errors.AsType[*errs.Error](err); !ok || e.Params["did"] != "payment.recorded PAY-7" {
			t.Errorf("%s: it does not say what was done: %+v", key, e)
		}
	}
	if n := d.paid(); n != 2 {
		t.Errorf("%d payments", n)
	}
}

// TestWhoIsTakenForDeadDoesNothing: a request so slow that the same one was begun again does nothing any more.
func TestWhoIsTakenForDeadDoesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.begin("slow", "pay 10", nil)
	slow := d.claims["slow"]
	d.clock.Add(2 * time.Minute)
	d.begin("slow", "pay 10", nil)
	if err := d.pay(slow); !errors.Is(err, idempotency.ErrInProgress) {
		t.Errorf("the first one: %v", err)
	}
	if err := d.pay(d.claims["slow"]); err != nil {
		t.Error(err)
	}
	if n := d.paid(); n != 1 {
		t.Errorf("%d payments", n)
	}
}

func TestOldKeysAreForgotten(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	registry := jobs.NewRegistry()
	d.service.Register(registry)
	d.begin("old", "pay 10", nil)
	d.finish("old", idempotency.Answer{Status: 201})
	d.begin("lost", "pay 10", nil)
	if err := d.pay(d.claims["lost"]); err != nil {
		t.Fatal(err)
	}
	d.finish("lost", idempotency.Answer{Status: 500})
	d.clock.Add(idempotency.Kept - time.Hour)
	d.begin("new", "pay 10", nil)
	d.sweep(registry)
	for _, key := range []string{"old", "lost", "new"} {
		if _, answer, err := d.service.Begin(t.Context(), "user:1", key, []byte("pay 10")); answer == nil && err == nil {
			t.Errorf("%s is forgotten early", key)
		}
	}
	d.clock.Add(2 * time.Hour)
	d.sweep(registry)
	left, err := db.Values[string](t.Context(), d.db, `select key from idempotency_keys order by key`)
	if err != nil || len(left) != 1 || left[0] != "new" {
		t.Errorf("left are %v: %v", left, err)
	}
}

// An answer that is withheld is not kept: what was done is told, what only read is done again.
func TestAnAnswerIsWithheld(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	secret := idempotency.Answer{Status: 201, Withheld: true, Body: []byte("whsec_1")}
	for _, key := range []string{"did", "read"} {
		d.begin(key, "pay 10", nil)
		if key == "did" {
			if err := d.pay(d.claims[key]); err != nil {
				t.Fatal(err)
			}
		}
		d.finish(key, secret)
	}
	if _, _, err := d.service.Begin(t.Context(), "user:1", "did", []byte("pay 10")); !errors.Is(err, idempotency.ErrCarriedOut) {
		t.Errorf("what was done: %v", err)
	}
	if d.begin("read", "pay 10", nil) != nil {
		t.Error("what only read has an answer")
	}
	d.keptNothing("whsec_1")
}

// Forgotten answers are gone, also one that was about to come; what was done under a key stays known, what did nothing may be done.
func TestAnswersAreForgotten(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	registry := jobs.NewRegistry()
	d.service.Register(registry)
	ada := idempotency.Answer{Status: 200, ContentType: "text/plain", Location: "/ada", Body: []byte("ada")}
	for _, key := range []string{"did", "read", "late"} {
		d.begin(key, "pay 10", nil)
	}
	if err := d.pay(d.claims["did"]); err != nil {
		t.Fatal(err)
	}
	d.finish("did", ada)
	d.finish("read", ada)
	d.run(registry, idempotency.Forget{})
	d.finish("late", ada)
	d.keptNothing("ada")
	if _, _, err := d.service.Begin(t.Context(), "user:1", "did", []byte("pay 10")); !errors.Is(err, idempotency.ErrCarriedOut) {
		t.Errorf("what was done: %v", err)
	}
	for _, key := range []string{"read", "late"} {
		if d.begin(key, "pay 10", nil) != nil {
			t.Errorf("%s has an answer", key)
		}
		d.finish(key, idempotency.Answer{Status: 200, Body: []byte("new")})
		if again := d.begin(key, "pay 10", nil); again == nil || string(again.Body) != "new" {
			t.Errorf("what was answered since is not kept: %s %+v", key, again)
		}
	}
	if n := d.paid(); n != 1 {
		t.Errorf("%d payments", n)
	}
}

// A request that a program of before began is known by the hash which that program gave it.
func TestTheHashOfBeforeIsKnown(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.begin("k", "pay 10", nil)
	d.finish("k", idempotency.Answer{Status: 201})
	if _, answer, err := d.service.Begin(t.Context(), "user:1", "k", []byte("token 3, pay 10"), []byte("pay 10")); err != nil || answer == nil || answer.Status != 201 {
		t.Errorf("%+v, %v", answer, err)
	}
	if _, _, err := d.service.Begin(t.Context(), "user:1", "k", []byte("token 3, pay 10"), []byte("pay 11")); !errors.Is(err, idempotency.ErrOtherContent) {
		t.Errorf("another request: %v", err)
	}
}

func (d desk) keptNothing(of string) {
	d.t.Helper()
	kept, err := db.Values[string](d.t.Context(), d.db, `select key from idempotency_keys k where position($1 in k.content_type || k.location || coalesce(convert_from(k.body, 'UTF8'), '')) > 0`, of)
	if err != nil || len(kept) > 0 {
		d.t.Errorf("%q is kept under %v: %v", of, kept, err)
	}
}

func (d desk) sweep(registry *jobs.Registry) { d.t.Helper(); d.run(registry, idempotency.Sweep{}) }

func (d desk) run(registry *jobs.Registry, job db.Job) {
	d.t.Helper()
	if err := d.db.Do(d.t.Context(), func(tx *db.Tx) error { return tx.Enqueue(d.t.Context(), job) }); err != nil {
		d.t.Fatal(err)
	}
	jobstest.DrainNow(d.t, d.db, registry, d.clock)
}

func TestOnlyOneOfManyAtOnceBegins(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	results := make([]error, 8)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() { _, _, results[i] = d.service.Begin(t.Context(), "user:1", "k", []byte("pay 10")) })
	}
	all.Wait()
	begun := 0
	for _, err := range results {
		switch {
		case err == nil:
			begun++
		case !errors.Is(err, idempotency.ErrInProgress):
			t.Error(err)
		}
	}
	if begun != 1 {
		t.Errorf("%d of %d began", begun, len(results))
	}
}
