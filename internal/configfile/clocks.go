package configfile

import (
	"context"
	"fmt"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/clock"
)

func (s Services) calendars(ctx context.Context, h *here, f *File) error {
	list, err := s.Cases.Calendars(ctx, h.by)
	for _, c := range list {
		f.Calendars = append(f.Calendars, c.Definition)
	}
	return err
}

func (s Services) planCalendars(now, want File) []Change {
	return differing("calendars", now.Calendars, want.Calendars, func(c clock.Calendar) string { return c.Name },
		func(_ *clock.Calendar, c clock.Calendar) func(context.Context, Order) (string, error) {
			return func(ctx context.Context, o Order) (string, error) {
				list, err := s.Cases.Calendars(ctx, o.By)
				if err != nil {
					return "", err
				}
				in := cases.CalendarInput{By: o.By, Definition: c, Comment: o.Comment}
				for _, there := range list {
					if there.Name == c.Name {
						in.BasedOn = there.Version
					}
				}
				saved, _, err := s.Cases.SaveCalendar(ctx, in)
				return fmt.Sprintf("saved as version %d", saved.Version), err
			}
		})
}

// ServiceLevel is a policy of service levels in a file: which cases it is for, and what they are promised.
type ServiceLevel struct {
	Position int          `yaml:"position"`
	For      Cases        `yaml:"for"`
	Promise  clock.Policy `yaml:"promise"`
}

// Cases says which cases a policy is for; what is left out does not matter.
type Cases struct {
	Types      []cases.Type     `yaml:"types,omitempty,flow"`
	Priorities []cases.Priority `yaml:"priorities,omitempty,flow"`
	Tiers      []billing.Tier   `yaml:"tiers,omitempty,flow"`
	Regions    []string         `yaml:"regions,omitempty,flow"`
	Entities   []string         `yaml:"entities,omitempty,flow"`
	AmountFrom *decimal.Decimal `yaml:"amount_from,omitempty"`
}

func (s Services) serviceLevels(ctx context.Context, h *here, f *File) error {
	list, err := s.Cases.Policies(ctx, h.by)
	for _, p := range list {
		var ids []int64
		for _, id := range p.Match.Entities {
			ids = append(ids, int64(id))
		}
		one := ServiceLevel{Position: p.Position, Promise: p.Definition, For: Cases{
			Types: p.Match.Types, Priorities: p.Match.Priorities, Tiers: p.Match.Tiers, Regions: p.Match.Regions, Entities: h.codes(ids), AmountFrom: p.Match.AmountFrom,
		}}
		one.Promise.Name, one.Promise.Calendar = p.Name, p.Calendar
		f.ServiceLevels = append(f.ServiceLevels, one)
	}
	return err
}

func (s Services) planServiceLevels(now, want File) []Change {
	return differing("service_levels", now.ServiceLevels, want.ServiceLevels, func(l ServiceLevel) string { return l.Promise.Name },
		func(_ *ServiceLevel, l ServiceLevel) func(context.Context, Order) (string, error) {
			return func(ctx context.Context, o Order) (string, error) { return s.draft(ctx, o, l) }
		})
}

func (s Services) draft(ctx context.Context, o Order, l ServiceLevel) (string, error) {
	h, err := s.look(ctx, o.By)
	if err != nil {
		return "", err
	}
	ids, err := h.ids(l.For.Entities)
	if err != nil {
		return "", err
	}
	in := cases.PolicyDraftInput{By: o.By, Name: l.Promise.Name, Position: l.Position, Definition: l.Promise, Calendar: l.Promise.Calendar, Match: cases.Match{
		Types: l.For.Types, Priorities: l.For.Priorities, Tiers: l.For.Tiers, Regions: l.For.Regions, AmountFrom: l.For.AmountFrom,
	}}
	for _, id := range ids {
		in.Match.Entities = append(in.Match.Entities, billing.EntityID(id))
	}
	list, err := s.Cases.Policies(ctx, o.By)
	if err != nil {
		return "", err
	}
	for _, there := range list {
		if there.Name == in.Name {
			in.BasedOn = there.Version
		}
	}
	_, err = s.Cases.DraftPolicy(ctx, in)
	return "kept as a draft that is tried on the past; it is put in force on screen", err
}
