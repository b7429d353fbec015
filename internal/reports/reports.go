// Package reports reads across the domains for screens that show several of them at once: the case file, the board, search,
// evidence, verify. It never writes.
package reports

import (
	"makegood/internal/blob"
	"makegood/internal/db"
)

// Service is the door to reads over several domains.
type Service struct {
	db      *db.DB
	figures *db.DB // where figures of receivables are read
	files   *blob.Store
}

// New makes the service. All files lie in the database.
func New(d *db.DB) *Service { return NewWithFiles(d, blob.New(d, nil)) }

// NewWithFiles is New where large files may lie elsewhere.
func NewWithFiles(d *db.DB, files *blob.Store) *Service {
	return &Service{db: d, figures: d, files: files}
}

// FiguresFrom has aging, DSO and indicators, which read much and change nothing, read from a replica; nil leaves them where
// they are. What a replica shows is as old as it lags behind.
func (s *Service) FiguresFrom(replica *db.DB) *Service {
	if replica != nil {
		s.figures = replica
	}
	return s
}

// Reader is the database behind the reports, for reads of a domain outside any transaction.
func (s *Service) Reader() db.Reader { return s.db }
