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

// Playbook is how a claim is worked, in a file.
type Playbook struct {
	Reason string     `yaml:"reason,omitempty"`
	Type   cases.Type `yaml:"type,omitempty"`

	cases.PlaybookText `yaml:",inline"`
}

func (p Playbook) name() string {
	if p.Reason == "" || p.Type == "" {
		return p.Reason + string(p.Type)
	}
	return p.Reason + " in " + string(p.Type)
}

func (s Services) playbooks(ctx context.Context, h *here, f *File) error {
	list, err := s.Cases.Playbooks(ctx, h.by)
	for _, p := range list {
		f.Playbooks = append(f.Playbooks, Playbook{Reason: p.Reason, Type: p.CaseType, PlaybookText: p.PlaybookText})
	}
	return err
}

func (s Services) planPlaybooks(now, want File) []Change {
	for i := range want.Playbooks {
		want.Playbooks[i].PlaybookText = want.Playbooks[i].Leveled()
	}
	return differing("playbooks", now.Playbooks, want.Playbooks, Playbook.name,
		func(_ *Playbook, p Playbook) func(context.Context, Order) (string, error) {
			return func(ctx context.Context, o Order) (string, error) {
				there, err := s.Cases.PlaybookOf(ctx, p.Type, p.Reason, o.By)
				if err != nil {
					return "", err
				}
				kept, err := s.Cases.SavePlaybook(ctx, cases.PlaybookInput{By: o.By, CaseType: p.Type, Reason: p.Reason, Base: there.Number, PlaybookText: p.PlaybookText})
				return fmt.Sprintf("saved as version %d", kept.Number), err
			}
		})
}
