package credits_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"strconv"
	"testing"
	"time"

	"makegood/billing"
	"makegood/credits"
	"makegood/credits/authority/policy"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
)

// passed is a request within the agent's own limit, on an invoice of a customer of its own.
func (k *desk) passed(by access.Actor) credits.Request {
	k.t.Helper()
	k.customers++
	var customer billing.CustomerID
	k.do(func(tx *db.Tx) error {
		customer = k.addCustomer(tx, "S-"+strconv.Itoa(k.customers), "direct", nil)
		return nil
	})
	in := k.proposal(k.invoice(customer, "4000"), "11")
	in.By = by
	req := k.submit(in)
	if !req.OwnLimit {
		k.t.Fatalf("%s does not pass within the own limit", req.Number)
	}
	return req
}

func (k *desk) sampleAll() {
	k.do(func(tx *db.Tx) error {
		return k.credits.SeedPolicyTx(k.t.Context(), tx, policy.Policy{Sampling: policy.Sampling{OwnLimitPercent: 100}})
	})
}

// Everything that passes within an own limit has its draw; what is above the limit has none; and the draw can be repeated
// when the month is over, with a seed that was fixed before.
func TestEverythingWithinAnOwnLimitIsDrawn(t *testing.T) {
	t.Parallel()
	k := setup(t)
	for range 12 {
		k.passed(k.agent)
	}
	k.submit(k.proposal(k.invoice(k.customer, "4000"), "400")) // somebody decides this one
	month := k.clock.Now()
	open, err := k.credits.Draws(t.Context(), month, 0, 100, k.lead)
	k.must(err)
	if len(open.Draws) != 12 || open.Seed != nil || len(open.Commitment) != 32 {
		t.Fatalf("%d draws, seed %x, commitment %x", len(open.Draws), open.Seed, open.Commitment)
	}
	k.clock.Set(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC))
	over, err := k.credits.Draws(t.Context(), month, 0, 100, k.lead)
	k.must(err)
	if hash := sha256.Sum256(over.Seed); !bytes.Equal(hash[:], open.Commitment) {
		t.Error("the seed is not the one that was committed to")
	}
	for _, d := range over.Draws {
		if want := policy.Draw(over.Seed, int64(d.ID)); !d.Repeats || d.Draw != want || d.Sampled != (want < 1000) || d.Percent != 10 {
			t.Errorf("%+v: drawn again %d", d, want)
		}
	}
	if _, err := k.credits.Draws(t.Context(), month.AddDate(0, -1, 0), 0, 100, k.lead); !errors.Is(err, credits.ErrNoSample) {
		t.Errorf("a month without draws: %v", err)
	}
	report, err := k.credits.SampleReport(t.Context(), month, month, k.lead)
	k.must(err)
	if len(report.People) != 1 || report.People[0].Passed != 12 || report.Undrawn != 0 {
		t.Errorf("report %+v", report)
	}
	equal(t, "passed", "157.08", report.People[0].Amount)
}

// A draw that the seed does not give, a change of one, and the loss of one are refused by the database or seen in the report.
func TestADrawCannotBeAvoided(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.passed(k.agent)
	for _, statement := range []string{
		`update own_limit_draws set draw = (draw + 1) % 10000`, `update own_limit_draws set percent = 1`, `delete from own_limit_draws`,
		`update own_limit_seeds set seed = sha256('x')`,
		`insert into own_limit_draws (credit_request_id, month, percent, policy_version, draw, entity_id, requester_id, requester_rank, drawn_at)
			select r.id, d.month, 10, 0, (d.draw + 1) % 10000, r.entity_id, r.requester_id, 1, now() from own_limit_draws d, credit_requests r`,
	} {
		if err := k.db.Do(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(t.Context(), statement); return err }); err == nil {
			t.Errorf("the database took %q", statement)
		}
	}
	dbtest.AsOwner(t, k.db, `delete from own_limit_draws`)
	report, err := k.credits.SampleReport(t.Context(), k.clock.Now(), k.clock.Now(), k.lead)
	k.must(err)
	if report.Undrawn != 1 {
		t.Errorf("one approval lost its draw: %+v", report)
	}
}

