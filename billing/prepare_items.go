package billing

import (
	"context"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"makegood/billing/document"
	"makegood/billing/tax"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// itemState is an open item as an adjustment finds it.
type itemState struct {
	OpenItem
	Rate decimal.Decimal // base currency for one unit, of the document it stands for
}

// Free is what is neither used nor kept by a pending request.
func (i itemState) Free() decimal.Decimal { return i.Open.Sub(i.Reserved) }

// readItems reads open items by their documents.
func readItems(ctx context.Context, r db.Reader, parts []ItemPart, locked bool) ([]itemState, error) {
	kinds, ids := make([]string, len(parts)), make([]int64, len(parts))
	for i, p := range parts {
		kinds[i], ids[i] = string(p.Kind), p.ID
	}
	query := `select o.*, coalesce(i.fx_rate, p.fx_rate, m.fx_rate, t.fx_rate) as rate from open_items o
		left join invoices i on o.kind = 'invoice' and i.id = o.document_id
		left join payments p on o.kind = 'payment' and p.id = o.document_id
		left join credit_memos m on o.kind = 'credit_memo' and m.id = o.document_id
		left join transfers t on o.kind = 'transfer' and t.id = o.document_id
		where (o.kind, o.document_id) in (select * from unnest($1::text[], $2::bigint[])) order by o.kind = 'invoice' desc, o.kind, o.document_id`
	if locked {
		query += ` for update of o`
	}
	list, err := db.List[itemState](ctx, r, query, kinds, ids)
	if err != nil {
		return nil, fmt.Errorf("read open items: %w", err)
	}
	return list, nil
}

func itemOf(list []itemState, p ItemPart) (itemState, bool) {
	at := slices.IndexFunc(list, func(i itemState) bool { return i.Kind == p.Kind && i.DocumentID == p.ID })
	if at < 0 {
		return itemState{}, false
	}
	return list[at], true
}

// prepareFromItems works out a refund of, or a transfer from, unapplied cash and credits.
func (s *Service) prepareFromItems(ctx context.Context, r db.Reader, in AdjustmentInput) (Adjustment, error) {
	a := Adjustment{Kind: in.Kind, ReasonCode: in.ReasonCode, ToCustomerID: in.ToCustomerID, Method: in.Method, Destination: in.Destination}
	if len(in.Items) == 0 || in.Kind == TransferOver && len(in.Items) != 1 {
		return a, errs.InvalidField("items", "billing.items_required")
	}
	items, err := readItems(ctx, r, in.Items, false)
	if err != nil {
		return a, err
	}
	if fields := a.takeItems(in.Items, items); len(fields) > 0 {
		return a, errs.InvalidFields(fields...)
	}
	if in.Kind == TransferOver {
		return a, s.checkTransfer(ctx, r, a)
	}
	if a.Method == "" {
		a.Method = ByBank
	}
	if err := checkDestination(a); err != nil {
		return a, err
	}
	return a, checkRefundable(ctx, r, a)
}

// checkDestination refuses a whole account or card number: none belongs into stored papers and mail.
func checkDestination(a Adjustment) error {
	if !document.Masked(a.Destination) {
		return errs.InvalidField("destination", document.ErrUnmasked.Key, "field", "destination")
	}
	return nil
}

// takeItems takes the parts over, all of one customer, entity and currency, none more than is free.
func (a *Adjustment) takeItems(parts []ItemPart, items []itemState) []errs.Field {
	var fields []errs.Field
	seen := map[ItemPart]bool{}
	for i, p := range parts {
		wrong := func(key string, params errs.Params) {
			fields = append(fields, errs.Field{Name: fmt.Sprintf("items.%d", i), Key: key, Params: params})
		}
		item, ok := itemOf(items, p)
		if a.CustomerID == 0 && ok {
			a.CustomerID, a.EntityID, a.Currency = item.CustomerID, item.EntityID, item.Currency
		}
		key := ItemPart{Kind: p.Kind, ID: p.ID}
		switch {
		case !ok || p.Kind == InvoiceItem:
			wrong("billing.no_such_item", nil)
		case seen[key]:
			wrong("billing.item_twice", nil)
		case item.CustomerID != a.CustomerID || item.EntityID != a.EntityID:
			wrong("billing.item_of_another", nil)
		case item.Currency != a.Currency:
			wrong("money.mixed_currencies", errs.Params{"one": string(a.Currency), "other": string(item.Currency)})
		case !p.Amount.IsPositive() || finer(p.Amount, a.Currency.Digits()):
			wrong("billing.bad_amount", nil)
		case p.Amount.GreaterThan(item.Free()):
			wrong(ErrOverOpen.Key, errs.Params{"open": money.Of(item.Free(), a.Currency).String(), "number": item.Number})
		}
		seen[key] = true
		a.Items = append(a.Items, ItemPart{Kind: p.Kind, ID: p.ID, Number: item.Number, Amount: p.Amount})
		a.Net = a.Net.Add(p.Amount)
	}
	a.Total = a.Net
	return fields
}

func (s *Service) checkTransfer(ctx context.Context, r db.Reader, a Adjustment) error {
	customers, err := customersByID(ctx, r, []CustomerID{a.CustomerID, a.ToCustomerID})
	if err != nil {
		return err
	}
	to, known := customers[a.ToCustomerID]
	if !known || a.ToCustomerID == a.CustomerID {
		return errs.InvalidField("to_customer", ErrNoCustomer.Key)
	}
	if to.FamilyID != customers[a.CustomerID].FamilyID {
		return errs.InvalidField("to_customer", "billing.transfer_within_family")
	}
	return nil
}

// prepareWriteOff works out what is given up on invoices, with the tax that comes back by the entity's policy.
func (s *Service) prepareWriteOff(ctx context.Context, r db.Reader, in AdjustmentInput) (Adjustment, error) {
	a := Adjustment{Kind: WriteOff, ReasonCode: in.ReasonCode}
	if len(in.Items) == 0 {
		return a, errs.InvalidField("items", "billing.items_required")
	}
	ids := make([]InvoiceID, len(in.Items))
	for i, p := range in.Items {
		ids[i] = InvoiceID(p.ID)
	}
	list, err := db.List[lockedInvoice](ctx, r, `select i.*, o.open, o.held, o.rounding_given from invoices i
		join open_items o on o.kind = 'invoice' and o.document_id = i.id where i.id = any ($1) order by i.id`, ids)
	if err != nil {
		return a, fmt.Errorf("read invoices: %w", err)
	}
	if len(list) == 0 {
		return a, errs.InvalidField("items.0", "billing.no_such_item")
	}
	a.LeftOut = settled(in.Items, list)
	first := list[slices.IndexFunc(list, func(x lockedInvoice) bool { return !slices.Contains(a.LeftOut, x.Number) })]
	a.EntityID, a.Currency, a.CustomerID = first.EntityID, first.Currency, first.CustomerID
	entity, err := s.EntityByID(ctx, r, a.EntityID)
	if err != nil {
		return a, err
	}
	known, err := readClaims(ctx, r, ids)
	if err != nil {
		return a, err
	}
	if fields := a.giveUp(in.Items, list, known, entity); len(fields) > 0 {
		return a, errs.InvalidFields(fields...)
	}
	return a, nil
}

// settled is what of a batch was settled meanwhile, by number: the others are given up all the same. A single invoice, or a batch of
// which nothing is open any more, is refused by what follows.
func settled(parts []ItemPart, invoices []lockedInvoice) []string {
	var numbers []string
	for _, x := range invoices {
		if x.Open.IsZero() && slices.ContainsFunc(parts, func(p ItemPart) bool { return p.ID == int64(x.ID) && p.Amount.IsPositive() }) {
			numbers = append(numbers, x.Number)
		}
	}
	if len(numbers) == len(invoices) {
		return nil
	}
	return numbers
}

// giveUp takes the parts over, all of the entity and currency that a says, none more than is open and kept by no request. No more tax comes
// back than is left of the invoice's.
func (a *Adjustment) giveUp(parts []ItemPart, invoices []lockedInvoice, known map[InvoiceID]claims, entity Entity) []errs.Field {
	var fields []errs.Field
	seen := map[int64]bool{}
	leftOut := func(x lockedInvoice) bool { return slices.Contains(a.LeftOut, x.Number) }
	for i, p := range parts {
		wrong := func(key string, params errs.Params) {
			fields = append(fields, errs.Field{Name: fmt.Sprintf("items.%d", i), Key: key, Params: params})
		}
		at := slices.IndexFunc(invoices, func(x lockedInvoice) bool { return int64(x.ID) == p.ID })
		if at >= 0 && leftOut(invoices[at]) {
			continue
		}
		if at < 0 || seen[p.ID] || p.Kind != InvoiceItem && p.Kind != "" {
			wrong("billing.no_such_item", nil)
			continue
		}
		invoice := invoices[at]
		seen[p.ID] = true
		if refusal := a.notGivable(p, invoice, known[invoice.ID]); refusal != nil {
			wrong(refusal.Key, refusal.Params)
		}
		part := ItemPart{Kind: InvoiceItem, ID: p.ID, Number: invoice.Number, Amount: p.Amount}
		if entity.WriteOffTaxRelief && invoice.Total.IsPositive() {
			relief := tax.Relief(p.Amount, invoice.Tax, invoice.Total, invoice.Currency.Digits())
			part.Tax = decimal.Min(relief, known[invoice.ID].taxLeft(invoice.Invoice))
		}
		if invoice.CustomerID != a.CustomerID {
			a.CustomerID = 0 // a batch over several customers
		}
		a.Items = append(a.Items, part)
		a.Net, a.Tax = a.Net.Add(p.Amount), a.Tax.Add(part.Tax)
	}
	a.Total = a.Net
	return fields
}

// notGivable is why so much of an invoice cannot be given up; nil where it can.
func (a *Adjustment) notGivable(p ItemPart, invoice lockedInvoice, c claims) *errs.Error {
	switch {
	case invoice.EntityID != a.EntityID:
		return errs.New(errs.Invalid, "billing.item_of_another")
	case invoice.Currency != a.Currency:
		return errs.New(errs.Invalid, "money.mixed_currencies", "one", string(a.Currency), "other", string(invoice.Currency))
	case !p.Amount.IsPositive() || finer(p.Amount, a.Currency.Digits()):
		return errs.New(errs.Invalid, "billing.bad_amount")
	case p.Amount.GreaterThan(invoice.Open):
		return errs.New(ErrOverOpen.Kind, ErrOverOpen.Key, "open", invoice.Amount(invoice.Open).String(), "number", invoice.Number)
	}
	return c.leavesKept(invoice, p.Amount)
}
