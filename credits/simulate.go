package credits

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits/authority"
	"makegood/credits/authority/policy"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// SimulateInput asks who would approve something that nobody has proposed. Amount is with tax, in Currency. Draft is the
// policy to ask; nil is the one that binds the requester. GivenBefore is what counts with it for the family, in
// billing.AuthorityCurrency.
type SimulateInput struct {
	By           access.Actor
	Kind         billing.Kind
	Amount       decimal.Decimal
	Currency     money.Currency
	EntityID     billing.EntityID
	RequesterID  int64
	Reason       string
	Tier         string
	Region       string
	InvoiceAge   int
	GivenBefore  decimal.Decimal
	Partner      bool
	Refund       bool
	ClosedPeriod bool
	TaxChange    bool
	OverBudget   bool
	Draft        *policy.Policy
}

// Simulation is who would approve it, how it was counted, and what became of each rule.
type Simulation struct {
	policy.Outcome
	Version int // of the policy; 0 for a draft or none
	Facts   policy.Facts
	Rate    decimal.Decimal
	RateOn  time.Time
	Counted decimal.Decimal // what is compared with limits, in billing.AuthorityCurrency
}

// Simulate answers who would approve a request, with the people who are there now. Nothing is stored.
func (s *Service) Simulate(ctx context.Context, in SimulateInput) (Simulation, error) {
	if err := access.Can(in.By, access.ReadCredits, access.Object{EntityID: int64(in.EntityID)}); err != nil {
		return Simulation{}, err
	}
	if !in.Amount.IsPositive() || !in.Amount.Equal(in.Amount.Round(in.Currency.Digits())) {
		return Simulation{}, errs.InvalidField("amount", "billing.bad_amount")
	}
	asked, err := db.One[struct {
		Entity string
		Roles  []string
		Team   string
		TeamID int64
	}](ctx, s.db, `select coalesce((select code from legal_entities where id = $1), '') as entity, coalesce((select roles from users where id = $2), '{}') as roles,
			coalesce((select t.name from users u join teams t on t.id = u.team_id where u.id = $2), '') as team, coalesce((select team_id from users where id = $2), 0) as team_id`,
		in.EntityID, in.RequesterID)
	switch {
	case err != nil:
		return Simulation{}, fmt.Errorf("find who asks: %w", err)
	case asked.Entity == "":
		return Simulation{}, errs.InvalidField("entity", "policy.unknown_name", "name", fmt.Sprint(in.EntityID))
	case len(asked.Roles) == 0:
		return Simulation{}, errs.InvalidField("requester", "credits.no_person")
	}
	out := Simulation{}
	if out.Rate, out.RateOn, err = s.billing.Rate(ctx, s.db, in.Currency, billing.AuthorityCurrency, billing.Date(s.db.Now())); err != nil {
		return out, err
	}
	amount := money.Of(in.Amount, in.Currency).Convert(out.Rate, billing.AuthorityCurrency).Decimal()
	out.Facts = policy.Facts{
		Kind: authority.Kind(in.Kind), Gross: amount, Net: amount, Currency: string(in.Currency), Reason: in.Reason, Entity: asked.Entity, Region: in.Region,
		Tier: in.Tier, Roles: asked.Roles, Team: asked.Team, TeamID: asked.TeamID, InvoiceAge: in.InvoiceAge, Partner: in.Partner, Refund: in.Refund, ClosedPeriod: in.ClosedPeriod,
		TaxChange: in.TaxChange, OverBudget: in.OverBudget,
	}
	ro, err := s.readRoster(ctx, s.db)
	if err != nil {
		return out, err
	}
	out.Version = ro.versionFor(in.RequesterID, s.db.Now())
	if in.Draft != nil {
		if out.Version, err = ro.try(*in.Draft); err != nil {
			return out, err
		}
	}
	r := storedFacts{Facts: out.Facts}.asked(in.RequesterID, int64(in.EntityID), in.GivenBefore)
	out.Counted = amount.Add(in.GivenBefore)
	out.Outcome, err = ro.chain(out.Version, out.Facts, r, s.db.Now())
	out.Version = max(out.Version, 0)
	return out, err
}

// draftVersion is where a roster keeps a policy that is only tried.
const draftVersion = -1

// try adds a policy that nobody has confirmed.
func (ro roster) try(p policy.Policy) (int, error) {
	compiled, err := policy.Compile(p)
	if err != nil {
		return 0, err
	}
	ro.rules[draftVersion] = compiled
	return draftVersion, nil
}

// Replayed is what a draft policy would have changed.
type Replayed struct {
	Since   time.Time
	Looked  int // requests of that time
	Same    int
	Cut     bool // there were more than were looked at
	Changed []ReplayedRequest
}

// ReplayedRequest is a request whose chain would be another.
type ReplayedRequest struct {
	ID     ID
	Number string
	Amount decimal.Decimal // in billing.AuthorityCurrency
	Kind   billing.Kind
	Was    []string // whom the policy it was submitted under asks, with the people who are there now
	Would  []string
	Rules  []string // of the draft that put steps there
	Nobody bool     // nobody could decide it
}

// MostReplayed is how many requests a replay looks at.
const MostReplayed = 5000

// past is a stored request as a replay counts it.
type past struct {
	storedFacts
	Number       string
	Kind         billing.Kind
	Family       int64
	Invoice      int64
	Requester    int64
	Entity       int64
	Charges      bool
	Counts       bool
	WindowAmount decimal.Decimal
	SubmittedAt  time.Time
	EndedAt      *time.Time
}

