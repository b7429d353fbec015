package reports

import (
	"strconv"

	"makegood/internal/sheet"
)

// sheetRows is how many rows of a list go into one file. A workbook is made in memory, about two kilobytes a row.
const sheetRows = 50_000

// Whole is a list from its beginning to its end, or to the most that goes into a file; More says that it goes on there.
type Whole[T any] struct {
	Rows []T
	More bool
}

// ReadWhole reads a list page by page; read gives the page after a cursor, with at most so many rows.
func ReadWhole[T any](read func(after string, limit int) (AgingPage[T], error)) (Whole[T], error) {
	var w Whole[T]
	for after := ""; ; {
		page, err := read(after, min(RowsAtMost, sheetRows-len(w.Rows)))
		if err != nil {
			return Whole[T]{}, err
		}
		w.Rows = append(w.Rows, page.Rows...)
		if after = page.Next; after == "" || len(w.Rows) >= sheetRows {
			w.More = after != ""
			return w, nil
		}
	}
}

// Ended is the table of the list, which says in a last row when the list goes on.
func (w Whole[T]) Ended(t sheet.Table) sheet.Table {
	if w.More {
		t.Rows = append(t.Rows, []sheet.Cell{sheet.Words("The list goes on: these are its first " + strconv.Itoa(len(w.Rows)) + " rows. Narrow it to see the others.")})
	}
	return t
}
