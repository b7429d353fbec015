package demo

import (
	"context"
	"log/slog"

	"makegood/billing"
	"makegood/internal/demo/postoffice"
)

// Writer is the customers who keep writing while the demo runs.
type Writer struct{ stop func() }

// StartWriter lets a customer write every now and then.
func StartWriter(ctx context.Context, b *billing.Service, office *postoffice.Office, logger *slog.Logger) *Writer {
	return &Writer{stop: func() {}}
}

// Stop ends the writing.
func (w *Writer) Stop() { w.stop() }
