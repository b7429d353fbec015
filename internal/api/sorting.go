package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"makegood/cases"
	"makegood/cases/sorting"
	"makegood/cases/sorting/classify"
	"makegood/cases/sorting/rules"
	"makegood/internal/access"
)

// SortingRules is the ordered list in one version. Shadows name rules, by id, that an earlier rule always comes before.
type SortingRules struct {
	Version int64        `json:"version"`
	Rules   []rules.Rule `json:"rules"`
	Shadows []RuleShadow `json:"shadows"`
}

// RuleShadow says that a rule never decides, because another one always comes before it. Both are ids.
type RuleShadow struct {
	Rule int64 `json:"rule"`
	By   int64 `json:"by"`
}

type sortingRulesOut struct{ Body SortingRules }

type replaceRulesIn struct {
	Signed
	Body struct {
		Version int64        `json:"version" doc:"of the list this one is based on; a stale one is refused with 409"`
		Rules   []rules.Rule `json:"rules" doc:"id 0 for a new rule"`
	}
}

type tryRuleIn struct {
	Signed
	Body struct {
		Rule rules.Rule `json:"rule" doc:"with the id of a rule it stands in for that one, else at the end of the list"`
	}
}

// RuleTrial is what a rule would have done with the latest messages.
type RuleTrial struct {
	Tried   int             `json:"tried"`
	Holds   int             `json:"holds"`
	Decides int             `json:"decides" doc:"those that no earlier rule takes away"`
	Matches []IntakeMessage `json:"matches"`
}

type ruleTrialOut struct{ Body RuleTrial }

// SortingModel is what was learned from decided cases and the shipped texts, with its examination on texts it had not learned.
type SortingModel struct {
	ID       int64           `json:"id"`
	SHA256   string          `json:"sha256"`
	Starter  int             `json:"starter" doc:"shipped texts it learned from"`
	Learned  int             `json:"learned" doc:"decided cases it learned from"`
	Better   bool            `json:"better" doc:"not worse than the model that was in force"`
	Report   classify.Report `json:"report"`
	InForce  bool            `json:"in_force"`
	Compared struct {
		With     int64   `json:"with,omitempty"`
		Examples int     `json:"examples,omitempty"`
		New      float64 `json:"new,omitempty"`
		Old      float64 `json:"old,omitempty"`
	} `json:"compared"`
}

// SortingState says which model decides, from which confidence on, and what it has to learn.
type SortingState struct {
	Version   int64   `json:"version"`
	Model     *int64  `json:"model_id,omitempty"`
	Threshold float64 `json:"threshold"`
	Evidence  int     `json:"evidence" doc:"what people said since the newest model learned"`
}

type sortingStateOut struct{ Body SortingState }

// ModelRef names a model.
type ModelRef struct {
	Signed
	ID int64 `path:"id"`
}

type sortingModelOut struct{ Body SortingModel }

type activateIn struct {
	ModelRef
	Body struct {
		Version int64 `json:"version" doc:"of the state; a stale one is refused with 409"`
	}
}

type thresholdIn struct {
	Signed
	Body struct {
		Version   int64   `json:"version" doc:"of the state; a stale one is refused with 409"`
		Threshold float64 `json:"threshold" minimum:"0" maximum:"1"`
	}
}

// CaseSorting is how the message that opened a case was sorted.
type CaseSorting struct {
	Topic      string          `json:"topic" doc:"of the case as it is now"`
	Type       string          `json:"type"`
	DecidedBy  string          `json:"decided_by,omitempty" doc:"rule, model, words or nothing; absent when a person opened the case"`
	Guess      string          `json:"guess,omitempty" doc:"what the model says"`
	Confidence float64         `json:"confidence,omitempty"`
	Words      []string        `json:"words,omitempty"`
	Others     []sorting.Guess `json:"others,omitempty"`
	Rule       int64           `json:"rule_id,omitempty"`
	Model      *int64          `json:"model_id,omitempty"`
	SaidBy     string          `json:"said_by,omitempty" doc:"who said the topic last"`
	Tags       []string        `json:"tags"`
}

type caseSortingOut struct{ Body CaseSorting }

type topicIn struct {
	OnCase
	Body struct {
		Topic string `json:"topic"`
		Type  string `json:"type,omitempty" doc:"the one that goes with the topic when left out"`
	}
}

