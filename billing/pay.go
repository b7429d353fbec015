package billing

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"makegood/billing/ledger"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// RecordPayment records money received, for somebody who may. With an idempotency key, the same payment sent again
// gives the payment recorded before; another one under that key is refused with ErrKeyUsedDifferently.
func (s *Service) RecordPayment(ctx context.Context, in NewPayment) (Payment, error) {
	if err := access.Can(in.By, access.RecordPayment, access.Object{EntityID: int64(in.EntityID)}); err != nil {
		return Payment{}, err
	}
	if in.Method == MethodOpening { // comes in by an import that somebody else approved, or not at all
		return Payment{}, errs.InvalidField("method", "billing.opening_by_import")
	}
	var payment Payment
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		payment, err = s.RecordPaymentTx(ctx, tx, in)
		return err
	})
	return payment, err
}

// RecordPaymentTx records money received and applies it as told. It locks the invoices it settles, then the entity's
// series and books; it refuses to apply more than is open on either side, and a day to come.
func (s *Service) RecordPaymentTx(ctx context.Context, tx *db.Tx, in NewPayment) (Payment, error) {
	in = withDefaults(in)
	if fields := checkPayment(in); len(fields) > 0 {
		return Payment{}, errs.InvalidFields(fields...)
	}
	if in.IdempotencyKey != "" {
		if earlier, there, err := paymentByKey(ctx, tx, in); err != nil || there {
			return earlier, err
		}
	}
	entity, err := s.EntityByID(ctx, tx, in.EntityID)
	if err != nil {
		return Payment{}, err
	}
	if err := entity.bankDay("received_on", in.ReceivedOn, tx.Now()); err != nil {
		return Payment{}, err
	}
	if _, err := s.CustomerByID(ctx, tx, in.CustomerID); err != nil {
		return Payment{}, err
	}
	invoices, err := lockInvoices(ctx, tx, invoiceIDs(in.Allocate))
	if err != nil {
		return Payment{}, err
	}
	if fields := checkAllocations(in, invoices); len(fields) > 0 {
		return Payment{}, errs.InvalidFields(fields...)
	}
	rate, _, err := s.Rate(ctx, tx, in.Currency, entity.BaseCurrency, in.ReceivedOn)
	if err != nil {
		return Payment{}, err
	}
	booked, err := bookingDay(ctx, tx, entity.ID, in.ReceivedOn, in.By)
	if err != nil {
		return Payment{}, err
	}
	payment := Payment{
		EntityID: in.EntityID, CustomerID: in.CustomerID, Currency: in.Currency, Amount: in.Amount, ReceivedOn: in.ReceivedOn,
		Method: in.Method, BankReference: in.BankReference, FxRate: rate, PostedAt: tx.Now(),
	}
	if in.IdempotencyKey != "" {
		payment.IdempotencyKey = &in.IdempotencyKey
	}
	posting := paymentPosting{entity: entity, in: in, booked: booked, invoices: invoices}
	return posting.post(ctx, tx, payment)
}

type paymentPosting struct {
	entity   Entity
	in       NewPayment
	booked   booking
	invoices map[InvoiceID]lockedInvoice
}

func (p paymentPosting) post(ctx context.Context, tx *db.Tx, payment Payment) (Payment, error) {
	ids, err := nextIDs[PaymentID](ctx, tx, "payments", 1)
	if err != nil {
		return payment, err
	}
	allocationIDs, err := nextIDs[int64](ctx, tx, "allocations", len(p.in.Allocate))
	if err != nil {
		return payment, err
	}
	row := paymentSeries(p.entity, p.entity.FiscalYear(payment.ReceivedOn))
	place, err := row.takeTx(ctx, tx, 1)
	if err != nil {
		return payment, err
	}
	payment.ID, payment.Series, payment.FiscalYear, payment.SequenceNo = ids[0], row.Name, row.Year, &place
	payment.Number = row.number(place)
	var batch pgx.Batch
	if err := p.queue(&batch, payment, allocationIDs); err != nil {
		return payment, err
	}
	if err := tx.Batch(ctx, &batch); err != nil {
		return payment, fmt.Errorf("record payment: %w", err)
	}
	return payment, audit.RecordTx(ctx, tx, p.event(payment))
}

