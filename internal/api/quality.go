package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/cases"
	"makegood/cases/quality"
	"makegood/internal/access"
	"makegood/internal/errs"
)

// QualityCriterion is one line of the score card.
type QualityCriterion struct {
	Code   string `json:"code,omitempty" maxLength:"80" doc:"stays the same over versions; made from the name where it is new"`
	Name   string `json:"name" maxLength:"80"`
	Hint   string `json:"hint,omitempty" maxLength:"300" doc:"what to look for"`
	Scale  string `json:"scale" enum:"yes_no,five" doc:"met (1) or not (0), or one to five"`
	Weight int    `json:"weight" doc:"1 to 100, relative to the others"`
}

// QualityCard is a version of the score card.
type QualityCard struct {
	Number   int                `json:"number" doc:"the version; 0: there is none yet"`
	Criteria []QualityCriterion `json:"criteria"`
	By       string             `json:"by,omitempty"`
	At       *time.Time         `json:"at,omitempty"`
}

// QualityRuleBody is what is drawn of a team's settled cases.
type QualityRuleBody struct {
	Kind   string `json:"kind" enum:"none,share,count" doc:"nothing, so many percent, or so many of each agent and week"`
	Amount int    `json:"amount,omitempty" doc:"percent (1 to 100), or cases (1 to 50)"`
	Number int    `json:"number" doc:"the version, as it was read; a stale one is refused with 409"`
}

// QualityRule is that of one team.
type QualityRule struct {
	TeamID int64  `json:"team_id"`
	Team   string `json:"team"`
	QualityRuleBody
	By string     `json:"by,omitempty"`
	At *time.Time `json:"at,omitempty"`
}

// QualityWaiting is a case that was drawn and waits to be reviewed.
type QualityWaiting struct {
	CaseID     int64     `json:"case_id"`
	Case       string    `json:"case"`
	Subject    string    `json:"subject"`
	AgentID    int64     `json:"agent_id"`
	Agent      string    `json:"agent" doc:"who settled it"`
	Team       string    `json:"team"`
	Week       string    `json:"week" example:"2026-11-23" doc:"its Monday (UTC)"`
	ResolvedAt time.Time `json:"resolved_at"`
	Own        bool      `json:"own" doc:"the caller settled it, so somebody else reviews it"`
}

// QualityScore is one criterion of a review, as it was then.
type QualityScore struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	Scale  string `json:"scale"`
	Weight int    `json:"weight"`
	Value  *int   `json:"value" doc:"null: it did not apply"`
}

// QualityReview is what a supervisor says about how a case was settled.
type QualityReview struct {
	ID             int64          `json:"id"`
	Case           string         `json:"case"`
	AgentID        int64          `json:"agent_id"`
	Agent          string         `json:"agent"`
	ReviewerID     int64          `json:"reviewer_id"`
	Reviewer       string         `json:"reviewer"`
	Card           int            `json:"card" doc:"the version of the score card"`
	Score          string         `json:"score" doc:"percent, two decimals" example:"87.50"`
	Note           string         `json:"note" doc:"for the agent"`
	Sampled        bool           `json:"sampled" doc:"drawn; else picked by hand"`
	ReviewedAt     time.Time      `json:"reviewed_at"`
	AcknowledgedAt *time.Time     `json:"acknowledged_at,omitempty"`
	Reply          string         `json:"reply,omitempty" doc:"of the agent"`
	Scores         []QualityScore `json:"scores,omitempty" doc:"of one review alone"`
}

// QualityWeek is how a week was drawn. Whoever has the seed can draw again.
type QualityWeek struct {
	Week       string        `json:"week" doc:"its Monday (UTC)"`
	Commitment string        `json:"commitment" doc:"SHA-256 of the seed, hexadecimal"`
	Seed       string        `json:"seed,omitempty" doc:"hexadecimal; told when the week is over and drawn"`
	DrawnAt    *time.Time    `json:"drawn_at,omitempty"`
	Items      []QualityDraw `json:"items"`
	NextAfter  int64         `json:"next_after,omitempty" doc:"the after of the next page"`
}

