package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/credits/authority/policy"
	"makegood/internal/access"
	"makegood/internal/money"
)

// AuthorityLevel is a level with its limits and who holds it.
type AuthorityLevel struct {
	ID         int64            `json:"id"`
	Rank       int              `json:"rank"`
	Name       string           `json:"name"`
	Signatures int              `json:"signatures"`
	Limits     []AuthorityLimit `json:"limits"`
	Given      []LevelHolding   `json:"given_to" doc:"people, roles and teams"`
	Holders    []LevelHolder    `json:"holders" doc:"who therefore holds it now"`
}

// AuthorityLimit is how much a level decides of a kind, in the currency of the limits.
type AuthorityLimit struct {
	Kind   string `json:"kind"`
	Max    *Money `json:"max,omitempty" doc:"without limit where it is missing"`
	Own    Money  `json:"own" doc:"what a holder may post of their own"`
	Reason string `json:"reason_code,omitempty"`
	Entity int64  `json:"entity_id,omitempty"`
	Tier   string `json:"tier,omitempty"`
}

// LevelHolder is a person at a level. Who holds it in several ways is there once for each.
type LevelHolder struct {
	UserID   int64     `json:"user_id"`
	Name     string    `json:"name"`
	Role     string    `json:"role,omitempty" doc:"they hold it as one of those who have it"`
	TeamID   int64     `json:"team_id,omitempty" doc:"they hold it as one of those in it"`
	Entities []int64   `json:"entity_ids,omitempty" doc:"where; all without it"`
	Regions  []string  `json:"regions,omitempty" doc:"for customers of which; all without it"`
	Teams    []int64   `json:"team_ids,omitempty" doc:"for what which teams ask; all without it"`
	Away     bool      `json:"away"`
	From     time.Time `json:"from"`
}

// LevelHolding is whom a level is given to: a person, or whoever has a role, is in a team, or has the role within the team.
type LevelHolding struct {
	UserID   int64     `json:"user_id,omitempty"`
	Role     string    `json:"role,omitempty"`
	TeamID   int64     `json:"team_id,omitempty"`
	Entities []int64   `json:"entity_ids,omitempty" doc:"where; all without it"`
	Regions  []string  `json:"regions,omitempty" doc:"for customers of which; all without it"`
	Teams    []int64   `json:"team_ids,omitempty" doc:"for what which teams ask; all without it"`
	From     time.Time `json:"from"`
}

// Delegation is who decides in whose place.
type Delegation struct {
	ID       int64     `json:"id"`
	From     int64     `json:"from_user_id"`
	FromName string    `json:"from_name"`
	To       int64     `json:"to_user_id"`
	ToName   string    `json:"to_name"`
	Starts   time.Time `json:"from"`
	Ends     time.Time `json:"until"`
	Max      *Money    `json:"max_amount,omitempty"`
	Kinds    []string  `json:"kinds,omitempty" doc:"every kind without it"`
	Entities []int64   `json:"entity_ids,omitempty" doc:"everywhere without it"`
	Note     string    `json:"note,omitempty"`
}

// AuthorityGaps is what nobody could decide.
type AuthorityGaps struct {
	Requests []CreditRequest   `json:"requests" doc:"pending, and nobody who is there may decide them"`
	Amounts  []UncoveredAmount `json:"amounts" doc:"what nobody could approve"`
	Alone    []LevelAlone      `json:"without_backup" doc:"levels that stand still when one person is away"`
}

// UncoveredAmount says that nobody could approve what is over an amount.
type UncoveredAmount struct {
	Kind      string `json:"kind"`
	Entity    string `json:"entity"`
	Over      Money  `json:"over"`
	Rule      string `json:"rule,omitempty" doc:"of the policy, or what a limit is narrowed by, where only such requests are meant"`
	Requester int64  `json:"requester_id,omitempty" doc:"the holder of a level, where only what they ask for is meant"`
}

// LevelAlone is a level of which nobody may be missed.
type LevelAlone struct {
	Level  string   `json:"level"`
	Entity string   `json:"entity"`
	Place  string   `json:"place,omitempty" doc:"for customers of which region, or for what which team asks, where only that is meant"`
	People []string `json:"people"`
}

// AuthorityPolicy is the policy in force, in the words it is written in.
type AuthorityPolicy struct {
	Version int    `json:"version" doc:"0 is none of its own: each level up to the sufficient one"`
	YAML    string `json:"yaml" doc:"its rules in order, as makegood policy export writes them"`
}

