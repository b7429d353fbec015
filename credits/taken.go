package credits

import (
	"context"
	"fmt"
	"slices"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// refuseTaken refuses what another request is on its way for and billing reserves nothing of: a dispute line, an invoice
// to be written off, a document to be taken back.
func (p *proposal) refuseTaken(ctx context.Context, tx *db.Tx, id ID) error {
	switch p.in.Kind {
	case billing.WriteOff:
		return p.refuseWrittenOff(ctx, tx, id)
	case billing.Reverse:
		return p.refuseTakenBack(ctx, tx, id)
	case billing.BillingError, billing.Concession, billing.SLACredit, billing.Rebill, billing.Debit, billing.RefundOut, billing.TransferOver:
	}
	return p.refuseSettled(ctx, tx, id)
}

// underway are the states of a request that will still become something.
const underway = `('pending', 'returned', 'approved', 'failed')`

// refuseSettled refuses a dispute line that another request settles: two credits cannot settle one line.
func (p *proposal) refuseSettled(ctx context.Context, tx *db.Tx, id ID) error {
	var wanted []int64
	for _, l := range p.adjustment.Lines {
		if d := p.disputeOf(l.InvoiceLineID); d != nil {
			wanted = append(wanted, int64(*d))
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	taken, err := db.List[struct {
		DisputeLineID cases.DisputeID
		Number        string
	}](ctx, tx, `select l.dispute_line_id, r.number from credit_requests r join credit_request_lines l on l.credit_request_id = r.id
		where r.case_id = $1 and r.id <> $2 and r.state in `+underway+` and l.dispute_line_id = any ($3)`,
		p.in.CaseID, id, wanted)
	if err != nil {
		return fmt.Errorf("look for other requests: %w", err)
	}
	if len(taken) == 0 {
		return nil
	}
	field, other := "lines", taken[0]
	at := slices.IndexFunc(p.in.Lines, func(l ProposeLine) bool { return l.DisputeLineID != nil && *l.DisputeLineID == other.DisputeLineID })
	if at >= 0 {
		field = fmt.Sprintf("lines.%d.dispute_line_id", at)
	}
	return errs.InvalidField(field, "credits.dispute_taken", "request", other.Number)
}

// refuseWrittenOff refuses an invoice that another request gives up: what is open is not reserved, so both would be
// approved and the second could not be posted.
func (p *proposal) refuseWrittenOff(ctx context.Context, tx *db.Tx, id ID) error {
	taken, err := db.List[struct {
		InvoiceID int64
		Number    string
	}](ctx, tx, `select x.invoice_id, r.number from credit_request_invoices x join credit_requests r on r.id = x.credit_request_id
		where x.invoice_id = any ($1) and r.id <> $2 and r.state in `+underway, itemIDs(p.adjustment.Items), id)
	if err != nil {
		return fmt.Errorf("look for other write-offs: %w", err)
	}
	if len(taken) == 0 {
		return nil
	}
	at := slices.IndexFunc(p.in.Items, func(i billing.ItemPart) bool { return i.ID == taken[0].InvoiceID })
	return errs.InvalidField(fmt.Sprintf("items.%d", at), "credits.write_off_taken", "request", taken[0].Number)
}

func itemIDs(items []billing.ItemPart) []int64 {
	ids := make([]int64, len(items))
	for i, item := range items {
		ids[i] = item.ID
	}
	return ids
}

// refuseTakenBack refuses a document that another request takes back.
func (p *proposal) refuseTakenBack(ctx context.Context, tx *db.Tx, id ID) error {
	taken, err := db.Values[string](ctx, tx, `select number from credit_requests where kind = 'reversal' and content -> 'Reverses' ->> 'kind' = $1
		and content -> 'Reverses' ->> 'id' = $2::text and id <> $3 and state in `+underway, p.adjustment.Reverses.Kind,
		fmt.Sprint(p.adjustment.Reverses.ID), id)
	if err != nil {
		return fmt.Errorf("look for other reversals: %w", err)
	}
	if len(taken) > 0 {
		return errs.InvalidField("reverses", "credits.reversal_taken", "request", taken[0], "number", p.adjustment.Reverses.Number)
	}
	return nil
}
