package credits

import (
	"context"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits/authority"
	"makegood/internal/access"
	"makegood/internal/db"
)

// roster is who may decide what at one moment, as stored.
type roster struct {
	levels      []Level
	holders     []Holder
	delegations []Delegation
}

func readRoster(ctx context.Context, r db.Reader) (roster, error) {
	var ro roster
	var err error
	if ro.levels, err = levels(ctx, r); err != nil {
		return ro, err
	}
	if ro.holders, err = holders(ctx, r); err != nil {
		return ro, err
	}
	ro.delegations, err = delegations(ctx, r)
	return ro, err
}

// chain draws the chain of a request: every level up to the sufficient one.
func (ro roster) chain(r authority.Request, now time.Time) (authority.Result, error) {
	policy := authority.Policy{Mode: authority.Hierarchical, Currency: billing.AuthorityCurrency}
	return authority.Chain(policy, ro.authorityLevels(r.Kind), ro.authorityHolders(r.EntityID), ro.authorityDelegations(r.EntityID), r, now)
}

func (ro roster) authorityLevels(kind authority.Kind) []authority.Level {
	list := make([]authority.Level, 0, len(ro.levels))
	for _, l := range ro.levels {
		level := authority.Level{ID: l.ID, Rank: l.Rank, Name: l.Name, Signatures: l.Signatures}
		for _, limit := range l.Limits {
			level.Limits = append(level.Limits, authority.Limit{Kind: authority.Kind(limit.Kind), Max: limit.MaxAmount})
			if authority.Kind(limit.Kind) == kind {
				level.OwnLimit = limit.OwnLimit
			}
		}
		list = append(list, level)
	}
	return list
}

// authorityHolders counts as active only those who could really decide: with a role for it, and with the legal entity
// in their scope.
func (ro roster) authorityHolders(entity int64) []authority.Holder {
	list := make([]authority.Holder, 0, len(ro.holders))
	for _, h := range ro.holders {
		list = append(list, authority.Holder{
			LevelID: h.LevelID, UserID: h.UserID, UserName: h.UserName, Roles: h.Roles, EntityIDs: h.EntityIDs,
			Absent: h.Away, Active: h.Active && inScope(h.Sees, entity) && mayDecide(h),
		})
	}
	return list
}

func (ro roster) authorityDelegations(entity int64) []authority.Delegation {
	list := make([]authority.Delegation, 0, len(ro.delegations))
	for _, d := range ro.delegations {
		list = append(list, authority.Delegation{
			From: d.FromID, To: d.ToID, ToName: d.ToName, ToAbsent: d.ToAway || !d.ToActive || !inScope(d.ToSees, entity),
			Starts: d.FromAt, Ends: d.UntilAt, MaxAmount: d.MaxAmount,
		})
	}
	return list
}

func (ro roster) rank(levelID int64) int {
	for _, l := range ro.levels {
		if l.ID == levelID {
			return l.Rank
		}
	}
	return 0
}

// limitsOf lists the limits of one kind, lowest level first; levels without limit are left out.
func (ro roster) limitsOf(kind billing.Kind) []decimal.Decimal {
	var list []decimal.Decimal
	for _, level := range ro.levels {
		for _, l := range level.Limits {
			if l.Kind == kind && l.MaxAmount != nil {
				list = append(list, *l.MaxAmount)
			}
		}
	}
	return list
}

func inScope(ids []int64, entity int64) bool { return len(ids) == 0 || slices.Contains(ids, entity) }

func mayDecide(h Holder) bool {
	actor := access.Actor{Kind: access.Person, UserID: h.UserID}
	for _, role := range h.Roles {
		actor.Roles = append(actor.Roles, access.Role(role))
	}
	return access.May(actor, access.Decide)
}
