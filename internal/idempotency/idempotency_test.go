package idempotency_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"makegood/internal/dbtest"
	"makegood/internal/idempotency"
	"makegood/internal/jobs/jobstest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// desk is the service under a clock, and a request that it knows.
type desk struct {
	t       *testing.T
	service *idempotency.Service
	clock   *jobstest.Clock
}

func newDesk(t *testing.T) desk {
	t.Helper()
	clock := jobstest.NewClock(time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC))
	return desk{t, idempotency.New(dbtest.NewAt(t, clock.Now)), clock}
}

func (d desk) begin(key, content string, want error) *idempotency.Answer {
	d.t.Helper()
	answer, err := d.service.Begin(d.t.Context(), "user:1", key, []byte(content))
	if !errors.Is(err, want) {
		d.t.Fatalf("begin %s with %q: %v, want %v", key, content, err, want)
	}
	return answer
}

func (d desk) finish(key string, a idempotency.Answer) {
	d.t.Helper()
	if err := d.service.Finish(d.t.Context(), "user:1", key, a); err != nil {
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
	if other, err := d.service.Begin(t.Context(), "user:2", "k", []byte("pay 10")); other != nil || err != nil {
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
	d.clock.Add(time.Minute)
	d.begin("crash", "pay 10", idempotency.ErrInProgress)
	d.clock.Add(time.Minute)
	if d.begin("crash", "pay 10", nil) != nil {
		t.Error("an answer that nobody gave")
	}
	d.begin("crash", "pay 10", idempotency.ErrInProgress)
}

func TestOnlyOneOfManyAtOnceBegins(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	results := make([]error, 8)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() { _, results[i] = d.service.Begin(t.Context(), "user:1", "k", []byte("pay 10")) })
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
