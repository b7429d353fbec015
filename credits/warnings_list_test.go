package credits_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
)

// noticed has two people ask twice for the same amount each, so that each second request is noticed.
func (k *desk) noticed() (first, second credits.Request) {
	k.t.Helper()
	k.submit(k.proposal(k.invoice(k.customer, "4000"), "300"))
	first = k.submit(k.proposal(k.invoice(k.customer, "4000"), "300"))
	other := k.proposal(k.invoice(k.client, "4000"), "200")
	other.By = k.second
	k.submit(other)
	other = k.proposal(k.invoice(k.client, "4000"), "200")
	other.By = k.second
	return first, k.submit(other)
}

func TestWarningsAreListedAndSummed(t *testing.T) {
	t.Parallel()
	k := setup(t)
	first, second := k.noticed()
	page, err := k.credits.Warnings(t.Context(), credits.WarningFilter{Limit: 1}, k.lead)
	k.must(err)
	if len(page.Rows) != 1 || page.Rows[0].Number != second.Number || page.Next == "" {
		t.Fatalf("first page %+v", page)
	}
	page, err = k.credits.Warnings(t.Context(), credits.WarningFilter{Limit: 1, After: page.Next}, k.lead)
	k.must(err)
	if len(page.Rows) != 1 || page.Rows[0].Number != first.Number || page.Next != "" || len(page.Rows[0].Behind) != 1 {
		t.Fatalf("second page %+v", page)
	}
	count := func(what string, f credits.WarningFilter, want int) {
		t.Helper()
		found, err := k.credits.Warnings(t.Context(), f, k.lead)
		k.must(err)
		if len(found.Rows) != want {
			t.Errorf("%s: %d warnings, want %d", what, len(found.Rows), want)
		}
	}
	count("by rule", credits.WarningFilter{Rule: credits.SameAmount}, 2)
	count("by another rule", credits.WarningFilter{Rule: credits.RoundSum}, 0)
	count("of a person", credits.WarningFilter{Requester: k.second.UserID}, 1)
	count("of a customer", credits.WarningFilter{Account: "C-1"}, 1)
	count("from tomorrow", credits.WarningFilter{From: k.clock.Now().AddDate(0, 0, 1)}, 0)
	count("to yesterday", credits.WarningFilter{To: k.clock.Now().Truncate(24*time.Hour).AddDate(0, 0, -1)}, 0)
	if _, err := k.credits.Warnings(t.Context(), credits.WarningFilter{Rule: "nonsense"}, k.lead); errs.KindOf(err) != errs.Invalid {
		t.Errorf("no such rule: %v", err)
	}
	for way, want := range map[credits.WarningWay]int{credits.WarningsByRule: 1, credits.WarningsByPerson: 2, credits.WarningsByCustomer: 2} {
		sums, err := k.credits.WarningSums(t.Context(), credits.WarningFilter{}, way, k.lead)
		k.must(err)
		if len(sums) != want {
			t.Errorf("by %s: %+v", way, sums)
		}
		if way == credits.WarningsByRule {
			equal(t, "of both", "595", sums[0].Amount) // 357 and 238
		}
	}
	foreign := k.lead
	foreign.EntityIDs = []int64{int64(k.entity) + 1}
	if found, err := k.credits.Warnings(t.Context(), credits.WarningFilter{}, foreign); err != nil || len(found.Rows) != 0 {
		t.Errorf("out of scope: %v %+v", err, found)
	}
	if _, err := k.credits.Warnings(t.Context(), credits.WarningFilter{}, k.agent); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("an agent: %v", err)
	}
}