// SimulatedChain is who would approve something nobody has proposed.
type SimulatedChain struct {
	Version  int         `json:"policy_version"`
	OwnLimit bool        `json:"own_limit"`
	Nobody   bool        `json:"nobody"`
	Counted  Money       `json:"counted" doc:"what is compared with limits"`
	Chain    []ChainStep `json:"chain"`
	Rules    []string    `json:"rules" doc:"of the policy that apply"`
}

type simulateIn struct {
	Signed
	Body struct {
		Kind      string `json:"kind"`
		Amount    Money  `json:"amount" doc:"with tax"`
		Entity    string `json:"entity" doc:"code of the legal entity"`
		Requester int64  `json:"requester_id,omitempty" doc:"the caller without it"`
		Reason    string `json:"reason_code,omitempty"`
		Tier      string `json:"tier,omitempty"`
		Region    string `json:"region,omitempty"`
	}
}

type (
	simulateOut struct{ Body SimulatedChain }
	gapsOut     struct{ Body AuthorityGaps }
	policyOut   struct{ Body AuthorityPolicy }
	revokeIn    struct {
		Signed
		ID int64 `path:"id"`
	}
)

const authorityTag = "authority"

func (h *handlers) authority(api huma.API) {
	add(h, api, operation[Signed, listOut[AuthorityLevel]]{at(http.MethodGet, "/authority/levels", "list-authority-levels", "Levels, their limits and holders, the lowest first", authorityTag), h.authorityLevels})
	add(h, api, operation[Signed, policyOut]{at(http.MethodGet, "/authority/policy", "get-authority-policy", "The policy in force", authorityTag), h.authorityPolicy})
	add(h, api, operation[simulateIn, simulateOut]{at(http.MethodPost, "/authority/simulation", "simulate-authority", "Who would approve it? Nothing is stored", authorityTag), h.simulate})
	add(h, api, operation[Signed, gapsOut]{at(http.MethodGet, "/authority/gaps", "list-authority-gaps", "Requests nobody can decide, amounts nobody can approve, levels without a backup", authorityTag), h.authorityGaps})
	add(h, api, operation[Signed, listOut[Delegation]]{at(http.MethodGet, "/delegations", "list-delegations", "Who decides in whose place, now and to come", authorityTag), h.delegations})
	add(h, api, operation[delegateIn, delegateOut]{created("/delegations", "add-delegation", "Let somebody decide in the caller's place for a time", authorityTag), h.delegate})
	add(h, api, operation[revokeIn, nothingOut]{at(http.MethodPost, "/delegations/{id}/revoke", "revoke-delegation", "End a delegation at once", authorityTag), h.revoke})
	h.absences(api)
	h.authorityChanges(api)
}

func inLimits(value decimal.Decimal) Money {
	return moneyOf(money.Of(value, billing.AuthorityCurrency))
}

func (h *handlers) authorityLevels(ctx context.Context, in *Signed) (*listOut[AuthorityLevel], error) {
	if err := access.Can(in.by, access.ReadCredits, access.Object{}); err != nil {
		return nil, err
	}
	levels, err := h.Credits.Levels(ctx)
	if err != nil {
		return nil, err
	}
	given, err := h.Credits.Holdings(ctx)
	if err != nil {
		return nil, err
	}
	holders, err := h.Credits.Holders(ctx)
	if err != nil {
		return nil, err
	}
	out := &listOut[AuthorityLevel]{Body: list[AuthorityLevel]{Items: []AuthorityLevel{}}}
	for _, l := range levels {
		level := AuthorityLevel{ID: l.ID, Rank: l.Rank, Name: l.Name, Signatures: l.Signatures, Limits: []AuthorityLimit{}, Given: []LevelHolding{}, Holders: []LevelHolder{}}
		for _, x := range l.Limits {
			level.Limits = append(level.Limits, authorityLimitOf(x))
		}
		for _, x := range given {
			if x.LevelID == l.ID {
				level.Given = append(level.Given, LevelHolding{
					UserID: x.UserID, Role: x.Role, TeamID: x.TeamID, Entities: x.EntityIDs, Regions: x.Regions, Teams: x.TeamIDs, From: x.ValidFrom,
				})
			}
		}
		for _, x := range holders {
			if x.LevelID == l.ID && x.Active {
				level.Holders = append(level.Holders, LevelHolder{
					UserID: x.UserID, Name: x.UserName, Role: x.By.Role, TeamID: x.By.TeamID, Entities: x.EntityIDs, Regions: x.Regions, Teams: x.TeamIDs, Away: x.Away, From: x.ValidFrom,
				})
			}
		}
		out.Body.Items = append(out.Body.Items, level)
	}
	return out, nil
}

