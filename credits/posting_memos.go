package credits

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/letters"
	"makegood/inbox"
	"makegood/internal/db"
)

// postMemosTx posts requests that become credit memos and nothing else, all or none. All that can be done without the
// memos' numbers comes first; the rest goes out in one round trip with the commit behind it, because from the first number
// on every other posting of the legal entity waits.
func (s *Service) postMemosTx(ctx context.Context, tx *db.Tx, list []*posting, files *cases.Files) error {
	orders := make([]billing.PostAdjustment, len(list))
	for i, p := range list {
		var err error
		if orders[i], err = p.order(); err != nil {
			return err
		}
	}
	ready, err := s.billing.ReadyMemosTx(ctx, tx, orders)
	if err != nil {
		return err
	}
	withCase, mails, err := s.planOnCasesTx(ctx, tx, list, ready, files)
	if err != nil {
		return err
	}
	for i, p := range list {
		if err := tx.Enqueue(ctx, RenderDocument{Document: ready.Document(i), Key: p.key}); err != nil {
			return err
		}
		tx.Publish(p.req.topics()...)
	}
	if err := tx.InsertJobs(ctx); err != nil {
		return err
	}
	posted, err := ready.PostLastTx(ctx)
	if err != nil {
		return err
	}
	for i, p := range list {
		p.became(posted[i], tx.Now())
		if p.req.CaseID == nil {
			if err := s.markTx(ctx, tx, p.req, cases.CreditPosted, postActor(), p.eventData()); err != nil {
				return err
			}
		}
	}
	queueEnds(tx.Last(), list, tx.Now())
	return s.queueOnCases(tx, withCase, mails, files)
}

// planOnCasesTx does what the postings with a case mean for it, as far as the numbers are not needed, and takes the ids
// of the letters.
func (s *Service) planOnCasesTx(ctx context.Context, tx *db.Tx, all []*posting, ready *billing.Ready, files *cases.Files) ([]*posting, []inbox.OutgoingID, error) {
	var list []*posting
	for _, p := range all {
		if p.req.CaseID != nil {
			list = append(list, p)
		}
	}
	if len(list) == 0 {
		return nil, nil, nil
	}
	if err := addressTx(ctx, tx, list); err != nil {
		return nil, nil, err
	}
	ids, err := s.inbox.NextIDsTx(ctx, tx, len(list))
	if err != nil {
		return nil, nil, err
	}
	for i, p := range all {
		if p.to != nil {
			p.to.Open = ready.InvoiceOpen(i)
		}
	}
	for i, p := range list {
		if p.to.ToAddress != "" {
			p.key = letterKey(letters.CreditPosted, p.req.ID)
			p.letter = &cases.LetterInput{CaseID: *p.req.CaseID, Kind: string(letters.CreditPosted), To: p.to.ToAddress, OutgoingID: int64(ids[i])}
		}
	}
	return list, ids, s.cases.PlanPostedTx(ctx, tx, files, onCases(list))
}

// queueOnCases adds the letters and the cases' events to the transaction's last statements.
func (s *Service) queueOnCases(tx *db.Tx, list []*posting, mails []inbox.OutgoingID, files *cases.Files) error {
	var ids []inbox.OutgoingID
	var queued []inbox.Outgoing
	for i, p := range list {
		if p.letter == nil {
			continue
		}
		mail, letter, err := p.write(tx.Now())
		if err != nil {
			return err // posted alone, it is posted without a letter
		}
		p.letter.Subject, p.letter.Body, p.letter.Language = letter.Subject, letter.Body, letter.Language
		ids, queued = append(ids, mails[i]), append(queued, mail)
	}
	s.inbox.QueueWaiting(tx.Last(), tx.Now(), ids, queued)
	return s.cases.QueuePosted(tx.Last(), tx, files, told(list))
}

// queueEnds writes what requests became. Their rows are locked, so the versions cannot have moved.
func queueEnds(batch *pgx.Batch, list []*posting, now time.Time) {
	n := len(list)
	ids, versions, memos := make([]ID, n), make([]int, n), make([]*billing.MemoID, n)
	kinds, documents, numbers := make([]billing.DocumentKind, n), make([]*int64, n), make([]string, n)
	for i, p := range list {
		ids[i], versions[i], memos[i] = p.req.ID, p.req.Version, p.req.MemoID
		kinds[i], documents[i], numbers[i] = p.req.DocumentKind, p.req.DocumentID, p.req.DocumentNumber
		p.req.Version++
	}
	batch.Queue(`update credit_requests r set state = 'posted', ended_at = $1, failure = '', failure_params = '{}', memo_id = u.memo_id,
			document_kind = u.kind, document_id = u.document_id, document_number = u.number, version = r.version + 1
		from unnest($2::bigint[], $3::integer[], $4::bigint[], $5::text[], $6::bigint[], $7::text[]) as u(id, version, memo_id, kind, document_id, number)
		where r.id = u.id and r.version = u.version`, now, ids, versions, memos, kinds, documents, numbers).Exec(func(tag pgconn.CommandTag) error {
		if int(tag.RowsAffected()) != n {
			return fmt.Errorf("end requests: %w", ErrChanged)
		}
		return nil
	})
}
