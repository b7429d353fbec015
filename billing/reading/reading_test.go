package reading_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"makegood/billing"
	"makegood/billing/bookstest"
	"makegood/billing/reading"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/outside"
)

// TestAccountIsReadToItsEnd: page by page, documents with all their lines, and brought in by the door of every file; what cannot be
// taken becomes a row with its reason, and a second reading finds nothing new.
func TestAccountIsReadToItsEnd(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.fill(120) // three pages each of customers and of invoices
	s.account.objects["charges"] = []object{{"object": "charge", "id": "ch_1", "amount": 2000, "captured": true, "paid": true, "status": "succeeded", "currency": "eur", "created": may, "customer": "cus_1", "invoice": "in_1"}}
	s.account.objects["credit_notes"] = []object{{
		"object": "credit_note", "id": "cn_1", "number": "ST-2-CN-01", "invoice": "in_2", "customer": "cus_2", "currency": "eur", "created": may + 90, "status": "issued", "type": "pre_payment",
		"total": 1000, "pre_payment_amount": 1000, "lines": object{"data": []object{{"id": "cnli_1", "amount": 1000, "description": "Seats", "quantity": 1, "invoice_line_item": "il_2_0"}}},
	}}
	wrong := s.bill(500, 1)
	wrong["total"] = 1001
	s.account.objects["invoices"] = append([]object{wrong}, s.account.objects["invoices"]...)
	s.start(false)
	s.drain()
	run := s.last()
	if run.State != reading.Done || run.Objects != 243 || run.Pages != 9 || run.FinishedAt == nil || run.Answer != "" {
		t.Errorf("%+v", run)
	}
	if got := s.counts(); got[billing.RowDone] != 241 || got[billing.RowRejected] != 1 || got[billing.RowWaiting] != 1 {
		t.Errorf("rows %v", got)
	}
	if n := bookstest.Value[int](t, s.db, `select count(*)::int from invoice_lines l join invoices i on i.id = l.invoice_id where i.number = 'ST-3'`); n != 4 {
		t.Errorf("%d lines of an invoice of four", n)
	}
	batch, err := s.billing.Import(t.Context(), bookstest.Controller(), *run.BatchID)
	s.must(err)
	if batch.CreatedBy != bookstest.Controller().UserID {
		t.Errorf("who asked for it signs its credits: %+v", batch)
	}
	if err := s.billing.ApproveImport(t.Context(), batch.ID, bookstest.Controller()); err == nil {
		t.Error("who asked for the reading signed its credits")
	}
	if n := bookstest.Value[int](t, s.db, `select count(*)::int from live_pages`); n != 0 {
		t.Errorf("%d pages left", n)
	}
	for range 2 { // the wrong one is as wrong as it was told to be
		s.start(true)
		s.drain()
		if run := s.last(); run.State != reading.Done || run.BatchID != nil || run.Objects != 243 {
			t.Errorf("nothing was new: %+v", run)
		}
	}
	wrong["total"] = 1002
	s.start(true)
	s.drain()
	if run := s.last(); run.BatchID == nil || s.counts()[billing.RowRejected] != 1 {
		t.Errorf("it is wrong in another way: %+v", run)
	}
}

// TestReadingGoesOnWhereItWasCut: a line that breaks in the middle of it, again and again, costs the page it broke, and nothing comes
// in twice.
func TestReadingGoesOnWhereItWasCut(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.fill(120)
	cut := map[int]bool{2: true, 4: true, 9: true}
	s.account.before = func(n int, w http.ResponseWriter, _ *http.Request) bool {
		if !cut[n] {
			return false
		}
		panic(http.ErrAbortHandler) // the line breaks
	}
	s.start(false)
	s.drain() // a job that kept a page goes on with the next, and is none that failed
	run := s.last()
	if run.State != reading.Done || run.Objects != 240 {
		t.Errorf("%+v", run)
	}
	if got := s.counts(); got[billing.RowDone] != 240 || len(got) != 1 {
		t.Errorf("rows %v", got)
	}
	first := slices.Index(s.account.asked, "/v1/invoices")
	if slices.Contains(s.account.asked[first:], "/v1/customers") {
		t.Error("it began anew")
	}
}

