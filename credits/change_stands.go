package credits

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"makegood/internal/access"
	"makegood/internal/db"
)

// mayConfirmTx refuses a change that is not the one its second person looks at any more, and one of a holder outside their
// legal entities. Changes are locked.
func (s *Service) mayConfirmTx(ctx context.Context, tx *db.Tx, c AuthorityChange, by access.Actor) error {
	if c.Kind == HolderChange {
		var before, terms HolderTerms
		if err := json.Unmarshal(c.Before, &before); err != nil {
			return fmt.Errorf("read holder: %w", err)
		}
		if err := json.Unmarshal(c.Content, &terms); err != nil {
			return fmt.Errorf("read holder: %w", err)
		}
		if err := withinScope(by, before, terms); err != nil {
			return err
		}
	}
	stale, err := s.staleTx(ctx, tx, c)
	if err == nil && stale {
		err = ErrStaleChange
	}
	return err
}

// staleTx tells whether something else stands now than when a change was proposed, or another change of the same has been
// confirmed since, even if only for later.
func (s *Service) staleTx(ctx context.Context, tx *db.Tx, c AuthorityChange) (bool, error) {
	if c.Kind == LevelChange && c.LevelID == nil {
		taken, err := db.Value[bool](ctx, tx, `select exists (select from authority_levels l, authority_changes c
			where c.id = $1 and (l.rank = (c.content ->> 'rank')::int or l.name = btrim(c.content ->> 'name')))`, c.ID)
		if err != nil {
			return false, fmt.Errorf("look for levels: %w", err)
		}
		return taken, nil
	}
	since, err := db.Value[bool](ctx, tx, `select exists (select from authority_changes where state = 'confirmed' and kind = $1
		and level_id is not distinct from $2 and user_id is not distinct from $3 and role = $4 and team_id is not distinct from $5 and decided_at > $6)`,
		c.Kind, c.LevelID, c.UserID, c.Role, c.TeamID, c.ProposedAt)
	if err != nil {
		return false, fmt.Errorf("look for changes since: %w", err)
	}
	now, err := s.standsTx(ctx, tx, c)
	if err != nil {
		return false, err
	}
	same, err := sameJSON(c.Before, now)
	return since || !same, err
}

// standsTx is what a change would replace, as it stands now.
func (s *Service) standsTx(ctx context.Context, tx *db.Tx, c AuthorityChange) (any, error) {
	switch c.Kind {
	case PolicyChange:
		_, now, err := s.policyNow(ctx, tx)
		return now, err
	case HolderChange:
		return holdingNow(ctx, tx, *c.LevelID, c.who())
	case LevelChange, personChange:
	}
	list, err := levels(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, l := range list {
		if l.ID == *c.LevelID {
			return l.terms(), nil
		}
	}
	return struct{}{}, nil
}

// sameJSON compares what was stored with a value; the database orders fields as it likes.
func sameJSON(stored json.RawMessage, value any) (bool, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return false, fmt.Errorf("write what stands: %w", err)
	}
	var a, b bytes.Buffer
	for _, one := range []struct {
		text []byte
		to   *bytes.Buffer
	}{{stored, &a}, {text, &b}} {
		var any any
		if err := json.Unmarshal(one.text, &any); err != nil {
			return false, fmt.Errorf("read what stands: %w", err)
		}
		if err := json.NewEncoder(one.to).Encode(any); err != nil {
			return false, fmt.Errorf("write what stands: %w", err)
		}
	}
	return bytes.Equal(a.Bytes(), b.Bytes()), nil
}

func (l Level) terms() LevelTerms {
	return LevelTerms{Signatures: l.Signatures, Limits: l.Limits}
}

// holdingNow is whether a person, a role or a team holds a level now, and for what.
func holdingNow(ctx context.Context, r db.Reader, level int64, who Who) (HolderTerms, error) {
	list, err := holdingsAt(ctx, r, r.Now())
	if err != nil {
		return HolderTerms{}, err
	}
	at := slices.IndexFunc(list, func(h Holding) bool { return h.LevelID == level && h.Who == who })
	if at < 0 {
		return HolderTerms{}, nil
	}
	return HolderTerms{Holds: true, EntityIDs: list[at].EntityIDs, Regions: list[at].Regions, TeamIDs: list[at].TeamIDs}, nil
}

// withinScope refuses whoever would give a level, or take it away, in legal entities that they do not see themselves; all
// of them where none are named.
func withinScope(by access.Actor, terms ...HolderTerms) error {
	for _, t := range terms {
		if !t.Holds || len(by.EntityIDs) == 0 {
			continue
		}
		if len(t.EntityIDs) == 0 {
			return ErrOutsideScope
		}
		for _, id := range t.EntityIDs {
			if !by.SeesEntity(id) {
				return ErrOutsideScope
			}
		}
	}
	return nil
}
