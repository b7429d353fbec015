package reports

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/ledger"
	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/db"
)

// HoldRow is a hold as the invoice's story tells it, also when it was released.
type HoldRow struct {
	billing.Hold
	CaseNumber string
	LineNo     *int
	ReasonName string
}

// InvoiceFile is an invoice with its story.
type InvoiceFile struct {
	billing.InvoiceDetail
	AllHolds    []HoldRow // in the order they were placed, released ones too
	Corrections []billing.Correction
	Credited    map[billing.InvoiceLineID]decimal.Decimal
	Requests    []credits.Row
	Cases       []CaseRow
	Entries     []ledger.Entry
}

// Invoice reads an invoice's file by number.
func (b *Books) Invoice(ctx context.Context, number string, by access.Actor) (InvoiceFile, error) {
	invoice, err := b.billing.InvoiceByNumber(ctx, b.db, number)
	if err != nil {
		return InvoiceFile{}, err
	}
	if err := access.Can(by, access.ReadBooks, access.Object{EntityID: int64(invoice.EntityID)}); err != nil {
		return InvoiceFile{}, err
	}
	f := InvoiceFile{}
	if f.InvoiceDetail, err = b.billing.InvoiceDetail(ctx, b.db, invoice.ID); err != nil {
		return f, err
	}
	f.AllHolds, err = db.List[HoldRow](ctx, b.db, `select h.*, c.number as case_number, l.line_no, coalesce(r.name, h.reason_code) as reason_name
		from holds h join dispute_lines d on d.id = h.dispute_line_id join cases c on c.id = d.case_id left join invoice_lines l on l.id = h.invoice_line_id
		left join reason_codes r on r.code = h.reason_code where h.invoice_id = $1 order by h.placed_at, h.id`, invoice.ID)
	if err != nil {
		return f, fmt.Errorf("read holds: %w", err)
	}
	if f.Corrections, err = b.billing.Corrections(ctx, b.db, invoice.ID); err != nil {
		return f, err
	}
	if f.Requests, err = b.credits.ByInvoice(ctx, b.db, invoice.ID); err != nil {
		return f, err
	}
	if f.Cases, err = b.invoiceCases(ctx, invoice.ID); err != nil {
		return f, err
	}
	f.Entries, err = b.entries(ctx, f.InvoiceDetail)
	return f, err
}

func (b *Books) invoiceCases(ctx context.Context, id billing.InvoiceID) ([]CaseRow, error) {
	return b.cases(ctx, `c.id in (select case_id from case_invoices where invoice_id = $1
		union select case_id from dispute_lines where invoice_id = $1)`, id)
}

// entries reads what was booked for an invoice, in the order of posting: its issue, its memos, what was applied to it, what of it was
// written off, and what was taken back of all that.
func (b *Books) entries(ctx context.Context, d billing.InvoiceDetail) ([]ledger.Entry, error) {
	entries, err := ledger.Entries(ctx, b.db, ledger.Invoice, int64(d.ID))
	if err != nil {
		return nil, err
	}
	var memos, applied []int64
	for _, m := range d.Memos {
		memos = append(memos, int64(m.ID))
	}
	for _, a := range d.Allocations {
		applied = append(applied, a.ID)
	}
	for kind, ids := range map[ledger.DocumentKind][]int64{ledger.CreditMemo: memos, ledger.Allocation: applied} {
		if len(ids) == 0 {
			continue
		}
		more, err := ledger.Entries(ctx, b.db, kind, ids...)
		if err != nil {
			return nil, err
		}
		entries = append(entries, more...)
	}
	given, err := b.givenUp(ctx, d.ID)
	if err != nil {
		return nil, err
	}
	entries = append(entries, given...)
	slices.SortFunc(entries, func(a, b ledger.Entry) int { return cmp.Compare(a.ID, b.ID) })
	return entries, nil
}

// givenUp reads the entries of write-offs and reversals that moved an invoice. A write-off of many has one for each.
func (b *Books) givenUp(ctx context.Context, id billing.InvoiceID) ([]ledger.Entry, error) {
	found, err := db.List[struct {
		DocumentKind ledger.DocumentKind
		Documents    []int64
		Entries      []ledger.EntryID
	}](ctx, b.db, `select e.document_kind, array_agg(distinct e.document_id) as documents, array_agg(distinct e.id) as entries
		from postings p join journal_entries e on e.id = p.entry_id
		where p.item_kind = 'invoice' and p.item_id = $1 and e.document_kind in ('write_off', 'reversal') group by 1`, id)
	if err != nil {
		return nil, fmt.Errorf("look for write-offs: %w", err)
	}
	var list []ledger.Entry
	for _, f := range found {
		entries, err := ledger.Entries(ctx, b.db, f.DocumentKind, f.Documents...)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if slices.Contains(f.Entries, e.ID) {
				list = append(list, e)
			}
		}
	}
	return list, nil
}

