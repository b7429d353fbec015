package reconcile

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"makegood/billing/reconciling"
	"makegood/internal/i18n"
	"makegood/internal/sheet"
	"makegood/internal/web"
)

// mostRows is how many findings a file holds at most: what a spreadsheet program still opens.
const mostRows = 1_000_000

// export sends the findings that the filter lets through, all pages of them, as a file.
func (s *Screen) export(c echo.Context, a asked, as string) error {
	table, err := s.table(c, a)
	if err != nil {
		return err
	}
	header := c.Response().Header()
	header.Set(echo.HeaderContentDisposition, `attachment; filename="reconciliation-`+strconv.FormatInt(int64(a.id), 10)+"."+as+`"`)
	if as == "csv" {
		header.Set(echo.HeaderContentType, sheet.MediaCSV+"; charset=utf-8")
		c.Response().WriteHeader(http.StatusOK)
		return table.CSV(c.Response())
	}
	header.Set(echo.HeaderContentType, sheet.MediaXLSX)
	c.Response().WriteHeader(http.StatusOK)
	return sheet.XLSX(c.Response(), table)
}

func (s *Screen) table(c echo.Context, a asked) (sheet.Table, error) {
	t := sheet.Table{Name: "Findings", Heading: []string{
		"Difference", "Kind", "Number", "Account", "Customer", "Currency", "Date here", "Amount here", "Tax here", "Status here",
		"Currency there", "Date there", "Amount there", "Tax there", "Status there", "Gap", "Gap currency", "Row", "Matched by", "Resolution", "Note", "Case", "By",
	}}
	r := s.reader(c)
	a.filter.After, a.filter.Limit = "", 500
	for len(t.Rows) < mostRows {
		page, err := s.reconciling.Findings(c.Request().Context(), web.Actor(c), a.id, a.filter)
		if err != nil {
			return t, err
		}
		for _, f := range page.Rows {
			t.Rows = append(t.Rows, r.cells(f))
		}
		if page.Next == "" {
			break
		}
		a.filter.After = page.Next
	}
	return t, nil
}

func (r reader) cells(f reconciling.Finding) []sheet.Cell {
	cells := []sheet.Cell{
		sheet.Words(i18n.English(r.class(f))), sheet.Words(f.Kind.Words()), sheet.Words(f.Number), sheet.Words(f.Account), sheet.Words(f.CustomerName),
	}
	for _, p := range []*reconciling.Paper{f.Here, f.There} {
		if p == nil {
			cells = append(cells, sheet.Cell{}, sheet.Cell{}, sheet.Cell{}, sheet.Cell{}, sheet.Cell{})
			continue
		}
		tax := sheet.Cell{}
		if p.Tax != nil {
			tax = sheet.Amount(*p.Tax, p.Currency.Digits())
		}
		cells = append(cells, sheet.Words(string(p.Currency)), sheet.Day(p.Date), sheet.Amount(p.Amount, p.Currency.Digits()), tax, sheet.Words(string(p.Status)))
	}
	gap, cur := sheet.Cell{}, sheet.Cell{}
	if len(f.Gap) > 0 {
		gap, cur = sheet.Amount(f.Gap[0].Amount, f.Gap[0].Currency.Digits()), sheet.Words(string(f.Gap[0].Currency))
	}
	row := sheet.Cell{}
	if len(f.Rows) > 0 {
		row = sheet.Count(f.Rows[0])
	}
	note := f.Note
	if f.Reason != nil {
		note = r.fill(f.Reason)
	}
	return append(cells, gap, cur, row, sheet.Words(string(f.MatchedBy)), sheet.Words(i18n.English(resolutionTag(f).Text)), sheet.Words(note), sheet.Words(f.CaseNumber), sheet.Words(f.ByName))
}
