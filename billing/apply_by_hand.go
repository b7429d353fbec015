package billing

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"makegood/billing/ledger"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// ApplyPart says how much of an unapplied item settles an invoice.
type ApplyPart struct {
	Kind      ItemKind // a payment, a credit memo or a transfer
	ID        int64
	InvoiceID InvoiceID
	Amount    decimal.Decimal
}

// ApplyInput applies unapplied cash and credits to invoices, all or nothing.
type ApplyInput struct {
	By    Actor
	Parts []ApplyPart
}

// Apply settles invoices with unapplied cash and credits of the same customer, entity and currency. It refuses, part by
// part, more than is open on either side; what a pending refund or transfer keeps is not open. It locks the invoices,
// then the items, then the entity's books.
func (s *Service) Apply(ctx context.Context, in ApplyInput) ([]Allocation, error) {
	if err := access.Can(in.By, access.RecordPayment, access.Object{}); err != nil {
		return nil, err
	}
	if len(in.Parts) == 0 {
		return nil, errs.InvalidField("parts", "error.required")
	}
	var made []Allocation
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		made, err = s.applyTx(ctx, tx, in, nil)
		return err
	})
	return made, err
}

// settlingOn is a day on which something is settled that is not today, and the day of the books for it.
type settlingOn struct {
	dated  time.Time
	booked booking
}

// applyTx applies today, or on the day it is told.
func (s *Service) applyTx(ctx context.Context, tx *db.Tx, in ApplyInput, on *settlingOn) ([]Allocation, error) {
	invoices, items, err := lockBothSides(ctx, tx, in.Parts)
	if err != nil {
		return nil, err
	}
	if fields := checkParts(in.Parts, invoices, items); len(fields) > 0 {
		return nil, errs.InvalidFields(fields...)
	}
	first := items[0]
	if err := access.Can(in.By, access.RecordPayment, access.Object{EntityID: int64(first.EntityID)}); err != nil {
		return nil, err
	}
	entity, err := s.EntityByID(ctx, tx, first.EntityID)
	if err != nil {
		return nil, err
	}
	if on == nil {
		on = &settlingOn{dated: entity.Day(tx.Now())}
		if on.booked, err = bookingDay(ctx, tx, entity.ID, on.dated, in.By); err != nil {
			return nil, err
		}
	}
	ids, err := nextIDs[int64](ctx, tx, "allocations", len(in.Parts))
	if err != nil {
		return nil, err
	}
	a := applying{entity: entity, settlingOn: *on, by: in.By, at: tx.Now(), invoices: invoices, items: items}
	var batch pgx.Batch
	made, err := a.queue(&batch, in.Parts, ids)
	if err != nil {
		return nil, err
	}
	if err := tx.Batch(ctx, &batch); err != nil {
		return nil, fmt.Errorf("apply: %w", err)
	}
	return made, audit.RecordTx(ctx, tx, a.event(in.Parts))
}

// lockBothSides locks invoices by id, then what is applied to them by kind and id.
func lockBothSides(ctx context.Context, tx *db.Tx, parts []ApplyPart) (map[InvoiceID]lockedInvoice, []itemState, error) {
	ids := make([]InvoiceID, len(parts))
	sources := make([]ItemPart, len(parts))
	for i, p := range parts {
		ids[i], sources[i] = p.InvoiceID, ItemPart{Kind: p.Kind, ID: p.ID}
	}
	invoices, err := lockInvoices(ctx, tx, ids)
	if err != nil {
		return nil, nil, err
	}
	items, err := readItems(ctx, tx, sources, true)
	if err == nil && len(items) == 0 {
		err = errs.InvalidField("parts.0", "billing.no_such_item")
	}
	return invoices, items, err
}

// checkParts refuses what does not fit together, and more than is open on either side over all parts.
func checkParts(parts []ApplyPart, invoices map[InvoiceID]lockedInvoice, items []itemState) []errs.Field {
	var fields []errs.Field
	usedOf, usedOn := map[ItemPart]decimal.Decimal{}, map[InvoiceID]decimal.Decimal{}
	for i, p := range parts {
		wrong := func(key string, params errs.Params) {
			fields = append(fields, errs.Field{Name: fmt.Sprintf("parts.%d", i), Key: key, Params: params})
		}
		key := ItemPart{Kind: p.Kind, ID: p.ID}
		item, ok := itemOf(items, key)
		invoice := invoices[p.InvoiceID]
		usedOf[key], usedOn[p.InvoiceID] = usedOf[key].Add(p.Amount), usedOn[p.InvoiceID].Add(p.Amount)
		switch {
		case !ok || p.Kind == InvoiceItem:
			wrong("billing.no_such_item", nil)
		case item.EntityID != items[0].EntityID || invoice.EntityID != item.EntityID || invoice.CustomerID != item.CustomerID:
			wrong("billing.invoice_of_another", nil)
		case invoice.Currency != item.Currency:
			wrong("money.mixed_currencies", errs.Params{"one": string(item.Currency), "other": string(invoice.Currency)})
		case !p.Amount.IsPositive() || finer(p.Amount, item.Currency.Digits()):
			wrong("billing.bad_amount", nil)
		case usedOf[key].GreaterThan(item.Free()):
			wrong(ErrOverOpen.Key, errs.Params{"open": invoice.Amount(item.Free()).String(), "number": item.Number})
		case usedOn[p.InvoiceID].GreaterThan(invoice.Open):
			wrong(ErrOverOpen.Key, errs.Params{"open": invoice.Amount(invoice.Open).String(), "number": invoice.Number})
		}
	}
	return fields
}

