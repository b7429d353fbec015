package table

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"

	"golang.org/x/text/transform"

	"makegood/internal/errs"
)

func openCSV(in *bufio.Reader, sample []byte, o Options) (*Reader, error) {
	charset, decoder, err := decoderFor(sample, o.Charset)
	if err != nil {
		return nil, err
	}
	text, _, err := transform.Bytes(decoder, sample)
	if err != nil && !errors.Is(err, transform.ErrShortSrc) {
		return nil, unreadable(err)
	}
	decoder.Reset()
	separator, announced := separatorOf(text, len(sample) == sampleBytes)
	if o.Separator != 0 {
		separator = o.Separator
	}
	rows := &csvRows{guard: &rowGuard{from: transform.NewReader(in, decoder), limit: o.Bounds.RowBytes}}
	var source io.Reader = rows.guard
	if !bytes.Contains(text, []byte("\n")) && bytes.Contains(text, []byte("\r")) {
		source = transform.NewReader(source, oldMac{})
	}
	rows.reader = csv.NewReader(source)
	rows.reader.Comma, rows.reader.LazyQuotes, rows.reader.FieldsPerRecord = separator, true, -1
	if announced {
		if _, _, err := rows.next(); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
	}
	return &Reader{
		layout: Layout{Format: CSV, Charset: charset, Separator: separator}, bounds: o.Bounds,
		next: rows.next, close: func() error { return nil },
	}, nil
}

// csvRows counts rows as a spreadsheet program does: a line feed within quotes does not begin a new one.
type csvRows struct {
	reader *csv.Reader
	guard  *rowGuard
	folded int // line feeds within cells so far
	last   int
}

func (c *csvRows) next() (int, []Cell, error) {
	c.guard.taken = 0
	fields, err := c.reader.Read()
	switch {
	case errors.Is(err, io.EOF):
		return c.last, nil, io.EOF
	case errors.Is(err, errRowEndless):
		return c.last + 1, nil, errs.New(ErrRowTooLong.Kind, ErrRowTooLong.Key, "row", strconv.Itoa(c.last+1))
	case err != nil:
		return c.last + 1, nil, unreadable(err)
	}
	line, _ := c.reader.FieldPos(0)
	c.last = line - c.folded
	cells := make([]Cell, len(fields))
	for i, field := range fields {
		c.folded += strings.Count(field, "\n")
		cells[i].Text = clean(field)
	}
	return c.last, cells, nil
}

var errRowEndless = errors.New("row without end")

// rowGuard ends a row that goes on for ever, which the CSV reader would gather in memory.
type rowGuard struct {
	from         io.Reader
	taken, limit int
}

// Read counts what was asked for since the row began. The CSV reader asks ahead by its buffer, never by more.
func (g *rowGuard) Read(p []byte) (int, error) {
	if g.taken > g.limit {
		return 0, errRowEndless
	}
	n, err := g.from.Read(p)
	g.taken += n
	return n, err
}

// oldMac ends lines with a line feed instead of a carriage return alone.
type oldMac struct{ transform.NopResetter }

// Transform is that of a transform.Transformer.
func (oldMac) Transform(dst, src []byte, _ bool) (nDst, nSrc int, err error) {
	n := copy(dst, src)
	for i := range dst[:n] {
		if dst[i] == '\r' {
			dst[i] = '\n'
		}
	}
	if n < len(src) {
		return n, n, transform.ErrShortDst
	}
	return n, n, nil
}

// separatorOf finds what stands between the cells: what the first line announces as Excel does ("sep=;"), else whatever
// cuts the most rows of the beginning into equally many cells, the more cells the better.
func separatorOf(text []byte, cutOff bool) (separator rune, announced bool) {
	first, _, _ := bytes.Cut(text, []byte("\n"))
	first = bytes.TrimRight(first, "\r")
	if rest, ok := bytes.CutPrefix(first, []byte("sep=")); ok && len(rest) == 1 {
		return rune(rest[0]), true
	}
	separator = ','
	best := 0.0
	for _, candidate := range []rune{',', ';', '\t', '|'} {
		if score := evenness(text, candidate, cutOff); score > best {
			separator, best = candidate, score
		}
	}
	return separator, false
}

// evenness is the share of rows that a separator cuts into the commonest number of cells, and a little for each cell.
func evenness(text []byte, separator rune, cutOff bool) float64 {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = separator, true, -1
	var widths []int
	for len(widths) < 100 {
		fields, err := r.Read()
		if err != nil {
			break
		}
		widths = append(widths, len(fields))
	}
	if cutOff && len(widths) > 1 && len(widths) < 100 {
		widths = widths[:len(widths)-1]
	}
	counts, common := map[int]int{}, 1
	for _, w := range widths {
		counts[w]++
		if w > 1 && (common == 1 || counts[w] > counts[common]) {
			common = w
		}
	}
	if common == 1 {
		return 0
	}
	return float64(counts[common])/float64(len(widths)) + float64(min(common, 100))/1000
}
