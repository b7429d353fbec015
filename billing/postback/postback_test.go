package postback_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"makegood/billing"
	"makegood/billing/bookstest"
	"makegood/billing/gateway"
	"makegood/billing/postback"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
)

func TestAPostedMemoIsIssuedThere(t *testing.T) {
	t.Parallel()
	s := setup(t)
	m := s.credit("10.00")
	p := s.is(m, billing.ThereWaiting, 0, "")
	if p.Key != "makegood-DE-"+m.Number {
		t.Errorf("key %q", p.Key)
	}
	s.drain()
	p = s.is(m, billing.ThereIssued, 1, "")
	if p.ExternalID != "cn_1" || p.ExternalNumber != "ST-cn_1" || !p.Total.Equal(m.Total) || !p.Difference.IsZero() || p.SettledAt == nil || p.LeasedUntil != nil {
		t.Errorf("%+v", p)
	}
	form := s.stripe.notes[0].Form
	for name, want := range map[string]string{
		"invoice": "in_1", "reason": "duplicate", "memo": "Wrong price.", "lines[0][invoice_line_item]": "il_2", "lines[0][amount]": "1000",
		"metadata[makegood_number]": m.Number, "credit_amount": "",
	} {
		if form[name] != want {
			t.Errorf("%s is %q, want %q", name, form[name], want)
		}
	}
	s.must(s.work(m)) // late and once more
	s.noted(1, 1)
	if err := s.postback.Retry(t.Context(), m.Number, billing.IssueThere, bookstest.Controller()); !errors.Is(err, postback.ErrSettled) {
		t.Errorf("once more by hand: %v", err)
	}
	if n := bookstest.Value[int](t, s.db, `select count(*) from audit_log where what = 'credit_memo.issued_elsewhere' and data ->> 'external_id' = 'cn_1'`); n != 1 {
		t.Errorf("%d events", n)
	}
}

func TestFailuresThatPass(t *testing.T) {
	t.Parallel()
	s := setup(t)
	m := s.credit("10.00")
	s.stripe.fail = []int{429, 503, 0}
	for attempt, want := range []struct {
		state  billing.GatewayState
		answer string
	}{{billing.ThereWaiting, "billing.gateway.away"}, {billing.ThereUnknown, "billing.gateway.unanswered"}, {billing.ThereUnknown, "billing.gateway.unanswered"}} {
		if err := s.work(m); !errors.Is(err, gateway.ErrAway) || errs.KindOf(err) != errs.Unavailable {
			t.Errorf("attempt %d: %v", attempt, err)
		}
		s.is(m, want.state, attempt+1, want.answer)
	}
	s.noted(1, 3) // it was issued, and nobody said so
	s.must(s.work(m))
	if p := s.is(m, billing.ThereIssued, 4, ""); p.ExternalID != "cn_1" {
		t.Errorf("%+v", p)
	}
	s.noted(1, 3)
}

func TestARefusalWaitsForAPerson(t *testing.T) {
	t.Parallel()
	s := setup(t)
	m := s.credit("10.00")
	s.stripe.fail = []int{400}
	s.drain()
	p := s.is(m, billing.ThereRefused, 1, "billing.gateway.refused")
	if p.AnswerParams["why"] != "The invoice is void." {
		t.Errorf("%v", p.AnswerParams)
	}
	s.must(s.work(m)) // the job comes again and leaves it alone
	s.noted(0, 1)
	for who, by := range map[string]access.Actor{"an administrator": bookstest.Administrator(), "nobody": {}} {
		if err := s.postback.Retry(t.Context(), m.Number, billing.IssueThere, by); err == nil {
			t.Errorf("%s retried it", who)
		}
	}
	s.must(s.postback.Retry(t.Context(), m.Number, billing.IssueThere, bookstest.Controller()))
	s.is(m, billing.ThereWaiting, 1, "billing.gateway.refused")
	s.drain()
	s.is(m, billing.ThereIssued, 2, "")
	s.noted(1, 2)
}

