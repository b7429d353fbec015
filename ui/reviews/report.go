package reviews

import (
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/i18n"
	"makegood/internal/sheet"
	"makegood/ui/kit"
)

// reportView is what was drawn in some months, by person, and how the last of them was drawn.
type reportView struct {
	From, To   string // months
	CSV, Draws string
	People     []personRow
	Undrawn    int
	Month      string
	Commitment string
	Seed       string
	None       bool // nothing was drawn in the month
}

type personRow struct {
	Name, Passed, Amount, Drawn, Reviewed, NotFine, Waiting string
	Found                                                   bool
}

// Samples reports what was drawn, reviewed and found: GET /reviews/samples?from=2026-03&to=2026-05.
func (s *Screen) Samples(c echo.Context) error {
	r, ctx := s.reader(c), c.Request().Context()
	to, err := monthAsked(c, "to", r.Now)
	if err != nil {
		return err
	}
	from, err := monthAsked(c, "from", to)
	if err != nil {
		return err
	}
	report, err := s.credits.SampleReport(ctx, from, to, r.by)
	if err != nil {
		return err
	}
	done, err := download(c, "own-limits-"+to.Format("2006-01"), func() (sheet.Table, error) { return sampleTable(report), nil })
	if done || err != nil {
		return err
	}
	v := reportView{From: from.Format("2006-01"), To: to.Format("2006-01"), Month: kit.FormatMonth(to, r.Lang), Undrawn: report.Undrawn}
	period := url.Values{"from": {v.From}, "to": {v.To}, "as": {"csv"}}
	v.CSV, v.Draws = samplesPath+"?"+period.Encode(), samplesPath+"/"+v.To
	count := func(n int) string { return kit.FormatCount(n, r.Lang) }
	for _, p := range report.People {
		v.People = append(v.People, personRow{
			Name: p.UserName, Passed: count(p.Passed), Amount: r.limits(p.Amount), Drawn: count(p.Drawn), Reviewed: count(p.Reviewed), NotFine: count(p.NotFine),
			Waiting: count(p.Waiting), Found: p.NotFine > 0,
		})
	}
	month, err := s.credits.Draws(ctx, to, 0, 1, r.by)
	switch {
	case errors.Is(err, credits.ErrNoSample):
		v.None = true
	case err != nil:
		return err
	}
	v.Commitment, v.Seed = hex.EncodeToString(month.Commitment), hex.EncodeToString(month.Seed)
	return s.page(c, http.StatusOK, i18n.T("Samples"), reportPage(v))
}

// Draws sends every draw of a month as a file: GET /reviews/samples/:month.
func (s *Screen) Draws(c echo.Context) error {
	month, err := time.Parse("2006-01", c.Param("month"))
	if err != nil {
		return credits.ErrNoSample
	}
	table := sheet.Table{Name: "Draws", Heading: []string{"Month", "Request", "Id", "Requester", "Draw", "Percent", "In the sample", "Policy version", "At (UTC)", "Commitment", "Seed", "Drawn again the same"}}
	var after credits.ID
	for {
		found, err := s.credits.Draws(c.Request().Context(), month, after, drawsAtOnce, s.reader(c).by)
		if err != nil {
			return err
		}
		for _, d := range found.Draws {
			table.Rows = append(table.Rows, drawCells(found, d))
			after = d.ID
		}
		if len(found.Draws) < drawsAtOnce {
			break
		}
	}
	header := c.Response().Header()
	header.Set(echo.HeaderContentDisposition, `attachment; filename="draws-`+month.Format("2006-01")+`.csv"`)
	header.Set(echo.HeaderContentType, sheet.MediaCSV+"; charset=utf-8")
	c.Response().WriteHeader(http.StatusOK)
	return table.CSV(c.Response())
}

const drawsAtOnce = 200

func drawCells(m credits.SampleMonth, d credits.Drawn) []sheet.Cell {
	yes := func(is bool) sheet.Cell { return sheet.Words(map[bool]string{true: "yes", false: "no"}[is]) }
	again := sheet.Cell{}
	if m.Seed != nil {
		again = yes(d.Repeats)
	}
	return []sheet.Cell{
		sheet.Words(m.Month.Format("2006-01")), sheet.Words(d.Number), sheet.Words(strconv.FormatInt(int64(d.ID), 10)), sheet.Words(d.RequesterName), sheet.Count(d.Draw),
		sheet.Count(d.Percent), yes(d.Sampled), sheet.Count(d.PolicyVersion), sheet.Words(d.DrawnAt.UTC().Format(time.DateTime)),
		sheet.Words(hex.EncodeToString(m.Commitment)), sheet.Words(hex.EncodeToString(m.Seed)), again,
	}
}

func sampleTable(report credits.SampleReport) sheet.Table {
	t := sheet.Table{Name: "Own limits", Heading: []string{"From", "To", "Person", "Passed", "Sum (" + string(billing.AuthorityCurrency) + ")", "Drawn", "Reviewed", "Not fine", "Waiting"}}
	for _, p := range report.People {
		t.Rows = append(t.Rows, []sheet.Cell{
			sheet.Words(report.From.Format("2006-01")), sheet.Words(report.To.Format("2006-01")), sheet.Words(p.UserName), sheet.Count(p.Passed),
			sheet.Amount(p.Amount, billing.AuthorityCurrency.Digits()), sheet.Count(p.Drawn), sheet.Count(p.Reviewed), sheet.Count(p.NotFine), sheet.Count(p.Waiting),
		})
	}
	return t
}
