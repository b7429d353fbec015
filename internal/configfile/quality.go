package configfile

import (
	"context"
	"slices"
	"strings"

	"makegood/cases/awaiting"
	"makegood/cases/quality"
	"makegood/cases/statements"
	"makegood/cases/survey"
	"makegood/internal/errs"
	"makegood/internal/people"
)

// Survey says whether a legal entity asks its customers how their cases went, and when. One that nothing was said of is in no file.
type Survey struct {
	Entity     string `yaml:"entity"`
	Active     bool   `yaml:"active"`
	WaitHours  int    `yaml:"wait_hours"`
	AnswerDays int    `yaml:"answer_days"`
	QuietDays  int    `yaml:"quiet_days"`
}

// StatementRule says whether a legal entity mails statements of account each month. One that nothing was said of is in no file.
type StatementRule struct {
	Entity string `yaml:"entity"`
	Active bool   `yaml:"active"`
	OnDay  int    `yaml:"on_day"`
}

// Criterion is a line of the card that cases are reviewed by. Without a code it keeps the one that its name has here, or gets a new one.
type Criterion struct {
	Code   string        `yaml:"code,omitempty"`
	Name   string        `yaml:"name"`
	Hint   string        `yaml:"hint,omitempty"`
	Scale  quality.Scale `yaml:"scale"`
	Weight int           `yaml:"weight"`
}

// Sample is how much of a team's settled cases is drawn for review.
type Sample struct {
	Team   string           `yaml:"team"`
	Kind   quality.Sampling `yaml:"kind"`
	Amount int              `yaml:"amount,omitempty"`
}

// Unanswered says when a legal entity reminds customers who do not answer, and closes their cases. One that nothing was said of is in no file.
type Unanswered struct {
	Entity     string `yaml:"entity"`
	RemindDays []int  `yaml:"remind_days,flow"`
	CloseDays  int    `yaml:"close_days"`
}

// unanswered reads them.
func (s Services) unanswered(ctx context.Context, h *here, f *File) error {
	rules, err := s.Awaiting.Rules(ctx, h.by)
	for _, r := range rules {
		if r.Version > 0 {
			f.Unanswered = append(f.Unanswered, Unanswered{Entity: r.Entity, RemindDays: r.RemindDays, CloseDays: r.CloseDays})
		}
	}
	return err
}

func (s Services) setUnanswered(ctx context.Context, o Order, v Unanswered) (string, error) {
	in := awaiting.RulesInput{By: o.By, Entity: v.Entity, RemindDays: v.RemindDays, CloseDays: v.CloseDays}
	rules, err := s.Awaiting.Rules(ctx, o.By)
	if err != nil {
		return "", err
	}
	for _, r := range rules {
		if r.Entity == v.Entity {
			in.Version = r.Version
		}
	}
	_, err = s.Awaiting.SetRules(ctx, in)
	return "changed", err
}

func (s Services) afterwards(ctx context.Context, h *here, f *File) error {
	if err := s.unanswered(ctx, h, f); err != nil {
		return err
	}
	rules, err := s.Survey.Rules(ctx, h.by)
	if err != nil {
		return err
	}
	for _, r := range rules {
		if r.Version > 0 {
			f.Surveys = append(f.Surveys, Survey{Entity: r.Entity, Active: r.Active, WaitHours: r.WaitHours, AnswerDays: r.AnswerDays, QuietDays: r.QuietDays})
		}
	}
	if err := s.statements(ctx, h, f); err != nil {
		return err
	}
	card, err := s.Quality.Card(ctx, h.by)
	if err != nil {
		return err
	}
	for _, c := range card.Criteria {
		f.Card = append(f.Card, Criterion{Code: c.Code, Name: c.Name, Hint: c.Hint, Scale: c.Scale, Weight: c.Weight})
	}
	samples, err := s.Quality.Rules(ctx, h.by)
	for _, r := range samples {
		if r.Number > 0 {
			f.Samples = append(f.Samples, Sample{Team: r.Team, Kind: r.Kind, Amount: r.Amount})
		}
	}
	return err
}

