// Package queue is the screen where work is found: views with counts, the list by urgency, a preview beside it.
package queue

import (
	"makegood/cases"
	"makegood/internal/reports"
	"makegood/ui/desk"
)

// Screen shows the queue.
type Screen struct {
	desk  *desk.Desk
	files *reports.CaseFiles
	cases *cases.Service
}

// New makes the screen.
func New(d *desk.Desk, files *reports.CaseFiles, c *cases.Service) *Screen {
	return &Screen{desk: d, files: files, cases: c}
}
