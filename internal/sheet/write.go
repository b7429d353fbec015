package sheet

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// The media types a table can be written as.
const (
	MediaCSV  = "text/csv"
	MediaXLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// CSV writes the table in UTF-8 with commas, quotes where needed and CRLF line ends (RFC 4180), the headings first.
func (t Table) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	heading := make([]string, len(t.Heading))
	for i, text := range t.Heading {
		heading[i] = Harmless(text)
	}
	if err := out.Write(heading); err != nil {
		return fmt.Errorf("write csv: %w", err)
	}
	line := make([]string, 0, len(t.Heading))
	for _, row := range t.Rows {
		line = line[:0]
		for _, cell := range row {
			line = append(line, cell.plain())
		}
		if err := out.Write(line); err != nil {
			return fmt.Errorf("write csv: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write csv: %w", err)
	}
	return nil
}

// XLSX writes the tables as sheets of one workbook.
func XLSX(w io.Writer, tables ...Table) (err error) {
	f := excelize.NewFile()
	defer func() {
		if closed := f.Close(); err == nil && closed != nil {
			err = fmt.Errorf("close workbook: %w", closed)
		}
	}()
	styles := map[string]int{}
	for i, t := range tables {
		name := sheetName(t.Name, i)
		if i == 0 {
			err = f.SetSheetName(f.GetSheetName(0), name)
		} else {
			_, err = f.NewSheet(name)
		}
		if err != nil {
			return fmt.Errorf("name sheet: %w", err)
		}
		if err := (book{f, name, styles}).fill(t); err != nil {
			return fmt.Errorf("fill sheet: %w", err)
		}
	}
	if err := f.Write(w); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	return nil
}

// sheetName is a name a workbook takes: at most 31 characters, none of those it forbids.
func sheetName(name string, i int) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]'`, r) {
			return ' '
		}
		return r
	}, name)
	if utf8.RuneCountInString(name) > 31 {
		name = string([]rune(name)[:31])
	}
	if strings.TrimSpace(name) == "" {
		return fmt.Sprintf("Sheet %d", i+1)
	}
	return name
}

// book is one sheet of a workbook, with the styles made so far.
type book struct {
	*excelize.File
	sheet  string
	styles map[string]int
}

func (b book) fill(t Table) error {
	for i, text := range t.Heading {
		at, err := excelize.CoordinatesToCellName(i+1, 1)
		if err != nil {
			return err
		}
		if err := b.put(at, Words(text)); err != nil {
			return err
		}
		if err := b.dress(at, "@", &excelize.Font{Bold: true}); err != nil {
			return err
		}
	}
	for y, row := range t.Rows {
		for x, cell := range row {
			at, err := excelize.CoordinatesToCellName(x+1, y+2)
			if err != nil {
				return err
			}
			if err := b.put(at, cell); err != nil {
				return err
			}
		}
	}
	return b.SetPanes(b.sheet, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
}

func (b book) put(at string, c Cell) error {
	switch c.Kind {
	case Text:
		return b.SetCellStr(b.sheet, at, c.plain())
	case Number: // the text of the number itself goes into the file, so that it stays exact
		if err := b.SetCellDefault(b.sheet, at, c.plain()); err != nil {
			return err
		}
		return b.dress(at, numberFormat(c.places), nil)
	case Date:
		if err := b.SetCellValue(b.sheet, at, c.day); err != nil {
			return err
		}
		return b.dress(at, "yyyy-mm-dd", nil)
	case Blank:
	}
	return nil
}

func numberFormat(places int32) string {
	if places <= 0 {
		return "#,##0"
	}
	return "#,##0." + strings.Repeat("0", int(places))
}

func (b book) dress(at, format string, font *excelize.Font) error {
	key := format
	if font != nil {
		key += " bold"
	}
	style, made := b.styles[key]
	if !made {
		var err error
		if style, err = b.NewStyle(&excelize.Style{CustomNumFmt: &format, Font: font}); err != nil {
			return err
		}
		b.styles[key] = style
	}
	return b.SetCellStyle(b.sheet, at, at, style)
}
