package reconciling_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"makegood/billing/bookstest"
	"makegood/billing/importer"
	"makegood/billing/reconciling"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// found is a run with two things missing here.
func (o *office) found() (reconciling.ID, []reconciling.Finding) {
	o.t.Helper()
	run := o.compare(o.may(importer.Invoices), header+"NS-1,C-1,,2026-05-08,EUR,50.00,9.50,59.50,Open\nNS-2,C-1,,2026-05-09,EUR,50.00,9.50,59.50,Open\n")
	return run.ID, o.findings(run.ID)
}

func TestAFindingIsExplainedOnce(t *testing.T) {
	t.Parallel()
	o := setup(t)
	run, list := o.found()
	in := reconciling.ExplainInput{By: bookstest.Controller(), Run: run, Finding: list[0].ID, Reason: " Billed by the sister company "}
	for range 2 { // twice with the same words is once
		f, err := o.reconciling.Explain(t.Context(), in)
		o.must(err)
		if f.Resolution != reconciling.Explained || f.Note != "Billed by the sister company" || f.ByName != "Ines Kroll" || f.At == nil {
			t.Errorf("%+v", f)
		}
	}
	if n := bookstest.Value[int](t, o.db, `select count(*) from audit_log where what = 'reconciliation.explained'`); n != 1 {
		t.Errorf("%d events", n)
	}
	in.Reason = "Or rather not"
	if _, err := o.reconciling.Explain(t.Context(), in); !errors.Is(err, reconciling.ErrResolved) {
		t.Errorf("explained otherwise: %v", err)
	}
	if _, err := o.reconciling.AskCase(t.Context(), bookstest.Controller(), run, list[0].ID); !errors.Is(err, reconciling.ErrResolved) {
		t.Errorf("a case about what is explained: %v", err)
	}
	in.Reason = " "
	if _, err := o.reconciling.Explain(t.Context(), in); errs.KindOf(err) != errs.Invalid {
		t.Errorf("without a reason: %v", err)
	}
	counts, err := o.reconciling.Counts(t.Context(), bookstest.Controller(), run)
	o.must(err)
	if reconciling.Unexplained(counts) != 1 {
		t.Errorf("%+v", counts)
	}
	open, err := o.reconciling.Findings(t.Context(), bookstest.Controller(), run, reconciling.FindingFilter{Resolution: reconciling.Open, Query: "ns-"})
	o.must(err)
	if len(open.Rows) != 1 || open.Rows[0].Number != "NS-2" {
		t.Errorf("%+v", open)
	}
}

// Many clicks at once ask for one case, and only one job tells of it.
func TestACaseIsAskedForOnce(t *testing.T) {
	t.Parallel()
	o := setup(t)
	run, list := o.found()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			f, err := o.reconciling.AskCase(t.Context(), bookstest.Controller(), run, list[1].ID)
			if err != nil || f.Resolution != reconciling.CaseAsked {
				t.Errorf("%v %+v", err, f)
			}
		})
	}
	all.Wait()
	if n := bookstest.Value[int](t, o.db, `select count(*) from river_job where kind = 'billing.difference_found'`); n != 1 {
		t.Errorf("%d jobs", n)
	}
	if n := bookstest.Value[int](t, o.db, `select count(*) from audit_log where what = 'reconciliation.case_asked'`); n != 1 {
		t.Errorf("%d events", n)
	}
	who, err := o.reconciling.AskedBy(t.Context(), o.db, list[1].ID)
	o.must(err)
	if who.UserID != 7 {
		t.Errorf("asked by %+v", who)
	}
}

func TestPagesOfRunsAndFindings(t *testing.T) {
	t.Parallel()
	o := setup(t)
	run, list := o.found()
	o.compare(o.may(importer.Payments), "Number,Customer,Date,Currency,Amount\nP-1,C-1,2026-05-08,EUR,5\n")
	first, err := o.reconciling.Runs(t.Context(), bookstest.Controller(), reconciling.Filter{Limit: 1})
	o.must(err)
	second, err := o.reconciling.Runs(t.Context(), bookstest.Controller(), reconciling.Filter{Limit: 1, After: first.Next})
	o.must(err)
	if second.Next != "" || second.Rows[0].ID != run || second.Rows[0].Open != 2 || second.Rows[0].Entity != "DE" || first.Rows[0].Open != 1 {
		t.Errorf("%+v, %+v", first, second)
	}
	page, err := o.reconciling.Findings(t.Context(), bookstest.Controller(), run, reconciling.FindingFilter{Limit: 1})
	o.must(err)
	rest, err := o.reconciling.Findings(t.Context(), bookstest.Controller(), run, reconciling.FindingFilter{Limit: 1, After: page.Next})
	o.must(err)
	if page.Rows[0].ID != list[0].ID || rest.Rows[0].ID != list[1].ID || rest.Next != "" {
		t.Errorf("%+v, %+v", page, rest)
	}
}

