package billing

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/document"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

func printedCustomer(c Customer) document.Customer {
	return document.Customer{Name: c.Name, Address: textLines(c.Address), Account: c.Account, TaxID: document.TaxID{Number: c.TaxID}}
}

// PrintedMemo gathers what a posted credit memo prints.
func (s *Service) PrintedMemo(ctx context.Context, r db.Reader, id MemoID) (document.CreditMemo, error) {
	memo, err := db.One[CreditMemo](ctx, r, `select * from credit_memos where id = $1`, id)
	if memo, err = found(memo, err, ErrNoMemo, "read memo"); err != nil {
		return document.CreditMemo{}, err
	}
	return s.printed(ctx, r, memo)
}

// issuedMemo is PrintedMemo for a memo that was issued here. ErrNoPaper for an imported one: it was made where it was billed, and another one
// would be a second tax document of the same number, with buyer and seller as they are today.
func (s *Service) issuedMemo(ctx context.Context, r db.Reader, id MemoID) (document.CreditMemo, error) {
	elsewhere, err := db.Value[bool](ctx, r, `select origin = 'imported' from credit_memos where id = $1`, id)
	if errors.Is(err, db.ErrNoRow) {
		return document.CreditMemo{}, ErrNoMemo
	}
	if err != nil {
		return document.CreditMemo{}, fmt.Errorf("read memo: %w", err)
	}
	if elsewhere {
		return document.CreditMemo{}, ErrNoPaper
	}
	return s.PrintedMemo(ctx, r, id)
}

// caseNumber is the number of the case that a document came out of, "" without one.
func caseNumber(id *int64) string {
	if id == nil {
		return ""
	}
	return fmt.Sprintf("MG-%06d", *id)
}

// printedBill gathers what any bill prints as it was posted, an invoice and a debit memo alike. What was due before the
// day it is issued, such as a rebill by the day of the invoice it replaces, is to be paid at once.
func (s *Service) printedBill(ctx context.Context, r db.Reader, d InvoiceDetail) (document.Invoice, error) {
	p := document.Invoice{
		Language: languageOf(d.Customer.Language, d.Entity.Language), Currency: d.Currency, Number: d.Number, Date: d.IssuedOn,
		SupplyFrom: d.ServiceFrom, SupplyTo: d.ServiceTo, Order: d.PurchaseOrder, CaseNumber: caseNumber(d.CaseID),
		Entity: printedEntity(d.Entity), Customer: printedCustomer(d.Customer), PricesIncludeTax: d.PricesIncludeTax,
		Net: d.Invoice.Amount(d.Net), Tax: d.Invoice.Amount(d.Tax), Rounding: d.Invoice.Amount(d.Rounding), Total: d.Invoice.Amount(d.Total),
		Open: d.Invoice.Amount(d.Total), Withholding: d.Invoice.Amount(d.Withholding), Payment: document.Payment{Due: lastOf(d.DueOn, d.IssuedOn)},
	}
	for _, x := range d.Discounts {
		p.Discounts = append(p.Discounts, document.Discount{Label: x.Label, Amount: d.Invoice.Amount(x.Amount)})
	}
	for _, l := range d.Lines {
		p.Lines = append(p.Lines, printedBillLine(d.Invoice, l.InvoiceLine))
	}
	for _, t := range d.Taxes {
		p.Taxes = append(p.Taxes, document.TaxGroup{
			Code: t.Code, Category: t.Category, Rate: t.Rate, Net: d.Invoice.Amount(t.Net), Tax: d.Invoice.Amount(t.Tax),
			Note: exemptionNote(t.Category, d.Entity.ExemptionReason),
		})
	}
	if hasExempt(p.Taxes) {
		named, err := exemptGrounds(ctx, r, d.ID, 0)
		if err != nil {
			return p, err
		}
		exempted(p.Taxes, named)
	}
	if d.CorrectsID != nil {
		original, err := s.InvoiceByID(ctx, r, *d.CorrectsID)
		if err != nil {
			return p, err
		}
		if p.Replaces, err = originals(ctx, r, original); err != nil {
			return p, err
		}
	}
	var err error
	p.HomeTax, err = homeRate{d.Entity.BaseCurrency, d.FxRate, d.IssuedOn}.tax(ctx, r, d.Invoice.Amount(d.Tax), p.Taxes)
	return p, err
}

