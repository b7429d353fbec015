package sorting

import (
	"context"
	"fmt"
	"slices"

	"makegood/cases/sorting/rules"
	"makegood/inbox"
	"makegood/inbox/parse"
	"makegood/internal/access"
)

const (
	// pastTried is how many of the latest messages rules are tried on.
	pastTried = 300
	pastShown = 25
	pastBatch = 50
)

// Match is a past message for which a rule holds.
type Match struct {
	inbox.Inbound

	Found  []string
	Before string // name of the earlier rule that decides it, "" when none does
}

// Trial is what a rule would have done with the latest messages. Holds counts those it holds for, Decides those no earlier
// rule takes away; Matches are the newest of them.
type Trial struct {
	Tried   int
	Holds   int
	Decides int
	Matches []Match
}

// Try tries a rule on past mail of the legal entities that the actor may see. One with an ID stands in for that rule in the list, another at its end. Nothing is written.
func (s *Service) Try(ctx context.Context, by access.Actor, r rules.Rule) (Trial, error) {
	if err := access.Can(by, access.ReadIntake, access.Object{}); err != nil {
		return Trial{}, err
	}
	d, err := s.Desk(ctx, s.db)
	if err != nil {
		return Trial{}, err
	}
	r = tidy(r)
	r.Active = true
	if _, err := rules.Compile([]rules.Rule{r}, words()); err != nil {
		return Trial{}, unplaced(err)
	}
	list := slices.Clone(d.RuleSet.Rules)
	at := slices.IndexFunc(list, func(o rules.Rule) bool { return r.ID != 0 && o.ID == r.ID })
	if at < 0 {
		at = len(list)
		list = append(list, r)
	} else {
		list[at] = r
	}
	set, err := rules.Compile(list, words())
	if err != nil {
		return Trial{}, err
	}
	return s.tryOn(ctx, by, d, set, at)
}

func (s *Service) tryOn(ctx context.Context, by access.Actor, d *Desk, set rules.Set, at int) (Trial, error) {
	var t Trial
	list := set.Rules()
	err := s.past(ctx, by, func(m inbox.PastMessage) {
		t.Tried++
		mail := MailOf(parse.Parse(m.Content, parse.Options{}), d.Entity(m.EntityID))
		held := set.Holding(mail)
		if !slices.Contains(held, at) {
			return
		}
		t.Holds++
		match := Match{Inbound: m.Inbound}
		if held[0] == at {
			t.Decides++
			_, hits := set.First(mail)
			match.Found = found(hits)
		} else {
			match.Before = list[held[0]].Name
		}
		if len(t.Matches) < pastShown {
			t.Matches = append(t.Matches, match)
		}
	})
	return t, err
}

// Count is what one rule of the list would have done with the latest messages.
type Count struct{ Holds, Decides int }

// Counts tries every rule of the list at once on what the actor may see, by rule id, and says on how many messages.
func (s *Service) Counts(ctx context.Context, by access.Actor) (tried int, counts map[int64]Count, err error) {
	if err := access.Can(by, access.ReadIntake, access.Object{}); err != nil {
		return 0, nil, err
	}
	d, err := s.Desk(ctx, s.db)
	if err != nil {
		return 0, nil, err
	}
	counts = map[int64]Count{}
	err = s.past(ctx, by, func(m inbox.PastMessage) {
		tried++
		for n, at := range d.set.Holding(MailOf(parse.Parse(m.Content, parse.Options{}), d.Entity(m.EntityID))) {
			c := counts[d.RuleSet.Rules[at].ID]
			c.Holds++
			if n == 0 {
				c.Decides++
			}
			counts[d.RuleSet.Rules[at].ID] = c
		}
	})
	return tried, counts, err
}

// past reads the latest messages that somebody may see, the newest first, a few at a time.
func (s *Service) past(ctx context.Context, by access.Actor, see func(inbox.PastMessage)) error {
	var before inbox.InboundID
	for seen := 0; seen < pastTried; {
		list, next, err := s.inbox.Past(ctx, inbox.Scope(by), before, min(pastBatch, pastTried-seen))
		if err != nil {
			return fmt.Errorf("read past mail: %w", err)
		}
		if next == 0 {
			return nil
		}
		for _, m := range list {
			see(m)
		}
		before, seen = next, seen+len(list)
	}
	return nil
}
