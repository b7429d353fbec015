package contracts

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/billing/commitment"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/kit"
)

// minuteForm is how a browser writes a moment to the minute, in a zone that is agreed: here the contract's.
const minuteForm = "2006-01-02T15:04"

// typed is what somebody had filled in on a contract's page when it was refused, and why.
type typed struct {
	form     string // which of the page's forms: incident, exclusion, or end-7
	errors   map[string]string
	notice   string
	values   map[string]string
	services []string
}

func (t typed) at(form, field, otherwise string) string {
	if t.form == form {
		return t.values[field]
	}
	return otherwise
}

func (t typed) wrong(form, field string) string {
	if t.form == form {
		return t.errors[field]
	}
	return ""
}

// RecordIncident records what went wrong with services of the contract: POST /contracts/:number/incidents, with the fields
// title, source, reference, kind, from, until, cause and a service for each that it struck. Moments are the contract's zone's.
func (s *Screen) RecordIncident(c echo.Context) error {
	d, err := s.named(c)
	if err != nil {
		return err
	}
	zone := zoneOf(d.TimeZone)
	in := billing.NewIncident{
		By: web.Actor(c), EntityID: d.EntityID, Source: c.FormValue("source"), Reference: c.FormValue("reference"), Title: c.FormValue("title"),
		Kind: commitment.IncidentKind(c.FormValue("kind")), Cause: commitment.ExclusionKind(c.FormValue("cause")),
	}
	var wrong []errs.Field
	in.From, wrong = moment(wrong, "from", c.FormValue("from"), zone)
	if text := c.FormValue("until"); text != "" {
		in.Until, wrong = moment(wrong, "until", text, zone)
	}
	params, err := c.FormParams()
	if err != nil {
		return errs.InvalidField("services", "error.required")
	}
	for _, one := range d.Services {
		if slices.Contains(params["service"], id(one.ID)) {
			in.Services = append(in.Services, one.ID)
		}
	}
	if len(in.Services) == 0 {
		wrong = append(wrong, errs.Field{Name: "services", Key: "error.required"})
	}
	if len(wrong) > 0 {
		err = errs.InvalidFields(wrong...)
	} else {
		_, err = s.billing.RecordIncident(c.Request().Context(), in)
	}
	return s.recorded(c, d, "incident", err)
}

// EndIncident says when an incident was over: POST /contracts/:number/incidents/:id/end, with the field until.
func (s *Screen) EndIncident(c echo.Context) error {
	d, err := s.named(c)
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return billing.ErrNoIncident
	}
	row, err := s.billing.IncidentByID(c.Request().Context(), s.reports.Reader(), billing.IncidentID(n))
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(row.Services, func(one billing.IncidentService) bool { return one.Contract == d.Number }) {
		return billing.ErrNoIncident
	}
	in := billing.NewIncident{
		By: web.Actor(c), EntityID: row.EntityID, Source: row.Source, Reference: row.Reference, Title: row.Title, Kind: row.Kind, Cause: row.Cause, From: row.FromAt,
	}
	for _, one := range row.Services {
		in.Services = append(in.Services, one.ServiceID)
	}
	var wrong []errs.Field
	if in.Until, wrong = moment(nil, "until", c.FormValue("until"), zoneOf(d.TimeZone)); len(wrong) > 0 {
		err = errs.InvalidFields(wrong...)
	} else {
		_, err = s.billing.RecordIncident(c.Request().Context(), in)
	}
	return s.recorded(c, d, endForm(n), err)
}

