// Package authority is the room of who may give what away: levels and their holders, the policy, changes that wait for a
// second person, who would approve what, and who held what on any day.
package authority

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/people"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// Where the pages are.
const (
	levelsPath     = "/settings/authority"
	policyPath     = "/settings/authority/policy"
	changesPath    = "/settings/authority/changes"
	simulationPath = "/settings/authority/simulation"
	coveragePath   = "/settings/authority/coverage"
	// delegationsPath is everybody's own, beside the authority that two people change.
	delegationsPath = "/settings/delegations"
)

// Screen is the room.
type Screen struct {
	desk    *desk.Desk
	billing *billing.Service
	credits *credits.Service
	people  *people.Service
	cases   *cases.Service
}

// New makes the screen.
func New(d *desk.Desk, b *billing.Service, c *credits.Service, p *people.Service, k *cases.Service) *Screen {
	return &Screen{desk: d, billing: b, credits: c, people: p, cases: k}
}

// typed is what somebody had filled in when it was refused, and why.
type typed struct {
	text   string
	errors map[string]string
}

func (s *Screen) page(c echo.Context, status int, title string, body pageBody) error {
	return s.desk.Page(c, status, desk.View{Title: title, Heading: i18n.T("Authority"), Sub: title, Active: "settings", BodyClass: "page-reports"}, room(c.Request().URL.Path, body))
}

// refusal turns what a person can mend into words for the form; anything else is an error of the page.
func (s *Screen) refusal(c echo.Context, err error) (typed, error) {
	kind := errs.KindOf(err)
	if kind != errs.Invalid && kind != errs.Conflict {
		return typed{}, err
	}
	t := typed{errors: s.desk.FieldErrors(c, err)}
	if len(t.errors) == 0 {
		t.text = s.desk.Sentence(c, err)
	}
	return t, nil
}

func may(c echo.Context) bool { return access.May(web.Actor(c), access.ManageAuthority) }

// amount writes an amount of the authority's currency without it.
func (s *Screen) amount(c echo.Context, d decimal.Decimal) string {
	return kit.FormatNumber(money.Of(d, billing.AuthorityCurrency), s.desk.Lang(c))
}

func (s *Screen) day(c echo.Context, t time.Time) string {
	return kit.FormatDate(t, s.desk.Zone(c), s.desk.Lang(c))
}

// from reads the day from which something shall hold; nothing is at once.
func from(c echo.Context) (time.Time, error) {
	text := strings.TrimSpace(c.FormValue("effective_at"))
	if text == "" {
		return time.Time{}, nil
	}
	on, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return on, errs.InvalidField("effective_at", "error.not_a_date", "text", text)
	}
	return on, nil
}

// kinds are those that levels have limits for, in the order of the matrix.
func kinds() []billing.Kind {
	return []billing.Kind{
		billing.BillingError, billing.SLACredit, billing.Concession, billing.RefundOut, billing.WriteOff, billing.Rebill, billing.Debit, billing.TransferOver,
	}
}

// proposed shows the change among those that wait.
func proposed(c echo.Context) error { return c.Redirect(http.StatusSeeOther, changesPath) }
