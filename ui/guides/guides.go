// Package guides is the screen of what stands beside cases: the checklists of their types, and the playbooks of reasons.
package guides

import (
	"makegood/cases"
	"makegood/ui/desk"
)

// Screen is the settings of checklists and playbooks.
type Screen struct {
	desk  *desk.Desk
	cases *cases.Service
}

// New makes the screen.
func New(d *desk.Desk, c *cases.Service) *Screen { return &Screen{desk: d, cases: c} }
