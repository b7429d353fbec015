package cases_test

import (
	"errors"
	"strings"
	"testing"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// checklist puts a list in force for a type of case; a text that ends with ! is required.
func (k *desk) checklist(of cases.Type, texts ...string) cases.Checklist {
	k.t.Helper()
	lists, err := k.cases.Checklists(k.t.Context(), k.supervisor)
	k.must(err)
	in := cases.ChecklistInput{By: k.supervisor, CaseType: of}
	for _, there := range lists {
		if there.CaseType == of {
			in.Base = there.Number
		}
	}
	for _, text := range texts {
		plain, required := strings.CutSuffix(text, "!")
		in.Points = append(in.Points, cases.Point{Text: plain, Required: required})
	}
	kept, err := k.cases.SaveChecklist(k.t.Context(), in)
	k.must(err)
	return kept
}

// points is the checklist of a case on a line: "+" done, "-" not, "!" required, in brackets what is not asked for any more.
func (k *desk) points(id cases.ID) string {
	k.t.Helper()
	list, err := k.cases.Points(k.t.Context(), k.db, id)
	k.must(err)
	var out []string
	for _, p := range list {
		text := p.Code
		if p.Required {
			text += "!"
		}
		if p.Done() {
			text = "+" + text
		} else {
			text = "-" + text
		}
		if !p.Listed {
			text = "(" + text + ")"
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

func (k *desk) tick(by access.Actor, id cases.ID, code string, done bool) error {
	k.t.Helper()
	list, err := k.cases.Points(k.t.Context(), k.db, id)
	k.must(err)
	for _, p := range list {
		if p.Code == code {
			_, err = k.cases.TickPoint(k.t.Context(), cases.TickInput{On: cases.On{By: by, ID: id}, Code: code, Point: p.Version, Done: done})
			return err
		}
	}
	return cases.ErrNoPoint
}

func (k *desk) want(got, want string) {
	k.t.Helper()
	if got != want {
		k.t.Errorf("got %q, want %q", got, want)
	}
}

// A list is a version; what is wrong with one is named, and whoever was slower is told.
func TestChecklistIsKeptInVersions(t *testing.T) {
	t.Parallel()
	k := setup(t)
	first := k.checklist(cases.Dispute, "Look at  the meter!", "Look, at the meter", "合同")
	if first.Number != 1 || first.Points[0].Code != "look_at_the_meter" || first.Points[1].Code != "look_at_the_meter_2" || first.Points[2].Code != "point" || first.Points[0].Text != "Look at the meter" {
		t.Fatalf("%+v", first)
	}
	save := func(by access.Actor, in cases.ChecklistInput) error {
		in.By = by
		_, err := k.cases.SaveChecklist(t.Context(), in)
		return err
	}
	k.refused(save(k.agent, cases.ChecklistInput{CaseType: cases.Dispute, Base: 1}), access.ErrForbidden)
	k.refused(save(k.supervisor, cases.ChecklistInput{CaseType: cases.Dispute, Base: 0}), cases.ErrStaleChecklist)
	k.field(save(k.supervisor, cases.ChecklistInput{CaseType: "party", Base: 0}), "type", "case.unknown_type")
	k.field(save(k.supervisor, cases.ChecklistInput{CaseType: cases.Dispute, Base: 1, Points: []cases.Point{{Text: "Once"}, {Text: "once"}}}), "points.1.text", "checklist.point_text")
	k.field(save(k.supervisor, cases.ChecklistInput{CaseType: cases.Dispute, Base: 1, Points: []cases.Point{{Text: "Once", Hint: strings.Repeat("x", 301)}}}), "points.0.hint", "checklist.long_hint")
	k.field(save(k.supervisor, cases.ChecklistInput{CaseType: cases.Dispute, Base: 1, Points: make([]cases.Point, 31)}), "points", "checklist.many_points")
	k.must(save(k.supervisor, cases.ChecklistInput{CaseType: cases.Dispute, Base: 1}))
	lists, err := k.cases.Checklists(t.Context(), k.agent)
	k.must(err)
	if len(lists) != len(cases.Types()) || lists[1].Number != 2 || len(lists[1].Points) != 0 || lists[1].CreatedName != k.supervisor.Name || lists[0].Number != 0 {
		t.Errorf("%+v", lists)
	}
	if n := value[int](t, k.db, `select count(*) from audit_log where what = 'checklist.saved' and actor_id = $1`, k.supervisor.UserID); n != 2 {
		t.Errorf("%d audit rows", n)
	}
	if err := k.db.Do(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update checklists set points = '[]'`)
		return err
	}); err == nil {
		t.Error("a version was changed")
	}
}

// A case has the list of its type from its first moment; one in force later changes it no more, and a case of the past has none.
func TestCaseGetsItsChecklist(t *testing.T) {
	t.Parallel()
	k := setup(t)
	bare := k.open(k.mail())
	k.want(k.points(bare.ID), "")
	k.checklist(cases.Dispute, "Meter!", "Contract")
	c := k.open(k.mail())
	k.checklist(cases.Dispute, "Something else!")
	k.want(k.points(c.ID), "-meter! -contract")
	if now := k.reload(c.ID); now.UndonePoints != 1 {
		t.Errorf("%d undone", now.UndonePoints)
	}
	past := k.mail()
	past.Past, past.ReceivedAt = true, berlin("2025-05-12 09:30")
	k.want(k.points(k.open(past).ID), "")
	k.want(k.points(bare.ID), "")
}

// Whoever ticks is kept with the moment; a tick based on what another changed is refused and says what, and others' forms stay right.
func TestTicking(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.checklist(cases.Dispute, "Meter!", "Contract")
	c := k.open(k.mail())
	before := k.reload(c.ID).Version
	k.must(k.tick(k.agent, c.ID, "meter", true))
	k.want(k.points(c.ID), "+meter! -contract")
	list, err := k.cases.Points(t.Context(), k.db, c.ID)
	k.must(err)
	if p := list[0]; p.DoneName != k.agent.Name || !p.DoneAt.Equal(k.clock.Now()) || *p.DoneBy != k.agent.UserID || p.Version != 2 {
		t.Errorf("%+v", p)
	}
	if now := k.reload(c.ID); now.Version != before || now.UndonePoints != 0 {
		t.Errorf("version %d, was %d; %d undone", now.Version, before, now.UndonePoints)
	}
	stale := cases.TickInput{On: cases.On{By: k.second, ID: c.ID}, Code: "meter", Point: 1, Done: true}
	_, err = k.cases.TickPoint(t.Context(), stale)
	k.refused(err, cases.ErrPointMoved)
	var e *errs.Error
	if !errors.As(err, &e) || e.Params["by"] != k.agent.Name || e.Params["point"] != "Meter" {
		t.Errorf("does not show the other change: %v", err)
	}
	k.must(k.tick(k.second, c.ID, "meter", false))
	k.want(k.points(c.ID), "-meter! -contract")
	stale.Point, stale.Done = 2, false
	_, err = k.cases.TickPoint(t.Context(), stale)
	k.refused(err, errs.New(errs.Conflict, "checklist.point_open_again"))
	stale.Code = "weather"
	_, err = k.cases.TickPoint(t.Context(), stale)
	k.refused(err, cases.ErrNoPoint)
	stranger := k.second
	stranger.EntityIDs = []int64{int64(k.other)}
	k.refused(k.tick(stranger, c.ID, "meter", true), access.ErrOutOfScope)
	if k.events(c.ID, "checklist.ticked") != 1 || k.events(c.ID, "checklist.unticked") != 1 {
		t.Error("not each tick is an event")
	}
	if err := k.db.Do(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update case_points set done_at = now()`)
		return err
	}); !db.Violates(err, "tick_is_whole") {
		t.Errorf("a tick by nobody: %v", err)
	}
}

// A case is not resolved while a required point is left, by nobody and in no way, and the refusal names it. What may be left is left.
func TestRequiredPointsStopResolving(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.checklist(cases.Inquiry, "Meter!", "Contract", "Phone!")
	in := k.mail()
	in.Type = cases.Inquiry
	c := k.open(in)
	resolve := func() error {
		_, err := k.cases.SetStatus(t.Context(), cases.StatusInput{On: k.on(k.reload(c.ID)), To: cases.StatusResolved})
		return err
	}
	named := func(err error, points string) {
		t.Helper()
		k.refused(err, cases.ErrUndonePoints)
		var e *errs.Error
		if !errors.As(err, &e) || e.Params["points"] != points || e.Params["number"] != c.Number {
			t.Errorf("does not name %q: %v", points, err)
		}
	}
	named(resolve(), "Meter; Phone")
	k.must(k.tick(k.agent, c.ID, "phone", true))
	_, err := k.cases.Reply(t.Context(), cases.ReplyInput{On: k.on(k.reload(c.ID)), Body: "Done.", Then: cases.StatusResolved})
	named(err, "Meter")
	foreseen, err := k.cases.PreviewBulk(t.Context(), cases.BulkInput{By: k.agent, Numbers: []string{c.Number}, Action: cases.BulkStatus, Value: "resolved"})
	k.must(err)
	if len(foreseen.Refusals) != 1 || foreseen.Refusals[0].Reason != cases.ErrUndonePoints.Key || foreseen.Refusals[0].Params["points"] != "Meter" {
		t.Errorf("%+v", foreseen)
	}
	k.must(k.tick(k.agent, c.ID, "meter", true))
	k.must(resolve())
	k.refused(k.tick(k.agent, c.ID, "meter", false), cases.ErrClosed)
	k.sound()
}

// With another type comes its list: what was done stays, what was not goes, a point that both have is one.
func TestChecklistFollowsTheType(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.checklist(cases.Inquiry, "Customer called", "Meter!", "Sender!")
	k.checklist(cases.Dispute, "Amount!", "Meter", "Sender")
	in := k.mail()
	in.Type = cases.Inquiry
	c := k.open(in)
	k.must(k.tick(k.agent, c.ID, "customer_called", true))
	k.must(k.tick(k.agent, c.ID, "meter", true))
	sort := func(to cases.Type) {
		t.Helper()
		k.do(func(tx *db.Tx) error {
			_, err := k.cases.SortTx(t.Context(), tx, cases.SortInput{On: k.on(k.reload(c.ID)), Topic: "wrong_price", Type: to})
			return err
		})
	}
	sort(cases.Dispute)
	k.want(k.points(c.ID), "-amount! +meter -sender (+customer_called)")
	if now := k.reload(c.ID); now.UndonePoints != 1 || k.events(c.ID, "checklist.changed") != 1 {
		t.Errorf("%d undone, %d events", now.UndonePoints, k.events(c.ID, "checklist.changed"))
	}
	sort(cases.Inquiry)
	k.want(k.points(c.ID), "+customer_called +meter! -sender!")
	sort(cases.Refund) // which has none
	k.want(k.points(c.ID), "(+customer_called) (+meter!)")
	if now := k.reload(c.ID); now.UndonePoints != 0 {
		t.Errorf("%d undone", now.UndonePoints)
	}
	k.must(k.tick(k.agent, c.ID, "meter", false)) // and goes with its tick
	k.want(k.points(c.ID), "(+customer_called)")
}

// A case that is over keeps its list when its type is corrected; open again, it has that of its type.
func TestResolvedCaseKeepsItsChecklist(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.checklist(cases.Dispute, "Amount!")
	k.checklist(cases.Refund, "Account!")
	in := k.mail()
	in.Type = cases.Refund
	c := k.open(in)
	k.must(k.tick(k.agent, c.ID, "account", true))
	c, err := k.cases.SetStatus(t.Context(), cases.StatusInput{On: k.on(k.reload(c.ID)), To: cases.StatusResolved})
	k.must(err)
	k.do(func(tx *db.Tx) error {
		_, err := k.cases.SortTx(t.Context(), tx, cases.SortInput{On: k.on(c), Topic: "wrong_price", Type: cases.Dispute})
		return err
	})
	k.want(k.points(c.ID), "+account!")
	k.set(k.reload(c.ID), cases.StatusOpen, "")
	k.want(k.points(c.ID), "-amount! (+account!)")
	if now := k.reload(c.ID); now.UndonePoints != 1 {
		t.Errorf("%d undone", now.UndonePoints)
	}
}

// So does one whose earlier type had no list at all; and one that is only opened again gets none that came up meanwhile.
func TestReopenedCaseGetsTheChecklistOfItsType(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.checklist(cases.Dispute, "Amount!")
	in := k.mail()
	in.Type = cases.Refund
	c, plain := k.open(in), k.open(in)
	for _, c := range []*cases.Case{&c, &plain} {
		var err error
		*c, err = k.cases.SetStatus(t.Context(), cases.StatusInput{On: k.on(k.reload(c.ID)), To: cases.StatusResolved})
		k.must(err)
	}
	k.do(func(tx *db.Tx) error {
		_, err := k.cases.SortTx(t.Context(), tx, cases.SortInput{On: k.on(c), Topic: "wrong_price", Type: cases.Dispute})
		return err
	})
	k.want(k.points(c.ID), "")
	k.checklist(cases.Refund, "Account!")
	for _, c := range []cases.Case{c, plain} {
		k.set(k.reload(c.ID), cases.StatusOpen, "")
	}
	k.want(k.points(c.ID), "-amount!")
	k.want(k.points(plain.ID), "")
}

// A posted credit that settles everything else leaves the case open while a required point is left.
func TestPostedCreditWaitsForTheChecklist(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.checklist(cases.Dispute, "Other invoices looked at!")
	c, line := k.disputed("100")
	for _, state := range []cases.CreditState{cases.CreditPending, cases.CreditApproved, cases.CreditPosted} {
		k.do(func(tx *db.Tx) error {
			return k.cases.MarkCreditTx(t.Context(), tx, c.ID, cases.CreditMark{Request: 7, State: state, Data: map[string]any{"total": "100", "currency": "EUR"}}, k.lead)
		})
	}
	_, err := k.cases.DecideDispute(t.Context(), cases.DecideDisputeInput{On: k.on(k.reload(c.ID)), DisputeID: line.ID, Accepted: d("100")})
	k.must(err)
	_, err = k.cases.SetStatus(t.Context(), cases.StatusInput{On: k.on(k.reload(c.ID)), To: cases.StatusResolved, RootCause: &k.root})
	k.refused(err, cases.ErrUndonePoints)
	k.do(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update cases set root_cause_id = $1`, k.root)
		return err
	})
	settle := func(want bool) {
		t.Helper()
		k.do(func(tx *db.Tx) error {
			resolved, err := k.cases.ResolveIfSettledTx(t.Context(), tx, c.ID, access.SystemActor("test"))
			if resolved != want {
				t.Errorf("resolved: %v, want %v", resolved, want)
			}
			return err
		})
	}
	settle(false)
	k.must(k.tick(k.agent, c.ID, "other_invoices_looked_at", true))
	settle(true)
	k.sound()
}
