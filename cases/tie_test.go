package cases_test

import (
	"fmt"
	"testing"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/errs"
)

// linked are the links of a case as somebody sees them.
func (k *desk) linked(c cases.Case, by access.Actor) []string {
	k.t.Helper()
	list, err := k.cases.Links(k.t.Context(), k.db, c.ID, by)
	k.must(err)
	var out []string
	for _, l := range list {
		out = append(out, string(l.Kind)+" "+l.Number)
	}
	return out
}

func TestALinkIsSeenFromBothSides(t *testing.T) {
	t.Parallel()
	k := setup(t)
	one, two, three := k.asked(), k.asked(), k.asked()
	link := func(from, to cases.Case, kind cases.LinkKind) error {
		_, err := k.cases.LinkCase(t.Context(), cases.LinkCaseInput{On: cases.On{By: k.agent, ID: from.ID}, Other: to.ID, Kind: kind})
		return err
	}
	k.must(link(one, two, cases.DuplicateOf))
	k.must(link(three, one, cases.SameCause))
	want := func(c cases.Case, list ...string) {
		t.Helper()
		if got := k.linked(c, k.agent); fmt.Sprint(got) != fmt.Sprint(list) {
			t.Errorf("%s: %q, want %q", c.Number, got, list)
		}
	}
	want(one, "duplicate_of "+two.Number, "same_cause "+three.Number)
	want(two, "duplicated_by "+one.Number)
	want(three, "same_cause "+one.Number)
	if k.events(two.ID, "case.linked") != 1 || k.reload(two.ID).Version != two.Version {
		t.Error("the other case does not tell of it, or counts it as a change")
	}

	// Two cases have one link, from whichever side it is said.
	k.must(link(two, one, cases.Related))
	want(one, "related "+two.Number, "same_cause "+three.Number)
	_, err := k.cases.UnlinkCase(t.Context(), cases.LinkCaseInput{On: cases.On{By: k.agent, ID: one.ID}, Other: two.ID})
	k.must(err)
	want(two)

	k.field(link(one, one, cases.Related), "other", "case.link_to_itself")
	k.field(link(one, two, cases.DuplicatedBy), "kind", "case.unknown_link")
	reader := access.Actor{Kind: access.Person, UserID: k.agent.UserID, Roles: []access.Role{access.Auditor}}
	_, err = k.cases.LinkCase(t.Context(), cases.LinkCaseInput{On: cases.On{By: reader, ID: one.ID}, Other: two.ID, Kind: cases.Related})
	if errs.KindOf(err) != errs.Forbidden {
		t.Errorf("%v", err)
	}
	k.sound()
}

func TestALinkDoesNotTellOfACaseOutOfScope(t *testing.T) {
	t.Parallel()
	k := setup(t)
	here := k.asked()
	in := k.mail()
	in.CustomerID, in.EntityID = nil, &k.other
	there := k.open(in)
	_, err := k.cases.LinkCase(t.Context(), cases.LinkCaseInput{On: cases.On{By: k.agent, ID: here.ID}, Other: there.ID, Kind: cases.Related})
	k.must(err)
	local := k.agent
	local.EntityIDs = []int64{int64(k.entity)}
	if got := k.linked(here, local); len(got) != 0 {
		t.Errorf("%q", got)
	}
	if got := k.linked(here, k.agent); len(got) != 1 {
		t.Errorf("%q", got)
	}
	_, err = k.cases.UnlinkCase(t.Context(), cases.LinkCaseInput{On: cases.On{By: local, ID: here.ID}, Other: there.ID})
	k.refused(err, cases.ErrNoCase)
}