// TestReadingWaitsAsLongAsItIsTold: an account that is asked too often says when to come again.
func TestReadingWaitsAsLongAsItIsTold(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.fill(3)
	s.account.before = func(n int, w http.ResponseWriter, _ *http.Request) bool {
		if n == 2 {
			w.Header().Set("Retry-After", "90")
			refuse(w, http.StatusTooManyRequests, "Too many requests")
		}
		return n == 2
	}
	s.start(false)
	s.drain()
	run := s.last()
	if run.State != reading.Reading || run.NotBefore == nil || run.NotBefore.Sub(s.clock.Now()) != 90*time.Second || run.Pages != 1 {
		t.Fatalf("%+v", run)
	}
	asked := len(s.account.asked)
	s.must(s.jobs.Work(t.Context(), "reading.go_on", []byte(`{"reading":`+bookstest.Value[string](t, s.db, `select max(id)::text from live_readings`)+`}`)))
	if len(s.account.asked) != asked {
		t.Error("it was asked before its time")
	}
	if _, err := s.reading.Start(t.Context(), bookstest.Controller(), "DE", false); errs.KeyOf(err) != reading.ErrUnderWay.Key {
		t.Errorf("a second one meanwhile: %v", err)
	}
	jobstest.Drain(t, s.db, s.jobs, s.clock, s.clock.Now().Add(2*time.Minute))
	if run := s.last(); run.State != reading.Done || run.Objects != 6 {
		t.Errorf("%+v", run)
	}
}

// TestReadingsByThemselves: once a day, and then only what was made lately; not at all where it is switched off.
func TestReadingsByThemselves(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.fill(2)
	old := customer(3)
	old["created"] = may - 400*24*3600
	s.account.objects["customers"] = append(s.account.objects["customers"], old)
	due := func() {
		s.must(s.jobs.Work(t.Context(), "reading.read_due", []byte(`{}`)))
		s.drain()
	}
	due()
	if run := s.last(); run.State != reading.Done || run.Objects != 5 || run.StartedBy != 0 {
		t.Errorf("%+v", run)
	}
	due()
	if n := bookstest.Value[int](t, s.db, `select count(*)::int from live_readings`); n != 1 {
		t.Errorf("%d readings on one day", n)
	}
	jobstest.Drain(t, s.db, s.jobs, s.clock, s.clock.Now().Add(25*time.Hour))
	due()
	if run := s.last(); run.Objects != 4 || run.Since == nil {
		t.Errorf("what is old was read again: %+v", run)
	}
	_, err := s.reading.Set(t.Context(), reading.Setting{By: bookstest.Administrator(), Entity: "DE", Active: false, Version: 1})
	s.must(err)
	jobstest.Drain(t, s.db, s.jobs, s.clock, s.clock.Now().Add(25*time.Hour))
	due()
	if n := bookstest.Value[int](t, s.db, `select count(*)::int from live_readings`); n != 2 {
		t.Errorf("%d readings", n)
	}
}

// TestAccountsThatRefuse: a key that is not taken is tried again, for it can be put right; a refusal ends the reading, and both are
// told.
func TestAccountsThatRefuse(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.fill(1)
	s.account.secret = "rk_another"
	s.start(false)
	id := bookstest.Value[string](t, s.db, `select max(id)::text from live_readings`)
	if err := s.jobs.Work(t.Context(), "reading.go_on", []byte(`{"reading":`+id+`}`)); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("tried again: %v", err)
	}
	if run := s.last(); run.State != reading.Reading || run.Answer != "billing.gateway.away" {
		t.Errorf("%+v", run)
	}
	s.account.before = func(_ int, w http.ResponseWriter, _ *http.Request) bool {
		refuse(w, http.StatusBadRequest, "No such object: cus_9")
		return true
	}
	s.must(s.jobs.Work(t.Context(), "reading.go_on", []byte(`{"reading":`+id+`}`)))
	if run := s.last(); run.State != reading.Failed || run.Answer != "billing.reading.refused" || run.FinishedAt == nil {
		t.Errorf("%+v", run)
	}
}

