package billing

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/billing/commitment"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// NewContract is a contract to enter, with its services and their promises.
type NewContract struct {
	By         Actor
	EntityID   EntityID
	CustomerID CustomerID
	Number     string
	Terms      commitment.Terms
	Services   []commitment.Service
}

// CreateContract enters a contract, for somebody who may. The number is its natural key: the same contract again gives the
// one there is, another one under that number is refused with ErrContractDiffers.
func (s *Service) CreateContract(ctx context.Context, in NewContract) (Contract, error) {
	if err := access.Can(in.By, access.EnterContract, access.Object{EntityID: int64(in.EntityID)}); err != nil {
		return Contract{}, err
	}
	var c Contract
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		c, err = s.createContractTx(ctx, tx, in)
		return err
	})
	return c, err
}

func (s *Service) createContractTx(ctx context.Context, tx *db.Tx, in NewContract) (Contract, error) {
	in.Number = strings.TrimSpace(in.Number)
	if fields := checkContract(in); len(fields) > 0 {
		return Contract{}, errs.InvalidFields(fields...)
	}
	customer, err := s.CustomerByID(ctx, tx, in.CustomerID)
	if err != nil {
		return Contract{}, err
	}
	if customer.EntityID != in.EntityID {
		return Contract{}, errs.InvalidField("customer", "billing.item_of_another")
	}
	digest, err := contractDigest(in)
	if err != nil {
		return Contract{}, err
	}
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('contract ' || $1, 0))`, in.Number); err != nil {
		return Contract{}, fmt.Errorf("lock contract number: %w", err)
	}
	earlier, err := db.List[Contract](ctx, tx, `select * from contracts where number = $1`, in.Number)
	if err != nil {
		return Contract{}, fmt.Errorf("look for contract: %w", err)
	}
	if len(earlier) > 0 {
		if !bytes.Equal(earlier[0].Digest, digest) {
			return Contract{}, errs.New(ErrContractDiffers.Kind, ErrContractDiffers.Key, "number", in.Number)
		}
		return earlier[0], nil
	}
	c, err := writeContract(ctx, tx, contractOf(in, digest, tx.Now()), in.Services)
	if err != nil {
		return c, err
	}
	return c, audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(c.EntityID)), By: in.By, What: "contract.created", Data: map[string]any{
		"contract_id": c.ID, "number": c.Number, "customer_id": c.CustomerID, "services": len(in.Services), "digest": fmt.Sprintf("%x", digest),
	}})
}

// checkContract names each field that is wrong; a service's by its place in the list.
func checkContract(in NewContract) []errs.Field {
	var fields []errs.Field
	if in.Number == "" {
		fields = append(fields, errs.Field{Name: "number", Key: "error.required"})
	}
	if len(in.Services) == 0 {
		fields = append(fields, errs.Field{Name: "services", Key: "error.required"})
	}
	seen := map[string]bool{}
	for i, service := range in.Services {
		place := "services." + strconv.Itoa(i) + "."
		if service.Name == "" || seen[service.Name] {
			fields = append(fields, errs.Field{Name: place + "name", Key: "billing.service_name"})
		}
		seen[service.Name] = true
		for _, f := range commitment.CheckService(in.Terms, service) {
			f.Name = place + f.Name
			fields = append(fields, f)
		}
	}
	return append(fields, commitment.CheckTerms(in.Terms)...)
}

// contractDigest is the SHA-256 over all that was entered.
func contractDigest(in NewContract) ([]byte, error) {
	type promise struct {
		commitment.Commitment
		DeliverBy time.Time
	}
	type service struct {
		commitment.Service
		Commitments []promise
	}
	whole := struct {
		Version, Entity, Customer, Number string
		From, Until                       time.Time
		Terms                             commitment.Terms
		Services                          []service
	}{"contract/1", id(in.EntityID), id(in.CustomerID), in.Number, in.Terms.From, in.Terms.Until, in.Terms, nil}
	for _, s := range in.Services {
		one := service{Service: s}
		for _, c := range s.Commitments {
			one.Commitments = append(one.Commitments, promise{c, c.DeliverBy})
		}
		whole.Services = append(whole.Services, one)
	}
	text, err := json.Marshal(whole)
	if err != nil {
		return nil, fmt.Errorf("write contract: %w", err)
	}
	sum := sha256.Sum256(text)
	return sum[:], nil
}

func contractOf(in NewContract, digest []byte, at time.Time) Contract {
	t := in.Terms
	c := Contract{
		EntityID: in.EntityID, CustomerID: in.CustomerID, Number: in.Number, Currency: t.Currency, FromOn: t.From, UntilOn: timeOrNil(t.Until),
		TimeZone: t.Zone, Excludes: []string{}, MinMinutes: t.MinMinutes, Combination: t.Combination, FeeBase: t.FeeBase,
		MonthCapPercent: t.MonthCap.Percent, MonthCapAmount: t.MonthCap.Amount, YearCapPercent: t.YearCap.Percent, YearCapAmount: t.YearCap.Amount,
		AboveFee: t.AboveFee, ClaimDays: t.ClaimDays, ClaimFrom: t.ClaimFrom, Digest: digest, CreatedAt: at, CreatedBy: in.By.UserID,
	}
	for _, kind := range t.Excludes {
		c.Excludes = append(c.Excludes, string(kind))
	}
	return c
}

// writeContract writes a contract with all that belongs to it.
func writeContract(ctx context.Context, tx *db.Tx, c Contract, services []commitment.Service) (Contract, error) {
	ids, err := nextIDs[ContractID](ctx, tx, "contracts", 1)
	if err != nil {
		return c, err
	}
	serviceIDs, err := nextIDs[ContractServiceID](ctx, tx, "contract_services", len(services))
	if err != nil {
		return c, err
	}
	c.ID = ids[0]
	var batch pgx.Batch
	batch.Queue(`insert into contracts (id, entity_id, customer_id, number, currency, from_on, until_on, time_zone, excludes, min_minutes, combination,
			fee_base, month_cap_percent, month_cap_amount, year_cap_percent, year_cap_amount, above_fee, claim_days, claim_from, digest, created_at, created_by)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)`,
		c.ID, c.EntityID, c.CustomerID, c.Number, c.Currency, c.FromOn, c.UntilOn, c.TimeZone, c.Excludes, c.MinMinutes, c.Combination,
		c.FeeBase, c.MonthCapPercent, c.MonthCapAmount, c.YearCapPercent, c.YearCapAmount, c.AboveFee, c.ClaimDays, c.ClaimFrom, c.Digest, c.CreatedAt, c.CreatedBy)
	for i, s := range services {
		queueService(&batch, ContractService{
			ID: serviceIDs[i], ContractID: c.ID, Position: i + 1, Name: s.Name, Product: s.Product, FromOn: timeOrNil(s.From), UntilOn: timeOrNil(s.Until),
		}, s)
	}
	if err := tx.Batch(ctx, &batch); err != nil {
		return c, fmt.Errorf("write contract: %w", err)
	}
	return c, nil
}

func queueService(batch *pgx.Batch, row ContractService, s commitment.Service) {
	batch.Queue(`insert into contract_services (id, contract_id, position, name, product, from_on, until_on) values ($1, $2, $3, $4, $5, $6, $7)`,
		row.ID, row.ContractID, row.Position, row.Name, row.Product, row.FromOn, row.UntilOn)
	for _, f := range s.Fees {
		batch.Queue(`insert into contract_service_fees (service_id, from_on, until_on, amount) values ($1, $2, $3, $4)`,
			row.ID, f.From, timeOrNil(f.Until), f.Amount)
	}
	for i, c := range s.Commitments {
		tiers := c.Tiers
		if tiers == nil {
			tiers = []commitment.Tier{}
		}
		batch.Queue(`insert into commitments (service_id, position, ref, metric, target, deliver_by, digits, formula, tiers, percent, amount, unit_minutes,
				counting, event_cap_percent, event_cap_amount)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
			row.ID, i+1, c.Ref, c.Metric, c.Target, timeOrNil(c.DeliverBy), c.Digits, c.Formula, tiers, c.Percent, c.Amount, c.UnitMinutes,
			c.Counting, c.EventCap.Percent, c.EventCap.Amount)
	}
}
