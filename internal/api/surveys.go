package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/cases/survey"
)

// SurveyRulesBody say whether a legal entity asks its customers how their cases went, and when.
type SurveyRulesBody struct {
	Active     bool `json:"active" doc:"switched on, it asks about cases resolved from then on"`
	WaitHours  int  `json:"wait_hours"  doc:"a case stays resolved for so long before, 1 to 720"`
	AnswerDays int  `json:"answer_days" doc:"the link in the mail holds, and the answer may be changed, for so long, 1 to 90"`
	QuietDays  int  `json:"quiet_days"  doc:"nobody is asked again within, 0 to 365"`
	Version    int  `json:"version"     doc:"as it was read, 0 when nothing was set yet; a stale one is refused with 409"`
}

// SurveyRules are those of one legal entity.
type SurveyRules struct {
	Entity      string     `json:"entity" doc:"its code"`
	Name        string     `json:"name"`
	ActiveSince *time.Time `json:"active_since,omitempty" doc:"when it was last switched on"`
	SurveyRulesBody
}

// CaseSurvey is the question how a case went, and its answer.
type CaseSurvey struct {
	Asked      bool       `json:"asked"`
	LeftOut    string     `json:"left_out,omitempty" enum:"nobody,dead,asked_lately" doc:"why nobody was asked: no person on the customer's side wrote, mail to the address comes back, or the person was asked lately about another case"`
	Address    string     `json:"address,omitempty"`
	Language   string     `json:"language,omitempty"`
	SettledAt  *time.Time `json:"settled_at,omitempty" doc:"when it was decided whether to ask; the mail was written then. Absent while nobody looked"`
	ExpiresAt  *time.Time `json:"expires_at,omitempty" doc:"until then the customer may answer, or change the answer"`
	Score      *int       `json:"score,omitempty" minimum:"1" maximum:"5"`
	Comment    string     `json:"comment,omitempty"`
	AnsweredAt *time.Time `json:"answered_at,omitempty"`
	ChangedAt  *time.Time `json:"changed_at,omitempty" doc:"the answer as it stands"`
}

type setSurveyRulesIn struct {
	Signed
	Entity string `path:"entity" example:"DE"`
	Body   SurveyRulesBody
}

type (
	surveyRulesOut struct{ Body SurveyRules }
	caseSurveyOut  struct{ Body CaseSurvey }
)

// surveys are what customers are asked once a case is settled. What they answered is counted by the reports of cases.
func (h *handlers) surveys(api huma.API) {
	add(h, api, operation[Signed, listOut[SurveyRules]]{at(http.MethodGet, "/survey-rules", "list-survey-rules", "Which legal entities ask their customers how cases went, and when", "cases"), h.surveyRules})
	add(h, api, operation[setSurveyRulesIn, surveyRulesOut]{at(http.MethodPut, "/survey-rules/{entity}", "set-survey-rules", "Say whether a legal entity asks its customers how cases went, and when", "cases"), h.setSurveyRules})
	add(h, api, operation[CaseRef, caseSurveyOut]{at(http.MethodGet, "/cases/{number}/survey", "get-case-survey", "What the customer answered to how the case went", "cases"), h.caseSurvey})
}

func surveyRulesOf(r survey.Rules) SurveyRules {
	return SurveyRules{Entity: r.Entity, Name: r.EntityName, ActiveSince: r.ActiveSince, SurveyRulesBody: SurveyRulesBody{
		Active: r.Active, WaitHours: r.WaitHours, AnswerDays: r.AnswerDays, QuietDays: r.QuietDays, Version: r.Version,
	}}
}

func (h *handlers) surveyRules(ctx context.Context, in *Signed) (*listOut[SurveyRules], error) {
	found, err := h.Survey.Rules(ctx, in.by)
	out := &listOut[SurveyRules]{Body: list[SurveyRules]{Items: []SurveyRules{}}}
	for _, r := range found {
		out.Body.Items = append(out.Body.Items, surveyRulesOf(r))
	}
	return out, err
}

func (h *handlers) setSurveyRules(ctx context.Context, in *setSurveyRulesIn) (*surveyRulesOut, error) {
	b := in.Body
	kept, err := h.Survey.SetRules(ctx, survey.RulesInput{
		By: in.by, Entity: in.Entity, Active: b.Active, WaitHours: b.WaitHours, AnswerDays: b.AnswerDays, QuietDays: b.QuietDays, Version: b.Version,
	})
	return &surveyRulesOut{Body: surveyRulesOf(kept)}, err
}

func (h *handlers) caseSurvey(ctx context.Context, in *CaseRef) (*caseSurveyOut, error) {
	s, err := h.Survey.OfCase(ctx, h.Reports.Reader(), in.Number, in.by)
	if errors.Is(err, survey.ErrNotAsked) {
		return &caseSurveyOut{}, nil
	}
	if err != nil {
		return nil, err
	}
	return &caseSurveyOut{Body: CaseSurvey{
		Asked: s.LeftOut == "", LeftOut: string(s.LeftOut), Address: s.Address, Language: s.Language, SettledAt: &s.SettledAt, ExpiresAt: s.ExpiresAt,
		Score: s.Score, Comment: s.Comment, AnsweredAt: s.AnsweredAt, ChangedAt: s.ChangedAt,
	}}, nil
}
