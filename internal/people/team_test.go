package people_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/people"
)

// A team is added, renamed, given a lead, retired and taken up again, each with its row for the auditor.
func TestTeamsAreKept(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	ctx := t.Context()
	added, err := s.SaveTeam(ctx, people.TeamInput{By: s.admin, Name: "  Billing ", LeadID: &s.agent.ID})
	s.must(err)
	if added.Name != "Billing" || added.LeadName != s.agent.Name || added.Version != 1 || len(added.People) != 0 {
		t.Fatalf("added: %+v", added)
	}
	in := people.TeamInput{By: s.admin, ID: added.ID, Version: 1, Name: "Billing North"}
	changed, err := s.SaveTeam(ctx, in)
	s.must(err)
	if changed.Name != "Billing North" || changed.LeadID != nil || changed.Version != 2 {
		t.Errorf("changed: %+v", changed)
	}
	_, err = s.SaveTeam(ctx, in)
	s.want(err, people.ErrTeamChanged)
	in.Version, in.Retired = 2, true
	retired, err := s.SaveTeam(ctx, in)
	s.must(err)
	if retired.RetiredAt == nil {
		t.Error("it is not retired")
	}
	in.Version, in.Retired = 3, false
	again, err := s.SaveTeam(ctx, in)
	s.must(err)
	if again.RetiredAt != nil {
		t.Error("it is still retired")
	}
	told, err := db.Values[string](ctx, s.db, `select what from audit_log where what like 'team.%' order by id`)
	s.must(err)
	if got := strings.Join(told, " "); got != "team.added team.changed team.changed team.changed" {
		t.Errorf("the auditor reads %q", got)
	}
	_, err = s.SaveTeam(ctx, people.TeamInput{By: s.admin, ID: 99, Version: 1, Name: "None"})
	s.want(err, people.ErrNoTeam)
}

func TestTeamsAreRefused(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	ctx := t.Context()
	billing, err := s.SaveTeam(ctx, people.TeamInput{By: s.admin, Name: "Billing"})
	s.must(err)
	s.exec(`update users set active = false where id = $1`, s.second.UserID)
	for name, in := range map[string]people.TeamInput{
		"name: people.team_name":     {Name: " "},
		"name: people.team_name 61":  {Name: strings.Repeat("ä", 61)},
		"name: people.team_taken":    {Name: "BILLING"},
		"lead: people.lead_not_here": {Name: "Tax", LeadID: &s.second.UserID},
	} {
		in.By = s.admin
		_, err := s.SaveTeam(ctx, in)
		if got := teamRefusal(err); got == "" || !strings.HasPrefix(name, got) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err = s.SaveTeam(ctx, people.TeamInput{By: s.agent.Actor(), Name: "Tax"})
	s.want(err, access.ErrForbidden)
	_, err = s.TeamRows(ctx, s.director)
	s.want(err, access.ErrForbidden)

	s.exec(`update users set team_id = $1 where id = $2`, billing.ID, s.agent.ID)
	retire := people.TeamInput{By: s.admin, ID: billing.ID, Version: 1, Name: "Billing", Retired: true}
	if _, err := s.SaveTeam(ctx, retire); teamRefusal(err) != "retired: people.team_has_people" {
		t.Errorf("with somebody in it: %v", err)
	}
	s.exec(`update users set team_id = null where id = $1`, s.agent.ID)
	s.OnRetire(func(_ context.Context, _ *db.Tx, id int64) error {
		return errs.InvalidField("retired", "asked", "team", fmt.Sprint(id))
	})
	if _, err := s.SaveTeam(ctx, retire); teamRefusal(err) != "retired: asked" {
		t.Errorf("while work goes to it: %v", err)
	}
}

// Nobody is put into a retired team, neither when it is proposed nor when it is confirmed; it is offered only where it is chosen already.
func TestNobodyEntersARetiredTeam(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	ctx := t.Context()
	team, err := s.SaveTeam(ctx, people.TeamInput{By: s.admin, Name: "Billing"})
	s.must(err)
	in := s.raised()
	in.Person.TeamID = &team.ID
	proposed := s.propose(in)
	_, err = s.SaveTeam(ctx, people.TeamInput{By: s.admin, ID: team.ID, Version: 1, Name: "Billing", Retired: true})
	s.must(err)
	if err := s.Decide(ctx, s.director, proposed.ID, "confirm", ""); teamRefusal(err) != "team_id: people.no_such_team" {
		t.Errorf("confirmed: %v", err)
	}
	if _, err := s.Propose(ctx, in); teamRefusal(err) != "team_id: people.no_such_team" {
		t.Errorf("proposed: %v", err)
	}
	all, err := s.Teams(ctx)
	s.must(err)
	if len(all) != 1 || len(people.Offered(all, nil)) != 0 || len(people.Offered(all, &team.ID)) != 1 {
		t.Errorf("offered of %+v", all)
	}
}

// teamRefusal is the first field that an error names, with its key.
func teamRefusal(err error) string {
	var e *errs.Error
	if !errors.As(err, &e) || len(e.Fields) == 0 {
		return ""
	}
	return e.Fields[0].Name + ": " + e.Fields[0].Key
}
