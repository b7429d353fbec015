package credits_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"makegood/credits"
	"makegood/credits/authority"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/people"
)

func TestReroute(t *testing.T) {
	t.Parallel()

	t.Run("whoever goes away is passed over, upwards", func(t *testing.T) {
		t.Parallel()
		k := setup(t)
		req := k.submit(k.proposal(k.invoice(k.customer, "5000"), "2000"))
		k.run(`update users set away = true where id = $1`, k.senior.UserID)
		k.sweep()
		got := k.read(req.ID)
		if levels := levelsOf(got); !slices.Equal(levels, []string{"L3 supervisor"}) || got.Steps[0].State != credits.StepVoid {
			t.Fatalf("%v", levels)
		}
		expectWaiting(t, k, k.senior, 0)
		expectWaiting(t, k, k.lead, 1)
		if req := k.approve(req.ID, k.lead); req.State != credits.Approved {
			t.Errorf("%s", req.State)
		}
	})

	t.Run("an absence that was entered, from its moment to its end", func(t *testing.T) {
		t.Parallel()
		k := setup(t) // 09:30 in Berlin on 12 May
		k.staff.Register(k.registry)
		req := k.submit(k.proposal(k.invoice(k.customer, "5000"), "2000"))
		_, err := k.staff.EnterAbsence(t.Context(), people.AbsenceInput{By: k.senior, FirstDay: "2026-05-13", LastDay: "2026-05-14"})
		k.must(err)
		k.work()
		expectWaiting(t, k, k.senior, 1)
		jobstest.Drain(t, k.db, k.registry, k.clock, time.Date(2026, 5, 13, 1, 0, 0, 0, time.UTC))
		if levels := levelsOf(k.read(req.ID)); !slices.Equal(levels, []string{"L3 supervisor"}) {
			t.Fatalf("away: %v", levels)
		}
		expectWaiting(t, k, k.senior, 0)
		jobstest.Drain(t, k.db, k.registry, k.clock, time.Date(2026, 5, 15, 1, 0, 0, 0, time.UTC))
		next := k.submit(k.proposal(k.invoice(k.customer, "5000"), "2000"))
		if levels := levelsOf(k.read(next.ID)); !slices.Equal(levels, []string{"L2 senior", "L3 supervisor"}) {
			t.Errorf("back: %v", levels)
		}
	})

	t.Run("whoever is shut out is asked for nothing any more, at once", func(t *testing.T) {
		t.Parallel()
		k := setup(t)
		k.staff.Register(k.registry)
		req := k.submit(k.proposal(k.invoice(k.customer, "5000"), "2000"))
		var admin access.Actor
		k.do(func(tx *db.Tx) error { admin = k.person(tx, "Noor Haddad", access.Admin); return nil })
		k.must(k.staff.Deactivate(t.Context(), admin, k.senior.UserID))
		k.work()
		if levels := levelsOf(k.read(req.ID)); !slices.Equal(levels, []string{"L3 supervisor"}) {
			t.Errorf("%v", levels)
		}
	})

	t.Run("the last level empty: the next higher decides, without waiting for the sweep", func(t *testing.T) {
		t.Parallel()
		k := setup(t)
		req := k.submit(k.proposal(k.invoice(k.customer, "5000"), "2000"))
		k.run(`update users set active = false where id = $1`, k.lead.UserID)
		k.approve(req.ID, k.senior)
		if levels := levelsOf(k.read(req.ID)); !slices.Equal(levels, []string{"L2 senior", "L4 controller"}) {
			t.Fatalf("%v", levels)
		}
		if _, err := k.credits.Approve(t.Context(), credits.DecideInput{By: k.lead, ID: req.ID}); !errors.Is(err, authority.ErrNotCandidate) {
			t.Errorf("a deactivated person decided: %v", err)
		}
		if req := k.approve(req.ID, k.control); req.State != credits.Approved {
			t.Errorf("%s", req.State)
		}
	})

	t.Run("a stand-in decides for somebody, and nobody twice", func(t *testing.T) {
		t.Parallel()
		k := setup(t)
		req := k.submit(k.proposal(k.invoice(k.customer, "5000"), "2000"))
		given, err := k.credits.Delegate(t.Context(), credits.DelegateInput{By: k.lead, To: k.second.UserID, From: k.clock.Now(), Until: k.clock.Now().Add(48 * time.Hour)})
		k.must(err)
		k.work()
		k.approve(req.ID, k.senior)
		_, err = k.credits.Approve(t.Context(), credits.DecideInput{By: k.senior, ID: req.ID})
		if !errors.Is(err, authority.ErrAlreadyDecided) && err == nil {
			t.Error("one person signed two steps")
		}
		items := expectWaiting(t, k, k.second, 1)
		if items[0].StandsInFor != "Katrin Vogel" || items[0].Step != 2 || items[0].Steps != 2 {
			t.Errorf("%+v", items[0])
		}
		k.approve(req.ID, k.second)
		got := k.read(req.ID)
		if last := got.Steps[1].Decisions[0]; got.State != credits.Approved || last.OnBehalfOfName != "Katrin Vogel" {
			t.Errorf("%s %+v", got.State, last)
		}
		k.must(k.credits.Revoke(t.Context(), k.lead, given.ID))
	})

	t.Run("the requester's stand-in does not decide either", func(t *testing.T) {
		t.Parallel()
		k := setup(t)
		_, err := k.credits.Delegate(t.Context(), credits.DelegateInput{By: k.senior, To: k.second.UserID, From: k.clock.Now(), Until: k.clock.Now().Add(time.Hour)})
		k.must(err)
		in := k.proposal(k.invoice(k.customer, "5000"), "500")
		in.By = k.second
		req := k.submit(in)
		for _, c := range k.read(req.ID).Steps[0].Candidates {
			if c.UserID == k.second.UserID {
				t.Error("a stand-in is a candidate for their own request")
			}
		}
	})

	t.Run("two signatures need two people", func(t *testing.T) {
		t.Parallel()
		k := setup(t)
		req := k.submit(k.proposal(k.invoice(k.customer, "900000"), "300000"))
		if levels := levelsOf(k.read(req.ID)); levels[len(levels)-1] != "L6 director and CFO" {
			t.Fatalf("%v", levels)
		}
		k.approve(req.ID, k.senior, k.lead, k.control, k.finance)
		if _, err := k.credits.Approve(t.Context(), credits.DecideInput{By: k.finance, ID: req.ID}); err == nil {
			t.Error("one person gave both signatures")
		}
		if got := k.approve(req.ID, k.director); got.State != credits.Approved {
			t.Errorf("%s", got.State)
		}
	})
}

