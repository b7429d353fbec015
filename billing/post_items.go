package billing

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"makegood/billing/ledger"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// useItems ends the reservation of unapplied items, after a look that they still hold what is taken.
func (p *posting) useItems(ctx context.Context) error {
	for _, part := range p.a.Items {
		item, ok := itemOf(p.held.items, part)
		if !ok || item.Open.LessThan(part.Amount) {
			return errs.New(ErrOverOpen.Kind, ErrOverOpen.Key, "open", money.Of(item.Open, p.a.Currency).String(), "number", part.Number)
		}
	}
	kept, err := db.Values[decimal.Decimal](ctx, p.tx, `select amount from item_reservations where credit_request_id = $1 and state = 'held'`, p.in.CreditRequestID)
	if err != nil {
		return fmt.Errorf("read reservation: %w", err)
	}
	sum := decimal.Zero
	for _, amount := range kept {
		sum = sum.Add(amount)
	}
	if len(kept) != len(p.a.Items) || !sum.Equal(p.a.Total) {
		return ErrNotReserved
	}
	if _, err := p.tx.Exec(ctx, endItems("used"), p.in.CreditRequestID); err != nil {
		return fmt.Errorf("use reservation: %w", err)
	}
	return nil
}

// postRefund pays unapplied cash and credits out.
func (p *posting) postRefund(ctx context.Context) (Posted, error) {
	if err := p.useItems(ctx); err != nil {
		return Posted{}, err
	}
	if err := p.payOut(ctx); err != nil {
		return Posted{}, err
	}
	p.book(p.today)
	refund, err := p.refund(ctx, p.a.Items)
	if err != nil {
		return Posted{}, err
	}
	posted := Posted{Document: DocumentRef{RefundDoc, int64(refund.ID), refund.Number}, Currency: refund.Currency, Total: refund.Amount, Refund: &refund}
	return posted, p.record(ctx, "refund.posted", posted.Document, map[string]any{"method": refund.Method})
}

// refund writes a refund out of items: Dr unapplied at the rate of each, Cr cash clearing at the rate of the day, the
// difference realised.
func (p *posting) refund(ctx context.Context, parts []ItemPart) (Refund, error) {
	rate, _, err := p.s.Rate(ctx, p.tx, p.a.Currency, p.entity.BaseCurrency, p.today)
	if err != nil {
		return Refund{}, err
	}
	items, err := readItems(ctx, p.tx, parts, true)
	if err != nil {
		return Refund{}, err
	}
	ids, err := nextIDs[RefundID](ctx, p.tx, "refunds", 1)
	if err != nil {
		return Refund{}, err
	}
	row := seriesOf(p.entity, "refund", "RF", p.entity.FiscalYear(p.today))
	place, number, err := p.number(ctx, row)
	if err != nil {
		return Refund{}, err
	}
	refund := Refund{
		ID: ids[0], EntityID: p.entity.ID, Number: number, Series: row.Name, FiscalYear: row.Year, SequenceNo: place, CustomerID: p.a.CustomerID,
		Currency: p.a.Currency, RefundedOn: p.today, Method: orElse(p.a.Method, ByBank), Destination: p.a.Destination, FxRate: rate,
		ReasonCode: p.a.ReasonCode, Explanation: p.in.Explanation, CreditRequestID: p.in.CreditRequestID, ApprovalID: p.in.ApprovalID,
		CaseID: p.in.CaseID, PostedAt: p.tx.Now(),
	}
	for _, part := range parts {
		refund.Amount = refund.Amount.Add(part.Amount)
	}
	var batch pgx.Batch
	if err := p.queueRefund(&batch, refund, parts, items); err != nil {
		return refund, err
	}
	if err := p.tx.Batch(ctx, &batch); err != nil {
		return refund, fmt.Errorf("post refund: %w", err)
	}
	return refund, nil
}