// TestOnlyAnAnswerEndsDoubt: the note is there and nobody said so. A lookup that is refused, as with the key of another account, does
// not make it one that was never taken, and its voiding goes on waiting.
func TestOnlyAnAnswerEndsDoubt(t *testing.T) {
	t.Parallel()
	s := setup(t)
	m := s.credit("10.00")
	s.stripe.fail = []int{0}
	if err := s.work(m); !errors.Is(err, gateway.ErrUnanswered) {
		t.Errorf("a lost answer: %v", err)
	}
	s.stripe.strange = true
	if err := s.work(m); !errors.Is(err, postback.ErrInDoubt) || jobs.Final(err) {
		t.Errorf("looked for in another account: %v", err)
	}
	s.is(m, billing.ThereUnknown, 2, "billing.gateway.refused")
	s.takeBack(m)
	s.must(s.postback.Work(t.Context(), billing.PostBack{Memo: m.ID, Action: billing.VoidThere}))
	if list := s.there(m); list[1].State != billing.ThereWaiting {
		t.Errorf("the voiding is %s", list[1].State)
	}
	s.stripe.strange = false
	s.must(s.work(m))
	s.drain()
	if list := s.there(m); list[0].State != billing.ThereIssued || list[1].State != billing.ThereVoided || s.stripe.notes[0].Status != "void" {
		t.Errorf("%+v, there %s", list, s.stripe.notes[0].Status)
	}
	second := s.credit("5.00")
	s.stripe.fail = []int{503, 400}
	if err := s.work(second); !errors.Is(err, gateway.ErrUnanswered) {
		t.Errorf("a broken server: %v", err)
	}
	s.must(s.work(second))
	s.is(second, billing.ThereRefused, 2, "billing.gateway.refused")
}

// TestAnAccountIsNotLeftInDoubt: while a memo waits for it or was not answered, the entity keeps the account; another key of it is taken.
func TestAnAccountIsNotLeftInDoubt(t *testing.T) {
	t.Parallel()
	s := setup(t)
	m := s.credit("10.00")
	another, builtin := stripeSetting(), postback.Setting{By: bookstest.Administrator(), Entity: "DE", Gateway: billing.BuiltinGateway}
	another.Account = "acct_2"
	stays := func(when string) {
		t.Helper()
		for field, in := range map[string]postback.Setting{"account": another, "gateway": builtin} {
			var e *errs.Error
			if err := s.postback.Set(t.Context(), in); !errors.As(err, &e) || len(e.Fields) != 1 || e.Fields[0].Name != field || e.Fields[0].Key != "billing.gateway.unsettled" {
				t.Errorf("%s, another %s: %v", when, field, err)
			}
		}
		s.must(s.postback.Set(t.Context(), stripeSetting()))
	}
	stays("while it waits")
	s.stripe.fail = []int{0}
	if err := s.work(m); !errors.Is(err, gateway.ErrUnanswered) {
		t.Errorf("a lost answer: %v", err)
	}
	stays("without an answer")
	s.must(s.work(m))
	s.must(s.postback.Set(t.Context(), another))
	s.must(s.postback.Set(t.Context(), builtin))
}

// TestTwoWorkersAtOnce: while one is at it the other leaves it alone and comes back when the first one's time is over.
func TestTwoWorkersAtOnce(t *testing.T) {
	t.Parallel()
	s := setup(t)
	m := s.credit("10.00")
	arrived, goOn := s.hold()
	first := make(chan error, 1)
	go func() { first <- s.work(m) }()
	<-arrived
	s.must(s.work(m))
	s.noted(0, 1)
	goOn()
	s.must(<-first)
	s.is(m, billing.ThereIssued, 1, "")
	s.drain()
	s.noted(1, 1)
}

// TestAWorkerThatDies: its lease runs out while its request is still under way there. The next is told to wait, then finds
// the note; the first, come back from the dead, changes nothing.
func TestAWorkerThatDies(t *testing.T) {
	t.Parallel()
	s := setup(t)
	m := s.credit("10.00")
	arrived, goOn := s.hold()
	first := make(chan error, 1)
	go func() { first <- s.work(m) }()
	<-arrived
	s.clock.Add(3 * time.Minute)
	if err := s.work(m); !errors.Is(err, gateway.ErrAway) {
		t.Errorf("the key is in use: %v", err)
	}
	s.is(m, billing.ThereUnknown, 2, "billing.gateway.away")
	goOn()
	s.must(<-first)
	s.is(m, billing.ThereUnknown, 2, "billing.gateway.away")
	s.must(s.work(m))
	s.is(m, billing.ThereIssued, 3, "")
	s.noted(1, 1)
}

func TestAMemoTakenBackIsVoidedThere(t *testing.T) {
	t.Parallel()
	s := setup(t)
	m := s.credit("10.00")
	s.drain()
	s.takeBack(m)
	s.stripe.fail = []int{0} // voided, and the answer lost
	if err := s.postback.Work(t.Context(), billing.PostBack{Memo: m.ID, Action: billing.VoidThere}); !errors.Is(err, gateway.ErrAway) {
		t.Errorf("a lost answer: %v", err)
	}
	s.drain()
	if list := s.there(m); len(list) != 2 || list[1].State != billing.ThereVoided || list[1].ExternalID != "cn_1" || list[1].Key != list[0].Key+"-void" || list[1].ReversalID == nil {
		t.Errorf("%+v", list)
	}
	if s.stripe.notes[0].Status != "void" {
		t.Errorf("there it is %s", s.stripe.notes[0].Status)
	}
	s.noted(1, 2)
}

