// Package casefile is the screen of one case: the conversation, the money, the customer, and everything an agent does
// to it.
package casefile

import (
	"makegood/cases"
	"makegood/cases/sorting"
	"makegood/internal/reports"
	"makegood/ui/desk"
)

// Screen shows and works one case.
type Screen struct {
	desk  *desk.Desk
	files *reports.CaseFiles
	cases *cases.Service
	sorts *sorting.Service
}

// New makes the screen.
func New(d *desk.Desk, files *reports.CaseFiles, c *cases.Service, sorts *sorting.Service) *Screen {
	return &Screen{desk: d, files: files, cases: c, sorts: sorts}
}
