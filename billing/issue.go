package billing

import (
	"context"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/ledger"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// IssueInvoice issues one invoice for somebody who may.
func (s *Service) IssueInvoice(ctx context.Context, in NewInvoice) (Invoice, error) {
	if err := access.Can(in.By, access.IssueInvoice, access.Object{EntityID: int64(in.EntityID)}); err != nil {
		return Invoice{}, err
	}
	var invoice Invoice
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		invoice, err = s.IssueInvoiceTx(ctx, tx, in)
		return err
	})
	return invoice, err
}

// IssueInvoiceTx issues an invoice: number, lines, taxes, balances, open item, journal entry and audit event. It
// locks the entity's series and books until the transaction ends.
func (s *Service) IssueInvoiceTx(ctx context.Context, tx *db.Tx, in NewInvoice) (Invoice, error) {
	list, err := s.IssueInvoicesTx(ctx, tx, []NewInvoice{in})
	if err != nil {
		return Invoice{}, err
	}
	return list[0], nil
}

// IssueInvoicesTx issues invoices in the order given, all or none, with a handful of statements however many there
// are. It locks the series and books of their entities until the transaction ends.
func (s *Service) IssueInvoicesTx(ctx context.Context, tx *db.Tx, in []NewInvoice) ([]Invoice, error) {
	orders := make([]invoiceOrder, len(in))
	for i, n := range in {
		orders[i] = invoiceOrder{NewInvoice: n, kind: PlainInvoice}
	}
	return s.issueTx(ctx, tx, orders)
}

// invoiceOrder is an invoice on order with what only some have: the correction it belongs to, or the system it was
// issued in.
type invoiceOrder struct {
	NewInvoice
	kind            InvoiceKind
	corrects        *InvoiceID
	reason          string
	caseID          *int64
	creditRequestID *int64
	approvalID      *int64
	stated          *priced // its figures, where they are not to be worked out: approved, or issued elsewhere
	imported        *importedAs
}

// importedAs is how an invoice stands where it was issued: its number, and what that system knows it by. Revenue is the
// account it is booked against, "" for revenue itself.
type importedAs struct {
	number, system, externalID string
	revenue                    ledger.Account
}

func (s *Service) issueTx(ctx context.Context, tx *db.Tx, in []invoiceOrder) ([]Invoice, error) {
	if len(in) == 0 {
		return nil, nil
	}
	issue := issuing{s: s, tx: tx, entities: map[EntityID]Entity{}, rates: map[rateKey]decimal.Decimal{}, days: map[dayKey]booking{}}
	if err := issue.prepare(ctx, in); err != nil {
		return nil, err
	}
	if err := issue.takeIDs(ctx); err != nil {
		return nil, err
	}
	if err := issue.takeNumbers(ctx); err != nil {
		return nil, err
	}
	if err := issue.insert(ctx); err != nil {
		return nil, err
	}
	if err := issue.post(ctx); err != nil {
		return nil, err
	}
	return issue.invoices(), issue.record(ctx)
}

// issuing is a batch of invoices on its way into the books.
type issuing struct {
	s        *Service
	tx       *db.Tx
	drafts   []invoiceDraft
	entities map[EntityID]Entity
	rates    map[rateKey]decimal.Decimal
	days     map[dayKey]booking
}

type invoiceDraft struct {
	Invoice
	priced  priced
	booked  booking
	by      Actor
	entity  Entity
	carries series
	revenue ledger.Account
}

type rateKey struct {
	base, quote money.Currency
	on          time.Time
}

type dayKey struct {
	entity     EntityID
	on         time.Time
	controller bool
}

