package billing

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/commitment"
	"makegood/internal/db"
)

// ContractFilter narrows a list of contracts, by number. After is the Next of the page before.
type ContractFilter struct {
	CustomerID CustomerID
	EntityIDs  []EntityID
	Query      string // part of the number or the customer's name
	After      string
	Limit      int
}

// ContractRow is a contract in a list.
type ContractRow struct {
	Contract
	CustomerName string
	Account      string
	ServiceCount int
}

// Contracts lists contracts by number.
func (s *Service) Contracts(ctx context.Context, filter ContractFilter) (Page[ContractRow], error) {
	var c conditions
	if filter.CustomerID != 0 {
		c.add("k.customer_id = ?", filter.CustomerID)
	}
	if len(filter.EntityIDs) > 0 {
		c.add("k.entity_id = any (?)", filter.EntityIDs)
	}
	if filter.Query != "" {
		c.add("(k.number ilike ? or u.name ilike ?)", contains(filter.Query))
	}
	if filter.After != "" {
		c.add("k.number > ?", filter.After)
	}
	limit := limitOf(filter.Limit)
	rows, err := db.List[ContractRow](ctx, s.db, fmt.Sprintf(`select k.*, u.name as customer_name, u.account,
			(select count(*) from contract_services s where s.contract_id = k.id)::int as service_count
		from contracts k join customers u on u.id = k.customer_id%s order by k.number limit %d`, c.where(), limit+1), c.args...)
	if err != nil {
		return Page[ContractRow]{}, fmt.Errorf("list contracts: %w", err)
	}
	return pageOf(rows, limit, func(r ContractRow) string { return r.Number }), nil
}

// ContractByNumber reads a contract with its services, promises and exclusions; ErrNoContract when there is none.
func (s *Service) ContractByNumber(ctx context.Context, r db.Reader, number string) (ContractDetail, error) {
	c, err := db.One[Contract](ctx, r, `select * from contracts where number = $1`, strings.TrimSpace(number))
	if c, err = found(c, err, ErrNoContract, "read contract"); err != nil {
		return ContractDetail{}, err
	}
	return s.contractDetail(ctx, r, c)
}

func (s *Service) contractDetail(ctx context.Context, r db.Reader, c Contract) (ContractDetail, error) {
	d := ContractDetail{Contract: c}
	var err error
	if d.Customer, err = s.CustomerByID(ctx, r, c.CustomerID); err != nil {
		return d, err
	}
	services, err := db.List[ContractService](ctx, r, `select * from contract_services where contract_id = $1 order by position`, c.ID)
	if err != nil {
		return d, fmt.Errorf("read services: %w", err)
	}
	fees, err := feesOf(ctx, r, c.ID)
	if err != nil {
		return d, err
	}
	promises, err := promisesOf(ctx, r, c.ID)
	if err != nil {
		return d, err
	}
	for _, one := range services {
		d.Services = append(d.Services, ServiceDetail{one, fees[one.ID], promises[one.ID]})
	}
	d.Exclusions, err = db.List[ContractExclusion](ctx, r, `select * from contract_exclusions where contract_id = $1 order by from_at, id`, c.ID)
	if err != nil {
		return d, fmt.Errorf("read exclusions: %w", err)
	}
	return d, nil
}

func feesOf(ctx context.Context, r db.Reader, contract ContractID) (map[ContractServiceID][]commitment.Fee, error) {
	rows, err := db.List[struct {
		ServiceID ContractServiceID
		FromOn    time.Time
		UntilOn   *time.Time
		Amount    decimal.Decimal
	}](ctx, r, `select f.* from contract_service_fees f join contract_services s on s.id = f.service_id where s.contract_id = $1 order by f.service_id, f.from_on`, contract)
	if err != nil {
		return nil, fmt.Errorf("read fees: %w", err)
	}
	fees := map[ContractServiceID][]commitment.Fee{}
	for _, f := range rows {
		fees[f.ServiceID] = append(fees[f.ServiceID], commitment.Fee{From: f.FromOn, Until: timeOr(f.UntilOn), Amount: f.Amount})
	}
	return fees, nil
}

