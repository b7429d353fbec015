// Package demo is the customers' side of the mail in the demo: what they got, and a way to write as one of them. All of
// these people are invented. It also shows the kit of components.
package demo

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/internal/demo/postoffice"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// account is the post office's mailbox of everybody who is not us.
const account = "customers"

// Screen is the customers' mailbox.
type Screen struct {
	desk    *desk.Desk
	office  *postoffice.Office
	billing *billing.Service
	reports *reports.Service
	box     *box
}

// New makes the screen.
func New(d *desk.Desk, office *postoffice.Office, b *billing.Service, r *reports.Service) *Screen {
	return &Screen{desk: d, office: office, billing: b, reports: r, box: &box{}}
}

// Kit shows every component: GET /demo/kit.
func (s *Screen) Kit(c echo.Context) error {
	view := desk.View{Title: i18n.T("Kit"), Heading: i18n.T("Kit"), Sub: i18n.T("every component, with invented figures"), Active: "mailbox", BodyClass: "page-kit"}
	return s.desk.Page(c, http.StatusOK, view, kit.Storybook())
}
