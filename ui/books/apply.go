package books

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/layout"
)

// ApplyPage is the workbench where a customer's money and credits meet its invoices: GET /customers/:account/apply, with
// currency, from (a document's number, "all" for everything unapplied) and by (oldest, amount, remittance: what to fill
// in).
func (s *Screen) ApplyPage(c echo.Context) error {
	f, err := s.applyFile(c, c.QueryParam("currency"))
	if err != nil {
		return err
	}
	q := applyQuery{Account: f.Account, Currency: string(f.Currency), From: c.QueryParam("from"), By: c.QueryParam("by")}
	return s.showApply(c, http.StatusOK, f, proposed(f, q))
}

// Apply applies the amounts of the form: POST /customers/:account/apply. A form whose button named another consequence
// than its amounts have is shown again with the one they have; nothing is applied then.
func (s *Screen) Apply(c echo.Context) error {
	f, form, err := s.appliedForm(c)
	if err != nil {
		return err
	}
	if len(form.Errors) > 0 {
		return s.showApply(c, http.StatusUnprocessableEntity, f, form)
	}
	if form.said(f.Currency) != c.FormValue("said") || len(form.parts) == 0 {
		form.Changed = true
		return s.showApply(c, http.StatusOK, f, form)
	}
	if _, err = s.billing.Apply(c.Request().Context(), billing.ApplyInput{By: web.Actor(c), Parts: form.parts}); err != nil {
		if !form.refused(s.desk, c, err) {
			return err
		}
		return s.showApply(c, http.StatusUnprocessableEntity, f, form)
	}
	return c.Redirect(http.StatusSeeOther, applyQuery{Account: f.Account, Currency: string(f.Currency)}.url())
}

// ApplyPreview is what the amounts of the form come to: POST /customers/:account/apply/preview.
func (s *Screen) ApplyPreview(c echo.Context) error {
	f, form, err := s.appliedForm(c)
	if err != nil {
		return err
	}
	return s.desk.Fragment(c, http.StatusOK, applyPreviewed(s.reader(c).apply(f, form, true)))
}

// TakeBack takes an application back: POST /customers/:account/apply/take-back, with the fields id and reason.
func (s *Screen) TakeBack(c echo.Context) error {
	f, err := s.applyFile(c, c.FormValue("currency"))
	if err != nil {
		return err
	}
	form := applyForm{applyQuery: applyQuery{Account: f.Account, Currency: string(f.Currency)}, Errors: map[string]string{}, Reason: c.FormValue("reason")}
	if form.TakeBack, err = strconv.ParseInt(c.FormValue("id"), 10, 64); err != nil {
		return access.ErrOutOfScope
	}
	err = s.billing.Unapply(c.Request().Context(), billing.UnapplyInput{By: web.Actor(c), IDs: []int64{form.TakeBack}, Reason: form.Reason})
	if err == nil {
		return c.Redirect(http.StatusSeeOther, form.url()+"#applied")
	}
	if !form.refused(s.desk, c, err) {
		return err
	}
	return s.showApply(c, http.StatusUnprocessableEntity, f, form)
}

func (s *Screen) applyFile(c echo.Context, currency string) (reports.ApplyFile, error) {
	code, err := currencyOf(currency)
	if err != nil {
		return reports.ApplyFile{}, err
	}
	return s.books.Apply(c.Request().Context(), c.Param("account"), code, web.Actor(c))
}

// appliedForm reads the workbench again and what was typed on it.
func (s *Screen) appliedForm(c echo.Context) (reports.ApplyFile, applyForm, error) {
	f, err := s.applyFile(c, c.FormValue("currency"))
	if err != nil {
		return f, applyForm{}, err
	}
	values, err := c.FormParams()
	if err != nil {
		return f, applyForm{}, errs.InvalidField("parts", "error.required")
	}
	form := typedParts(f, values)
	form.read(f, func(key string, params errs.Params) string {
		return s.desk.Catalogue.Fill(s.desk.Lang(c), key, params)
	})
	return f, form, nil
}

func (s *Screen) showApply(c echo.Context, status int, f reports.ApplyFile, form applyForm) error {
	v := s.reader(c).apply(f, form, access.May(web.Actor(c), access.RecordPayment))
	return s.desk.Page(c, status, desk.View{
		Title: i18n.F("Apply for {name}", "name", f.Name), Active: "books", BodyClass: "page-apply",
		Crumbs: []layout.Crumb{{Text: i18n.T("Customers"), Href: "/customers"}, {Text: f.Name, Href: "/customers/" + url.PathEscape(f.Account)}, {Text: i18n.T("Apply")}},
	}, applyPage(v))
}

// currencyOf reads a currency that may be left out.
func currencyOf(text string) (money.Currency, error) {
	if text == "" {
		return "", nil
	}
	code, err := money.ParseCurrency(text)
	if err != nil {
		return "", errs.InvalidField("currency", errs.KeyOf(err), "currency", text)
	}
	return code, nil
}
