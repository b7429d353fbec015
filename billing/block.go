package billing

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// BlockID names a dunning block.
type BlockID int64

// Block keeps reminders from a customer or one of its invoices, from a day up to and including another, for a reason. It
// changes nothing of what is owed; what of it a file said is in dispute is not asked for either.
type Block struct {
	ID         BlockID
	EntityID   EntityID
	CustomerID CustomerID
	InvoiceID  *InvoiceID
	FromOn     time.Time
	UntilOn    time.Time
	Reason     string
	MadeAt     time.Time
	MadeBy     int64
	MadeByName string
	LiftedOn   *time.Time // the last quiet day of a block lifted early
	LiftedAt   *time.Time
	LiftedBy   int64
	LiftReason string

	Disputed *decimal.Decimal // of the invoice, as an imported file said
}

// TableName tells GORM where blocks live.
func (Block) TableName() string { return "dunning_blocks" }

// LastDay is the last day without reminders.
func (b Block) LastDay() time.Time {
	if b.LiftedOn != nil && b.LiftedOn.Before(b.UntilOn) {
		return *b.LiftedOn
	}
	return b.UntilOn
}

const blockColumns = `b.id, b.entity_id, b.customer_id, b.invoice_id, b.from_on, b.until_on, b.reason, b.made_at, b.made_by, b.made_by_name,
	b.lifted_on, b.lifted_at, b.lifted_by, b.lift_reason, b.disputed`

// NewBlock is a block to set: on an invoice, or with InvoiceID 0 on all of the customer's. From is today without one.
type NewBlock struct {
	InvoiceID   InvoiceID
	CustomerID  CustomerID // not needed with an invoice
	From, Until time.Time
	Reason      string
	By          Actor
}

// BlockDunning sets a block. It always ends, within a year: a longer one is set anew, by somebody who looks at it again.
func (s *Service) BlockDunning(ctx context.Context, in NewBlock) (Block, error) {
	target, err := s.collectTarget(ctx, in.InvoiceID, in.CustomerID, in.By)
	if err != nil {
		return Block{}, err
	}
	today := target.entity.Day(s.db.Now())
	if in.From.IsZero() {
		in.From = today
	}
	if fields := checkBlock(in, today); len(fields) > 0 {
		return Block{}, errs.InvalidFields(fields...)
	}
	var invoice *InvoiceID
	if target.invoice != nil {
		invoice = &target.invoice.ID
	}
	var block Block
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		block, err = setBlockTx(ctx, tx, Block{
			EntityID: target.entity.ID, CustomerID: target.customer.ID, InvoiceID: invoice, FromOn: Date(in.From), UntilOn: Date(in.Until), Reason: strings.TrimSpace(in.Reason),
		}, in.By)
		return err
	})
	return block, err
}

// setBlockTx writes a block, which somebody made now.
func setBlockTx(ctx context.Context, tx *db.Tx, b Block, by Actor) (Block, error) {
	block, err := db.One[Block](ctx, tx, `insert into dunning_blocks as b (entity_id, customer_id, invoice_id, from_on, until_on, reason, made_at, made_by, made_by_name, disputed)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning `+blockColumns,
		b.EntityID, b.CustomerID, b.InvoiceID, b.FromOn, b.UntilOn, b.Reason, tx.Now(), by.UserID, by.Name, b.Disputed)
	if err != nil {
		return block, fmt.Errorf("set dunning block: %w", err)
	}
	tx.Publish("collections")
	return block, audit.RecordTx(ctx, tx, blockEvent(block, by, "dunning.blocked", block.Reason))
}

func checkBlock(in NewBlock, today time.Time) []errs.Field {
	var fields []errs.Field
	from, until := Date(in.From), Date(in.Until)
	if from.Before(today) {
		fields = append(fields, errs.Field{Name: "from", Key: "billing.day_has_passed"})
	}
	if until.Before(from) || until.After(today.AddDate(0, 0, promiseDays)) {
		fields = append(fields, errs.Field{Name: "until", Key: "billing.day_within_a_year"})
	}
	if strings.TrimSpace(in.Reason) == "" {
		fields = append(fields, errs.Field{Name: "reason", Key: "error.required"})
	}
	return fields
}

// LiftBlock ends a block early, for a reason; the day it is lifted stays quiet. A block lifted or run out already stays as
// it is.
func (s *Service) LiftBlock(ctx context.Context, id BlockID, reason string, by Actor) (Block, error) {
	if err := access.Can(by, access.Collect, access.Object{}); err != nil {
		return Block{}, err
	}
	var block Block
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		b, err := db.One[Block](ctx, tx, `select `+blockColumns+` from dunning_blocks b where id = $1 for update`, id)
		if block, err = found(b, err, ErrNoBlock, "read dunning block"); err != nil {
			return err
		}
		if err := access.Can(by, access.Collect, access.Object{EntityID: int64(block.EntityID)}); err != nil {
			return err
		}
		entity, err := s.EntityByID(ctx, tx, block.EntityID)
		if err != nil {
			return err
		}
		today := entity.Day(tx.Now())
		if block.LiftedAt != nil || block.UntilOn.Before(today) {
			return nil
		}
		if reason = strings.TrimSpace(reason); reason == "" {
			return errs.InvalidField("reason", "error.required")
		}
		block, err = db.One[Block](ctx, tx, `update dunning_blocks b set lifted_on = $2, lifted_at = $3, lifted_by = $4, lift_reason = $5
			where id = $1 returning `+blockColumns, id, today, tx.Now(), by.UserID, reason)
		if err != nil {
			return fmt.Errorf("lift dunning block: %w", err)
		}
		tx.Publish("collections")
		return audit.RecordTx(ctx, tx, blockEvent(block, by, "dunning.unblocked", reason))
	})
	return block, err
}

func blockEvent(b Block, by Actor, what, reason string) audit.Event {
	data := map[string]any{
		"block_id": b.ID, "customer_id": b.CustomerID, "from": b.FromOn.Format(time.DateOnly), "until": b.LastDay().Format(time.DateOnly), "reason": reason,
	}
	if b.InvoiceID != nil {
		data["invoice_id"] = *b.InvoiceID
	}
	return audit.Event{Stream: audit.Books(int64(b.EntityID)), By: by, What: what, Data: data}
}