// prepare works out every invoice and reads what they need.
func (b *issuing) prepare(ctx context.Context, in []invoiceOrder) error {
	ids := make([]CustomerID, 0, 2*len(in))
	for _, n := range in {
		ids = append(ids, n.CustomerID, n.SoldToID)
	}
	customers, err := customersByID(ctx, b.tx, ids)
	if err != nil {
		return err
	}
	b.drafts = make([]invoiceDraft, 0, len(in))
	for _, n := range in {
		billTo, known := customers[n.CustomerID]
		_, knownSoldTo := customers[n.SoldToID]
		if !known || (n.SoldToID != 0 && !knownSoldTo) {
			return errs.InvalidField("customer", ErrNoCustomer.Key)
		}
		draft, err := b.draft(ctx, n, billTo)
		if err != nil {
			return err
		}
		b.drafts = append(b.drafts, draft)
	}
	return b.exempt(ctx, in)
}

func (b *issuing) draft(ctx context.Context, n invoiceOrder, billTo Customer) (invoiceDraft, error) {
	p, err := n.figures()
	if err != nil {
		return invoiceDraft{}, err
	}
	entity, err := b.entity(ctx, n.EntityID)
	if err != nil {
		return invoiceDraft{}, err
	}
	d := invoiceDraft{priced: p, by: actorOr(n.By, "billing.issue"), entity: entity, Invoice: n.invoice(p, billTo)}
	d.PostedAt = b.tx.Now()
	if d.revenue = ledger.Revenue; n.imported != nil && n.imported.revenue != "" {
		d.revenue = n.imported.revenue
	}
	d.carries = invoiceSeries(entity, entity.FiscalYear(d.IssuedOn))
	if d.Kind == DebitMemo {
		d.carries = debitSeries(entity, entity.FiscalYear(d.IssuedOn))
	}
	if d.FxRate, err = b.rate(ctx, rateKey{d.Currency, entity.BaseCurrency, d.IssuedOn}); err != nil {
		return d, err
	}
	d.booked, err = b.bookingDay(ctx, d)
	return d, err
}

// figures works the invoice out, unless its figures are stated.
func (n invoiceOrder) figures() (priced, error) {
	if n.stated != nil {
		return n.stated.clone(), nil
	}
	return price(n.NewInvoice)
}

// invoice is the row as ordered, but for its number, rate and moment.
func (n invoiceOrder) invoice(p priced, billTo Customer) Invoice {
	i := Invoice{
		EntityID: n.EntityID, CustomerID: n.CustomerID, SoldToID: n.SoldToID, Currency: n.Currency, Kind: n.kind, Origin: Issued,
		IssuedOn: Date(n.IssuedOn), DueOn: n.DueOn, ServiceFrom: n.ServiceFrom, ServiceTo: n.ServiceTo,
		PurchaseOrder: n.PurchaseOrder, Net: p.Net, Tax: p.Tax, Rounding: p.Rounding, Total: p.total(),
		PricesIncludeTax: n.PricesIncludeTax, Discount: p.Discount, Withholding: n.Withholding, CorrectsID: n.corrects,
		ReasonCode: n.reason, CaseID: n.caseID, CreditRequestID: n.creditRequestID, ApprovalID: n.approvalID,
	}
	if n.imported != nil {
		i.Origin, i.Number, i.ExternalSystem, i.ExternalID = Imported, n.imported.number, n.imported.system, n.imported.externalID
		i.ReferenceKey = ReferenceKey(i.Number)
	}
	if i.SoldToID == 0 {
		i.SoldToID = i.CustomerID
	}
	if i.DueOn.IsZero() {
		i.DueOn = i.IssuedOn.AddDate(0, 0, billTo.TermsDays)
	}
	if n.approvalID != nil && i.DueOn.Before(i.IssuedOn) { // nothing is overdue on the day it comes
		i.ApprovedDueOn, i.DueOn = new(i.DueOn), i.IssuedOn
	}
	if i.ServiceFrom.IsZero() {
		i.ServiceFrom = i.IssuedOn
	}
	if i.ServiceTo.IsZero() {
		i.ServiceTo = i.ServiceFrom
	}
	return i
}

