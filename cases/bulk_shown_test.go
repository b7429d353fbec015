package cases_test

import (
	"testing"

	"makegood/cases"
	"makegood/internal/db"
)

// A view that nobody has is refused: it narrows nothing, and everybody's open work would be changed.
func TestBulkOfAnUnknownView(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.asked()
	in := cases.BulkInput{By: k.agent, Filter: cases.Filter{View: "unasigned"}, Action: cases.BulkStatus, Value: "resolved"}
	_, err := k.cases.StartBulk(t.Context(), in)
	k.field(err, "view", "view.unknown")
	_, err = k.cases.PreviewBulk(t.Context(), in)
	k.field(err, "view", "view.unknown")
	in.Filter.View = cases.ViewUnassigned
	if run := k.bulk(in); run.Total != 1 {
		t.Errorf("%+v", run)
	}
}

// A run is what was shown, or none; and one that goes wrong is stopped: what is done is undone, what is left is as it was.
func TestBulkIsWhatWasShownAndIsStopped(t *testing.T) {
	t.Parallel()
	k := setup(t)
	first := k.asked()
	in := cases.BulkInput{By: k.agent, Filter: cases.Filter{View: cases.ViewAllOpen}, Action: cases.BulkTag, Value: "audit"}
	shown, err := k.cases.PreviewBulk(t.Context(), in)
	k.must(err)
	in.Foreseen = shown.Digest
	second := k.asked()
	_, err = k.cases.StartBulk(t.Context(), in)
	k.refused(err, cases.ErrBulkChanged)
	if shown, err = k.cases.PreviewBulk(t.Context(), in); err != nil || shown.Digest == in.Foreseen {
		t.Fatalf("another case, and the same digest: %v", err)
	}
	in.Foreseen = shown.Digest
	run, err := k.cases.StartBulk(t.Context(), in)
	k.must(err)
	// One of the two is worked, as by a job that is under way.
	k.do(func(tx *db.Tx) error {
		if _, err := tx.Exec(t.Context(), `update bulk_rows set state = 'done' where run_id = $1 and case_id = $2`, run.ID, first.ID); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), `update bulk_runs set done = 1 where id = $1`, run.ID)
		return err
	})
	_, err = k.cases.StopBulk(t.Context(), run.ID, k.second)
	k.refused(err, cases.ErrNoBulk)
	run, err = k.cases.StopBulk(t.Context(), run.ID, k.agent)
	k.must(err)
	k.work()
	if tags, err := k.cases.Tags(t.Context(), k.db, second.ID); err != nil || len(tags) != 0 {
		t.Errorf("%q %v", tags, err)
	}
	if run.FinishedAt == nil || run.Done != 1 || run.Refused != 1 || !run.MayUndo(k.clock.Now()) {
		t.Errorf("%+v", run)
	}
	_, err = k.cases.StopBulk(t.Context(), run.ID, k.agent)
	k.refused(err, cases.ErrBulkOver)
	k.sound()
}
