package credits

import (
	"context"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits/authority"
	"makegood/credits/authority/policy"
	"makegood/internal/access"
	"makegood/internal/db"
)

// roster is who may decide what at one moment, as stored.
type roster struct {
	levels      []Level
	holders     []Holder
	delegations []Delegation
	versions    []policyVersion            // the newest first
	rules       map[int]*policy.Compiled   // by version: those that bind somebody, and those of the requests read with it
	signed      map[int][]authority.Signed // by version
	recent      []change
	facts       map[ID]storedFacts
}

// readRoster reads who may decide what now, with the facts of stored requests.
func (s *Service) readRoster(ctx context.Context, r db.Reader, of ...ID) (roster, error) {
	ro := roster{rules: map[int]*policy.Compiled{}, signed: map[int][]authority.Signed{}}
	var err error
	if ro.levels, err = levels(ctx, r); err != nil {
		return ro, err
	}
	if ro.holders, err = holders(ctx, r); err != nil {
		return ro, err
	}
	if ro.delegations, err = delegations(ctx, r); err != nil {
		return ro, err
	}
	if ro.facts, err = factsOf(ctx, r, of); err != nil {
		return ro, err
	}
	if ro.recent, err = recentChanges(ctx, r); err != nil {
		return ro, err
	}
	if ro.versions, err = policyVersions(ctx, r); err != nil {
		return ro, err
	}
	return ro, s.openRules(ctx, r, &ro)
}

// openRules compiles the policies that bind somebody now, and those that stored requests were submitted under.
func (s *Service) openRules(ctx context.Context, r db.Reader, ro *roster) error {
	wanted := ro.wanted(r.Now())
	for _, f := range ro.facts {
		wanted[f.PolicyVersion] = true
	}
	for version := range wanted {
		var err error
		if ro.rules[version], err = s.rulebook.open(ctx, r, version); err != nil {
			return err
		}
		if err := ro.readSigned(ctx, r, version); err != nil {
			return err
		}
	}
	return nil
}

// chain draws the chain of a request under a version of the policy. Levels are those that bind its requester.
func (ro roster) chain(version int, f policy.Facts, r authority.Request, now time.Time) (policy.Outcome, error) {
	r.Signed = ro.signed[version]
	return ro.rules[version].Chain(f, r, ro.organisation(f, r, now))
}

func (ro roster) organisation(f policy.Facts, r authority.Request, now time.Time) policy.Organisation {
	return policy.Organisation{
		Levels: ro.authorityLevels(r.RequesterID, now), Holders: ro.authorityHolders(r.EntityID, now),
		Delegations: ro.authorityDelegations(billing.Kind(f.Kind), r.PaysOut, r.EntityID, now), Currency: billing.AuthorityCurrency, Now: now,
	}
}

// authorityLevels are the levels with their limits. Of a level that the requester changed lately, it is what stood before.
func (ro roster) authorityLevels(requester int64, now time.Time) []authority.Level {
	list := make([]authority.Level, 0, len(ro.levels))
	cooling := ro.cools(requester, now)
	for _, l := range ro.levels {
		if at := slices.IndexFunc(cooling, func(c change) bool { return c.Kind == LevelChange && same(c.LevelID, &l.ID) }); at >= 0 {
			l.Signatures, l.Limits = max(cooling[at].Before.Signatures, 1), cooling[at].Before.Limits
		}
		level := authority.Level{ID: l.ID, Rank: l.Rank, Name: l.Name, Signatures: l.Signatures}
		for _, limit := range l.Limits {
			level.Limits = append(level.Limits, authority.Limit{
				Kind: authority.Kind(limit.Kind), Max: limit.MaxAmount, WindowMax: limit.WindowMax, OwnLimit: limit.OwnLimit,
				Reason: limit.Reason, EntityID: limit.EntityID, Tier: limit.Tier,
			})
		}
		list = append(list, level)
	}
	return list
}

// authorityHolders counts as active only those who could really decide: with a role for it, and with the legal entity
// in their scope. Who gave themselves the level, or changed it, so lately that it does not bind them yet, holds it but does
// not sign by it.
func (ro roster) authorityHolders(entity int64, now time.Time) []authority.Holder {
	list := make([]authority.Holder, 0, len(ro.holders))
	for _, h := range ro.holders {
		givenBy := ro.givenBy(h, now)
		list = append(list, authority.Holder{
			LevelID: h.LevelID, UserID: h.UserID, UserName: h.UserName, Roles: h.Roles, Within: h.Within,
			Absent: h.Away, Active: h.Active && inScope(h.Sees, entity) && mayDecide(h),
			Cooling: slices.Contains(givenBy, h.UserID) || slices.Contains(ro.changedLevels(h.UserID, now), h.LevelID), GivenBy: givenBy,
		})
	}
	return list
}

// givenBy are those who gave a level to a holder, or made them one of those who have it, so lately that they do not sign by it yet.
func (ro roster) givenBy(h Holder, now time.Time) []int64 {
	var list []int64
	for _, c := range ro.recent {
		if !c.gave(h) {
			continue
		}
		for _, maker := range []int64{c.ProposedBy, c.DecidedBy} {
			if slices.ContainsFunc(ro.cools(maker, now), func(o change) bool { return o.ID == c.ID && o.Kind == c.Kind }) {
				list = append(list, maker)
			}
		}
	}
	return list
}

// changedLevels are those whose limits a person changed so lately that they do not sign by them yet.
func (ro roster) changedLevels(user int64, now time.Time) []int64 {
	var list []int64
	for _, c := range ro.cools(user, now) {
		if c.Kind == LevelChange && c.LevelID != nil {
			list = append(list, *c.LevelID)
		}
	}
	return list
}

// coolingLevels are those by which a person may not sign yet in anybody's place: whose limits they changed lately, and which they gave
// lately to themselves.
func (ro roster) coolingLevels(user int64, now time.Time) []int64 {
	list := ro.changedLevels(user, now)
	for _, h := range ro.holders {
		if h.UserID == user && slices.Contains(ro.givenBy(h, now), user) {
			list = append(list, h.LevelID)
		}
	}
	return list
}

// authorityDelegations are those for a kind and a legal entity. What pays money out is signed only by who stands in for refunds as well,
// as a level needs a limit for both.
func (ro roster) authorityDelegations(kind billing.Kind, paysOut bool, entity int64, now time.Time) []authority.Delegation {
	list := make([]authority.Delegation, 0, len(ro.delegations))
	for _, d := range ro.delegations {
		if !d.covers(kind, entity) || paysOut && !d.covers(billing.RefundOut, entity) {
			continue
		}
		list = append(list, authority.Delegation{
			From: d.FromID, To: d.ToID, ToName: d.ToName, ToAbsent: d.ToAway || !d.ToActive || !inScope(d.ToSees, entity),
			Starts: d.FromAt, Ends: d.UntilAt, MaxAmount: d.MaxAmount, Cooling: ro.coolingLevels(d.ToID, now),
		})
	}
	return list
}

// deadlines are those of a version of the policy.
func (ro roster) deadlines(version int) policy.Deadlines {
	if rules := ro.rules[version]; rules != nil {
		return rules.Policy().Deadlines
	}
	return policy.Deadlines{}
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
