package casefile_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestACaseIsPutOffAndDealtWith(t *testing.T) {
	t.Parallel()
	r, _, c := disputed(t)
	base := "/cases/" + c.Number
	r.get(r.mara, base, false).has(t, http.StatusOK, `id="follow-up"`, "Next Monday", `value="2026-11-16"`)
	form := url.Values{"at": {"follow-up"}, "version": {version(c)}, "when": {""}, "day": {"2026-11-11"}, "time": {"09:00"}}
	r.post(r.mara, base+"/follow-up", form, true).has(t, http.StatusUnprocessableEntity, "a moment that lies ahead")
	form["when"] = []string{"2026-11-16"}
	form["note"] = []string{"Bank answers"}
	off := r.post(r.mara, base+"/follow-up", form, true)
	off.has(t, http.StatusOK, "Put off until", "Bank answers", "You put the case off until")
	now, err := r.cases.CaseByNumber(t.Context(), r.db, c.Number, r.mara)
	r.must(err)
	if want := at("2026-11-16 09:00"); now.FollowUpAt == nil || !now.FollowUpAt.Equal(want.UTC().Truncate(time.Second)) {
		t.Fatalf("%v", now.FollowUpAt)
	}
	if list := r.get(r.mara, "/?view=all_open", false); strings.Contains(list.body, `id="case-1"`) {
		t.Error("the queue still shows it")
	}
	r.get(r.mara, "/?view=snoozed", false).has(t, http.StatusOK, `id="case-1"`, "until ")
	done := r.post(r.mara, base+"/follow-up/end", url.Values{"version": {version(now)}}, true)
	done.has(t, http.StatusOK, "The follow-up is over")
	if strings.Contains(done.body, "Put off until") {
		t.Error("still put off")
	}
}
