// Package authority turns a credit request into the chain of people who must decide it, and says for every
// step which rule put it there. It is pure: levels, holders, delegations and the request come in as values,
// nothing is read and nothing is stored.
package authority

import (
	"time"

	"github.com/shopspring/decimal"
)

// Kind is the kind of a credit request, as limits know it.
type Kind string

// The kinds a limit can be set for.
const (
	BillingError Kind = "billing_error"
	Concession   Kind = "concession"
	SLACredit    Kind = "sla_credit"
	Refund       Kind = "refund"
	WriteOff     Kind = "write_off"
	Rebill       Kind = "rebill"
	Debit        Kind = "debit"
	Transfer     Kind = "transfer" // of unapplied items within a customer family
)

// Kinds are all of them, in the order people list them.
func Kinds() []Kind {
	return []Kind{BillingError, SLACredit, Concession, Refund, WriteOff, Rebill, Debit, Transfer}
}

// Limit is how much one level may decide for one kind. All amounts are in the authority's currency.
type Limit struct {
	Kind Kind
	// Max is the most the level decides; nil is without limit.
	Max *decimal.Decimal
	// WindowMax is the most that may add up for a customer family; nil means Max counts for the sum as well.
	WindowMax *decimal.Decimal
	// OwnLimit is what a holder may post of their own requests, up to Max; zero is nothing.
	OwnLimit decimal.Decimal
	// Reason, EntityID and Tier narrow the limit; empty means any. The narrowest match is the one that counts.
	Reason   string
	EntityID int64
	Tier     string
}

// Level is one rung of authority. Level and limits are data: the rules in this package know no level by name.
type Level struct {
	ID   int64
	Rank int
	Name string
	// Limits of other kinds than those listed are zero: the level has no say over them.
	Limits []Limit
	// Signatures is how many holders must decide together; zero means one.
	Signatures int
}

// Holder is one person at one level. A person at two levels is two holders, and so is one who holds a level in two ways; whom a
// level is asked of counts once all the same.
type Holder struct {
	LevelID  int64
	UserID   int64
	UserName string
	Roles    []string
	Within
	Absent bool
	Active bool
	// Cooling says that what gave the level to the person, or raised it, does not bind them yet: they keep their rank
	// and may stand in for others, but sign nothing by this level, through nobody either, and post nothing on its own limit.
	Cooling bool
	// GivenBy are those who gave it to the person so lately that they do not sign by it in the person's place.
	GivenBy []int64
}

// Delegation lets To decide in From's place from Starts (included) to Ends (excluded). It carries From's own
// levels only, never what was delegated to From.
type Delegation struct {
	From, To int64
	ToName   string
	// ToAbsent tells that the stand-in is away or deactivated; needed only for people who hold no level.
	ToAbsent bool
	// Cooling are levels by which the stand-in may not sign yet, for anybody.
	Cooling      []int64
	Starts, Ends time.Time
	// MaxAmount narrows the delegation to requests that count up to it; nil is what the delegator may.
	MaxAmount *decimal.Decimal
}

func (l Level) signatures() int { return max(l.Signatures, 1) }

// limit finds the narrowest limit for the request; of two equally narrow ones the lower. Where the request concerns customers of several
// tiers it is the least of what it may for each, and none where it may nothing for one.
func (l Level) limit(r Request) (Limit, bool) {
	if len(r.Tiers) == 0 {
		return l.narrowest(r)
	}
	var least Limit
	for i, tier := range r.Tiers {
		r.Tier = tier
		one, ok := l.narrowest(r)
		if !ok {
			return one, false
		}
		if i == 0 {
			least = one
			continue
		}
		least = least.least(one)
	}
	return least, true
}

// least is what both limits let pass.
func (l Limit) least(o Limit) Limit {
	window := lower(l.windowMax(), o.windowMax())
	l.Max, l.WindowMax, l.OwnLimit = lower(l.Max, o.Max), window, decimal.Min(l.OwnLimit, o.OwnLimit)
	return l
}

func lower(a, b *decimal.Decimal) *decimal.Decimal {
	if compareMax(a, b) < 0 {
		return a
	}
	return b
}

func (l Level) narrowest(r Request) (Limit, bool) {
	var best Limit
	found := false
	for _, limit := range l.Limits {
		if !limit.matches(r) {
			continue
		}
		if !found || limit.narrowness() > best.narrowness() ||
			limit.narrowness() == best.narrowness() && limit.below(best) {
			best, found = limit, true
		}
	}
	return best, found
}

func (l Limit) matches(r Request) bool {
	return l.Kind == r.Kind &&
		(l.Reason == "" || l.Reason == r.Reason) &&
		(l.EntityID == 0 || l.EntityID == r.EntityID) &&
		(l.Tier == "" || l.Tier == r.Tier)
}

// narrowness orders by reason, then entity, then tier, as a person would read "except for".
func (l Limit) narrowness() int {
	n := 0
	if l.Reason != "" {
		n += 4
	}
	if l.EntityID != 0 {
		n += 2
	}
	if l.Tier != "" {
		n++
	}
	return n
}

func (l Limit) below(other Limit) bool {
	if c := compareMax(l.Max, other.Max); c != 0 {
		return c < 0
	}
	return compareMax(l.windowMax(), other.windowMax()) < 0
}

func (l Limit) windowMax() *decimal.Decimal {
	if l.WindowMax != nil {
		return l.WindowMax
	}
	return l.Max
}

// covers says that the single request and everything that counts with it stay within the limit.
func (l Limit) covers(r Request) bool {
	return within(r.Amount, l.Max) && within(r.Counted(), l.windowMax()) && l.outrun(r) == nil
}

// outrun is the first further window in which the request goes over the limit; nil for none.
func (l Limit) outrun(r Request) *Together {
	for i, t := range r.Further {
		if !within(r.Amount.Add(t.Total), times(l.windowMax(), t.Times)) {
			return &r.Further[i]
		}
	}
	return nil
}

// leaves says that the person may still sign the request at a level of this limit: what they signed lately, together with
// it, stays within the limit in every window that counts by decider.
func (l Limit) leaves(userID int64, r Request) bool {
	for _, s := range r.Signed {
		if !within(r.Amount.Add(s.By[userID]), times(l.windowMax(), s.Times)) {
			return false
		}
	}
	return true
}

// times is a limit taken several times; none stays none.
func times(limit *decimal.Decimal, n int64) *decimal.Decimal {
	if limit == nil || n <= 1 {
		return limit
	}
	more := limit.Mul(decimal.NewFromInt(n))
	return &more
}

// Covers tells whether the level's limits reach for the request, whoever is there to decide it.
func (l Level) Covers(r Request) bool { return l.sufficient(r) }

// sufficient tells whether the level may decide the request: by its kind, and as a refund too where money leaves with it.
func (l Level) sufficient(r Request) bool {
	limit, ok := l.limit(r)
	return ok && limit.covers(r) && (!r.PaysOut || l.sufficient(r.asRefund()))
}

func within(amount decimal.Decimal, limit *decimal.Decimal) bool {
	return limit == nil || amount.LessThanOrEqual(*limit)
}

func compareMax(a, b *decimal.Decimal) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return a.Cmp(*b)
}

func (d Delegation) holds(r Request, now time.Time) bool {
	return d.From != d.To && !now.Before(d.Starts) && now.Before(d.Ends) && within(r.Counted(), d.MaxAmount)
}
