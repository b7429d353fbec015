package billing

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"makegood/billing/ledger"
	"makegood/internal/db"
)

// postMemo completes a credit memo that has been written, with a refund where one was asked for.
func (p *posting) postMemo(ctx context.Context) (Posted, error) {
	memo := p.memo
	posted := Posted{Document: DocumentRef{MemoDoc, int64(memo.ID), memo.Number}, Currency: memo.Currency, Total: memo.Total, Memo: &memo}
	event := p.memoEvent(memo)
	if memo.ToRefund.IsPositive() {
		refund, on, err := p.refundOf(ctx, memo)
		if err != nil {
			return Posted{}, err
		}
		posted.Refund, event["refund_booked_on"] = &refund, on.Day.Format(time.DateOnly)
		on.tell(event)
	}
	return posted, p.record(ctx, "credit_memo.posted", posted.Document, event)
}

// refundOf posts the refund that a memo brings, and tells where in the books. Money leaves on its own day, in whatever month the memo is booked.
func (p *posting) refundOf(ctx context.Context, memo CreditMemo) (Refund, booking, error) {
	of := p.booked
	defer func() { p.booked = of }()
	p.book(p.today)
	refund, err := p.refund(ctx, []ItemPart{{Kind: MemoItem, ID: int64(memo.ID), Number: memo.Number, Amount: memo.ToRefund}})
	return refund, p.booked, err
}

func (p *posting) memoEvent(memo CreditMemo) map[string]any {
	return map[string]any{
		"memo_id": memo.ID, "invoice": p.a.InvoiceNumber, "to_invoice": memo.ToInvoice.String(), "to_balance": memo.ToBalance.String(),
		"to_refund": memo.ToRefund.String(), "settled_outside": memo.SettledOutside.String(),
	}
}

// writeMemos writes credit memos with their entries and what they settle on their invoices, all with the same statements.
func (g *ground) writeMemos(ctx context.Context, list []*posting) error {
	if len(list) == 0 {
		return nil
	}
	if err := g.proposeMemos(ctx, list); err != nil {
		return err
	}
	var batch pgx.Batch
	if err := g.queueMemos(ctx, &batch, list); err != nil {
		return err
	}
	if err := g.tx.Batch(ctx, &batch); err != nil {
		return fmt.Errorf("post memo: %w", err)
	}
	return nil
}

// proposeMemos works the memos out but for their numbers.
func (g *ground) proposeMemos(ctx context.Context, list []*posting) error {
	for i, p := range list {
		if err := p.proposeMemo(ctx); err != nil {
			return err
		}
		p.memo.ID = g.memos[i]
		if p.issuedElsewhere() {
			if err := g.tx.Enqueue(ctx, PostBack{Memo: p.memo.ID, Action: IssueThere}); err != nil {
				return err
			}
		}
	}
	return nil
}

// queueMemos gives the memos their numbers and lines up their rows. The series are locked from here on, so the rows go
// out next.
func (g *ground) queueMemos(ctx context.Context, batch *pgx.Batch, list []*posting) error {
	if err := g.numberMemos(ctx, list); err != nil {
		return err
	}
	rows := memoRows{at: g.tx.Now()}
	for _, p := range list {
		p.addMemo(&rows)
	}
	return rows.queue(batch)
}

// proposeMemo works out the memo but for its number, and the day of the books.
func (p *posting) proposeMemo(ctx context.Context) error {
	rate, err := p.rate(ctx)
	if err != nil {
		return err
	}
	if p.a.InvoiceID != 0 && p.a.ToRefund.IsPositive() {
		if err := p.payOut(ctx); err != nil {
			return err
		}
	}
	p.memo = p.newMemo(rate, p.ground.invoice(p.a.InvoiceID))
	p.book(p.memoDay(p.memo))
	return nil
}

