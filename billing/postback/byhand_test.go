package postback_test

import (
	"errors"
	"testing"

	"makegood/billing"
	"makegood/billing/bookstest"
	"makegood/billing/postback"
	"makegood/internal/access"
	"makegood/internal/errs"
)

// TestSettledByHand: what the other system does not take can be settled there by a person, who says how, or given up. It is asked
// for no more, nothing changes it, and what is taken back later is voided there only if something is there.
func TestSettledByHand(t *testing.T) {
	t.Parallel()
	s := setup(t)
	refuse := func() billing.CreditMemo {
		m := s.credit("10.00")
		s.stripe.fail = []int{400}
		s.drain()
		s.is(m, billing.ThereRefused, 1, "billing.gateway.refused")
		return m
	}
	settle := func(m billing.CreditMemo, how, id string, by access.Actor) error {
		return s.postback.SettleByHand(t.Context(), postback.ByHand{By: by, Memo: m.Number, Action: billing.IssueThere, How: how, ID: id})
	}
	given, made := refuse(), refuse()
	if err := settle(given, " ", "", bookstest.Controller()); errs.KindOf(err) != errs.Invalid {
		t.Errorf("without saying how: %v", err)
	}
	if err := settle(given, "Written off in Stripe", "", bookstest.Administrator()); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("an administrator: %v", err)
	}
	s.must(settle(given, "The invoice is void there", "", bookstest.Controller()))
	if err := settle(given, "Again", "", bookstest.Controller()); !errors.Is(err, postback.ErrSettled) {
		t.Errorf("twice: %v", err)
	}
	if err := s.postback.Retry(t.Context(), given.Number, billing.IssueThere, bookstest.Controller()); !errors.Is(err, postback.ErrSettled) {
		t.Errorf("asked for again: %v", err)
	}
	s.takeBack(given)
	s.drain()
	if list := s.there(given); list[0].State != billing.ThereByHand || list[0].SettledHow != "The invoice is void there" || list[1].State != billing.ThereNeedless {
		t.Errorf("given up, then taken back: %+v", list)
	}
	s.stripe.notes = append(s.stripe.notes, &noteThere{ID: "cn_hand", Status: "issued", Invoice: "in_1", Total: "1190"})
	s.must(settle(made, "Issued in the dashboard", "cn_hand", bookstest.Controller()))
	s.takeBack(made)
	s.drain()
	if list := s.there(made); list[1].State != billing.ThereVoided || s.stripe.notes[0].Status != "void" {
		t.Errorf("issued by hand, then taken back: %+v, there %s", list, s.stripe.notes[0].Status)
	}
	if _, err := s.db.Pool().Exec(t.Context(), `update gateway_postings set settled_how = 'otherwise' where credit_memo_id = $1`, made.ID); err == nil {
		t.Error("what a person said was changed")
	}
}

// TestAMistypedNote: the id of a note that another memo has is not taken, and one of another invoice or amount is not voided.
func TestAMistypedNote(t *testing.T) {
	t.Parallel()
	s := setup(t)
	refused := func() billing.CreditMemo {
		m := s.credit("10.00")
		s.stripe.fail = []int{400}
		s.drain()
		return m
	}
	settle := func(m billing.CreditMemo, id string) error {
		return s.postback.SettleByHand(t.Context(), postback.ByHand{By: bookstest.Controller(), Memo: m.Number, Action: billing.IssueThere, How: "In the dashboard", ID: id})
	}
	s.credit("20.00")
	s.drain()
	issued := s.stripe.notes[0]
	mistyped := refused()
	if no, ok := errors.AsType[*errs.Error](settle(mistyped, issued.ID)); !ok || len(no.Fields) != 1 || no.Fields[0].Name != "id" || no.Fields[0].Key != "billing.gateway.note_taken" {
		t.Errorf("another memo's note: %+v", no)
	}
	for id, note := range map[string]noteThere{"cn_other": {Invoice: "in_2", Total: "1190"}, "cn_more": {Invoice: "in_1", Total: "1191"}, "cn_void": {Invoice: "in_2", Total: "1190", Status: "void"}} {
		m := refused()
		note.ID = id
		if note.Status == "" {
			note.Status = "issued"
		}
		was := note.Status
		s.stripe.notes = append(s.stripe.notes, &note)
		s.must(settle(m, id))
		s.takeBack(m)
		s.drain()
		if void := s.there(m)[1]; void.State != billing.ThereRefused || void.Answer != "billing.gateway.other_note" || note.Status != was {
			t.Errorf("%s: %+v, there %s", id, void, note.Status)
		}
	}
}

// TestANoteGivenToAnotherMemo: what was issued and not answered, and then given to another memo by hand, waits for a person.
func TestANoteGivenToAnotherMemo(t *testing.T) {
	t.Parallel()
	s := setup(t)
	other := s.credit("10.00")
	s.stripe.fail = []int{400}
	s.drain()
	m := s.credit("10.00")
	s.stripe.fail = []int{0}
	if err := s.work(m); err == nil {
		t.Fatal("answered")
	}
	s.must(s.postback.SettleByHand(t.Context(), postback.ByHand{By: bookstest.Controller(), Memo: other.Number, Action: billing.IssueThere, How: "Found there", ID: s.stripe.notes[0].ID}))
	s.must(s.work(m))
	s.is(m, billing.ThereRefused, 2, "billing.gateway.note_taken")
}