// applying is a batch of applications on its way into the books.
type applying struct {
	settlingOn
	entity   Entity
	by       Actor
	at       time.Time
	invoices map[InvoiceID]lockedInvoice
	items    []itemState
}

func (a *applying) queue(batch *pgx.Batch, parts []ApplyPart, ids []int64) ([]Allocation, error) {
	made := make([]Allocation, len(parts))
	entries := make([]ledger.Draft, len(parts))
	for i, p := range parts {
		at := slices.IndexFunc(a.items, func(x itemState) bool { return x.Kind == p.Kind && x.DocumentID == p.ID })
		item := &a.items[at]
		from := a.source(*item)
		to := a.invoices[p.InvoiceID]
		used := from.apply(&to, ids[i], p.Amount)
		a.invoices[p.InvoiceID], item.Open, item.BaseOpen = to, from.Open, from.Base
		queueMove(batch, itemMove{p.Kind, p.ID, p.Amount.Neg(), used.fromBase.Neg(), lastOf(from.lastDay(), from.settles(to))})
		queueAllocation(batch, from, to, allocationRow{ids[i], p.Amount, used.base})
		entries[i] = used.entry
		made[i] = Allocation{
			ID: ids[i], EntityID: a.entity.ID, CustomerID: item.CustomerID, SourceKind: from.Kind, SourceID: p.ID, InvoiceID: p.InvoiceID,
			Currency: item.Currency, Amount: p.Amount, AllocatedOn: from.settles(to), PostedAt: a.at,
		}
	}
	return made, ledger.Queue(batch, a.at, entries...)
}

func (a *applying) source(item itemState) source {
	return source{
		Kind: AllocationSource(item.Kind), ID: item.DocumentID, Number: item.Number, Entity: a.entity, CustomerID: item.CustomerID, Currency: item.Currency,
		Rate: item.Rate, Open: item.Open, Base: item.BaseOpen, Booked: a.booked, DatedOn: a.dated, PostedAt: a.at, By: a.by,
	}
}

func (a *applying) event(parts []ApplyPart) audit.Event {
	applied := make([]map[string]any, len(parts))
	for i, p := range parts {
		item, _ := itemOf(a.items, ItemPart{Kind: p.Kind, ID: p.ID})
		applied[i] = map[string]any{"from": item.Number, "invoice": a.invoices[p.InvoiceID].Number, "amount": p.Amount.String()}
	}
	data := map[string]any{"applied": applied, "booked_on": a.booked.Day.Format(time.DateOnly)}
	a.booked.tell(data)
	return audit.Event{Stream: audit.Books(int64(a.entity.ID)), By: a.by, What: "unapplied.applied", Data: data}
}

// UnapplyInput takes allocations back, all or nothing. A reason is required.
type UnapplyInput struct {
	By     Actor
	IDs    []int64
	Reason string
}

// Unapply takes allocations of payments, credit memos and transfers back: the invoices are open again and the money is
// unapplied again, to the cent in both currencies. It books on the first open day, never in the period of the original.
// ErrNotApplied when one was taken back before or is none of these.
func (s *Service) Unapply(ctx context.Context, in UnapplyInput) error {
	if err := access.Can(in.By, access.RecordPayment, access.Object{}); err != nil {
		return err
	}
	if in.Reason == "" {
		return errs.InvalidField("reason", "error.required")
	}
	return s.db.Do(ctx, func(tx *db.Tx) error { return s.unapplyTx(ctx, tx, in) })
}

func (s *Service) unapplyTx(ctx context.Context, tx *db.Tx, in UnapplyInput) error {
	const byHand = "a.id = any ($1) and a.source_kind in ('payment', 'credit_memo', 'transfer')"
	list, err := standing(ctx, tx, byHand, in.IDs)
	if err != nil {
		return err
	}
	if len(list) == 0 || len(list) != len(slices.Compact(slices.Sorted(slices.Values(in.IDs)))) {
		return ErrNotApplied
	}
	parts := make([]ApplyPart, len(list))
	for i, a := range list {
		parts[i] = ApplyPart{Kind: ItemKind(a.SourceKind), ID: a.SourceID, InvoiceID: a.InvoiceID}
	}
	if _, _, err := lockBothSides(ctx, tx, parts); err != nil {
		return err
	}
	if again, err := standing(ctx, tx, byHand, in.IDs); err != nil || len(again) != len(list) {
		if err == nil {
			err = ErrNotApplied // somebody was first
		}
		return err
	}
	entity, err := s.EntityByID(ctx, tx, list[0].EntityID)
	if err != nil {
		return err
	}
	if err := access.Can(in.By, access.RecordPayment, access.Object{EntityID: int64(entity.ID)}); err != nil {
		return err
	}
	today := entity.Day(tx.Now())
	booked, err := bookingDay(ctx, tx, entity.ID, today, in.By)
	if err != nil {
		return err
	}
	if err := takeBackTx(ctx, tx, list, takingBack{booked: booked, dated: today, reason: in.Reason, by: in.By}); err != nil {
		return err
	}
	data := map[string]any{"allocations": in.IDs, "reason": in.Reason, "booked_on": booked.Day.Format(time.DateOnly)}
	booked.tell(data)
	return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(entity.ID)), By: in.By, What: "allocation.taken_back", Data: data})
}
