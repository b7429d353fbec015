package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"makegood/credits"
	"makegood/credits/authority/policy"
	"makegood/internal/app"
)

type policyCommand struct {
	Export policyExport `cmd:"" help:"Print the policy in force as YAML."`
	Diff   policyDiff   `cmd:"" help:"Say what a file would change; exit 1 when it would."`
	Apply  policyApply  `cmd:"" help:"Propose a file as the policy; somebody else confirms it on screen."`
}

type policyExport struct{}

// Run prints the policy.
func (c *policyExport) Run(ctx context.Context, set *settings, s streams) error {
	return closed(ctx, set, s, func(a *app.App) error {
		_, now, err := a.Credits.Policy(ctx)
		if err != nil {
			return a.Explain(err)
		}
		text, err := policy.Write(now)
		if err != nil {
			return err
		}
		_, err = s.out.Write(text)
		return err
	})
}

type policyDiff struct {
	File string `arg:"" help:"Policy as YAML; - reads standard input."`
}

// Run prints each difference on a line.
func (c *policyDiff) Run(ctx context.Context, set *settings, s streams) error {
	return closed(ctx, set, s, func(a *app.App) error {
		lines, _, err := differences(ctx, a, c.File)
		if err != nil {
			return err
		}
		for _, line := range lines {
			if _, err := fmt.Fprintln(s.out, line); err != nil {
				return err
			}
		}
		if len(lines) > 0 {
			return failure(1)
		}
		return nil
	})
}

// differences are what a file would change of the policy in force. It refuses a file that could not be proposed.
func differences(ctx context.Context, a *app.App, file string) ([]string, policy.Policy, error) {
	text, err := readFile(file)
	if err != nil {
		return nil, policy.Policy{}, err
	}
	draft, err := policy.Read(text)
	if err == nil {
		err = a.Credits.CheckPolicy(ctx, draft)
	}
	if err != nil {
		return nil, draft, a.Explain(err)
	}
	_, now, err := a.Credits.Policy(ctx)
	return policy.Diff(now, draft), draft, err
}

type policyApply struct {
	File    string `arg:"" help:"Policy as YAML; - reads standard input."`
	As      string `required:"" placeholder:"EMAIL" help:"Who proposes it: a controller, a director or an administrator."`
	Comment string `required:"" help:"Why."`
	From    string `placeholder:"DAY" help:"From when on it shall hold; without it as soon as it is confirmed."`
}

// policyProposed is what apply answers, as one line of JSON.
type policyProposed struct {
	Change      int64    `json:"change"` // 0 when nothing would change
	Differences []string `json:"differences"`
}

// Run proposes the policy, unless it changes nothing.
func (c *policyApply) Run(ctx context.Context, set *settings, s streams) error {
	return closed(ctx, set, s, func(a *app.App) error {
		lines, draft, err := differences(ctx, a, c.File)
		if err != nil {
			return err
		}
		answer := policyProposed{Differences: lines}
		if len(lines) > 0 {
			by, err := a.People.WhoActs(ctx, c.As)
			if err != nil {
				return a.Explain(err)
			}
			in := credits.PolicyInput{By: by.Actor(), Policy: draft, Comment: c.Comment}
			if c.From != "" {
				if in.EffectiveAt, err = time.Parse(time.DateOnly, c.From); err != nil {
					return fmt.Errorf("--from: %w", err)
				}
			}
			change, err := a.Credits.ProposePolicy(ctx, in)
			if err != nil {
				return a.Explain(err)
			}
			answer.Change = change.ID
		}
		return json.NewEncoder(s.out).Encode(answer)
	})
}
