package credits

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/db"
)

// posting is an approved request on its way into the books.
type posting struct {
	req        Request
	lines      []Line
	words      words
	adjustment billing.Adjustment
	posted     billing.Posted
	settled    []settlement
	letter     *cases.LetterInput
	key        string // of the letter that waits for the document
	warnings   []cases.Warning
}

// requestWords is what a document says about a request.
type requestWords struct {
	ID ID
	words
}

// lockPostings locks the cases of requests, then the requests, each in the order of their ids, and reads what posting
// needs of them. ErrNoRequest when one of them is not there.
func (s *Service) lockPostings(ctx context.Context, tx *db.Tx, ids []ID) ([]*posting, *cases.Files, error) {
	of, err := db.Values[cases.ID](ctx, tx, `select case_id from credit_requests where id = any ($1) and case_id is not null`, ids)
	if err != nil {
		return nil, nil, fmt.Errorf("find cases of requests: %w", err)
	}
	files, err := s.cases.OpenFilesTx(ctx, tx, of, postActor())
	if err != nil {
		return nil, nil, err
	}
	var list []Request
	var lines []Line
	var said []requestWords
	var batch pgx.Batch
	db.QueueList(&batch, &list, `select `+requestColumns+` from credit_requests r where r.id = any ($1) order by r.id for no key update`, ids)
	db.QueueList(&batch, &lines, `select * from credit_request_lines where credit_request_id = any ($1) order by credit_request_id, invoice_line_id`, ids)
	db.QueueList(&batch, &said, `select r.id, coalesce(i.number, '') as invoice_number, c.name as reason_name from credit_requests r
		join reason_codes c on c.code = r.reason_code left join invoices i on i.id = r.invoice_id where r.id = any ($1)`, ids)
	if err := tx.Batch(ctx, &batch); err != nil {
		return nil, nil, fmt.Errorf("lock requests: %w", err)
	}
	if len(list) != len(ids) {
		return nil, nil, ErrNoRequest
	}
	postings := make([]*posting, len(list))
	for i, req := range list {
		p := &posting{req: req}
		for _, l := range lines {
			if l.CreditRequestID == req.ID {
				p.lines = append(p.lines, l)
			}
		}
		for _, w := range said {
			if w.ID == req.ID {
				p.words = w.words
			}
		}
		if req.CaseID != nil {
			p.settled = p.settles(files.Disputes(*req.CaseID))
		}
		postings[i] = p
	}
	return postings, files, nil
}

// sharesStatements tells whether a request is posted with the same few statements as others: a credit memo that brings no
// further document with it.
func (p *posting) sharesStatements() bool {
	a := p.req.Content
	return a != nil && a.Kind.Credits() && a.Kind != billing.Rebill && !a.ToRefund.IsPositive()
}

// postTx posts approved requests whose rows are locked, all or none.
func (s *Service) postTx(ctx context.Context, tx *db.Tx, list []*posting, files *cases.Files) error {
	by := postActor()
	var orders []billing.PostAdjustment
	for _, p := range list {
		var err error
		if p.adjustment, err = p.req.frozen(p.lines); err != nil {
			return err
		}
		if p.req.ApprovalID == nil {
			return billing.ErrNeedsApproval
		}
		orders = append(orders, billing.PostAdjustment{
			CreditRequestID: int64(p.req.ID), ApprovalID: *p.req.ApprovalID, CaseID: (*int64)(p.req.CaseID), Adjustment: p.adjustment,
			Explanation: p.words.forCustomer(p.req), By: by,
		})
	}
	posted, err := s.billing.PostAdjustmentsTx(ctx, tx, orders)
	if err != nil {
		return err
	}
	for i, p := range list {
		p.became(posted[i], tx.Now())
	}
	if err := endPosted(ctx, tx, list); err != nil {
		return err
	}
	for _, p := range list {
		if p.adjustment.Kind != billing.Reverse {
			continue
		}
		if err := s.restoreTx(ctx, tx, p.req, p.adjustment.Reverses, by); err != nil {
			return err
		}
		if files, err = s.cases.OpenFilesTx(ctx, tx, files.IDs(), by); err != nil { // its case may be the one that was restored
			return err
		}
	}
	if err := s.recordOnCasesTx(ctx, tx, list, files); err != nil {
		return err
	}
	return s.announceTx(ctx, tx, list)
}

