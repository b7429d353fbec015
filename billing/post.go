package billing

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/ledger"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/money"
)

// Posted is the document an adjustment became. Memo is set for a credit, Invoice for a debit memo or the new invoice of
// a rebill, Refund where money goes out.
type Posted struct {
	Document DocumentRef
	Currency money.Currency
	Total    decimal.Decimal
	Memo     *CreditMemo
	Invoice  *Invoice
	Refund   *Refund
}

// PostAdjustmentTx posts an approved and reserved adjustment of any kind: number, rows, what it settles, journal entries
// and audit event. It happens once per credit request: the same content again gives the document there is, other content
// is refused with ErrPostedDifferently. It refuses with ErrNeedsApproval or ErrNotReserved what was not signed off or
// kept. It locks what the adjustment is on, the family of who is paid back, then the entity's series and books until the
// transaction ends, so it belongs as late in a transaction as may be.
func (s *Service) PostAdjustmentTx(ctx context.Context, tx *db.Tx, in PostAdjustment) (Posted, error) {
	posted, err := s.PostAdjustmentsTx(ctx, tx, []PostAdjustment{in})
	if err != nil {
		return Posted{}, err
	}
	return posted[0], nil
}

// PostAdjustmentsTx posts several, all or none, in the order given; no two may be of one credit request. Credit memos
// share their statements, however many they are, so that the series and the books are locked once for all of them. See
// PostAdjustmentTx for what each is.
func (s *Service) PostAdjustmentsTx(ctx context.Context, tx *db.Tx, list []PostAdjustment) ([]Posted, error) {
	g, err := s.readGround(ctx, tx, list)
	if err != nil {
		return nil, err
	}
	if err := lockPayouts(ctx, tx, list); err != nil {
		return nil, err
	}
	done := make([]Posted, len(list))
	var memos []*posting
	for i, in := range list {
		in.By = actorOr(in.By, "billing.post_adjustment")
		p, before, err := g.begin(ctx, in)
		if err != nil {
			return nil, err
		}
		if p == nil {
			done[i] = before
			continue
		}
		if p.place = i; p.a.Kind.Credits() {
			memos = append(memos, p)
			continue
		}
		if done[i], err = p.post(ctx); err != nil {
			return nil, err
		}
	}
	err = g.writeMemos(ctx, memos)
	if db.Violates(err, "credit_memos_credit_request_id_key") { // posted at this very moment for another invoice
		return nil, ErrPostedDifferently
	}
	if err != nil {
		return nil, err
	}
	for _, p := range memos {
		if done[p.place], err = p.post(ctx); err != nil {
			return nil, err
		}
	}
	return done, nil
}

// posting is an adjustment on its way into the books.
type posting struct {
	s      *Service
	tx     *db.Tx
	in     PostAdjustment
	a      Adjustment
	ground *ground
	place  int // among those posted together
	entity Entity
	held   locked
	today  time.Time // the day the documents carry
	booked booking
	memo   CreditMemo // of a credit
	left   source     // what the memo has left after it reduced its invoice
}

func (p *posting) post(ctx context.Context) (Posted, error) {
	switch p.a.Kind {
	case BillingError, Concession, SLACredit:
		return p.postMemo(ctx)
	case Rebill:
		return p.postRebill(ctx)
	case Debit:
		return p.postDebit(ctx)
	case RefundOut:
		return p.postRefund(ctx)
	case WriteOff:
		return p.postWriteOff(ctx)
	case TransferOver:
		return p.postTransfer(ctx)
	case Reverse:
	}
	return p.postReversal(ctx)
}

// book fixes the day of the books: the wanted one while its period takes entries from this actor, else the next.
func (p *posting) book(want time.Time) { p.booked = p.ground.bookingDay(p.entity.ID, want, p.in.By) }

// draft is an entry of this adjustment, still without lines.
func (p *posting) draft(kind ledger.DocumentKind, id int64, number string, customer CustomerID, rate decimal.Decimal) ledger.Draft {
	return ledger.Draft{
		EntityID: int64(p.entity.ID), BookedOn: p.booked.Day, Soft: p.booked.Soft, DatedOn: p.today, DocumentKind: kind, DocumentID: id, DocumentNumber: number,
		CustomerID: int64(customer), Currency: p.a.Currency, BaseCurrency: p.entity.BaseCurrency, Rate: rate,
		CaseID: p.in.CaseID, CreditRequestID: orNull(p.in.CreditRequestID), By: p.in.By,
	}
}

// lastDay is the latest day, by any date, of what this adjustment books.
func (p *posting) lastDay() time.Time { return lastOf(p.booked.Day, p.today, p.tx.Now()) }

// number takes the next number of a series.
func (p *posting) number(ctx context.Context, row series) (place int64, number string, err error) {
	place, err = row.takeTx(ctx, p.tx, 1)
	return place, row.number(place), err
}

// record writes the audit event, last because it locks the books.
func (p *posting) record(ctx context.Context, what string, doc DocumentRef, more map[string]any) error {
	data := map[string]any{
		"document_id": doc.ID, "number": doc.Number, "customer_id": p.a.CustomerID, "kind": p.a.Kind, "reason_code": p.a.ReasonCode,
		"total": p.a.Total.String(), "currency": p.a.Currency, "credit_request_id": p.in.CreditRequestID, "approval_id": p.in.ApprovalID,
		"booked_on": p.booked.Day.Format(time.DateOnly), "digest": hex.EncodeToString(p.a.Digest(p.in.CreditRequestID)),
	}
	maps.Copy(data, more)
	if p.in.CaseID != nil {
		data["case_id"] = *p.in.CaseID
	}
	p.booked.tell(data)
	return audit.RecordTx(ctx, p.tx, audit.Event{Stream: audit.Books(int64(p.entity.ID)), By: p.in.By, What: what, Data: data})
}

// posted reads a posted document with what came with it.
func (s *Service) posted(ctx context.Context, r db.Reader, doc DocumentRef) (Posted, error) {
	posted := Posted{Document: doc}
	switch doc.Kind {
	case MemoDoc:
		memo, err := db.One[CreditMemo](ctx, r, `select * from credit_memos where id = $1`, doc.ID)
		if err != nil {
			return posted, fmt.Errorf("read memo: %w", err)
		}
		posted.Memo = &memo
		bills, err := db.List[Invoice](ctx, r, `select * from invoices where credit_request_id = $1`, memo.CreditRequestID)
		if err != nil {
			return posted, fmt.Errorf("read rebill: %w", err)
		}
		if len(bills) == 1 {
			posted.Invoice = &bills[0]
		}
		if !memo.ToRefund.IsPositive() {
			return posted, nil
		}
		paid, err := db.List[Refund](ctx, r, `select * from refunds where customer_id = $1 and credit_request_id = $2`, memo.CustomerID, memo.CreditRequestID)
		if err != nil {
			return posted, fmt.Errorf("read refund of memo: %w", err)
		}
		if len(paid) == 1 {
			posted.Refund = &paid[0]
		}
	case DebitDoc:
		invoice, err := s.InvoiceByID(ctx, r, InvoiceID(doc.ID))
		posted.Invoice = &invoice
		return posted, err
	case RefundDoc:
		refund, err := db.One[Refund](ctx, r, `select * from refunds where id = $1`, doc.ID)
		if err != nil {
			return posted, fmt.Errorf("read refund: %w", err)
		}
		posted.Refund = &refund
	case WriteOffDoc, TransferDoc, ReversalDoc, InvoiceDoc:
	}
	return posted, nil
}
