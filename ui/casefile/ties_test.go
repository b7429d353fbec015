package casefile_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"makegood/cases"
)

func TestCasesAreLinkedAndWatchedOnScreen(t *testing.T) {
	t.Parallel()
	r, _, c := disputed(t)
	other := r.open(cases.OpenInput{Type: cases.Inquiry, Subject: "The same meter again", Source: "agent", CustomerID: &r.customer, By: r.mara})
	base := "/cases/" + c.Number
	r.get(r.mara, base, false).has(t, http.StatusOK, `id="link-case"`, `id="watch"`, "Nobody is told of it beside", "Jonas Brandt")
	r.post(r.mara, base+"/links", url.Values{"at": {"link-case"}, "to": {"MG-999999"}, "kind": {"related"}}, true).has(t, http.StatusNotFound)
	r.post(r.mara, base+"/links", url.Values{"at": {"link-case"}, "to": {strings.ToLower(other.Number)}, "kind": {"duplicate_of"}}, true).
		has(t, http.StatusOK, "duplicate of", "You marked this as a duplicate of "+other.Number, "Join to "+other.Number)
	r.get(r.auditor, "/cases/"+other.Number, false).has(t, http.StatusOK, "duplicated by", base)
	gone := r.post(r.mara, base+"/links/end", url.Values{"to": {other.Number}}, true)
	gone.has(t, http.StatusOK, "You removed the link to "+other.Number)
	if strings.Contains(gone.body, "Join to "+other.Number) {
		t.Error("the link still stands there")
	}

	r.post(r.mara, base+"/watch", url.Values{}, true).has(t, http.StatusOK, "Stop watching", "You began to watch the case")
	asked := r.post(r.mara, base+"/watch", url.Values{"at": {"watch"}, "user": {strconv.FormatInt(r.jonas.UserID, 10)}}, true)
	asked.has(t, http.StatusOK, "You asked Jonas Brandt to watch the case", "Jonas Brandt need not watch")
	told, err := r.cases.Notices(t.Context(), r.jonas.UserID, true, 5)
	r.must(err)
	if len(told) != 1 || told[0].Key != "notice.asked_to_watch" {
		t.Errorf("%+v", told)
	}
	r.post(r.mara, base+"/watch/end", url.Values{"user": {strconv.FormatInt(r.jonas.UserID, 10)}}, true).has(t, http.StatusOK, "You took Jonas Brandt off")
	r.post(r.mara, base+"/watch/end", url.Values{}, true).has(t, http.StatusOK, "Watch this case", "You stopped watching the case")
}
