package casefile_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"makegood/cases"
	"makegood/internal/access"
)

func TestAMacroComesIntoTheComposer(t *testing.T) {
	t.Parallel()
	r, _, c := disputed(t)
	boss := r.person("Petra Sommer", access.Supervisor)
	keep := func(in cases.SaveMacroInput) cases.Macro {
		in.By, in.Shared = boss, true
		m, err := r.cases.SaveMacro(t.Context(), in)
		r.must(err)
		return m
	}
	held := keep(cases.SaveMacroInput{Folder: "Disputes", Name: "On hold", Kind: cases.PublicReply, Body: "Dear {{.name}}, {{.disputed}} is on hold.", Does: cases.MacroDoes{Status: "waiting:upstream", Tags: []string{"held"}}})
	keep(cases.SaveMacroInput{Folder: "Disputes", Name: "Credited", Kind: cases.PublicReply, Body: "{{.credited}} is credited."})
	quick := keep(cases.SaveMacroInput{Name: "Quick tag", Kind: cases.Note, Does: cases.MacroDoes{Tags: []string{"quick"}}})
	base := "/cases/" + c.Number

	r.get(r.mara, base, false).has(t, http.StatusOK, `id="macro-q"`, `hx-get="`+base+`/macros"`)
	list := r.get(r.mara, base+"/macros?q=dis+hold", true)
	list.has(t, http.StatusOK, "On hold", "waiting on upstream, tagged held")
	if strings.Contains(list.body, "Credited") || strings.Contains(list.body, "Quick tag") {
		t.Errorf("not narrowed: %s", list.body)
	}

	brought := r.post(r.mara, base+"/macros", url.Values{"at": {"macro"}, "q": {"hold"}, "body": {"Hello again."}}, true)
	brought.has(t, http.StatusOK, "Hello again.\n\nDear Sabine Köhler, 1,094.80\u00a0EUR is on hold.", "and the case: waiting on upstream, tagged held", `name="macro"`)
	r.post(r.mara, base+"/macros", url.Values{"at": {"macro"}, "q": {"credited"}}, true).has(t, http.StatusUnprocessableEntity, "tells of credited")
	r.post(r.mara, base+"/macros", url.Values{"at": {"macro"}, "q": {"no such"}}, true).has(t, http.StatusNotFound, "There is no such macro.")

	r.post(r.mara, base+"/messages", url.Values{
		"version": {version(c)}, "kind": {"reply"}, "body": {"Dear Sabine, it is on hold."}, "macro": {strconv.FormatInt(int64(held.ID), 10)},
	}, true).has(t, http.StatusOK, "Waiting on upstream", "held")

	now, err := r.cases.CaseByNumber(t.Context(), r.db, c.Number, r.mara)
	r.must(err)
	r.post(r.mara, base+"/macros", url.Values{"at": {"macro"}, "macro": {strconv.FormatInt(int64(quick.ID), 10)}, "version": {version(now)}}, true).has(t, http.StatusOK, "quick")
	tags, err := r.cases.Tags(t.Context(), r.db, c.ID)
	r.must(err)
	if strings.Join(tags, " ") != "held quick" {
		t.Errorf("%q", tags)
	}
}
