package sheet_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"makegood/internal/sheet"
)

func d(text string) decimal.Decimal { return decimal.RequireFromString(text) }

func table() sheet.Table {
	return sheet.Table{
		Name: "Aging: all/any", Heading: []string{"Customer", "Open", "Due", "Days"},
		Rows: [][]sheet.Cell{
			{sheet.Words(`Halden "Nord", GmbH`), sheet.Amount(d("12345678901234.10"), 2), sheet.Day(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)), sheet.Count(31)},
			{sheet.Words("=1+1"), sheet.Amount(d("-0.5"), 2), {}, sheet.Perhaps(decimal.NullDecimal{}, 4)},
		},
	}
}

func TestCSV(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := table().CSV(&out); err != nil {
		t.Fatal(err)
	}
	want := "Customer,Open,Due,Days\r\n\"Halden \"\"Nord\"\", GmbH\",12345678901234.10,2026-03-01,31\r\n'=1+1,-0.50,,\r\n"
	if out.String() != want {
		t.Errorf("%q\nwant %q", out.String(), want)
	}
}

func TestXLSX(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := sheet.XLSX(&out, table(), sheet.Table{Heading: []string{"A"}}); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := strings.Join(f.GetSheetList(), "|"); got != "Aging  all any|Sheet 2" {
		t.Errorf("sheets %s", got)
	}
	name := f.GetSheetName(0)
	for at, want := range map[string]string{"A1": "Customer", "A2": `Halden "Nord", GmbH`, "A3": "'=1+1", "B3": "-0.50", "C3": "", "D3": ""} {
		if got, err := f.GetCellValue(name, at, excelize.Options{RawCellValue: true}); err != nil || got != want {
			t.Errorf("%s: %q, want %q (%v)", at, got, want, err)
		}
	}
	if got, err := f.GetCellValue(name, "B2", excelize.Options{RawCellValue: true}); err != nil || !d(got).Equal(d("12345678901234.10")) {
		t.Errorf("the number is not exact: %q (%v)", got, err)
	}
	if got, err := f.GetCellValue(name, "C2"); err != nil || got != "2026-03-01" {
		t.Errorf("date %q (%v)", got, err)
	}
	for _, at := range []string{"A3", "B2"} {
		if formula, err := f.GetCellFormula(name, at); err != nil || formula != "" {
			t.Errorf("%s has a formula %q (%v)", at, formula, err)
		}
	}
	if kind, err := f.GetCellType(name, "B2"); err != nil || kind == excelize.CellTypeSharedString || kind == excelize.CellTypeInlineString {
		t.Errorf("the number is text: %v (%v)", kind, err)
	}
}

func TestHarmless(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"=cmd|' /C calc'!A0": "'=cmd|' /C calc'!A0", "+49 40": "'+49 40", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "\r=1": "'\r=1",
		"  =1": "'  =1", "＝1": "'＝1", "Halden": "Halden", "": "", "3=4": "3=4", " ": " ",
	} {
		if got := sheet.Harmless(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// Whatever a customer calls itself, what a spreadsheet reads back is no formula and says the same.
func TestNoTextBecomesAFormula(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching("[ =+@\\-\t\n'\",;a-z0-9]{0,12}").Draw(t, "text")
		var out bytes.Buffer
		if err := (sheet.Table{Heading: []string{"h", "x"}, Rows: [][]sheet.Cell{{sheet.Words(text), sheet.Count(1)}}}).CSV(&out); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&out).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		got := rows[1][0]
		if first := strings.TrimLeft(got, " "); first != "" && strings.Contains("=+-@\t\r\n", first[:1]) {
			t.Fatalf("%q would be a formula", got)
		}
		if got != text && got != "'"+text {
			t.Fatalf("%q came back as %q", text, got)
		}
	})
}
