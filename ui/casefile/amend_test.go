package casefile_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"makegood/cases"
	"makegood/internal/db"
)

// What is wrong about a case is put right on its screen, and the timeline says who did.
func TestACaseIsPutRightOnScreen(t *testing.T) {
	t.Parallel()
	r, _, c := disputed(t)
	says := func(path string, form url.Values, parts ...string) {
		t.Helper()
		now, err := r.cases.CaseByID(t.Context(), r.db, c.ID, r.mara)
		r.must(err)
		form.Set("version", strconv.Itoa(now.Version))
		r.post(r.mara, "/cases/"+c.Number+path, form, true).has(t, http.StatusOK, parts...)
	}
	says("/amend", url.Values{"subject": {"Cross-connect of October"}, "language": {"de"}}, "Cross-connect of October", "had it answered in")
	says("/participants", url.Values{"address": {"bea@brueckner.example"}, "name": {"Bea"}}, "let bea@brueckner.example take part", "/participants/end")
	says("/participants/end", url.Values{"address": {"bea@brueckner.example"}}, "ended that bea@brueckner.example takes part")
	says("/tags", url.Values{"tag": {"Audit"}}, "tagged it as “audit”", "/tags/end")
	says("/tags/end", url.Values{"tag": {"audit"}}, "took the tag “audit” off")
	own := strconv.FormatInt(r.mara.UserID, 10)
	var team int64
	r.do(func(tx *db.Tx) error {
		var err error
		team, err = db.Value[int64](t.Context(), tx, `insert into teams (name) values ('Recovery') returning id`)
		return err
	})
	says("/assign", url.Values{"assignee": {own}, "team": {strconv.FormatInt(team, 10)}}, "handed the case over to Recovery")

	extra := r.invoice()
	now, err := r.cases.CaseByID(t.Context(), r.db, c.ID, r.mara)
	r.must(err)
	_, err = r.cases.LinkInvoice(t.Context(), cases.LinkInvoiceInput{On: cases.On{By: r.mara, ID: c.ID, Version: now.Version}, InvoiceID: extra.ID})
	r.must(err)
	page := r.get(r.mara, "/cases/"+c.Number, false)
	if n := strings.Count(page.body, `action="/cases/`+c.Number+`/unlink-invoice"`); n != 1 {
		t.Errorf("%d invoices can be taken off; one has disputes, one has none", n)
	}
	says("/unlink-invoice", url.Values{"invoice": {extra.Number}}, "took the link to "+extra.Number+" off")
}
