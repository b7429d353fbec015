package billing

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"makegood/billing/ledger"
	"makegood/internal/audit"
	"makegood/internal/db"
)

// PostMemoTx posts an approved and reserved adjustment as a credit memo: number, rows, what it settles on its
// invoice, the rest as the customer's balance, journal entries and audit event. It happens once per credit request:
// the same content again gives the memo there is, other content is refused with ErrPostedDifferently. It refuses
// with ErrNeedsApproval or ErrNotReserved what was not signed off or kept. It locks the invoice, then the entity's
// series and books until the transaction ends, so it belongs as late in a transaction as may be.
func (s *Service) PostMemoTx(ctx context.Context, tx *db.Tx, in PostMemo) (CreditMemo, error) {
	in.By = actorOr(in.By, "billing.post_memo")
	invoice, err := lockInvoice(ctx, tx, in.Adjustment.InvoiceID)
	if err != nil {
		return CreditMemo{}, err
	}
	if memo, there, err := postedBefore(ctx, tx, in); err != nil || there {
		return memo, err
	}
	if err := checkApproval(ctx, tx, in); err != nil {
		return CreditMemo{}, err
	}
	if err := useReservation(ctx, tx, in.CreditRequestID, in.Adjustment); err != nil {
		return CreditMemo{}, err
	}
	entity, err := s.EntityByID(ctx, tx, invoice.EntityID)
	if err != nil {
		return CreditMemo{}, err
	}
	memo := newMemo(in, entity, invoice, tx.Now())
	booked, err := bookingDay(ctx, tx, entity.ID, lastDayFor(memo.TaxPoint, memo.IssuedOn), in.By)
	if err != nil {
		return CreditMemo{}, err
	}
	posting := memoPosting{in: in, entity: entity, invoice: invoice, booked: booked}
	memo, err = posting.post(ctx, tx, memo)
	if db.Violates(err, "credit_memos_credit_request_id_key") { // posted at this very moment for another invoice
		return CreditMemo{}, ErrPostedDifferently
	}
	return memo, err
}

// postedBefore finds the memo of the same credit request, and refuses one of other content.
func postedBefore(ctx context.Context, tx *db.Tx, in PostMemo) (CreditMemo, bool, error) {
	type digested struct {
		CreditMemo
		Digest []byte
	}
	list, err := db.List[digested](ctx, tx, `select m.*, credit_memo_digest(m.id) as digest from credit_memos m
		where m.credit_request_id = $1`, in.CreditRequestID)
	if err != nil {
		return CreditMemo{}, false, fmt.Errorf("look for posted memo: %w", err)
	}
	if len(list) == 0 {
		return CreditMemo{}, false, nil
	}
	if !bytes.Equal(list[0].Digest, in.Adjustment.Digest(in.CreditRequestID)) {
		return CreditMemo{}, false, ErrPostedDifferently
	}
	return list[0].CreditMemo, true, nil
}

// newMemo is the memo as it will be posted, but for its number. An error corrects the original supply, so its tax
// point is the invoice's; a concession or service credit is agreed on the day it is given.
func newMemo(in PostMemo, entity Entity, invoice lockedInvoice, at time.Time) CreditMemo {
	a := in.Adjustment
	m := CreditMemo{
		EntityID: invoice.EntityID, CustomerID: invoice.CustomerID, InvoiceID: invoice.ID, Currency: invoice.Currency,
		Kind: a.Kind, ReasonCode: a.ReasonCode, Explanation: in.Explanation, IssuedOn: entity.Day(at),
		Net: a.Net, Tax: a.Tax, Total: a.Net.Add(a.Tax), FxRate: invoice.FxRate,
		CreditRequestID: in.CreditRequestID, ApprovalID: in.ApprovalID, CaseID: in.CaseID, PostedAt: at,
	}
	m.TaxPoint = m.IssuedOn
	if a.Kind == BillingError {
		m.TaxPoint = invoice.IssuedOn
	}
	m.ToInvoice = decimal.Min(m.Total, invoice.Open)
	m.ToBalance = m.Total.Sub(m.ToInvoice)
	return m
}

type memoPosting struct {
	in      PostMemo
	entity  Entity
	invoice lockedInvoice
	booked  booking
}

