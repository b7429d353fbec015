package cases

import (
	"context"
	"fmt"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// LinkCustomer ties a case to a customer that the actor may see: the case takes over the customer's legal entity, a
// computed priority and the policy are found anew, and with Remember whoever wrote last becomes a contact of the
// customer. Invoices that do not concern the customer are linked no more. A case with dispute lines keeps its customer, as their
// invoices would no longer be the customer's, and so does one with a credit, which is in the books of customer and legal entity.
func (s *Service) LinkCustomer(ctx context.Context, in LinkCustomerInput) (Case, error) {
	return s.command(ctx, in.On, true, func(w *work) error {
		if w.c.CustomerID != nil && *w.c.CustomerID == in.CustomerID {
			return nil
		}
		if err := w.mayLeaveCustomer(ctx); err != nil {
			return err
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
		if err := s.unlinkInvoices(ctx, w, customer); err != nil {
			return err
		}
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

// mayLeaveCustomer is the rule: what is in the books of a customer stays there.
func (w *work) mayLeaveCustomer(ctx context.Context) error {
	lines, err := disputesOf(ctx, w.tx, w.c.ID)
	if err != nil {
		return err
	}
	switch {
	case len(lines) > 0:
		return errs.New(errs.Conflict, "case.disputes_fix_customer", "number", w.c.Number)
	case w.c.CreditState != CreditNone:
		return errs.New(errs.Conflict, "case.credit_fixes_customer", "number", w.c.Number)
	}
	return nil
}

// unlinkInvoices takes the links to invoices that do not concern a customer off a case that is theirs now, each told in the timeline.
func (s *Service) unlinkInvoices(ctx context.Context, w *work, customer billing.Customer) error {
	linked, err := db.Values[billing.InvoiceID](ctx, w.tx, `select invoice_id from case_invoices where case_id = $1 order by invoice_id`, w.c.ID)
	if err != nil {
		return fmt.Errorf("read linked invoices: %w", err)
	}
	if len(linked) == 0 {
		return nil
	}
	stay, err := s.billing.InvoicesConcerningByID(ctx, w.tx, customer, linked)
	if err != nil {
		return err
	}
	numbers, err := s.billing.NumbersOfInvoices(ctx, w.tx, linked)
	if err != nil {
		return err
	}
	for _, invoice := range stay {
		delete(numbers, invoice.ID)
	}
	for _, id := range linked {
		number, foreign := numbers[id]
		if !foreign {
			continue
		}
		if _, err := w.tx.Exec(ctx, `delete from case_invoices where case_id = $1 and invoice_id = $2`, w.c.ID, id); err != nil {
			return fmt.Errorf("unlink invoice: %w", err)
		}
		w.note("invoice.unlinked", map[string]any{"invoice": id, "number": number})
	}
	return nil
}

// remember makes whoever wrote last a contact of the case's customer, and a participant tied to it.
func (s *Service) remember(ctx context.Context, w *work) error {
	last, err := lastWriter(ctx, w.tx, w.c.ID)
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
