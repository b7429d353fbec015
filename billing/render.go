package billing

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/document"
	"makegood/internal/db"
	"makegood/internal/money"
)

// What a memo's stored file is filed under.
const (
	MemoDocument = "credit_memo"
	PDF          = "application/pdf"
)

// StoredDocument reads a file made from a document; ErrNoDocument when it was not made.
func (s *Service) StoredDocument(ctx context.Context, r db.Reader, kind string, id int64, mediaType string) (StoredDocument, error) {
	doc, err := db.One[StoredDocument](ctx, r, `select * from stored_documents
		where document_kind = $1 and document_id = $2 and media_type = $3`, kind, id, mediaType)
	return found(doc, err, ErrNoDocument, "read document")
}

// RenderMemo makes the PDF of a posted memo and stores it with its hash. It does so once: later calls, also at the
// same moment, give the stored one.
func (s *Service) RenderMemo(ctx context.Context, id MemoID) (StoredDocument, error) {
	return s.Render(ctx, DocumentRef{Kind: MemoDoc, ID: int64(id)})
}

// Render makes the paper of a posted document and stores it with its hash, once: later calls, also at the same moment,
// give the stored one. Credit memos, debit memos, refunds, reversals of credit memos and invoices issued here have papers,
// a rebill naming what it replaces; ErrNoPaper for others.
func (s *Service) Render(ctx context.Context, doc DocumentRef) (StoredDocument, error) {
	list, err := db.List[StoredDocument](ctx, s.db, `select * from stored_documents
		where document_kind = $1 and document_id = $2 and media_type = $3`, doc.Kind, doc.ID, PDF)
	if err != nil {
		return StoredDocument{}, fmt.Errorf("look for document: %w", err)
	}
	if len(list) == 1 {
		return list[0], nil
	}
	number, content, err := s.paper(ctx, s.db, doc)
	if err != nil {
		return StoredDocument{}, err
	}
	sum := sha256.Sum256(content)
	var stored StoredDocument
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		if err := insertStoredDocument(ctx, tx, StoredDocument{
			DocumentKind: string(doc.Kind), DocumentID: doc.ID, MediaType: PDF, Filename: number + ".pdf",
			SHA256: sum[:], Content: content, CreatedAt: tx.Now(),
		}); err != nil {
			return err
		}
		stored, err = s.StoredDocument(ctx, tx, string(doc.Kind), doc.ID, PDF)
		return err
	})
	return stored, err
}

// paper draws a document as it was posted.
func (s *Service) paper(ctx context.Context, r db.Reader, doc DocumentRef) (number string, content []byte, err error) {
	switch doc.Kind {
	case MemoDoc:
		memo, err := s.issuedMemo(ctx, r, MemoID(doc.ID))
		if err != nil {
			return "", nil, err
		}
		content, err = s.renderer.CreditMemo(memo)
		return memo.Number, content, papered(err)
	case InvoiceDoc:
		invoice, err := s.PrintedInvoice(ctx, r, InvoiceID(doc.ID))
		if err != nil {
			return "", nil, err
		}
		content, err = s.renderer.Invoice(invoice)
		return invoice.Number, content, papered(err)
	case DebitDoc:
		debit, err := s.PrintedDebit(ctx, r, InvoiceID(doc.ID))
		if err != nil {
			return "", nil, err
		}
		content, err = s.renderer.DebitMemo(debit)
		return debit.Number, content, papered(err)
	case RefundDoc:
		advice, err := s.printedRefund(ctx, r, RefundID(doc.ID))
		if err != nil {
			return "", nil, err
		}
		content, err = s.renderer.RefundAdvice(advice)
		return advice.Number, content, papered(err)
	case ReversalDoc:
		reversal, err := s.printedReversal(ctx, r, doc.ID)
		if err != nil {
			return "", nil, err
		}
		content, err = s.renderer.Reversal(reversal)
		return reversal.Number, content, papered(err)
	case WriteOffDoc, TransferDoc:
	}
	return "", nil, ErrNoPaper
}

func papered(err error) error {
	if err != nil {
		return fmt.Errorf("draw document: %w", err)
	}
	return nil
}

// printed gathers what the memo prints. Everything in it stands since the moment of posting.
func (s *Service) printed(ctx context.Context, r db.Reader, memo CreditMemo) (document.CreditMemo, error) {
	d, err := s.memoDetail(ctx, r, memo)
	if err != nil {
		return document.CreditMemo{}, err
	}
	p := document.CreditMemo{
		Language: languageOf(d.Customer.Language, d.Entity.Language), Currency: memo.Currency,
		Number: memo.Number, Date: memo.IssuedOn, Reason: memo.Explanation,
		Entity: printedEntity(d.Entity), Customer: printedCustomer(d.Customer), PricesIncludeTax: memo.PricesIncludeTax,
		Net: memo.Amount(memo.Net), Tax: memo.Amount(memo.Tax), Rounding: memo.Amount(memo.Rounding), Total: memo.Amount(memo.Total),
		OnAccount: memo.InvoiceID == nil,
	}
	if memo.InvoiceID != nil {
		if p.Originals, err = originals(ctx, r, d.Invoice); err != nil {
			return p, err
		}
		p.SupplyFrom, p.SupplyTo = d.Invoice.ServiceFrom, d.Invoice.ServiceTo
		withheld, err := withheldBack(ctx, r, d.Invoice, memo.ID)
		if err != nil {
			return p, err
		}
		if withheld.IsPositive() {
			p.Withholding = memo.Amount(withheld)
		}
	}
	if memo.CaseID != nil {
		p.CaseNumber = fmt.Sprintf("MG-%06d", *memo.CaseID)
	}
	if err := givenBack(ctx, r, d, &p); err != nil {
		return p, err
	}
	for _, t := range d.Taxes {
		p.Taxes = append(p.Taxes, document.TaxGroup{
			Code: t.Code, Category: t.Category, Rate: t.Rate, Net: memo.Amount(t.Net), Tax: memo.Amount(t.Tax),
			Note: exemptionNote(t.Category, d.Entity.ExemptionReason),
		})
	}
	if memo.InvoiceID != nil && hasExempt(p.Taxes) {
		named, err := exemptGrounds(ctx, r, *memo.InvoiceID, memo.ID)
		if err != nil {
			return p, err
		}
		exempted(p.Taxes, named)
	}
	if p.Settlements, err = settlements(ctx, r, d); err != nil {
		return p, err
	}
	rules, err := s.rulesOf(d.Entity.Country, d.Entity.DocumentRules)
	if err != nil {
		return p, err
	}
	p.Title = creditTitle(rules, p)
	p.HomeTax, err = homeTax(ctx, r, d, p.Taxes)
	return p, err
}

