package reports

import (
	"context"
	"fmt"

	"makegood/internal/access"
	"makegood/internal/db"
)

// Choice is something a report can be narrowed to: what stands in an address, and its name.
type Choice struct {
	Key  string
	Name string
}

// WorkChoices are what the reports of cases can be narrowed to.
type WorkChoices struct {
	Entities []Choice
	Teams    []Choice
	Agents   []Choice
	Policies []Choice
	Reasons  []Choice
	Causes   []Choice
}

// Choices reads what somebody who may read reports can narrow them to, in one statement.
func (w *Work) Choices(ctx context.Context, by access.Actor) (WorkChoices, error) {
	var c WorkChoices
	if err := access.Can(by, access.ReadReports, access.Object{}); err != nil {
		return c, err
	}
	list, err := db.List[struct {
		What string
		Choice
	}](ctx, w.db, `select 'entity' as what, code as key, code || ', ' || name as name from legal_entities where cardinality($1::bigint[]) = 0 or id = any ($1)
		union all select 'team', id::text, name from teams
		union all select 'agent', id::text, name from users where active and roles && array['agent','senior','supervisor']
		union all select distinct 'policy', name, name from sla_policies
		union all select 'reason', code, name from reason_codes
		union all select 'cause', code, name from root_causes order by 1, 3, 2`, scopeOf(by))
	if err != nil {
		return c, fmt.Errorf("read what reports can be narrowed to: %w", err)
	}
	into := map[string]*[]Choice{
		"entity": &c.Entities, "team": &c.Teams, "agent": &c.Agents, "policy": &c.Policies, "reason": &c.Reasons, "cause": &c.Causes,
	}
	for _, one := range list {
		*into[one.What] = append(*into[one.What], one.Choice)
	}
	return c, nil
}