func (s Services) planAfterwards(now, want File) []Change {
	plan := differing("unanswered", now.Unanswered, want.Unanswered, func(v Unanswered) string { return v.Entity },
		func(_ *Unanswered, v Unanswered) func(context.Context, Order) (string, error) {
			return func(ctx context.Context, o Order) (string, error) { return s.setUnanswered(ctx, o, v) }
		})
	plan = append(plan, differing("surveys", now.Surveys, want.Surveys, func(v Survey) string { return v.Entity },
		func(_ *Survey, v Survey) func(context.Context, Order) (string, error) {
			return func(ctx context.Context, o Order) (string, error) { return s.setSurvey(ctx, o, v) }
		})...)
	plan = append(plan, differing("statements", now.Statements, want.Statements, func(r StatementRule) string { return r.Entity },
		func(_ *StatementRule, r StatementRule) func(context.Context, Order) (string, error) {
			return func(ctx context.Context, o Order) (string, error) { return s.setStatementRule(ctx, o, r) }
		})...)
	plan = append(plan, s.planCard(now, want)...)
	return append(plan, differing("review_samples", now.Samples, want.Samples, func(r Sample) string { return r.Team },
		func(_ *Sample, r Sample) func(context.Context, Order) (string, error) {
			return func(ctx context.Context, o Order) (string, error) { return s.setSample(ctx, o, r) }
		})...)
}

func (s Services) setSurvey(ctx context.Context, o Order, v Survey) (string, error) {
	in := survey.RulesInput{By: o.By, Entity: v.Entity, Active: v.Active, WaitHours: v.WaitHours, AnswerDays: v.AnswerDays, QuietDays: v.QuietDays}
	rules, err := s.Survey.Rules(ctx, o.By)
	if err != nil {
		return "", err
	}
	for _, r := range rules {
		if r.Entity == v.Entity {
			in.Version = r.Version
		}
	}
	_, err = s.Survey.SetRules(ctx, in)
	return "changed", err
}

func (s Services) statements(ctx context.Context, h *here, f *File) error {
	rules, err := s.Statements.Rules(ctx, h.by)
	for _, r := range rules {
		if r.Version > 0 {
			f.Statements = append(f.Statements, StatementRule{Entity: r.Entity, Active: r.Active, OnDay: r.OnDay})
		}
	}
	return err
}

func (s Services) setStatementRule(ctx context.Context, o Order, wanted StatementRule) (string, error) {
	in := statements.RuleInput{By: o.By, Entity: wanted.Entity, Active: wanted.Active, OnDay: wanted.OnDay}
	rules, err := s.Statements.Rules(ctx, o.By)
	if err != nil {
		return "", err
	}
	for _, r := range rules {
		if r.Entity == wanted.Entity {
			in.Version = r.Version
		}
	}
	_, err = s.Statements.SetRule(ctx, in)
	return "changed", err
}

// planCard compares the card as one thing: what it says and how much each line counts belong together.
func (s Services) planCard(now, want File) []Change {
	if len(want.Card) == 0 {
		return nil
	}
	for i := range want.Card {
		c := &want.Card[i]
		at := slices.IndexFunc(now.Card, func(there Criterion) bool { return strings.EqualFold(there.Name, c.Name) })
		if c.Code == "" && at >= 0 {
			c.Code = now.Card[at].Code
		}
	}
	lines := differences(now.Card, want.Card)
	if len(lines) == 0 {
		return nil
	}
	return []Change{{Part: "review_card", Name: "card", New: len(now.Card) == 0, Lines: lines, carry: func(ctx context.Context, o Order) (string, error) {
		card, err := s.Quality.Card(ctx, o.By)
		if err != nil {
			return "", err
		}
		in := quality.CardInput{By: o.By, Base: card.Number}
		for _, c := range want.Card {
			in.Criteria = append(in.Criteria, quality.Criterion{Code: c.Code, Name: c.Name, Hint: c.Hint, Scale: c.Scale, Weight: c.Weight})
		}
		_, err = s.Quality.SaveCard(ctx, in)
		return "changed", err
	}}}
}

func (s Services) setSample(ctx context.Context, o Order, r Sample) (string, error) {
	h, err := s.look(ctx, o.By)
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(h.teams, func(t people.Team) bool { return t.Name == r.Team })
	if at < 0 {
		return "", errs.InvalidField("team", "configfile.no_team", "team", r.Team)
	}
	in := quality.RuleInput{By: o.By, TeamID: h.teams[at].ID, Kind: r.Kind, Amount: r.Amount}
	rules, err := s.Quality.Rules(ctx, o.By)
	if err != nil {
		return "", err
	}
	for _, there := range rules {
		if there.TeamID == in.TeamID {
			in.Base = there.Number
		}
	}
	_, err = s.Quality.SetRule(ctx, in)
	return "changed", err
}
