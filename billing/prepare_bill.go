package billing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/tax"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// prepareOnAccount works out a credit without an invoice: lines with a description and a tax of their own.
func (s *Service) prepareOnAccount(ctx context.Context, r db.Reader, in AdjustmentInput) (Adjustment, error) {
	customer, err := s.CustomerByID(ctx, r, in.CustomerID)
	if err != nil {
		return Adjustment{}, err
	}
	if in.Kind == BillingError {
		return Adjustment{}, errs.InvalidField("invoice_id", "billing.error_names_its_invoice")
	}
	if len(in.Lines) == 0 {
		return Adjustment{}, errs.InvalidField("lines", "error.required")
	}
	a := Adjustment{Kind: in.Kind, EntityID: in.EntityID, CustomerID: customer.ID, Currency: in.Currency, ReasonCode: in.ReasonCode}
	if a.EntityID == 0 {
		a.EntityID = customer.EntityID
	}
	if a.Currency == "" {
		a.Currency = customer.Currency
	}
	taxed := make([]tax.Line, len(in.Lines))
	for i, l := range in.Lines {
		if fields := checkAccountLine(i, l, a.Currency.Digits()); len(fields) > 0 {
			return a, errs.InvalidFields(fields...)
		}
		taxed[i] = tax.Line{Net: l.Amount, Category: l.Tax.Category, Rate: l.Tax.Rate}
		a.Net = a.Net.Add(l.Amount)
		a.Lines = append(a.Lines, AdjustmentLine{
			Description: l.Description, Quantity: l.Quantity, List: l.Amount, Amount: l.Amount, Net: l.Amount,
			TaxCategory: l.Tax.Category, TaxRate: l.Tax.Rate,
		})
	}
	for _, g := range tax.Groups(taxed, a.Currency.Digits()) {
		a.Taxes = append(a.Taxes, AdjustmentTax{Category: g.Category, Rate: g.Rate, Net: g.Net, Tax: g.Tax})
		a.Tax = a.Tax.Add(g.Tax)
		for _, share := range g.Shares {
			a.Lines[share.Index].TaxShare = share.Tax
		}
	}
	a.Total = a.Net.Add(a.Tax)
	if in.Refund.IsPositive() {
		return a, errs.InvalidField("refund", "billing.nothing_to_refund", "refundable", a.SumOf(decimal.Zero).String())
	}
	if fields := a.settle(in, decimal.Zero); len(fields) > 0 {
		return a, errs.InvalidFields(fields...)
	}
	return a, nil
}

func checkAccountLine(i int, l AdjustLine, digits int32) []errs.Field {
	var fields []errs.Field
	if l.InvoiceLineID != 0 {
		fields = append(fields, errs.Field{Name: fmt.Sprintf("lines.%d.invoice_line_id", i), Key: "billing.line_not_on_invoice"})
	}
	if l.Description == "" {
		fields = append(fields, errs.Field{Name: fmt.Sprintf("lines.%d.description", i), Key: "error.required"})
	}
	if !l.Amount.IsPositive() || finer(l.Amount, digits) {
		fields = append(fields, errs.Field{Name: fmt.Sprintf("lines.%d.net", i), Key: "billing.bad_amount"})
	}
	if l.Tax.Category == "" || badRate(l.Tax.Rate) {
		fields = append(fields, errs.Field{Name: fmt.Sprintf("lines.%d.tax_rate", i), Key: "billing.bad_tax"})
	}
	return fields
}

// prepareDebit works out a debit memo: more to be charged, on an invoice or on account.
func (s *Service) prepareDebit(ctx context.Context, r db.Reader, in AdjustmentInput) (Adjustment, error) {
	a := Adjustment{Kind: Debit, EntityID: in.EntityID, CustomerID: in.CustomerID, Currency: in.Currency, ReasonCode: in.ReasonCode}
	if in.InvoiceID != 0 {
		invoice, err := s.InvoiceByID(ctx, r, in.InvoiceID)
		if err != nil {
			return a, err
		}
		a.InvoiceID, a.InvoiceNumber = invoice.ID, invoice.Number
		a.EntityID, a.CustomerID, a.Currency = invoice.EntityID, invoice.CustomerID, invoice.Currency
	}
	return a, s.charge(ctx, r, &a, in.Bill)
}

