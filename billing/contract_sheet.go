package billing

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/commitment"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/money"
)

// SheetID names a computation sheet that is kept.
type SheetID int64

// CreditSheet is a computation sheet as it is kept: what a service's customer is owed for a month, how that was worked out,
// and the hash that a credit request carries as evidence. It never changes; other facts give another sheet.
type CreditSheet struct {
	ID         SheetID
	ContractID ContractID
	ServiceID  ContractServiceID
	Month      time.Time // its first day
	Sheet      json.RawMessage
	SHA256     []byte `db:"sha256" gorm:"column:sha256"`
	Currency   money.Currency
	Amount     decimal.Decimal // proposed, in Currency
	ComputedAt time.Time
	MadeBy     int64
}

// Read takes the sheet apart for reading.
func (c CreditSheet) Read() (commitment.Sheet, error) {
	var s commitment.Sheet
	if err := json.Unmarshal(c.Sheet, &s); err != nil {
		return s, fmt.Errorf("read sheet: %w", err)
	}
	return s, nil
}

// Proposed is the amount proposed.
func (c CreditSheet) Proposed() money.Amount { return money.Of(c.Amount, c.Currency) }

// ComputeInput asks for a service's credit for a month (any day of it).
type ComputeInput struct {
	By       Actor
	Contract string
	Service  string
	Month    time.Time
}

// ComputeServiceCredit works out what is owed for a service and month from the contract, the incidents and what was given,
// and keeps the sheet. The same facts give the sheet there is: its natural key is service, month and hash. It proposes,
// nothing more: giving it is a credit request's business. Errors: ErrNoContract, ErrNoService, those of commitment.Compute.
func (s *Service) ComputeServiceCredit(ctx context.Context, in ComputeInput) (CreditSheet, error) {
	if err := access.Can(in.By, access.Propose, access.Object{}); err != nil {
		return CreditSheet{}, err
	}
	var kept CreditSheet
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		d, err := s.ContractByNumber(ctx, tx, in.Contract)
		if err != nil {
			return err
		}
		if err := access.Can(in.By, access.Propose, access.Object{EntityID: int64(d.EntityID)}); err != nil {
			return err
		}
		service, err := d.Service(in.Service)
		if err != nil {
			return err
		}
		kept, err = s.keepSheetTx(ctx, tx, d, service, in)
		return err
	})
	return kept, err
}

func (s *Service) keepSheetTx(ctx context.Context, tx *db.Tx, d ContractDetail, service ServiceDetail, in ComputeInput) (CreditSheet, error) {
	sheet, err := s.sheetNow(ctx, tx, d, service, in.Month)
	if err != nil {
		return CreditSheet{}, err
	}
	canonical, err := sheet.Canonical()
	if err != nil {
		return CreditSheet{}, fmt.Errorf("keep sheet: %w", err)
	}
	sum, err := hex.DecodeString(commitment.Hash(canonical))
	if err != nil {
		return CreditSheet{}, fmt.Errorf("keep sheet: %w", err)
	}
	month := firstOfMonth(in.Month)
	made, err := db.List[CreditSheet](ctx, tx, `insert into service_credit_sheets (contract_id, service_id, month, sheet, sha256, currency, amount, computed_at, made_by)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing returning *`,
		d.ID, service.ID, month, json.RawMessage(canonical), sum, d.Currency, sheet.Proposed, tx.Now(), in.By.UserID)
	if err != nil {
		return CreditSheet{}, fmt.Errorf("keep sheet: %w", err)
	}
	if len(made) == 0 {
		return db.One[CreditSheet](ctx, tx, `select * from service_credit_sheets where service_id = $1 and month = $2 and sha256 = $3`, service.ID, month, sum)
	}
	kept := made[0]
	if _, err := tx.Exec(ctx, `insert into service_credit_sheet_incidents (sheet_id, incident_id) select $1, unnest($2::bigint[])`, kept.ID, touched(sheet)); err != nil {
		return kept, fmt.Errorf("name incidents of sheet: %w", err)
	}
	return kept, audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(d.EntityID)), By: in.By, What: "service_credit.computed", Data: map[string]any{
		"sheet_id": kept.ID, "contract": d.Number, "service": service.Name, "month": sheet.Month, "amount": sheet.Proposed, "currency": d.Currency,
		"sha256": commitment.Hash(canonical),
	}})
}

