package reports

import (
	"context"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/access"
)

// InvoiceNamed finds an invoice by its number, or by the number as people write it when that means just one.
func (f *CaseFiles) InvoiceNamed(ctx context.Context, number string, by access.Actor) (billing.Invoice, error) {
	if err := access.Can(by, access.ReadBooks, access.Object{}); err != nil {
		return billing.Invoice{}, err
	}
	found, err := f.billing.InvoicesByReference(ctx, f.db, []string{number})
	if err != nil {
		return billing.Invoice{}, err
	}
	if len(found) != 1 || !by.SeesEntity(int64(found[0].EntityID)) {
		return billing.Invoice{}, billing.ErrNoInvoice
	}
	return found[0].Invoice, nil
}

// linkable is how many of a customer's newest invoices are looked at, and offered how many of them.
const linkable, offered = 100, 8

// Linkable are the newest invoices that a case may still be tied to: those that concern its customer and whose number holds what is
// typed. A case without a customer has none.
func (f *CaseFiles) Linkable(ctx context.Context, number, typed string, by access.Actor) ([]billing.InvoiceRow, error) {
	if err := access.Can(by, access.ReadBooks, access.Object{}); err != nil {
		return nil, err
	}
	head, err := f.Find(ctx, number, by)
	if err != nil || head.CustomerID == nil {
		return nil, err
	}
	customer, err := f.billing.CustomerByID(ctx, f.db, *head.CustomerID)
	if err != nil {
		return nil, err
	}
	tied, err := f.cases.Invoices(ctx, f.db, head.ID)
	if err != nil {
		return nil, err
	}
	page, err := f.billing.InvoicesConcerning(ctx, customer, false, "", linkable)
	if err != nil {
		return nil, err
	}
	typed = strings.ToLower(strings.TrimSpace(typed))
	list := slices.DeleteFunc(page.Rows, func(i billing.InvoiceRow) bool {
		linked := slices.ContainsFunc(tied, func(t cases.LinkedInvoice) bool { return t.InvoiceID == i.ID })
		return linked || !by.SeesEntity(int64(i.EntityID)) || !strings.Contains(strings.ToLower(i.Number), typed)
	})
	return list[:min(len(list), offered)], nil
}

// CustomerNamed finds a customer by account number.
func (f *CaseFiles) CustomerNamed(ctx context.Context, account string, by access.Actor) (billing.Customer, error) {
	if err := access.Can(by, access.ReadBooks, access.Object{}); err != nil {
		return billing.Customer{}, err
	}
	customer, err := f.billing.CustomerByAccount(ctx, f.db, account)
	if err != nil {
		return billing.Customer{}, err
	}
	if !by.SeesEntity(int64(customer.EntityID)) {
		return billing.Customer{}, billing.ErrNoCustomer
	}
	return customer, nil
}

// Similar finds settled cases that are like the case of a number.
func (f *CaseFiles) Similar(ctx context.Context, number string, by access.Actor) ([]cases.SimilarCase, error) {
	head, err := f.Find(ctx, number, by)
	if err != nil {
		return nil, err
	}
	return f.cases.Similar(ctx, f.db, head.Case, by)
}

// Contested is what one dispute line contests.
func (f *CaseFiles) Contested(ctx context.Context, id cases.DisputeID) (decimal.Decimal, error) {
	d, err := f.cases.DisputeByID(ctx, f.db, id)
	return d.Contested, err
}