// prepareRebill works out a credit of all that remains of an invoice together with the invoice that replaces it.
func (s *Service) prepareRebill(ctx context.Context, r db.Reader, in AdjustmentInput) (Adjustment, error) {
	if in.Refund.IsPositive() || in.SettledOutside.IsPositive() {
		return Adjustment{}, errs.InvalidField("refund", "billing.rebill_settles_itself")
	}
	in.Whole = true
	a, err := s.prepareCredit(ctx, r, in)
	if err != nil {
		return a, err
	}
	credit := a
	if err := s.charge(ctx, r, &a, in.Bill); err != nil {
		return a, err
	}
	a.Net, a.Tax, a.Rounding, a.Total = credit.Net, credit.Tax, credit.Rounding, credit.Total // what is given back
	return a, nil
}

// charge works the bill out as it will be issued on the day of posting and takes over its sums.
func (s *Service) charge(ctx context.Context, r db.Reader, a *Adjustment, bill *Bill) error {
	if bill == nil || len(bill.Lines) == 0 {
		return errs.InvalidField("bill", "error.required")
	}
	customer, err := s.CustomerByID(ctx, r, a.CustomerID)
	if err != nil {
		return err
	}
	entity, err := s.EntityByID(ctx, r, orElse(a.EntityID, customer.EntityID))
	if err != nil {
		return err
	}
	a.EntityID, a.Currency = entity.ID, orElse(a.Currency, customer.Currency)
	b := *bill
	today := entity.Day(r.Now())
	if b.DueOn.IsZero() {
		b.DueOn = today.AddDate(0, 0, customer.TermsDays)
	}
	b.DueOn = Date(b.DueOn)
	p, err := price(b.invoice(*a, today))
	if err != nil {
		return inBill(err)
	}
	if slices.ContainsFunc(b.Lines, NewLine.concernsExemption) {
		list, err := s.Exemptions(ctx, r, a.CustomerID)
		if err != nil {
			return err
		}
		if fields := p.exempt(b.Lines, exemptionsFor(list, a.CustomerID, a.EntityID), today, false); len(fields) > 0 {
			return inBill(errs.InvalidFields(fields...))
		}
	}
	a.Bill, a.Billed = &b, p
	a.Net, a.Tax, a.Rounding, a.Total = p.Net, p.Tax, p.Rounding, p.total()
	return nil
}

// invoice is the bill as an invoice to issue on a day.
func (b Bill) invoice(a Adjustment, on time.Time) NewInvoice {
	return NewInvoice{
		EntityID: a.EntityID, CustomerID: a.CustomerID, Currency: a.Currency, IssuedOn: on, DueOn: b.DueOn,
		ServiceFrom: b.ServiceFrom, ServiceTo: b.ServiceTo, PurchaseOrder: b.PurchaseOrder, PricesIncludeTax: b.PricesIncludeTax,
		Discounts: b.Discounts, Rounding: b.Rounding, Lines: b.Lines,
	}
}

// inBill says of the fields of an invoice that they stand in the bill.
func inBill(err error) error {
	if e, ok := errors.AsType[*errs.Error](err); ok && len(e.Fields) > 0 {
		fields := slices.Clone(e.Fields)
		for i := range fields {
			fields[i].Name = "bill." + fields[i].Name
		}
		return errs.InvalidFields(fields...)
	}
	return err
}

func orElse[T comparable](value, otherwise T) T {
	var none T
	if value == none {
		return otherwise
	}
	return value
}
