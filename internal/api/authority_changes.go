package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/credits/authority/policy"
	"makegood/internal/access"
	"makegood/internal/errs"
)

// AuthorityChange is a change of policy, of a level or of who holds one: made by one, confirmed by another.
type AuthorityChange struct {
	ID          int64           `json:"id"`
	Kind        string          `json:"kind" enum:"policy,level,holder"`
	LevelID     int64           `json:"level_id,omitempty"`
	UserID      int64           `json:"user_id,omitempty"`
	Role        string          `json:"role,omitempty" doc:"whoever has it, where it is about no person"`
	TeamID      int64           `json:"team_id,omitempty" doc:"whoever is in it"`
	Before      json.RawMessage `json:"before" doc:"as it stood when this was proposed"`
	Content     json.RawMessage `json:"content" doc:"as it shall be"`
	Comment     string          `json:"comment"`
	EffectiveAt time.Time       `json:"effective_at"`
	State       string          `json:"state" enum:"proposed,confirmed,refused,withdrawn"`
	ProposedBy  int64           `json:"proposed_by"`
	ProposedAt  time.Time       `json:"proposed_at"`
	DecidedBy   *int64          `json:"decided_by,omitempty"`
	DecidedAt   *time.Time      `json:"decided_at,omitempty"`
	Note        string          `json:"decision_note,omitempty"`
}

// Proposed is why something of authority shall change, and from when on.
type Proposed struct {
	Comment     string    `json:"comment" minLength:"1" maxLength:"2000"`
	EffectiveAt time.Time `json:"effective_at,omitzero" required:"false" doc:"as soon as it is confirmed without it"`
}

// LimitTerms is how much a level may decide of a kind.
type LimitTerms struct {
	Kind      string `json:"kind"`
	Max       string `json:"max,omitempty" doc:"in the currency of the limits; without limit where it is missing"`
	WindowMax string `json:"window_max,omitempty" doc:"how much may add up; max without it"`
	Own       string `json:"own,omitempty" doc:"what a holder may post of their own; nothing without it"`
	Reason    string `json:"reason_code,omitempty"`
	Entity    int64  `json:"entity_id,omitempty"`
	Tier      string `json:"tier,omitempty"`
}

// LevelTerms is what a level may decide.
type LevelTerms struct {
	Signatures int          `json:"signatures" minimum:"1" maximum:"5"`
	Limits     []LimitTerms `json:"limits" maxItems:"500"`
}

type (
	policyTextIn struct {
		Signed
		Body struct {
			YAML string `json:"yaml" maxLength:"500000" doc:"a policy as get-authority-policy gives it"`
		}
	}
	policyChangeIn struct {
		Signed
		Body struct {
			Proposed
			YAML string `json:"yaml" maxLength:"500000" doc:"a policy as get-authority-policy gives it"`
		}
	}
	newLevelIn struct {
		Signed
		Body struct {
			Proposed
			LevelTerms
			Rank int    `json:"rank" minimum:"1"`
			Name string `json:"name" minLength:"1" maxLength:"100"`
		}
	}
	levelChangeIn struct {
		Signed
		ID   int64 `path:"id"`
		Body struct {
			Proposed
			LevelTerms
		}
	}
	holderChangeIn struct {
		Signed
		ID   int64 `path:"id" doc:"of the level"`
		Body struct {
			Proposed
			UserID   int64    `json:"user_id,omitempty" doc:"a person; or else role, team_id, or both"`
			Role     string   `json:"role,omitempty" doc:"whoever has it when a decision is asked"`
			TeamID   int64    `json:"team_id,omitempty" doc:"whoever is in it then; with role whoever has the role within it"`
			Holds    bool     `json:"holds"`
			Entities []int64  `json:"entity_ids,omitempty" maxItems:"500" doc:"where; all without it"`
			Regions  []string `json:"regions,omitempty" maxItems:"500" doc:"for customers of which regions or countries; all without it"`
			Teams    []int64  `json:"team_ids,omitempty" maxItems:"500" doc:"for what which teams ask; all without it"`
		}
	}
	changeVerdictIn struct {
		Signed
		ID      int64  `path:"id"`
		Verdict string `path:"verdict" enum:"confirm,refuse,withdraw"`
		Body    struct {
			Note string `json:"note,omitempty" maxLength:"2000" doc:"needed to refuse"`
		}
	}
	authorityChangeOut struct{ Body AuthorityChange }
	replayOut          struct{ Body Replay }
)

