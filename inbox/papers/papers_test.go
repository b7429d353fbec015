package papers_test

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-pdf/fpdf"
	"github.com/xuri/excelize/v2"

	"makegood/inbox/papers"
)

func TestText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		content []byte
		want    string // somewhere in the text; "" for no text at all
	}{
		"pdf":                             {paper(t, "Remittance advice", "Invoice DE-2026-000123", "1,190.00 EUR"), "DE-2026-000123"},
		"workbook":                        {book(t, [][]string{{"Invoice", "Amount"}, {"DE-2026-000124", "1190.00"}}), "DE-2026-000124\t1190.00"},
		"csv":                             {[]byte("invoice;amount\r\nDE-2026-000125;1190,00\r\n"), "DE-2026-000125"},
		"text with umlauts":               {[]byte("Rechnung für März: DE-2026-000126"), "für März"},
		"svg":                             {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert("DE-2026-1")</script></svg>`), ""},
		"html":                            {[]byte("\n<!doctype html><p>DE-2026-1"), ""},
		"a picture":                       {[]byte("\x89PNG\r\n\x1a\n\x00\x00DE-2026-1"), ""},
		"a pdf that ends early":           {paper(t, "x")[:300], ""},
		"a pdf of nonsense":               {[]byte("%PDF-1.7\n1 0 obj <</Type/Catalog/Pages 1 0 R>> endobj\ntrailer <</Root 1 0 R>>\nstartxref\n9\n%%EOF"), ""},
		"an archive of archives":          {nested(t), ""},
		"a workbook that is none":         {archive(t, "xl/workbook.xml", []byte("<workbook")), ""},
		"a workbook that unpacks to much": {archive(t, "xl/worksheets/sheet1.xml", bytes.Repeat([]byte("0"), 40<<20)), ""},
		"a pdf that unpacks to much":      {bomb(t), ""},
		"nothing":                         {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := papers.Text(c.content)
			if c.want == "" && strings.TrimSpace(got) != "" || !strings.Contains(got, c.want) {
				t.Errorf("%.200q", got)
			}
		})
	}
}

func TestTextIsBounded(t *testing.T) {
	t.Parallel()
	if got := papers.Text(bytes.Repeat([]byte("abcdefghij\n"), 100_000)); len(got) != papers.MaxText {
		t.Errorf("%d bytes", len(got))
	}
	if got := papers.Text(bytes.Repeat([]byte("a"), papers.MaxFile+1)); got != "" {
		t.Errorf("%d bytes of a file too large", len(got))
	}
}

func FuzzText(f *testing.F) {
	f.Add([]byte("plain"))
	f.Add(paper(f, "DE-2026-000123"))
	f.Add(book(f, [][]string{{"a", "b"}}))
	f.Fuzz(func(t *testing.T, content []byte) {
		if got := papers.Text(content); !utf8.ValidString(got) || strings.ContainsRune(got, 0) || len(got) > 3*papers.MaxText {
			t.Errorf("%d bytes, valid %v", len(got), utf8.ValidString(got))
		}
	})
}

func paper(t testing.TB, lines ...string) []byte {
	t.Helper()
	doc := fpdf.New("P", "mm", "A4", "")
	doc.AddPage()
	doc.SetFont("Helvetica", "", 11)
	for _, line := range lines {
		doc.CellFormat(0, 8, line, "", 1, "", false, 0, "")
	}
	var b bytes.Buffer
	must(t, doc.Output(&b))
	return b.Bytes()
}

func book(t testing.TB, rows [][]string) []byte {
	t.Helper()
	f := excelize.NewFile()
	for r, cells := range rows {
		must(t, f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", r+1), &cells))
	}
	b, err := f.WriteToBuffer()
	must(t, err)
	return b.Bytes()
}

func archive(t testing.TB, name string, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	must(t, err)
	_, err = w.Write(content)
	must(t, err)
	must(t, z.Close())
	return b.Bytes()
}

func nested(t testing.TB) []byte {
	t.Helper()
	content := []byte("DE-2026-1")
	for range 50 {
		content = archive(t, "more.zip", content)
	}
	return content
}

// bomb is a page whose content is a few kilobytes that become a hundred megabytes.
func bomb(t testing.TB) []byte {
	t.Helper()
	var packed bytes.Buffer
	z, err := zlib.NewWriterLevel(&packed, zlib.BestSpeed)
	must(t, err)
	line := bytes.Repeat([]byte("(AAAAAAAAAAAAAAAA) Tj\n"), 50_000)
	for range 100 {
		_, err := z.Write(line)
		must(t, err)
	}
	must(t, z.Close())
	var b bytes.Buffer
	var at []int
	object := func(format string, args ...any) {
		at = append(at, b.Len())
		_, _ = fmt.Fprintf(&b, "%d 0 obj\n"+format+"\nendobj\n", append([]any{len(at)}, args...)...)
	}
	b.WriteString("%PDF-1.4\n")
	object("<</Type/Catalog/Pages 2 0 R>>")
	object("<</Type/Pages/Kids[3 0 R]/Count 1>>")
	object("<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>")
	object("<</Length %d/Filter/FlateDecode>>\nstream\n%s\nendstream", packed.Len(), packed.Bytes())
	object("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
	start := b.Len()
	_, _ = fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, offset := range at {
		_, _ = fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	_, _ = fmt.Fprintf(&b, "trailer <</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF", len(at)+1, start)
	return b.Bytes()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