func printedBillLine(i Invoice, l InvoiceLine) document.Line {
	return document.Line{
		Description: l.Description, Quantity: decimal.NewNullDecimal(l.Quantity), UnitPrice: decimal.NewNullDecimal(l.UnitPrice), Net: i.Amount(l.Net),
		Category: l.TaxCategory, TaxRate: l.TaxRate, List: i.Amount(l.List), Discount: i.Amount(l.Discount), Charge: l.Charge,
	}
}

// PrintedDebit gathers what a debit memo prints: an invoice's particulars under its own title.
func (s *Service) PrintedDebit(ctx context.Context, r db.Reader, id InvoiceID) (document.DebitMemo, error) {
	d, err := s.InvoiceDetail(ctx, r, id)
	if err != nil {
		return document.DebitMemo{}, err
	}
	v, err := s.printedBill(ctx, r, d)
	if err != nil {
		return document.DebitMemo{}, err
	}
	reason, err := db.Value[string](ctx, r, `select coalesce((select wording_of(c, $2) from reason_codes c where c.code = i.reason_code), i.reason_code) from invoices i where id = $1`, id, string(v.Language))
	if err != nil {
		return document.DebitMemo{}, fmt.Errorf("read reason: %w", err)
	}
	own, err := db.Value[string](ctx, r, `select e.document_rules from invoices i join legal_entities e on e.id = i.entity_id where i.id = $1`, id)
	if err != nil {
		return document.DebitMemo{}, fmt.Errorf("read document rules: %w", err)
	}
	rules, err := s.rulesOf(v.Entity.Country, own)
	if err != nil {
		return document.DebitMemo{}, err
	}
	return document.DebitMemo{
		Title: rules.Debit.HeadingIn(string(v.Language)), HomeTax: v.HomeTax,
		Language: v.Language, Currency: v.Currency, Number: v.Number, Date: v.Date, Originals: v.Replaces, SupplyFrom: v.SupplyFrom, SupplyTo: v.SupplyTo,
		Order: v.Order, CaseNumber: v.CaseNumber, Reason: reason, Entity: v.Entity, Customer: v.Customer, Lines: v.Lines, Discounts: v.Discounts,
		PricesIncludeTax: v.PricesIncludeTax, Taxes: v.Taxes, Net: v.Net, Tax: v.Tax, Rounding: v.Rounding, Total: v.Total, Withholding: v.Withholding,
		Payment: v.Payment,
	}, nil
}

// printedRefund tells what is paid back and out of what.
func (s *Service) printedRefund(ctx context.Context, r db.Reader, id RefundID) (document.RefundAdvice, error) {
	f, err := db.One[Refund](ctx, r, `select * from refunds where id = $1`, id)
	if f, err = found(f, err, ErrNoAdjustment, "read refund"); err != nil {
		return document.RefundAdvice{}, err
	}
	customer, err := s.CustomerByID(ctx, r, f.CustomerID)
	if err != nil {
		return document.RefundAdvice{}, err
	}
	entity, err := s.EntityByID(ctx, r, f.EntityID)
	if err != nil {
		return document.RefundAdvice{}, err
	}
	parts, err := db.List[struct {
		Kind     document.Kind
		Number   string
		OpenedOn time.Time
		Amount   decimal.Decimal
	}](ctx, r, `select s.item_kind as kind, o.number, o.opened_on, s.amount from refund_sources s
		join open_items o on o.kind = s.item_kind and o.document_id = s.item_id where s.refund_id = $1 order by 1, 2`, id)
	if err != nil {
		return document.RefundAdvice{}, fmt.Errorf("read sources of refund: %w", err)
	}
	p := document.RefundAdvice{
		Language: languageOf(customer.Language, entity.Language), Currency: f.Currency, Number: f.Number, Date: f.RefundedOn, CaseNumber: caseNumber(f.CaseID),
		Reason: f.Explanation, Entity: printedEntity(entity), Customer: printedCustomer(customer), Amount: money.Of(f.Amount, f.Currency),
		Method: f.Method, Destination: f.Destination,
	}
	for _, x := range parts {
		p.Sources = append(p.Sources, document.Part{Kind: x.Kind, Number: x.Number, Date: x.OpenedOn, Amount: money.Of(x.Amount, f.Currency)})
	}
	return p, nil
}

