package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"makegood/cases"
	"makegood/cases/assignment"
)

// AssignmentMatch says which cases a rule is for; an empty list asks for nothing.
type AssignmentMatch struct {
	Types     []string `json:"types,omitempty"     maxItems:"20"`
	Topics    []string `json:"topics,omitempty"    maxItems:"300"`
	Languages []string `json:"languages,omitempty" maxItems:"300" example:"[\"fr\"]"`
	Accounts  []string `json:"accounts,omitempty"  maxItems:"300" doc:"account numbers of customers"`
	Tiers     []string `json:"tiers,omitempty"     maxItems:"20"`
	Countries []string `json:"countries,omitempty" maxItems:"300" example:"[\"FR\"]"`
	Regions   []string `json:"regions,omitempty"   maxItems:"300"`
	// SalesOwners are territories.
	SalesOwners []string `json:"sales_owners,omitempty" maxItems:"300" doc:"who sells to the customer, as its particulars name them"`
	Entities    []int64  `json:"entities,omitempty"  maxItems:"300"`
}

// AssignmentRuleBody is what a rule of assignment holds.
type AssignmentRuleBody struct {
	Position int             `json:"position" doc:"rules are asked from the lowest on"`
	Name     string          `json:"name" maxLength:"60"`
	Active   bool            `json:"active"`
	When     AssignmentMatch `json:"when"`
	Team     *int64          `json:"team_id,omitempty"`
	Users    []int64         `json:"user_ids,omitempty" maxItems:"300" doc:"every agent of the team, or of the desk, without it"`
	How      string          `json:"how" enum:"in_turn,by_load,by_skill"`
}

// AssignmentRule is a rule of who gets a case.
type AssignmentRule struct {
	ID int64 `json:"id"`
	AssignmentRuleBody
	Version int `json:"version"`
}

// AgentTermsBody is how many cases somebody takes, and what they are there for.
type AgentTermsBody struct {
	Capacity  int      `json:"capacity" doc:"open cases at most; 0 means no limit"`
	Languages []string `json:"languages,omitempty" maxItems:"300" doc:"everything without it, as with the lists that follow"`
	Countries []string `json:"countries,omitempty" maxItems:"300"`
	Tiers     []string `json:"tiers,omitempty"     maxItems:"20"`
	Topics    []string `json:"topics,omitempty"    maxItems:"300"`
	Version   int      `json:"version" doc:"as it was read, 0 when nothing was set yet; a stale one is refused with 409"`
}

// AgentTerms are those of one person.
type AgentTerms struct {
	User int64  `json:"user_id"`
	Name string `json:"name"`
	Away bool   `json:"away"`
	Open int    `json:"open_cases"`
	AgentTermsBody
}

type addRuleIn struct {
	Signed
	Body AssignmentRuleBody
}

type changeRuleIn struct {
	Signed
	ID   int64 `path:"id"`
	Body struct {
		AssignmentRuleBody
		Version int `json:"version" doc:"as it was read; a stale one is refused with 409"`
	}
}

type removeRuleIn struct {
	Signed
	ID   int64 `path:"id"`
	Body struct {
		Version int `json:"version" doc:"as it was read; a stale one is refused with 409"`
	}
}

type setTermsIn struct {
	Signed
	ID   int64 `path:"id"`
	Body AgentTermsBody
}

type (
	ruleOut  struct{ Body AssignmentRule }
	termsOut struct{ Body AgentTerms }
)

