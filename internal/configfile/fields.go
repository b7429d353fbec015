package configfile

import (
	"context"

	"makegood/cases"
)

func (s Services) caseFields(ctx context.Context, h *here, f *File) error {
	list, err := s.Cases.Fields(ctx, h.by)
	for n := range list {
		list[n].Version = 0
	}
	f.CaseFields = list
	return err
}

func (s Services) planCaseFields(now, want File) []Change {
	for n, one := range want.CaseFields {
		if one.Kind == "" {
			want.CaseFields[n].Kind = cases.FieldText
		}
		for _, there := range now.CaseFields {
			if there.Code == one.Code && one.Position == 0 {
				want.CaseFields[n].Position = there.Position // where it is
			}
		}
	}
	return differing("case_fields", now.CaseFields, want.CaseFields, func(e cases.FieldEntry) string { return e.Code },
		func(_ *cases.FieldEntry, e cases.FieldEntry) func(context.Context, Order) (string, error) {
			return func(ctx context.Context, o Order) (string, error) {
				changes, err := s.Cases.KeepFields(ctx, cases.KeepFieldsInput{By: o.By, Fields: []cases.FieldEntry{e}})
				if err != nil || len(changes) == 0 {
					return "nothing differs", err
				}
				return changes[0].What, nil
			}
		})
}
