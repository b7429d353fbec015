package billing

import (
	"context"
	"fmt"
	"strings"
	"time"

	"makegood/billing/commitment"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// StruckService is a service of a customer's contract that an incident struck: what goodwill can be meant for.
type StruckService struct {
	IncidentID IncidentID
	ServiceID  ContractServiceID
	Source     string
	Reference  string
	Title      string
	FromAt     time.Time
	Contract   string
	Service    string
	Currency   money.Currency // of the contract
	Credited   bool           // a service credit for it stands, pending or posted
}

// Text names it for people: the incident, its day, and what it struck.
func (v StruckService) Text() string {
	return fmt.Sprintf("%s, %s (%s %s): %s of %s", v.Title, v.FromAt.Format(time.DateOnly), v.Source, v.Reference, v.Service, v.Contract)
}

const struckQuery = `select i.id as incident_id, v.id as service_id, i.source, i.reference, i.title, i.from_at, c.number as contract, v.name as service, c.currency,
		exists (select from service_credit_sheet_incidents p join incident_credits k on k.sheet_id = p.sheet_id
			where p.incident_id = i.id and k.contract_id = c.id and k.service_id = v.id and k.released_at is null and not ` + letGo + `) as credited
	from incidents i join incident_services x on x.incident_id = i.id join contract_services v on v.id = x.service_id
		join contracts c on c.id = v.contract_id join customers u on u.id = c.customer_id
	where u.family_id = (select family_id from customers where id = $1) `

// struckMonths is how far back incidents are offered.
const struckMonths = 13

// StruckServices lists what struck the services of a customer, or of its family, in the last thirteen months; the latest first.
func (s *Service) StruckServices(ctx context.Context, r db.Reader, customer CustomerID) ([]StruckService, error) {
	list, err := db.List[StruckService](ctx, r, struckQuery+`and i.from_at > $2 order by i.from_at desc, c.number, v.position limit 50`,
		customer, r.Now().AddDate(0, -struckMonths, 0))
	if err != nil {
		return nil, fmt.Errorf("list incidents of customer: %w", err)
	}
	return list, nil
}

// GoodwillFor names the incident that a concession is given for. ServiceID may be 0 where the incident struck one service of
// the customer alone.
type GoodwillFor struct {
	IncidentID IncidentID
	ServiceID  ContractServiceID
}

// GoodwillTarget finds what goodwill to a customer in a currency is meant for. It refuses, by the field "incident", one that
// struck no service of the customer or several of which none is named, a contract in another currency, and with
// ErrIncidentCredited one for which a service credit stands: the same incident is not paid for twice.
func (s *Service) GoodwillTarget(ctx context.Context, r db.Reader, customer CustomerID, currency money.Currency, in GoodwillFor) (StruckService, error) {
	list, err := db.List[StruckService](ctx, r, struckQuery+`and i.id = $2 and ($3 = 0 or v.id = $3) order by c.number, v.position`, customer, in.IncidentID, in.ServiceID)
	switch {
	case err != nil:
		return StruckService{}, fmt.Errorf("find incident: %w", err)
	case len(list) == 0:
		return StruckService{}, errs.InvalidField("incident", ErrNoIncident.Key)
	case len(list) > 1:
		names := make([]string, len(list))
		for i, v := range list {
			names[i] = v.Service + " of " + v.Contract
		}
		return StruckService{}, errs.InvalidField("incident", "billing.incident_of_several_services", "services", strings.Join(names, ", "))
	case list[0].Currency != currency:
		return StruckService{}, errs.InvalidField("incident", "billing.incident_in_other_currency", "currency", string(list[0].Currency))
	case list[0].Credited:
		return StruckService{}, ErrIncidentCredited
	}
	return list[0], nil
}

// refuseCredited refuses goodwill for an incident, service and month for which a service credit stands. The contract is locked.
func refuseCredited(ctx context.Context, tx *db.Tx, link IncidentCredit, incident IncidentID) error {
	if link.Kind != commitment.Goodwill {
		return nil
	}
	credited, err := db.Value[bool](ctx, tx, `select exists (select from service_credit_sheet_incidents p join incident_credits k on k.sheet_id = p.sheet_id
		where p.incident_id = $1 and k.contract_id = $2 and k.service_id = $3 and k.month = $4 and k.released_at is null)`,
		incident, link.ContractID, link.ServiceID, link.Month)
	if err != nil {
		return fmt.Errorf("look for service credit: %w", err)
	}
	if credited {
		return ErrIncidentCredited
	}
	return nil
}
