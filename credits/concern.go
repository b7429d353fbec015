package credits

import (
	"context"
	"fmt"
	"slices"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// workCase reads what the case brings: dispute lines and the customer's own mail. What is proposed must concern its
// customer.
func (s *Service) workCase(ctx context.Context, r db.Reader, p *proposal) error {
	p.evidence = slices.Clone(p.in.Evidence)
	if err := checkMessages(ctx, r, p.in.CaseID, p.in.Evidence); err != nil {
		return err
	}
	if p.in.CaseID == nil {
		return p.checkDisputes()
	}
	c, err := s.cases.CaseByID(ctx, r, *p.in.CaseID, p.in.By)
	if err != nil {
		return err
	}
	p.caseNumber = c.Number
	if c.Status == cases.StatusClosed && p.in.Kind != billing.Reverse { // what was given by mistake is taken back later, too
		return errs.New(cases.ErrClosed.Kind, cases.ErrClosed.Key, "number", c.Number)
	}
	if c.CustomerID != nil {
		customer, err := s.billing.CustomerByID(ctx, r, *c.CustomerID)
		if err != nil {
			return err
		}
		if err := p.checkCustomer(customer); err != nil {
			return err
		}
	}
	if p.disputes, err = s.cases.Disputes(ctx, r, *p.in.CaseID); err != nil {
		return err
	}
	if !p.hasEvidence(CustomerMail) {
		mail, err := customersMail(ctx, r, *p.in.CaseID)
		if err != nil {
			return err
		}
		p.evidence = append(p.evidence, mail...)
	}
	return p.checkDisputes()
}

// checkCustomer refuses what does not concern the customer of the case: each invoice by itself, all else by the family.
func (p *proposal) checkCustomer(customer billing.Customer) error {
	for _, invoice := range p.concerned.Invoices {
		if billing.MayConcern(customer, invoice, p.customer(invoice.CustomerID)) {
			continue
		}
		field := "invoice_id"
		if at := slices.IndexFunc(p.in.Items, func(i billing.ItemPart) bool { return i.ID == int64(invoice.ID) }); at >= 0 {
			field = fmt.Sprintf("items.%d", at)
		}
		return errs.InvalidField(field, "credits.invoice_of_another_customer", "invoice", invoice.Number, "customer", customer.Name)
	}
	for _, one := range p.concerned.Customers {
		if len(p.concerned.Invoices) == 0 && one.FamilyID != customer.FamilyID {
			return errs.InvalidField("customer", "credits.another_customer", "customer", customer.Name)
		}
	}
	return nil
}

// checkDisputes refuses a dispute line of another case or invoice line, and one that is decided.
func (p *proposal) checkDisputes() error {
	var wrong []errs.Field
	for i, l := range p.in.Lines {
		if l.DisputeLineID == nil {
			continue
		}
		name := fmt.Sprintf("lines.%d.dispute_line_id", i)
		d, ok := p.dispute(*l.DisputeLineID)
		switch {
		case !ok || d.InvoiceID != p.in.InvoiceID || d.InvoiceLineID != nil && *d.InvoiceLineID != l.InvoiceLineID:
			wrong = append(wrong, errs.Field{Name: name, Key: "credits.other_dispute"})
		case d.Status.Decided():
			wrong = append(wrong, errs.Field{Name: name, Key: "credits.dispute_decided"})
		}
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

func (p *proposal) dispute(id cases.DisputeID) (cases.DisputeLine, bool) {
	at := slices.IndexFunc(p.disputes, func(d cases.DisputeLine) bool { return d.ID == id })
	if at < 0 {
		return cases.DisputeLine{}, false
	}
	return p.disputes[at], true
}

// disputeOf is the dispute line that a credit on an invoice line settles: the one that was named, or with all of the
// invoice the open one about this line, else about the invoice.
func (p *proposal) disputeOf(line billing.InvoiceLineID) *cases.DisputeID {
	for _, l := range p.in.Lines {
		if l.InvoiceLineID == line {
			return l.DisputeLineID
		}
	}
	if !p.in.Whole && p.in.Kind != billing.Rebill {
		return nil
	}
	var whole *cases.DisputeID
	for i, d := range p.disputes {
		if d.InvoiceID != p.in.InvoiceID || d.Status.Decided() {
			continue
		}
		if d.InvoiceLineID == nil {
			whole = &p.disputes[i].ID
		} else if *d.InvoiceLineID == line {
			return &p.disputes[i].ID
		}
	}
	return whole
}