// printedReversal takes a credit memo back on paper; other reversals have none.
func (s *Service) printedReversal(ctx context.Context, r db.Reader, id int64) (document.Reversal, error) {
	v, err := db.One[Reversal](ctx, r, `select * from reversals where id = $1`, id)
	if v, err = found(v, err, ErrNoAdjustment, "read reversal"); err != nil {
		return document.Reversal{}, err
	}
	if v.DocumentKind != MemoDoc {
		return document.Reversal{}, ErrNoPaper
	}
	memo, err := s.PrintedMemo(ctx, r, MemoID(v.DocumentID))
	if err != nil {
		return document.Reversal{}, err
	}
	return document.Reversal{Number: v.Number, Date: v.ReversedOn, CaseNumber: caseNumber(v.CaseID), Reason: orElse(v.Explanation, v.ReasonCode), Memo: memo}, nil
}

// StatementPaper draws a statement of account, in the customer's language where "" is wished. Unlike a posted document it is a
// view, which what is posted later may change: what somebody is handed of it is kept (HandStatement). Same account, same day,
// same bytes; so its hash tells whether two are the same.
func (s *Service) StatementPaper(r db.Reader, st Statement, language string) ([]byte, error) {
	if language != "" && languageOf(language) == document.English && !strings.HasPrefix(strings.ToLower(language), "en") {
		return nil, errs.InvalidField("language", document.ErrLanguage.Key, "language", language)
	}
	d := document.Statement{
		Language: languageOf(language, st.Customer.Language, st.Entity.Language), Date: st.Entity.Day(r.Now()), From: st.From, To: st.To, KnownOn: st.KnownOn,
		Entity: printedEntity(st.Entity), Customer: printedCustomer(st.Customer),
	}
	a := document.Account{Currency: st.Currency, Opening: st.Amount(st.Opening), Closing: st.Amount(st.Closing), PayLink: st.PayLink}
	for _, l := range st.Lines {
		e := document.Entry{Date: l.On, Kind: document.Kind(l.Kind), Number: l.Number, Concerns: l.Refers}
		if l.DueOn != nil {
			e.Due = *l.DueOn
		}
		if l.Charge.IsPositive() {
			e.Debit = st.Amount(l.Charge)
		} else {
			e.Credit = st.Amount(l.Credit)
		}
		a.Entries = append(a.Entries, e)
	}
	for _, i := range st.Items {
		if i.Kind == InvoiceItem {
			a.Open = append(a.Open, document.OpenItem{
				Kind: document.Kind(i.InvoiceKind), Number: i.Number, Date: i.OpenedOn, Due: i.DueOn, Open: st.Amount(i.Open), Disputed: st.Amount(i.Held),
			})
			continue
		}
		a.Credits = append(a.Credits, document.Credit{
			Kind: document.Kind(i.Kind), Number: i.Number, Date: i.OpenedOn, Amount: st.Amount(i.Original), Available: st.Amount(i.Open),
		})
	}
	d.Accounts = []document.Account{a}
	content, err := s.renderer.Statement(d)
	return content, papered(err)
}
