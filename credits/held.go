package credits

import (
	"context"
	"fmt"
	"time"

	"makegood/internal/access"
	"makegood/internal/db"
)

// Held is who held what at a moment: for the auditor, as of any date.
type Held struct {
	At            time.Time
	PolicyVersion int // 0 is none of its own
	Levels        []Level
	Holdings      []Holding // whom levels were given to
	Holders       []Holder  // who therefore held them
	Delegations   []Delegation
}

// HeldOn tells which levels there were at a moment, what they might decide, who held them and who stood in for whom. A
// moment to come shows what has been confirmed for it. Whether a person is there is as of now.
func (s *Service) HeldOn(ctx context.Context, at time.Time, by access.Actor) (Held, error) {
	if err := access.Can(by, access.ReadCredits, access.Object{}); err != nil {
		return Held{}, err
	}
	held := Held{At: at}
	var err error
	if held.Levels, err = levelsAt(ctx, s.db, at); err != nil {
		return held, err
	}
	if held.Holdings, err = holdingsAt(ctx, s.db, at); err != nil {
		return held, err
	}
	if held.Holders, err = holdersAt(ctx, s.db, at); err != nil {
		return held, err
	}
	if held.Delegations, err = delegationsAt(ctx, s.db, at); err != nil {
		return held, err
	}
	held.PolicyVersion, err = db.Value[int](ctx, s.db, `select coalesce(max(version), 0) from authority_policies where valid_from <= $1 and valid_until > $1`, at)
	if err != nil {
		return held, fmt.Errorf("find policy: %w", err)
	}
	return held, nil
}

func delegationsAt(ctx context.Context, r db.Reader, at time.Time) ([]Delegation, error) {
	list, err := db.List[Delegation](ctx, r, delegationRows+` where d.from_at <= $1 and d.until_at > $1 and (d.revoked_at is null or d.revoked_at > $1)
		order by d.from_at, d.id`, at)
	if err != nil {
		return nil, fmt.Errorf("read delegations: %w", err)
	}
	return list, nil
}