func printedEntity(e Entity) document.Entity {
	p := document.Entity{
		Name: e.Name, Address: textLines(e.Address), Country: e.Country, Brand: e.BrandColor,
		Legal: []string{e.Name, e.SupportAddress}, Bank: textLines(e.BankDetails),
	}
	if e.TaxID != "" {
		p.TaxIDs = []document.TaxID{{Number: e.TaxID}}
	}
	return p
}

// settlements says where the money goes, with what the invoice still asked for right after.
func settlements(ctx context.Context, r db.Reader, d MemoDetail) ([]document.Settlement, error) {
	var list []document.Settlement
	if d.ToInvoice.IsPositive() {
		part := document.Settlement{Bucket: document.ReducesInvoice, Reference: d.Invoice.Number, Amount: d.Amount(d.ToInvoice)}
		if len(d.Allocations) > 0 {
			settled, err := db.Value[decimal.Decimal](ctx, r, `select coalesce(sum(amount), 0) from allocations
				where invoice_id = $1 and id <= $2`, d.InvoiceID, d.Allocations[0].ID)
			if err != nil {
				return nil, fmt.Errorf("add up allocations: %w", err)
			}
			part.OpenAfter = new(d.Amount(d.Invoice.Total.Sub(settled)))
		}
		list = append(list, part)
	}
	if d.ToBalance.IsPositive() {
		list = append(list, document.Settlement{Bucket: document.CustomerBalance, Amount: d.Amount(d.ToBalance)})
	}
	if d.ToRefund.IsPositive() {
		list = append(list, document.Settlement{Bucket: document.Refunded, Amount: d.Amount(d.ToRefund)})
	}
	if d.SettledOutside.IsPositive() {
		list = append(list, document.Settlement{Bucket: document.SettledOutside, Amount: d.Amount(d.SettledOutside)})
	}
	return list, nil
}

// originals names an invoice with the stamp of its tax authority.
func originals(ctx context.Context, r db.Reader, i Invoice) ([]document.InvoiceRef, error) {
	stamps, err := db.Values[string](ctx, r, `select stamp from invoice_stamps where invoice_id = $1 order by id desc limit 1`, i.ID)
	if err != nil {
		return nil, fmt.Errorf("read stamp: %w", err)
	}
	return []document.InvoiceRef{{Number: i.Number, Date: i.IssuedOn, Stamp: strings.Join(stamps, "")}}, nil
}

// homeTax states the tax in the entity's own currency where the memo is in another, at the invoice's rate.
func homeTax(ctx context.Context, r db.Reader, d MemoDetail, taxes []document.TaxGroup) (*document.HomeTax, error) {
	on := d.Invoice.IssuedOn
	if d.InvoiceID == nil {
		on = d.IssuedOn
	}
	return homeRate{d.Entity.BaseCurrency, d.FxRate, on}.tax(ctx, r, d.Amount(d.Tax), taxes)
}

// homeRate is the rate that a document was posted with, in its entity's own currency.
type homeRate struct {
	home money.Currency
	rate decimal.Decimal
	on   time.Time
}

// tax is a document's tax at home; nil where it is not stated.
func (h homeRate) tax(ctx context.Context, r db.Reader, tax money.Amount, taxes []document.TaxGroup) (*document.HomeTax, error) {
	if !statesHomeTax(tax.Currency(), h.home, taxes) {
		return nil, nil //nolint:nilnil // most documents have none
	}
	sources, err := db.Values[string](ctx, r, `select source from fx_rates where on_date <= $1 and base = any ($2) and quote = any ($2)
		order by on_date desc limit 1`, h.on, []string{string(tax.Currency()), string(h.home), string(AuthorityCurrency)})
	if err != nil {
		return nil, fmt.Errorf("read source of rate: %w", err)
	}
	return &document.HomeTax{Tax: tax.Convert(h.rate, h.home), Rate: h.rate, Source: strings.Join(sources, ""), Date: h.on}, nil
}

// languageOf is the first of the wished languages that documents are made in, else English.
func languageOf(wished ...string) document.Language {
	for _, w := range wished {
		short, _, _ := strings.Cut(strings.ToLower(w), "-")
		switch l := document.Language(short); l {
		case document.English, document.German, document.Chinese, document.Japanese, document.Portuguese:
			return l
		}
	}
	return document.English
}

func textLines(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
