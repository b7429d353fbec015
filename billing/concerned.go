package billing

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"makegood/internal/db"
)

// Concerned is whom and what a proposal touches, known before it is worked out: for who may ask, who waits for whom and
// what counts together. Customers and Invoices are in order of their ids.
type Concerned struct {
	Entities  []EntityID
	Customers []Customer // billed, paid, given to
	Invoices  []Invoice  // credited, charged more on, billed anew, given up
	Original  *Original  // of a reversal
}

// Original is the posted adjustment that a reversal takes back. Kind is that of the adjustment, so a memo's is what it
// gave back for.
type Original struct {
	Document        DocumentRef
	Kind            Kind
	CreditRequestID *int64
	CaseID          *int64
}

// Families lists the customer families concerned, in order.
func (c Concerned) Families() []CustomerID {
	list := make([]CustomerID, len(c.Customers))
	for i, one := range c.Customers {
		list[i] = one.FamilyID
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Concerned reads whom and what a proposal touches, without looking whether it can be. What a write-off, refund or
// transfer names and is not there is left out, and refused by PrepareAdjustment with its field; ErrNoInvoice,
// ErrNoCustomer or ErrNoAdjustment where the proposal stands on something that is not there.
func (s *Service) Concerned(ctx context.Context, r db.Reader, in AdjustmentInput) (Concerned, error) {
	c := Concerned{}
	var invoices []InvoiceID
	var customers []CustomerID
	var err error
	switch {
	case in.Kind == Reverse:
		invoices, customers, err = c.reversed(ctx, r, in.Reverses)
	case in.Kind == WriteOff:
		for _, part := range in.Items {
			invoices = append(invoices, InvoiceID(part.ID))
		}
	case in.Kind == RefundOut || in.Kind == TransferOver:
		customers, err = c.taken(ctx, r, in.Items)
	case in.InvoiceID != 0:
		_, err = s.InvoiceByID(ctx, r, in.InvoiceID)
		invoices = append(invoices, in.InvoiceID)
	default:
		_, err = s.CustomerByID(ctx, r, in.CustomerID)
		customers = append(customers, in.CustomerID)
		if in.EntityID != 0 {
			c.Entities = append(c.Entities, in.EntityID)
		}
	}
	if err != nil {
		return c, err
	}
	return c, c.read(ctx, r, invoices, append(customers, in.ToCustomerID))
}

// reversed notes what a reversal takes back, and gives the invoices and customers of that.
func (c *Concerned) reversed(ctx context.Context, r db.Reader, ref DocumentRef) ([]InvoiceID, []CustomerID, error) {
	doc, err := readReversible(ctx, r, ref)
	if err != nil {
		return nil, nil, err
	}
	if c.Original, err = originalOf(ctx, r, ref, doc); err != nil {
		return nil, nil, err
	}
	c.Entities = append(c.Entities, doc.EntityID)
	var customers []CustomerID
	if doc.CustomerID != nil {
		customers = append(customers, *doc.CustomerID)
	}
	invoices, err := invoicesOf(ctx, r, ref, doc)
	return invoices, customers, err
}

// taken notes whose books the items are in, and gives whose they are.
func (c *Concerned) taken(ctx context.Context, r db.Reader, parts []ItemPart) ([]CustomerID, error) {
	items, err := readItems(ctx, r, parts, false)
	if err != nil {
		return nil, err
	}
	var customers []CustomerID
	for _, item := range items {
		c.Entities, customers = append(c.Entities, item.EntityID), append(customers, item.CustomerID)
	}
	return customers, nil
}

// read fills in invoices and customers, with the entities they bring.
func (c *Concerned) read(ctx context.Context, r db.Reader, invoices []InvoiceID, customers []CustomerID) error {
	var err error
	if c.Invoices, err = db.List[Invoice](ctx, r, `select * from invoices where id = any ($1) order by id`, invoices); err != nil {
		return fmt.Errorf("read invoices: %w", err)
	}
	for _, i := range c.Invoices {
		c.Entities, customers = append(c.Entities, i.EntityID), append(customers, i.CustomerID)
	}
	if c.Customers, err = db.List[Customer](ctx, r, `select * from customers where id = any ($1) order by id`, customers); err != nil {
		return fmt.Errorf("read customers: %w", err)
	}
	if len(c.Entities) == 0 {
		for _, one := range c.Customers {
			c.Entities = append(c.Entities, one.EntityID)
		}
	}
	slices.Sort(c.Entities)
	c.Entities = slices.Compact(c.Entities)
	return nil
}

// tableOf is where documents of a kind live.
func tableOf(kind DocumentKind) string {
	switch kind {
	case MemoDoc:
		return "credit_memos"
	case DebitDoc, InvoiceDoc:
		return "invoices"
	case RefundDoc:
		return "refunds"
	case WriteOffDoc:
		return "write_offs"
	case TransferDoc:
		return "transfers"
	case ReversalDoc:
	}
	return "reversals"
}

func originalOf(ctx context.Context, r db.Reader, ref DocumentRef, doc reversible) (*Original, error) {
	o, err := db.One[Original](ctx, r, `select credit_request_id, case_id from `+tableOf(ref.Kind)+` where id = $1`, ref.ID)
	if err != nil {
		return nil, fmt.Errorf("read what is taken back: %w", err)
	}
	o.Document = DocumentRef{Kind: ref.Kind, ID: doc.ID, Number: doc.Number}
	switch ref.Kind {
	case MemoDoc:
		o.Kind = Kind(doc.Kind)
	case DebitDoc:
		o.Kind = Debit
	case RefundDoc:
		o.Kind = RefundOut
	case WriteOffDoc:
		o.Kind = WriteOff
	case TransferDoc:
		o.Kind = TransferOver
	case ReversalDoc, InvoiceDoc:
	}
	return &o, nil
}

// invoicesOf are the invoices a posted adjustment is about: the credited one, the debit memo itself, those written off.
func invoicesOf(ctx context.Context, r db.Reader, ref DocumentRef, doc reversible) ([]InvoiceID, error) {
	if ref.Kind != WriteOffDoc {
		if doc.InvoiceID == nil {
			return nil, nil
		}
		return []InvoiceID{*doc.InvoiceID}, nil
	}
	list, err := db.Values[InvoiceID](ctx, r, `select invoice_id from write_off_lines where write_off_id = $1`, ref.ID)
	if err != nil {
		return nil, fmt.Errorf("read write-off: %w", err)
	}
	slices.SortFunc(list, cmp.Compare)
	return list, nil
}
