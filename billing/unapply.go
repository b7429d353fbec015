package billing

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"makegood/billing/ledger"
	"makegood/internal/db"
)

// takeBackTx takes allocations back, oldest last: a row that names each, and its entry mirrored to the last cent in both
// currencies. What they settled is open again and what they used is unapplied again; no income moves but a realised
// exchange difference. (That taking back posts nothing means income: without the entry the ledger would say something else than
// the open items.) The caller holds the locks of both sides.
func takeBackTx(ctx context.Context, tx *db.Tx, list []Allocation, how takingBack) error {
	if len(list) == 0 {
		return nil
	}
	ids, err := nextIDs[int64](ctx, tx, "allocations", len(list))
	if err != nil {
		return err
	}
	var batch pgx.Batch
	var invoices []InvoiceID
	for i, a := range list {
		invoices = append(invoices, a.InvoiceID)
		batch.Queue(`insert into allocations (id, entity_id, customer_id, source_kind, source_id, invoice_id, currency, amount, allocated_on, posted_at, reverses_id, reason)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
			ids[i], a.EntityID, a.CustomerID, a.SourceKind, a.SourceID, a.InvoiceID, a.Currency, a.Amount.Neg(), how.dated, tx.Now(), a.ID, how.reason)
		if a.SourceKind == FromWriteOff || a.SourceKind == FromReversal {
			continue // booked with their document, whose entries are mirrored by themselves
		}
		entries, err := ledger.Entries(ctx, tx, ledger.Allocation, a.ID)
		if err != nil {
			return err
		}
		if err := how.mirror(&batch, tx.Now(), entries, ids[i]); err != nil {
			return err
		}
	}
	queueHolds(&batch, tx.Now(), invoices...)
	if err := tx.Batch(ctx, &batch); err != nil {
		return fmt.Errorf("take allocations back: %w", err)
	}
	return nil
}

// takingBack is how something is taken back: on which days, by whom, why, and the document it is booked for.
type takingBack struct {
	booked    booking
	dated     time.Time
	reason    string
	caseID    *int64
	requestID *int64
	by        Actor
	kind      ledger.DocumentKind // "" books each entry under the kind it mirrors
	number    string
}

// mirror lines up the opposite of entries and gives the open items back what these had moved.
func (h takingBack) mirror(batch *pgx.Batch, at time.Time, entries []ledger.Entry, document int64) error {
	last := lastOf(h.booked.Day, h.dated, at)
	for _, e := range entries {
		if e.ReversesID != nil {
			continue
		}
		for _, m := range movesBack(e, last) {
			queueMove(batch, m)
		}
		d := e.Mirror()
		d.BookedOn, d.Soft, d.DatedOn, d.DocumentID = h.booked.Day, h.booked.Soft, h.dated, document
		d.By, d.CaseID, d.CreditRequestID = h.by, h.caseID, h.requestID
		if h.kind != "" {
			d.DocumentKind = h.kind
		}
		if h.number != "" {
			d.DocumentNumber = h.number
		}
		if err := ledger.Queue(batch, at, d); err != nil {
			return err
		}
	}
	return nil
}

// movesBack is what taking an entry back does to each open item that it moved.
func movesBack(e ledger.Entry, last time.Time) []itemMove {
	var moves []itemMove
	for _, p := range e.Postings {
		if p.ItemKind == nil {
			continue
		}
		sign := decimal.NewFromInt(1) // a debit made unapplied smaller and receivable larger: its mirror does the opposite
		if *p.ItemKind == string(InvoiceItem) {
			sign = sign.Neg()
		}
		m := itemMove{ItemKind(*p.ItemKind), *p.ItemID, p.Amount.Mul(sign), p.BaseAmount.Mul(sign), last}
		at := slices.IndexFunc(moves, func(x itemMove) bool { return x.Kind == m.Kind && x.ID == m.ID })
		if at < 0 {
			moves = append(moves, m)
			continue
		}
		moves[at].Amount, moves[at].Base = moves[at].Amount.Add(m.Amount), moves[at].Base.Add(m.Base)
	}
	return moves
}

// standing reads the allocations of a condition that were not taken back.
func standing(ctx context.Context, r db.Reader, condition string, args ...any) ([]Allocation, error) {
	list, err := db.List[Allocation](ctx, r, `select a.* from allocations a where a.reverses_id is null
		and not exists (select 1 from allocations b where b.reverses_id = a.id) and `+condition+` order by a.id desc`, args...)
	if err != nil {
		return nil, fmt.Errorf("read allocations: %w", err)
	}
	return list, nil
}
