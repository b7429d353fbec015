package cases

import (
	"context"
	"strings"
	"time"

	"makegood/internal/access"
	"makegood/internal/errs"
)

// MacroText is the text of a macro for one case, to be looked at before it is sent: its variables filled in. It refuses one whose
// variables stand for nothing there (ErrMacroVariables).
func (s *Service) MacroText(ctx context.Context, id ID, macro MacroID, by access.Actor) (Macro, string, error) {
	m, err := s.MacroByID(ctx, macro, by)
	if err != nil {
		return Macro{}, "", err
	}
	c, err := s.CaseByID(ctx, s.db, id, by)
	if err != nil {
		return Macro{}, "", err
	}
	facts, err := factsOf(ctx, s.db, c.ID)
	if err != nil {
		return Macro{}, "", err
	}
	text, err := facts.write(m, c, by)
	return m, text, err
}

// TryMacro is the text of a macro that is not kept yet, as it would read in a case: it keeps nothing.
func (s *Service) TryMacro(ctx context.Context, in SaveMacroInput, number string) (string, error) {
	in.tidy()
	if err := in.check(); err != nil {
		return "", err
	}
	c, err := s.CaseByNumber(ctx, s.db, strings.ToUpper(strings.TrimSpace(number)), in.By)
	if kind := errs.KindOf(err); kind == errs.NotFound || kind == errs.Forbidden {
		return "", errs.InvalidField("case", "letters.no_case")
	}
	if err != nil {
		return "", err
	}
	facts, err := factsOf(ctx, s.db, c.ID)
	if err != nil {
		return "", err
	}
	return facts.write(Macro{Name: in.Name, Body: in.Body}, c, in.By)
}

// UseMacro does what a macro does to a case, with nothing written: for one without a text, or whose text is not wanted.
func (s *Service) UseMacro(ctx context.Context, on On, macro MacroID) (Case, error) {
	return s.command(ctx, on, true, func(w *work) error {
		m, err := s.withMacro(ctx, w, macro)
		if err != nil {
			return err
		}
		return s.do(ctx, w, m.Does)
	})
}

// withMacro is the macro that a change goes with; an empty one for none.
func (s *Service) withMacro(ctx context.Context, w *work, id MacroID) (Macro, error) {
	if id == 0 {
		return Macro{}, nil
	}
	return usableMacro(ctx, w.tx, id, w.by)
}

// do is what a macro does to a case: its status first, which may be refused.
func (s *Service) do(ctx context.Context, w *work, d MacroDoes) error {
	if err := s.doStatus(ctx, w, d); err != nil {
		return err
	}
	return s.doBeside(ctx, w, d, true)
}

func (s *Service) doStatus(ctx context.Context, w *work, d MacroDoes) error {
	to, on, named := statusOf(d.Status)
	switch {
	case !named, w.c.Status == to && w.c.WaitingOn == on:
		return nil
	case to == StatusResolved:
		return s.resolve(ctx, w, "", nil)
	}
	return w.move(to, on, nil)
}

// doBeside is what a macro does beside the status: tags, and whose the case is. Whoever gets it is told where tell says so.
func (s *Service) doBeside(ctx context.Context, w *work, d MacroDoes, tell bool) error {
	for _, tag := range d.Tags {
		if _, err := w.tag(ctx, tag, true); err != nil {
			return err
		}
	}
	if err := s.putOff(ctx, w, d.FollowUp); err != nil {
		return err
	}
	to := d.to(w.by)
	if d.Assign == "" || same(w.c.AssigneeID, to) {
		return nil
	}
	if err := s.bulkGive(ctx, w, to, w.c.TeamID); err != nil || !tell || to == nil || *to == w.by.UserID {
		return err
	}
	return s.tellAssignee(ctx, w, *to)
}

// putOff is the follow-up of a macro: so many days from now, at nine in the morning where the legal entity is.
func (s *Service) putOff(ctx context.Context, w *work, days int) error {
	if days == 0 {
		return nil
	}
	entity, err := s.entityOf(ctx, w.tx, w.c)
	if err != nil {
		return err
	}
	now := inZone(w.tx.Now(), entity)
	return w.followUp(ctx, time.Date(now.Year(), now.Month(), now.Day()+days, 9, 0, 0, 0, now.Location()), "")
}