func TestWhoMayReconcile(t *testing.T) {
	t.Parallel()
	o := setup(t)
	run, list := o.found()
	as := func(role access.Role, entities ...int64) access.Actor {
		return access.Actor{Kind: access.Person, UserID: 9, Name: "Somebody", Roles: []access.Role{role}, EntityIDs: entities}
	}
	for _, c := range []struct {
		who   access.Actor
		read  errs.Kind
		write errs.Kind
	}{
		{as(access.Agent), errs.Kind(""), errs.Forbidden},
		{as(access.Auditor), errs.Kind(""), errs.Forbidden},
		{as(access.Controller, 999), errs.NotFound, errs.NotFound},
		{access.Actor{}, errs.Unauthenticated, errs.Unauthenticated},
	} {
		_, err := o.reconciling.Run(t.Context(), c.who, run)
		if err == nil != (c.read == "") || err != nil && errs.KindOf(err) != c.read {
			t.Errorf("%+v reads: %v", c.who, err)
		}
		in := o.may(importer.Invoices)
		in.By = c.who
		_, _, err = o.reconciling.Start(t.Context(), in, strings.NewReader("x"))
		_, asked := o.reconciling.AskCase(t.Context(), c.who, run, list[0].ID)
		_, explained := o.reconciling.Explain(t.Context(), reconciling.ExplainInput{By: c.who, Run: run, Finding: list[0].ID, Reason: "x"})
		for what, got := range map[string]error{"starts": err, "asks": asked, "explains": explained} {
			if errs.KindOf(got) != c.write {
				t.Errorf("%+v %s: %v", c.who, what, got)
			}
		}
	}
	if _, err := o.reconciling.AskCase(t.Context(), bookstest.Controller(), run+1, list[0].ID); !errors.Is(err, reconciling.ErrNoFinding) {
		t.Errorf("a finding of another run: %v", err)
	}
}

func TestWhatStartRefuses(t *testing.T) {
	t.Parallel()
	o := setup(t)
	for field, change := range map[string]func(*reconciling.NewRun){
		"source":      func(in *reconciling.NewRun) { in.Source = "" },
		"kind":        func(in *reconciling.NewRun) { in.Kind = importer.Rates },
		"to":          func(in *reconciling.NewRun) { in.To = in.From.AddDate(0, 0, -1) },
		"days_apart":  func(in *reconciling.NewRun) { in.DaysApart = 61 },
		"timing_days": func(in *reconciling.NewRun) { in.TimingDays = -1 },
		"covers":      func(in *reconciling.NewRun) { in.Covers = append(in.Covers, "write_off") },
		"memos_wait":  func(in *reconciling.NewRun) { in.MemosWait = "everywhere" },
		"file":        func(*reconciling.NewRun) {},
	} {
		in := o.may(importer.Invoices)
		change(&in)
		_, _, err := o.reconciling.Start(t.Context(), in, strings.NewReader(""))
		e, ok := errors.AsType[*errs.Error](err)
		if !ok || e.Kind != errs.Invalid || len(e.Fields) != 1 || e.Fields[0].Name != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// What was found and decided is evidence: the application's own role cannot alter it.
func TestEvidenceIsNotAltered(t *testing.T) {
	t.Parallel()
	o := setup(t)
	run, list := o.found()
	_, err := o.reconciling.Explain(t.Context(), reconciling.ExplainInput{By: bookstest.Controller(), Run: run, Finding: list[0].ID, Reason: "Ours"})
	o.must(err)
	for _, statement := range []string{
		`update reconciliation_findings set class = 'known_timing'`, `delete from reconciliation_findings`, `update reconciliation_proofs set proven = true`,
		`update reconciliation_resolutions set reason = 'Theirs'`, `delete from reconciliation_resolutions`, `update reconciliation_files set content = ''`,
		`update reconciliations set matched = 99`, `delete from reconciliations`,
		`insert into reconciliation_findings (reconciliation_id, entity_id, position, class, kind, number) select id, entity_id, 99, 'amount', 'invoice', 'X' from reconciliations`,
		`insert into reconciliation_resolutions (finding_id, step, reason, by_id, by_name, at) select finding_id, 'case_asked', '', 7, 'x', now() from reconciliation_resolutions`,
		`insert into reconciliation_files values (sha256('a'), 'b', now())`,
	} {
		if err := o.db.Do(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(t.Context(), statement); return err }); err == nil {
			t.Errorf("taken: %s", statement)
		}
	}
	if n := bookstest.Value[int](t, o.db, `select count(*) from reconciliation_findings where class = 'missing_here'`); n != 2 {
		t.Errorf("%d findings left", n)
	}
}
