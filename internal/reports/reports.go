// Package reports reads across the domains for screens that show several of them at once: the case file, the board, search,
// evidence, verify. It never writes.
package reports

import (
	"makegood/internal/blob"
	"makegood/internal/db"
)

// Service is the door to reads over several domains.
type Service struct {
	db    *db.DB
	files *blob.Store
}

// New makes the service; d may be a read replica. All files lie in the database.
func New(d *db.DB) *Service { return NewWithFiles(d, blob.New(d, nil)) }

// NewWithFiles is New where large files may lie elsewhere.
func NewWithFiles(d *db.DB, files *blob.Store) *Service { return &Service{db: d, files: files} }

// Reader is the database behind the reports, for reads of a domain outside any transaction.
func (s *Service) Reader() db.Reader { return s.db }
