package cases_test

import (
	"strconv"
	"testing"
	"time"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/errs"
)

func (k *desk) keep(in cases.SaveViewInput) cases.SavedView {
	k.t.Helper()
	v, err := k.cases.SaveView(k.t.Context(), in)
	k.must(err)
	return v
}

func (k *desk) viewNames(by access.Actor) []string {
	k.t.Helper()
	list, err := k.cases.SavedViews(k.t.Context(), by)
	k.must(err)
	names := []string{}
	for _, v := range list {
		names = append(names, v.Name)
	}
	return names
}

func TestViewsPeopleKeep(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.crowd(40)
	mine := k.keep(cases.SaveViewInput{By: k.agent, Name: "  Big   ones ", Within: cases.ViewAllOpen, Query: "disputed:>=200", Sort: cases.SortRisk})
	team := k.keep(cases.SaveViewInput{By: k.lead, Name: "Handover", Shared: true, Within: cases.ViewUnassigned, Query: "assignee:me"})
	if mine.Name != "Big ones" || mine.Version != 1 || team.OwnerName != "Lena Voss" || !team.Shared {
		t.Fatalf("%+v %+v", mine, team)
	}

	t.Run("one sees one's own and what is shared", func(t *testing.T) {
		if got := k.viewNames(k.agent); len(got) != 2 || got[0] != "Big ones" || got[1] != "Handover" {
			t.Errorf("%q", got)
		}
		if got := k.viewNames(k.second); len(got) != 1 || got[0] != "Handover" {
			t.Errorf("%q", got)
		}
	})
	t.Run("counts are those of the lists, for whoever looks", func(t *testing.T) {
		every := k.keep(cases.SaveViewInput{By: k.agent, Name: "Every", Query: "disputed:>0"})
		words := k.keep(cases.SaveViewInput{By: k.agent, Name: "Words", Within: cases.ViewAllOpen, Query: "case"})
		for _, by := range []access.Actor{k.agent, k.lead} {
			counts, err := k.cases.CountSaved(t.Context(), []cases.SavedView{mine, team, every, words}, by, time.UTC)
			k.must(err)
			for _, v := range []cases.SavedView{mine, team} {
				page, err := k.cases.Queue(t.Context(), cases.Filter{View: v.Within, Query: v.Query, Limit: 200}, by)
				k.must(err)
				if n, counted := counts[v.ID]; n != len(page.Rows) || !counted {
					t.Errorf("%s: %d counted, %d listed", v.Name, n, len(page.Rows))
				}
			}
			if len(counts) != 2 || counts[mine.ID] == 0 {
				t.Errorf("%v", counts)
			}
		}
		for _, v := range []cases.SavedView{every, words} {
			k.must(k.cases.RemoveView(t.Context(), v.ID, v.Version, k.agent))
		}
	})
	t.Run("a stale change is refused", func(t *testing.T) {
		in := cases.SaveViewInput{By: k.agent, ID: mine.ID, Version: mine.Version, Name: "Largest", Within: cases.ViewAll, Query: "disputed:>=300"}
		changed := k.keep(in)
		if changed.Version != 2 || changed.Name != "Largest" || changed.Sort != "" || changed.OwnerID != k.agent.UserID {
			t.Errorf("%+v", changed)
		}
		_, err := k.cases.SaveView(t.Context(), in)
		if errs.KindOf(err) != errs.Conflict {
			t.Error(err)
		}
	})
	t.Run("who may share may change and remove what is shared, nobody else what is another's", func(t *testing.T) {
		for name, c := range map[string]struct {
			in   cases.SaveViewInput
			want errs.Kind
		}{
			"an agent shares":                     {cases.SaveViewInput{By: k.agent, Name: "x", Shared: true}, errs.Forbidden},
			"an agent changes a shared one":       {cases.SaveViewInput{By: k.second, ID: team.ID, Version: 1, Name: "x"}, errs.Conflict},
			"a lead changes another's":            {cases.SaveViewInput{By: k.lead, ID: mine.ID, Version: 2, Name: "x"}, errs.NotFound},
			"one that is not there":               {cases.SaveViewInput{By: k.lead, ID: 999, Version: 2, Name: "x"}, errs.NotFound},
			"a name twice":                        {cases.SaveViewInput{By: k.agent, Name: "LARGEST"}, errs.Conflict},
			"no name":                             {cases.SaveViewInput{By: k.agent, Name: " "}, errs.Invalid},
			"no such standing view":               {cases.SaveViewInput{By: k.agent, Name: "x", Within: "x"}, errs.Invalid},
			"no such order":                       {cases.SaveViewInput{By: k.agent, Name: "x", Sort: "x"}, errs.Invalid},
			"a filter that cannot be read":        {cases.SaveViewInput{By: k.agent, Name: "x", Query: "status:gone"}, errs.Invalid},
			"a customer, who has no queue at all": {cases.SaveViewInput{By: access.Actor{Kind: access.Customer}, Name: "x"}, errs.Unauthenticated},
		} {
			if _, err := k.cases.SaveView(t.Context(), c.in); errs.KindOf(err) != c.want {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := k.cases.RemoveView(t.Context(), team.ID, 1, k.second); errs.KindOf(err) != errs.Conflict {
			t.Error(err)
		}
		if err := k.cases.RemoveView(t.Context(), team.ID, 7, k.supervisor); errs.KindOf(err) != errs.Conflict {
			t.Error(err)
		}
		k.must(k.cases.RemoveView(t.Context(), team.ID, 1, k.supervisor))
		if got := k.viewNames(k.second); len(got) != 0 {
			t.Errorf("%q", got)
		}
	})
	t.Run("fifty are enough", func(t *testing.T) {
		for n := range 50 {
			k.keep(cases.SaveViewInput{By: k.second, Name: strconv.Itoa(n)})
		}
		if _, err := k.cases.SaveView(t.Context(), cases.SaveViewInput{By: k.second, Name: "more"}); errs.KindOf(err) != errs.Conflict {
			t.Error(err)
		}
	})
}
