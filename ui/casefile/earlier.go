package casefile

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/layout"
)

// Earlier is the stretch of the story before what is shown: GET /cases/:number/earlier?m=&e=, the first message and the first event shown.
func (s *Screen) Earlier(c echo.Context) error {
	var before reports.Before
	for name, into := range map[string]*int64{"m": (*int64)(&before.Message), "e": &before.Event} {
		if text := c.QueryParam(name); text != "" {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil || n < 0 {
				return errs.InvalidField(name, "error.not_a_number")
			}
			*into = n
		}
	}
	f, err := s.files.Earlier(c.Request().Context(), c.Param("number"), before, web.Actor(c))
	if err != nil {
		return err
	}
	v := s.build(c, f)
	if web.IsFragment(c) {
		return s.desk.Fragment(c, http.StatusOK, story(v.Thread))
	}
	return s.desk.Page(c, http.StatusOK, desk.View{
		Title: f.Number, Active: "queue", BodyClass: "page-books",
		Crumbs: []layout.Crumb{{Text: i18n.T("Queue"), Href: "/"}, {Text: f.Number, Href: "/cases/" + f.Number}},
	}, earlierPage(v))
}

// earlierURL is where what is older than a file is read; "" when there is nothing.
func earlierURL(f reports.CaseFile, chosen show) string {
	if !f.Before.More() {
		return ""
	}
	q := url.Values{}
	if f.Before.Message != 0 {
		q.Set("m", strconv.FormatInt(int64(f.Before.Message), 10))
	}
	if f.Before.Event != 0 {
		q.Set("e", strconv.FormatInt(f.Before.Event, 10))
	}
	if chosen != showAll {
		q.Set("show", string(chosen))
	}
	return "/cases/" + f.Number + "/earlier?" + q.Encode()
}

// toldBy says of each note whom it told by naming them.
func toldBy(f reports.CaseFile) map[cases.MessageID]string {
	said := map[cases.MessageID]string{}
	for _, row := range f.Events {
		ids, _ := row.Data["mentions"].([]any)
		if row.What != "note.added" || len(ids) == 0 {
			continue
		}
		e := data{row: row, file: f}
		names := ""
		for _, one := range ids {
			id, _ := one.(float64)
			if names != "" {
				names += ", "
			}
			names += e.named(int64(id))
		}
		said[cases.MessageID(e.id("message"))] = i18n.F("Told: {names}.", "names", names)
	}
	return said
}
