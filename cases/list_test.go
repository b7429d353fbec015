package cases_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"makegood/cases"
	"makegood/internal/dbtest"
)

// A cursor that this program did not write is refused by name, whatever stands in it.
func TestABadCursorIsRefused(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.asked()
	for _, text := range []string{
		"risk|k|x|1", "risk|k||1", "risk|k|NaN|1", "risk|k|1e400|1", "risk|z|1|1", "due|x|2026-05-12T10:00:00Z|1", "due|k||1", "due|f|soon|1", "newest|k||1",
		"newest|k|yesterday|1", "newest|k|2026-05-12T10:00:00Z|one", "age|k|1",
	} {
		sort, _, _ := strings.Cut(text, "|")
		_, err := k.cases.Queue(t.Context(), cases.Filter{View: cases.ViewAllOpen, Sort: cases.Sort(sort), After: base64.RawURLEncoding.EncodeToString([]byte(text))}, k.agent)
		k.field(err, "cursor", "case.bad_cursor")
	}
}

// Parts of subjects, addresses and names are found by an index, over all cases there ever were.
func TestPartsOfNamesAreFoundByAnIndex(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.asked()
	dbtest.AsOwner(t, k.db, `insert into cases (type, subject, status, priority, opened_at)
		select 'inquiry', 'Order ' || md5(n::text), 'closed', 'P3', now() from generate_series(1, 8000) n`)
	dbtest.AsOwner(t, k.db, `insert into case_participants (case_id, address, name, accepted, added_at)
		select id, repeat(md5(id::text), 4) || '@example.net', repeat(md5((id + 1)::text), 4), true, now() from cases`)
	dbtest.AsOwner(t, k.db, `vacuum analyze cases`)
	dbtest.AsOwner(t, k.db, `vacuum analyze case_participants`)
	for query, index := range map[string]string{
		`subject:"grúa roja"`: "cases_subject_parts", "subject:crane,hoist": "cases_subject_parts", "contact:anna@brandung": "case_participants_parts",
	} {
		plan, err := k.cases.ListPlan(t.Context(), cases.Filter{Query: query, Sort: cases.SortNewest}, k.agent)
		k.must(err)
		if !strings.Contains(plan, index) {
			t.Errorf("%s does not go by %s:\n%s", query, index, plan)
		}
	}
}
