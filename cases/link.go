package cases

import (
	"context"
	"fmt"

	"makegood/internal/access"
	"makegood/internal/errs"
)

// LinkCustomer ties a case to a customer that the actor may see: the case takes over the customer's legal entity, a
// computed priority and the policy are found anew, and with Remember whoever wrote last becomes a contact of the
// customer. A case with dispute lines keeps its customer: their invoices would no longer be the customer's.
func (s *Service) LinkCustomer(ctx context.Context, in LinkCustomerInput) (Case, error) {
	return s.command(ctx, in.On, true, func(w *work) error {
		if w.c.CustomerID != nil && *w.c.CustomerID == in.CustomerID {
			return nil
		}
		lines, err := disputesOf(ctx, w.tx, w.c.ID)
		if err != nil {
			return err
		}
		if len(lines) > 0 {
			return errs.New(errs.Conflict, "case.disputes_fix_customer", "number", w.c.Number)
		}
		customer, err := s.billing.CustomerByID(ctx, w.tx, in.CustomerID)
		if err != nil {
			return err
		}
		if err := access.Can(in.By, access.WorkCases, access.Object{EntityID: int64(customer.EntityID)}); err != nil {
			return err
		}
		w.note("customer.linked", map[string]any{"from": w.c.CustomerID, "customer": in.CustomerID, "entity": customer.EntityID})
		w.c.CustomerID, w.c.EntityID, w.c.ContactID = &customer.ID, &customer.EntityID, nil
		if in.Remember {
			if err := s.remember(ctx, w); err != nil {
				return err
			}
		}
		if p, _ := ComputePriority(w.c.Type, customer.Tier, w.c.RiskBase); w.c.PriorityReason == "" {
			w.setPriority(p, "")
		}
		return s.repin(ctx, w, customer)
	})
}

// remember makes whoever wrote last a contact of the case's customer, and a participant tied to it.
func (s *Service) remember(ctx context.Context, w *work) error {
	last, err := lastInbound(ctx, w.tx, w.c.ID)
	if err != nil || last == nil || last.AuthorAddress == "" {
		return err
	}
	contact, err := s.billing.LearnContactTx(ctx, w.tx, *w.c.CustomerID, last.AuthorName, last.AuthorAddress)
	if err != nil {
		return fmt.Errorf("remember sender: %w", err)
	}
	w.c.ContactID = &contact.ID
	_, err = w.tx.Exec(ctx, `update case_participants set contact_id = $3 where case_id = $1 and address = $2`, w.c.ID, last.AuthorAddress, contact.ID)
	return err
}