func (p memoPosting) post(ctx context.Context, tx *db.Tx, memo CreditMemo) (CreditMemo, error) {
	ids, err := nextIDs[MemoID](ctx, tx, "credit_memos", 1)
	if err != nil {
		return CreditMemo{}, err
	}
	allocation, err := nextIDs[int64](ctx, tx, "allocations", 1)
	if err != nil {
		return CreditMemo{}, err
	}
	row := memoSeries(p.entity, p.entity.FiscalYear(memo.IssuedOn))
	place, err := row.takeTx(ctx, tx, 1)
	if err != nil {
		return CreditMemo{}, err
	}
	memo.ID, memo.Series, memo.FiscalYear, memo.SequenceNo = ids[0], row.Name, row.Year, place
	memo.Number = row.number(place)
	var batch pgx.Batch
	if err := p.queue(&batch, memo, allocation[0]); err != nil {
		return CreditMemo{}, err
	}
	if err := tx.Batch(ctx, &batch); err != nil {
		return CreditMemo{}, fmt.Errorf("post memo: %w", err)
	}
	return memo, audit.RecordTx(ctx, tx, p.event(memo))
}

// queue lines up every row of the memo: itself with its parts, what it settles, what is left, and the entries.
func (p memoPosting) queue(batch *pgx.Batch, memo CreditMemo, allocation int64) error {
	queueMemo(batch, memo, p.in.Adjustment)
	entries := []ledger.Draft{p.entry(memo)}
	from := source{
		Kind: FromCreditMemo, ID: int64(memo.ID), Number: memo.Number, Entity: p.entity, CustomerID: memo.CustomerID,
		Currency: memo.Currency, Rate: memo.FxRate, Open: memo.Total, BookedOn: p.booked.Day,
		CaseID: memo.CaseID, RequestID: &memo.CreditRequestID, By: p.in.By,
	}
	if memo.ToInvoice.IsPositive() {
		to := p.invoice
		entries = append(entries, from.apply(&to, allocation, memo.ToInvoice))
		queueAllocation(batch, from, to.ID, allocation, memo.ToInvoice, memo.PostedAt)
	}
	queueOpenItem(batch, OpenItem{
		Kind: MemoItem, DocumentID: int64(memo.ID), Number: memo.Number, CustomerID: memo.CustomerID,
		EntityID: memo.EntityID, Currency: memo.Currency, Original: memo.Total, Open: from.Open, DueOn: memo.IssuedOn,
	})
	return ledger.Queue(batch, memo.PostedAt, entries...)
}

// entry books the memo: what is given back and its tax against the customer's unapplied credits.
func (p memoPosting) entry(memo CreditMemo) ledger.Draft {
	invoice, customer := int64(memo.InvoiceID), int64(memo.CustomerID)
	var lines []ledger.Line
	for _, l := range p.in.Adjustment.Lines {
		lines = append(lines, ledger.Line{Account: accountOf(memo.Kind), InvoiceID: &invoice, Amount: l.Net})
	}
	for _, t := range p.in.Adjustment.Taxes {
		lines = append(lines, ledger.Line{Account: ledger.Tax, InvoiceID: &invoice, Amount: t.Tax})
	}
	lines = append(lines, ledger.Line{Account: ledger.Unapplied, CustomerID: &customer, Amount: memo.Total.Neg()})
	return ledger.Draft{
		EntityID: int64(memo.EntityID), BookedOn: p.booked.Day, DocumentKind: ledger.CreditMemo, DocumentID: int64(memo.ID),
		DocumentNumber: memo.Number, CustomerID: customer, Currency: memo.Currency, BaseCurrency: p.entity.BaseCurrency,
		Rate: memo.FxRate, CaseID: memo.CaseID, CreditRequestID: &memo.CreditRequestID, By: p.in.By, Lines: lines,
	}
}

// accountOf is where a kind of adjustment is booked.
func accountOf(kind Kind) ledger.Account {
	switch kind {
	case Concession:
		return ledger.Concessions
	case SLACredit:
		return ledger.ServiceCredits
	case BillingError:
	}
	return ledger.Revenue
}

func (p memoPosting) event(memo CreditMemo) audit.Event {
	data := map[string]any{
		"memo_id": memo.ID, "number": memo.Number, "invoice": p.invoice.Number, "customer_id": memo.CustomerID,
		"kind": memo.Kind, "reason_code": memo.ReasonCode, "total": memo.Total.String(), "currency": memo.Currency,
		"to_invoice": memo.ToInvoice.String(), "to_balance": memo.ToBalance.String(),
		"credit_request_id": memo.CreditRequestID, "approval_id": memo.ApprovalID, "booked_on": p.booked.Day.Format(time.DateOnly),
		"digest": hex.EncodeToString(p.in.Adjustment.Digest(memo.CreditRequestID)),
	}
	if memo.CaseID != nil {
		data["case_id"] = *memo.CaseID
	}
	if p.booked.Soft {
		data["soft_closed"] = true
	}
	return audit.Event{Stream: audit.Books(int64(memo.EntityID)), By: p.in.By, What: "credit_memo.posted", Data: data}
}
