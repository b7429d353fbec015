// Package ui is what people see. routes.go is the one table of every page and fragment, with the right it needs.
package ui

import (
	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/billing/postback"
	"makegood/billing/reading"
	"makegood/billing/reconciling"
	"makegood/cases"
	"makegood/cases/awaiting"
	"makegood/cases/helpdesk"
	"makegood/cases/intake"
	"makegood/cases/letterbook"
	door "makegood/cases/portal"
	"makegood/cases/quality"
	"makegood/cases/statements"
	"makegood/cases/survey"
	"makegood/cases/telling"
	"makegood/cases/webhooks"
	"makegood/credits"
	"makegood/inbox"
	"makegood/inbox/fetch"
	"makegood/internal/access"
	"makegood/internal/demo/postoffice"
	"makegood/internal/erasure"
	"makegood/internal/live"
	"makegood/internal/outside"
	"makegood/internal/people"
	"makegood/internal/reportmail"
	"makegood/internal/reports"
	"makegood/internal/secrets"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/portal"
	"makegood/ui/static"
)

// Services are what screens call.
type Services struct {
	Desk    *desk.Desk
	People  *people.Service
	Billing *billing.Service
	Cases   *cases.Service
	Credits *credits.Service
	Inbox   *inbox.Service
	Intake  *intake.Intake
	Mail    *fetch.Fetcher
	Reports *reports.Service
	Portal  *door.Service
	Hub     *live.Hub
	Here    *live.Presence
	Office  *postoffice.Office // the demo's mail server; nil otherwise
	Secure  bool

	Reconciling *reconciling.Service
	PostBack    *postback.Service
	Reading     *reading.Service
	Helpdesk    *helpdesk.Service
	Letters     *letterbook.Service
	Telling     *telling.Service
	Survey      *survey.Service
	Awaiting    *awaiting.Service
	Statements  *statements.Service
	Quality     *quality.Service
	Webhooks    *webhooks.Service
	ReportMail  *reportmail.Service
	Erasure     *erasure.Service
	// TrustedReceivers are the mail servers whose Authentication-Results count.
	TrustedReceivers []string
	Outside          *outside.Guard // fetches pictures of mails
	Keys             secrets.Keys   // signs the links to them
}

// anyone is the right of pages that need no sign-in.
const anyone access.Action = ""

// route is a line of the table.
type route struct {
	method, path string
	right        access.Action
	handler      echo.HandlerFunc
}

// Mount adds every page to the server.
func Mount(e *echo.Echo, s Services) {
	e.GET("/static/*", echo.WrapHandler(static.Handler()))
	pages := e.Group("", web.Session(s.People), portal.New(s.Desk, s.Portal, s.Secure).Session, web.CustomerLanguage(s.Secure), web.CheckForm)
	for _, r := range routes(s) {
		if r.right == anyone {
			pages.Add(r.method, r.path, r.handler)
			continue
		}
		pages.Add(r.method, r.path, r.handler, web.Need(r.right))
	}
}