// touched are the incidents that count in a sheet's month.
func touched(s commitment.Sheet) []IncidentID {
	seen := map[int64]bool{}
	list := []IncidentID{}
	for _, i := range s.Intervals {
		if (i.Counted || i.Reason == commitment.CountedAlready) && !seen[i.Incident] {
			seen[i.Incident] = true
			list = append(list, IncidentID(i.Incident))
		}
	}
	return list
}

// sheetNow works a sheet out from what is known at this moment.
func (s *Service) sheetNow(ctx context.Context, r db.Reader, d ContractDetail, service ServiceDetail, month time.Time) (commitment.Sheet, error) {
	in, err := sheetInput(ctx, r, d, service, month, allGiven)
	if err != nil {
		return commitment.Sheet{}, err
	}
	return worked(in)
}

func worked(in commitment.Input) (commitment.Sheet, error) {
	sheet, err := commitment.Compute(in)
	if err != nil {
		return sheet, fmt.Errorf("work out service credit: %w", err)
	}
	return sheet, nil
}

// allGiven has all that was given count for a sheet.
func allGiven(IncidentCredit) bool { return true }

// sheetInput is what a sheet follows from, as it is known at this moment; of what was given that which counts.
func sheetInput(
	ctx context.Context, r db.Reader, d ContractDetail, service ServiceDetail, month time.Time, counts func(IncidentCredit) bool,
) (commitment.Input, error) {
	in := commitment.Input{
		Contract: d.Number, Customer: d.Customer.Account, Terms: d.Terms(), Service: service.Terms(), Month: firstOfMonth(month), AsOf: r.Now(),
	}
	for _, e := range d.Exclusions {
		if e.ServiceID == nil || *e.ServiceID == service.ID {
			in.Exclusions = append(in.Exclusions, commitment.Exclusion{ID: e.ID, Kind: e.Kind, From: e.FromAt, Until: e.UntilAt, Reason: e.Reason})
		}
	}
	var err error
	if in.Incidents, err = incidentsAround(ctx, r, service.ID, in.Month); err != nil {
		return in, err
	}
	credits, err := creditsOf(ctx, r, d.ID)
	if err != nil {
		return in, err
	}
	in.Year = yearOf(d, in.Month)
	for _, c := range credits {
		switch {
		case !counts(c):
		case c.ServiceID == service.ID && c.Month.Equal(in.Month):
			in.Given = append(in.Given, commitment.Given{Kind: c.Kind, Request: requestNumber(c.CreditRequestID), State: c.State, Amount: c.Amount})
		case c.Kind == commitment.ServiceCredit && inYear(d, c.Month, in.Year):
			in.Year.Given = in.Year.Given.Add(c.Amount)
		}
	}
	return in, nil
}

// yearOf is the contract year of a month, with a year's fees: twelve times the fees in force on its first day, or on the
// first day of a service that began later in it.
func yearOf(d ContractDetail, month time.Time) commitment.Year {
	var y commitment.Year
	y.From, y.Until = d.Year(month)
	for _, service := range d.Services {
		on := y.From
		if from := timeOr(service.FromOn); from.After(on) {
			on = from
		}
		for _, f := range service.Fees {
			if !on.After(y.Until) && !on.Before(f.From) && (f.Until.IsZero() || !on.After(f.Until)) {
				y.Fees = y.Fees.Add(f.Amount.Mul(decimal.NewFromInt(12)))
			}
		}
	}
	return y
}

func inYear(d ContractDetail, month time.Time, y commitment.Year) bool {
	from, _ := d.Year(month)
	return from.Equal(y.From)
}