func (h *handlers) sorting(api huma.API) {
	const tag = "sorting"
	add(h, api, operation[Signed, sortingRulesOut]{at(http.MethodGet, "/sorting/rules", "list-sorting-rules", "The ordered rules, with those that never decide", tag), h.sortingRules})
	add(h, api, operation[replaceRulesIn, sortingRulesOut]{at(http.MethodPut, "/sorting/rules", "replace-sorting-rules", "Put another list of rules in place", tag), h.replaceRules})
	add(h, api, operation[tryRuleIn, ruleTrialOut]{at(http.MethodPost, "/sorting/rules/try", "try-sorting-rule", "Try a rule on past mail without keeping it", tag), h.tryRule})
	add(h, api, operation[Signed, sortingStateOut]{at(http.MethodGet, "/sorting/state", "get-sorting-state", "Which model decides, from which confidence on", tag), h.sortingState})
	add(h, api, operation[thresholdIn, sortingStateOut]{at(http.MethodPut, "/sorting/threshold", "set-sorting-threshold", "Set from which confidence the model decides", tag), h.setThreshold})
	add(h, api, operation[Signed, listOut[SortingModel]]{at(http.MethodGet, "/sorting/models", "list-sorting-models", "The latest models with their examinations", tag), h.sortingModels})
	add(h, api, operation[ModelRef, sortingModelOut]{at(http.MethodGet, "/sorting/models/{id}", "get-sorting-model", "A model with its examination", tag), h.sortingModel})
	add(h, api, operation[Signed, sortingStateOut]{at(http.MethodPost, "/sorting/models/train", "train-sorting-model", "Have a model learned soon", tag), h.trainModel})
	add(h, api, operation[activateIn, sortingStateOut]{at(http.MethodPost, "/sorting/models/{id}/activate", "activate-sorting-model", "Have a model decide", tag), h.activateModel})
	add(h, api, operation[CaseRef, caseSortingOut]{at(http.MethodGet, "/cases/{number}/sorting", "get-case-sorting", "What a case is about, and what decided that", tag), h.caseSorting})
	add(h, api, operation[topicIn, caseOut]{at(http.MethodPost, "/cases/{number}/topic", "say-topic", "Say what a case is about; the next training learns from it", tag), h.sayTopic})
}

func (h *handlers) sortingRules(ctx context.Context, in *Signed) (*sortingRulesOut, error) {
	if err := access.Can(in.by, access.ReadIntake, access.Object{}); err != nil {
		return nil, err
	}
	now, err := h.Intake.Sorting().Current(ctx)
	if err != nil {
		return nil, err
	}
	out := SortingRules{Version: now.RuleSet.Version, Rules: now.RuleSet.Rules, Shadows: []RuleShadow{}}
	for _, s := range now.Shadows() {
		out.Shadows = append(out.Shadows, RuleShadow{Rule: out.Rules[s.Rule].ID, By: out.Rules[s.By].ID})
	}
	return &sortingRulesOut{Body: out}, nil
}

func (h *handlers) replaceRules(ctx context.Context, in *replaceRulesIn) (*sortingRulesOut, error) {
	if _, err := h.Intake.Sorting().ReplaceRules(ctx, sorting.RulesOn{By: in.by, Version: in.Body.Version}, in.Body.Rules); err != nil {
		return nil, err
	}
	return h.sortingRules(ctx, &in.Signed)
}

func (h *handlers) tryRule(ctx context.Context, in *tryRuleIn) (*ruleTrialOut, error) {
	t, err := h.Intake.Sorting().Try(ctx, in.by, in.Body.Rule)
	if err != nil {
		return nil, err
	}
	out := RuleTrial{Tried: t.Tried, Holds: t.Holds, Decides: t.Decides, Matches: []IntakeMessage{}}
	for _, m := range t.Matches {
		out.Matches = append(out.Matches, intakeOf(m.Inbound))
	}
	return &ruleTrialOut{Body: out}, nil
}

func (h *handlers) caseSorting(ctx context.Context, in *CaseRef) (*caseSortingOut, error) {
	r, sorts := h.Reports.Reader(), h.Intake.Sorting()
	c, err := h.Cases.CaseByNumber(ctx, r, in.Number, in.by)
	if err != nil {
		return nil, err
	}
	out := CaseSorting{Topic: c.Topic, Type: string(c.Type)}
	if out.Tags, err = h.Cases.Tags(ctx, r, c.ID); err != nil {
		return nil, err
	}
	said, err := sorts.LastSaid(ctx, r, c.ID)
	if err != nil {
		return nil, err
	}
	if said != nil {
		out.SaidBy = said.UserName
	}
	kept, err := sorts.OfCase(ctx, r, c.ID)
	if err != nil || kept == nil {
		return &caseSortingOut{Body: out}, err
	}
	out.DecidedBy, out.Guess, out.Confidence, out.Words = string(kept.DecidedBy), kept.Guess, kept.Confidence, kept.Words
	out.Others, out.Rule, out.Model = kept.Others, kept.RuleID, kept.ModelID
	return &caseSortingOut{Body: out}, nil
}

func (h *handlers) sayTopic(ctx context.Context, in *topicIn) (*caseOut, error) {
	on, _, err := h.on(ctx, in.OnCase)
	if err != nil {
		return nil, err
	}
	_, err = h.Intake.Sorting().Correct(ctx, sorting.CorrectInput{On: on, Topic: in.Body.Topic, Type: cases.Type(in.Body.Type)})
	return h.then(ctx, in.OnCase, err)
}
