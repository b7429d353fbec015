package reports

import (
	"context"
	"fmt"
	"slices"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
)

// ProposeBasis is what a proposal starts from: an invoice with what is left on it and perhaps its case with what is
// contested, or a customer's unapplied money, or a posted document to take back, or an entity's small balances.
type ProposeBasis struct {
	Case     *cases.Case // nil when the proposal has none
	Customer billing.Customer
	Items    []billing.OpenItem // of a customer: what is not used
	Family   []billing.Customer // of a customer: the others, to whom it can be moved
	Taxes    []billing.LineTax  // of a customer: how it was taxed lately, for what has no invoice
	Original *billing.Original  // of a document to take back
	Small    *SmallBalances     // what a small-balance write-off would give up
	Invoice  billing.InvoiceDetail
	Others   []billing.Invoice // further invoices of the case
	Disputes []cases.DisputeLine
	Messages []cases.Message         // what the customer wrote, oldest first
	Struck   []billing.StruckService // incidents of the customer that goodwill can be given for
	Sheets   []billing.CreditSheet   // of the customer: how service credits were computed, the latest first
	Reasons  []cases.Reason
	Causes   []cases.RootCause
	People   []Somebody // whose error it may have been
}

// Somebody is one of the desk's people, by name.
type Somebody struct {
	ID   int64
	Name string
}

// ForCase reads the basis for a credit in a case, on the named invoice of it; "" takes the one that is contested.
func (d *CreditDesk) ForCase(ctx context.Context, number, invoice string, by access.Actor) (ProposeBasis, error) {
	c, err := d.cases.CaseByNumber(ctx, d.db, number, by)
	if err != nil {
		return ProposeBasis{}, err
	}
	b := ProposeBasis{Case: &c}
	disputes, err := d.cases.Disputes(ctx, d.db, c.ID)
	if err != nil {
		return b, err
	}
	id, err := d.invoiceOf(ctx, &b, disputes, invoice)
	if err != nil {
		return b, err
	}
	for _, dispute := range disputes {
		if dispute.InvoiceID == id {
			b.Disputes = append(b.Disputes, dispute)
		}
	}
	messages, err := d.cases.Messages(ctx, d.db, c.ID)
	if err != nil {
		return b, err
	}
	for _, m := range messages {
		if m.Kind == cases.Inbound && !m.Machine {
			b.Messages = append(b.Messages, m)
		}
	}
	return b, d.fill(ctx, &b, id, by)
}

// ForInvoice reads the basis for a credit without a case.
func (d *CreditDesk) ForInvoice(ctx context.Context, number string, by access.Actor) (ProposeBasis, error) {
	invoice, err := d.billing.InvoiceByNumber(ctx, d.db, number)
	if err != nil {
		return ProposeBasis{}, err
	}
	var b ProposeBasis
	return b, d.fill(ctx, &b, invoice.ID, by)
}

// invoiceOf chooses the invoice of a case, and lists the others. ErrNoInvoice when the case is about none.
func (d *CreditDesk) invoiceOf(ctx context.Context, b *ProposeBasis, disputes []cases.DisputeLine, number string) (billing.InvoiceID, error) {
	var ids []billing.InvoiceID
	for _, dispute := range disputes {
		if !dispute.Status.Decided() {
			ids = append(ids, dispute.InvoiceID)
		}
	}
	linked, err := d.cases.Invoices(ctx, d.db, b.Case.ID)
	if err != nil {
		return 0, err
	}
	for _, l := range linked {
		ids = append(ids, l.InvoiceID)
	}
	var chosen billing.InvoiceID
	var seen []billing.InvoiceID
	for _, id := range ids {
		if slices.Contains(seen, id) {
			continue
		}
		seen = append(seen, id)
		invoice, err := d.billing.InvoiceByID(ctx, d.db, id)
		if err != nil {
			return 0, err
		}
		b.Others = append(b.Others, invoice)
		if invoice.Number == number || chosen == 0 && number == "" {
			chosen = id
		}
	}
	if chosen == 0 {
		return 0, billing.ErrNoInvoice
	}
	b.Others = slices.DeleteFunc(b.Others, func(i billing.Invoice) bool { return i.ID == chosen })
	return chosen, nil
}

