package credits

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits/authority"
	"makegood/credits/authority/policy"
	"makegood/internal/db"
)

// storedFacts is what the policy was asked about a request when it was submitted.
type storedFacts struct {
	CreditRequestID ID
	PolicyVersion   int
	Facts           policy.Facts
	ContractIDs     []int64
	Further         []authority.Together
	Reckoners       []int64 // who added a computation to it: they do not sign it
}

func factsOf(ctx context.Context, r db.Reader, ids []ID) (map[ID]storedFacts, error) {
	known := map[ID]storedFacts{}
	if len(ids) == 0 {
		return known, nil
	}
	list, err := db.List[storedFacts](ctx, r, `select f.credit_request_id, f.policy_version, f.facts, f.contract_ids, f.further,
			array(select e.added_by from credit_request_evidence e where e.credit_request_id = f.credit_request_id and e.kind = 'calculation') as reckoners
		from credit_request_facts f where f.credit_request_id = any ($1)`, ids)
	if err != nil {
		return nil, fmt.Errorf("read facts of requests: %w", err)
	}
	for _, f := range list {
		known[f.CreditRequestID] = f
	}
	return known, nil
}

// facts are those a request was submitted with; of one older than policies, what stands on it.
func (ro roster) factsOf(req Request) storedFacts {
	if f, ok := ro.facts[req.ID]; ok {
		return f
	}
	return storedFacts{CreditRequestID: req.ID, Facts: req.plainFacts()}
}

// asked is a stored request as authority sees it, with the facts and the window it was submitted with. Kind, amount and
// budget come from the facts when its chain is drawn.
func (f storedFacts) asked(requester, entity int64, window decimal.Decimal) authority.Request {
	return authority.Request{
		RequesterID: requester, EntityID: entity, WindowTotal: window, Tier: f.Facts.Tier, Tiers: tiers(f.Facts.Among), Reason: f.Facts.Reason,
		Regions: f.Facts.Regions(), TeamID: f.Facts.TeamID,
		PaysOut: f.Facts.Refund && billing.Kind(f.Facts.Kind).Credits(), PartnerAccount: f.Facts.Partner, Further: f.Further,
		BarredIDs: slices.Concat(f.Facts.Barred, f.Reckoners),
	}
}

func (r Request) plainFacts() policy.Facts {
	return policy.Facts{
		Kind: authority.Kind(r.AuthorityKind), Gross: r.AuthorityAmount, Net: r.AuthorityAmount, Currency: string(r.Currency), Reason: r.ReasonCode,
		Refund: r.Content != nil && paysOut(*r.Content),
	}
}

// looked is what of the facts stands in tables.
type looked struct {
	Entity      string
	Roles       []string
	Team        string
	TeamID      int64
	RootCause   string
	ContractIDs []int64
	Zone        string // of the legal entity

	FormerAgents []int64 // who has or had cases of the family, where the policy asks
}

