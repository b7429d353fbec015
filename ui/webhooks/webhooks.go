// Package webhooks is the screen of the systems that are told what happens to cases, and of the deliveries that were given up.
package webhooks

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/cases/webhooks"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
)

const path = "/settings/webhooks"

// Screen is the settings of webhooks.
type Screen struct {
	desk     *desk.Desk
	webhooks *webhooks.Service
}

// New makes the screen.
func New(d *desk.Desk, w *webhooks.Service) *Screen { return &Screen{desk: d, webhooks: w} }

// pageView is the page: a form for each address and one to add, and what was given up.
type pageView struct {
	Endpoints []endpointView
	New       endpointView
	Secret    string // of the address just added; told once
	Dead      []deadView
	Refused   string // why nothing came of a press on a button
}

// endpointView is one form. Events stand one on a line.
type endpointView struct {
	ID, Version, URL, Description, Events string

	Active  bool
	Refused string
	Errors  map[string]string
}

func (v endpointView) isNew() bool { return v.ID == "" }

func (v endpointView) action() string {
	if v.isNew() {
		return path
	}
	return path + "/" + v.ID
}

func (v endpointView) title() string {
	if v.isNew() {
		return i18n.T("Add a webhook")
	}
	return v.URL
}

// deadView is a delivery that was given up.
type deadView struct{ ID, To, What, When, Why string }

func (v deadView) action() string { return path + "/deliveries/" + v.ID + "/replay" }

// List is the page: GET /settings/webhooks.
func (s *Screen) List(c echo.Context) error { return s.show(c, http.StatusOK, pageView{}, nil) }

// Add adds an address: POST /settings/webhooks. Fields: url, description, events, active. The answer shows the secret.
func (s *Screen) Add(c echo.Context) error {
	typed := read(c)
	_, secret, err := s.webhooks.Add(c.Request().Context(), typed.input(c))
	if err != nil {
		return s.refuse(c, err, typed)
	}
	return s.show(c, http.StatusOK, pageView{Secret: secret}, nil)
}

// Save changes an address: POST /settings/webhooks/:id. Fields: version and those of Add.
func (s *Screen) Save(c echo.Context) error {
	typed := read(c)
	typed.ID = c.Param("id")
	if _, err := s.webhooks.Change(c.Request().Context(), typed.input(c)); err != nil {
		return s.refuse(c, err, typed)
	}
	return c.Redirect(http.StatusSeeOther, path)
}

// Replay has a delivery made again: POST /settings/webhooks/deliveries/:id/replay.
func (s *Screen) Replay(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return webhooks.ErrNoDelivery
	}
	err = s.webhooks.Replay(c.Request().Context(), web.Actor(c), id)
	switch {
	case err == nil:
		return c.Redirect(http.StatusSeeOther, path)
	case errs.KindOf(err) == errs.Conflict:
		return s.show(c, web.Status(err), pageView{Refused: s.desk.Sentence(c, err)}, nil)
	}
	return err
}

func read(c echo.Context) endpointView {
	return endpointView{
		Version: c.FormValue("version"), URL: c.FormValue("url"), Description: c.FormValue("description"), Events: c.FormValue("events"), Active: c.FormValue("active") != "",
	}
}

// input is what was typed. A number that is none is one that there is not.
func (v endpointView) input(c echo.Context) webhooks.EndpointInput {
	id, _ := strconv.ParseInt(v.ID, 10, 64)
	version, _ := strconv.Atoi(v.Version)
	return webhooks.EndpointInput{By: web.Actor(c), ID: id, Version: version, URL: v.URL, Description: v.Description, Events: strings.Fields(v.Events), Active: v.Active}
}

func (s *Screen) refuse(c echo.Context, err error, typed endpointView) error {
	if kind := errs.KindOf(err); kind != errs.Invalid && kind != errs.Conflict {
		return err
	}
	if typed.Errors = s.desk.FieldErrors(c, err); len(typed.Errors) == 0 {
		typed.Refused = s.desk.Sentence(c, err)
	}
	return s.show(c, web.Status(err), pageView{}, &typed)
}

// show draws the page; what was refused stands as it was typed, over the version there is now.
func (s *Screen) show(c echo.Context, status int, v pageView, typed *endpointView) error {
	ctx, by := c.Request().Context(), web.Actor(c)
	found, err := s.webhooks.Endpoints(ctx, by)
	if err != nil {
		return err
	}
	v.New = endpointView{Events: "case.*\nsla.*", Active: true}
	if typed != nil && typed.isNew() {
		v.New = *typed
	}
	to := map[int64]string{}
	for _, e := range found {
		to[e.ID] = e.URL
		one := endpointView{
			ID: strconv.FormatInt(e.ID, 10), Version: strconv.Itoa(e.Version), URL: e.URL, Description: e.Description, Events: strings.Join(e.Events, "\n"), Active: e.Active,
		}
		if typed != nil && typed.ID == one.ID {
			version := one.Version
			one = *typed
			one.Version = version
		}
		v.Endpoints = append(v.Endpoints, one)
	}
	dead, err := s.webhooks.Deliveries(ctx, by, 0, true)
	if err != nil {
		return err
	}
	for _, d := range dead {
		v.Dead = append(v.Dead, s.dead(c, d, to[d.EndpointID]))
	}
	return s.desk.Page(c, status, desk.View{Title: i18n.T("Webhooks"), Heading: i18n.T("Webhooks"), Active: "intake", BodyClass: "page-periods"}, page(v))
}

func (s *Screen) dead(c echo.Context, d webhooks.Delivery, to string) deadView {
	why := d.Error
	switch {
	case d.Status != 0:
		why = strings.TrimSpace(strconv.Itoa(d.Status) + " " + d.Error)
	case strings.HasPrefix(d.Error, "outside."), strings.HasPrefix(d.Error, "webhooks."):
		why = s.desk.Say(c)(d.Error)
	}
	return deadView{ID: strconv.FormatInt(d.ID, 10), To: to, What: d.Type, When: d.CreatedAt.In(s.desk.Zone(c)).Format("2006-01-02 15:04"), Why: why}
}
