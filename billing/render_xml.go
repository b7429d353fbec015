package billing

import (
	"context"
	"crypto/sha256"
	"fmt"

	"makegood/billing/document"
	"makegood/billing/document/ubl"
	"makegood/internal/db"
)

// XML is the media type of electronic documents.
const XML = "application/xml"

// RenderXML makes the UBL 2.1 form of a posted credit memo, debit memo or reversal of a credit memo, or of an invoice issued
// here such as a rebill, and stores it with its hash, once. It refuses, by the field, what EN 16931 or Peppol BIS 3 would refuse, and what they would let pass: a tax that
// is not what the books have, or a memo that does not name its invoice. ErrNoPaper for other documents.
func (s *Service) RenderXML(ctx context.Context, doc DocumentRef) (StoredDocument, error) {
	list, err := db.List[StoredDocument](ctx, s.db, `select * from stored_documents
		where document_kind = $1 and document_id = $2 and media_type = $3`, doc.Kind, doc.ID, XML)
	if err != nil {
		return StoredDocument{}, fmt.Errorf("look for document: %w", err)
	}
	if len(list) == 1 {
		return list[0], nil
	}
	electronic, err := s.electronic(ctx, s.db, doc)
	if err != nil {
		return StoredDocument{}, err
	}
	content, err := ubl.Write(electronic)
	if err != nil {
		return StoredDocument{}, papered(err)
	}
	sum := sha256.Sum256(content)
	var stored StoredDocument
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		if err := insertStoredDocument(ctx, tx, StoredDocument{
			DocumentKind: string(doc.Kind), DocumentID: doc.ID, MediaType: XML, Filename: electronic.Number + ".xml",
			SHA256: sum[:], Content: content, CreatedAt: tx.Now(),
		}); err != nil {
			return err
		}
		stored, err = s.StoredDocument(ctx, tx, string(doc.Kind), doc.ID, XML)
		return err
	})
	return stored, err
}

// electronic is a document in the terms of EN 16931.
func (s *Service) electronic(ctx context.Context, r db.Reader, doc DocumentRef) (ubl.Document, error) {
	switch doc.Kind {
	case MemoDoc:
		memo, err := s.issuedMemo(ctx, r, MemoID(doc.ID))
		if err != nil {
			return ubl.Document{}, err
		}
		if err := stillAsApproved(ctx, r, MemoID(doc.ID)); err != nil {
			return ubl.Document{}, err
		}
		more, err := s.details(ctx, r, `select entity_id, customer_id from credit_memos where id = $1`, doc.ID)
		more.Booked = booked(memo.Taxes)
		return ubl.CreditNote(memo, more), err
	case InvoiceDoc:
		invoice, err := s.PrintedInvoice(ctx, r, InvoiceID(doc.ID))
		if err != nil {
			return ubl.Document{}, err
		}
		more, err := s.details(ctx, r, `select entity_id, customer_id from invoices where id = $1`, doc.ID)
		return ubl.Invoiced(invoice, more), err
	case DebitDoc:
		debit, err := s.PrintedDebit(ctx, r, InvoiceID(doc.ID))
		if err != nil {
			return ubl.Document{}, err
		}
		more, err := s.details(ctx, r, `select entity_id, customer_id from invoices where id = $1`, doc.ID)
		return ubl.DebitNote(debit, more), err
	case ReversalDoc:
		reversal, err := s.printedReversal(ctx, r, doc.ID)
		if err != nil {
			return ubl.Document{}, err
		}
		more, err := s.details(ctx, r, `select entity_id, customer_id from reversals where id = $1`, doc.ID)
		more.Booked = booked(reversal.Memo.Taxes)
		return ubl.Undone(reversal, more), err
	case RefundDoc, WriteOffDoc, TransferDoc:
	}
	return ubl.Document{}, ErrNoPaper
}

// stillAsApproved refuses a memo that is not, to the cent, what was signed: whoever changed it, it leaves no more as a
// document in law.
func stillAsApproved(ctx context.Context, r db.Reader, id MemoID) error {
	same, err := db.Value[bool](ctx, r, `select a.digest = credit_memo_digest(m.id) from credit_memos m join adjustment_approvals a on a.id = m.approval_id where m.id = $1`, id)
	if err != nil {
		return fmt.Errorf("compare memo with its approval: %w", err)
	}
	if !same {
		return ErrNeedsApproval
	}
	return nil
}

// booked are a memo's taxes as they were posted, which is exactly what its electronic form has to say. Further taxes are none of its
// VAT: they are charges there.
func booked(taxes []document.TaxGroup) []ubl.Booked {
	var list []ubl.Booked
	for _, t := range taxes {
		if t.Code == "" {
			list = append(list, ubl.Booked{Category: t.Category, Rate: t.Rate, Net: t.Net, Tax: t.Tax})
		}
	}
	return list
}

// details completes what is printed with what only machines read; the query names whose document it is.
func (s *Service) details(ctx context.Context, r db.Reader, query string, id int64) (ubl.Details, error) {
	whose, err := db.One[struct {
		EntityID   EntityID
		CustomerID CustomerID
	}](ctx, r, query, id)
	if err != nil {
		return ubl.Details{}, fmt.Errorf("read parties: %w", err)
	}
	entity, err := s.EntityByID(ctx, r, whose.EntityID)
	if err != nil {
		return ubl.Details{}, err
	}
	customer, err := s.CustomerByID(ctx, r, whose.CustomerID)
	return ubl.Details{
		Seller: ubl.PartyDetails{
			Country: entity.Country, Endpoint: ubl.Identifier{Scheme: entity.EndpointScheme, Value: entity.EndpointID},
			Contact: ubl.Contact{Name: entity.SupportName, Phone: entity.Phone, Email: entity.SupportAddress},
		},
		Buyer: ubl.PartyDetails{Country: customer.Country, Endpoint: ubl.Identifier{Scheme: customer.EndpointScheme, Value: customer.EndpointID}},
	}, err
}
