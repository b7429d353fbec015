// Package papers reads what stands in the files of a mail: PDF, spreadsheets and plain text, by their content and not by
// the type or the name the sender gave them. It is pure, bounded, and never fails on a file: what cannot be read has no
// text.
package papers

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/ledongthuc/pdf"
	"github.com/xuri/excelize/v2"
)

// Bounds on what is read of one file.
const (
	MaxFile = 8 << 20   // larger files are not opened
	MaxText = 128 << 10 // bytes of text that are kept

	maxPages    = 20
	maxPage     = 2 << 20 // bytes of a page's content, unpacked
	maxUnpacked = 32 << 20
	maxSheets   = 10
	maxRows     = 5_000
)

// Text is the text of a file, valid UTF-8, at most MaxText bytes; empty when there is none or it cannot be read.
func Text(content []byte) (text string) {
	if len(content) == 0 || len(content) > MaxFile {
		return ""
	}
	defer func() {
		if r := recover(); r != nil { // readers of other people's formats meet what their authors never saw
			text = ""
		}
	}()
	out := &limited{}
	switch {
	case bytes.HasPrefix(bytes.TrimLeft(content[:min(len(content), 1024)], "\xef\xbb\xbf \r\n\t"), []byte("%PDF-")):
		readPDF(content, out)
	case bytes.HasPrefix(content, []byte("PK\x03\x04")):
		readSheet(content, out)
	case plain(content):
		out.add(string(content))
	}
	return strings.ReplaceAll(strings.ToValidUTF8(out.b.String(), "\uFFFD"), "\x00", "")
}

// plain tells whether a file is text of some sort and no markup.
func plain(content []byte) bool {
	head := content[:min(len(content), 4096)]
	for len(head) > 0 && !utf8.Valid(head) && len(head) > 4092 { // the cut may lie within a character
		head = head[:len(head)-1]
	}
	return utf8.Valid(head) && bytes.IndexByte(head, 0) < 0 && !bytes.HasPrefix(bytes.TrimSpace(head), []byte("<"))
}

// limited gathers text up to MaxText.
type limited struct{ b strings.Builder }

func (l *limited) full() bool { return l.b.Len() >= MaxText }

func (l *limited) add(text string) {
	l.b.WriteString(text[:min(len(text), MaxText-l.b.Len())])
}

// readPDF reads page by page. A page that unpacks to more than a page can hold is left out before it is interpreted.
func readPDF(content []byte, out *limited) {
	file, err := pdf.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return
	}
	for n := 1; n <= min(file.NumPage(), maxPages) && !out.full(); n++ {
		page := file.Page(n)
		if page.V.IsNull() || !modest(page) {
			continue
		}
		rows, err := page.GetTextByRow()
		if err != nil {
			continue
		}
		for _, row := range rows {
			for _, word := range row.Content {
				out.add(word.S)
			}
			out.add("\n")
		}
	}
}

// modest tells whether the streams a page is read from unpack to a sensible size.
func modest(page pdf.Page) bool {
	streams := []pdf.Value{page.V.Key("Contents")}
	if list := page.V.Key("Contents"); list.Kind() == pdf.Array {
		streams = streams[:0]
		for i := range min(list.Len(), 100) {
			streams = append(streams, list.Index(i))
		}
	}
	fonts := page.Resources().Key("Font")
	for _, name := range fonts.Keys() {
		streams = append(streams, fonts.Key(name).Key("ToUnicode"))
	}
	left := int64(maxPage)
	for _, stream := range streams {
		if stream.Kind() != pdf.Stream {
			continue
		}
		n, err := io.Copy(io.Discard, io.LimitReader(stream.Reader(), left+1))
		if left -= n; err != nil || left < 0 {
			return false
		}
	}
	return true
}

// readSheet reads a workbook row by row, its cells apart by tabs.
func readSheet(content []byte, out *limited) {
	book, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpacked / 2, RawCellValue: false})
	if err != nil {
		return
	}
	defer func() { _ = book.Close() }()
	for n, name := range book.GetSheetList() {
		if n == maxSheets || out.full() {
			return
		}
		rows, err := book.Rows(name)
		if err != nil {
			continue
		}
		for r := 0; r < maxRows && !out.full() && rows.Next(); r++ {
			cells, err := rows.Columns()
			if err != nil {
				break
			}
			out.add(strings.Join(cells, "\t") + "\n")
		}
		_ = rows.Close()
	}
}