// sweep runs the periodic look at open chains.
func (k *desk) sweep() {
	k.t.Helper()
	k.must(k.registry.Work(k.t.Context(), credits.Sweep{}.Kind(), []byte("{}")))
}

func expectWaiting(t *testing.T, k *desk, who access.Actor, want int) []credits.WaitingItem {
	t.Helper()
	page, err := k.credits.Waiting(t.Context(), who, "", 0)
	k.must(err)
	count, err := k.credits.WaitingCount(t.Context(), who)
	k.must(err)
	if len(page.Rows) != want || count != want {
		t.Fatalf("for %s wait %d, counted %d, want %d", who.Name, len(page.Rows), count, want)
	}
	return page.Rows
}

func TestWaitingPages(t *testing.T) {
	t.Parallel()
	k := setup(t)
	for range 5 {
		k.submit(k.proposal(k.invoice(k.customer, "5000"), "150"))
		k.clock.Add(time.Minute)
	}
	var seen []string
	for after := ""; ; {
		page, err := k.credits.Waiting(t.Context(), k.senior, after, 2)
		k.must(err)
		for _, item := range page.Rows {
			seen = append(seen, item.Number)
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if len(seen) != 5 || !slices.IsSorted(seen) {
		t.Errorf("%v", seen)
	}
	list, err := k.credits.List(t.Context(), credits.ListFilter{States: []credits.State{credits.Pending}, Query: "customer c-1", Limit: 3}, k.control)
	k.must(err)
	if len(list.Rows) != 3 || list.Next == "" || list.Rows[0].Number != "CR-000005" {
		t.Errorf("%d rows, next %q", len(list.Rows), list.Next)
	}
}
