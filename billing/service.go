package billing

import (
	"context"
	"log/slog"
	"sync"

	"makegood/billing/document"
	"makegood/billing/document/jurisdiction"
	"makegood/internal/db"
)

// Service is billing's way in. It is safe for concurrent use.
type Service struct {
	db       *db.DB
	renderer *document.Renderer
	logger   *slog.Logger
	laws     func() (jurisdiction.Book, error) // read once

	importSigning ImportSigning
	left          []func(ctx context.Context, tx *db.Tx, by Actor, was, is Contact) error
}

// New builds the service on a database.
func New(d *db.DB, renderer *document.Renderer, logger *slog.Logger) *Service {
	return &Service{db: d, renderer: renderer, logger: logger, laws: sync.OnceValues(jurisdiction.Load)}
}
