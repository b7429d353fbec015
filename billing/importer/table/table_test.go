package table_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"makegood/billing/importer/table"
)

func rows(t *testing.T, content []byte, o table.Options) ([]table.Row, table.Layout) {
	t.Helper()
	got, layout, err := tryRows(content, o)
	if err != nil {
		t.Fatal(err)
	}
	return got, layout
}

func tryRows(content []byte, o table.Options) ([]table.Row, table.Layout, error) {
	in, err := table.Open(bytes.NewReader(content), o)
	if err != nil {
		return nil, table.Layout{}, err
	}
	defer func() { _ = in.Close() }()
	var list []table.Row
	for {
		row, err := in.Next()
		if errors.Is(err, io.EOF) {
			return list, in.Layout(), nil
		}
		if err != nil {
			return list, in.Layout(), err
		}
		list = append(list, row)
	}
}

func texts(rows []table.Row) string {
	var b strings.Builder
	for _, row := range rows {
		fmt.Fprintf(&b, "%d", row.Number)
		for _, c := range row.Cells {
			fmt.Fprintf(&b, "|%s", c.Text)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// TestCharsets reads the same table in every way it may be written.
func TestCharsets(t *testing.T) {
	t.Parallel()
	const plain = "Kunde;Straße\nMüller;Größe €\n"
	latin, _ := charmap.Windows1252.NewEncoder().String(plain)
	little, _ := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(plain)
	big, _ := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(plain)
	bare, _ := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String(plain)
	bareBig, _ := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder().String(plain)
	late := "Kunde;Straße\nMüller;Größe €\n" + strings.Repeat("x;y\n", 20_000) + "M\xfcller;Gr\xf6\xdfe \x80\n"
	for name, c := range map[string]struct{ content, charset string }{
		"utf-8": {plain, "utf-8"}, "with a mark": {"\xef\xbb\xbf" + plain, "utf-8"}, "windows-1252": {latin, "windows-1252"},
		"utf-16 little": {little, "utf-16le"}, "utf-16 big": {big, "utf-16be"}, "utf-16 without a mark": {bare, "utf-16le"},
		"utf-16 big without": {bareBig, "utf-16be"}, "utf-8 until late": {late, "utf-8"},
	} {
		got, layout := rows(t, []byte(c.content), table.Options{})
		if layout.Charset != c.charset || layout.Separator != ';' || layout.Format != table.CSV {
			t.Errorf("%s: %+v", name, layout)
		}
		if want := "1|Kunde|Straße\n2|Müller|Größe €\n"; texts(got[:2]) != want {
			t.Errorf("%s: %q", name, texts(got[:2]))
		}
		if last := got[len(got)-1]; last.Cells[0].Text != "Müller" || last.Cells[1].Text != "Größe €" {
			t.Errorf("%s ends in %v", name, last)
		}
	}
	shift, _ := japanese.ShiftJIS.NewEncoder().String("請求書番号,金額\nA1,100\n")
	got, _ := rows(t, []byte(shift), table.Options{Charset: "Shift_JIS"})
	if got[0].Cells[0].Text != "請求書番号" {
		t.Errorf("a named charset: %q", texts(got))
	}
	if _, _, err := tryRows([]byte("a,b"), table.Options{Charset: "klingon"}); !errors.Is(err, table.ErrCharset) {
		t.Errorf("unknown charset gives %v", err)
	}
}

func TestSeparatorsQuotesAndRowNumbers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		content   string
		separator rune
		want      string
	}{
		"comma":       {"a,b\n1,\"x, y\"\n", ',', "1|a|b\n2|1|x, y\n"},
		"semicolon":   {"a;b;c\n1;2,50;3,00\n4;5,50;6,00\n", ';', "1|a|b|c\n2|1|2,50|3,00\n3|4|5,50|6,00\n"},
		"tab":         {"a\tb\n1, one\t2\n", '\t', "1|a|b\n2|1, one|2\n"},
		"bar":         {"a|b\n1|2\n", '|', "1|a|b\n2|1|2\n"},
		"announced":   {"sep=;\r\na;b,c\r\n1;2,3\r\n", ';', "2|a|b,c\n3|1|2,3\n"},
		"one column":  {"a\n1\n", ',', "1|a\n2|1\n"},
		"folded":      {"a,b\n1,\"two\nlines\"\n\n3,4\n", ',', "1|a|b\n2|1|two\nlines\n4|3|4\n"},
		"old mac":     {"a,b\r1,2\r3,4\r", ',', "1|a|b\n2|1|2\n3|3|4\n"},
		"stray quote": {"a,b\n1,2\" pipe\n3,4\n", ',', "1|a|b\n2|1|2\" pipe\n3|3|4\n"},
		"controls":    {"a,b\n1\x00\x07, x\u200b \n,\n3,4\n", ',', "1|a|b\n2|1|x\u200b\n4|3|4\n"},
		"empty":       {"", ',', ""},
	} {
		got, layout := rows(t, []byte(c.content), table.Options{})
		if layout.Separator != c.separator || texts(got) != c.want {
			t.Errorf("%s: %q with %q, want %q", name, texts(got), layout.Separator, c.want)
		}
	}
	got, _ := rows(t, []byte("a:b\n1:2\n"), table.Options{Separator: ':'})
	if texts(got) != "1|a|b\n2|1|2\n" {
		t.Errorf("a separator as told: %q", texts(got))
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 5000)
	for name, c := range map[string]struct {
		content string
		bounds  table.Bounds
		want    error
	}{
		"bytes":         {strings.Repeat("a,b\n", 1000), table.Bounds{Bytes: 100}, table.ErrFileTooLarge},
		"rows":          {"a\n1\n2\n3\n", table.Bounds{Rows: 3}, table.ErrTooManyRows},
		"columns":       {"a,b,c\n", table.Bounds{Columns: 2}, table.ErrTooManyColumns},
		"unclosed":      {"a,b\n1,\"" + strings.Repeat(long, 100), table.Bounds{RowBytes: 1000}, table.ErrRowTooLong},
		"old workbook":  {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on", table.Bounds{}, table.ErrOldExcel},
		"broken sheet":  {"PK\x03\x04 but no more", table.Bounds{}, table.ErrUnreadable},
		"within bounds": {"a\n1\n2\n", table.Bounds{Rows: 3, Columns: 1, Bytes: 6}, nil},
	} {
		if _, _, err := tryRows([]byte(c.content), table.Options{Bounds: c.bounds}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	got, _ := rows(t, []byte("a,b\n1,"+long+"\n2,3\n"), table.Options{Bounds: table.Bounds{CellBytes: 100}})
	if len(got) != 3 || got[1].Problem == nil || !errors.Is(got[1].Problem, table.ErrCellTooLong) || got[2].Problem != nil {
		t.Errorf("one cell that is too long spoils its row alone: %v", got)
	}
}

// workbook writes cells by their place; a style makes a number look otherwise than it is.
func workbook(t testing.TB, fill func(f *excelize.File, set func(cell string, value any, format string))) []byte {
	t.Helper()
	f := excelize.NewFile()
	fill(f, func(cell string, value any, format string) {
		if err := f.SetCellValue("Sheet1", cell, value); err != nil {
			t.Fatal(err)
		}
		if format == "" {
			return
		}
		style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
		if err != nil {
			t.Fatal(err)
		}
		if err := f.SetCellStyle("Sheet1", cell, cell, style); err != nil {
			t.Fatal(err)
		}
	})
	content, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return content.Bytes()
}

func TestWorkbook(t *testing.T) {
	t.Parallel()
	content := workbook(t, func(f *excelize.File, set func(string, any, string)) {
		set("A1", "Number", "")
		set("B1", "Amount", "")
		set("A3", 611365, "00000000")
		set("B3", 1234.5, "#,##0")
		set("C3", 45672, "dd/mm/yyyy")
		set("D3", 12.299999999, "0.00")
		set("E3", 0.19, "0%")
		set("F3", 123456789012345, "")
		set("G3", "00123", "")
	})
	got, layout := rows(t, content, table.Options{})
	if layout.Format != table.XLSX || layout.Sheet != "Sheet1" || len(got) != 2 || got[1].Number != 3 {
		t.Fatalf("%+v %v", layout, got)
	}
	want := []table.Cell{
		{Text: "00611365", Number: "611365"},
		{Text: got[1].Cells[1].Text, Number: "1234.5"}, // shown without its half, stored with it
		{Text: "15/01/2025", Number: "45672"},
		{Text: "12.30", Number: "12.299999999"},
		{Text: "19%", Number: "0.19"},
		{Text: "123456789012345", Number: "123456789012345"},
		{Text: "00123", Number: "123"},
	}
	for i, c := range got[1].Cells {
		if c != want[i] {
			t.Errorf("cell %d is %+v, want %+v", i, c, want[i])
		}
	}
}

func TestSheets(t *testing.T) {
	t.Parallel()
	content := workbook(t, func(f *excelize.File, _ func(string, any, string)) {
		if _, err := f.NewSheet("Open items"); err != nil {
			t.Fatal(err)
		}
		if err := f.SetCellValue("Open items", "B2", "here"); err != nil {
			t.Fatal(err)
		}
		yes := true
		if err := f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes}); err != nil {
			t.Fatal(err)
		}
	})
	got, layout := rows(t, content, table.Options{})
	if layout.Sheet != "Open items" || len(layout.Sheets) != 2 || !layout.Epoch1904 || texts(got) != "2||here\n" {
		t.Errorf("the first sheet with rows: %+v %q", layout, texts(got))
	}
	if got, _ := rows(t, content, table.Options{Sheet: "Sheet1"}); len(got) != 0 {
		t.Errorf("the sheet asked for is empty: %v", got)
	}
	if _, _, err := tryRows(content, table.Options{Sheet: "Nowhere"}); !errors.Is(err, table.ErrNoSheet) {
		t.Errorf("no such sheet gives %v", err)
	}
	if _, _, err := tryRows(content, table.Options{Bounds: table.Bounds{Bytes: 2000}}); !errors.Is(err, table.ErrFileTooLarge) {
		t.Errorf("a workbook too large gives %v", err)
	}
}
