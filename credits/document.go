package credits

import (
	"context"
	"errors"
	"slices"

	"makegood/billing"
	"makegood/cases"
	"makegood/inbox"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// hasDocument tells of which kinds we make a document for the customer. Nobody gets one of a write-off or a transfer.
func hasDocument(kind billing.DocumentKind) bool {
	switch kind {
	case billing.MemoDoc, billing.DebitDoc, billing.RefundDoc, billing.ReversalDoc:
		return true
	case billing.WriteOffDoc, billing.TransferDoc, billing.InvoiceDoc:
	}
	return false
}

// besides are the documents that go with the memo an adjustment became: the invoice that a rebill issues, and the advice of what
// of the memo is paid back.
func besides(posted billing.Posted) []billing.DocumentRef {
	if posted.Document.Kind != billing.MemoDoc {
		return nil
	}
	var list []billing.DocumentRef
	if posted.Invoice != nil {
		list = append(list, billing.DocumentRef{Kind: billing.InvoiceDoc, ID: int64(posted.Invoice.ID), Number: posted.Invoice.Number})
	}
	if posted.Refund != nil {
		list = append(list, billing.DocumentRef{Kind: billing.RefundDoc, ID: int64(posted.Refund.ID), Number: posted.Refund.Number})
	}
	return list
}

// Render makes the documents of what was posted and lets the letter that waits for them go. It may be called again. Where
// something of ours is missing for it, such as a bank account to pay to, the case is warned and it is tried again later: the
// letter waits until somebody has filled that in.
func (s *Service) Render(ctx context.Context, in RenderDocument) error {
	var files []inbox.Attachment
	for _, ref := range append([]billing.DocumentRef{in.Document}, in.With...) {
		doc, err := s.billing.Render(ctx, ref)
		if errors.Is(err, billing.ErrNoPaper) { // what is not told the customer is taken back without a word, too
			return nil
		}
		if errs.KindOf(err) == errs.Invalid {
			if err := s.warnOfDocument(ctx, in.Document, ref.Number); err != nil {
				return err
			}
			return errs.Wrap(err, errs.Unavailable, "credits.document_not_made", "number", ref.Number)
		}
		if err != nil {
			return err
		}
		files = append(files, inbox.Attachment{Filename: doc.Filename, MediaType: doc.MediaType, Content: doc.Content})
	}
	if in.Key == "" {
		return nil
	}
	return s.db.Do(ctx, func(tx *db.Tx) error { return s.inbox.AttachTx(ctx, tx, in.Key, files...) })
}

// warnOfDocument tells the case in which a document was posted, once, that the paper of a number cannot be made.
func (s *Service) warnOfDocument(ctx context.Context, doc billing.DocumentRef, number string) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		req, err := oneRequest(ctx, tx, `where document_kind = $1 and document_id = $2`, doc.Kind, doc.ID)
		if err != nil || req.CaseID == nil {
			return err
		}
		if _, err := s.cases.LockTx(ctx, tx, *req.CaseID); err != nil {
			return err
		}
		warning := cases.Warning{Key: "credits.document_not_made", Params: map[string]string{"number": number}}
		warned, err := s.cases.Warnings(ctx, tx, *req.CaseID)
		if err != nil || slices.ContainsFunc(warned, func(w cases.Warning) bool { return w.Key == warning.Key && w.Params["number"] == number }) {
			return err
		}
		return s.cases.AddWarningTx(ctx, tx, *req.CaseID, warning)
	})
}