// MemoFile is a credit memo with where it came from.
type MemoFile struct {
	billing.MemoDetail
	CaseNumber     string
	Request        credits.Detail
	SHA256         []byte // of the stored PDF; empty while it was not made
	StoredAt       time.Time
	InvoiceLineNos map[billing.InvoiceLineID]int // where on the invoice the credited lines stand
}

// Memo reads a credit memo's file by number.
func (b *Books) Memo(ctx context.Context, number string, by access.Actor) (MemoFile, error) {
	memo, err := b.billing.MemoByNumber(ctx, b.db, number)
	if err != nil {
		return MemoFile{}, err
	}
	if err := access.Can(by, access.ReadBooks, access.Object{EntityID: int64(memo.EntityID)}); err != nil {
		return MemoFile{}, err
	}
	f := MemoFile{MemoDetail: memo}
	if memo.CaseID != nil {
		if f.CaseNumber, err = db.Value[string](ctx, b.db, `select number from cases where id = $1`, *memo.CaseID); err != nil {
			return f, fmt.Errorf("read case number: %w", err)
		}
	}
	if memo.CreditRequestID != nil {
		if f.Request, err = b.credits.Request(ctx, b.db, credits.ID(*memo.CreditRequestID), by); err != nil {
			return f, err
		}
	}
	if memo.InvoiceID != nil {
		if f.InvoiceLineNos, err = b.lineNos(ctx, *memo.InvoiceID); err != nil {
			return f, err
		}
	}
	type file struct {
		SHA256    []byte `db:"sha256"`
		CreatedAt time.Time
	}
	files, err := db.List[file](ctx, b.db, `select sha256, created_at from stored_documents
		where document_kind = $1 and document_id = $2 and media_type = $3`, billing.MemoDocument, memo.ID, billing.PDF)
	if err != nil {
		return f, fmt.Errorf("read stored document: %w", err)
	}
	if len(files) == 1 {
		f.SHA256, f.StoredAt = files[0].SHA256, files[0].CreatedAt
	}
	return f, nil
}

func (b *Books) lineNos(ctx context.Context, id billing.InvoiceID) (map[billing.InvoiceLineID]int, error) {
	type line struct {
		ID     billing.InvoiceLineID
		LineNo int
	}
	list, err := db.List[line](ctx, b.db, `select id, line_no from invoice_lines where invoice_id = $1`, id)
	if err != nil {
		return nil, fmt.Errorf("read line numbers: %w", err)
	}
	places := make(map[billing.InvoiceLineID]int, len(list))
	for _, l := range list {
		places[l.ID] = l.LineNo
	}
	return places, nil
}

// MemoPDF gives the memo as it is stored, and makes it if the job that does so has not come to it yet.
func (b *Books) MemoPDF(ctx context.Context, number string, by access.Actor) (billing.StoredDocument, error) {
	memo, err := b.billing.MemoByNumber(ctx, b.db, number)
	if err != nil {
		return billing.StoredDocument{}, err
	}
	if err := access.Can(by, access.ReadBooks, access.Object{EntityID: int64(memo.EntityID)}); err != nil {
		return billing.StoredDocument{}, err
	}
	return b.billing.RenderMemo(ctx, memo.ID)
}

// Paper gives the PDF of any posted document that has one, by its number: a credit memo, debit memo or refund, the reversal of
// a credit memo, or an invoice issued here. It is made and stored when nobody has asked for it before.
func (b *Books) Paper(ctx context.Context, number string, by access.Actor) (billing.StoredDocument, error) {
	d, err := b.papered(ctx, number, by)
	if err != nil {
		return billing.StoredDocument{}, err
	}
	return b.billing.Render(ctx, d)
}

// Electronic gives the UBL form of any posted document that has one, as Paper does the PDF; a refund has none. It refuses by
// the field what the customer's system would refuse.
func (b *Books) Electronic(ctx context.Context, number string, by access.Actor) (billing.StoredDocument, error) {
	d, err := b.papered(ctx, number, by)
	if err != nil {
		return billing.StoredDocument{}, err
	}
	return b.billing.RenderXML(ctx, d)
}

func (b *Books) papered(ctx context.Context, number string, by access.Actor) (billing.DocumentRef, error) {
	d, err := b.billing.PaperedByNumber(ctx, b.db, number)
	if err != nil {
		return billing.DocumentRef{}, err
	}
	return d.DocumentRef, access.Can(by, access.ReadBooks, access.Object{EntityID: int64(d.EntityID)})
}
