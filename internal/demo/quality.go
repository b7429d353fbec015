package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"makegood/cases/awaiting"
	"makegood/cases/quality"
	"makegood/cases/survey"
	"makegood/internal/db"
	"makegood/internal/secrets"
)

// judged is a case that somebody settled.
type judged struct {
	Number string
	Email  string // of who settled it
}

// quality puts a score card in force, says what is drawn of each team, and has a few settled cases reviewed; German customers are asked
// how their cases went.
func (f *filler) quality(ctx context.Context) error {
	lead, quiet := f.byEmail("katrin.vogel@nordwall.example"), slog.New(slog.DiscardHandler)
	looks := quality.New(quality.Services{DB: f.DB, Cases: f.Cases}, quiet)
	card, err := looks.SaveCard(ctx, quality.CardInput{By: lead.actor, Criteria: []quality.Criterion{
		{Name: "The right invoice and customer", Hint: "Was the case tied to what it is about before anything was promised?", Scale: quality.YesNo, Weight: 20},
		{Name: "The cause was found", Hint: "Does the root cause explain what the customer saw?", Scale: quality.Five, Weight: 25},
		{Name: "Amounts were right", Hint: "Do the credit and its lines agree with what was wrong?", Scale: quality.YesNo, Weight: 25},
		{Name: "The answer was clear", Hint: "Could the customer understand it and act on it?", Scale: quality.Five, Weight: 20},
		{Name: "Kept informed", Hint: "Did the customer know where it stood?", Scale: quality.Five, Weight: 10},
	}})
	if err != nil {
		return fmt.Errorf("keep score card: %w", err)
	}
	rules, err := looks.Rules(ctx, lead.actor)
	if err != nil {
		return fmt.Errorf("read teams: %w", err)
	}
	for _, rule := range rules {
		if _, err := looks.SetRule(ctx, quality.RuleInput{By: lead.actor, TeamID: rule.TeamID, Kind: quality.Count, Amount: 2}); err != nil {
			return fmt.Errorf("say what is drawn of %s: %w", rule.Team, err)
		}
	}
	asks := survey.New(survey.Services{DB: f.DB, Billing: f.Billing, Cases: f.Cases, Inbox: f.Inbox}, secrets.Keys{}, "", quiet) // signs nothing here
	if _, err := asks.SetRules(ctx, survey.RulesInput{By: lead.actor, Entity: "DE", Active: true, WaitHours: 24, AnswerDays: 14, QuietDays: 30}); err != nil {
		return fmt.Errorf("ask customers: %w", err)
	}
	if err := f.remind(ctx, quiet); err != nil {
		return err
	}
	return f.review(ctx, looks, card)
}

// remind has customers who do not answer reminded from now on: what the company asked before it had Makegood is left alone.
func (f *filler) remind(ctx context.Context, quiet *slog.Logger) error {
	lead := f.byEmail("katrin.vogel@nordwall.example")
	waits := awaiting.New(awaiting.Services{DB: f.DB, Billing: f.Billing, Cases: f.Cases, Inbox: f.Inbox}, secrets.Keys{}, "", quiet) // signs nothing here
	list, err := waits.Rules(ctx, lead.actor)
	for _, r := range list {
		var off awaiting.Rules
		if off, err = waits.SetRules(ctx, awaiting.RulesInput{By: lead.actor, Entity: r.Entity, Version: r.Version}); err == nil {
			_, err = waits.SetRules(ctx, awaiting.RulesInput{By: lead.actor, Entity: r.Entity, RemindDays: r.RemindDays, CloseDays: r.CloseDays, Version: off.Version})
		}
		if err != nil {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("remind customers: %w", err)
	}
	return nil
}

// review writes what the lead thought of some cases of agents; half of them have read it.
func (f *filler) review(ctx context.Context, looks *quality.Service, card quality.Card) error {
	lead := f.byEmail("katrin.vogel@nordwall.example")
	list, err := db.List[judged](ctx, f.DB, `select c.number, u.email from cases c join users u on u.id = c.assignee_id
		where c.status = 'resolved' and c.merged_into is null and 'agent' = any (u.roles) order by c.resolved_at, c.id limit 8`)
	if err != nil {
		return fmt.Errorf("find settled cases: %w", err)
	}
	notes := []string{
		"Clear and quick. The customer knew on the first day what we had found.",
		"The amount was right. Tell the customer sooner that you wait for the warehouse: they asked twice.",
		"Good catch on the duplicate line. In the next one, name the invoice in the first sentence.",
		"The cause is set to the price list, but the order shows another term. Let us look at it together.",
	}
	for i, one := range list {
		values := map[string]int{}
		for n, c := range card.Criteria {
			if values[c.Code] = 5 - (i+n)%3; c.Scale == quality.YesNo {
				values[c.Code] = min(1, (i+n)%4)
			}
		}
		review, err := looks.Review(ctx, quality.ReviewInput{By: lead.actor, Number: one.Number, Card: card.Number, Values: values, Note: notes[i%len(notes)]})
		if errors.Is(err, quality.ErrOwnCase) {
			continue // the lead lent a hand
		}
		if err != nil {
			return fmt.Errorf("review %s: %w", one.Number, err)
		}
		if agent := f.byEmail(one.Email); i%2 == 0 && review.AgentID == agent.ID {
			if _, err := looks.Acknowledge(ctx, quality.AcknowledgeInput{By: agent.actor, ID: review.ID}); err != nil {
				return fmt.Errorf("acknowledge review of %s: %w", one.Number, err)
			}
		}
	}
	return nil
}
