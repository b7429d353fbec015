package cases

import (
	"context"
	"errors"
	"fmt"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Claim takes an unassigned case. Of several who try, one gets it and the others are told who has it. Claiming one's own
// case again changes nothing. A new case becomes open.
func (s *Service) Claim(ctx context.Context, in On) (Case, error) {
	return s.command(ctx, in, false, func(w *work) error {
		if w.c.AssigneeID != nil && *w.c.AssigneeID == in.By.UserID {
			return nil
		}
		if w.c.AssigneeID != nil {
			other, err := colleagueByID(ctx, w.tx, *w.c.AssigneeID)
			if err != nil {
				return err
			}
			return errs.New(ErrTaken.Kind, ErrTaken.Key, "number", w.c.Number, "by", other.Name)
		}
		if !w.c.Status.Active() {
			return errs.New(ErrClosed.Kind, ErrClosed.Key, "number", w.c.Number)
		}
		w.assign(&in.By.UserID, w.c.TeamID, "")
		if w.c.Status == StatusNew {
			return w.move(StatusOpen, OnNobody, nil)
		}
		return nil
	})
}

// Assign gives a case to somebody, or to nobody, and to another team where the input names one. Giving it to others takes the right to;
// whoever gets it must be active and see the case's legal entity, and is told.
func (s *Service) Assign(ctx context.Context, in AssignInput) (Case, error) {
	return s.command(ctx, in.On, true, func(w *work) error {
		if err := mayGive(w.c, in.By, in.AssigneeID); err != nil {
			return err
		}
		if in.AssigneeID != nil && *in.AssigneeID != in.By.UserID {
			if err := s.tellAssignee(ctx, w, *in.AssigneeID); err != nil {
				return err
			}
		}
		if err := w.knowsTeam(ctx, in.TeamID); err != nil {
			return err
		}
		w.assign(in.AssigneeID, in.teamOf(w.c), "")
		return nil
	})
}

// teamOf is the team the case is with once it is given: its own, unless the input says another, or none.
func (in AssignInput) teamOf(c Case) *int64 {
	switch {
	case in.TeamID == nil:
		return c.TeamID
	case *in.TeamID == 0:
		return nil
	}
	return in.TeamID
}

// knowsTeam refuses a team that there is not; nil and 0 name none.
func (w *work) knowsTeam(ctx context.Context, team *int64) error {
	if team == nil || *team == 0 || same(team, w.c.TeamID) {
		return nil
	}
	known, err := db.Value[bool](ctx, w.tx, `select exists (select from teams where id = $1)`, *team)
	if err != nil {
		return fmt.Errorf("look for team: %w", err)
	}
	if !known {
		return errs.InvalidField("team_id", "case.no_such_team")
	}
	return nil
}

// mayGive: everybody takes a case and gives back their own; giving it to others takes the right to.
func mayGive(c Case, by access.Actor, to *int64) error {
	if to != nil && *to == by.UserID || to == nil && c.AssigneeID != nil && *c.AssigneeID == by.UserID {
		return nil
	}
	return access.Can(by, access.AssignOthers, access.Object{EntityID: c.entity()})
}

// canTake refuses somebody who is not there any more or may not work this case.
func (w *work) canTake(ctx context.Context, id int64) error {
	who, err := colleagueByID(ctx, w.tx, id)
	if err != nil {
		return err
	}
	return who.canTake(w.c)
}

// canTake is the rule: who is not there any more or may not work the case does not get it.
func (c colleague) canTake(of Case) error {
	actor := access.Actor{Kind: access.Person, UserID: c.ID, Roles: c.roles(), EntityIDs: c.EntityIDs}
	if !c.Active || access.Can(actor, access.WorkCases, access.Object{EntityID: of.entity()}) != nil {
		return errs.InvalidField("assignee", "case.assignee_cannot_work_it", "name", c.Name)
	}
	return nil
}

func (s *Service) tellAssignee(ctx context.Context, w *work, id int64) error {
	if err := w.canTake(ctx, id); err != nil {
		return err
	}
	return insertNotice(ctx, w.tx, Notice{
		UserID: id, CaseID: &w.c.ID, Key: "notice.assigned", Params: map[string]string{"number": w.c.Number, "by": w.by.Name},
	})
}

// assign notes who works on the case from now on.
func (w *work) assign(to, team *int64, reason string) {
	data := map[string]any{"from": w.c.AssigneeID, "to": to, "team": team}
	if reason != "" {
		data["reason"] = reason
	}
	if !same(team, w.c.TeamID) {
		data["moved"] = true
	}
	for _, id := range []*int64{w.c.AssigneeID, to} {
		if id != nil {
			w.tell(fmt.Sprintf("user:%d", *id))
		}
	}
	w.c.AssigneeID, w.c.TeamID = to, team
	w.note("case.assigned", data)
}

// colleague is somebody at the desk, as far as assignment asks.
type colleague struct {
	ID        int64
	Name      string
	Roles     []string
	EntityIDs []int64
	Active    bool
}

func (c colleague) roles() []access.Role {
	roles := make([]access.Role, len(c.Roles))
	for i, r := range c.Roles {
		roles[i] = access.Role(r)
	}
	return roles
}

func colleagueByID(ctx context.Context, r db.Reader, id int64) (colleague, error) {
	c, err := db.One[colleague](ctx, r, `select id, name, roles, entity_ids, active from users where id = $1`, id)
	if errors.Is(err, db.ErrNoRow) {
		return colleague{}, errs.InvalidField("assignee", "case.no_such_person")
	}
	if err != nil {
		return colleague{}, fmt.Errorf("read person: %w", err)
	}
	return c, nil
}
