package credits

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"makegood/credits/authority/policy"
	"makegood/internal/db"
)

// rulebook keeps policies compiled. A version never changes, so what was compiled once holds.
type rulebook struct {
	mu       sync.Mutex
	compiled map[int]*policy.Compiled
}

// plainCooling is how long a change does not bind those who made it where no policy says so.
const plainCooling = 14

// plain is the policy of a company that has none: each level up to the sufficient one.
func plain() policy.Policy { return policy.Policy{CoolingDays: plainCooling} }

// policyVersion is when a version holds and who made it.
type policyVersion struct {
	Version    int
	ValidFrom  time.Time
	ValidUntil *time.Time
	ProposedBy int64 // 0 for the one a company starts with
	DecidedBy  int64
}

func (v policyVersion) madeBy(user int64) bool {
	return user != 0 && (v.ProposedBy == user || v.DecidedBy == user)
}

// policyVersions lists those that hold or held by now, the newest first.
func policyVersions(ctx context.Context, r db.Reader) ([]policyVersion, error) {
	list, err := db.List[policyVersion](ctx, r, `select p.version, p.valid_from, nullif(p.valid_until, 'infinity') as valid_until,
			coalesce(c.proposed_by, 0) as proposed_by, coalesce(c.decided_by, 0) as decided_by
		from authority_policies p left join authority_changes c on c.id = p.change_id
		where p.valid_from <= $1 order by p.valid_from desc, p.version desc limit 100`, r.Now())
	if err != nil {
		return nil, fmt.Errorf("read policy versions: %w", err)
	}
	return list, nil
}

// open gives a version of the policy ready to be asked; 0 is the plain one.
func (b *rulebook) open(ctx context.Context, r db.Reader, version int) (*policy.Compiled, error) {
	b.mu.Lock()
	known := b.compiled[version]
	b.mu.Unlock()
	if known != nil {
		return known, nil
	}
	content := plain()
	if version != 0 {
		var err error
		if content, err = db.Value[policy.Policy](ctx, r, `select content from authority_policies where version = $1`, version); err != nil {
			return nil, fmt.Errorf("read policy %d: %w", version, err)
		}
	}
	compiled, err := policy.Compile(content)
	if err != nil {
		return nil, fmt.Errorf("compile policy %d: %w", version, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.compiled == nil {
		b.compiled = map[int]*policy.Compiled{}
	}
	b.compiled[version] = compiled
	return compiled, nil
}

// change is one that took effect lately, as far as it matters to those who made it.
type change struct {
	ID          int64
	Kind        ChangeKind
	LevelID     *int64
	Before      LevelTerms
	ProposedBy  int64
	DecidedBy   int64
	EffectiveAt time.Time
}

// gave tells whether a holder holds their level by this change, or is one of those who have it by this change of people.
func (c change) gave(h Holder) bool {
	return c.Kind == HolderChange && same(h.ChangeID, &c.ID) || c.Kind == personChange && slices.Contains(h.Joined, c.ID)
}

func (c change) madeBy(user int64) bool { return c.ProposedBy == user || c.DecidedBy == user }

// personChange is a change of people as a change of authority: of roles and teams, by which levels are held.
const personChange ChangeKind = "person"

// recentChanges are those of levels and holders, and of people's roles and teams, that could still not bind somebody, the oldest first.
func recentChanges(ctx context.Context, r db.Reader) ([]change, error) {
	list, err := db.List[change](ctx, r, `select c.id, c.kind, coalesce(c.level_id, (select v.level_id from authority_level_versions v where v.change_id = c.id)) as level_id,
			c.before, c.proposed_by, c.decided_by, c.effective_at from authority_changes c
			where state = 'confirmed' and kind <> 'policy' and effective_at <= $1 and effective_at > $2
		union all select p.id, 'person', null, '{}', p.proposed_by, p.decided_by, p.decided_at from person_changes p
			where p.state = 'confirmed' and p.kind <> 'rules' and p.decided_at <= $1 and p.decided_at > $2
		order by effective_at, kind, id`,
		r.Now(), r.Now().AddDate(0, 0, -policy.MostCooling))
	if err != nil {
		return nil, fmt.Errorf("read changes of authority: %w", err)
	}
	return list, nil
}

// versionFor is the policy that binds a requester: the one in force, or while that is fresh and of their own making the one
// before it.
func (ro roster) versionFor(requester int64, now time.Time) int {
	if at := ro.binding(0, requester, now); at < len(ro.versions) {
		return ro.versions[at].Version
	}
	return 0
}

// binding is the place among versions, from one on, of the policy that binds a requester; behind the last it is the plain
// one. No policy shortens the days for which it does not bind those who made it: the longest of its own and of those before
// it, back to the one that binds them, count.
func (ro roster) binding(from int, requester int64, now time.Time) int {
	if from >= len(ro.versions) || !ro.versions[from].madeBy(requester) || ro.settled(from, now) {
		return from
	}
	before := ro.binding(from+1, requester, now)
	days := 0
	for at := from; at <= before; at++ {
		days = max(days, ro.coolingDays(at))
	}
	if now.Before(ro.versions[from].ValidFrom.AddDate(0, 0, days)) {
		return before
	}
	return from
}

// settled tells whether a version has held for so long that it binds everybody.
func (ro roster) settled(at int, now time.Time) bool {
	return !now.Before(ro.versions[at].ValidFrom.AddDate(0, 0, policy.MostCooling))
}

// coolingDays are those of the version at a place; behind the last those of the plain policy.
func (ro roster) coolingDays(at int) int {
	version := 0
	if at < len(ro.versions) {
		version = ro.versions[at].Version
	}
	if rules := ro.rules[version]; rules != nil {
		return rules.Policy().CoolingDays
	}
	return 0 // older than any that could matter
}

// cools are the changes that do not bind a person yet, since they made them; the oldest first. Where the policy that binds
// them has shorter days than the one before it, the longer ones count until they have passed.
func (ro roster) cools(user int64, now time.Time) []change {
	at := ro.binding(0, user, now)
	days := ro.coolingDays(at)
	if at < len(ro.versions) {
		if before := ro.coolingDays(at + 1); now.Before(ro.versions[at].ValidFrom.AddDate(0, 0, before)) {
			days = max(days, before)
		}
	}
	return slices.DeleteFunc(slices.Clone(ro.recent), func(c change) bool {
		return !c.madeBy(user) || !now.Before(c.EffectiveAt.AddDate(0, 0, days))
	})
}
