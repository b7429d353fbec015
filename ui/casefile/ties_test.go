package casefile_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"makegood/cases"
	"makegood/cases/intake"
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

// The customer's invoices stand in the dialog to choose from, those that are linked already not; what is linked again is told once, and a
// claim begins with the reason that the case is sorted under.
func TestAnInvoiceIsChosenFromTheCustomers(t *testing.T) {
	t.Parallel()
	r, linked, c := disputed(t)
	further := r.invoice()
	base := "/cases/" + c.Number
	r.get(r.mara, base, false).has(t, http.StatusOK, `hx-get="`+base+`/invoices"`)
	list := r.get(r.mara, base+"/invoices", true)
	list.has(t, http.StatusOK, `value="`+further.Number+`"`, "due ")
	if strings.Contains(list.body, linked.Number) {
		t.Errorf("what is linked is offered: %s", list.body)
	}
	r.get(r.mara, base+"/invoices?invoice="+strings.ToLower(further.Number[2:]), true).has(t, http.StatusOK, further.Number)
	send := func(to string, v url.Values) answer {
		now, err := r.cases.CaseByNumber(t.Context(), r.db, c.Number, r.mara)
		r.must(err)
		v.Set("version", version(now))
		return r.post(r.mara, base+to, v, true)
	}
	r.get(r.mara, base+"/invoices?invoice=zzz", true).has(t, http.StatusOK, "No other invoice of the customer")

	send("/link-invoice", url.Values{"at": {"link-invoice"}, "invoice": {""}, "chosen": {further.Number}}).has(t, http.StatusOK, "You linked "+further.Number)
	send("/topic", url.Values{"at": {"topic"}, "topic": {"not_installed"}}).has(t, http.StatusOK)
	claim := r.get(r.mara, base+"/dispute?invoice="+further.Number, true)
	claim.has(t, http.StatusOK, `value="not_installed" selected`)
	after := send("/dispute", url.Values{"invoice": {further.Number}, "line": {""}, "contested.": {"10"}, "reason": {"not_installed"}})
	after.has(t, http.StatusOK)
	if n := strings.Count(after.body, "You linked "+further.Number); n != 1 {
		t.Errorf("the link is told %d times", n)
	}

	stranger := r.open(cases.OpenInput{Type: cases.Inquiry, Subject: "Who is this", Source: "agent", By: r.mara})
	r.get(r.mara, "/cases/"+stranger.Number+"/invoices", true).has(t, http.StatusOK, "Link the customer first")
}

// What intake asked for is asked no more once somebody has answered it.
func TestAWarningThatWasAnsweredIsGone(t *testing.T) {
	t.Parallel()
	r := setup(t)
	i := r.invoice()
	params := map[string]string{"sender": "x@elsewhere.example", "references": i.Number, "customer": "Brückner", "account": "100482", "number": i.Number}
	c := r.open(cases.OpenInput{Type: cases.Inquiry, Subject: "Whose is this", Source: "mail", By: r.mara, Warnings: []cases.Warning{
		{Key: intake.WarnUnknownSender, Params: params}, {Key: intake.WarnForeignInvoice, Params: params}, {Key: intake.WarnFailedDMARC, Params: params},
	}})
	page := func() string { return r.get(r.mara, "/cases/"+c.Number, false).body }
	count := func(html string) int { return strings.Count(html, `class="mg-note" data-tone="stop"`) }
	before := page()
	r.post(r.mara, "/cases/"+c.Number+"/link-customer", url.Values{"at": {"link-customer"}, "account": {"100482"}, "version": {version(c)}}, true).has(t, http.StatusOK)
	tied := page()
	now, err := r.cases.CaseByNumber(t.Context(), r.db, c.Number, r.mara)
	r.must(err)
	r.post(r.mara, "/cases/"+c.Number+"/link-invoice", url.Values{"at": {"link-invoice"}, "chosen": {i.Number}, "version": {version(now)}}, true).has(t, http.StatusOK)
	if a, b, c := count(before), count(tied), count(page()); a != 6 || b != 4 || c != 2 { // each beside the case and in its drawer
		t.Errorf("%d warnings, %d once the customer is tied, %d once the invoice is", a, b, c)
	}
}
