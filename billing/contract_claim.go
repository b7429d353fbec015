package billing

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/commitment"
	"makegood/billing/tax"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// IncidentCredit is what a credit request gives for a service and month: a service credit by a sheet, or goodwill for the
// same incidents. It counts from its submission on, until the request leaves the chain or its memo is reversed.
type IncidentCredit struct {
	ID              int64
	CreditRequestID int64
	Kind            commitment.GivenKind
	SheetID         *SheetID
	ContractID      ContractID
	ServiceID       ContractServiceID
	Month           time.Time
	Amount          decimal.Decimal
	LinkedAt        time.Time
	State           string // posted or pending
}

// creditsOf reads what stands for a contract: not released, and neither let go of nor reversed.
func creditsOf(ctx context.Context, r db.Reader, contract ContractID) ([]IncidentCredit, error) {
	list, err := db.List[IncidentCredit](ctx, r, `select k.id, k.credit_request_id, k.kind, k.sheet_id, k.contract_id, k.service_id, k.month, k.amount, k.linked_at,
			case when m.id is null then 'pending' else 'posted' end as state
		from incident_credits k left join credit_memos m on m.credit_request_id = k.credit_request_id
		where k.contract_id = $1 and k.released_at is null and not `+letGo+` order by k.credit_request_id, k.id`, contract)
	if err != nil {
		return nil, fmt.Errorf("read what was given: %w", err)
	}
	return list, nil
}

// letGo holds for a credit whose request gave its reservation back, or whose memo was reversed.
const letGo = `(exists (select from reversals v join credit_memos o on o.id = v.document_id and v.document_kind = 'credit_memo'
		where o.credit_request_id = k.credit_request_id)
	or exists (select from line_reservations l where l.credit_request_id = k.credit_request_id)
		and not exists (select from line_reservations l where l.credit_request_id = k.credit_request_id and l.state <> 'released'))`

// SheetClaim is what a credit request gives of a sheet: Amount is net, in the sheet's currency, and at most what the sheet proposes.
type SheetClaim struct {
	By              Actor
	SheetID         SheetID
	CreditRequestID int64
	Amount          decimal.Decimal
}

// ClaimSheetTx notes that a credit request gives what a sheet proposes or a part of it, so that nobody gives it again; the rest stays
// owed. It is called when the request is submitted, and locks the contract. ErrSheetStale when the facts would now give another sheet,
// ErrIncidentCredited when the request already gives something for this service and month by another sheet; by the field "sheet" it
// refuses to give more than the sheet proposes. The same claim again changes nothing.
func (s *Service) ClaimSheetTx(ctx context.Context, tx *db.Tx, in SheetClaim) error {
	kept, err := s.SheetByID(ctx, tx, in.SheetID)
	if err != nil {
		return err
	}
	d, err := s.lockContractTx(ctx, tx, kept.ContractID)
	if err != nil {
		return err
	}
	claimed, err := db.Value[bool](ctx, tx, `select exists (select from incident_credits where sheet_id = $1 and credit_request_id = $2 and released_at is null)`,
		in.SheetID, in.CreditRequestID)
	if err != nil || claimed {
		return err
	}
	now, err := s.sheetAgain(ctx, tx, d, kept, in.CreditRequestID)
	if err != nil {
		return err
	}
	switch {
	case !kept.Amount.IsPositive():
		return errs.InvalidField("sheet", "billing.nothing_owed")
	case !in.Amount.IsPositive() || finer(in.Amount, d.Currency.Digits()):
		return errs.InvalidField("amount", "billing.bad_amount")
	case in.Amount.GreaterThan(kept.Amount):
		return errs.InvalidField("sheet", "billing.more_than_owed", "owed", kept.Proposed().String())
	}
	if err := s.withinYear(ctx, tx, d, kept, in); err != nil {
		return err
	}
	link := IncidentCredit{
		CreditRequestID: in.CreditRequestID, Kind: commitment.ServiceCredit, SheetID: &in.SheetID, ContractID: d.ID, ServiceID: kept.ServiceID, Month: kept.Month, Amount: in.Amount,
	}
	return linkTx(ctx, tx, d, link, touched(now), in.By)
}

// sheetAgain works a kept sheet out anew for a request that claims it; ErrSheetStale when it is another by now. What the request itself
// gives by other sheets made it no other: they were worked out side by side.
func (s *Service) sheetAgain(ctx context.Context, r db.Reader, d ContractDetail, kept CreditSheet, request int64) (commitment.Sheet, error) {
	now, err := s.sheetBeside(ctx, r, d, kept, func(c IncidentCredit) bool { return c.CreditRequestID != request })
	if err != nil {
		return now, err
	}
	canonical, err := now.Canonical()
	if err != nil {
		return now, fmt.Errorf("work sheet out again: %w", err)
	}
	if commitment.Hash(canonical) != hex.EncodeToString(kept.SHA256) {
		return now, ErrSheetStale
	}
	return now, nil
}

