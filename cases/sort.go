package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"makegood/internal/db"
	"makegood/internal/errs"
)

// SortInput says what a case is about. Type "" leaves the type as it is.
type SortInput struct {
	On
	Topic string
	Type  Type
}

// Sorted is a case and the topic it had before.
type Sorted struct {
	Case Case
	Was  string
}

// SortTx is a step that acts for a person: it asks for the right and refuses a version that is not the present one, like
// a command. Another type brings another computed priority and may bring another policy. A case with dispute lines stays
// a dispute.
func (s *Service) SortTx(ctx context.Context, tx *db.Tx, in SortInput) (Sorted, error) {
	in.Topic = strings.TrimSpace(in.Topic)
	if in.Topic == "" {
		return Sorted{}, errs.InvalidField("topic", "error.required")
	}
	var was string
	c, err := s.commandTx(ctx, tx, in.On, true, func(w *work) error {
		was = w.c.Topic
		if in.Type == "" {
			in.Type = w.c.Type
		}
		if !slices.Contains(Types(), in.Type) {
			return errs.InvalidField("type", "case.unknown_type")
		}
		if w.c.Topic == in.Topic && w.c.Type == in.Type {
			return nil
		}
		w.note("case.sorted", map[string]any{"from": w.c.Topic, "topic": in.Topic, "from_type": w.c.Type, "type": in.Type})
		w.c.Topic = in.Topic
		if w.c.Type == in.Type {
			return nil
		}
		return s.retype(ctx, w, in.Type)
	})
	return Sorted{c, was}, err
}

// retype gives a case another type, with the priority and the policy that go with it.
func (s *Service) retype(ctx context.Context, w *work, to Type) error {
	lines, err := disputesOf(ctx, w.tx, w.c.ID)
	if err != nil {
		return err
	}
	if len(lines) > 0 && to != Dispute {
		return errs.New(errs.Conflict, "case.disputes_fix_type", "number", w.c.Number)
	}
	w.c.Type = to
	customer, err := s.customerOf(ctx, w.tx, w.c)
	if err != nil {
		return err
	}
	if p, _ := ComputePriority(to, customer.Tier, w.c.RiskBase); w.c.PriorityReason == "" {
		w.setPriority(p, "")
	}
	return s.repin(ctx, w, customer)
}

// Tags reads the tags of a case, in their order.
func (s *Service) Tags(ctx context.Context, r db.Reader, id ID) ([]string, error) {
	tags, err := db.Values[string](ctx, r, `select tag from case_tags where case_id = $1 order by tag`, id)
	if err != nil {
		return nil, fmt.Errorf("read tags: %w", err)
	}
	return tags, nil
}
