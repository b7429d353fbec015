package portal

import (
	"context"
	"slices"
	"time"

	"makegood/billing"
	"makegood/billing/dunning"
	"makegood/cases"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// PageSize is how many rows a list of the portal shows.
const PageSize = 25

// Invoices lists the invoices that concern the visitor, newest first. Somebody who is no customer's contact has none.
func (s *Service) Invoices(ctx context.Context, v Visitor, openOnly bool, after string) (billing.Page[billing.InvoiceRow], error) {
	if v.Customer == nil {
		return billing.Page[billing.InvoiceRow]{}, nil
	}
	return s.Billing.InvoicesConcerning(ctx, *v.Customer, openOnly, after, PageSize)
}

// Balance is how the visitor's customer stands; ok is false for somebody who is no customer's contact.
func (s *Service) Balance(ctx context.Context, v Visitor) (p billing.Position, ok bool, err error) {
	if v.Customer == nil {
		return p, false, nil
	}
	p, err = s.Billing.Position(ctx, s.DB, v.Customer.ID)
	return p, err == nil, err
}

// PayBalance is where what the visitor's customer is to pay now is paid; "" where there is no such place, or nothing to pay.
func (s *Service) PayBalance(ctx context.Context, v Visitor, p billing.Position) (string, error) {
	if v.Customer == nil {
		return "", nil
	}
	return s.Billing.PayLinkOf(ctx, s.DB, v.Customer.EntityID, dunning.Pay{Amount: money.Of(p.PayNow, p.Currency), Reference: v.Customer.Account, Account: v.Customer.Account})
}

// PayInvoice is where what is not in dispute of an invoice is paid, for whoever is billed by it; "" for all others.
func (s *Service) PayInvoice(ctx context.Context, v Visitor, d billing.InvoiceDetail) (string, error) {
	if v.Customer == nil || d.CustomerID != v.Customer.ID {
		return "", nil
	}
	return s.Billing.PayLinkOf(ctx, s.DB, d.EntityID, dunning.Pay{Amount: d.Amount(d.Open.Collectible()), Reference: d.Number, Account: v.Customer.Account})
}

// Memos lists the visitor's credit memos, newest first.
func (s *Service) Memos(ctx context.Context, v Visitor, after string) (billing.Page[billing.MemoRow], error) {
	if v.Customer == nil {
		return billing.Page[billing.MemoRow]{}, nil
	}
	return s.Billing.MemosConcerning(ctx, *v.Customer, after, PageSize)
}

// Invoice reads an invoice that concerns the visitor, and the reasons it may be disputed for. Another's is not there.
func (s *Service) Invoice(ctx context.Context, v Visitor, number string) (billing.InvoiceDetail, []cases.Reason, error) {
	if v.Customer == nil {
		return billing.InvoiceDetail{}, nil, billing.ErrNoInvoice
	}
	d, err := s.Billing.InvoiceConcerning(ctx, s.DB, *v.Customer, number)
	if err != nil {
		return d, nil, err
	}
	reasons, err := s.reasons(ctx)
	return d, reasons, err
}

// reasons are those of disputes.
func (s *Service) reasons(ctx context.Context) ([]cases.Reason, error) {
	all, err := s.Cases.Reasons(ctx)
	if err != nil {
		return nil, err
	}
	var list []cases.Reason
	for _, r := range all {
		if r.CaseType == "" || r.CaseType == cases.Dispute {
			list = append(list, r)
		}
	}
	return list, nil
}

// MemoPaper is a credit memo's document as PDF or, with xml, as UBL. Another's is not there.
func (s *Service) MemoPaper(ctx context.Context, v Visitor, number string, xml bool) (billing.StoredDocument, error) {
	if v.Customer == nil {
		return billing.StoredDocument{}, billing.ErrNoMemo
	}
	m, err := s.Billing.MemoConcerning(ctx, s.DB, *v.Customer, number)
	if err != nil {
		return billing.StoredDocument{}, err
	}
	ref := billing.DocumentRef{Kind: billing.MemoDoc, ID: int64(m.ID)}
	if !xml {
		return s.Billing.Render(ctx, ref)
	}
	doc, err := s.Billing.RenderXML(ctx, ref)
	if errs.KindOf(err) == errs.Invalid { // what the books lack for it is no news for a customer
		return doc, errs.Wrap(err, errs.NotFound, "portal.no_xml")
	}
	return doc, err
}

// Requests lists the visitor's requests, the latest first; before is the last id of the page before.
func (s *Service) Requests(ctx context.Context, v Visitor, before cases.ID) ([]cases.Case, error) {
	return s.Cases.CasesOf(ctx, s.DB, v.reader(), before, PageSize)
}

// Request is a case as a customer may see it: no notes, no clocks, no limits, nobody's internal names for things.
type Request struct {
	cases.Case
	Messages []cases.Message
	Disputes []cases.DisputeLine
	Invoices []billing.Invoice
	Memos    []billing.MemoRow
	Answer   *cases.OutcomeAnswer
}

// Request reads a request of the visitor's. Another's is not there.
func (s *Service) Request(ctx context.Context, v Visitor, number string) (Request, error) {
	var q Request
	var err error
	if q.Case, err = s.Cases.CaseOf(ctx, s.DB, v.reader(), number); err != nil {
		return q, err
	}
	var since time.Time
	if q.Messages, since, err = s.Cases.Told(ctx, s.DB, v.reader(), q.ID); err != nil {
		return q, err
	}
	if q.Disputes, err = s.Cases.Disputes(ctx, s.DB, q.ID); err != nil {
		return q, err
	}
	answer, ok, err := s.Cases.LastAnswer(ctx, s.DB, q.ID)
	if err != nil {
		return q, err
	}
	if ok {
		q.Answer = &answer
	}
	q.since(since)
	return q, s.papersOf(ctx, v, &q)
}

// since leaves out what was said and decided before somebody was let in who is not of the customer. What is contested now stays, without
// the words it was contested with.
func (q *Request) since(moment time.Time) {
	q.Disputes = slices.DeleteFunc(q.Disputes, func(d cases.DisputeLine) bool { return d.DecidedAt != nil && d.DecidedAt.Before(moment) })
	for i := range q.Disputes {
		if q.Disputes[i].OpenedAt.Before(moment) {
			q.Disputes[i].Claim = ""
		}
	}
	if q.Answer != nil && q.Answer.At.Before(moment) {
		q.Answer = nil
	}
}

// papersOf reads the invoices and credit memos of a request, as far as they concern the visitor.
func (s *Service) papersOf(ctx context.Context, v Visitor, q *Request) error {
	if v.Customer == nil {
		return nil
	}
	linked, err := s.Cases.Invoices(ctx, s.DB, q.ID)
	if err != nil {
		return err
	}
	ids := make([]billing.InvoiceID, len(linked))
	for i, l := range linked {
		ids[i] = l.InvoiceID
	}
	if q.Invoices, err = s.Billing.InvoicesConcerningByID(ctx, s.DB, *v.Customer, ids); err != nil {
		return err
	}
	q.Memos, err = s.Billing.MemosOfCase(ctx, s.DB, *v.Customer, int64(q.ID))
	return err
}
