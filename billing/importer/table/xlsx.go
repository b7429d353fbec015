package table

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"makegood/internal/errs"
)

// unpackedFactor is how many times larger than the file may be a workbook may become when it is unpacked.
const unpackedFactor = 8

// openXLSX reads a workbook's sheet, the first with rows unless one is named. The sheet is read twice side by side, as
// it is stored and as it is shown: what is stored keeps cents that a cell's format hides, what is shown keeps leading zeros.
func openXLSX(in io.Reader, o Options) (r *Reader, err error) {
	defer mend(&err)
	book, err := excelize.OpenReader(in, excelize.Options{UnzipSizeLimit: unpackedFactor * o.Bounds.Bytes, UnzipXMLSizeLimit: min(16<<20, unpackedFactor*o.Bounds.Bytes)})
	if err != nil {
		return nil, unreadable(err)
	}
	rows, err := sheetOf(book, o.Sheet)
	if err != nil {
		_ = book.Close()
		return nil, err
	}
	layout := Layout{Format: XLSX, Sheet: rows.sheet, Sheets: book.GetSheetList()}
	if props, err := book.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		layout.Epoch1904 = *props.Date1904
	}
	return &Reader{layout: layout, bounds: o.Bounds, next: rows.next, close: func() error {
		if err := rows.closeBoth(); err != nil {
			_ = book.Close()
			return err
		}
		return book.Close()
	}}, nil
}

func sheetOf(book *excelize.File, named string) (*xlsxRows, error) {
	sheets := book.GetSheetList()
	if named != "" && !slices.Contains(sheets, named) || len(sheets) == 0 {
		return nil, errs.New(ErrNoSheet.Kind, ErrNoSheet.Key, "sheet", named, "sheets", strings.Join(sheets, ", "))
	}
	for i, sheet := range sheets {
		if named != "" && sheet != named {
			continue
		}
		rows := &xlsxRows{sheet: sheet}
		var err error
		if rows.stored, err = book.Rows(sheet); err != nil {
			if named == "" && i < len(sheets)-1 {
				continue // a chart, not a table
			}
			return nil, unreadable(err)
		}
		if rows.shown, err = book.Rows(sheet); err != nil {
			_ = rows.stored.Close()
			return nil, unreadable(err)
		}
		if named != "" || i == len(sheets)-1 || rows.begins() {
			return rows, nil
		}
		if err := rows.closeBoth(); err != nil {
			return nil, unreadable(err)
		}
	}
	return nil, ErrNoSheet
}

type xlsxRows struct {
	sheet         string
	stored, shown *excelize.Rows
	number        int
	ahead         bool // the next row has been stepped to already
}

// begins tells whether the sheet has a row at all, and steps to it.
func (x *xlsxRows) begins() bool {
	x.ahead = x.step()
	return x.ahead
}

func (x *xlsxRows) step() bool { return x.stored.Next() && x.shown.Next() }

func (x *xlsxRows) closeBoth() error {
	err := x.stored.Close()
	if second := x.shown.Close(); err == nil {
		err = second
	}
	return err
}

func (x *xlsxRows) next() (number int, cells []Cell, err error) {
	defer mend(&err)
	x.number++
	if !x.ahead && !x.step() {
		if err := x.stored.Error(); err != nil {
			return x.number, nil, unreadable(err)
		}
		return x.number, nil, io.EOF
	}
	x.ahead = false
	stored, err := x.stored.Columns(excelize.Options{RawCellValue: true})
	if err != nil {
		return x.number, nil, unreadable(err)
	}
	shown, err := x.shown.Columns()
	if err != nil {
		return x.number, nil, unreadable(err)
	}
	cells = make([]Cell, max(len(stored), len(shown)))
	for i := range cells {
		cells[i] = cellOf(at(stored, i), at(shown, i))
	}
	return x.number, cells, nil
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}

// stored numbers are short; anything longer is text.
var storedNumber = regexp.MustCompile(`^-?\d{1,25}(\.\d{1,30})?([eE][+-]?\d{1,2})?$`)

func cellOf(stored, shown string) Cell {
	c := Cell{Text: clean(shown)}
	if !storedNumber.MatchString(stored) {
		return c
	}
	n, err := decimal.NewFromString(stored)
	if err != nil {
		return c
	}
	c.Number = n.String()
	if strings.ContainsAny(c.Text, "eE") && storedNumber.MatchString(c.Text) || strings.HasPrefix(c.Text, "###") || c.Text == "" {
		c.Text = c.Number // a long number shown with an exponent, or in a column too narrow for it
	}
	return c
}

// mend turns a failure of the workbook library into an error about the file.
func mend(err *error) {
	if failure := recover(); failure != nil {
		*err = errs.Wrap(fmt.Errorf("workbook: %v", failure), ErrUnreadable.Kind, ErrUnreadable.Key)
	}
}
