package desk

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/layout"
)

// Fail answers a request that ended in an error: to the sign-in page when nobody has signed in, otherwise a page or,
// for htmx, a notice that leaves everything on the screen as it was.
func (d *Desk) Fail(c echo.Context, status int, err error) {
	customers := strings.HasPrefix(c.Request().URL.Path, "/portal")
	if status == http.StatusUnauthorized && customers {
		_ = c.Redirect(http.StatusSeeOther, "/portal/sign-in")
		return
	}
	if status == http.StatusUnauthorized && !web.IsHTMX(c) && c.Request().Method == http.MethodGet {
		_ = c.Redirect(http.StatusSeeOther, "/login?next="+url.QueryEscape(c.Request().URL.RequestURI()))
		return
	}
	if errors.Is(err, access.ErrStepUp) {
		askProof(c)
		return
	}
	view := layout.ErrorView{
		Status: status, Title: titleOf(status), Sentence: d.sentenceFor(c, status, err), RequestID: web.RequestID(c),
		BackHref: "/", BackText: i18n.T("Back to the queue"), Lang: d.Lang(c), Say: d.Say(c), Theme: cookie(c, "mg_theme"),
	}
	if customers {
		view.BackHref, view.BackText = "/portal", i18n.T("Back to your invoices")
	}
	component := layout.Error(view)
	if web.IsHTMX(c) {
		component = layout.ErrorFragment(view)
	}
	if err := d.write(c, status, component, d.Context(c)); err != nil {
		d.Logger.ErrorContext(c.Request().Context(), "error page failed", "error", err.Error())
	}
}

// askProof sends somebody to prove themselves anew, and back to the page they were on: what they wanted to do they do again there.
func askProof(c echo.Context) {
	back := c.Request().URL.RequestURI()
	if c.Request().Method != http.MethodGet || web.IsFragment(c) {
		back = "/"
		if from, err := url.Parse(c.Request().Referer()); err == nil && from.Host == c.Request().Host && from.Path != "" {
			back = from.RequestURI()
		}
	}
	to := "/prove?next=" + url.QueryEscape(back)
	if web.IsHTMX(c) {
		c.Response().Header().Set("HX-Redirect", to)
		_ = c.NoContent(http.StatusForbidden)
		return
	}
	_ = c.Redirect(http.StatusSeeOther, to)
}

func (d *Desk) sentenceFor(c echo.Context, status int, err error) string {
	if asError(err) == nil && status == http.StatusNotFound {
		return d.Catalogue.Say(d.Lang(c), "error.not_found")
	}
	if asError(err) == nil && status < http.StatusInternalServerError {
		return http.StatusText(status) + "."
	}
	sentences := []string{d.Sentence(c, err)}
	for _, text := range d.FieldErrors(c, err) {
		sentences = append(sentences, text)
	}
	return strings.Join(sentences, " ")
}

func asError(err error) *errs.Error {
	if e, ok := errors.AsType[*errs.Error](err); ok {
		return e
	}
	return nil
}

func titleOf(status int) string {
	switch status {
	case http.StatusNotFound:
		return i18n.T("Not found")
	case http.StatusForbidden, http.StatusUnauthorized:
		return i18n.T("Not allowed")
	case http.StatusConflict:
		return i18n.T("Somebody was faster")
	case http.StatusUnprocessableEntity:
		return i18n.T("Something needs another look")
	case http.StatusServiceUnavailable:
		return i18n.T("Not reachable at the moment")
	}
	if status >= http.StatusInternalServerError {
		return i18n.T("Something went wrong on our side")
	}
	return i18n.T("This did not work")
}
