// Package contracts is the room of what customers were promised: contracts with their services and promises, what went wrong,
// the service credits that are owed and not claimed, and each computation sheet drawn so that it can be followed by hand.
package contracts

import (
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/billing/commitment"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
	"makegood/ui/layout"
)

// Screen is the room of contracts.
type Screen struct {
	desk    *desk.Desk
	billing *billing.Service
	reports *reports.Service
}

// New makes the screen.
func New(d *desk.Desk, b *billing.Service, r *reports.Service) *Screen {
	return &Screen{desk: d, billing: b, reports: r}
}

func (s *Screen) reader(c echo.Context) reader {
	return reader{lang: s.desk.Lang(c), now: s.desk.Clock(), zone: s.desk.Zone(c), may: access.May(web.Actor(c), access.Propose)}
}

func scope(by access.Actor) []billing.EntityID {
	ids := make([]billing.EntityID, 0, len(by.EntityIDs))
	for _, id := range by.EntityIDs {
		ids = append(ids, billing.EntityID(id))
	}
	return ids
}

func segments(current string) []kit.Segment {
	return []kit.Segment{
		{Text: i18n.T("Contracts"), Href: "/contracts", Current: current == "contracts"},
		{Text: i18n.T("Owed, not claimed"), Href: "/service-credits", Current: current == "owed"},
	}
}

// List shows contracts by number: GET /contracts?q=&after=.
func (s *Screen) List(c echo.Context) error {
	query := c.QueryParam("q")
	page, err := s.billing.Contracts(c.Request().Context(), billing.ContractFilter{Query: query, EntityIDs: scope(web.Actor(c)), After: c.QueryParam("after")})
	if err != nil {
		return err
	}
	v := listView{Shows: segments("contracts"), Query: query, Rows: page.Rows, Reader: s.reader(c), MayEnter: access.May(web.Actor(c), access.EnterContract)}
	if page.Next != "" {
		v.NextURL = "/contracts?" + url.Values{"q": {query}, "after": {page.Next}}.Encode()
	}
	return s.desk.Show(c, desk.View{Title: i18n.T("Contracts"), Heading: i18n.T("Contracts"), Active: "contracts", BodyClass: "page-books"}, listPage(v), listRows(v))
}

// contract reads a contract that the reader may see.
func (s *Screen) contract(c echo.Context, number string) (billing.ContractDetail, error) {
	d, err := s.billing.ContractByNumber(c.Request().Context(), s.reports.Reader(), number)
	if err != nil {
		return d, err
	}
	return d, access.Can(web.Actor(c), access.ReadBooks, access.Object{EntityID: int64(d.EntityID)})
}

// named reads the contract of the address; a number with a slash comes as it was written.
func (s *Screen) named(c echo.Context) (billing.ContractDetail, error) {
	number := c.Param("number")
	if c.Request().URL.RawPath != "" {
		var err error
		if number, err = url.PathUnescape(number); err != nil {
			return billing.ContractDetail{}, billing.ErrNoContract
		}
	}
	return s.contract(c, number)
}

// File shows a contract: GET /contracts/:number.
func (s *Screen) File(c echo.Context) error {
	d, err := s.named(c)
	if err != nil {
		return err
	}
	return s.file(c, http.StatusOK, d, typed{})
}

func (s *Screen) file(c echo.Context, status int, d billing.ContractDetail, t typed) error {
	ctx := c.Request().Context()
	incidents, err := s.billing.Incidents(ctx, billing.IncidentFilter{ContractID: d.ID})
	if err != nil {
		return err
	}
	sheets, err := s.billing.Sheets(ctx, s.reports.Reader(), d.ID)
	if err != nil {
		return err
	}
	owed, err := s.billing.ServiceCreditsOwed(ctx, billing.OwedFilter{By: web.Actor(c), Contract: d.ID})
	if err != nil {
		return err
	}
	v := s.reader(c).file(d, incidents.Rows, sheets, owed)
	v.Typed, v.Zone, v.Now = t, d.TimeZone, s.desk.Clock().In(zoneOf(d.TimeZone)).Format(minuteForm)
	v.MayLog = access.Can(web.Actor(c), access.LogIncident, access.Object{EntityID: int64(d.EntityID)}) == nil
	return s.desk.Page(c, status, desk.View{
		Title: d.Number, Active: "contracts", BodyClass: "page-books",
		Crumbs: []layout.Crumb{{Text: i18n.T("Contracts"), Href: "/contracts"}, {Text: d.Number}},
	}, filePage(v))
}

