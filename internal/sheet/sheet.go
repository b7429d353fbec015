// Package sheet writes a table for spreadsheets, as CSV or as an XLSX workbook. Numbers are written exactly, without
// floating point, and no text can become a formula in the program that opens it.
package sheet

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Kind says what a cell holds.
type Kind int

// The kinds of cell.
const (
	Blank Kind = iota
	Text
	Number
	Date
)

// Cell is one value of a table.
type Cell struct {
	Kind   Kind
	text   string
	number decimal.Decimal
	places int32
	day    time.Time
}

// Words makes a cell of text.
func Words(text string) Cell { return Cell{Kind: Text, text: text} }

// Amount makes a cell of a number with so many decimals.
func Amount(n decimal.Decimal, places int32) Cell {
	return Cell{Kind: Number, number: n, places: places}
}

// Count makes a cell of a whole number.
func Count(n int) Cell { return Amount(decimal.NewFromInt(int64(n)), 0) }

// Day makes a cell of a calendar date.
func Day(on time.Time) Cell { return Cell{Kind: Date, day: on} }

// Perhaps makes a cell of a number that may not be there: blank then, never zero.
func Perhaps(n decimal.NullDecimal, places int32) Cell {
	if !n.Valid {
		return Cell{}
	}
	return Amount(n.Decimal, places)
}

// plain is the cell as text: numbers with a point and no grouping, dates as YYYY-MM-DD.
func (c Cell) plain() string {
	switch c.Kind {
	case Text:
		return Harmless(c.text)
	case Number:
		return c.number.StringFixed(c.places)
	case Date:
		return c.day.Format(time.DateOnly)
	case Blank:
	}
	return ""
}

// Table is what is written: a name for the sheet, one line of headings, rows.
type Table struct {
	Name    string
	Heading []string
	Rows    [][]Cell
}

// Harmless makes text harmless that a spreadsheet would read as a formula or a command: an apostrophe is put before a
// first =, +, -, @, tab or line break, also where blanks stand before it (OWASP, CSV injection).
func Harmless(text string) string {
	trimmed := strings.TrimLeft(text, " \u00a0")
	if trimmed != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(trimmed)[0]) {
		return "'" + text
	}
	return text
}
