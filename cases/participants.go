package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"makegood/billing"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// mostParticipants is how many people take part in one case at most.
const mostParticipants = 50

// AddParticipantInput names somebody who is to take part in a case from now on.
type AddParticipantInput struct {
	On
	Address string
	Name    string
}

// AddParticipant lets somebody take part in a case whom no mail brought: they may be answered, and get copies. Who is there already is
// accepted. Somebody who no longer speaks for the customer is refused.
func (s *Service) AddParticipant(ctx context.Context, in AddParticipantInput) (Case, error) {
	address, err := Mailbox(in.Address)
	if err != nil {
		return Case{}, err
	}
	return s.command(ctx, in.On, true, func(w *work) error {
		who := Participant{Address: address, Name: in.Name, Accepted: true}
		contact, _, err := s.billing.ContactByAddress(ctx, w.tx, address)
		switch {
		case errors.Is(err, billing.ErrContactRetired):
			return errs.InvalidField("address", billing.ErrContactRetired.Key)
		case err == nil && w.c.CustomerID != nil && contact.CustomerID == *w.c.CustomerID:
			who.ContactID = &contact.ID
			if who.Name == "" {
				who.Name = contact.Name
			}
		case err != nil && !errors.Is(err, billing.ErrNoContact):
			return err
		}
		there, err := s.Participants(ctx, w.tx, w.c.ID)
		if err != nil {
			return err
		}
		there = slices.DeleteFunc(there, func(p Participant) bool { return !p.Accepted })
		switch {
		case slices.ContainsFunc(there, func(p Participant) bool { return p.Address == address }):
			return nil
		case len(there) >= mostParticipants:
			return errs.InvalidField("address", "case.many_participants")
		}
		w.note("participant.added", map[string]any{"accepted": true, "address": audit.Personal{Address: address, Said: address}})
		return runBatch(ctx, w.tx, func(b *batch) { queueParticipants(b, w.c, w.tx.Now(), []Participant{who}) })
	})
}

// EndParticipant has somebody take part no more: they are not answered and get no copies. What was written stays.
func (s *Service) EndParticipant(ctx context.Context, in ParticipantInput) (Case, error) {
	return s.command(ctx, in.On, true, func(w *work) error {
		return w.takesPart(ctx, in.Address, false)
	})
}

// takesPart lets somebody who is there take part, or no more. It is told where it changes anything.
func (w *work) takesPart(ctx context.Context, address string, from bool) error {
	was, err := db.One[Participant](ctx, w.tx, `select * from case_participants where case_id = $1 and address = lower($2)`, w.c.ID, address)
	if errors.Is(err, db.ErrNoRow) {
		return errs.InvalidField("address", "case.no_participant", "address", address)
	}
	if err != nil {
		return fmt.Errorf("read participant: %w", err)
	}
	if was.Accepted == from {
		return nil
	}
	what := "participant.ended"
	if from {
		what = "participant.accepted"
	}
	_, err = w.tx.Exec(ctx, `update case_participants set accepted = $3, accepted_at = case when $3 then $4 else accepted_at end where case_id = $1 and address = $2`,
		w.c.ID, was.Address, from, w.tx.Now())
	if err != nil {
		return fmt.Errorf("change participant: %w", err)
	}
	w.note(what, map[string]any{"address": audit.Personal{Address: was.Address, Said: was.Address}})
	return nil
}