func authorityLimitOf(l credits.Limit) AuthorityLimit {
	limit := AuthorityLimit{Kind: string(l.Kind), Own: inLimits(l.OwnLimit), Reason: l.Reason, Entity: l.EntityID, Tier: l.Tier}
	if l.MaxAmount != nil {
		most := inLimits(*l.MaxAmount)
		limit.Max = &most
	}
	return limit
}

func (h *handlers) authorityPolicy(ctx context.Context, in *Signed) (*policyOut, error) {
	if err := access.Can(in.by, access.ReadCredits, access.Object{}); err != nil {
		return nil, err
	}
	version, p, err := h.Credits.Policy(ctx)
	if err != nil {
		return nil, err
	}
	text, err := policy.Write(p)
	if err != nil {
		return nil, err
	}
	return &policyOut{Body: AuthorityPolicy{Version: version, YAML: string(text)}}, nil
}

func (h *handlers) simulate(ctx context.Context, in *simulateIn) (*simulateOut, error) {
	entity, err := h.entity(ctx, in.Signed, in.Body.Entity)
	if err != nil {
		return nil, err
	}
	amount, err := in.Body.Amount.parse("amount")
	if err != nil {
		return nil, err
	}
	asked := credits.SimulateInput{
		By: in.by, Kind: billing.Kind(in.Body.Kind), Amount: amount.Decimal(), Currency: amount.Currency(), EntityID: entity.ID, RequesterID: in.Body.Requester,
		Reason: in.Body.Reason, Tier: in.Body.Tier, Region: in.Body.Region,
	}
	if asked.RequesterID == 0 {
		asked.RequesterID = in.by.UserID
	}
	found, err := h.Credits.Simulate(ctx, asked)
	if err != nil {
		return nil, err
	}
	out := &simulateOut{Body: SimulatedChain{
		Version: found.Version, OwnLimit: found.OwnLimit, Nobody: found.Orphan, Counted: inLimits(found.Counted), Chain: h.chainOf(found.Result), Rules: []string{},
	}}
	for _, v := range found.Verdicts {
		if v.Applies {
			out.Body.Rules = append(out.Body.Rules, v.Rule)
		}
	}
	return out, nil
}

func (h *handlers) authorityGaps(ctx context.Context, in *Signed) (*gapsOut, error) {
	found, err := h.Credits.Coverage(ctx, in.by)
	if err != nil {
		return nil, err
	}
	out := &gapsOut{Body: AuthorityGaps{Requests: []CreditRequest{}, Amounts: []UncoveredAmount{}, Alone: []LevelAlone{}}}
	for _, row := range found.Orphans {
		out.Body.Requests = append(out.Body.Requests, h.requestOf(row))
	}
	for _, u := range found.Uncovered {
		out.Body.Amounts = append(out.Body.Amounts, UncoveredAmount{Kind: string(u.Kind), Entity: u.Entity, Over: inLimits(u.Over), Rule: u.Rule, Requester: u.RequesterID})
	}
	for _, a := range found.Alone {
		out.Body.Alone = append(out.Body.Alone, LevelAlone{Level: a.Level, Entity: a.Entity, Place: a.Place, People: a.People})
	}
	return out, nil
}

func (h *handlers) delegations(ctx context.Context, in *Signed) (*listOut[Delegation], error) {
	if err := access.Can(in.by, access.ReadCredits, access.Object{}); err != nil {
		return nil, err
	}
	found, err := h.Credits.Delegations(ctx)
	if err != nil {
		return nil, err
	}
	out := &listOut[Delegation]{Body: list[Delegation]{Items: []Delegation{}}}
	for _, d := range found {
		row := Delegation{
			ID: d.ID, From: d.FromID, FromName: d.FromName, To: d.ToID, ToName: d.ToName, Starts: d.FromAt, Ends: d.UntilAt, Entities: d.EntityIDs, Note: d.Note,
		}
		for _, k := range d.Kinds {
			row.Kinds = append(row.Kinds, string(k))
		}
		if d.MaxAmount != nil {
			most := inLimits(*d.MaxAmount)
			row.Max = &most
		}
		out.Body.Items = append(out.Body.Items, row)
	}
	return out, nil
}

func (h *handlers) revoke(ctx context.Context, in *revokeIn) (*nothingOut, error) {
	if err := h.Credits.Revoke(ctx, in.by, in.ID); err != nil {
		return nil, err
	}
	return &nothingOut{}, nil
}
