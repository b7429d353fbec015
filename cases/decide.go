package cases

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"makegood/internal/db"
	"makegood/internal/errs"
)

// DecideDispute decides a dispute line without a credit of ours, or records that the customer took it back, and
// releases its hold. A line that a credit is on its way for is refused, and so is a decision without an explanation unless
// all of it is accepted.
func (s *Service) DecideDispute(ctx context.Context, in DecideDisputeInput) (Case, error) {
	in.Explanation = strings.TrimSpace(in.Explanation)
	return s.command(ctx, in.On, true, func(w *work) error {
		d, err := lockDispute(ctx, w.tx, in.DisputeID)
		if err != nil {
			return err
		}
		if d.CaseID != w.c.ID {
			return ErrNoDispute
		}
		if err := in.check(w.c, d); err != nil {
			return err
		}
		d.Accepted, d.Explanation, d.Status = in.Accepted, in.Explanation, d.outcome(in.Accepted)
		if in.Withdrawn {
			d.Accepted, d.Status = decimal.Zero, DisputeWithdrawn
		}
		return s.decided(ctx, w, d)
	})
}

func (in DecideDisputeInput) check(c Case, d DisputeLine) error {
	switch {
	case d.Status.Decided():
		return errs.New(ErrDisputeDecided.Kind, ErrDisputeDecided.Key, "status", string(d.Status))
	case c.CreditState == CreditPending || c.CreditState == CreditApproved:
		return errs.New(ErrCreditOnDispute.Kind, ErrCreditOnDispute.Key, "number", c.Number)
	case in.Withdrawn:
		return nil
	case in.Accepted.IsNegative() || in.Accepted.GreaterThan(d.Contested):
		return errs.InvalidField("accepted", "case.accepted_out_of_range", "contested", d.Amount(d.Contested).String())
	case !in.Accepted.Equal(in.Accepted.Truncate(d.Currency.Digits())):
		return errs.InvalidField("accepted", "money.too_many_decimals", "amount", in.Accepted.String(), "currency", string(d.Currency))
	case in.Explanation == "" && in.Accepted.LessThan(d.Contested):
		return errs.InvalidField("explanation", "case.needs_explanation")
	}
	return nil
}

// SettleDisputeTx records what a posted credit means for a dispute line, and releases its hold. The same credit
// settling the same line again changes nothing.
func (s *Service) SettleDisputeTx(ctx context.Context, tx *db.Tx, in SettleInput) error {
	id, err := db.Value[ID](ctx, tx, `select case_id from dispute_lines where id = $1`, in.DisputeLineID)
	if errors.Is(err, db.ErrNoRow) {
		return ErrNoDispute
	}
	if err != nil {
		return fmt.Errorf("find dispute line: %w", err)
	}
	_, err = s.changeTx(ctx, tx, id, in.By, func(w *work) error {
		d, err := lockDispute(ctx, w.tx, in.DisputeLineID)
		if err != nil {
			return err
		}
		if !w.settle(&d, in) {
			return nil
		}
		if err := updateDispute(ctx, w.tx, d); err != nil {
			return err
		}
		return s.reweigh(ctx, w)
	})
	return err
}

// settle decides a line as a posted credit says, and asks for the release of its hold. The same credit again changes
// nothing.
func (w *work) settle(d *DisputeLine, in SettleInput) bool {
	same := d.CreditRequestID != nil && in.CreditRequestID != nil && *d.CreditRequestID == *in.CreditRequestID
	if d.Status.Decided() && same {
		return false
	}
	if in.RootCauseID != nil && w.c.RootCauseID == nil {
		w.setCause(in.RootCauseID) // as the credit was approved with it, also when it was retired since
	}
	// A credit may exceed what was contested of this line; the line takes no more than it asked for.
	d.Accepted = decimal.Min(decimal.Max(in.Accepted, decimal.Zero), d.Contested)
	d.Credited = decimal.Min(decimal.Max(in.Credited, decimal.Zero), d.Contested)
	d.Explanation, d.CreditRequestID, d.Status = in.Explanation, in.CreditRequestID, d.outcome(d.Accepted)
	w.decide(d)
	return true
}

// decide dates a decision, notes it and asks for the release of the hold.
func (w *work) decide(d *DisputeLine) {
	now := w.tx.Now()
	d.DecidedAt, d.DecidedBy = &now, userID(w.by)
	w.releases = append(w.releases, release{d.ID, string(d.Status)})
	w.note("dispute.decided", d.eventData())
}

// decided stores the decision, releases the hold and brings the amount in dispute up to date.
func (s *Service) decided(ctx context.Context, w *work, d DisputeLine) error {
	w.decide(&d)
	if err := updateDispute(ctx, w.tx, d); err != nil {
		return err
	}
	return s.reweigh(ctx, w)
}

func lockDispute(ctx context.Context, tx *db.Tx, id DisputeID) (DisputeLine, error) {
	d, err := db.One[DisputeLine](ctx, tx, `select `+disputeColumns+` from dispute_lines where id = $1 for update`, id)
	if errors.Is(err, db.ErrNoRow) {
		return DisputeLine{}, ErrNoDispute
	}
	if err != nil {
		return DisputeLine{}, fmt.Errorf("read dispute line: %w", err)
	}
	return d, nil
}
