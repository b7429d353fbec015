package bookrules

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/billing/postback"
	"makegood/internal/access"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/creditview"
)

const gatewaysPath = "/books/gateways"

type gatewaysView struct {
	typed
	Rows     []gatewayRow
	Open     []matterRow
	More     bool
	May      bool // change the settings
	MayRetry bool
}

type gatewayRow struct{ Code, Name, Gateway, Account, Key, Says string }

type matterRow struct {
	creditview.There

	Number, Customer, Since string
	ByHand, Form            string // where to say that it was settled there by a person; "" when it cannot be
}

const mattersShown = 100

// Gateways shows where each entity's credit memos are issued besides, and what is not there: GET /books/gateways.
func (s *Screen) Gateways(c echo.Context) error { return s.gateways(c, http.StatusOK, typed{}) }

func (s *Screen) gateways(c echo.Context, status int, t typed) error {
	ctx, by := c.Request().Context(), web.Actor(c)
	settings, err := s.postback.Settings(ctx, by)
	if err != nil {
		return err
	}
	open, err := s.postback.OpenMatters(ctx, mattersShown+1, by)
	if err != nil {
		return err
	}
	v := gatewaysView{typed: t, May: access.May(by, access.Administer), MayRetry: access.May(by, access.Reconcile), More: len(open) > mattersShown}
	for _, e := range settings {
		v.Rows = append(v.Rows, s.gatewayRow(c, e))
	}
	for _, m := range open[:min(len(open), mattersShown)] {
		v.Open = append(v.Open, s.matterRow(c, m))
	}
	return s.page(c, status, i18n.T("Issued elsewhere too"), gatewaysPage(v))
}

func (s *Screen) gatewayRow(c echo.Context, e postback.EntitySetting) gatewayRow {
	row := gatewayRow{Code: e.Code, Name: e.Name, Gateway: string(e.Gateway), Account: e.Account, Says: i18n.T("Credit memos are issued here alone.")}
	if e.Gateway == billing.StripeGateway {
		row.Says = i18n.F("Credit memos on invoices that came from Stripe are issued there too, in account {account}.", "account", e.Account)
	}
	if e.KeySet != nil {
		row.Key = i18n.F("A key is kept, given {day}. An empty field keeps it.", "day", s.day(c, *e.KeySet))
	}
	return row
}

func (s *Screen) matterRow(c echo.Context, m postback.OpenMatter) matterRow {
	r := creditview.Reader{Catalogue: s.desk.Catalogue, Lang: s.desk.Lang(c), Now: s.desk.Clock()}
	row := matterRow{There: r.There(m.GatewayPosting, m.Number, m.Currency, s.desk.Zone(c)), Number: m.Number, Customer: m.Customer, Since: s.day(c, m.OrderedAt.In(time.UTC))}
	if m.State == billing.ThereWaiting || m.State == billing.ThereUnknown || m.State == billing.ThereRefused {
		row.ByHand, row.Form = "/credit-memos/"+url.PathEscape(m.Number)+"/elsewhere/"+string(m.Action)+"/by-hand", m.Number+string(m.Action)
	}
	return row
}

// SetGateway changes where an entity's credit memos are issued besides: POST /books/gateways/:entity. Fields: gateway,
// account, secret.
func (s *Screen) SetGateway(c echo.Context) error {
	code := c.Param("entity")
	in := postback.Setting{By: web.Actor(c), Entity: code, Gateway: billing.GatewayKind(c.FormValue("gateway")), Account: c.FormValue("account"), Secret: c.FormValue("secret")}
	if in.Gateway == billing.BuiltinGateway {
		in.Account = "" // the field stands there all the same
	}
	return s.done(c, gatewaysPath, code, s.gateways, s.postback.Set(c.Request().Context(), in))
}

// SettleElsewhere keeps that a person settled a memo there themselves, or gave it up: POST /credit-memos/:number/elsewhere/:action/by-hand.
// Fields: how, id.
func (s *Screen) SettleElsewhere(c echo.Context) error {
	h := postback.ByHand{By: web.Actor(c), Memo: c.Param("number"), Action: billing.GatewayAction(c.Param("action")), How: c.FormValue("how"), ID: c.FormValue("id")}
	return s.done(c, gatewaysPath, h.Memo+string(h.Action), s.gateways, s.postback.SettleByHand(c.Request().Context(), h))
}

// RetryElsewhere has a memo asked for once more: POST /credit-memos/:number/elsewhere/:action. Field: back, a page of ours.
func (s *Screen) RetryElsewhere(c echo.Context) error {
	number := c.Param("number")
	if err := s.postback.Retry(c.Request().Context(), number, billing.GatewayAction(c.Param("action")), web.Actor(c)); err != nil {
		return err
	}
	back := "/credit-memos/" + url.PathEscape(number)
	if strings.TrimSpace(c.FormValue("back")) == gatewaysPath {
		back = gatewaysPath
	}
	return c.Redirect(http.StatusSeeOther, back)
}
