package credits

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/letterbook"
	"makegood/internal/db"
)

// posting is an approved request on its way into the books.
type posting struct {
	req        Request
	lines      []Line
	taxes      []Tax
	words      words
	unproven   error // its evidence is not what was decided on, or whoever decided had no authority for it
	adjustment billing.Adjustment
	posted     billing.Posted
	settled    []settlement
	to         *addressee
	book       letterbook.Book // the words its letter is written in
	letter     *cases.LetterInput
	key        string // of the letter that waits for the document
	warnings   []cases.Warning
}

// requestWords is what a document says about a request, and what its approval rests on no more.
type requestWords struct {
	ID ID
	words
	Moved []moved // of what its approval rests on
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
	var taxes []Tax
	var said []requestWords
	var seals []seal
	var pieces []piece
	var signed []unheld
	var batch pgx.Batch
	db.QueueList(&batch, &list, `select `+requestColumns+` from credit_requests r where r.id = any ($1) order by r.id for no key update`, ids)
	db.QueueList(&batch, &lines, `select * from credit_request_lines where credit_request_id = any ($1) order by credit_request_id, invoice_line_id`, ids)
	db.QueueList(&batch, &taxes, `select * from credit_request_taxes where credit_request_id = any ($1) order by credit_request_id, invoice_tax_id`, ids)
	db.QueueList(&batch, &seals, sealsQuery, ids)
	db.QueueList(&batch, &pieces, piecesQuery, ids)
	db.QueueList(&batch, &signed, unheldQuery, ids, (*time.Time)(nil))
	db.QueueList(&batch, &said, `select r.id, coalesce(i.number, '') as invoice_number, wording_of(c, coalesce(nullif(u.language, ''), e.language)) as reason_name, `+movedOf+` as moved from credit_requests r
		join reason_codes c on c.code = r.reason_code join legal_entities e on e.id = r.entity_id left join customers u on u.id = r.customer_id left join invoices i on i.id = r.invoice_id where r.id = any ($1)`, ids)
	if err := tx.Batch(ctx, &batch); err != nil {
		return nil, nil, fmt.Errorf("lock requests: %w", err)
	}
	if len(list) != len(ids) {
		return nil, nil, ErrNoRequest
	}
	postings := make([]*posting, len(list))
	for i, req := range list {
		p := &posting{req: req}
		var gone []moved
		for _, w := range said {
			if w.ID == req.ID {
				p.words, gone = w.words, w.Moved
			}
		}
		p.unproven = firstOf(func() error { return s.holds(ctx, tx, req, seals, pieces) }, func() error { return req.stands(signed, tx.Now()) },
			func() error { return stillRest(gone) }, func() error { return s.sheetsStandTx(ctx, tx, req) })
		p.lines = chosen(lines, func(l Line) bool { return l.CreditRequestID == req.ID })
		p.taxes = chosen(taxes, func(t Tax) bool { return t.CreditRequestID == req.ID })
		if req.CaseID != nil {
			p.settled = p.settles(files.Disputes(*req.CaseID))
		}
		postings[i] = p
	}
	return postings, files, nil
}

// firstOf is the first refusal of several, asked in their order.
func firstOf(refusals ...func() error) error {
	for _, refuses := range refusals {
		if err := refuses(); err != nil {
			return err
		}
	}
	return nil
}

// chosen are those of a list that belong to something, in their order.
func chosen[T any](list []T, belongs func(T) bool) []T {
	var some []T
	for _, one := range list {
		if belongs(one) {
			some = append(some, one)
		}
	}
	return some
}

// sharesStatements tells whether a request is posted with the same few statements as others: a credit memo that brings no
// further document with it.
func (p *posting) sharesStatements() bool {
	a := p.req.Content
	return a != nil && a.Kind.Credits() && a.Kind != billing.Rebill && !a.ToRefund.IsPositive()
}

