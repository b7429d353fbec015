// Package differences makes cases of what reconciliations found. It is told by a job, since billing does not know cases.
package differences

import (
	"context"
	"errors"
	"fmt"

	"makegood/billing"
	"makegood/billing/reconcile"
	"makegood/billing/reconciling"
	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/jobs"
)

// Worker opens the cases that were asked for.
type Worker struct {
	db          *db.DB
	billing     *billing.Service
	cases       *cases.Service
	reconciling *reconciling.Service
}

// New makes the worker.
func New(d *db.DB, b *billing.Service, c *cases.Service, r *reconciling.Service) *Worker {
	return &Worker{db: d, billing: b, cases: c, reconciling: r}
}

// Register tells the job runner what this package works.
func (w *Worker) Register(r *jobs.Registry) { jobs.Handle(r, w.open) }

// open opens the case about a finding, tied to the customer and to our invoice where they are known, in the name of who asked
// for it. A finding that has its case is left alone, so that told twice it is one case.
func (w *Worker) open(ctx context.Context, job reconciling.DifferenceFound) error {
	return w.db.Do(ctx, func(tx *db.Tx) error {
		f, err := w.reconciling.LockFindingTx(ctx, tx, job.Finding)
		if err != nil {
			return err
		}
		if f.Resolution != reconciling.CaseAsked {
			return nil
		}
		by, err := w.reconciling.AskedBy(ctx, tx, f.ID)
		if err != nil {
			return err
		}
		in, err := w.input(ctx, tx, f, by)
		if err != nil {
			return err
		}
		opened, err := w.cases.OpenTx(ctx, tx, in)
		if err != nil {
			return fmt.Errorf("open case: %w", err)
		}
		return w.reconciling.CaseOpenedTx(ctx, tx, f, int64(opened.ID), opened.Number, by)
	})
}

func (w *Worker) input(ctx context.Context, tx *db.Tx, f reconciling.Finding, by access.Actor) (cases.OpenInput, error) {
	run, err := w.reconciling.RunTx(ctx, tx, f.ReconciliationID)
	if err != nil {
		return cases.OpenInput{}, err
	}
	in := cases.OpenInput{
		Type: cases.Inquiry, Topic: "reconciliation", Source: "reconciliation", EntityID: &f.EntityID, By: by,
		Subject: subject(run, f), Note: note(run, f),
	}
	if f.Kind == reconcile.Payment || f.Kind == reconcile.Refund {
		in.Type = cases.Remittance
	}
	if in.CustomerID, err = w.customer(ctx, tx, f); err != nil {
		return in, err
	}
	in.Invoices, err = w.invoice(ctx, tx, f)
	return in, err
}

// customer is ours by its account, if it is of the entity that was reconciled.
func (w *Worker) customer(ctx context.Context, tx *db.Tx, f reconciling.Finding) (*billing.CustomerID, error) {
	c, err := w.billing.CustomerByAccount(ctx, tx, f.Account)
	if errors.Is(err, billing.ErrNoCustomer) || err == nil && c.EntityID != f.EntityID {
		return nil, nil //nolint:nilnil // a case without a customer is one all the same
	}
	return &c.ID, err
}

// invoice is the one the finding is about, or that its memo credits.
func (w *Worker) invoice(ctx context.Context, tx *db.Tx, f reconciling.Finding) ([]cases.LinkedInvoice, error) {
	number := ""
	for _, p := range []*reconciling.Paper{f.There, f.Here} {
		switch {
		case p == nil:
		case p.Kind == reconcile.Invoice:
			number = p.Number
		case p.Invoice != "":
			number = p.Invoice
		}
	}
	i, err := w.billing.InvoiceByNumber(ctx, tx, number)
	if errors.Is(err, billing.ErrNoInvoice) || err == nil && i.EntityID != f.EntityID {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return []cases.LinkedInvoice{{InvoiceID: i.ID, Evidence: "reconciliation", Confidence: 100}}, nil
}