// readFacts gathers what the policy asks of a proposal, which would or would not be booked in a closed period.
func (p *proposal) readFacts(ctx context.Context, r db.Reader, closed bool) error {
	customers := make([]billing.CustomerID, len(p.concerned.Customers))
	for i, c := range p.concerned.Customers {
		customers[i] = c.ID
	}
	oldest := billing.Date(r.Now())
	for _, invoice := range p.concerned.Invoices {
		if invoice.IssuedOn.Before(oldest) {
			oldest = invoice.IssuedOn
		}
	}
	former := p.roster.rules[p.version].Policy().FormerAgentDays
	found, err := db.One[looked](ctx, r, `with worked as (select k.id, k.assignee_id from customers f join customers m on m.family_id = f.family_id join cases k on k.customer_id = m.id
			where f.id = any ($4) and $7 and (k.closed_at is null or greatest(k.closed_at, k.resolved_at) > $6))
		select coalesce((select code from legal_entities where id = $1), '') as entity, coalesce((select time_zone from legal_entities where id = $1), '') as zone,
			coalesce((select roles from users where id = $2), '{}') as roles, coalesce((select team_id from users where id = $2), 0) as team_id,
			coalesce((select t.name from users u join teams t on t.id = u.team_id where u.id = $2), '') as team,
			coalesce((select code from root_causes where id = $3), '') as root_cause,
			array(select id from contracts where customer_id = any ($4) and from_on <= $5 and (until_on is null or until_on >= $5) order by id) as contract_ids,
			array(select distinct a.who from (select assignee_id as who from worked union all
				select (l.data ->> side)::bigint from worked w join audit_log l on l.stream = 'case:' || w.id and l.what = 'case.assigned' and l.at > $6
					cross join unnest(array['from', 'to']) side) a
				where a.who <> $2 order by 1) as former_agents`,
		p.adjustment.EntityID, p.requester(), p.in.RootCauseID, customers, oldest, r.Now().AddDate(0, 0, -former), former > 0)
	if err != nil {
		return fmt.Errorf("gather facts: %w", err)
	}
	taxed, err := p.taxed(ctx, r)
	if err != nil {
		return err
	}
	customer := p.customer(p.adjustment.CustomerID)
	net, tax := p.netAndTax()
	own := func(c billing.Customer) bool { return c.CreatedBy != nil && *c.CreatedBy == p.requester() }
	p.contracts, p.zone = found.ContractIDs, found.Zone
	p.facts = policy.Facts{
		Kind: authority.Kind(p.authorityKind()), Gross: p.amount, Net: net, Tax: tax,
		Currency: string(p.adjustment.Currency), Reason: p.in.ReasonCode, RootCause: found.RootCause, Entity: strings.TrimSpace(found.Entity),
		Region: region(customer), Tier: string(customer.Tier), Roles: found.Roles, Team: found.Team, TeamID: found.TeamID, InvoiceAge: days(oldest, r.Now()),
		Partner: p.concernsPartner(), Refund: paysOut(p.adjustment) || p.adjustment.Kind == billing.RefundOut, ClosedPeriod: closed,
		TaxChange: changesTax(p.adjustment, taxed), OverBudget: p.budget.Over(p.amount), GivenBefore: p.window.Counted(), OwnCustomer: own(customer), Barred: slices.Concat(p.computed(), p.corrected, found.FormerAgents),
	}
	if p.in.ErrorBy != nil {
		p.facts.Barred = with(p.facts.Barred, *p.in.ErrorBy)
	}
	if len(p.corrected) > 0 { // a rate made by hand grants no own limit
		p.facts.Barred = with(p.facts.Barred, p.requester())
	}
	if customer.ID == 0 { // a write-off over several
		p.facts.OwnCustomer = slices.ContainsFunc(p.concerned.Customers, own)
		for _, c := range p.concerned.Customers {
			if place := (policy.Place{Tier: string(c.Tier), Region: region(c)}); !slices.Contains(p.facts.Among, place) {
				p.facts.Among = append(p.facts.Among, place)
			}
		}
	}
	return nil
}

// netAndTax are what is compared with limits where a policy looks at them: of a rebill each the greater of what is given back and what is billed.
func (p *proposal) netAndTax() (net, tax decimal.Decimal) {
	a := p.adjustment
	tax = p.inAuthority(a.Tax)
	net = p.inAuthority(a.Total).Sub(tax)
	billed := p.inAuthority(a.Billed.Tax)
	return decimal.Max(net, p.inAuthority(a.BilledTotal()).Sub(billed)), decimal.Max(tax, billed)
}

// tiers are those of several customers, each once.
func tiers(among []policy.Place) []string {
	var list []string
	for _, place := range among {
		if !slices.Contains(list, place.Tier) {
			list = append(list, place.Tier)
		}
	}
	return list
}

func region(c billing.Customer) string {
	if c.Region != "" {
		return c.Region
	}
	return c.Country
}

func days(from, to time.Time) int { return int(to.Sub(from).Hours() / 24) }

// saveFactsTx keeps what the policy was asked, and under which version.
func (p *proposal) saveFactsTx(ctx context.Context, tx *db.Tx, id ID) error {
	further := p.further
	if further == nil {
		further = []authority.Together{}
	}
	_, err := tx.Exec(ctx, `insert into credit_request_facts (credit_request_id, policy_version, facts, contract_ids, further) values ($1, $2, $3, $4, $5)
		on conflict (credit_request_id) do update set policy_version = excluded.policy_version, facts = excluded.facts,
			contract_ids = excluded.contract_ids, further = excluded.further`, id, p.version, p.facts, orNone(p.contracts), further)
	if err != nil {
		return fmt.Errorf("save facts: %w", err)
	}
	return nil
}