// withinYear refuses more than the limit of the contract's year leaves for all that a request gives together.
func (s *Service) withinYear(ctx context.Context, r db.Reader, d ContractDetail, kept CreditSheet, in SheetClaim) error {
	if !d.Terms().YearCap.Set() {
		return nil
	}
	sheet, err := s.sheetBeside(ctx, r, d, kept, func(c IncidentCredit) bool {
		return c.CreditRequestID != in.CreditRequestID || c.ServiceID != kept.ServiceID || !c.Month.Equal(kept.Month)
	})
	if err != nil {
		return err
	}
	left, err := decimal.NewFromString(sheet.Proposed)
	if err != nil {
		return fmt.Errorf("read proposal of sheet: %w", err)
	}
	if in.Amount.GreaterThan(left) {
		return errs.InvalidField("sheet", "billing.more_than_year_leaves", "month", sheet.Month, "left", money.Of(left, kept.Currency).String())
	}
	return nil
}

// sheetBeside works a kept sheet out from what is known at this moment, beside what was given that counts.
func (s *Service) sheetBeside(ctx context.Context, r db.Reader, d ContractDetail, kept CreditSheet, counts func(IncidentCredit) bool) (commitment.Sheet, error) {
	service, err := d.serviceByID(kept.ServiceID)
	if err != nil {
		return commitment.Sheet{}, err
	}
	in, err := sheetInput(ctx, r, d, service, kept.Month, counts)
	if err != nil {
		return commitment.Sheet{}, err
	}
	return worked(in)
}

// SheetStands refuses, with ErrSheetStale, what a credit request gives of a sheet when the contract and what is known by now of its
// incidents and times left out would propose less. What was given besides since counts as it did when the sheet was worked out, and
// so does the time to claim it.
func (s *Service) SheetStands(ctx context.Context, r db.Reader, in SheetClaim) error {
	kept, err := s.SheetByID(ctx, r, in.SheetID)
	if err != nil {
		return err
	}
	d, err := s.contractByID(ctx, r, kept.ContractID)
	if err != nil {
		return err
	}
	service, err := d.serviceByID(kept.ServiceID)
	if err != nil {
		return err
	}
	now, err := sheetInput(ctx, r, d, service, kept.Month, allGiven)
	if err != nil {
		return err
	}
	was, err := kept.Read()
	if err != nil {
		return err
	}
	now.AsOf, now.Given = kept.ComputedAt, was.Given
	if was.Year != nil {
		if now.Year.Given, err = decimal.NewFromString(was.Year.Given); err != nil {
			return fmt.Errorf("read year of sheet: %w", err)
		}
	}
	sheet, err := worked(now)
	if err != nil {
		return err
	}
	if proposed, err := decimal.NewFromString(sheet.Proposed); err != nil || proposed.LessThan(in.Amount) {
		return ErrSheetStale
	}
	return nil
}

// Goodwill is a concession given for an incident, beside what the contract owes.
type Goodwill struct {
	By              Actor
	CreditRequestID int64
	Incident        IncidentID
	ServiceID       ContractServiceID
	Month           time.Time // of the service's fee it is meant for; zero is each month that the incident struck, by its minutes
	Amount          decimal.Decimal
}

// LinkGoodwillTx notes that a concession is for an incident, so that service credits for the same service and months count
// it as given: each month that the incident struck by now its share, by minutes. It locks the contract. The other way
// round, where a service credit for the incident stands in one of them, it is refused with ErrIncidentCredited.
func (s *Service) LinkGoodwillTx(ctx context.Context, tx *db.Tx, in Goodwill) error {
	contract, err := db.Value[ContractID](ctx, tx, `select s.contract_id from contract_services s join incident_services x on x.service_id = s.id
		where s.id = $1 and x.incident_id = $2`, in.ServiceID, in.Incident)
	if contract, err = found(contract, err, ErrNoIncident, "find contract of incident"); err != nil {
		return err
	}
	d, err := s.lockContractTx(ctx, tx, contract)
	if err != nil {
		return err
	}
	if !in.Amount.IsPositive() || finer(in.Amount, d.Currency.Digits()) {
		return errs.InvalidField("amount", "billing.bad_amount")
	}
	months, err := s.goodwillMonths(ctx, tx, d, in)
	if err != nil {
		return err
	}
	weights := make([]decimal.Decimal, len(months))
	for k, m := range months {
		weights[k] = decimal.NewFromInt(m.Minutes)
	}
	for k, share := range tax.Spread(in.Amount, weights, d.Currency.Digits()) {
		link := IncidentCredit{
			CreditRequestID: in.CreditRequestID, Kind: commitment.Goodwill, ContractID: d.ID, ServiceID: in.ServiceID, Month: months[k].Month, Amount: share,
		}
		if err := linkGoodwill(ctx, tx, d, link, in); err != nil {
			return err
		}
	}
	return nil
}

// linkGoodwill links the share of a month. Of a month whose share is nothing it only asks whether it is credited.
func linkGoodwill(ctx context.Context, tx *db.Tx, d ContractDetail, link IncidentCredit, in Goodwill) error {
	if link.Amount.IsPositive() {
		return linkTx(ctx, tx, d, link, []IncidentID{in.Incident}, in.By)
	}
	if err := freeLetGo(ctx, tx, d.ID); err != nil {
		return err
	}
	return refuseCredited(ctx, tx, link, in.Incident)
}