// rate is at which the memo is worth its base currency: its invoice's, or on account the day's.
func (p *posting) rate(ctx context.Context) (decimal.Decimal, error) {
	if p.a.InvoiceID != 0 {
		return p.ground.invoice(p.a.InvoiceID).FxRate, nil
	}
	rate, _, err := p.s.Rate(ctx, p.tx, p.a.Currency, p.entity.BaseCurrency, p.today)
	return rate, err
}

// numberMemos takes the numbers, with one statement for each series.
func (g *ground) numberMemos(ctx context.Context, list []*posting) error {
	var batch pgx.Batch
	wanted := map[series]int{}
	for _, p := range list {
		wanted[p.memoSeries()]++
	}
	last := map[series]*[]int64{}
	for _, row := range slices.SortedFunc(maps.Keys(wanted), series.compare) {
		last[row] = new([]int64)
		row.queueTake(&batch, last[row], wanted[row])
	}
	if err := g.tx.Batch(ctx, &batch); err != nil {
		return fmt.Errorf("take numbers: %w", err)
	}
	for _, p := range list {
		row := p.memoSeries()
		place := (*last[row])[0] - int64(wanted[row]) + 1
		wanted[row]--
		p.memo.Series, p.memo.FiscalYear, p.memo.SequenceNo, p.memo.Number = row.Name, row.Year, &place, row.number(place)
	}
	return nil
}

func (p *posting) memoSeries() series {
	return memoSeries(p.entity, p.entity.FiscalYear(p.memo.IssuedOn))
}

// newMemo is the memo as it will be posted, but for its number. An error corrects the original supply, so its tax
// point is the invoice's; a concession or service credit is agreed on the day it is given.
func (p *posting) newMemo(rate decimal.Decimal, invoice *lockedInvoice) CreditMemo {
	a := &p.a
	open := decimal.Zero
	if invoice != nil {
		open = invoice.Open.Sub(invoice.spoken)
	}
	a.divide(open)
	if invoice != nil {
		invoice.spoken = invoice.spoken.Add(a.ToInvoice)
	}
	var issued *time.Time
	if invoice != nil {
		issued = &invoice.IssuedOn
	}
	m := CreditMemo{
		EntityID: a.EntityID, CustomerID: a.CustomerID, InvoiceID: orNull(a.InvoiceID), Currency: a.Currency, Kind: a.Kind, ReasonCode: a.ReasonCode,
		Explanation: p.in.Explanation, IssuedOn: p.today, TaxPoint: taxPoint(a.Kind, issued, p.today), Net: a.Net, Tax: a.Tax, Rounding: a.Rounding, Total: a.Total,
		ToInvoice: a.ToInvoice, ToBalance: a.ToBalance, ToRefund: a.ToRefund, SettledOutside: a.SettledOutside, FxRate: rate, Origin: Issued,
		CreditRequestID: &p.in.CreditRequestID, ApprovalID: p.in.ApprovalID, CaseID: p.in.CaseID, PostedAt: p.tx.Now(),
		PricesIncludeTax: a.PricesIncludeTax, DigestVersion: 2,
	}
	return m
}

// taxPoint is that of a memo of a day: an error's is its invoice's, where it has one.
func taxPoint(kind Kind, issued *time.Time, day time.Time) time.Time {
	if issued != nil && (kind == BillingError || kind == Rebill) {
		return *issued
	}
	return day
}

// memoDay is the day a memo wants in the books: in the period of its tax point, or always its own by the entity's policy.
func (p *posting) memoDay(memo CreditMemo) time.Time {
	return p.entity.memoDay(memo.TaxPoint, memo.IssuedOn)
}

func (e Entity) memoDay(taxPoint, issued time.Time) time.Time {
	if e.MemoPeriodPolicy == "memo_day" {
		return issued
	}
	return lastDayFor(taxPoint, issued)
}

