package credits

import (
	"context"
	"fmt"

	"makegood/billing"
	"makegood/internal/db"
)

// countingStates are those in which money is given or promised: what the window counts.
const countingStates = `('pending', 'returned', 'approved', 'posted', 'failed')`

// countedSince is until when a request counts in a window: what is underway counts at any age, however long ago it was submitted, and what
// was posted from then on. Indexes are on these very words (credit_requests_family_counts, credit_requests_requester_counts).
const countedSince = `(case when r.state = 'posted' then coalesce(r.ended_at, r.submitted_at) else 'infinity'::timestamptz end)`

// counts is what counts together: giving with giving of any kind, so that no kind hides what another gave, and charging
// with charging. What was given and taken back counts no more; taking a charge back counts in the charge's place.
const counts = `r.id <> all ($4) and r.state in ` + countingStates + ` and (r.authority_kind = 'debit') = $5
	and (r.kind <> 'reversal' or r.authority_kind = 'debit')
	and not exists (select from reversals v where v.document_kind = r.document_kind and v.document_id = r.document_id)`

// readWindow sums what counts together with a proposal, without the request itself and what it takes back: of the customer family, or of several
// the one with most, within WindowDays; and of its invoice, or of several the one with most, at any time.
func (p *proposal) readWindow(ctx context.Context, r db.Reader, except ID) (Window, error) {
	ids := make([]billing.InvoiceID, len(p.concerned.Invoices))
	for i, invoice := range p.concerned.Invoices {
		ids[i] = invoice.ID
	}
	w, err := db.One[Window](ctx, r, `select
			coalesce((select max(sum) from (select family, sum(amount) as sum from (
				select r.family_id as family, r.authority_amount as amount from credit_requests r
					where r.family_id = any ($1) and `+countedSince+` > $3 and `+counts+`
				union all select x.family_id, x.authority_amount from credit_request_invoices x join credit_requests r on r.id = x.credit_request_id
					where x.family_id = any ($1) and r.family_id is null and `+countedSince+` > $3 and `+counts+`) f group by family) s), 0) as family,
			coalesce((select max(sum) from (select invoice, sum(amount) as sum from (
				select r.invoice_id as invoice, r.authority_amount as amount from credit_requests r where r.invoice_id = any ($2) and `+counts+`
				union all select x.invoice_id, x.authority_amount from credit_request_invoices x join credit_requests r on r.id = x.credit_request_id
					where x.invoice_id = any ($2) and r.invoice_id is null and `+counts+`) i group by invoice) s), 0) as invoice`,
		p.concerned.Families(), ids, r.Now().AddDate(0, 0, -WindowDays), p.without(except), p.authorityKind() == billing.Debit)
	if err != nil {
		return Window{}, fmt.Errorf("sum window: %w", err)
	}
	return w, nil
}

// without are the requests that do not count with a proposal: itself, and what it takes back.
func (p *proposal) without(id ID) []int64 {
	list := []int64{int64(id)}
	if o := p.concerned.Original; o != nil && o.CreditRequestID != nil {
		list = append(list, *o.CreditRequestID)
	}
	return list
}

// lockFamiliesTx makes requests of one customer family wait for one another, so that each sees what the others ask for;
// several families in order. It is taken after the invoices. It does not stand in the way of rows that only refer to the
// customer.
func lockFamiliesTx(ctx context.Context, tx *db.Tx, families []billing.CustomerID) error {
	if _, err := tx.Exec(ctx, `select id from customers where id = any ($1) order by id for no key update`, families); err != nil {
		return fmt.Errorf("lock customer families: %w", err)
	}
	return nil
}

// lockPersonTx makes what one person asks for or signs wait for one another, with what is signed for whoever they stand in
// for, so that each sees what the others add to the windows that count by person. It is taken last. It does not stand in the
// way of rows that only refer to the person.
func lockPersonTx(ctx context.Context, tx *db.Tx, user int64) error {
	if _, err := tx.Exec(ctx, `select id from users where id = $1 or id in (select from_id from delegations
		where to_id = $1 and from_at <= $2 and until_at > $2 and revoked_at is null) order by id for no key update`, user, tx.Now()); err != nil {
		return fmt.Errorf("lock person: %w", err)
	}
	return nil
}