// TestKeyPutRightWakesItsReading: a key that is not taken is tried again by the queue, and a new one has the reading begin with it at
// once.
func TestKeyPutRightWakesItsReading(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.fill(60)
	s.account.secret = "rk_another"
	s.start(false)
	worked := make(chan error, 100)
	runner, err := jobs.NewRunner(s.db, s.jobs, jobs.RunnerOptions{Workers: 2, Around: func(ctx context.Context, kind string, _ int, work func(context.Context) error) error {
		err := work(ctx)
		if strings.HasPrefix(kind, "reading.") && kind != "reading.read_due" {
			worked <- err
		}
		return err
	}})
	s.must(err)
	s.must(runner.Start(t.Context()))
	t.Cleanup(func() { s.must(runner.Stop(context.WithoutCancel(t.Context()))) })
	if err := <-worked; errs.KindOf(err) != errs.Unavailable {
		t.Fatalf("a key that is not taken: %v", err)
	}
	if n := bookstest.Value[int](t, s.db, `select max_attempts::int from river_job where kind = 'reading.go_on' and queue = 'accounts'`); n < 10_000 {
		t.Errorf("the queue gives up after %d attempts", n)
	}
	_, err = s.reading.Set(t.Context(), reading.Setting{By: bookstest.Administrator(), Entity: "DE", Secret: "rk_another", Active: true, Version: 1})
	s.must(err)
	for s.last().State != reading.Done {
		if err := <-worked; err != nil && errs.KindOf(err) != errs.Unavailable {
			t.Fatal(err)
		}
	}
	if run := s.last(); run.Objects != 120 || run.Answer != "" || run.Since != nil {
		t.Errorf("%+v", run)
	}
}

// TestReadingThatNeverGoesOnIsGivenUp: after some days, with its reason, so that another can begin; one that gets on is not.
func TestReadingThatNeverGoesOnIsGivenUp(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.fill(1)
	s.account.secret = "rk_another"
	s.start(false)
	id := bookstest.Value[string](t, s.db, `select max(id)::text from live_readings`)
	again := func() error { return s.jobs.Work(t.Context(), "reading.go_on", []byte(`{"reading":`+id+`}`)) }
	s.clock.Add(71 * time.Hour)
	if err := again(); err == nil || s.last().State != reading.Reading {
		t.Errorf("given up before its time: %v", err)
	}
	s.clock.Add(time.Hour)
	s.must(again())
	if run := s.last(); run.State != reading.Failed || run.Answer != "billing.reading.given_up" {
		t.Errorf("%+v", run)
	}
	s.account.secret = "rk_test_1"
	s.start(false)
	s.clock.Add(72 * time.Hour)
	s.drain()
	if run := s.last(); run.State != reading.Done {
		t.Errorf("%+v", run)
	}
}

// TestLargeDocumentsMakeSmallPages: a job and a page end in time, with what they have, and the rest comes after.
func TestLargeDocumentsMakeSmallPages(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.fill(4)
	s.reading.InHaste()
	s.start(false)
	s.drain()
	if run := s.last(); run.State != reading.Done || run.Objects != 8 || run.Pages != 11 { // one for each object, and for each list that is empty
		t.Errorf("%+v", run)
	}
	if n := bookstest.Value[int](t, s.db, `select count(*)::int from river_job where kind = 'reading.go_on'`); n != 11 {
		t.Errorf("%d jobs", n)
	}
	if got := s.counts(); got[billing.RowDone] != 8 {
		t.Errorf("rows %v", got)
	}
}

// TestKeyOfAnotherAccount: what was read with the key before does not say from when on another account is to be read.
func TestKeyOfAnotherAccount(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.fill(1)
	for n, want := range []bool{true, false, true, false} {
		s.clock.Add(time.Hour)
		if n == 2 {
			_, err := s.reading.Set(t.Context(), reading.Setting{By: bookstest.Administrator(), Entity: "DE", Secret: "rk_test_1", Active: true, Version: 1})
			s.must(err)
		}
		s.start(false)
		s.drain()
		if run := s.last(); (run.Since == nil) != want || run.State != reading.Done {
			t.Errorf("reading %d: %+v", n, run)
		}
	}
}