// queue lines up every row of the payment: itself, what it settles, what is left, and the entries.
func (p paymentPosting) queue(batch *pgx.Batch, payment Payment, allocationIDs []int64) error {
	queuePayment(batch, payment)
	customer := int64(payment.CustomerID)
	item := ledger.Item{Kind: string(PaymentItem), ID: int64(payment.ID)}
	entries := []ledger.Draft{{
		EntityID: int64(payment.EntityID), BookedOn: p.booked.Day, Soft: p.booked.Soft, DatedOn: payment.ReceivedOn, DocumentKind: ledger.Payment, DocumentID: int64(payment.ID),
		DocumentNumber: payment.Number, CustomerID: customer, Currency: payment.Currency, BaseCurrency: p.entity.BaseCurrency,
		Rate: payment.FxRate, By: p.in.By,
		Lines: []ledger.Line{
			{Account: receivedOn(payment.Method), Amount: payment.Amount},
			{Account: ledger.Unapplied, CustomerID: &customer, Item: item, Amount: payment.Amount.Neg()},
		},
	}}
	from := source{
		Kind: FromPayment, ID: int64(payment.ID), Number: payment.Number, Entity: p.entity, CustomerID: payment.CustomerID,
		Currency: payment.Currency, Rate: payment.FxRate, Open: payment.Amount, Base: payment.Amount.Mul(payment.FxRate).Round(p.entity.BaseCurrency.Digits()),
		Booked: p.booked, DatedOn: payment.ReceivedOn, PostedAt: payment.PostedAt, By: p.in.By,
	}
	last := from.lastDay()
	for i, a := range p.in.Allocate {
		to := p.invoices[a.InvoiceID]
		last = lastOf(last, from.settles(to))
		used := from.apply(&to, allocationIDs[i], a.Amount)
		entries = append(entries, used.entry)
		queueAllocation(batch, from, to, allocationRow{allocationIDs[i], a.Amount, used.base})
	}
	queueOpenItem(batch, OpenItem{
		Kind: PaymentItem, DocumentID: int64(payment.ID), Number: payment.Number, CustomerID: payment.CustomerID, EntityID: payment.EntityID,
		Currency: payment.Currency, Original: payment.Amount, Open: from.Open, BaseOpen: from.Base, DueOn: payment.ReceivedOn, OpenedOn: payment.ReceivedOn,
	}, last)
	return ledger.Queue(batch, payment.PostedAt, entries...)
}

// MethodWithholding is a payment made by a certificate of tax withheld instead of money.
const MethodWithholding = "withholding"

// MethodOpening is credit that a customer had when books were taken over: no money came in for it here.
const MethodOpening = "opening_balance"

// receivedOn is the account a payment comes in on: cash, for tax that the customer withheld the claim against the tax
// authority, or for what was there before these books their opening balance.
func receivedOn(method string) ledger.Account {
	switch method {
	case MethodWithholding:
		return ledger.Withholding
	case MethodOpening:
		return ledger.OpeningBalance
	}
	return ledger.Cash
}

func (p paymentPosting) event(payment Payment) audit.Event {
	applied := make([]map[string]any, len(p.in.Allocate))
	for i, a := range p.in.Allocate {
		applied[i] = map[string]any{"invoice": p.invoices[a.InvoiceID].Number, "amount": a.Amount.String()}
	}
	data := map[string]any{
		"payment_id": payment.ID, "number": payment.Number, "customer_id": payment.CustomerID, "amount": payment.Amount.String(),
		"currency": payment.Currency, "applied": applied, "booked_on": p.booked.Day.Format(time.DateOnly),
	}
	p.booked.tell(data)
	return audit.Event{Stream: audit.Books(int64(payment.EntityID)), By: p.in.By, What: "payment.recorded", Data: data}
}

func withDefaults(in NewPayment) NewPayment {
	if in.Method == "" {
		in.Method = ByBank
	}
	in.ReceivedOn = Date(in.ReceivedOn)
	in.By = actorOr(in.By, "billing.record_payment")
	return in
}

