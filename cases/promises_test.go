package cases_test

import (
	"fmt"
	"testing"
	"time"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
)

// collectors are people of collections: of every entity, of the promise's, and of another.
func (k *desk) collectors() (all, here, elsewhere access.Actor) {
	k.t.Helper()
	k.do(func(tx *db.Tx) error {
		all, here, elsewhere = k.addUser(tx, "Olga Petrov", 1, access.Collections), k.addUser(tx, "Kaj Holm", 1, access.Collections), k.addUser(tx, "Wei Tan", 1, access.Collections)
		for who, entity := range map[int64]billing.EntityID{here.UserID: k.entity, elsewhere.UserID: k.other} {
			if _, err := tx.Exec(k.t.Context(), `update users set entity_ids = array[$2::bigint] where id = $1`, who, entity); err != nil {
				return err
			}
		}
		return nil
	})
	return all, here, elsewhere
}

func (k *desk) heard(who access.Actor, key string) (n int, last cases.Notice) {
	k.t.Helper()
	list, err := k.cases.Notices(k.t.Context(), who.UserID, false, 50)
	k.must(err)
	for _, one := range list {
		if one.Key == key {
			n, last = n+1, one
		}
	}
	return n, last
}

func (k *desk) about(invoice billing.InvoiceID) cases.Case {
	k.t.Helper()
	in := k.mail()
	in.Type, in.Invoices = cases.Inquiry, []cases.LinkedInvoice{{InvoiceID: invoice, Evidence: "number in subject", Confidence: 100}}
	return k.open(in)
}

func TestABrokenPromiseIsToldAndItsCaseComesBack(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.billing.Register(k.jobs)
	all, here, elsewhere := k.collectors()
	invoice := k.invoice()
	off, working := k.about(invoice.ID), k.about(invoice.ID)
	off = k.putOff(off, "2026-05-29 11:00")
	promise, err := k.billing.MakePromise(t.Context(), billing.NewPromise{
		InvoiceID: invoice.ID, Amount: d("500"), On: billing.Date(berlin("2026-05-14 12:00")), PromisedBy: "Anna Behn", By: k.controller,
	})
	k.must(err)
	k.clock.Add(time.Hour)
	_, err = k.billing.RecordPayment(t.Context(), billing.NewPayment{
		EntityID: k.entity, CustomerID: k.customer, Currency: "EUR", Amount: d("120"), ReceivedOn: billing.Date(k.clock.Now()), By: k.controller,
		Allocate: []billing.Allocate{{InvoiceID: invoice.ID, Amount: d("120")}},
	})
	k.must(err)
	k.drain("2026-05-14 23:00")
	if n, _ := k.heard(all, "notice.promise_broken"); n != 0 || k.reload(off.ID).FollowUpDue {
		t.Fatal("told before the day was over")
	}
	k.drain("2026-05-15 00:10")
	news := fmt.Appendf(nil, `{"id":%d,"broken":true}`, promise.ID)
	k.must(k.jobs.Work(t.Context(), billing.PromiseNews{}.Kind(), news)) // the job runs again
	for who, want := range map[string]struct {
		actor access.Actor
		times int
	}{"collections": {all, 1}, "of the entity": {here, 1}, "of another": {elsewhere, 0}, "who wrote it down": {k.controller, 1}, "an agent": {k.agent, 0}} {
		n, told := k.heard(want.actor, "notice.promise_broken")
		if n != want.times {
			t.Errorf("%s: told %d times, want %d", who, n, want.times)
		}
		if n > 0 && (told.Params["amount"] != "500.00 EUR" || told.Params["paid"] != "120.00 EUR" || told.Params["invoice"] != invoice.Number) {
			t.Errorf("%s: %v", who, told.Params)
		}
	}
	if back := k.reload(off.ID); !back.FollowUpDue || back.FollowUpNote != "ask the bank" || k.events(off.ID, "promise.broken") != 1 || k.events(off.ID, "follow_up.due") != 1 {
		t.Errorf("the case that was put off: %+v", back)
	}
	if there := k.reload(working.ID); there.FollowUpDue || k.events(working.ID, "promise.broken") != 1 {
		t.Errorf("the case that was not away: %+v", there)
	}
	// Dealt with, it does not come back for the same promise.
	_, err = k.cases.EndFollowUp(t.Context(), k.on(k.reload(off.ID)))
	k.must(err)
	k.must(k.jobs.Work(t.Context(), billing.PromiseNews{}.Kind(), news))
	if again := k.reload(off.ID); again.FollowUpDue || k.events(off.ID, "promise.broken") != 1 {
		t.Errorf("it came back twice: %+v", again)
	}
}

func TestCollectionsHearOfAPromiseBeforeItsDay(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.billing.Register(k.jobs)
	all, _, _ := k.collectors()
	promise := func(amount, on string, remind bool) billing.Promise {
		p, err := k.billing.MakePromise(t.Context(), billing.NewPromise{
			InvoiceID: k.invoice().ID, Amount: d(amount), On: billing.Date(berlin(on + " 12:00")), PromisedBy: "Anna Behn", Remind: remind, By: k.controller,
		})
		k.must(err)
		return p
	}
	near := promise("100", "2026-05-20", true)
	promise("200", "2026-05-20", false)         // did not ask
	promise("300", "2026-05-12", true)          // whoever writes it down knows
	taken := promise("400", "2026-05-20", true) // taken back before
	k.must(k.billing.SetCollectionPolicy(t.Context(), billing.CollectionPolicy{EntityID: k.entity, LevelDays: []int{1}, PromiseReminderDays: 3}, k.controller))
	early := promise("500", "2026-05-20", true)
	k.must(k.billing.SetCollectionPolicy(t.Context(), billing.CollectionPolicy{EntityID: k.entity, LevelDays: []int{1}}, k.controller))
	promise("600", "2026-05-20", true) // nobody is to be told any more
	_, err := k.billing.WithdrawPromise(t.Context(), taken.ID, "agreed anew", k.controller)
	k.must(err)
	for _, at := range []struct {
		until string
		want  int
		last  billing.PromiseID
	}{{"2026-05-17 07:59", 0, 0}, {"2026-05-17 08:01", 1, early.ID}, {"2026-05-19 07:59", 1, early.ID}, {"2026-05-19 08:01", 2, near.ID}, {"2026-05-20 23:00", 2, near.ID}} {
		k.drain(at.until)
		list, err := k.cases.Notices(t.Context(), all.UserID, false, 50)
		k.must(err)
		near := list[:0]
		for _, n := range list {
			if n.Key == "notice.promise_near" {
				near = append(near, n)
			}
		}
		if len(near) != at.want || at.want > 0 && near[0].Params["promise"] != fmt.Sprint(at.last) {
			t.Errorf("at %s: %v", at.until, near)
		}
	}
	k.must(k.jobs.Work(t.Context(), billing.PromiseNews{}.Kind(), fmt.Appendf(nil, `{"id":%d}`, near.ID)))
	if n, _ := k.heard(all, "notice.promise_near"); n != 2 {
		t.Errorf("told again: %d", n)
	}
}