// Owed lists what is owed and not claimed, and shows how one of them was worked out:
// GET /service-credits?contract=&service=&month=2026-04.
func (s *Screen) Owed(c echo.Context) error {
	by, r := web.Actor(c), s.reader(c)
	owed, err := s.billing.ServiceCreditsOwed(c.Request().Context(), billing.OwedFilter{By: by, EntityIDs: scope(by)})
	if err != nil {
		return err
	}
	if c.QueryParam("contract") != "" {
		return s.picked(c, r, owed)
	}
	v := owedView{Shows: segments("owed"), Rows: r.owed(owed), Sums: r.sums(owed)}
	return s.desk.Page(c, http.StatusOK, desk.View{Title: i18n.T("Owed, not claimed"), Heading: i18n.T("Contracts"), Active: "contracts", BodyClass: "page-books"}, owedPage(v))
}

func (s *Screen) picked(c echo.Context, r reader, owed []billing.OwedCredit) error {
	for _, o := range owed {
		if o.Contract.Number != c.QueryParam("contract") || o.Service != c.QueryParam("service") || o.Month.Format(monthForm) != c.QueryParam("month") {
			continue
		}
		v := r.sheet(o.Sheet, o.Customer)
		v.Keep = r.may
		return s.sheet(c, v)
	}
	return billing.ErrNoSheet
}

func (s *Screen) sheet(c echo.Context, v sheetView) error {
	return s.desk.Page(c, http.StatusOK, desk.View{
		Title: i18n.F("Service credit {month}", "month", v.Month), Active: "contracts", BodyClass: "page-books",
		Crumbs: []layout.Crumb{{Text: i18n.T("Contracts"), Href: "/contracts"}, {Text: v.Contract, Href: contractURL(v.Contract)}, {Text: v.Service + ", " + v.Month}},
	}, sheetPage(v))
}

// Sheet shows a sheet that is kept: GET /service-credits/:id.
func (s *Screen) Sheet(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return billing.ErrNoSheet
	}
	kept, err := s.billing.SheetByID(c.Request().Context(), s.reports.Reader(), billing.SheetID(id))
	if err != nil {
		return err
	}
	read, err := kept.Read()
	if err != nil {
		return err
	}
	d, err := s.contract(c, read.Contract)
	if err != nil {
		return err
	}
	r := s.reader(c)
	v := r.sheet(read, d.Customer)
	v.Kept = &keptView{ID: int64(kept.ID), Hash: hex.EncodeToString(kept.SHA256), At: kit.FormatDateTime(kept.ComputedAt, r.zone, r.lang)}
	return s.sheet(c, v)
}

// Keep works a credit out anew and keeps its sheet: POST /service-credits with contract, service and month.
func (s *Screen) Keep(c echo.Context) error {
	month, err := time.Parse(monthForm, c.FormValue("month"))
	if err != nil {
		return errs.InvalidField("month", "error.not_a_date", "text", c.FormValue("month"))
	}
	kept, err := s.billing.ComputeServiceCredit(c.Request().Context(), billing.ComputeInput{
		By: web.Actor(c), Contract: c.FormValue("contract"), Service: c.FormValue("service"), Month: month,
	})
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, sheetURL(kept.ID))
}

const monthForm = "2006-01"

func contractURL(number string) string { return "/contracts/" + url.PathEscape(number) }

func sheetURL(id billing.SheetID) string {
	return "/service-credits/" + strconv.FormatInt(int64(id), 10)
}

func owedURL(contract, service, month string) string {
	return "/service-credits?" + url.Values{"contract": {contract}, "service": {service}, "month": {month}}.Encode()
}

// late tells that a claim has missed its window, at least in part.
func late(c commitment.Claim) bool {
	return c.State == commitment.ClaimLate || c.State == commitment.ClaimPartlyLate
}
