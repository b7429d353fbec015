package reading_test

import (
	"net/http"
	"testing"
	"time"

	"makegood/billing"
	"makegood/billing/bookstest"
	"makegood/billing/reading"
	"makegood/internal/audit"
	"makegood/internal/db"
)

// newKey gives the entity another key, as an administrator does.
func (s *desk) newKey() error {
	s.clock.Add(time.Second)
	_, err := s.reading.Set(s.t.Context(), reading.Setting{By: bookstest.Administrator(), Entity: "DE", Secret: "rk_test_2", Active: true, Version: 1})
	return err
}

func (s *desk) goOn() error {
	return s.jobs.Work(s.t.Context(), "reading.go_on", []byte(`{"reading":`+bookstest.Value[string](s.t, s.db, `select max(id)::text from live_readings`)+`}`))
}

// TestAnswersToTheKeyBeforeChangeNothing: a request is under way while another key is given; whatever comes back neither ends nor delays
// the reading that began anew, nor becomes a part of it.
func TestAnswersToTheKeyBeforeChangeNothing(t *testing.T) {
	t.Parallel()
	for what, of := range map[string]struct {
		later time.Duration // than the reading began
		write func(w http.ResponseWriter, r *http.Request)
	}{
		"a refusal": {write: func(w http.ResponseWriter, _ *http.Request) {
			refuse(w, http.StatusBadRequest, "No such object: cus_9")
		}},
		"a page": {write: func(w http.ResponseWriter, r *http.Request) { answer(w, r.URL.Query(), []object{customer(99)}) }},
		"no key": {later: 73 * time.Hour, write: func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusUnauthorized, "Invalid API key") }},
		"come again": {write: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "90")
			refuse(w, http.StatusTooManyRequests, "Too many requests")
		}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			s.fill(2)
			s.start(false)
			s.clock.Add(of.later)
			s.account.before = func(n int, w http.ResponseWriter, r *http.Request) bool {
				if n > 1 {
					return false
				}
				s.account.secret = "rk_test_2"
				if err := s.newKey(); err != nil {
					t.Error(err)
				}
				of.write(w, r)
				return true
			}
			_ = s.goOn() // one that failed is tried again
			if run := s.last(); run.State != reading.Reading || run.NotBefore != nil || run.Answer != "" || run.Pages != 0 || run.MovedAt == nil {
				t.Fatalf("%+v", run)
			}
			s.drain()
			if run := s.last(); run.State != reading.Done || run.Objects != 4 {
				t.Errorf("%+v", run)
			}
		})
	}
}

// TestPageThatWaitsForANewKeyIsNotKept: the key is being given while a page of the one before is being kept.
func TestPageThatWaitsForANewKeyIsNotKept(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.fill(2)
	s.start(false)
	asked, given, set := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	s.account.before = func(n int, w http.ResponseWriter, r *http.Request) bool {
		if n > 1 {
			return false
		}
		s.account.secret = "rk_test_2"
		close(asked)
		<-given
		answer(w, r.URL.Query(), []object{customer(99)})
		return true
	}
	read := make(chan error, 1)
	go func() { read <- s.goOn() }()
	<-asked
	s.must(s.db.Do(t.Context(), func(tx *db.Tx) error {
		if err := audit.RecordTx(t.Context(), tx, audit.Event{Stream: audit.Admin, By: bookstest.Administrator(), What: "test.waited_for"}); err != nil {
			return err
		}
		waiting := func(n int) error { // for this transaction, or for the one that waits for it
			for is := 0; is < n; {
				var err error
				if is, err = db.Value[int](t.Context(), s.db, `select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`); err != nil {
					return err
				}
			}
			return nil
		}
		go func() { set <- s.newKey() }()
		if err := waiting(1); err != nil {
			return err
		}
		close(given)
		return waiting(2)
	}))
	s.must(<-set)
	s.must(<-read)
	if run := s.last(); run.State != reading.Reading || run.Pages != 0 || bookstest.Value[int](t, s.db, `select count(*)::int from live_pages`) != 0 {
		t.Errorf("%+v", run)
	}
	s.drain()
	if run := s.last(); run.State != reading.Done || run.Objects != 4 {
		t.Errorf("%+v", run)
	}
}

// TestWhatFailsAgainIsNothingNew: what the plan takes and the books do not is tried again with each reading, and leaves no import until it
// comes in, or fails otherwise.
func TestWhatFailsAgainIsNothingNew(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.fill(2)
	note := func(n, amount int) object {
		id := string(rune('0' + n))
		return object{
			"object": "credit_note", "id": "cn_" + id, "number": "ST-2-CN-0" + id, "invoice": "in_2", "customer": "cus_2", "currency": "eur", "created": may + 90, "status": "issued", "type": "pre_payment",
			"total": amount, "pre_payment_amount": amount, "lines": object{"data": []object{{"id": "cnli_" + id, "amount": amount, "description": "Seats", "quantity": 1, "invoice_line_item": "il_2_0"}}},
		}
	}
	s.account.objects["credit_notes"] = []object{note(1, 9000)} // more than the invoice came to
	read := func() reading.Run {
		s.clock.Add(24 * time.Hour)
		s.start(false)
		s.drain()
		run := s.last()
		if run.State != reading.Done {
			t.Fatalf("%+v", run)
		}
		return run
	}
	first := read()
	if got := s.counts(); got[billing.RowFailed] != 1 || got[billing.RowDone] != 4 {
		t.Fatalf("rows %v", got)
	}
	for range 2 {
		if run := read(); run.BatchID != nil || run.Objects != 5 {
			t.Errorf("nothing was new: %+v", run)
		}
	}
	if n := bookstest.Value[int](t, s.db, `select count(*)::int from import_rows where batch_id <> $1`, *first.BatchID); n != 0 {
		t.Errorf("%d rows left of imports of nothing", n)
	}

	s.account.objects["credit_notes"] = append(s.account.objects["credit_notes"], note(2, 9100))
	if run := read(); run.BatchID == nil || s.counts()[billing.RowFailed] != 2 {
		t.Errorf("another failed: %+v", run)
	}

	s.account.objects["credit_notes"] = append(s.account.objects["credit_notes"], note(3, 1000))
	if run := read(); run.BatchID == nil || s.counts()[billing.RowWaiting] != 1 {
		t.Fatalf("one fits: %+v", run)
	}
	s.must(s.db.Do(t.Context(), func(tx *db.Tx) error { // as if it had not
		_, err := tx.Exec(t.Context(), `update import_rows set state = 'failed', adjustment = null, digest = null, reasons = '[{"key": "billing.import.fits_no_line"}]' where external_id = 'cn_3' and state = 'waiting'`)
		return err
	}))
	if run := read(); run.BatchID == nil || s.counts()[billing.RowWaiting] != 1 || s.counts()[billing.RowFailed] != 2 {
		t.Errorf("why it failed is gone: %+v", run)
	}
}
