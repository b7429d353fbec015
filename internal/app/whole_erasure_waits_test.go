package app_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"makegood/internal/access"
	"makegood/internal/api"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/erasure"
	"makegood/internal/errs"
	"makegood/internal/scenario"
)

// Who sets a hold and who asks are told of an erasure under way, the job waits, and a hold on a customer keeps whoever wrote in a case of it.
func TestHoldsAndErasuresWaitForEachOther(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	admin, director := h.Actor(access.Admin), h.Actor(access.Director)
	c := h.asked(mail("Ada Lumen <"+ada+">", "holds-1@lumen.example", "A question", "When is it due?"))
	h.awaitMails(1)
	h.atRest()
	t.Run("a hold on the customer of a case that they only wrote in", func(t *testing.T) {
		dbtest.AsOwner(t, h.app.DB, `create table takes_part as select * from case_participants`, `delete from case_participants`, `update contacts set email = 'moved@lumen.example' where email = 'ada@lumen.example'`)
		hold := p2(h.app.Erasure.SetHold(t.Context(), erasure.HoldInput{By: director, Account: h.Lumen.Account, Reason: "A court asks"}))(t)
		_, err := h.app.Erasure.Ask(t.Context(), erasure.AskInput{By: admin, Who: erasure.Who{Addresses: []string{ada}}, Reason: "By mail"})
		if wrong, ok := errors.AsType[*errs.Error](err); !ok || wrong.Key != erasure.ErrHeld.Key {
			t.Errorf("case %s of %v: %v", c.Number, c.CustomerID, err)
		}
		p2(h.app.Erasure.LiftHold(t.Context(), director, hold.ID, "Over"))(t)
		dbtest.AsOwner(t, h.app.DB, `insert into case_participants select * from takes_part`, `drop table takes_part`, `update contacts set email = 'ada@lumen.example' where email = 'moved@lumen.example'`)
	})
	e := p2(h.app.Erasure.Ask(t.Context(), erasure.AskInput{By: admin, Who: erasure.Who{Addresses: []string{ada}}, Reason: "By mail"}))(t)
	for name, work := range map[string]func() error{
		"a hold": func() error {
			_, err := h.app.Erasure.SetHold(t.Context(), erasure.HoldInput{By: director, Address: "else@lumen.example", Reason: "A court asks"})
			return err
		},
		"asking": func() error {
			_, err := h.app.Erasure.Ask(t.Context(), erasure.AskInput{By: admin, Who: erasure.Who{Addresses: []string{ada}}, Reason: "By mail"})
			return err
		},
		"the job": func() error {
			return h.app.Jobs.Work(t.Context(), "erasure.erase", fmt.Appendf(nil, `{"id":%d}`, e.ID))
		},
	} {
		if name == "the job" {
			h.waitsItsTurn(name, work)
			continue
		}
		must(t, h.app.DB.Do(t.Context(), func(tx *db.Tx) error {
			if _, err := tx.Exec(t.Context(), `select pg_advisory_xact_lock(hashtext('erasures'))`); err != nil {
				return err
			}
			if err := work(); !errors.Is(err, erasure.ErrUnderWay) {
				t.Errorf("%s while an erasure is under way: %v", name, err)
			}
			return nil
		}))
		must(t, work())
	}
}

// waitsItsTurn has an erasure under way until the work is seen to wait for it, and then end well.
func (h *house) waitsItsTurn(name string, work func() error) {
	h.t.Helper()
	ctx, done := h.t.Context(), make(chan error, 1)
	must(h.t, h.app.DB.Do(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('erasures'))`); err != nil {
			return err
		}
		go func() { done <- work() }()
		for waits := false; !waits; {
			if len(done) > 0 {
				h.t.Errorf("%s did not wait", name)
				return nil
			}
			var err error
			if waits, err = db.Value[bool](ctx, tx, `select exists (select from pg_locks where locktype = 'advisory' and not granted
				and objid::bigint = hashtext('erasures')::bigint & 4294967295)`); err != nil {
				return err
			}
		}
		return nil
	}))
	must(h.t, <-done)
}

// What makes an erasure fail, and is no obstacle, stands on the page too; it is tried again.
func TestAnErasureThatFails(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	h.asked(mail("Ada Lumen <"+ada+">", "fails-1@lumen.example", "A question", "When is it due?"))
	h.awaitMails(1)
	h.atRest()
	dbtest.AsOwner(t, h.app.DB, `alter table dead_addresses rename to dead_addresses_away`)
	e := p2(h.app.Erasure.Ask(t.Context(), erasure.AskInput{By: h.Actor(access.Admin), Who: erasure.Who{Addresses: []string{ada}}, Reason: "By mail"}))(t)
	p2(h.app.Erasure.Decide(t.Context(), h.Actor(access.Director), e.ID, "confirm", ""))(t)
	if err := h.app.Jobs.Work(t.Context(), "erasure.erase", fmt.Appendf(nil, `{"id":%d}`, e.ID)); err == nil {
		t.Error("it did not fail")
	}
	if page := h.browse(access.Admin).page("/settings/erasures"); !strings.Contains(page, "It failed and is tried again; the log says why.") {
		t.Errorf("the page does not say so: %s", page)
	}
	var shown api.ErasureBody
	h.as(access.Admin).ask(http.StatusOK, "GET", fmt.Sprintf("/erasures/%d", e.ID), nil, &shown)
	if !strings.Contains(fmt.Sprint(shown.Obstacle), "failed") {
		t.Errorf("%+v", shown)
	}
	dbtest.AsOwner(t, h.app.DB, `alter table dead_addresses_away rename to dead_addresses`)
	must(t, h.app.Jobs.Work(t.Context(), "erasure.erase", fmt.Appendf(nil, `{"id":%d}`, e.ID)))
	if e = p2(h.app.Erasure.ByID(t.Context(), h.Actor(access.Admin), e.ID))(t); e.State != erasure.Done || e.Obstacle != "" {
		t.Errorf("%+v", e)
	}
}