func (p *posting) became(posted billing.Posted, now time.Time) {
	p.posted = posted
	p.req.State, p.req.EndedAt, p.req.Failure, p.req.FailureParams = Posted, &now, "", nil
	p.req.DocumentKind, p.req.DocumentID, p.req.DocumentNumber = posted.Document.Kind, &posted.Document.ID, posted.Document.Number
	if posted.Memo != nil {
		p.req.MemoID = &posted.Memo.ID
	}
}

// recordOnCasesTx brings the cases up to date, writes the letters and tells the requesters.
func (s *Service) recordOnCasesTx(ctx context.Context, tx *db.Tx, list []*posting, files *cases.Files) error {
	list = slices.DeleteFunc(slices.Clone(list), func(p *posting) bool { return p.req.CaseID == nil })
	if len(list) == 0 {
		return nil
	}
	if err := s.writeLettersTx(ctx, tx, list); err != nil {
		return err
	}
	by := postActor()
	var done []cases.PostedCredit
	for _, p := range list {
		done = append(done, cases.PostedCredit{
			CaseID: *p.req.CaseID, Settles: p.decisions(by), Letter: p.letter, Warnings: p.warnings, By: by,
			Mark:    cases.CreditMark{Request: int64(p.req.ID), State: cases.CreditPosted, Data: p.req.eventData(p.eventData())},
			Notices: []cases.Notice{p.req.notice("notice.credit_posted", p.req.RequesterID)},
		})
	}
	return s.cases.RecordPostedTx(ctx, tx, files, done)
}

func (p *posting) eventData() map[string]any {
	data := map[string]any{"document": p.posted.Document.Number, "document_kind": p.posted.Document.Kind}
	if p.posted.Memo != nil {
		data["memo"] = p.posted.Memo.Number
	}
	return data
}

// announceTx tells of what was posted where there is no case to tell it, and asks for the documents.
func (s *Service) announceTx(ctx context.Context, tx *db.Tx, list []*posting) error {
	for _, p := range list {
		tx.Publish(p.req.topics()...)
		if p.req.CaseID == nil {
			if err := s.markTx(ctx, tx, p.req, cases.CreditPosted, postActor(), p.eventData()); err != nil {
				return err
			}
		}
		if !hasDocument(p.posted.Document.Kind) {
			continue
		}
		if err := tx.Enqueue(ctx, RenderDocument{Document: p.posted.Document, Key: p.key}); err != nil {
			return err
		}
	}
	return nil
}

// endPosted writes what requests became. Their rows are locked, so the versions cannot have moved.
func endPosted(ctx context.Context, tx *db.Tx, list []*posting) error {
	n := len(list)
	ids, versions, memos := make([]ID, n), make([]int, n), make([]*billing.MemoID, n)
	kinds, documents, numbers := make([]billing.DocumentKind, n), make([]*int64, n), make([]string, n)
	for i, p := range list {
		ids[i], versions[i], memos[i] = p.req.ID, p.req.Version, p.req.MemoID
		kinds[i], documents[i], numbers[i] = p.req.DocumentKind, p.req.DocumentID, p.req.DocumentNumber
		p.req.Version++
	}
	written, err := tx.Exec(ctx, `update credit_requests r set state = 'posted', ended_at = $1, failure = '', failure_params = '{}', memo_id = u.memo_id,
			document_kind = u.kind, document_id = u.document_id, document_number = u.number, version = r.version + 1
		from unnest($2::bigint[], $3::integer[], $4::bigint[], $5::text[], $6::bigint[], $7::text[]) as u(id, version, memo_id, kind, document_id, number)
		where r.id = u.id and r.version = u.version`, tx.Now(), ids, versions, memos, kinds, documents, numbers)
	if err == nil && int(written) != n {
		err = ErrChanged
	}
	if err != nil {
		return fmt.Errorf("end requests: %w", err)
	}
	return nil
}