func (d *CreditDesk) fill(ctx context.Context, b *ProposeBasis, id billing.InvoiceID, by access.Actor) error {
	var err error
	if b.Invoice, err = d.billing.InvoiceDetail(ctx, d.db, id); err != nil {
		return err
	}
	if err := access.Can(by, access.Propose, access.Object{EntityID: int64(b.Invoice.EntityID)}); err != nil {
		return err
	}
	b.Customer = b.Invoice.Customer
	if b.Struck, err = d.billing.StruckServices(ctx, d.db, b.Customer.ID); err != nil {
		return err
	}
	if b.Sheets, err = d.billing.CustomerSheets(ctx, d.db, b.Customer.ID); err != nil {
		return err
	}
	return d.words(ctx, b)
}

// taxesLately is how many of the latest invoices say how a customer, or an entity's customers, are taxed.
const taxesLately = 100

// ForCustomer reads the basis for paying out or moving what a customer has unapplied, and for crediting or charging it without
// an invoice.
func (d *CreditDesk) ForCustomer(ctx context.Context, account string, by access.Actor) (ProposeBasis, error) {
	var b ProposeBasis
	var err error
	if b.Customer, err = d.billing.CustomerByAccount(ctx, d.db, account); err != nil {
		return b, err
	}
	if err := access.Can(by, access.Propose, access.Object{EntityID: int64(b.Customer.EntityID)}); err != nil {
		return b, err
	}
	if b.Items, err = d.billing.UnappliedItems(ctx, d.db, b.Customer.ID); err != nil {
		return b, err
	}
	b.Family, err = db.List[billing.Customer](ctx, d.db, `select * from customers where family_id = $1 and id <> $2 order by name limit 100`, b.Customer.FamilyID, b.Customer.ID)
	if err != nil {
		return b, fmt.Errorf("read family: %w", err)
	}
	if b.Struck, err = d.billing.StruckServices(ctx, d.db, b.Customer.ID); err != nil {
		return b, err
	}
	if b.Sheets, err = d.billing.CustomerSheets(ctx, d.db, b.Customer.ID); err != nil {
		return b, err
	}
	if b.Taxes, err = d.taxes(ctx, b.Customer); err != nil {
		return b, err
	}
	return b, d.words(ctx, &b)
}

// taxes lists the taxes of a customer's latest invoices, or, where it has none, of its entity's; the highest rate first.
func (d *CreditDesk) taxes(ctx context.Context, c billing.Customer) ([]billing.LineTax, error) {
	for _, of := range []struct {
		where string
		id    int64
	}{{"customer_id = $1", int64(c.ID)}, {"entity_id = $1", int64(c.EntityID)}} {
		list, err := db.List[billing.LineTax](ctx, d.db, `select distinct t.category, t.rate from invoice_taxes t
			join (select id from invoices where `+of.where+` order by issued_on desc, id desc limit $2) i on i.id = t.invoice_id
			order by t.rate desc, t.category`, of.id, taxesLately)
		if err != nil {
			return nil, fmt.Errorf("read taxes: %w", err)
		}
		if len(list) > 0 {
			return list, nil
		}
	}
	return nil, nil
}

// ForDocument reads the basis for taking a posted adjustment back, by its number; ErrNoAdjustment when there is none.
func (d *CreditDesk) ForDocument(ctx context.Context, number string, by access.Actor) (ProposeBasis, error) {
	doc, err := d.billing.DocumentByNumber(ctx, d.db, number)
	if err != nil {
		return ProposeBasis{}, err
	}
	if err := access.Can(by, access.Propose, access.Object{EntityID: int64(doc.EntityID)}); err != nil {
		return ProposeBasis{}, err
	}
	concerned, err := d.billing.Concerned(ctx, d.db, billing.AdjustmentInput{Kind: billing.Reverse, Reverses: doc.DocumentRef})
	if err != nil {
		return ProposeBasis{}, err
	}
	b := ProposeBasis{Original: concerned.Original}
	if len(concerned.Customers) == 1 {
		b.Customer = concerned.Customers[0]
	}
	return b, d.words(ctx, &b)
}

// colleagues is how many people are offered as those whose error it may have been: those who work first, then who left.
const colleagues = 500

// words reads what reasons and causes there are, and whose error it may have been.
func (d *CreditDesk) words(ctx context.Context, b *ProposeBasis) error {
	var err error
	if b.Reasons, err = d.cases.Reasons(ctx); err != nil {
		return err
	}
	if b.Causes, err = d.cases.RootCauses(ctx); err != nil {
		return err
	}
	b.People, err = db.List[Somebody](ctx, d.db, `select id, name from users where roles && array['agent','senior','supervisor','controller','collections']
		order by active desc, name, id limit $1`, colleagues)
	if err != nil {
		return fmt.Errorf("read colleagues: %w", err)
	}
	return nil
}