// Replay is what a draft of a policy would change: in its text, and in who is asked for the requests of the last three months.
type Replay struct {
	Differences []string          `json:"differences" doc:"from the policy in force"`
	Since       time.Time         `json:"since"`
	Looked      int               `json:"looked" doc:"requests of that time"`
	Same        int               `json:"same"`
	Cut         bool              `json:"cut" doc:"there were more than were looked at"`
	Changed     []ReplayedRequest `json:"changed"`
}

// ReplayedRequest is a request that others would be asked for.
type ReplayedRequest struct {
	ID     int64    `json:"id"`
	Number string   `json:"number"`
	Kind   string   `json:"kind"`
	Amount Money    `json:"amount" doc:"in the currency of the limits"`
	Was    []string `json:"was" doc:"steps under the policy it was submitted under"`
	Would  []string `json:"would" doc:"steps under the draft"`
	Rules  []string `json:"rules" doc:"of the draft, that put steps there"`
	Nobody bool     `json:"nobody" doc:"nobody could decide it"`
}

func (h *handlers) authorityChanges(api huma.API) {
	add(h, api, operation[Signed, listOut[AuthorityChange]]{at(http.MethodGet, "/authority/changes", "list-authority-changes", "Changes of authority, those that wait for a second person first", authorityTag), h.listAuthorityChanges})
	add(h, api, operation[changeVerdictIn, authorityChangeOut]{at(http.MethodPost, "/authority/changes/{id}/{verdict}", "decide-authority-change", "Confirm or refuse a change somebody else proposed, or withdraw one's own", authorityTag), h.decideAuthorityChange})
	add(h, api, operation[policyTextIn, replayOut]{at(http.MethodPost, "/authority/policy/replay", "replay-authority-policy", "What would a policy change? Nothing is stored", authorityTag), h.replayPolicy})
	add(h, api, operation[policyChangeIn, authorityChangeOut]{created("/authority/policy/changes", "propose-authority-policy", "Propose a policy; a second person confirms it", authorityTag), h.proposePolicy})
	add(h, api, operation[newLevelIn, authorityChangeOut]{created("/authority/levels", "propose-new-authority-level", "Propose a new level; a second person confirms it", authorityTag), h.proposeNewLevel})
	add(h, api, operation[levelChangeIn, authorityChangeOut]{created("/authority/levels/{id}/changes", "propose-authority-level", "Propose what a level may decide; a second person confirms it", authorityTag), h.proposeLevel})
	add(h, api, operation[holderChangeIn, authorityChangeOut]{created("/authority/levels/{id}/holders", "propose-authority-holder", "Propose who holds a level, or holds it no more; a second person confirms it", authorityTag), h.proposeHolder})
}

func (h *handlers) listAuthorityChanges(ctx context.Context, in *Signed) (*listOut[AuthorityChange], error) {
	found, err := h.Credits.Changes(ctx, in.by)
	if err != nil {
		return nil, err
	}
	out := &listOut[AuthorityChange]{Body: list[AuthorityChange]{Items: []AuthorityChange{}}}
	for _, c := range found {
		out.Body.Items = append(out.Body.Items, changeOf(c))
	}
	return out, nil
}

func (h *handlers) decideAuthorityChange(ctx context.Context, in *changeVerdictIn) (*authorityChangeOut, error) {
	if in.Verdict != "withdraw" {
		return changed(h.Credits.DecideChange(ctx, credits.DecideChange{By: in.by, ID: in.ID, Confirm: in.Verdict == "confirm", Note: in.Body.Note}))
	}
	if err := h.Credits.WithdrawChange(ctx, in.by, in.ID); err != nil {
		return nil, err
	}
	return changed(h.Credits.ChangeByID(ctx, in.by, in.ID))
}

func (h *handlers) replayPolicy(ctx context.Context, in *policyTextIn) (*replayOut, error) {
	draft, err := h.policyIn(ctx, in.Signed, in.Body.YAML)
	if err != nil {
		return nil, err
	}
	_, now, err := h.Credits.Policy(ctx)
	if err != nil {
		return nil, err
	}
	r, err := h.Credits.Replay(ctx, in.by, draft)
	if err != nil {
		return nil, err
	}
	out := &replayOut{Body: Replay{Differences: stringsOrNone(policy.Diff(now, draft)), Since: r.Since, Looked: r.Looked, Same: r.Same, Cut: r.Cut, Changed: []ReplayedRequest{}}}
	for _, c := range r.Changed {
		out.Body.Changed = append(out.Body.Changed, ReplayedRequest{
			ID: int64(c.ID), Number: c.Number, Kind: string(c.Kind), Amount: inLimits(c.Amount), Was: stringsOrNone(c.Was), Would: stringsOrNone(c.Would),
			Rules: stringsOrNone(c.Rules), Nobody: c.Nobody,
		})
	}
	return out, nil
}

