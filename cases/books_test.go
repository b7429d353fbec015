package cases_test

import (
	"testing"

	"makegood/billing"
	"makegood/internal/db"
)

// Who answers for the books is told that they do not agree, once for each proof however often the job runs; nobody else is.
func TestControllersAreToldThatTheBooksDoNotAgree(t *testing.T) {
	t.Parallel()
	k := setup(t)
	tell := func(proof int64) {
		k.must(k.db.Do(t.Context(), func(tx *db.Tx) error {
			return tx.Enqueue(t.Context(), billing.BooksDoNotAgree{ProofID: proof, Point: "entry_balances", First: "journal entry 7: off by 1 EUR", Faults: 2})
		}))
		k.drain("2026-05-12 09:31")
	}
	tell(4)
	tell(4)
	for who, want := range map[int64]int{k.controller.UserID: 1, k.agent.UserID: 0, k.supervisor.UserID: 0} {
		list, err := k.cases.Notices(t.Context(), who, true, 10)
		k.must(err)
		told := 0
		for _, n := range list {
			if n.Key == "notice.books_do_not_agree" && n.Params["first"] == "journal entry 7: off by 1 EUR" && n.Params["count"] == "2" {
				told++
			}
		}
		if told != want {
			t.Errorf("user %d was told %d times, want %d", who, told, want)
		}
	}
	tell(5)
	if list, err := k.cases.Notices(t.Context(), k.controller.UserID, true, 10); err != nil || len(list) != 2 {
		t.Errorf("of the next proof: %v, %d notices", err, len(list))
	}
}