// order is what billing is asked to post. It refuses what is not what was approved.
func (p *posting) order() (billing.PostAdjustment, error) {
	var err error
	if p.adjustment, err = p.req.frozen(p.lines, p.taxes); err != nil {
		return billing.PostAdjustment{}, err
	}
	if p.unproven != nil {
		return billing.PostAdjustment{}, p.unproven
	}
	if p.req.ApprovalID == nil {
		return billing.PostAdjustment{}, billing.ErrNeedsApproval
	}
	return billing.PostAdjustment{
		CreditRequestID: int64(p.req.ID), ApprovalID: *p.req.ApprovalID, CaseID: (*int64)(p.req.CaseID), Adjustment: p.adjustment,
		Explanation: p.words.forCustomer(p.req), By: postActor(),
	}, nil
}

// postTx posts an approved request of any kind whose row is locked.
func (s *Service) postTx(ctx context.Context, tx *db.Tx, p *posting, files *cases.Files) error {
	order, err := p.order()
	if err != nil {
		return err
	}
	posted, err := s.billing.PostAdjustmentTx(ctx, tx, order)
	if err != nil {
		return err
	}
	p.became(posted, tx.Now())
	if err := moveRequest(ctx, tx, &p.req); err != nil {
		return err
	}
	if p.adjustment.Kind == billing.Reverse {
		if err := s.restoreTx(ctx, tx, p.req, p.adjustment.Reverses, postActor()); err != nil {
			return err
		}
		if files, err = s.cases.OpenFilesTx(ctx, tx, files.IDs(), postActor()); err != nil { // its case may be the one that was restored
			return err
		}
	}
	if err := s.recordOnCaseTx(ctx, tx, p, files); err != nil {
		return err
	}
	if !hasDocument(posted.Document.Kind) {
		return nil
	}
	return tx.Enqueue(ctx, RenderDocument{Document: posted.Document, With: besides(posted), Key: p.key})
}

// recordOnCaseTx brings the case up to date, writes the letter and tells the requester. Without a case the entity's books
// tell it.
func (s *Service) recordOnCaseTx(ctx context.Context, tx *db.Tx, p *posting, files *cases.Files) error {
	if p.req.CaseID == nil {
		return s.markTx(ctx, tx, p.req, cases.CreditPosted, postActor(), p.eventData())
	}
	tx.Publish(p.req.topics()...)
	list := []*posting{p}
	if err := s.writeLettersTx(ctx, tx, list); err != nil {
		return err
	}
	if err := s.cases.PlanPostedTx(ctx, tx, files, onCases(list)); err != nil {
		return err
	}
	var batch pgx.Batch
	if err := s.cases.QueuePosted(&batch, tx, files, told(list)); err != nil {
		return err
	}
	if err := tx.Batch(ctx, &batch); err != nil {
		return fmt.Errorf("record on case: %w", err)
	}
	return nil
}

// onCases is what postings mean for their cases, and told what the events say once the documents have their numbers.
func onCases(list []*posting) []cases.PostedCredit {
	var done []cases.PostedCredit
	for _, p := range list {
		done = append(done, cases.PostedCredit{
			CaseID: *p.req.CaseID, Settles: p.decisions(postActor()), Letter: p.letter, Warnings: p.warnings, By: postActor(),
			Mark:    cases.CreditMark{Request: int64(p.req.ID), State: cases.CreditPosted, Data: p.req.eventData(nil)},
			Notices: []cases.Notice{p.req.notice("notice.credit_posted", p.req.RequesterID)},
		})
	}
	return done
}

func told(list []*posting) map[int64]map[string]any {
	by := make(map[int64]map[string]any, len(list))
	for _, p := range list {
		by[int64(p.req.ID)] = p.eventData()
	}
	return by
}

func (p *posting) eventData() map[string]any {
	data := map[string]any{"document": p.posted.Document.Number, "document_kind": p.posted.Document.Kind}
	if p.posted.Memo != nil {
		data["memo"] = p.posted.Memo.Number
	}
	return data
}

func (p *posting) became(posted billing.Posted, now time.Time) {
	p.posted = posted
	p.req.State, p.req.EndedAt, p.req.Failure, p.req.FailureParams = Posted, &now, "", nil
	p.req.DocumentKind, p.req.DocumentID, p.req.DocumentNumber = posted.Document.Kind, &posted.Document.ID, posted.Document.Number
	if posted.Memo != nil {
		p.req.MemoID = &posted.Memo.ID
	}
}
