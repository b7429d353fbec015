package credits

import (
	"context"

	"makegood/billing"
	"makegood/inbox"
	"makegood/internal/db"
)

// hasDocument tells of which kinds we make a document for the customer. Nobody gets one of a write-off or a transfer.
func hasDocument(kind billing.DocumentKind) bool {
	switch kind {
	case billing.MemoDoc:
		return true
	case billing.DebitDoc, billing.RefundDoc, billing.ReversalDoc, billing.WriteOffDoc, billing.TransferDoc:
	}
	return false
}

// render makes the document of a posted adjustment, once; nil where its kind has none. This is the place for further
// kinds, together with hasDocument: their letters then wait for the document and carry it.
func (s *Service) render(ctx context.Context, ref billing.DocumentRef) (*billing.StoredDocument, error) {
	switch ref.Kind {
	case billing.MemoDoc:
		doc, err := s.billing.RenderMemo(ctx, billing.MemoID(ref.ID))
		return &doc, err
	case billing.DebitDoc, billing.RefundDoc, billing.ReversalDoc, billing.WriteOffDoc, billing.TransferDoc:
	}
	return nil, nil //nolint:nilnil // such a kind has no document
}

// Render makes the document of what was posted and lets the letter that waits for it go. It may be called again.
func (s *Service) Render(ctx context.Context, in RenderDocument) error {
	doc, err := s.render(ctx, in.Document)
	if err != nil || doc == nil || in.Key == "" {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		return s.inbox.AttachTx(ctx, tx, in.Key, inbox.Attachment{Filename: doc.Filename, MediaType: doc.MediaType, Content: doc.Content})
	})
}