// dealing is who gets a case.
func (h *handlers) dealing(api huma.API) {
	const tag = "cases"
	add(h, api, operation[Signed, listOut[AssignmentRule]]{at(http.MethodGet, "/assignment/rules", "list-assignment-rules", "The rules of who gets a case", tag), h.assignmentRules})
	add(h, api, operation[addRuleIn, ruleOut]{created("/assignment/rules", "add-assignment-rule", "Keep a rule of assignment", tag), h.addRule})
	add(h, api, operation[changeRuleIn, ruleOut]{at(http.MethodPut, "/assignment/rules/{id}", "change-assignment-rule", "Change a rule of assignment", tag), h.changeRule})
	add(h, api, operation[removeRuleIn, nothingOut]{at(http.MethodPost, "/assignment/rules/{id}/remove", "remove-assignment-rule", "Remove a rule of assignment", tag), h.removeRule})
	add(h, api, operation[Signed, listOut[AgentTerms]]{at(http.MethodGet, "/assignment/people", "list-agent-terms", "How many cases each person takes, and which", tag), h.agents})
	add(h, api, operation[setTermsIn, termsOut]{at(http.MethodPut, "/assignment/people/{id}", "set-agent-terms", "Say how many cases somebody takes, and which", tag), h.setTerms})
}

func (b AssignmentRuleBody) rule() cases.AssignmentRule {
	return cases.AssignmentRule{
		Position: b.Position, Name: b.Name, Active: b.Active, Match: assignment.Match(b.When), TeamID: b.Team, UserIDs: b.Users, How: assignment.Method(b.How),
	}
}

func ruleOf(r cases.AssignmentRule) AssignmentRule {
	return AssignmentRule{ID: r.ID, Version: r.Version, AssignmentRuleBody: AssignmentRuleBody{
		Position: r.Position, Name: r.Name, Active: r.Active, When: AssignmentMatch(r.Match), Team: r.TeamID, Users: r.UserIDs, How: string(r.How),
	}}
}

func termsOf(a cases.AgentTerms) AgentTerms {
	return AgentTerms{User: a.UserID, Name: a.Name, Away: a.Away, Open: a.Open, AgentTermsBody: AgentTermsBody{
		Capacity: a.Capacity, Languages: a.Languages, Countries: a.Countries, Tiers: a.Tiers, Topics: a.Topics, Version: a.Version,
	}}
}

func (h *handlers) assignmentRules(ctx context.Context, in *Signed) (*listOut[AssignmentRule], error) {
	found, err := h.Cases.AssignmentRules(ctx, in.by)
	out := &listOut[AssignmentRule]{Body: list[AssignmentRule]{Items: []AssignmentRule{}}}
	for _, r := range found {
		out.Body.Items = append(out.Body.Items, ruleOf(r))
	}
	return out, err
}

func (h *handlers) addRule(ctx context.Context, in *addRuleIn) (*ruleOut, error) {
	kept, err := h.Cases.SaveAssignmentRule(ctx, in.Body.rule(), in.by)
	return &ruleOut{Body: ruleOf(kept)}, err
}

func (h *handlers) changeRule(ctx context.Context, in *changeRuleIn) (*ruleOut, error) {
	if in.ID == 0 {
		return nil, cases.ErrNoAssignmentRule // a rule without one is a new one
	}
	rule := in.Body.rule()
	rule.ID, rule.Version = in.ID, in.Body.Version
	kept, err := h.Cases.SaveAssignmentRule(ctx, rule, in.by)
	return &ruleOut{Body: ruleOf(kept)}, err
}

func (h *handlers) removeRule(ctx context.Context, in *removeRuleIn) (*nothingOut, error) {
	return &nothingOut{}, h.Cases.RemoveAssignmentRule(ctx, in.ID, in.Body.Version, in.by)
}

func (h *handlers) agents(ctx context.Context, in *Signed) (*listOut[AgentTerms], error) {
	found, err := h.Cases.Agents(ctx, in.by)
	out := &listOut[AgentTerms]{Body: list[AgentTerms]{Items: []AgentTerms{}}}
	for _, a := range found {
		out.Body.Items = append(out.Body.Items, termsOf(a))
	}
	return out, err
}

func (h *handlers) setTerms(ctx context.Context, in *setTermsIn) (*termsOut, error) {
	b := in.Body
	kept, err := h.Cases.SetAgentTerms(ctx, cases.AgentTerms{
		UserID: in.ID, Capacity: b.Capacity, Languages: b.Languages, Countries: b.Countries, Tiers: b.Tiers, Topics: b.Topics, Version: b.Version,
	}, in.by)
	return &termsOut{Body: termsOf(kept)}, err
}
