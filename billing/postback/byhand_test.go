package postback_test

import (
	"errors"
	"testing"

	"makegood/billing"
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
	if err := settle(given, " ", "", controller()); errs.KindOf(err) != errs.Invalid {
		t.Errorf("without saying how: %v", err)
	}
	if err := settle(given, "Written off in Stripe", "", administrator()); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("an administrator: %v", err)
	}
	s.must(settle(given, "The invoice is void there", "", controller()))
	if err := settle(given, "Again", "", controller()); !errors.Is(err, postback.ErrSettled) {
		t.Errorf("twice: %v", err)
	}
	if err := s.postback.Retry(t.Context(), given.Number, billing.IssueThere, controller()); !errors.Is(err, postback.ErrSettled) {
		t.Errorf("asked for again: %v", err)
	}
	s.takeBack(given)
	s.drain()
	if list := s.there(given); list[0].State != billing.ThereByHand || list[0].SettledHow != "The invoice is void there" || list[1].State != billing.ThereNeedless {
		t.Errorf("given up, then taken back: %+v", list)
	}
	s.stripe.notes = append(s.stripe.notes, &noteThere{ID: "cn_hand", Status: "issued", Total: "1190"})
	s.must(settle(made, "Issued in the dashboard", "cn_hand", controller()))
	s.takeBack(made)
	s.drain()
	if list := s.there(made); list[1].State != billing.ThereVoided || s.stripe.notes[0].Status != "void" {
		t.Errorf("issued by hand, then taken back: %+v, there %s", list, s.stripe.notes[0].Status)
	}
	if _, err := s.db.Pool().Exec(t.Context(), `update gateway_postings set settled_how = 'otherwise' where credit_memo_id = $1`, made.ID); err == nil {
		t.Error("what a person said was changed")
	}
}
