package portal

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases/intake"
	"makegood/cases/portal"
	"makegood/inbox"
	"makegood/internal/money"
	"makegood/internal/web"
	"makegood/ui/kit"
)

// homeView is the list of invoices below what the customer owes.
type homeView struct {
	Balance *billing.Position
	PayLink string // where what is to be paid now is paid
	Rows    []billing.InvoiceRow
	Next    string
	OpenAll bool // also those that are paid
	Self    billing.CustomerID
}

// Home lists the invoices with what is to pay: GET /portal?all=1&after=.
func (s *Screen) Home(c echo.Context) error {
	who := visitor(c)
	all := c.QueryParam("all") != ""
	page, err := s.portal.Invoices(c.Request().Context(), who, !all, c.QueryParam("after"))
	if err != nil {
		return err
	}
	v := homeView{Rows: page.Rows, Next: page.Next, OpenAll: all}
	if who.Customer != nil {
		v.Self = who.Customer.ID
	}
	if v.Balance, v.PayLink, err = s.balance(c); err != nil {
		return err
	}
	return s.show(c, http.StatusOK, s.word(c, "portal.your_invoices"), prefix, home(v))
}

// balance is what is owed, and where what of it is to be paid now is paid.
func (s *Screen) balance(c echo.Context) (*billing.Position, string, error) {
	p, ok, err := s.portal.Balance(c.Request().Context(), visitor(c))
	if err != nil || !ok {
		return nil, "", err
	}
	link, err := s.portal.PayBalance(c.Request().Context(), visitor(c), p)
	return &p, link, err
}

// lineView is an invoice line with what was filled in at it.
type lineView struct {
	billing.LineDetail
	Ticked                bool
	Amount, Reason, Words string
}

// invoiceView is an invoice whose lines can be ticked.
type invoiceView struct {
	billing.InvoiceDetail
	Lines     []lineView
	Reasons   []kit.Option
	Form      string
	PayLink   string // where what is not in dispute of it is paid
	Error     string
	Errors    map[string]string
	FilesLost bool
}

func (v invoiceView) amount(d decimal.Decimal) money.Amount { return money.Of(d, v.Currency) }

// field is the error at a field of a line.
func (v invoiceView) field(name string, line int) string {
	return v.Errors[fmt.Sprintf("%s_%d", name, line)]
}

// Invoice shows an invoice and asks what is wrong on it: GET /portal/invoices/:number.
func (s *Screen) Invoice(c echo.Context) error {
	v, err := s.invoice(c)
	if err != nil {
		return err
	}
	return s.show(c, http.StatusOK, s.word(c, "portal.invoice_title", "number", v.Number), "", invoice(v))
}

func (s *Screen) invoice(c echo.Context) (invoiceView, error) {
	d, reasons, err := s.portal.Invoice(c.Request().Context(), visitor(c), c.Param("number"))
	if err != nil {
		return invoiceView{}, err
	}
	link, err := s.portal.PayInvoice(c.Request().Context(), visitor(c), d)
	if err != nil {
		return invoiceView{}, err
	}
	v := invoiceView{InvoiceDetail: d, PayLink: link, Form: rand.Text(), Reasons: []kit.Option{{Text: s.word(c, "portal.choose")}}}
	for _, l := range d.Lines {
		v.Lines = append(v.Lines, lineView{LineDetail: l})
	}
	for _, r := range reasons {
		v.Reasons = append(v.Reasons, kit.Option{Value: r.Code, Text: r.In(s.desk.Lang(c))})
	}
	return v, nil
}

// Dispute opens a request on ticked lines: POST /portal/invoices/:number/dispute. Fields: line (numbers), amount_N, reason_N,
// words_N, files.
func (s *Screen) Dispute(c echo.Context) error {
	files, filesErr := attachments(c)
	v, err := s.invoice(c)
	if err != nil {
		return err
	}
	v.fillIn(c)
	in := portal.DisputeInput{Visitor: visitor(c), Invoice: v.Number, Files: files, Form: v.Form, Lines: v.ticked()}
	if err = filesErr; err == nil {
		opened, failed := s.portal.Dispute(c.Request().Context(), in)
		if failed == nil {
			return c.Redirect(http.StatusSeeOther, prefix+"/requests/"+opened.Number+"?new=1")
		}
		err = failed
	}
	if !again(err) {
		return err
	}
	v.Errors, v.Error, v.FilesLost = s.desk.FieldErrors(c, err), s.desk.Sentence(c, err), web.SentFiles(c)
	if text := v.Errors["lines"]; text != "" {
		v.Error = text
	}
	return s.show(c, web.Status(err), s.word(c, "portal.invoice_title", "number", v.Number), "", invoice(v))
}

// fillIn takes over what was ticked and typed.
func (v *invoiceView) fillIn(c echo.Context) {
	form, err := c.FormParams()
	if err != nil {
		return // nothing was ticked
	}
	if sent := form.Get("form"); sent != "" && len(sent) <= 64 {
		v.Form = sent
	}
	for i := range v.Lines {
		l, n := &v.Lines[i], strconv.Itoa(v.Lines[i].LineNo)
		l.Ticked = slices.Contains(form["line"], n)
		l.Amount, l.Reason, l.Words = strings.TrimSpace(form.Get("amount_"+n)), form.Get("reason_"+n), form.Get("words_"+n)
	}
}

func (v *invoiceView) ticked() []portal.Ticked {
	var list []portal.Ticked
	for _, l := range v.Lines {
		if l.Ticked {
			list = append(list, portal.Ticked{LineNo: l.LineNo, Amount: l.Amount, Reason: l.Reason, Words: l.Words})
		}
	}
	return list
}

func attachments(c echo.Context) ([]inbox.Attachment, error) {
	sent, err := web.Uploads(c, "files", intake.MaxWebFiles, intake.MaxWebBytes)
	if err != nil {
		return nil, err
	}
	files := make([]inbox.Attachment, len(sent))
	for i, f := range sent {
		files[i] = inbox.Attachment{Filename: f.Name, MediaType: f.MediaType, Content: f.Content}
	}
	return files, nil
}
