// Package reports reads across the domains for screens that show several of them at once: the case file, the board, search,
// evidence, verify. It never writes.
package reports

import "makegood/internal/db"

// Service is the door to reads over several domains.
type Service struct {
	db *db.DB
}

// New makes the service; d may be a read replica.
func New(d *db.DB) *Service { return &Service{db: d} }

// Reader is the database behind the reports, for reads of a domain outside any transaction.
func (s *Service) Reader() db.Reader { return s.db }