func (b *issuing) entity(ctx context.Context, id EntityID) (Entity, error) {
	if e, known := b.entities[id]; known {
		return e, nil
	}
	e, err := b.s.EntityByID(ctx, b.tx, id)
	b.entities[id] = e
	return e, err
}

func (b *issuing) rate(ctx context.Context, k rateKey) (decimal.Decimal, error) {
	if rate, known := b.rates[k]; known {
		return rate, nil
	}
	rate, _, err := b.s.Rate(ctx, b.tx, k.base, k.quote, k.on)
	b.rates[k] = rate
	return rate, err
}

func (b *issuing) bookingDay(ctx context.Context, d invoiceDraft) (booking, error) {
	k := dayKey{d.EntityID, d.IssuedOn, d.by.Has(access.Controller)}
	if day, known := b.days[k]; known {
		return day, nil
	}
	day, err := bookingDay(ctx, b.tx, d.EntityID, d.IssuedOn, d.by)
	b.days[k] = day
	return day, err
}

// post enters every invoice in the journal: receivable against revenue per line, tax per group and cash rounding.
func (b *issuing) post(ctx context.Context) error {
	entries := make([]ledger.Draft, 0, len(b.drafts))
	for _, d := range b.drafts {
		if d.Net.IsZero() && d.Total.IsZero() {
			continue // an invoice of nothing, issued elsewhere, moves nothing
		}
		entries = append(entries, d.entry())
	}
	return ledger.PostTx(ctx, b.tx, entries...)
}

func (d invoiceDraft) entry() ledger.Draft {
	invoice, customer := int64(d.ID), int64(d.CustomerID)
	lines := []ledger.Line{{Account: ledger.Receivable, CustomerID: &customer, InvoiceID: &invoice, Item: ledger.InvoiceItem(invoice), Amount: d.Total}}
	for _, l := range d.priced.Lines {
		lines = append(lines, ledger.Line{Account: d.revenue, InvoiceID: &invoice, Amount: l.Net.Neg()})
	}
	for _, t := range d.priced.Taxes {
		lines = append(lines, ledger.Line{Account: ledger.Tax, InvoiceID: &invoice, Amount: t.Tax.Neg()})
	}
	lines = append(lines, ledger.Line{Account: ledger.Rounding, InvoiceID: &invoice, Amount: d.Rounding.Neg()})
	return ledger.Draft{
		EntityID: int64(d.EntityID), BookedOn: d.booked.Day, Soft: d.booked.Soft, DatedOn: d.IssuedOn, DocumentKind: ledger.Invoice, DocumentID: invoice,
		DocumentNumber: d.Number, CustomerID: customer, Currency: d.Currency, BaseCurrency: d.entity.BaseCurrency,
		Rate: d.FxRate, CaseID: d.CaseID, CreditRequestID: d.CreditRequestID, By: d.by, Lines: lines,
	}
}

// record writes the audit events, last because they lock the books.
func (b *issuing) record(ctx context.Context) error {
	events := make([]audit.Event, len(b.drafts))
	for i, d := range b.drafts {
		data := map[string]any{
			"invoice_id": d.ID, "number": d.Number, "customer_id": d.CustomerID,
			"total": d.Total.String(), "currency": d.Currency, "booked_on": d.booked.Day.Format(time.DateOnly),
		}
		d.booked.tell(data)
		what := "invoice.issued"
		if d.Kind == DebitMemo {
			what = "debit_memo.posted"
		}
		if d.Origin == Imported {
			what = "invoice.imported"
		}
		events[i] = audit.Event{Stream: audit.Books(int64(d.EntityID)), By: d.by, What: what, Data: data}
	}
	return audit.RecordTx(ctx, b.tx, events...)
}

func (b *issuing) invoices() []Invoice {
	list := make([]Invoice, len(b.drafts))
	for i, d := range b.drafts {
		list[i] = d.Invoice
	}
	return list
}
