package books_test

import (
	"net/http"
	"net/url"
	"testing"

	"makegood/internal/access"
	"makegood/internal/dbtest"
)

func TestMoneyOfAnotherEntityIsNotThere(t *testing.T) {
	t.Parallel()
	r := openMoney(t)
	p := paid(t, r, "100.00", "")
	dbtest.AsOwner(t, r.DB, `update users set entity_ids = '{999}' where email like 'controller@%'`)
	controller := r.As(access.Controller)
	for _, path := range []string{
		"/customers/100001/apply", "/customers/100001/statement", "/payments/" + p.Number, "/books/ledger/DE/receivable", "/documents/" + p.Number,
		"/documents/none",
	} {
		if a := controller.Get(path); a.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	if a := controller.Post("/customers/100001/apply", url.Values{}); a.Status != http.StatusNotFound {
		t.Errorf("apply: %d", a.Status)
	}
}
