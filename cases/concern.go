package cases

import (
	"context"
	"fmt"
	"slices"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// concern refuses an invoice that a person names for a new case and that does not concern its customer: whoever may see the case sees
// the invoice in it. One of a legal entity out of their scope is not there for them.
func (s *Service) concern(ctx context.Context, r db.Reader, in OpenInput) error {
	fields, ids := in.named()
	if in.By.Kind != access.Person || len(ids) == 0 {
		return nil
	}
	if in.CustomerID == nil {
		return errs.InvalidField("customer", "case.link_customer_first")
	}
	customer, err := s.openedFor(ctx, r, &in)
	if err != nil {
		return err
	}
	theirs, err := s.billing.InvoicesConcerningByID(ctx, r, customer, ids)
	if err != nil {
		return fmt.Errorf("read invoices named: %w", err)
	}
	for n, id := range ids {
		at := slices.IndexFunc(theirs, func(i billing.Invoice) bool { return i.ID == id })
		if at < 0 || !in.By.SeesEntity(int64(theirs[at].EntityID)) {
			return s.noneOfTheirs(ctx, r, in.By, fields[n], id)
		}
	}
	return nil
}

func (s *Service) noneOfTheirs(ctx context.Context, r db.Reader, by access.Actor, field string, id billing.InvoiceID) error {
	invoice, err := s.billing.InvoiceByID(ctx, r, id)
	switch {
	case errs.KindOf(err) == errs.NotFound || err == nil && !by.SeesEntity(int64(invoice.EntityID)):
		return errs.InvalidField(field, billing.ErrNoInvoice.Key)
	case err != nil:
		return err
	}
	return errs.InvalidField(field, "billing.invoice_of_another")
}

// named are the invoices that the input ties to the case, each with the field that names it.
func (in OpenInput) named() (fields []string, ids []billing.InvoiceID) {
	for n, l := range in.Invoices {
		fields, ids = append(fields, fmt.Sprintf("invoices[%d]", n)), append(ids, l.InvoiceID)
	}
	for n, d := range in.Disputes {
		fields, ids = append(fields, fmt.Sprintf("disputes[%d].invoice", n)), append(ids, d.InvoiceID)
	}
	return fields, ids
}