// TestImportOfReadingIsNotLost: a process that dies after it started the import, and before it could say so, leaves it to the reading.
func TestImportOfReadingIsNotLost(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.fill(2)
	s.start(false)
	s.drain()
	id := *s.last().BatchID
	s.must(s.db.Do(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update live_readings set state = 'read', finished_at = null`)
		return err
	}))
	s.must(s.jobs.Work(t.Context(), "reading.bring", []byte(`{"reading":`+bookstest.Value[string](t, s.db, `select max(id)::text from live_readings`)+`}`)))
	if run := s.last(); run.State != reading.Done || run.BatchID == nil || *run.BatchID != id {
		t.Errorf("%+v", run)
	}
}

// TestKeysAreSealedAndNeverTold: who may set one is an administrator of the entity, who may read is whoever issues.
func TestKeysAreSealedAndNeverTold(t *testing.T) {
	t.Parallel()
	s := setup(t)
	if n := bookstest.Value[int](t, s.db, `select count(*)::int from live_sources where position('rk_test_1'::bytea in sealed) > 0`) +
		bookstest.Value[int](t, s.db, `select count(*)::int from audit_log where data::text like '%rk_test_1%'`); n != 0 {
		t.Error("the key lies open")
	}
	for what, in := range map[string]reading.Setting{
		"controller": {By: bookstest.Controller(), Entity: "DE", Secret: "rk_2", Version: 1}, "no key": {By: bookstest.Administrator(), Entity: "DE"}, "stale": {By: bookstest.Administrator(), Entity: "DE", Secret: "rk_2", Version: 7},
		"not one of theirs": {By: bookstest.Administrator(), Entity: "DE", Secret: "hello", Version: 1}, "nobody's": {By: bookstest.Administrator(), Entity: "XX", Secret: "rk_2"},
	} {
		if _, err := s.reading.Set(t.Context(), in); err == nil {
			t.Errorf("%s was taken", what)
		}
	}
	agent := access.Actor{Kind: access.Person, UserID: 9, Roles: []access.Role{access.Agent}}
	if _, err := s.reading.Start(t.Context(), agent, "DE", false); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("an agent reads: %v", err)
	}
}

// TestOnlyThePublicInternetIsDialled: an account that stands in the network of ours is not reached.
func TestOnlyThePublicInternetIsDialled(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.fill(1)
	s.start(false)
	id := bookstest.Value[string](t, s.db, `select max(id)::text from live_readings`)
	guarded := s.service(outside.Options{})
	if err := guarded.GoOnNow(t.Context(), id); err == nil || len(s.account.asked) != 0 {
		t.Errorf("asked %v: %v", s.account.asked, err)
	}
}

// TestPublishedObjectsAreRead: the samples of every resource that Stripe publishes pass, or are told why not.
func TestPublishedObjectsAreRead(t *testing.T) {
	t.Parallel()
	shared := os.Getenv("MAKEGOOD_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	s := setup(t)
	found := 0
	for resource, name := range map[string]string{"customers": "customer", "invoices": "invoice", "charges": "charge", "refunds": "refund", "credit_notes": "credit_note"} {
		content, err := os.ReadFile(filepath.Join(shared, "corpus", "stripe-objects", name+".json"))
		if err != nil {
			continue
		}
		var o object
		s.must(json.Unmarshal(content, &o))
		s.account.objects[resource], found = []object{o}, found+1
	}
	if found == 0 {
		t.Log("the published samples are not here; invented ones alone are read")
		s.fill(1)
	}
	s.start(true)
	s.drain()
	run := s.last()
	if run.State != reading.Done || run.Objects != int64(max(found, 2)) || run.BatchID == nil {
		t.Fatalf("%+v", run)
	}
	page, err := s.billing.ImportRows(t.Context(), bookstest.Controller(), *run.BatchID, billing.ImportRowFilter{Limit: 50})
	s.must(err)
	for _, row := range page.Rows {
		if row.State != billing.RowDone && row.State != billing.RowWaiting && len(row.Reasons) == 0 {
			t.Errorf("%s %s is %s and nobody says why", row.Kind, row.ExternalID, row.State)
		}
	}
}