// TestTakenBackBeforeItWasIssued: both documents are there as here; one that was refused there needs no voiding, and is not
// issued afterwards.
func TestTakenBackBeforeItWasIssued(t *testing.T) {
	t.Parallel()
	s := setup(t)
	first := s.credit("10.00")
	s.takeBack(first)
	s.must(s.postback.Work(t.Context(), billing.PostBack{Memo: first.ID, Action: billing.VoidThere}))
	if list := s.there(first); list[1].State != billing.ThereWaiting || list[1].Attempts != 0 {
		t.Errorf("voided what is not there: %+v", list[1])
	}
	s.must(s.db.Do(t.Context(), func(tx *db.Tx) error { // that job is done, so the issue has to call for the voiding
		_, err := tx.Exec(t.Context(), `delete from river_job where kind = 'billing.post_back' and args ->> 'action' = 'void'`)
		return err
	}))
	s.drain()
	if list := s.there(first); list[0].State != billing.ThereIssued || list[1].State != billing.ThereVoided {
		t.Errorf("%+v", list)
	}
	s.stripe.fail = []int{400}
	second := s.credit("5.00")
	s.drain()
	s.takeBack(second)
	s.drain()
	if list := s.there(second); list[0].State != billing.ThereRefused || list[1].State != billing.ThereNeedless {
		t.Errorf("%+v", list)
	}
	if err := s.postback.Retry(t.Context(), second.Number, billing.IssueThere, bookstest.Controller()); !errors.Is(err, postback.ErrSettled) {
		t.Errorf("issued after it was taken back: %v", err)
	}
	s.noted(1, 3)
}

