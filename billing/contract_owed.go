package billing

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/commitment"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/money"
)

// owedMonths is how far back credits without a claim window are looked for; windows are shorter in practice.
const owedMonths = 13

// OwedFilter narrows the credits owed; the zero value of a field does not narrow.
type OwedFilter struct {
	By         Actor
	EntityIDs  []EntityID
	CustomerID CustomerID
	Contract   ContractID
	Limit      int
}

// OwedCredit is a service credit that is owed and that nobody has claimed. ClaimBy is zero without a window.
type OwedCredit struct {
	Contract  Contract
	Customer  Customer
	ServiceID ContractServiceID
	Service   string
	Month     time.Time
	Amount    decimal.Decimal // in the contract's currency
	ClaimBy   time.Time
	DaysLeft  int
	Sheet     commitment.Sheet // as it would be kept now
}

// Proposed is the amount owed and not given.
func (o OwedCredit) Proposed() money.Amount { return money.Of(o.Amount, o.Contract.Currency) }

// ServiceCreditsOwed finds what is owed and unclaimed: months that are over in which an incident broke a promise, with no
// standing claim for that incident, whose claim window is still open. It works each out as ComputeServiceCredit would and
// keeps nothing. The fewest days left come first, those without a window last.
func (s *Service) ServiceCreditsOwed(ctx context.Context, filter OwedFilter) ([]OwedCredit, error) {
	if err := access.Can(filter.By, access.ReadBooks, access.Object{}); err != nil {
		return nil, err
	}
	candidates, err := owedCandidates(ctx, s.db, filter)
	if err != nil {
		return nil, err
	}
	var owed []OwedCredit
	contracts := map[ContractID]ContractDetail{}
	for _, one := range candidates {
		d, known := contracts[one.ContractID]
		if !known {
			c, err := db.One[Contract](ctx, s.db, `select * from contracts where id = $1`, one.ContractID)
			if c, err = found(c, err, ErrNoContract, "read contract"); err != nil {
				return nil, err
			}
			if d, err = s.contractDetail(ctx, s.db, c); err != nil {
				return nil, err
			}
			contracts[one.ContractID] = d
		}
		credit, is, err := s.owedOf(ctx, d, one)
		if err != nil {
			return nil, err
		}
		if is {
			owed = append(owed, credit)
		}
	}
	slices.SortStableFunc(owed, func(a, b OwedCredit) int {
		return cmp.Or(cmp.Compare(windowless(a), windowless(b)), cmp.Compare(a.DaysLeft, b.DaysLeft), b.Amount.Cmp(a.Amount))
	})
	return owed[:min(len(owed), limitOf(filter.Limit))], nil
}

func windowless(o OwedCredit) int {
	if o.ClaimBy.IsZero() {
		return 1
	}
	return 0
}

type owedCandidate struct {
	ContractID ContractID
	ServiceID  ContractServiceID
	Month      time.Time
}

// owedCandidates are the services and months, over in the contract's zone, in which an incident has no standing claim.
func owedCandidates(ctx context.Context, r db.Reader, filter OwedFilter) ([]owedCandidate, error) {
	list, err := db.List[owedCandidate](ctx, r, `with now as (select $1::timestamptz as at)
		select distinct c.id as contract_id, v.id as service_id, m.month::date as month
		from incidents i join incident_services x on x.incident_id = i.id join contract_services v on v.id = x.service_id
			join contracts c on c.id = v.contract_id cross join now
			cross join lateral generate_series(
				greatest(date_trunc('month', i.from_at at time zone c.time_zone), date_trunc('month', now.at at time zone c.time_zone) - make_interval(months => $2)),
				date_trunc('month', coalesce(i.until_at, now.at) at time zone c.time_zone), interval '1 month') as m(month)
		where m.month + interval '1 month' <= now.at at time zone c.time_zone
			and m.month + interval '1 month' > greatest(c.from_on, coalesce(v.from_on, c.from_on))
			and m.month <= least(coalesce(c.until_on, 'infinity'), coalesce(v.until_on, 'infinity'))
			and not i.cause = any (c.excludes)
			and (cardinality($3::bigint[]) = 0 or c.entity_id = any ($3)) and ($4::bigint = 0 or c.customer_id = $4) and ($5::bigint = 0 or c.id = $5)
			and not exists (select from incident_credit_parts p join incident_credits k on k.id = p.incident_credit_id
				where p.incident_id = i.id and p.service_id = v.id and p.month = m.month::date and p.kind = 'service_credit' and not p.released and not `+letGo+`)
		order by 3, 1, 2`, r.Now(), owedMonths, idsOrNone(filter.EntityIDs), filter.CustomerID, filter.Contract)
	if err != nil {
		return nil, fmt.Errorf("look for credits owed: %w", err)
	}
	return list, nil
}

func idsOrNone(ids []EntityID) []EntityID {
	if ids == nil {
		return []EntityID{}
	}
	return ids
}

func (s *Service) owedOf(ctx context.Context, d ContractDetail, one owedCandidate) (OwedCredit, bool, error) {
	service, err := d.serviceByID(one.ServiceID)
	if err != nil {
		return OwedCredit{}, false, err
	}
	sheet, err := s.sheetNow(ctx, s.db, d, service, one.Month)
	if err != nil {
		return OwedCredit{}, false, err
	}
	amount, err := money.Parse(sheet.Proposed, d.Currency)
	if err != nil {
		return OwedCredit{}, false, fmt.Errorf("read proposed amount: %w", err)
	}
	if !amount.IsPositive() || sheet.Claim.State == commitment.ClaimLate {
		return OwedCredit{}, false, nil
	}
	o := OwedCredit{
		Contract: d.Contract, Customer: d.Customer, ServiceID: service.ID, Service: service.Name, Month: one.Month, Amount: amount.Decimal(), Sheet: sheet,
	}
	if sheet.Claim.By != "" {
		if o.ClaimBy, err = time.Parse(time.DateOnly, sheet.Claim.By); err != nil {
			return o, false, fmt.Errorf("read claim window: %w", err)
		}
		zone, err := time.LoadLocation(d.TimeZone)
		if err != nil {
			return o, false, fmt.Errorf("read time zone: %w", err)
		}
		o.DaysLeft = int(o.ClaimBy.Sub(Date(s.db.Now().In(zone))) / (24 * time.Hour))
	}
	return o, true, nil
}
