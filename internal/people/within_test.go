package people_test

import (
	"testing"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/people"
)

// Who administers one legal entity looks after its people and nobody else's, and gives nobody more than they see themselves.
func TestAnAdministratorOfOneEntity(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	ctx := t.Context()
	local := s.admin
	local.EntityIDs = []int64{7}
	token, err := s.CreateToken(ctx, people.NewToken{UserID: s.agent.ID, Name: "t", By: access.SystemActor("test")})
	s.must(err)
	tokenID, err := db.Value[int64](ctx, s.db, `select max(id) from api_tokens where user_id = $1`, s.agent.ID)
	s.must(err)
	change := func(entities ...int64) people.ChangeInput {
		in := s.raised()
		in.By, in.Person.EntityIDs = local, entities
		return in
	}
	proposes := func(in people.ChangeInput, want error) {
		t.Helper()
		if _, err := s.Propose(ctx, in); want == nil {
			s.must(err)
		} else {
			s.want(err, want)
		}
	}
	for _, entities := range [][]int64{{}, {8}, {7, 8}} {
		s.exec(`update users set entity_ids = $2 where id = $1`, s.agent.ID, entities)
		proposes(change(7), access.ErrForbidden)
		s.want(s.Deactivate(ctx, local, s.agent.ID), access.ErrForbidden)
		s.want(s.SendReset(ctx, local, s.agent.ID), access.ErrForbidden)
		s.want(s.ForgetFactors(ctx, local, s.agent.ID), access.ErrForbidden)
		s.want(s.RevokeToken(ctx, local, tokenID), people.ErrNoToken)
	}
	s.exec(`update users set entity_ids = '{7}' where id = $1`, s.agent.ID)
	proposes(change(), access.ErrForbidden)
	proposes(change(7, 8), access.ErrForbidden)
	alone := change()
	alone.BreakGlass, alone.Reason = true, "The controller has left and the period closes tonight"
	proposes(alone, access.ErrForbidden)
	proposes(people.ChangeInput{By: local, Kind: people.ChangeRules, Reason: "Auditors ask for it", Rules: people.Rules{SecondFactorRoles: []string{"admin"}, StepUpMinutes: 5, Version: 1}}, access.ErrForbidden)
	proposes(change(7), nil)
	_, err = s.Bearer(ctx, token)
	s.must(err)
	s.must(s.RevokeToken(ctx, local, tokenID))
	s.must(s.Deactivate(ctx, local, s.agent.ID))
}