// TestADifferenceIsKept, and what was issued from here does not come in as a credit of its own.
func TestADifferenceIsKept(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.stripe.extra = "-10"
	m := s.credit("10.00")
	s.drain()
	if p := s.is(m, billing.ThereIssued, 1, ""); !p.Difference.Equal(d("-0.10")) {
		t.Errorf("%+v", p)
	}
	b := s.bring(`{"object":"credit_note","id":"cn_1","number":"ST-cn_1","invoice":"in_1","customer":"cus_1","currency":"eur","created":1778572800,"status":"issued","total":1190,"pre_payment_amount":1190,
		"lines":{"data":[{"id":"cnli_1","amount":1000,"description":"Disks","quantity":1,"invoice_line_item":"il_2","tax_amounts":[{"amount":190,"inclusive":false,"tax_rate":"txr"}]}]}}`)
	reason := bookstest.Value[string](t, s.db, `select coalesce(reasons -> 0 ->> 'key', '') from import_rows where batch_id = $1`, b.ID)
	if n := bookstest.Value[int](t, s.db, `select count(*) from credit_memos`); n != 1 || reason != "billing.import.issued_from_here" {
		t.Errorf("%d memos, reason %q", n, reason)
	}
	s.stripe.extra, s.stripe.fail = "", []int{0}
	if err := s.work(s.credit("5.00")); !errors.Is(err, gateway.ErrUnanswered) { // it is there under our key, its id unknown here
		t.Errorf("a lost answer: %v", err)
	}
	doubt := s.bring(`{"object":"credit_note","id":"cn_2","number":"ST-cn_2","invoice":"in_1","customer":"cus_1","currency":"eur","created":1778572800,"status":"issued","total":595,"pre_payment_amount":595,
		"metadata":{"makegood_key":"` + s.stripe.notes[1].Key + `"},
		"lines":{"data":[{"id":"cnli_2","amount":500,"description":"Disks","quantity":1,"invoice_line_item":"il_2","tax_amounts":[{"amount":95,"inclusive":false,"tax_rate":"txr"}]}]}}`)
	reason = bookstest.Value[string](t, s.db, `select coalesce(reasons -> 0 ->> 'key', '') from import_rows where batch_id = $1`, doubt.ID)
	if n := bookstest.Value[int](t, s.db, `select count(*) from credit_memos`); n != 2 || reason != "billing.import.issued_from_here" {
		t.Errorf("in doubt: %d memos, reason %q", n, reason)
	}
	for _, statement := range []string{`update gateway_postings set difference = 0 where state = 'issued'`, `delete from gateway_postings`} {
		if _, err := s.db.Pool().Exec(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "stands as it is") {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

func TestWhatIsForNobodyElse(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.must(s.postback.Set(t.Context(), postback.Setting{By: bookstest.Administrator(), Entity: "DE", Gateway: billing.BuiltinGateway}))
	if m := s.credit("10.00"); len(s.there(m)) != 0 {
		t.Errorf("%+v", s.there(m))
	}
	s.must(s.postback.Set(t.Context(), stripeSetting()))
	own, err := s.billing.IssueInvoice(t.Context(), billing.NewInvoice{
		EntityID: s.entity, CustomerID: s.customer, Currency: "EUR", IssuedOn: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), By: bookstest.Controller(),
		Lines: []billing.NewLine{{Product: "x", Description: "Seats", Quantity: d("1"), UnitPrice: d("10"), TaxCategory: "S", TaxRate: d("19")}},
	})
	s.must(err)
	if m := *s.post(billing.AdjustmentInput{Kind: billing.BillingError, InvoiceID: own.ID, ReasonCode: "duplicate", Whole: true}).Memo; len(s.there(m)) != 0 {
		t.Errorf("an invoice of our own: %+v", s.there(m))
	}
	if n := bookstest.Value[int](t, s.db, `select (select count(*) from gateway_postings) + (select count(*) from river_job where kind = 'billing.post_back')`); n != 0 {
		t.Errorf("%d asked for", n)
	}
	if err := s.postback.Work(t.Context(), billing.PostBack{Memo: 1, Action: billing.IssueThere}); !errors.Is(err, postback.ErrNothingThere) {
		t.Errorf("a job for nothing: %v", err)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for name, c := range map[string]struct {
		change func(*postback.Setting)
		field  string
	}{
		"another kind":        {func(in *postback.Setting) { in.Gateway = "other" }, "gateway"},
		"no account":          {func(in *postback.Setting) { in.Account = "" }, "account"},
		"a public key":        {func(in *postback.Setting) { in.Secret = "pk_test_1" }, "secret"},
		"another account":     {func(in *postback.Setting) { in.Account, in.Secret = "acct_2", "" }, "secret"},
		"an account for none": {func(in *postback.Setting) { in.Gateway = billing.BuiltinGateway }, "account"},
	} {
		in := stripeSetting()
		c.change(&in)
		var e *errs.Error
		if err := s.postback.Set(t.Context(), in); !errors.As(err, &e) || len(e.Fields) != 1 || e.Fields[0].Name != c.field {
			t.Errorf("%s: %v", name, err)
		}
	}
	in := stripeSetting()
	in.By = bookstest.Controller()
	if err := s.postback.Set(t.Context(), in); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("a controller set it: %v", err)
	}
	in = stripeSetting()
	in.Secret = ""
	s.must(s.postback.Set(t.Context(), in)) // keeps the key
	m := s.credit("10.00")
	s.drain()
	s.is(m, billing.ThereIssued, 1, "")
	if n := bookstest.Value[int](t, s.db, `select count(*) from gateway_secrets where position('sk_test_1'::bytea in sealed) > 0`) +
		bookstest.Value[int](t, s.db, `select count(*) from audit_log where data::text like '%sk_test%'`); n != 0 {
		t.Error("the key lies open")
	}
	if n := bookstest.Value[int](t, s.db, `select count(*) from audit_log where what = 'entity.gateway_set'`); n != 2 {
		t.Errorf("%d events", n)
	}
	waits := s.credit("5.00")
	s.must(s.db.Do(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `delete from gateway_secrets`)
		return err
	}))
	if err := s.work(waits); !errors.Is(err, postback.ErrNoKey) {
		t.Errorf("without a key: %v", err)
	}
	s.is(waits, billing.ThereWaiting, 1, "billing.gateway.no_key")
	in = stripeSetting()
	in.Secret = "sk_test_wrong"
	s.must(s.postback.Set(t.Context(), in))
	if err := s.work(waits); !errors.Is(err, gateway.ErrAway) {
		t.Errorf("with a wrong key: %v", err)
	}
	s.must(s.postback.Set(t.Context(), stripeSetting()))
	s.drain()
	s.is(waits, billing.ThereIssued, 3, "")
}

// TestPostedTogether: memos posted with a transaction's last statements are asked for as well.
func TestPostedTogether(t *testing.T) {
	t.Parallel()
	s := setup(t)
	var orders []billing.PostAdjustment
	s.must(s.db.Do(t.Context(), func(tx *db.Tx) error {
		for request, net := range []string{"5.00", "6.00"} {
			order, err := bookstest.Approved(t.Context(), tx, s.billing, int64(request+1), s.onLine(net))
			s.must(err)
			orders = append(orders, order)
		}
		return nil
	}))
	var posted []billing.Posted
	s.must(s.db.Do(t.Context(), func(tx *db.Tx) error {
		ready, err := s.billing.ReadyMemosTx(t.Context(), tx, orders)
		s.must(err)
		s.must(tx.InsertJobs(t.Context()))
		posted, err = ready.PostLastTx(t.Context())
		return err
	}))
	s.is(*posted[1].Memo, billing.ThereWaiting, 0, "")
	s.drain()
	for _, p := range posted {
		s.is(*p.Memo, billing.ThereIssued, 1, "")
	}
	s.noted(2, 2)
}
