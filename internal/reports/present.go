package reports

import (
	"context"
	"fmt"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
)

// PeopleNamed are the names of people of the desk, by their numbers.
func (f *CaseFiles) PeopleNamed(ctx context.Context, ids []int64) (map[int64]string, error) {
	if len(ids) == 0 {
		return map[int64]string{}, nil
	}
	list, err := db.List[struct {
		ID   int64
		Name string
	}](ctx, f.db, `select id, name from users where id = any ($1)`, ids)
	if err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	names := make(map[int64]string, len(list))
	for _, one := range list {
		names[one.ID] = one.Name
	}
	return names, nil
}

// Seen are those of the cases that somebody may see.
func (f *CaseFiles) Seen(ctx context.Context, ids []int64, by access.Actor) ([]cases.ID, error) {
	if err := access.Can(by, access.ReadCases, access.Object{}); err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, nil
	}
	seen, err := db.Values[cases.ID](ctx, f.db, `select id from cases where id = any ($1) and (cardinality($2::bigint[]) = 0 or entity_id is null or entity_id = any ($2))`,
		ids, by.SeenEntities())
	if err != nil {
		return nil, fmt.Errorf("ask which cases are seen: %w", err)
	}
	return seen, nil
}

// Sees tells whether somebody may see a case.
func (f *CaseFiles) Sees(ctx context.Context, id int64, by access.Actor) (bool, error) {
	seen, err := f.Seen(ctx, []int64{id}, by)
	return len(seen) > 0, err
}