func checkPayment(in NewPayment) []errs.Field {
	var fields []errs.Field
	if _, err := money.ParseCurrency(string(in.Currency)); err != nil {
		fields = append(fields, errs.Field{Name: "currency", Key: "money.unknown_currency"})
	}
	if !in.Amount.IsPositive() || finer(in.Amount, in.Currency.Digits()) {
		fields = append(fields, errs.Field{Name: "amount", Key: "billing.bad_amount"})
	}
	if in.ReceivedOn.IsZero() || in.ReceivedOn.Year() <= 1 {
		fields = append(fields, errs.Field{Name: "received_on", Key: "error.required"})
	}
	if len(invoiceIDs(in.Allocate)) != len(in.Allocate) {
		fields = append(fields, errs.Field{Name: "allocate", Key: "billing.invoice_twice"})
	}
	return fields
}

// checkAllocations refuses what does not fit an invoice, and more than the payment altogether.
func checkAllocations(in NewPayment, invoices map[InvoiceID]lockedInvoice) []errs.Field {
	var fields []errs.Field
	sum := decimal.Zero
	for i, a := range in.Allocate {
		name := "allocate." + strconv.Itoa(i)
		invoice := invoices[a.InvoiceID]
		switch {
		case invoice.EntityID != in.EntityID || invoice.CustomerID != in.CustomerID:
			fields = append(fields, errs.Field{Name: name, Key: "billing.invoice_of_another"})
		case invoice.Currency != in.Currency:
			fields = append(fields, errs.Field{
				Name: name, Key: "money.mixed_currencies",
				Params: errs.Params{"one": string(in.Currency), "other": string(invoice.Currency)},
			})
		case !a.Amount.IsPositive() || finer(a.Amount, in.Currency.Digits()):
			fields = append(fields, errs.Field{Name: name, Key: "billing.bad_amount"})
		case a.Amount.GreaterThan(invoice.Open):
			fields = append(fields, errs.Field{
				Name: name, Key: ErrOverOpen.Key,
				Params: errs.Params{"open": invoice.Amount(invoice.Open).String(), "number": invoice.Number},
			})
		}
		sum = sum.Add(a.Amount)
	}
	if sum.GreaterThan(in.Amount) {
		fields = append(fields, errs.Field{Name: "allocate", Key: "billing.over_payment"})
	}
	return fields
}

// paymentByKey finds the payment recorded under the key before. It locks the key, so that the same payment sent
// twice at once is recorded once.
func paymentByKey(ctx context.Context, tx *db.Tx, in NewPayment) (Payment, bool, error) {
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('payment ' || $1, 0))`, in.IdempotencyKey); err != nil {
		return Payment{}, false, fmt.Errorf("lock payment key: %w", err)
	}
	list, err := db.List[Payment](ctx, tx, `select * from payments where idempotency_key = $1`, in.IdempotencyKey)
	if err != nil || len(list) == 0 {
		return Payment{}, false, err
	}
	p := list[0]
	applied, err := db.List[Allocate](ctx, tx, `select invoice_id, amount from allocations
		where source_kind = 'payment' and source_id = $1 and posted_at = $2 order by invoice_id`, p.ID, p.PostedAt)
	if err != nil {
		return Payment{}, false, fmt.Errorf("read allocations: %w", err)
	}
	same := p.EntityID == in.EntityID && p.CustomerID == in.CustomerID && p.Currency == in.Currency && p.Amount.Equal(in.Amount) &&
		p.ReceivedOn.Equal(in.ReceivedOn) && p.Method == in.Method && p.BankReference == in.BankReference && sameAllocations(applied, in.Allocate)
	if !same {
		return Payment{}, false, ErrKeyUsedDifferently
	}
	return p, true, nil
}

func sameAllocations(recorded, asked []Allocate) bool {
	asked = slices.SortedFunc(slices.Values(asked), func(a, b Allocate) int { return int(a.InvoiceID - b.InvoiceID) })
	return slices.EqualFunc(recorded, asked, func(a, b Allocate) bool {
		return a.InvoiceID == b.InvoiceID && a.Amount.Equal(b.Amount)
	})
}
