package document_test

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	"makegood/billing/document"
	"makegood/internal/errs"
	"makegood/internal/money"
)

func renderer(t *testing.T) *document.Renderer {
	t.Helper()
	return document.New()
}

func render(t *testing.T, m document.CreditMemo) []byte {
	t.Helper()
	data, err := renderer(t).CreditMemo(m)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// pageTexts is what each page shows: its unpacked content, as the writer puts it (UTF-16, escaped).
func pageTexts(t *testing.T, pdf []byte) []string {
	t.Helper()
	var pages []string
	for _, part := range bytes.Split(pdf, []byte("stream\n"))[1:] {
		unpacked, err := zlib.NewReader(bytes.NewReader(part))
		if err != nil {
			continue
		}
		content, _ := io.ReadAll(unpacked)
		if bytes.Contains(content, []byte(" Tj ET")) {
			pages = append(pages, string(content))
		}
	}
	return pages
}

func shows(pages []string, text string) bool { return count(pages, text) > 0 }

func count(pages []string, text string) int {
	var want []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		want = append(want, byte(unit>>8), byte(unit))
	}
	escaped := strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`, "\r", `\r`).Replace(string(want))
	n := 0
	for _, page := range pages {
		n += strings.Count(page, escaped)
	}
	return n
}

func TestSamplesAreWholePDFs(t *testing.T) {
	t.Parallel()
	for name, memo := range samples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := render(t, memo)
			if !bytes.HasPrefix(data, []byte("%PDF-1.")) || !bytes.HasSuffix(bytes.TrimSpace(data), []byte("%%EOF")) {
				t.Error("no PDF header or trailer")
			}
			start := regexp.MustCompile(`startxref\s+(\d+)`).FindSubmatch(data)
			if start == nil {
				t.Fatal("no startxref")
			}
			if at, _ := strconv.Atoi(string(start[1])); !bytes.HasPrefix(data[at:], []byte("xref")) {
				t.Error("startxref does not point at the cross-reference table")
			}
			if len(data) > 120_000 {
				t.Errorf("%d bytes are too many", len(data))
			}
			if pages := pageTexts(t, data); len(pages) != 1 || !shows(pages, memo.Number) {
				t.Errorf("one page that shows %s, got %d", memo.Number, len(pages))
			}
		})
	}
}

func TestTextsFollowTheLanguage(t *testing.T) {
	t.Parallel()
	for name, texts := range map[string][]string{
		"en": {"Credit memo", "12 November 2026", "USD\u00a03,961.20", "Reverse charge: the customer is liable for the tax.", "Hikari Logistics Europe", "株式会社", "検針器"},
		"de": {"Rechnungskorrektur", "12.11.2026", "DE-2026-01877 vom 31.10.2026", "845,07\u00a0EUR", "11.395,10\u00a0EUR", "12.400\u00a0GB", "0,0525", "19\u00a0%", "Buchhaltung, Frau Jana Öztürk"},
		"zh": {"贷项通知单", "13,610.40", "苏州晴川精密机械有限公司"},
		"ja": {"適格返還請求書", "T9810456723001", "84,500", "税率別内訳", "有限会社髙橋製作所"},
		"pt": {"Nota de crédito", "12/11/2026", "1.574,40\u00a0USD", "41,290323\u00a0un.", "IVA em EUR: 271,08 (câmbio 0,9208, BCE, 30/10/2026)"},
	} {
		pages := pageTexts(t, render(t, samples()[name]))
		for _, text := range texts {
			if !shows(pages, text) {
				t.Errorf("%s does not show %q", name, text)
			}
		}
	}
}

// A seller outside Japan writes Japanese, but issues no document under Japan's law.
func TestTitleInLawFollowsTheSellersCountry(t *testing.T) {
	t.Parallel()
	m := japanese()
	m.Entity.Country, m.Customer.Contact = "DE", ""
	pages := pageTexts(t, render(t, m))
	if shows(pages, "適格返還請求書") || !shows(pages, "クレジットノート") {
		t.Error("the title is not the neutral one")
	}
	if !shows(pages, "御中") {
		t.Error("a company addressed without a person is addressed as 御中")
	}
}

func TestSameMemoSameBytesFromManyCallersAtOnce(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	for name, memo := range samples() {
		results := make([][]byte, 8)
		var wg sync.WaitGroup
		for i := range results {
			wg.Go(func() { results[i], _ = r.CreditMemo(memo) })
		}
		wg.Wait()
		var alone bytes.Buffer
		if err := document.CreditMemoPDF(&alone, memo); err != nil {
			t.Fatal(err)
		}
		for _, got := range results {
			if !bytes.Equal(got, alone.Bytes()) {
				t.Fatalf("%s: bytes differ", name)
			}
		}
	}
}

func TestManyLinesRunOverPagesWithTheirHeader(t *testing.T) {
	t.Parallel()
	pages := pageTexts(t, render(t, long(60)))
	if len(pages) < 3 {
		t.Fatalf("60 lines on %d pages", len(pages))
	}
	for i, page := range pages {
		if !shows([]string{page}, "Seite "+strconv.Itoa(i+1)+" von "+strconv.Itoa(len(pages))) {
			t.Errorf("page %d is not numbered", i+1)
		}
		if shows([]string{page}, "Rechenzeit") != shows([]string{page}, "Beschreibung") {
			t.Errorf("page %d has lines without their header or a header without lines", i+1)
		}
	}
	if n := count(pages, "Rechenzeit, Knoten "); n != 60 {
		t.Errorf("%d of 60 lines", n)
	}
	if !shows(pages[len(pages)-1:], "71,40\u00a0EUR") {
		t.Error("the total is not on the last page")
	}
}

func TestAnyTextFindsItsPlace(t *testing.T) {
	t.Parallel()
	m := german()
	m.Customer.Name = "𠮷野家 \U0001F600 e\u0301toile\u200d\x07 \xff"
	m.Customer.Address = []string{strings.Repeat("Sehr-Langer-Straßenname ", 12)}
	m.Lines[0].Description = strings.Repeat("Wort ohne Ende ", 800)
	m.Lines[1].Description = strings.Repeat("無限", 900)
	pages := pageTexts(t, render(t, m))
	for _, text := range []string{"étoile", "〓", "野家"} {
		if !shows(pages, text) {
			t.Errorf("%q is not shown", text)
		}
	}
	if n := count(pages, "Wort"); n != 800 {
		t.Errorf("%d of 800 words", n)
	}
}

func TestWhatCannotBeRightIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*document.CreditMemo)
		want   error
	}{
		"no number":      {func(m *document.CreditMemo) { m.Number = "" }, document.ErrIncomplete},
		"no original":    {func(m *document.CreditMemo) { m.Originals = nil }, document.ErrIncomplete},
		"undated":        {func(m *document.CreditMemo) { m.Originals = []document.InvoiceRef{{Number: "X"}} }, document.ErrIncomplete},
		"no line":        {func(m *document.CreditMemo) { m.Lines = nil }, document.ErrIncomplete},
		"unknown bucket": {func(m *document.CreditMemo) { m.Settlements[0].Bucket = "cash" }, document.ErrIncomplete},
		"language":       {func(m *document.CreditMemo) { m.Language = "tlh" }, document.ErrLanguage},
		"lines":          {func(m *document.CreditMemo) { m.Lines = m.Lines[:1] }, document.ErrSums},
		"taxes":          {func(m *document.CreditMemo) { m.Taxes = m.Taxes[:1] }, document.ErrSums},
		"total":          {func(m *document.CreditMemo) { m.Total = money.MustParse("845.06", "EUR") }, document.ErrSums},
		"settlements":    {func(m *document.CreditMemo) { m.Settlements = m.Settlements[:1] }, document.ErrSums},
		"currencies":     {func(m *document.CreditMemo) { m.Lines[0].Net = money.MustParse("651.00", "USD") }, money.ErrMixed},
		"rounding":       {func(m *document.CreditMemo) { m.Rounding = money.MustParse("0.01", "EUR") }, document.ErrSums},
	} {
		m := german()
		c.change(&m)
		err := document.CreditMemoPDF(io.Discard, m)
		if !errors.Is(err, c.want) || errs.KindOf(err) != errs.Invalid {
			t.Errorf("%s: want %v, got %v", name, c.want, err)
		}
	}
}
