package reports

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/desk"
)

const auditPath = "/reports/audit-log"

type auditView struct {
	workFrame
	In, What, Who, Before string
	Rows                  []auditRow
	NextURL               string
	Looked                time.Time
	Errors                map[string]string
}

type auditRow struct {
	At                time.Time
	What, Who, Kind   string
	About, AboutHref  string
	Data, Chain, Seal string
}

// AuditLog lists what was recorded: GET /reports/audit-log?in=MG-000001&what=credit_memo.&who=…&before=2026-05-01.
func (s *EvidenceScreen) AuditLog(c echo.Context) error {
	f, err := s.workFrame(c, reports.WorkScope{By: web.Actor(c), On: s.work.Today(), Days: workDays})
	if err != nil {
		return err
	}
	v := auditView{workFrame: f, In: c.QueryParam("in"), What: c.QueryParam("what"), Who: c.QueryParam("who"), Before: c.QueryParam("before")}
	q := reports.AuditQuery{By: web.Actor(c), In: v.In, What: strings.TrimSpace(v.What), ActorName: v.Who, After: c.QueryParam("after")}
	if v.Before != "" {
		day, err := time.ParseInLocation(time.DateOnly, v.Before, s.desk.Zone(c))
		if err != nil {
			return errs.InvalidField("before", "error.not_a_date", "text", v.Before)
		}
		q.Before = day.AddDate(0, 0, 1)
	}
	page, err := s.log.AuditLog(c.Request().Context(), q)
	status := http.StatusOK
	if errs.KindOf(err) == errs.Invalid {
		status, v.Errors, err = http.StatusUnprocessableEntity, s.desk.FieldErrors(c, err), nil
	}
	if err != nil {
		return err
	}
	v.Looked = page.Back
	for _, r := range page.Rows {
		v.Rows = append(v.Rows, auditRowOf(r))
	}
	if page.Next != "" {
		v.NextURL = auditPath + "?" + url.Values{"in": {v.In}, "what": {v.What}, "who": {v.Who}, "after": {page.Next}}.Encode()
	}
	view := desk.View{Title: i18n.T("Audit log"), Heading: i18n.T("Reports"), Sub: i18n.T("Audit log"), Active: "reports", BodyClass: "page-reports"}
	return s.desk.Page(c, status, view, auditPage(v))
}

func auditRowOf(r reports.AuditEntry) auditRow {
	row := auditRow{At: r.At, What: r.What, Who: r.ActorName, Kind: r.ActorKind, Chain: r.Stream}
	switch {
	case r.CaseNumber != "":
		row.About, row.AboutHref = r.CaseNumber, "/cases/"+r.CaseNumber
	case r.Entity != "":
		row.About = i18n.F("Books of {entity}", "entity", r.Entity)
	case r.Stream == "admin":
		row.About = i18n.T("Administration")
	case r.Stream == "inbox":
		row.About = i18n.T("Mail without a case")
	}
	names := make([]string, 0, len(r.Data))
	for name := range r.Data {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		if i > 0 {
			row.Data += " · "
		}
		row.Data += strings.ReplaceAll(name, "_", " ") + " " + recorded(r.Data[name])
	}
	return row
}

// recorded is a value of the trail as people read it: nothing is a dash, a list its parts.
func recorded(value any) string {
	switch v := value.(type) {
	case nil:
		return "–"
	case string:
		if v == "" {
			return "–"
		}
		return v
	case []any:
		parts := make([]string, len(v))
		for n, one := range v {
			parts[n] = recorded(one)
		}
		return strings.Join(parts, ", ")
	}
	raw, err := json.Marshal(value)
	if err != nil { // what was read from JSON can be written as JSON
		return "–"
	}
	return string(raw)
}
