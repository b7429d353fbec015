package table

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"

	"makegood/internal/errs"
)

// Cell is one cell. Text is what a person sees. Number is the number a spreadsheet stores behind it, in plain digits
// ("12.299999999", "45672"); it is empty for text and in CSV files.
type Cell struct {
	Text   string
	Number string
}

// Row is one row with the number a spreadsheet program shows beside it, the first being 1. Problem is set when the row
// as a whole cannot be taken, such as for a cell that is too long.
type Row struct {
	Number  int
	Cells   []Cell
	Problem *errs.Error
}

// Format says how a file is written.
type Format string

// The formats that can be read.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
)

// Layout is how a file turned out to be written. Charset and Separator are those of a CSV file, Sheet and Sheets those of
// a workbook; Epoch1904 says that its day numbers count from 1904.
type Layout struct {
	Format    Format
	Charset   string
	Separator rune
	Sheet     string
	Sheets    []string
	Epoch1904 bool
}

// Options overrule what is found by looking. Zero bounds mean the defaults.
type Options struct {
	Charset   string
	Separator rune
	Sheet     string
	Bounds    Bounds
}

// Bounds limit what one file may ask of the program. A file beyond them is refused, except for a cell that is too long,
// which spoils its row alone.
type Bounds struct {
	Bytes     int64 // of the file, and of a workbook also 8 times as many unpacked
	Rows      int
	Columns   int
	CellBytes int
	RowBytes  int // of a CSV row as it stands in the file; an unclosed quote runs into it
}

// Errors that concern a whole file.
var (
	ErrUnreadable     = errs.New(errs.Invalid, "billing.import.unreadable")
	ErrOldExcel       = errs.New(errs.Invalid, "billing.import.old_excel")
	ErrCharset        = errs.New(errs.Invalid, "billing.import.unknown_charset")
	ErrNoSheet        = errs.New(errs.Invalid, "billing.import.no_sheet")
	ErrFileTooLarge   = errs.New(errs.TooLarge, "billing.import.file_too_large")
	ErrTooManyRows    = errs.New(errs.TooLarge, "billing.import.too_many_rows")
	ErrTooManyColumns = errs.New(errs.TooLarge, "billing.import.too_many_columns")
	ErrRowTooLong     = errs.New(errs.TooLarge, "billing.import.row_too_long")
	ErrCellTooLong    = errs.New(errs.TooLarge, "billing.import.cell_too_long")
)

func (b Bounds) withDefaults() Bounds {
	if b.Bytes == 0 {
		b.Bytes = 512 << 20
	}
	if b.Rows == 0 {
		b.Rows = 2_000_000
	}
	if b.Columns == 0 {
		b.Columns = 500
	}
	if b.CellBytes == 0 {
		b.CellBytes = 32 << 10
	}
	if b.RowBytes == 0 {
		b.RowBytes = 1 << 20
	}
	return b
}

// Reader gives the rows of a file in order, without those that are empty. It holds one row at a time.
type Reader struct {
	layout Layout
	bounds Bounds
	rows   int
	next   func() (int, []Cell, error) // io.EOF after the last
	close  func() error
}

// Open looks at a file and makes ready to read it. XLSX is recognised by its first bytes; everything else is CSV. The
// caller closes the reader.
func Open(r io.Reader, o Options) (*Reader, error) {
	o.Bounds = o.Bounds.withDefaults()
	in := bufio.NewReaderSize(&limited{from: r, left: o.Bounds.Bytes, limit: o.Bounds.Bytes}, sampleBytes)
	sample, err := in.Peek(sampleBytes)
	if err != nil && !errors.Is(err, io.EOF) && len(sample) == 0 {
		return nil, unreadable(err)
	}
	switch {
	case bytes.HasPrefix(sample, []byte("PK\x03\x04")):
		return openXLSX(in, o)
	case bytes.HasPrefix(sample, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return nil, ErrOldExcel
	}
	return openCSV(in, sample, o)
}

// Layout tells how the file is written.
func (r *Reader) Layout() Layout { return r.layout }

// Close releases what the reader holds, temporary files included.
func (r *Reader) Close() error { return r.close() }

// Next gives the next row that is not empty; io.EOF after the last, and an error when the file as a whole must be refused.
func (r *Reader) Next() (Row, error) {
	for {
		number, cells, err := r.next()
		if err != nil {
			return Row{Number: number}, err
		}
		row := Row{Number: number, Cells: cells}
		if err := r.check(&row); err != nil {
			return row, err
		}
		if row.spoilt() || !empty(cells) {
			return row, nil
		}
	}
}

func (r *Reader) check(row *Row) error {
	r.rows++
	if r.rows > r.bounds.Rows {
		return errs.New(ErrTooManyRows.Kind, ErrTooManyRows.Key, "limit", strconv.Itoa(r.bounds.Rows))
	}
	for len(row.Cells) > 0 && row.Cells[len(row.Cells)-1].Text == "" {
		row.Cells = row.Cells[:len(row.Cells)-1]
	}
	if len(row.Cells) > r.bounds.Columns {
		return errs.New(ErrTooManyColumns.Kind, ErrTooManyColumns.Key, "row", strconv.Itoa(row.Number), "limit", strconv.Itoa(r.bounds.Columns))
	}
	for i, c := range row.Cells {
		if len(c.Text) > r.bounds.CellBytes {
			row.Problem = errs.New(ErrCellTooLong.Kind, ErrCellTooLong.Key, "column", strconv.Itoa(i+1), "limit", strconv.Itoa(r.bounds.CellBytes))
			row.Cells[i].Text = ""
		}
	}
	return nil
}

func (r Row) spoilt() bool { return r.Problem != nil }

func empty(cells []Cell) bool {
	for _, c := range cells {
		if c.Text != "" {
			return false
		}
	}
	return true
}

// limited is a file that ends in an error instead of going on for ever.
type limited struct {
	from        io.Reader
	left, limit int64
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left < 0 {
		return 0, errs.New(ErrFileTooLarge.Kind, ErrFileTooLarge.Key, "limit", strconv.FormatInt(l.limit>>20, 10))
	}
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.from.Read(p)
	l.left -= int64(n)
	return n, err
}

// unreadable gives an error of ours as it is and wraps any other.
func unreadable(err error) error {
	if _, ours := errors.AsType[*errs.Error](err); ours {
		return err
	}
	return errs.Wrap(err, ErrUnreadable.Kind, ErrUnreadable.Key)
}
