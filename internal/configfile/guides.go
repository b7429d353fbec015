package configfile

import (
	"context"
	"fmt"

	"makegood/cases"
)

// Checklist is what is to be done with cases of a type, in a file.
type Checklist struct {
	Type   cases.Type    `yaml:"type"`
	Points []cases.Point `yaml:"points"`
}

func (s Services) checklists(ctx context.Context, h *here, f *File) error {
	list, err := s.Cases.Checklists(ctx, h.by)
	for _, c := range list {
		if len(c.Points) > 0 {
			f.Checklists = append(f.Checklists, Checklist{Type: c.CaseType, Points: c.Points})
		}
	}
	return err
}

func (s Services) planChecklists(now, want File) []Change {
	for i, one := range want.Checklists {
		if points, err := cases.LevelPoints(one.Points); err == nil { // what is wrong is refused when it is carried out
			want.Checklists[i].Points = points
		}
	}
	return differing("checklists", now.Checklists, want.Checklists, func(c Checklist) string { return string(c.Type) },
		func(_ *Checklist, c Checklist) func(context.Context, Order) (string, error) {
			return func(ctx context.Context, o Order) (string, error) {
				list, err := s.Cases.Checklists(ctx, o.By)
				if err != nil {
					return "", err
				}
				in := cases.ChecklistInput{By: o.By, CaseType: c.Type, Points: c.Points}
				for _, there := range list {
					if there.CaseType == c.Type {
						in.Base = there.Number
					}
				}
				kept, err := s.Cases.SaveChecklist(ctx, in)
				return fmt.Sprintf("saved as version %d", kept.Number), err
			}
		})
}