func promisesOf(ctx context.Context, r db.Reader, contract ContractID) (map[ContractServiceID][]commitment.Commitment, error) {
	rows, err := db.List[struct {
		ServiceID       ContractServiceID
		Ref             string
		Metric          commitment.Metric
		Target          decimal.Decimal
		DeliverBy       *time.Time
		Digits          int32
		Formula         commitment.Formula
		Tiers           []commitment.Tier
		Percent         decimal.Decimal
		Amount          decimal.Decimal
		UnitMinutes     int64
		Counting        commitment.Counting
		EventCapPercent *decimal.Decimal
		EventCapAmount  *decimal.Decimal
	}](ctx, r, `select c.service_id, c.ref, c.metric, c.target, c.deliver_by, c.digits, c.formula, c.tiers, c.percent, c.amount, c.unit_minutes, c.counting,
			c.event_cap_percent, c.event_cap_amount
		from commitments c join contract_services s on s.id = c.service_id where s.contract_id = $1 order by c.service_id, c.position`, contract)
	if err != nil {
		return nil, fmt.Errorf("read commitments: %w", err)
	}
	list := map[ContractServiceID][]commitment.Commitment{}
	for _, c := range rows {
		list[c.ServiceID] = append(list[c.ServiceID], commitment.Commitment{
			Ref: c.Ref, Metric: c.Metric, Target: c.Target, DeliverBy: timeOr(c.DeliverBy), Digits: c.Digits, Formula: c.Formula, Tiers: c.Tiers,
			Percent: c.Percent, Amount: c.Amount, UnitMinutes: c.UnitMinutes, Counting: c.Counting,
			EventCap: commitment.Cap{Percent: c.EventCapPercent, Amount: c.EventCapAmount},
		})
	}
	return list, nil
}

// IncidentFilter narrows a list of incidents, newest first. After is the Next of the page before.
type IncidentFilter struct {
	ContractID ContractID
	EntityIDs  []EntityID
	Query      string // part of the title or the reference
	After      string
	Limit      int
}

// Incidents lists incidents, newest first, with the services they concern.
func (s *Service) Incidents(ctx context.Context, filter IncidentFilter) (Page[IncidentRow], error) {
	var c conditions
	if filter.ContractID != 0 {
		c.add(`exists (select from incident_services x join contract_services v on v.id = x.service_id where x.incident_id = i.id and v.contract_id = ?)`, filter.ContractID)
	}
	if len(filter.EntityIDs) > 0 {
		c.add("i.entity_id = any (?)", filter.EntityIDs)
	}
	if filter.Query != "" {
		c.add("(i.title ilike ? or i.reference ilike ?)", contains(filter.Query))
	}
	if before, err := strconv.ParseInt(filter.After, 10, 64); err == nil {
		c.add("(i.from_at, i.id) < (select from_at, id from incidents where id = ?)", before)
	}
	limit := limitOf(filter.Limit)
	rows, err := db.List[IncidentRow](ctx, s.db, fmt.Sprintf(`select i.* from incidents i%s order by i.from_at desc, i.id desc limit %d`, c.where(), limit+1), c.args...)
	if err != nil {
		return Page[IncidentRow]{}, fmt.Errorf("list incidents: %w", err)
	}
	page := pageOf(rows, limit, func(r IncidentRow) string { return id(r.ID) })
	return page, nameServices(ctx, s.db, page.Rows)
}

// IncidentByID reads an incident with its services; ErrNoIncident when there is none.
func (s *Service) IncidentByID(ctx context.Context, r db.Reader, incident IncidentID) (IncidentRow, error) {
	row, err := db.One[IncidentRow](ctx, r, `select * from incidents where id = $1`, incident)
	if row, err = found(row, err, ErrNoIncident, "read incident"); err != nil {
		return row, err
	}
	rows := []IncidentRow{row}
	err = nameServices(ctx, r, rows)
	return rows[0], err
}

func nameServices(ctx context.Context, r db.Reader, rows []IncidentRow) error {
	place := map[IncidentID]int{}
	ids := make([]IncidentID, len(rows))
	for i, r := range rows {
		place[r.ID], ids[i] = i, r.ID
	}
	services, err := db.List[IncidentService](ctx, r, `select x.incident_id, x.service_id, v.name as service, c.number as contract, u.account, u.name as customer
		from incident_services x join contract_services v on v.id = x.service_id join contracts c on c.id = v.contract_id join customers u on u.id = c.customer_id
		where x.incident_id = any ($1) order by c.number, v.position`, ids)
	if err != nil {
		return fmt.Errorf("read services of incidents: %w", err)
	}
	for _, one := range services {
		row := &rows[place[one.IncidentID]]
		row.Services = append(row.Services, one)
	}
	return nil
}
