package cases

import (
	"context"
	"errors"
	"fmt"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// AgentTerms is how many cases somebody has at most, and what they are there for; an empty list means everything of the kind. Version 0
// means that nothing was ever set for them.
type AgentTerms struct {
	UserID    int64
	Name      string
	Team      string
	Away      bool
	Open      int // cases they have open
	Capacity  int // 0 means no limit
	Languages []string
	Countries []string
	Tiers     []string
	Topics    []string
	Version   int
}

// agentTermsQuery reads those who can be given cases.
const agentTermsQuery = `select u.id as user_id, u.name, coalesce(g.name, '') as team, u.away, coalesce(t.capacity, 0) as capacity,
		coalesce(t.languages, '{}') as languages, coalesce(t.countries, '{}') as countries, coalesce(t.tiers, '{}') as tiers, coalesce(t.topics, '{}') as topics,
		coalesce(t.version, 0) as version,
		(select count(*) from cases c where c.assignee_id = u.id and c.status in ('new', 'open', 'waiting')) as open
	from users u left join agent_terms t on t.user_id = u.id left join teams g on g.id = u.team_id
	where u.active and u.roles && array['agent', 'senior', 'supervisor', 'controller']`

// Agents lists those who can be given cases, with their terms, by name; at most 500.
func (s *Service) Agents(ctx context.Context, by access.Actor) ([]AgentTerms, error) {
	if err := access.Can(by, access.ManageDealing, access.Object{}); err != nil {
		return nil, err
	}
	return db.List[AgentTerms](ctx, s.db, agentTermsQuery+` order by u.name, u.id limit 500`)
}

// AgentByID reads one of them.
func (s *Service) AgentByID(ctx context.Context, id int64, by access.Actor) (AgentTerms, error) {
	if err := access.Can(by, access.ManageDealing, access.Object{}); err != nil {
		return AgentTerms{}, err
	}
	return agentByID(ctx, s.db, id)
}

func agentByID(ctx context.Context, r db.Reader, id int64) (AgentTerms, error) {
	a, err := db.One[AgentTerms](ctx, r, agentTermsQuery+` and u.id = $1`, id)
	if errors.Is(err, db.ErrNoRow) {
		return a, errs.New(errs.NotFound, "case.no_such_person")
	}
	return a, err
}

// SetAgentTerms changes somebody's terms as they are in their Version. They hold for the cases dealt from then on; who has more than the
// capacity keeps them.
func (s *Service) SetAgentTerms(ctx context.Context, in AgentTerms, by access.Actor) (AgentTerms, error) {
	if err := access.Can(by, access.ManageDealing, access.Object{}); err != nil {
		return AgentTerms{}, err
	}
	in.Languages, in.Countries, in.Tiers, in.Topics = lowered(in.Languages), raised(in.Countries), lowered(in.Tiers), lowered(in.Topics)
	wrong := checkSkills(in.Languages, in.Countries, in.Tiers)
	if in.Capacity < 0 || in.Capacity > mostCapacity {
		wrong = append(wrong, errs.Field{Name: "capacity", Key: "assignment.capacity"})
	}
	if len(in.Topics) > mostOfAKind {
		wrong = append(wrong, errs.Field{Name: "topics", Key: "assignment.too_long"})
	}
	if len(wrong) > 0 {
		return AgentTerms{}, errs.InvalidFields(wrong...)
	}
	var kept AgentTerms
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		if _, err := agentByID(ctx, tx, in.UserID); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `insert into agent_terms as t (user_id, capacity, languages, countries, tiers, topics) select $1, $2, $3, $4, $5, $6
				where $7 = 0 or exists (select from agent_terms where user_id = $1)
			on conflict (user_id) do update set capacity = $2, languages = $3, countries = $4, tiers = $5, topics = $6, version = t.version + 1
			where t.version = $7`, in.UserID, in.Capacity, in.Languages, in.Countries, in.Tiers, in.Topics, in.Version)
		if err != nil {
			return fmt.Errorf("save terms: %w", err)
		}
		if n == 0 {
			return ErrAssignmentStale
		}
		if kept, err = agentByID(ctx, tx, in.UserID); err != nil {
			return err
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: "assignment.terms_set", Data: map[string]any{
			"user": in.UserID, "capacity": in.Capacity, "languages": in.Languages, "countries": in.Countries, "tiers": in.Tiers, "topics": in.Topics,
		}})
	})
	return kept, err
}
