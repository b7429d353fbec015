package books

import (
	"makegood/internal/reports"
	"makegood/ui/creditview"
	"makegood/ui/desk"
)

// elsewhere tells what became of a memo in the other system, and which that is.
func (r reader) elsewhere(f reports.MemoFile, may bool) (name string, rows []creditview.There) {
	for _, p := range f.Elsewhere {
		name = desk.Coded(string(p.Gateway))
		row := r.There(p, f.Number, f.Currency, r.zone)
		if !may {
			row.Retry = ""
		}
		rows = append(rows, row)
	}
	return name, rows
}