// countedAt tells whether a request counted at a later moment in a window that began at since: it was underway then, or had been posted
// within the window.
func (p past) countedAt(moment, since time.Time) bool {
	if p.EndedAt == nil || p.EndedAt.After(moment) {
		return true
	}
	return p.Counts && p.EndedAt.After(since)
}

// Replay draws the chains of the last quarter's requests once under the policy each was submitted under and once under a
// draft, both with the people who are there now, and lists what differs. The draft's windows are summed anew from what was
// asked before each; those that count by approver are left out, since nobody has signed anything under the draft. Requests of
// legal entities that the actor does not see count in windows and are not shown.
func (s *Service) Replay(ctx context.Context, by access.Actor, draft policy.Policy) (Replayed, error) {
	if err := access.Can(by, access.ManageAuthority, access.Object{}); err != nil {
		return Replayed{}, err
	}
	out := Replayed{Since: s.db.Now().AddDate(0, -3, 0)}
	list, err := s.pastRequests(ctx, out.Since.AddDate(0, -3, 0))
	if err != nil {
		return out, err
	}
	ids := make([]ID, len(list))
	for i, p := range list {
		ids[i] = p.CreditRequestID
	}
	ro, err := s.readRoster(ctx, s.db, ids...)
	if err != nil {
		return out, err
	}
	if _, err := ro.try(draft); err != nil {
		return out, err
	}
	ro.signed = nil
	out.Cut = len(list) == MostReplayed
	for i, p := range list {
		if p.SubmittedAt.Before(out.Since) || !by.SeesEntity(p.Entity) {
			continue
		}
		out.Looked++
		differs, err := ro.differs(list[:i], p, s.db.Now())
		if err != nil {
			return out, err
		}
		if differs == nil {
			out.Same++
			continue
		}
		out.Changed = append(out.Changed, *differs)
	}
	return out, nil
}

func (s *Service) pastRequests(ctx context.Context, since time.Time) ([]past, error) {
	list, err := db.List[past](ctx, s.db, `select * from (select f.*, r.number, r.authority_kind as kind, coalesce(r.family_id, 0) as family, coalesce(r.invoice_id, 0) as invoice,
			r.requester_id as requester, r.entity_id as entity, r.authority_kind = 'debit' as charges, r.state in `+countingStates+` as counts,
			r.window_amount, r.submitted_at, r.ended_at
		from credit_requests r join credit_request_facts f on f.credit_request_id = r.id
		where r.submitted_at is not null and (r.submitted_at > $1 or r.ended_at is null or r.ended_at > $1) order by r.submitted_at desc, r.id desc limit $2) p order by submitted_at, credit_request_id`, since, MostReplayed)
	if err != nil {
		return nil, fmt.Errorf("read requests to replay: %w", err)
	}
	return list, nil
}

// differs compares both chains of one request; nil when they are the same.
func (ro roster) differs(before []past, p past, now time.Time) (*ReplayedRequest, error) {
	r := p.asked(p.Requester, p.Entity, p.WindowAmount)
	was, err := ro.chain(p.PolicyVersion, p.Facts, r, now)
	if err != nil {
		return nil, err
	}
	r.Further = p.counted(before, ro.rules[draftVersion].Policy().Windows)
	would, err := ro.chain(draftVersion, p.Facts, r, now)
	if err != nil {
		return nil, err
	}
	out := ReplayedRequest{
		ID: p.CreditRequestID, Number: p.Number, Amount: p.Facts.Gross, Kind: p.Kind, Was: asksWhom(was.Result), Would: asksWhom(would.Result), Nobody: would.Orphan,
	}
	if slices.Equal(out.Was, out.Would) && was.Orphan == would.Orphan {
		return nil, nil //nolint:nilnil // nothing differs
	}
	for _, step := range would.Steps {
		if step.PolicyRule != "" && !slices.Contains(out.Rules, step.PolicyRule) {
			out.Rules = append(out.Rules, step.PolicyRule)
		}
	}
	return &out, nil
}

// asksWhom lists the levels and roles of a chain, with how many of each sign where it is more than one.
func asksWhom(r authority.Result) []string {
	names := []string{}
	for _, step := range r.Steps {
		name := step.LevelName
		if step.Role != "" {
			name = step.Role
		}
		if step.Needed > 1 {
			name += fmt.Sprintf(" ×%d", step.Needed)
		}
		names = append(names, name)
	}
	return names
}

// counted sums windows over what was asked before.
func (p past) counted(before []past, windows []policy.Window) []authority.Together {
	var list []authority.Together
	for _, w := range windows {
		if w.Per == policy.ByApprover {
			continue
		}
		sum, since := decimal.Zero, w.Over.Since(p.SubmittedAt)
		for _, b := range before {
			if b.countedAt(p.SubmittedAt, since) && b.Charges == p.Charges && p.sharesWith(b, w.Per) {
				sum = sum.Add(b.Facts.Gross)
			}
		}
		list = append(list, authority.Together{Window: w.Name, Total: sum, Times: w.Times})
	}
	return list
}

func (p past) sharesWith(b past, per policy.Per) bool {
	switch per {
	case policy.ByFamily:
		return p.Family != 0 && b.Family == p.Family
	case policy.ByInvoice:
		return p.Invoice != 0 && b.Invoice == p.Invoice
	case policy.ByReason:
		return p.Family != 0 && b.Family == p.Family && b.Facts.Reason == p.Facts.Reason
	case policy.ByRequester:
		return b.Requester == p.Requester
	case policy.ByContract:
		return slices.ContainsFunc(p.ContractIDs, func(id int64) bool { return slices.Contains(b.ContractIDs, id) })
	case policy.ByApprover:
	}
	return false
}