func (p *posting) queueRefund(batch *pgx.Batch, f Refund, parts []ItemPart, items []itemState) error {
	batch.Queue(`insert into refunds (id, entity_id, number, series, fiscal_year, sequence_no, customer_id, currency, amount, refunded_on,
			method, destination, fx_rate, reason_code, explanation, credit_request_id, approval_id, case_id, posted_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
		f.ID, f.EntityID, f.Number, f.Series, f.FiscalYear, f.SequenceNo, f.CustomerID, f.Currency, f.Amount, f.RefundedOn,
		f.Method, f.Destination, f.FxRate, f.ReasonCode, f.Explanation, f.CreditRequestID, f.ApprovalID, f.CaseID, f.PostedAt)
	draft := p.draft(ledger.Refund, int64(f.ID), f.Number, f.CustomerID, f.FxRate)
	draft.Difference = ledger.FxDifference
	for _, part := range parts {
		batch.Queue(`insert into refund_sources (refund_id, item_kind, item_id, amount) values ($1, $2, $3, $4)`, f.ID, part.Kind, part.ID, part.Amount)
		item, _ := itemOf(items, part)
		draft.Lines = append(draft.Lines, p.take(batch, item, part.Amount))
	}
	draft.Lines = append(draft.Lines, ledger.Line{Account: ledger.CashClearing, Amount: f.Amount.Neg()})
	return ledger.Queue(batch, f.PostedAt, draft)
}

// take lines up that part of an unapplied item leaves it, and gives the posting for it at the item's own rate.
func (p *posting) take(batch *pgx.Batch, item itemState, amount decimal.Decimal) ledger.Line {
	base := baseOfPart(item.Open, item.BaseOpen, amount, item.Rate, p.entity.BaseCurrency.Digits())
	queueMove(batch, itemMove{item.Kind, item.DocumentID, amount.Neg(), base.Neg(), p.lastDay()})
	return ledger.Line{
		Account: ledger.Unapplied, CustomerID: new(int64(item.CustomerID)), Item: ledger.Item{Kind: string(item.Kind), ID: item.DocumentID},
		Amount: amount, Base: &base,
	}
}

// postTransfer moves unapplied cash or credit to another customer of the family.
func (p *posting) postTransfer(ctx context.Context) (Posted, error) {
	if err := p.useItems(ctx); err != nil {
		return Posted{}, err
	}
	p.book(p.today)
	ids, err := nextIDs[TransferID](ctx, p.tx, "transfers", 1)
	if err != nil {
		return Posted{}, err
	}
	row := seriesOf(p.entity, "transfer", "TR", p.entity.FiscalYear(p.today))
	place, number, err := p.number(ctx, row)
	if err != nil {
		return Posted{}, err
	}
	part := p.a.Items[0]
	item, _ := itemOf(p.held.items, part)
	t := Transfer{
		ID: ids[0], EntityID: p.entity.ID, Number: number, Series: row.Name, FiscalYear: row.Year, SequenceNo: place, ItemKind: part.Kind, ItemID: part.ID,
		CustomerID: p.a.CustomerID, ToCustomerID: p.a.ToCustomerID, Currency: p.a.Currency, Amount: part.Amount, FxRate: item.Rate, MovedOn: p.today,
		ReasonCode: p.a.ReasonCode, Explanation: p.in.Explanation, CreditRequestID: p.in.CreditRequestID, ApprovalID: p.in.ApprovalID,
		CaseID: p.in.CaseID, PostedAt: p.tx.Now(),
	}
	var batch pgx.Batch
	if err := p.queueTransfer(&batch, t, item); err != nil {
		return Posted{}, err
	}
	if err := p.tx.Batch(ctx, &batch); err != nil {
		return Posted{}, fmt.Errorf("post transfer: %w", err)
	}
	posted := Posted{Document: DocumentRef{TransferDoc, int64(t.ID), t.Number}, Currency: t.Currency, Total: t.Amount}
	return posted, p.record(ctx, "transfer.posted", posted.Document, map[string]any{"to_customer_id": t.ToCustomerID})
}

func (p *posting) queueTransfer(batch *pgx.Batch, t Transfer, item itemState) error {
	batch.Queue(`insert into transfers (id, entity_id, number, series, fiscal_year, sequence_no, item_kind, item_id, customer_id, to_customer_id,
			currency, amount, fx_rate, moved_on, reason_code, explanation, credit_request_id, approval_id, case_id, posted_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
		t.ID, t.EntityID, t.Number, t.Series, t.FiscalYear, t.SequenceNo, t.ItemKind, t.ItemID, t.CustomerID, t.ToCustomerID,
		t.Currency, t.Amount, t.FxRate, t.MovedOn, t.ReasonCode, t.Explanation, t.CreditRequestID, t.ApprovalID, t.CaseID, t.PostedAt)
	out := p.take(batch, item, t.Amount)
	queueOpenItem(batch, OpenItem{
		Kind: TransferItem, DocumentID: int64(t.ID), Number: t.Number, CustomerID: t.ToCustomerID, EntityID: t.EntityID, Currency: t.Currency,
		Original: t.Amount, Open: t.Amount, BaseOpen: *out.Base, DueOn: t.MovedOn, OpenedOn: t.MovedOn,
	}, p.lastDay())
	draft := p.draft(ledger.Transfer, int64(t.ID), t.Number, t.CustomerID, t.FxRate)
	draft.Lines = []ledger.Line{out, {
		Account: ledger.Unapplied, CustomerID: new(int64(t.ToCustomerID)), Item: ledger.Item{Kind: string(TransferItem), ID: int64(t.ID)},
		Amount: t.Amount.Neg(), Base: new(out.Base.Neg()),
	}}
	return ledger.Queue(batch, t.PostedAt, draft)
}

// postWriteOff gives up what is open: Dr bad debt, Dr tax where it comes back, Cr receivable.
func (p *posting) postWriteOff(ctx context.Context) (Posted, error) {
	if err := p.stillOwed(ctx); err != nil {
		return Posted{}, err
	}
	p.book(p.today)
	ids, err := nextIDs[WriteOffID](ctx, p.tx, "write_offs", 1)
	if err != nil {
		return Posted{}, err
	}
	allocations, err := nextIDs[int64](ctx, p.tx, "allocations", len(p.a.Items))
	if err != nil {
		return Posted{}, err
	}
	row := seriesOf(p.entity, "write_off", "WO", p.entity.FiscalYear(p.today))
	place, number, err := p.number(ctx, row)
	if err != nil {
		return Posted{}, err
	}
	w := WriteOffDocument{
		ID: ids[0], EntityID: p.entity.ID, Number: number, Series: row.Name, FiscalYear: row.Year, SequenceNo: place, CustomerID: orNull(p.a.CustomerID),
		Currency: p.a.Currency, Amount: p.a.Total, TaxRelief: p.a.Tax, WrittenOffOn: p.today, ReasonCode: p.a.ReasonCode, Explanation: p.in.Explanation,
		CreditRequestID: p.in.CreditRequestID, ApprovalID: p.in.ApprovalID, CaseID: p.in.CaseID, PostedAt: p.tx.Now(),
	}
	var batch pgx.Batch
	if err := p.queueWriteOff(&batch, w, allocations); err != nil {
		return Posted{}, err
	}
	if err := p.tx.Batch(ctx, &batch); err != nil {
		return Posted{}, fmt.Errorf("post write-off: %w", err)
	}
	posted := Posted{Document: DocumentRef{WriteOffDoc, int64(w.ID), w.Number}, Currency: w.Currency, Total: w.Amount}
	return posted, p.record(ctx, "write_off.posted", posted.Document, map[string]any{"invoices": len(p.a.Items)})
}

// stillOwed refuses what is not open any more, what a request keeps meanwhile, and tax that came back meanwhile. Of a batch it is
// ErrLessOpen, with every such invoice: an approval is of all of it, and stands for no part.
func (p *posting) stillOwed(ctx context.Context) error {
	known, err := readClaims(ctx, p.tx, p.a.invoices())
	if err != nil {
		return err
	}
	var numbers []string
	var refusal error
	for _, part := range p.a.Items {
		invoice := p.held.invoices[InvoiceID(part.ID)]
		if less := known[invoice.ID].less(invoice, part); less != nil {
			numbers, refusal = append(numbers, invoice.Number), less
		}
	}
	switch {
	case len(numbers) == 0:
		return nil
	case len(p.a.Items) == 1:
		return refusal
	}
	return errs.New(ErrLessOpen.Kind, ErrLessOpen.Key, "numbers", strings.Join(numbers, ", "))
}

func (p *posting) queueWriteOff(batch *pgx.Batch, w WriteOffDocument, allocations []int64) error {
	batch.Queue(`insert into write_offs (id, entity_id, number, series, fiscal_year, sequence_no, customer_id, currency, amount, tax_relief,
			written_off_on, reason_code, explanation, credit_request_id, approval_id, case_id, posted_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		w.ID, w.EntityID, w.Number, w.Series, w.FiscalYear, w.SequenceNo, w.CustomerID, w.Currency, w.Amount, w.TaxRelief,
		w.WrittenOffOn, w.ReasonCode, w.Explanation, w.CreditRequestID, w.ApprovalID, w.CaseID, w.PostedAt)
	entries := make([]ledger.Draft, len(p.a.Items))
	for i, part := range p.a.Items {
		batch.Queue(`insert into write_off_lines (write_off_id, invoice_id, amount, tax_relief) values ($1, $2, $3, $4)`, w.ID, part.ID, part.Amount, part.Tax)
		to := p.held.invoices[InvoiceID(part.ID)]
		digits := p.entity.BaseCurrency.Digits()
		base := baseOfPart(to.Open, to.BaseOpen, part.Amount, to.FxRate, digits)
		relief := part.Tax.Mul(to.FxRate).Round(digits)
		from := source{
			Kind: FromWriteOff, ID: int64(w.ID), Number: w.Number, Entity: p.entity, CustomerID: to.CustomerID, Currency: w.Currency,
			Booked: p.booked, DatedOn: p.today, PostedAt: w.PostedAt,
		}
		queueAllocation(batch, from, to, allocationRow{allocations[i], part.Amount, base})
		draft := p.draft(ledger.WriteOff, int64(w.ID), w.Number, to.CustomerID, to.FxRate)
		draft.Lines = []ledger.Line{
			{Account: ledger.BadDebt, InvoiceID: &part.ID, Amount: part.Amount.Sub(part.Tax), Base: new(base.Sub(relief))},
			{Account: ledger.Tax, InvoiceID: &part.ID, Amount: part.Tax, Base: &relief},
			{
				Account: ledger.Receivable, CustomerID: new(int64(to.CustomerID)), InvoiceID: &part.ID, Item: ledger.InvoiceItem(part.ID),
				Amount: part.Amount.Neg(), Base: new(base.Neg()),
			},
		}
		entries[i] = draft
	}
	return ledger.Queue(batch, w.PostedAt, entries...)
}