// QualityDraw is one draw: the first four bytes of SHA-256 over the seed and the case's id in decimal digits.
type QualityDraw struct {
	CaseID  int64  `json:"case_id"`
	Case    string `json:"case"`
	AgentID int64  `json:"agent_id"`
	Agent   string `json:"agent"`
	Team    string `json:"team"`
	Kind    string `json:"kind"`
	Amount  int    `json:"amount"`
	Draw    int64  `json:"draw" doc:"a share takes it when it is, modulo 10,000, below a hundred times the amount"`
	Place   int    `json:"place" doc:"among the agent's of the week, the lowest first; a count takes so many"`
	Sampled bool   `json:"sampled"`
	Repeats *bool  `json:"repeats,omitempty" doc:"drawn again with the seed it is the same; once the seed is told"`
}

type saveCardIn struct {
	Signed
	Body struct {
		Number   int                `json:"number" doc:"the version it was begun from, 0 for the first; a stale one is refused with 409"`
		Criteria []QualityCriterion `json:"criteria" maxItems:"30"`
	}
}

type setQualityRuleIn struct {
	Signed
	ID   int64 `path:"id" doc:"of the team"`
	Body QualityRuleBody
}

type qualityQueueIn struct {
	Signed
	After int64 `query:"after" doc:"the case_id of the last one read"`
	Limit int   `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type qualityReviewsIn struct {
	Signed
	Before int64 `query:"before" doc:"the id of the last one read"`
	Limit  int   `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type qualityReviewIn struct {
	Signed
	ID int64 `path:"id"`
}

type writeReviewIn struct {
	Signed
	Body struct {
		Case   string         `json:"case" doc:"its number"`
		Card   int            `json:"card" doc:"the version of the card it was scored by; another in force is refused with 409"`
		Values map[string]int `json:"values" doc:"by the criteria's codes; one that is left out did not apply"`
		Note   string         `json:"note" maxLength:"5000" doc:"for the agent"`
	}
}

type acknowledgeReviewIn struct {
	Signed
	ID   int64 `path:"id"`
	Body struct {
		Reply string `json:"reply,omitempty" maxLength:"5000"`
	}
}

type qualityWeekIn struct {
	Signed
	Week  string `path:"week" example:"2026-11-23" doc:"a day of it"`
	After int64  `query:"after" doc:"the case_id of the last one read"`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type (
	qualityCardOut   struct{ Body QualityCard }
	qualityRuleOut   struct{ Body QualityRule }
	qualityReviewOut struct{ Body QualityReview }
	qualityWeekOut   struct{ Body QualityWeek }
)

// quality is how supervisors review settled cases. The reports of cases count what they found.
func (h *handlers) quality(api huma.API) {
	const tag = "quality"
	add(h, api, operation[Signed, qualityCardOut]{at(http.MethodGet, "/quality/card", "get-score-card", "The score card in force", tag), h.scoreCard})
	add(h, api, operation[saveCardIn, qualityCardOut]{created("/quality/cards", "save-score-card", "Put a new version of the score card in force", tag), h.saveScoreCard})
	add(h, api, operation[Signed, listOut[QualityRule]]{at(http.MethodGet, "/quality/rules", "list-sampling-rules", "What is drawn of each team's settled cases", tag), h.samplingRules})
	add(h, api, operation[setQualityRuleIn, qualityRuleOut]{at(http.MethodPut, "/quality/rules/{id}", "set-sampling-rule", "Say what is drawn of a team's settled cases", tag), h.setSamplingRule})
	add(h, api, operation[qualityQueueIn, listOut[QualityWaiting]]{at(http.MethodGet, "/quality/queue", "list-cases-to-review", "What was drawn and nobody has reviewed", tag), h.qualityQueue})
	add(h, api, operation[qualityReviewsIn, listOut[QualityReview]]{at(http.MethodGet, "/quality/reviews", "list-quality-reviews", "What supervisors said about how cases were settled, the latest first", tag), h.qualityReviews})
	add(h, api, operation[qualityReviewsIn, listOut[QualityReview]]{at(http.MethodGet, "/quality/my-reviews", "list-my-quality-reviews", "What supervisors said about one's own work, with the scores, the latest first", tag), h.myReviews})
	add(h, api, operation[writeReviewIn, qualityReviewOut]{created("/quality/reviews", "review-case", "Say how a case was settled, once, and tell the agent", tag), h.writeReview})
	add(h, api, operation[qualityReviewIn, qualityReviewOut]{at(http.MethodGet, "/quality/reviews/{id}", "get-quality-review", "One review with its scores", tag), h.qualityReview})
	add(h, api, operation[acknowledgeReviewIn, qualityReviewOut]{at(http.MethodPost, "/quality/reviews/{id}/acknowledge", "acknowledge-quality-review", "Say that one has read a review of one's own work", tag), h.acknowledgeReview})
	add(h, api, operation[qualityWeekIn, qualityWeekOut]{at(http.MethodGet, "/quality/weeks/{week}", "get-quality-week", "Every draw of a week, to be drawn again", tag), h.qualityWeek})
}

func cardBody(c quality.Card) *qualityCardOut {
	out := &qualityCardOut{Body: QualityCard{Number: c.Number, By: c.CreatedName, Criteria: []QualityCriterion{}}}
	if c.Number > 0 {
		out.Body.At = new(c.CreatedAt)
	}
	for _, one := range c.Criteria {
		out.Body.Criteria = append(out.Body.Criteria, QualityCriterion{Code: one.Code, Name: one.Name, Hint: one.Hint, Scale: string(one.Scale), Weight: one.Weight})
	}
	return out
}

func (h *handlers) scoreCard(ctx context.Context, in *Signed) (*qualityCardOut, error) {
	card, err := h.Quality.Card(ctx, in.by)
	return cardBody(card), err
}

func (h *handlers) saveScoreCard(ctx context.Context, in *saveCardIn) (*qualityCardOut, error) {
	save := quality.CardInput{By: in.by, Base: in.Body.Number}
	for _, one := range in.Body.Criteria {
		save.Criteria = append(save.Criteria, quality.Criterion{Code: one.Code, Name: one.Name, Hint: one.Hint, Scale: quality.Scale(one.Scale), Weight: one.Weight})
	}
	card, err := h.Quality.SaveCard(ctx, save)
	return cardBody(card), err
}

func qualityRuleOf(r quality.Rule) QualityRule {
	return QualityRule{TeamID: r.TeamID, Team: r.Team, QualityRuleBody: QualityRuleBody{Kind: string(r.Kind), Amount: r.Amount, Number: r.Number}, By: r.CreatedName, At: r.CreatedAt}
}

func (h *handlers) samplingRules(ctx context.Context, in *Signed) (*listOut[QualityRule], error) {
	found, err := h.Quality.Rules(ctx, in.by)
	out := &listOut[QualityRule]{Body: list[QualityRule]{Items: []QualityRule{}}}
	for _, r := range found {
		out.Body.Items = append(out.Body.Items, qualityRuleOf(r))
	}
	return out, err
}

func (h *handlers) setSamplingRule(ctx context.Context, in *setQualityRuleIn) (*qualityRuleOut, error) {
	kept, err := h.Quality.SetRule(ctx, quality.RuleInput{By: in.by, TeamID: in.ID, Base: in.Body.Number, Kind: quality.Sampling(in.Body.Kind), Amount: in.Body.Amount})
	return &qualityRuleOut{Body: qualityRuleOf(kept)}, err
}

func (h *handlers) qualityQueue(ctx context.Context, in *qualityQueueIn) (*listOut[QualityWaiting], error) {
	found, err := h.Quality.Queue(ctx, in.by, cases.ID(in.After), in.Limit)
	out := &listOut[QualityWaiting]{Body: list[QualityWaiting]{Items: []QualityWaiting{}}}
	for _, w := range found {
		out.Body.Items = append(out.Body.Items, QualityWaiting{
			CaseID: int64(w.CaseID), Case: w.Number, Subject: w.Subject, AgentID: w.AgentID, Agent: w.AgentName, Team: w.Team, Week: w.Week.Format(time.DateOnly), ResolvedAt: w.ResolvedAt, Own: w.Mine,
		})
	}
	return out, err
}

func qualityReviewOf(v quality.Review) QualityReview {
	out := QualityReview{
		ID: int64(v.ID), Case: v.Number, AgentID: v.AgentID, Agent: v.AgentName, ReviewerID: v.ReviewerID, Reviewer: v.ReviewerName, Card: v.Card, Score: v.Score.StringFixed(2),
		Note: v.Note, Sampled: v.Sampled, ReviewedAt: v.ReviewedAt, AcknowledgedAt: v.AcknowledgedAt, Reply: v.Reply,
	}
	for _, s := range v.Scores {
		out.Scores = append(out.Scores, QualityScore{Code: s.Code, Name: s.Name, Scale: string(s.Scale), Weight: s.Weight, Value: s.Value})
	}
	return out
}

func (h *handlers) qualityReviews(ctx context.Context, in *qualityReviewsIn) (*listOut[QualityReview], error) {
	found, err := h.Quality.Reviews(ctx, in.by, false, quality.ReviewID(in.Before), in.Limit)
	out := &listOut[QualityReview]{Body: list[QualityReview]{Items: []QualityReview{}}}
	for _, v := range found {
		out.Body.Items = append(out.Body.Items, qualityReviewOf(v))
	}
	return out, err
}

func (h *handlers) myReviews(ctx context.Context, in *qualityReviewsIn) (*listOut[QualityReview], error) {
	found, err := h.Quality.Reviews(ctx, in.by, true, quality.ReviewID(in.Before), in.Limit)
	out := &listOut[QualityReview]{Body: list[QualityReview]{Items: []QualityReview{}}}
	for _, v := range found {
		whole, err := h.Quality.ReviewByID(ctx, v.ID, in.by)
		if err != nil {
			return nil, err
		}
		out.Body.Items = append(out.Body.Items, qualityReviewOf(whole))
	}
	return out, err
}

func (h *handlers) writeReview(ctx context.Context, in *writeReviewIn) (*qualityReviewOut, error) {
	b := in.Body
	kept, err := h.Quality.Review(ctx, quality.ReviewInput{By: in.by, Number: b.Case, Card: b.Card, Values: b.Values, Note: b.Note})
	return &qualityReviewOut{Body: qualityReviewOf(kept)}, err
}

func (h *handlers) qualityReview(ctx context.Context, in *qualityReviewIn) (*qualityReviewOut, error) {
	if err := access.Can(in.by, access.ReadQuality, access.Object{}); err != nil {
		return nil, err
	}
	found, err := h.Quality.ReviewByID(ctx, quality.ReviewID(in.ID), in.by)
	return &qualityReviewOut{Body: qualityReviewOf(found)}, err
}

func (h *handlers) acknowledgeReview(ctx context.Context, in *acknowledgeReviewIn) (*qualityReviewOut, error) {
	kept, err := h.Quality.Acknowledge(ctx, quality.AcknowledgeInput{By: in.by, ID: quality.ReviewID(in.ID), Reply: in.Body.Reply})
	return &qualityReviewOut{Body: qualityReviewOf(kept)}, err
}

func (h *handlers) qualityWeek(ctx context.Context, in *qualityWeekIn) (*qualityWeekOut, error) {
	of, err := time.Parse(time.DateOnly, in.Week)
	if err != nil {
		return nil, errs.InvalidField("week", "error.not_a_date", "text", in.Week)
	}
	found, err := h.Quality.Week(ctx, of, cases.ID(in.After), in.Limit, in.by)
	if err != nil {
		return nil, err
	}
	out := &qualityWeekOut{Body: QualityWeek{
		Week: found.Week.Format(time.DateOnly), Commitment: hexOf(found.Commitment), Seed: hexOf(found.Seed), DrawnAt: found.DrawnAt, Items: []QualityDraw{},
	}}
	for _, d := range found.Draws {
		item := QualityDraw{
			CaseID: int64(d.CaseID), Case: d.Number, AgentID: d.AgentID, Agent: d.AgentName, Team: d.Team, Kind: string(d.Kind), Amount: d.Amount, Draw: d.Draw, Place: d.Place, Sampled: d.Sampled,
		}
		if found.Seed != nil {
			item.Repeats = new(d.Repeats)
		}
		out.Body.Items = append(out.Body.Items, item)
	}
	if n := len(out.Body.Items); n > 0 && n == in.Limit {
		out.Body.NextAfter = out.Body.Items[n-1].CaseID
	}
	return out, nil
}