// RecordExclusion leaves a window of time out: POST /contracts/:number/exclusions, with the fields kind, service (none: all),
// from, until and reason.
func (s *Screen) RecordExclusion(c echo.Context) error {
	d, err := s.named(c)
	if err != nil {
		return err
	}
	in := billing.NewExclusion{By: web.Actor(c), Contract: d.ID, Kind: commitment.ExclusionKind(c.FormValue("kind")), Reason: strings.TrimSpace(c.FormValue("reason"))}
	if text := c.FormValue("service"); text != "" {
		at := slices.IndexFunc(d.Services, func(one billing.ServiceDetail) bool { return id(one.ID) == text })
		if at < 0 {
			return billing.ErrNoService
		}
		in.ServiceID = d.Services[at].ID
	}
	var wrong []errs.Field
	in.From, wrong = moment(wrong, "from", c.FormValue("from"), zoneOf(d.TimeZone))
	in.Until, wrong = moment(wrong, "until", c.FormValue("until"), zoneOf(d.TimeZone))
	if in.Reason == "" {
		wrong = append(wrong, errs.Field{Name: "reason", Key: "error.required"})
	}
	if len(wrong) > 0 {
		err = errs.InvalidFields(wrong...)
	} else {
		_, err = s.billing.RecordExclusion(c.Request().Context(), in)
	}
	return s.recorded(c, d, "exclusion", err)
}

// recorded goes back to the contract, or shows it with what was refused.
func (s *Screen) recorded(c echo.Context, d billing.ContractDetail, form string, err error) error {
	if err == nil {
		return c.Redirect(http.StatusSeeOther, contractURL(d.Number))
	}
	if kind := errs.KindOf(err); kind != errs.Invalid && kind != errs.Conflict {
		return err
	}
	t := typed{form: form, errors: s.desk.FieldErrors(c, err), values: map[string]string{}}
	if len(t.errors) == 0 {
		t.notice = s.desk.Sentence(c, err)
	}
	params, unread := c.FormParams()
	if unread != nil {
		return unread
	}
	for name := range params {
		t.values[name] = params.Get(name)
	}
	t.services = params["service"]
	return s.file(c, web.Status(err), d, t)
}

// moment reads a moment that has to be there; what is wrong with it is added to the fields.
func moment(wrong []errs.Field, field, text string, zone *time.Location) (time.Time, []errs.Field) {
	if text == "" {
		return time.Time{}, append(wrong, errs.Field{Name: field, Key: "error.required"})
	}
	at, err := time.ParseInLocation(minuteForm, text, zone)
	if err != nil {
		return at, append(wrong, errs.Field{Name: field, Key: "error.not_a_date", Params: errs.Params{"text": text}})
	}
	return at, wrong
}

func id(n billing.ContractServiceID) string { return strconv.FormatInt(int64(n), 10) }

func endForm(n int64) string { return "end-" + strconv.FormatInt(n, 10) }

// exclusionKinds are the kinds of time that may be left out.
func exclusionKinds() []commitment.ExclusionKind {
	return []commitment.ExclusionKind{commitment.Maintenance, commitment.CustomerCaused, commitment.ForceMajeure, commitment.Dates}
}

// causes are why an incident was not our fault; the first says that it was.
func causes() []kit.Option {
	return append([]kit.Option{{Value: "", Text: i18n.T("Ours")}}, kindOptions()...)
}

func kindOptions() []kit.Option {
	var list []kit.Option
	for _, kind := range exclusionKinds() {
		words := exclusion(string(kind))
		list = append(list, kit.Option{Value: string(kind), Text: i18n.Upper(words)})
	}
	return list
}

func incidentKinds() []kit.Option {
	var list []kit.Option
	for _, kind := range []commitment.IncidentKind{commitment.Outage, commitment.LateDelivery, commitment.SlowResponse} {
		list = append(list, kit.Option{Value: string(kind), Text: kindOf(kind)})
	}
	return list
}

// serviceOptions are the contract's services, after the word for all of them.
func (v fileView) serviceOptions() []kit.Option {
	list := []kit.Option{{Value: "", Text: i18n.T("All services")}}
	for _, one := range v.Services {
		list = append(list, kit.Option{Value: one.ID, Text: one.Name})
	}
	return list
}

// struck tells whether a service is ticked: what was typed, else the only one there is.
func (v fileView) struck(service string) bool {
	if v.Typed.form == "incident" {
		return slices.Contains(v.Typed.services, service)
	}
	return len(v.Services) == 1
}
