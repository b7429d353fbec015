package credits

import (
	"context"
	"fmt"

	"makegood/billing"
	"makegood/credits/authority"
	"makegood/credits/authority/policy"
	"makegood/internal/db"
)

// LevelSeed is a level to set up, with the people who hold it from the transaction's moment on.
type LevelSeed struct {
	Rank       int
	Name       string
	Signatures int // 0 means 1
	Limits     []Limit
	Holders    []HolderSeed
}

// HolderSeed is a person who holds a level in some legal entities, or a role or team that does; none named is all.
type HolderSeed struct {
	Who

	EntityIDs []int64
}

// SeedLevelsTx sets up levels where there are none of these ranks yet. It is for a new company and for tests.
func (s *Service) SeedLevelsTx(ctx context.Context, tx *db.Tx, seeds []LevelSeed) error {
	for _, seed := range seeds {
		id, err := db.Value[int64](ctx, tx, `insert into authority_levels (rank, name) values ($1, $2) returning id`, seed.Rank, seed.Name)
		if err != nil {
			return fmt.Errorf("add level %s: %w", seed.Name, err)
		}
		if _, err := tx.Exec(ctx, `insert into authority_level_versions (level_id, version, signatures, limits, valid_from) values ($1, 1, $2, $3, $4)`,
			id, max(seed.Signatures, 1), limitsOrNone(seed.Limits), tx.Now()); err != nil {
			return fmt.Errorf("add limits of %s: %w", seed.Name, err)
		}
		for _, h := range seed.Holders {
			if err := (newHolding{level: id, who: h.Who, terms: HolderTerms{EntityIDs: h.EntityIDs}, from: tx.Now()}).insertTx(ctx, tx); err != nil {
				return fmt.Errorf("%s: %w", seed.Name, err)
			}
		}
	}
	return nil
}

// SeedPolicyTx sets up the policy a company starts with, where it has none yet. It holds from the transaction's moment on.
func (s *Service) SeedPolicyTx(ctx context.Context, tx *db.Tx, p policy.Policy) error {
	if _, err := policy.Compile(p); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `insert into authority_policies (version, content, valid_from) select 1, $1, $2 where not exists (select from authority_policies)`,
		p, tx.Now()); err != nil {
		return fmt.Errorf("set up policy: %w", err)
	}
	return nil
}

// DemoSeeds is the set of levels a company starts with, for the kinds there are, with holders by rank. A reversal has no limits of its
// own: those of what it takes back decide.
func DemoSeeds(holders map[int][]int64) []LevelSeed {
	var seeds []LevelSeed
	for _, level := range authority.DemoLevels() {
		seed := LevelSeed{Rank: level.Rank, Name: level.Name, Signatures: level.Signatures}
		for _, l := range level.Limits {
			seed.Limits = append(seed.Limits, Limit{Kind: billing.Kind(l.Kind), MaxAmount: l.Max, OwnLimit: l.OwnLimit})
		}
		for _, id := range holders[level.Rank] {
			seed.Holders = append(seed.Holders, HolderSeed{Who: Who{UserID: id}})
		}
		seeds = append(seeds, seed)
	}
	return seeds
}

func limitsOrNone(list []Limit) []Limit {
	if list == nil {
		return []Limit{}
	}
	return list
}

func orNone(ids []int64) []int64 {
	if ids == nil {
		return []int64{}
	}
	return ids
}