// incidentsAround reads a service's incidents near a month: those of other months may belong to an event that reaches in.
func incidentsAround(ctx context.Context, r db.Reader, service ContractServiceID, month time.Time) ([]commitment.Incident, error) {
	rows, err := db.List[Incident](ctx, r, `select i.* from incidents i join incident_services x on x.incident_id = i.id
		where x.service_id = $1 and i.from_at < $2 and (i.until_at is null or i.until_at > $3) order by i.from_at, i.id`,
		service, month.AddDate(1, 0, 0), month.AddDate(-1, 0, 0))
	if err != nil {
		return nil, fmt.Errorf("read incidents: %w", err)
	}
	list := make([]commitment.Incident, len(rows))
	for k, i := range rows {
		list[k] = commitment.Incident{
			ID: int64(i.ID), Title: i.Title, Source: i.Source + " " + i.Reference, Kind: i.Kind, From: i.FromAt, Until: timeOr(i.UntilAt), Cause: i.Cause,
		}
	}
	return list, nil
}

// SheetByID reads a sheet that is kept; ErrNoSheet when there is none.
func (s *Service) SheetByID(ctx context.Context, r db.Reader, sheet SheetID) (CreditSheet, error) {
	c, err := db.One[CreditSheet](ctx, r, `select * from service_credit_sheets where id = $1`, sheet)
	return found(c, err, ErrNoSheet, "read sheet")
}

// SheetOwner is whose contract a sheet was worked out of.
type SheetOwner struct {
	CustomerID CustomerID
	FamilyID   CustomerID
	EntityID   EntityID
	Contract   string
}

// SheetOwner tells whose contract a sheet was worked out of; ErrNoSheet when there is none.
func (s *Service) SheetOwner(ctx context.Context, r db.Reader, sheet SheetID) (SheetOwner, error) {
	o, err := db.One[SheetOwner](ctx, r, `select c.customer_id, u.family_id, c.entity_id, c.number as contract from service_credit_sheets s
		join contracts c on c.id = s.contract_id join customers u on u.id = c.customer_id where s.id = $1`, sheet)
	return found(o, err, ErrNoSheet, "find owner of sheet")
}

// SheetHash is the hash of a kept sheet, hexadecimal, taken anew over what is stored: ErrSheetAltered when that is not what
// was kept. It is what a credit request carries beside the sheet's id.
func (s *Service) SheetHash(ctx context.Context, r db.Reader, sheet SheetID) (string, error) {
	c, err := s.SheetByID(ctx, r, sheet)
	if err != nil {
		return "", err
	}
	canonical, err := commitment.Canonical(c.Sheet)
	if err != nil {
		return "", fmt.Errorf("hash sheet: %w", err)
	}
	if hash := commitment.Hash(canonical); hash == hex.EncodeToString(c.SHA256) {
		return hash, nil
	}
	return "", ErrSheetAltered
}

// Sheets lists a contract's sheets, the latest first.
func (s *Service) Sheets(ctx context.Context, r db.Reader, contract ContractID) ([]CreditSheet, error) {
	list, err := db.List[CreditSheet](ctx, r, `select * from service_credit_sheets where contract_id = $1 order by id desc limit $2`, contract, defaultLimit)
	if err != nil {
		return nil, fmt.Errorf("list sheets: %w", err)
	}
	return list, nil
}

// CustomerSheets lists the latest 24 sheets of a customer's contracts, the latest first.
func (s *Service) CustomerSheets(ctx context.Context, r db.Reader, customer CustomerID) ([]CreditSheet, error) {
	list, err := db.List[CreditSheet](ctx, r, `select s.* from service_credit_sheets s join contracts c on c.id = s.contract_id
		where c.customer_id = $1 order by s.id desc limit 24`, customer)
	if err != nil {
		return nil, fmt.Errorf("list sheets of customer: %w", err)
	}
	return list, nil
}