// Somebody of a higher level, who is not the requester, looks once.
func TestWhoReviewsASample(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.sampleAll()
	first, second := k.passed(k.agent), k.passed(k.agent)
	k.work()
	waiting, err := k.credits.Samples(t.Context(), k.lead, false, "", 1)
	k.must(err)
	if len(waiting.Rows) != 1 || waiting.Rows[0].ID != first.ID || !waiting.Rows[0].MayReview || waiting.Next == "" {
		t.Fatalf("first page %+v", waiting)
	}
	if waiting, err = k.credits.Samples(t.Context(), k.lead, false, waiting.Next, 1); err != nil || len(waiting.Rows) != 1 || waiting.Rows[0].ID != second.ID || waiting.Next != "" {
		t.Fatalf("second page %v %+v", err, waiting)
	}
	fine := credits.ReviewInput{ID: first.ID, Verdict: credits.Fine}
	refuse := func(who string, in credits.ReviewInput, by access.Actor, want error) {
		t.Helper()
		in.By = by
		if _, err := k.credits.Review(t.Context(), in); !errors.Is(err, want) {
			t.Errorf("%s: %v", who, err)
		}
	}
	refuse("an agent", fine, k.second, access.ErrForbidden)
	auditor := access.Actor{Kind: access.Person, UserID: k.control.UserID, Roles: []access.Role{access.Auditor}}
	refuse("an auditor", fine, auditor, access.ErrForbidden)
	robot := k.lead
	robot.Assistant = true
	refuse("an assistant of the supervisor", fine, robot, access.ErrForbidden)
	var plain access.Actor
	k.do(func(tx *db.Tx) error {
		plain = k.person(tx, "Rolf Ebner", access.Supervisor)
		return nil
	})
	refuse("a supervisor without a level", fine, plain, credits.ErrNotHigher)
	self := k.agent
	self.Roles = []access.Role{access.Supervisor}
	refuse("the requester", fine, self, credits.ErrOwnReview)
	foreign := k.lead
	foreign.EntityIDs = []int64{int64(k.entity) + 1}
	refuse("out of scope", fine, foreign, credits.ErrNoSample)

	for field, in := range map[string]credits.ReviewInput{
		"verdict": {ID: first.ID}, "finding": {ID: first.ID, Verdict: credits.NotFine, Note: "x"}, "note": {ID: first.ID, Verdict: credits.NotFine, Finding: credits.NoGround, Note: " "},
	} {
		in.By = k.lead
		_, err := k.credits.Review(t.Context(), in)
		if wrong, ok := errors.AsType[*errs.Error](err); !ok || len(wrong.Fields) != 1 || wrong.Fields[0].Name != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	done, err := k.credits.Review(t.Context(), credits.ReviewInput{By: k.lead, ID: first.ID, Verdict: credits.NotFine, Finding: credits.NoEvidence, Note: "Page 3 is of another year."})
	k.must(err)
	if done.Verdict != credits.NotFine || done.ReviewerName != "Katrin Vogel" || done.Note != "Page 3 is of another year." {
		t.Errorf("review %+v", done)
	}
	refuse("a second look", fine, k.control, credits.ErrReviewedOnce)
	if n := value[int](t, k.db, `select count(*)::int from audit_log where what = 'own_limit.reviewed' and data->>'finding' = 'no_evidence'`); n != 1 {
		t.Errorf("%d audit rows", n)
	}
	report, err := k.credits.SampleReport(t.Context(), k.clock.Now(), k.clock.Now(), k.lead)
	k.must(err)
	if got := report.People[0]; got.Passed != 2 || got.Drawn != 2 || got.Reviewed != 1 || got.NotFine != 1 || got.Waiting != 1 {
		t.Errorf("report %+v", got)
	}
	reviewed, err := k.credits.Samples(t.Context(), k.lead, true, "", 10)
	k.must(err)
	if len(reviewed.Rows) != 1 || reviewed.Rows[0].ID != first.ID {
		t.Errorf("reviewed %+v", reviewed.Rows)
	}
}

// At the very top nobody is higher: the other of the two looks.
func TestTheTopReviewsItsLike(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.sampleAll()
	dbtest.AsOwner(t, k.db, `update authority_level_versions set limits = (select jsonb_agg(x || '{"own":"100"}') from jsonb_array_elements(limits) x) where level_id = (select id from authority_levels where rank = 6)`)
	boss := k.director
	boss.Roles = append(boss.Roles, access.Agent)
	k.run(`update users set roles = '{director,agent}' where id = $1`, boss.UserID)
	req := k.passed(boss)
	if _, err := k.credits.Review(t.Context(), credits.ReviewInput{By: k.control, ID: req.ID, Verdict: credits.Fine}); !errors.Is(err, credits.ErrNotHigher) {
		t.Errorf("a controller over a director: %v", err)
	}
	_, err := k.credits.Review(t.Context(), credits.ReviewInput{By: k.finance, ID: req.ID, Verdict: credits.Fine})
	k.must(err)
}
