package app_test

import (
	"slices"
	"testing"

	"makegood/internal/db"
)

// noted: each API route that was carried out under a key noted with the key what it did, so that a retry whose first answer was lost
// is told so instead of doing it again. What an erasure had forgotten is known by what it did alone.
func (p premises) noted(t *testing.T) {
	t.Helper()
	silent := p2(db.Values[string](t.Context(), p.app.DB, `select substr(key, strpos(key, ' ') + 1) from idempotency_keys where status between 200 and 299 or did <> '{}'
		group by 1 having bool_and(did = '{}') order by 1`))(t)
	for _, route := range silent {
		if !slices.Contains(doesNothing(), route) {
			t.Errorf("%s notes nothing of what it does", route)
		}
	}
}

// doesNothing are the routes that read, or find nothing to do in the house of this test.
func doesNothing() []string {
	return []string{
		"POST /api/v1/authority/policy/replay",
		"POST /api/v1/authority/simulation",
		"POST /api/v1/bulk-runs/:id/undo",
		"POST /api/v1/bulk-runs/preview",
		"POST /api/v1/calendars/read-ical",
		"POST /api/v1/cases/:number/follow-up/end",
		"POST /api/v1/cases/:number/macros/:id",
		"POST /api/v1/contracts",
		"POST /api/v1/credit-requests/approve-several",
		"POST /api/v1/credit-requests/preview",
		"POST /api/v1/entities/:entity/letters/:kind/:language/preview",
		"POST /api/v1/erasures/preview",
		"POST /api/v1/periods/:entity/:month/lift",
		"POST /api/v1/proofs",
		"POST /api/v1/sorting/rules/try",
	}
}