// goodwillMonths are the months that goodwill is for.
func (s *Service) goodwillMonths(ctx context.Context, tx *db.Tx, d ContractDetail, in Goodwill) ([]commitment.MonthShare, error) {
	if !in.Month.IsZero() {
		return []commitment.MonthShare{{Month: firstOfMonth(in.Month)}}, nil
	}
	incident, err := s.IncidentByID(ctx, tx, in.Incident)
	if err != nil {
		return nil, err
	}
	service, err := d.serviceByID(in.ServiceID)
	if err != nil {
		return nil, err
	}
	months, err := commitment.Months(commitment.Input{Terms: d.Terms(), Service: service.Terms(), AsOf: tx.Now()}, incident.FromAt, timeOr(incident.UntilAt))
	if err != nil {
		return nil, fmt.Errorf("link goodwill: %w", err)
	}
	return months, nil
}

// linkTx writes the link and which incidents it is for: of a service credit those that no standing one is for yet. There are none
// where it gives the rest of what an earlier one gave a part of.
func linkTx(ctx context.Context, tx *db.Tx, d ContractDetail, link IncidentCredit, incidents []IncidentID, by Actor) error {
	if err := freeLetGo(ctx, tx, d.ID); err != nil {
		return err
	}
	for _, incident := range incidents {
		if err := refuseCredited(ctx, tx, link, incident); err != nil {
			return err
		}
	}
	made, err := db.Values[int64](ctx, tx, `insert into incident_credits (credit_request_id, kind, sheet_id, contract_id, service_id, month, amount, linked_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning id`,
		link.CreditRequestID, link.Kind, link.SheetID, link.ContractID, link.ServiceID, link.Month, link.Amount, tx.Now())
	if err != nil {
		return fmt.Errorf("link credit: %w", err)
	}
	if len(made) == 0 {
		return ErrIncidentCredited
	}
	if _, err := tx.Exec(ctx, `insert into incident_credit_parts (incident_credit_id, incident_id, service_id, month, kind)
		select $1, unnest($2::bigint[]), $3, $4, $5 on conflict do nothing`, made[0], incidents, link.ServiceID, link.Month, link.Kind); err != nil {
		return fmt.Errorf("link incidents: %w", err)
	}
	return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(d.EntityID)), By: by, What: "incident.credited", Data: map[string]any{
		"credit_request_id": link.CreditRequestID, "kind": link.Kind, "sheet_id": link.SheetID, "contract": d.Number, "service_id": link.ServiceID,
		"month": link.Month.Format("2006-01"), "amount": link.Amount.String(), "incidents": incidents,
	}})
}

// ReleaseIncidentCreditsTx lets go of what a credit request was linked to: it was rejected, withdrawn, or expired.
func (s *Service) ReleaseIncidentCreditsTx(ctx context.Context, tx *db.Tx, creditRequestID int64) error {
	ids, err := db.Values[int64](ctx, tx, `update incident_credits set released_at = $2 where credit_request_id = $1 and released_at is null returning id`,
		creditRequestID, tx.Now())
	if err != nil {
		return fmt.Errorf("release incident credits: %w", err)
	}
	return freeParts(ctx, tx, ids)
}

// freeLetGo releases what no longer stands, so that its incidents may be credited again.
func freeLetGo(ctx context.Context, tx *db.Tx, contract ContractID) error {
	ids, err := db.Values[int64](ctx, tx, `update incident_credits k set released_at = $2 where k.contract_id = $1 and k.released_at is null and `+letGo+` returning k.id`,
		contract, tx.Now())
	if err != nil {
		return fmt.Errorf("release what was let go of: %w", err)
	}
	return freeParts(ctx, tx, ids)
}

func freeParts(ctx context.Context, tx *db.Tx, ids []int64) error {
	if _, err := tx.Exec(ctx, `update incident_credit_parts set released = true where incident_credit_id = any ($1)`, ids); err != nil {
		return fmt.Errorf("release incidents: %w", err)
	}
	return nil
}

// lockContractTx reads a contract under a lock that every claim on it takes, until the transaction ends.
func (s *Service) lockContractTx(ctx context.Context, tx *db.Tx, contract ContractID) (ContractDetail, error) {
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('contract credits ' || $1, 0))`, id(contract)); err != nil {
		return ContractDetail{}, fmt.Errorf("lock contract: %w", err)
	}
	return s.contractByID(ctx, tx, contract)
}

func (s *Service) contractByID(ctx context.Context, r db.Reader, contract ContractID) (ContractDetail, error) {
	c, err := db.One[Contract](ctx, r, `select * from contracts where id = $1`, contract)
	if c, err = found(c, err, ErrNoContract, "read contract"); err != nil {
		return ContractDetail{}, err
	}
	return s.contractDetail(ctx, r, c)
}

func (d ContractDetail) serviceByID(service ContractServiceID) (ServiceDetail, error) {
	for _, s := range d.Services {
		if s.ID == service {
			return s, nil
		}
	}
	return ServiceDetail{}, ErrNoService
}