// addMemo adds every row of the memo: itself with its parts, what it settles, what is left, and the entries.
func (p *posting) addMemo(rows *memoRows) {
	memo := p.memo
	rows.addMemo(memo, p.a)
	if p.issuedElsewhere() {
		rows.orders = append(rows.orders, p.order())
	}
	outside := p.outside(memo)
	rows.entries = append(rows.entries, p.memoEntry(memo, outside))
	from := source{
		Kind: FromCreditMemo, ID: int64(memo.ID), Number: memo.Number, Entity: p.entity, CustomerID: memo.CustomerID,
		Currency: memo.Currency, Rate: memo.FxRate, Open: memo.Total.Sub(memo.SettledOutside), Booked: p.booked, DatedOn: memo.IssuedOn,
		PostedAt: memo.PostedAt, CaseID: memo.CaseID, RequestID: memo.CreditRequestID, By: p.in.By,
	}
	from.Base = memo.Total.Mul(memo.FxRate).Round(p.entity.BaseCurrency.Digits()).Sub(outside)
	day := from.lastDay()
	if invoice := p.ground.invoice(p.a.InvoiceID); invoice != nil && invoice.Held.IsPositive() {
		rows.held = append(rows.held, invoice.ID)
	}
	if memo.ToInvoice.IsPositive() {
		row := allocationRow{ID: p.ground.nextAllocation(), Amount: memo.ToInvoice}
		invoice := p.ground.invoice(p.a.InvoiceID)
		used := from.apply(invoice, row.ID, row.Amount)
		row.Base = used.base
		rows.entries = append(rows.entries, used.entry)
		rows.addAllocation(from, *invoice, row)
		day = lastOf(day, from.settles(*invoice))
	}
	rows.addItem(OpenItem{
		Kind: MemoItem, DocumentID: int64(memo.ID), Number: memo.Number, CustomerID: memo.CustomerID,
		EntityID: memo.EntityID, Currency: memo.Currency, Original: memo.Total, Open: from.Open, BaseOpen: from.Base, DueOn: memo.IssuedOn, OpenedOn: memo.IssuedOn,
	}, day)
	p.left = from
}

// outside is what is settled outside, in base currency.
func (p *posting) outside(memo CreditMemo) decimal.Decimal {
	return memo.SettledOutside.Mul(memo.FxRate).Round(p.entity.BaseCurrency.Digits())
}

// memoEntry books the memo: what is given back and its tax against the customer's unapplied credits. What is settled
// outside was paid on another way, so it leaves through cash clearing.
func (p *posting) memoEntry(memo CreditMemo, outside decimal.Decimal) ledger.Draft {
	customer := int64(memo.CustomerID)
	invoice := (*int64)(memo.InvoiceID)
	item := ledger.Item{Kind: string(MemoItem), ID: int64(memo.ID)}
	var lines []ledger.Line
	for _, l := range p.a.Lines {
		lines = append(lines, ledger.Line{Account: accountOf(memo.Kind), InvoiceID: invoice, Amount: l.Net})
	}
	for _, t := range p.a.Taxes {
		lines = append(lines, ledger.Line{Account: ledger.Tax, InvoiceID: invoice, Amount: t.Tax})
	}
	lines = append(lines,
		ledger.Line{Account: ledger.Rounding, InvoiceID: invoice, Amount: memo.Rounding},
		ledger.Line{Account: ledger.Unapplied, CustomerID: &customer, Item: item, Amount: memo.Total.Neg()},
		ledger.Line{Account: ledger.Unapplied, CustomerID: &customer, Item: item, Amount: memo.SettledOutside, Base: &outside},
		ledger.Line{Account: ledger.CashClearing, Amount: memo.SettledOutside.Neg(), Base: new(outside.Neg())})
	draft := p.draft(ledger.CreditMemo, int64(memo.ID), memo.Number, memo.CustomerID, memo.FxRate)
	draft.Lines = lines
	return draft
}