func TestAWarningIsLookedAtOnce(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.noticed()
	page, err := k.credits.Warnings(t.Context(), credits.WarningFilter{OpenOnly: true}, k.lead)
	k.must(err)
	look := credits.LookInput{By: k.lead, ID: page.Rows[0].ID, Note: "Two outages of the same length."}
	refuse := func(who string, in credits.LookInput, want error) {
		t.Helper()
		if _, err := k.credits.LookAtWarning(t.Context(), in); !errors.Is(err, want) {
			t.Errorf("%s: %v", who, err)
		}
	}
	self, foreign, robot := k.second, k.lead, k.lead
	self.Roles, foreign.EntityIDs, robot.Assistant = []access.Role{access.Supervisor}, []int64{int64(k.entity) + 1}, true
	refuse("the requester", credits.LookInput{By: self, ID: look.ID, Note: "Fine."}, credits.ErrOwnWarning)
	dbtest.AsOwner(t, k.db, fmt.Sprintf(`insert into credit_decisions (credit_request_id, step_id, user_id, decision, content_version, digest, decided_at)
		select id, (select min(id) from credit_steps s where s.credit_request_id = r.id), %d, 'approve', content_version, digest, now() from credit_requests r where id = %d`,
		k.control.UserID, page.Rows[0].CreditRequestID))
	refuse("who signed", credits.LookInput{By: k.control, ID: look.ID, Note: "Fine."}, credits.ErrOwnWarning)
	dbtest.AsOwner(t, k.db, `delete from credit_decisions`)
	refuse("out of scope", credits.LookInput{By: foreign, ID: look.ID, Note: "Fine."}, credits.ErrNoWarning)
	refuse("an assistant", credits.LookInput{By: robot, ID: look.ID, Note: "Fine."}, access.ErrForbidden)
	refuse("nothing", credits.LookInput{By: k.lead, ID: 99, Note: "Fine."}, credits.ErrNoWarning)
	if _, err := k.credits.LookAtWarning(t.Context(), credits.LookInput{By: k.lead, ID: look.ID, Note: " "}); errs.KindOf(err) != errs.Invalid {
		t.Errorf("without a note: %v", err)
	}
	done, err := k.credits.LookAtWarning(t.Context(), look)
	k.must(err)
	if done.LookedByName != "Katrin Vogel" || done.LookNote != look.Note || done.LookedAt == nil {
		t.Errorf("look %+v", done)
	}
	refuse("again", credits.LookInput{By: k.control, ID: look.ID, Note: "Fine."}, credits.ErrLookedOnce)
	if open, err := k.credits.Warnings(t.Context(), credits.WarningFilter{OpenOnly: true}, k.lead); err != nil || len(open.Rows) != 1 {
		t.Errorf("still open: %v %+v", err, open.Rows)
	}
	if n := value[int](t, k.db, `select count(*)::int from audit_log where what = 'credit_warning.looked_at'`); n != 1 {
		t.Errorf("%d audit rows", n)
	}
}

// A warning says how many rows it has, and shows those that its reader may see.
func TestRowsOfAnotherLegalEntityAreCounted(t *testing.T) {
	t.Parallel()
	k := setup(t)
	first, _ := k.noticed()
	narrow := k.lead
	narrow.EntityIDs = []int64{int64(k.entity)}
	rows := func(want, more int) {
		t.Helper()
		d, err := k.credits.Request(t.Context(), k.db, first.ID, narrow)
		k.must(err)
		page, err := k.credits.Warnings(t.Context(), credits.WarningFilter{Requester: k.agent.UserID}, narrow)
		k.must(err)
		for _, w := range []credits.Warning{d.Raised[0].Warning, page.Rows[0].Warning} {
			if len(w.Behind) != want || w.More != more {
				t.Errorf("%d rows and %d more, not %d and %d", len(w.Behind), w.More, want, more)
			}
		}
	}
	rows(1, 0)
	dbtest.AsOwner(t, k.db, fmt.Sprintf(`update credit_warnings set behind = jsonb_set(behind, '{0,entity}', '%d') where (behind #>> '{0,entity}')::bigint = %d`, k.entity+1, k.entity))
	rows(0, 1)
}

// However much came before, a preview asks the same number of times.
func TestAPreviewAsksAFewTimes(t *testing.T) {
	t.Parallel()
	k := setup(t)
	service, c := k.counted()
	in := k.proposal(k.invoice(k.customer, "4000", "4000"), "300", "300")
	ask := func() int {
		_, err := service.Preview(t.Context(), in)
		k.must(err)
		*c = counter{}
		_, err = service.Preview(t.Context(), in)
		k.must(err)
		return c.statements
	}
	before := ask()
	for range 12 {
		req := k.submit(k.proposal(k.invoice(k.customer, "4000"), "300"))
		k.approve(req.ID, k.senior)
	}
	if after := ask(); after != before {
		t.Errorf("%d statements, and %d after twelve requests", before, after)
	}
}
