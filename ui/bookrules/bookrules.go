// Package bookrules is the room of what the books go by: exchange rates and how old they may be, when customers are reminded
// and at what late fee, what each team may give away in a month, where else memos
// are issued, and what was last proven.
package bookrules

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/postback"
	"makegood/credits"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// Screen is the room.
type Screen struct {
	desk    *desk.Desk
	billing *billing.Service
	credits *credits.Service

	postback *postback.Service
}

// New makes the screen.
func New(d *desk.Desk, b *billing.Service, c *credits.Service, p *postback.Service) *Screen {
	return &Screen{desk: d, billing: b, credits: c, postback: p}
}

// typed is what somebody had filled in when it was refused, and why.
type typed struct {
	form   string // which of the page's forms
	text   string
	errors map[string]string
	values map[string]string

	imported *importedView // what became of a file that was taken
}

// at gives what was typed into a field of a form, or what stands there otherwise.
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

func (s *Screen) page(c echo.Context, status int, title string, body pageBody) error {
	return s.desk.Page(c, status, desk.View{Title: title, Heading: i18n.T("Books"), Sub: title, Active: "periods", BodyClass: "page-reports"}, room(c.Request().URL.Path, body))
}

// done goes back to the page, or shows it with what was refused.
func (s *Screen) done(c echo.Context, back, form string, show func(echo.Context, int, typed) error, err error) error {
	if kind := errs.KindOf(err); kind == errs.Invalid || kind == errs.Conflict {
		t := typed{form: form, errors: s.desk.FieldErrors(c, err), values: map[string]string{}}
		if len(t.errors) == 0 {
			t.text = s.desk.Sentence(c, err)
		}
		params, formErr := c.FormParams()
		if formErr != nil {
			return formErr
		}
		for name := range params {
			t.values[name] = params.Get(name)
		}
		return show(c, web.Status(err), t)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, back)
}

// number reads a decimal of a form.
func number(c echo.Context, field string) (decimal.Decimal, error) {
	text := strings.TrimSpace(c.FormValue(field))
	if text == "" {
		return decimal.Zero, errs.InvalidField(field, "error.required")
	}
	value, err := decimal.NewFromString(text)
	if err != nil {
		return decimal.Zero, errs.InvalidField(field, "error.not_a_number", "text", text)
	}
	return value, nil
}

// whole reads a whole number of a form.
func whole(c echo.Context, field string) (int, error) {
	text := strings.TrimSpace(c.FormValue(field))
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, errs.InvalidField(field, "error.not_a_number", "text", text)
	}
	return n, nil
}

func day(c echo.Context, field string) (time.Time, error) {
	text := c.FormValue(field)
	on, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return on, errs.InvalidField(field, "error.not_a_date", "text", text)
	}
	return on, nil
}

func (s *Screen) day(c echo.Context, t time.Time) string {
	return kit.FormatDate(t, time.UTC, s.desk.Lang(c))
}
