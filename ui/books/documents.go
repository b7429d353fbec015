package books

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
	"makegood/ui/layout"
)

// Invoice shows an invoice as it was sent, and what happened to it: GET /invoices/:number.
func (s *Screen) Invoice(c echo.Context) error {
	ctx, by := c.Request().Context(), web.Actor(c)
	file, err := s.books.Invoice(ctx, c.Param("number"), by)
	if err != nil {
		return err
	}
	r := s.reader(c)
	v := r.invoice(file, c.QueryParam("show"))
	v.Propose = access.May(by, access.Propose) && file.Total.IsPositive()
	for _, memo := range file.InvoiceDetail.Memos {
		m, err := s.books.Memo(ctx, memo.Number, by)
		if err != nil {
			return err
		}
		v.Memos = append(v.Memos, r.memoPaper(m))
	}
	return s.desk.Page(c, http.StatusOK, desk.View{
		Title: file.Number, Active: "books", BodyClass: "page-invoice", TopExtra: invoiceTags(v),
		Crumbs: []layout.Crumb{{Text: file.Customer.Name, Href: "/customers/" + url.PathEscape(file.Customer.Account)}, {Text: file.Number}},
	}, invoicePage(v))
}

// Memo shows a credit memo, or sends its PDF when the number ends in .pdf: GET /credit-memos/:number.
func (s *Screen) Memo(c echo.Context) error {
	number, isPDF := strings.CutSuffix(c.Param("number"), ".pdf")
	if isPDF {
		return s.pdf(c, number)
	}
	file, err := s.books.Memo(c.Request().Context(), number, web.Actor(c))
	if err != nil {
		return err
	}
	tag := kit.TagView{Text: i18n.T("Credit memo on account")}
	if file.Invoice.Number != "" {
		tag = kit.TagView{Text: i18n.F("Credit memo on {number}", "number", file.Invoice.Number), Href: "/invoices/" + file.Invoice.Number}
	}
	v := s.reader(c).memo(file)
	v.TakeBack = access.May(web.Actor(c), access.Propose) && file.Origin == billing.Issued && file.Request.TakenBackBy == ""
	v.ThereName, v.There = s.reader(c).elsewhere(file, access.May(web.Actor(c), access.Reconcile))
	return s.desk.Page(c, http.StatusOK, desk.View{
		Title: file.Number, Active: "books", BodyClass: "page-invoice", TopExtra: kit.Tag(tag),
		Crumbs: []layout.Crumb{{Text: file.Customer.Name, Href: "/customers/" + url.PathEscape(file.Customer.Account)}, {Text: file.Number}},
	}, memoPage(v))
}

// MemoPDF sends a credit memo's PDF: GET /credit-memos/:number/pdf.
func (s *Screen) MemoPDF(c echo.Context) error { return s.pdf(c, c.Param("number")) }

func (s *Screen) pdf(c echo.Context, number string) error {
	document, err := s.books.MemoPDF(c.Request().Context(), number, web.Actor(c))
	if err != nil {
		return err
	}
	return web.Download(c, document.Filename, billing.PDF, document.Content)
}

// Paper sends the stored PDF of any posted document that has one: GET /documents/:number/pdf.
func (s *Screen) Paper(c echo.Context) error {
	document, err := s.books.Paper(c.Request().Context(), c.Param("number"), web.Actor(c))
	if err != nil {
		return err
	}
	return web.Download(c, document.Filename, billing.PDF, document.Content)
}

// Electronic sends the UBL form of any posted document that has one: GET /documents/:number/xml.
func (s *Screen) Electronic(c echo.Context) error {
	number := c.Param("number")
	document, err := s.books.Electronic(c.Request().Context(), number, web.Actor(c))
	if lacks := s.desk.FieldErrors(c, err); len(lacks) > 0 {
		return errs.Wrap(err, errs.Invalid, "books.not_electronic", "number", number, "lacks", inWords(lacks))
	}
	if err != nil {
		return err
	}
	return web.Download(c, document.Filename, billing.XML, document.Content)
}

// inWords names what is wrong, field by field: "buyer endpoint: the sentence".
func inWords(wrong map[string]string) string {
	var list []string
	for _, field := range slices.Sorted(maps.Keys(wrong)) {
		list = append(list, strings.NewReplacer(".", " ", "_", " ").Replace(field)+": "+wrong[field])
	}
	return strings.Join(list, " ")
}