// accountOf is where a kind of adjustment is booked.
func accountOf(kind Kind) ledger.Account {
	switch kind {
	case Concession:
		return ledger.Concessions
	case SLACredit:
		return ledger.ServiceCredits
	case BillingError, Rebill, Debit, RefundOut, WriteOff, TransferOver, Reverse:
	}
	return ledger.Revenue
}

// postDebit posts a debit memo.
func (p *posting) postDebit(ctx context.Context) (Posted, error) {
	invoice, err := p.bill(ctx, DebitMemo, orNull(p.a.InvoiceID))
	if err != nil {
		return Posted{}, err
	}
	return Posted{
		Document: DocumentRef{DebitDoc, int64(invoice.ID), invoice.Number}, Currency: invoice.Currency, Total: invoice.Total, Invoice: &invoice,
	}, nil
}

// postRebill credits what remains of an invoice and issues the one that replaces it, linked, in one transaction. What
// the customer had paid on the old one settles the new one as far as it goes.
func (p *posting) postRebill(ctx context.Context) (Posted, error) {
	memo, left := p.memo, p.left
	invoice, err := p.bill(ctx, PlainInvoice, &p.a.InvoiceID)
	if err != nil {
		return Posted{}, err
	}
	if part := decimal.Min(left.Open, invoice.Total); part.IsPositive() {
		left.Booked = p.ground.bookingDay(p.entity.ID, p.today, p.in.By) // with the new invoice, not before there was one
		if err := p.applyRest(ctx, left, invoice, part); err != nil {
			return Posted{}, err
		}
	}
	posted := Posted{
		Document: DocumentRef{MemoDoc, int64(memo.ID), memo.Number}, Currency: memo.Currency, Total: memo.Total, Memo: &memo, Invoice: &invoice,
	}
	event := p.memoEvent(memo)
	event["rebilled_as"] = invoice.Number
	left.Booked.tell(event)
	return posted, p.record(ctx, "credit_memo.posted", posted.Document, event)
}

// bill issues what the adjustment charges, exactly as it was approved.
func (p *posting) bill(ctx context.Context, kind InvoiceKind, corrects *InvoiceID) (Invoice, error) {
	order := invoiceOrder{
		NewInvoice: p.a.Bill.invoice(p.a, p.today), kind: kind, corrects: corrects, reason: p.a.ReasonCode, stated: &p.a.Billed,
		caseID: p.in.CaseID, creditRequestID: &p.in.CreditRequestID, approvalID: &p.in.ApprovalID,
	}
	order.By = p.in.By
	issued, err := p.s.issueTx(ctx, p.tx, []invoiceOrder{order})
	if err != nil {
		return Invoice{}, err
	}
	return issued[0], nil
}

// applyRest settles the new invoice with what the memo left.
func (p *posting) applyRest(ctx context.Context, left source, invoice Invoice, part decimal.Decimal) error {
	ids, err := nextIDs[int64](ctx, p.tx, "allocations", 1)
	if err != nil {
		return err
	}
	base, err := db.Value[decimal.Decimal](ctx, p.tx, `select base_open from open_items where kind = 'invoice' and document_id = $1`, invoice.ID)
	if err != nil {
		return fmt.Errorf("read open item: %w", err)
	}
	to := lockedInvoice{Invoice: invoice, Open: invoice.Total, BaseOpen: base}
	used := left.apply(&to, ids[0], part)
	var batch pgx.Batch
	queueMove(&batch, itemMove{ItemKind(left.Kind), left.ID, part.Neg(), used.fromBase.Neg(), left.lastDay()})
	queueAllocation(&batch, left, to, allocationRow{ids[0], part, used.base})
	if err := ledger.Queue(&batch, left.PostedAt, used.entry); err != nil {
		return err
	}
	if err := p.tx.Batch(ctx, &batch); err != nil {
		return fmt.Errorf("settle rebill: %w", err)
	}
	return nil
}