// policyIn reads a policy for who may change it.
func (h *handlers) policyIn(ctx context.Context, s Signed, text string) (policy.Policy, error) {
	if err := access.Can(s.by, access.ManageAuthority, access.Object{}); err != nil {
		return policy.Policy{}, err
	}
	draft, err := policy.Read([]byte(text))
	if err != nil {
		return draft, err
	}
	return draft, h.Credits.CheckPolicy(ctx, draft)
}

func (h *handlers) proposePolicy(ctx context.Context, in *policyChangeIn) (*authorityChangeOut, error) {
	draft, err := h.policyIn(ctx, in.Signed, in.Body.YAML)
	if err != nil {
		return nil, err
	}
	return changed(h.Credits.ProposePolicy(ctx, credits.PolicyInput{By: in.by, Policy: draft, Comment: in.Body.Comment, EffectiveAt: in.Body.EffectiveAt}))
}

func (h *handlers) proposeNewLevel(ctx context.Context, in *newLevelIn) (*authorityChangeOut, error) {
	terms, err := in.Body.LevelTerms.read()
	if err != nil {
		return nil, err
	}
	terms.Rank, terms.Name = in.Body.Rank, in.Body.Name
	return changed(h.Credits.ProposeLevel(ctx, credits.LevelInput{By: in.by, Terms: terms, Comment: in.Body.Comment, EffectiveAt: in.Body.EffectiveAt}))
}

func (h *handlers) proposeLevel(ctx context.Context, in *levelChangeIn) (*authorityChangeOut, error) {
	terms, err := in.Body.LevelTerms.read()
	if err != nil {
		return nil, err
	}
	if in.ID == 0 {
		return nil, errs.InvalidField("id", "error.required")
	}
	return changed(h.Credits.ProposeLevel(ctx, credits.LevelInput{By: in.by, LevelID: in.ID, Terms: terms, Comment: in.Body.Comment, EffectiveAt: in.Body.EffectiveAt}))
}

func (h *handlers) proposeHolder(ctx context.Context, in *holderChangeIn) (*authorityChangeOut, error) {
	return changed(h.Credits.ProposeHolder(ctx, credits.HolderInput{
		By: in.by, LevelID: in.ID, Who: credits.Who{UserID: in.Body.UserID, Role: in.Body.Role, TeamID: in.Body.TeamID},
		Terms:   credits.HolderTerms{Holds: in.Body.Holds, EntityIDs: in.Body.Entities, Regions: in.Body.Regions, TeamIDs: in.Body.Teams},
		Comment: in.Body.Comment, EffectiveAt: in.Body.EffectiveAt,
	}))
}

func (t LevelTerms) read() (credits.LevelTerms, error) {
	out := credits.LevelTerms{Signatures: t.Signatures}
	for i, l := range t.Limits {
		limit := credits.Limit{Kind: billing.Kind(l.Kind), Reason: l.Reason, EntityID: l.Entity, Tier: l.Tier}
		for _, amount := range []struct {
			name, text string
			set        func(decimal.Decimal)
		}{
			{"max", l.Max, func(d decimal.Decimal) { limit.MaxAmount = &d }},
			{"window_max", l.WindowMax, func(d decimal.Decimal) { limit.WindowMax = &d }},
			{"own", l.Own, func(d decimal.Decimal) { limit.OwnLimit = d }},
		} {
			if amount.text == "" {
				continue
			}
			d, err := decimalOf("limits."+strconv.Itoa(i)+"."+amount.name, amount.text)
			if err != nil {
				return out, err
			}
			amount.set(d)
		}
		out.Limits = append(out.Limits, limit)
	}
	return out, nil
}

func changed(c credits.AuthorityChange, err error) (*authorityChangeOut, error) {
	if err != nil {
		return nil, err
	}
	return &authorityChangeOut{Body: changeOf(c)}, nil
}

func changeOf(c credits.AuthorityChange) AuthorityChange {
	out := AuthorityChange{
		ID: c.ID, Kind: string(c.Kind), Before: c.Before, Content: c.Content, Comment: c.Comment, EffectiveAt: c.EffectiveAt, State: string(c.State),
		Role: c.Role, ProposedBy: c.ProposedBy, ProposedAt: c.ProposedAt, DecidedBy: c.DecidedBy, DecidedAt: c.DecidedAt, Note: c.DecisionNote,
	}
	if c.LevelID != nil {
		out.LevelID = *c.LevelID
	}
	if c.UserID != nil {
		out.UserID = *c.UserID
	}
	if c.TeamID != nil {
		out.TeamID = *c.TeamID
	}
	return out
}

func stringsOrNone(texts []string) []string {
	if texts == nil {
		return []string{}
	}
	return texts
}
