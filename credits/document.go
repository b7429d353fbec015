package credits

import (
	"context"
	"errors"

	"makegood/billing"
	"makegood/inbox"
	"makegood/internal/db"
)

// hasDocument tells of which kinds we make a document for the customer. Nobody gets one of a write-off or a transfer.
func hasDocument(kind billing.DocumentKind) bool {
	switch kind {
	case billing.MemoDoc, billing.DebitDoc, billing.RefundDoc, billing.ReversalDoc:
		return true
	case billing.WriteOffDoc, billing.TransferDoc:
	}
	return false
}

// Render makes the document of what was posted and lets the letter that waits for it go. It may be called again.
func (s *Service) Render(ctx context.Context, in RenderDocument) error {
	doc, err := s.billing.Render(ctx, in.Document)
	if errors.Is(err, billing.ErrNoPaper) { // what is not told the customer is taken back without a word, too
		return nil
	}
	if err != nil || in.Key == "" {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		return s.inbox.AttachTx(ctx, tx, in.Key, inbox.Attachment{Filename: doc.Filename, MediaType: doc.MediaType, Content: doc.Content})
	})
}
