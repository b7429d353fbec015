package books

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/document"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
	"makegood/ui/layout"
)

// receiveForm is a payment as it was typed: its facts by the name of their field, and what it settles by invoice.
type receiveForm struct {
	Fields map[string]string
	Parts  map[billing.InvoiceID]string
	Errors map[string]string
	Notice string

	asked []billing.InvoiceID // of the parts that are filled in, in the order they are asked for
}

// receiveView is the form with the invoices that are open.
type receiveView struct {
	receiveForm
	Name, Account, Currency string
	Today                   string
	Currencies              []kit.Segment
	Invoices                []receiveLine
	Hidden                  int
	Open                    string
}

type receiveLine struct {
	dueView
	Field kit.FieldView
}

// receiveFields are the form's facts of a payment.
func receiveFields() []string {
	return []string{"amount", "currency", "received_on", "method", "bank_reference", "key"}
}

// NewPayment is the form of money that came in: GET /customers/:account/payments/new?currency=EUR.
func (s *Screen) NewPayment(c echo.Context) error {
	f, err := s.receiving(c, c.QueryParam("currency"))
	if err != nil {
		return err
	}
	form := receiveForm{Fields: map[string]string{
		"currency": string(f.Currency), "received_on": f.Entity.Day(s.desk.Clock()).Format(time.DateOnly), "method": billing.ByBank, "key": rand.Text(),
	}}
	return s.showReceive(c, http.StatusOK, f, form)
}

// RecordPayment records the money, settles the invoices that have an amount and goes on to the workbench while something is
// left that could settle more: POST /customers/:account/payments/new, with the fields of the form and invoice-<id> for the
// amount of each. The same key again records nothing more.
func (s *Screen) RecordPayment(c echo.Context) error {
	f, err := s.receiving(c, c.FormValue("list"))
	if err != nil {
		return err
	}
	form := receiveForm{Fields: map[string]string{}, Parts: map[billing.InvoiceID]string{}}
	for _, name := range receiveFields() {
		form.Fields[name] = strings.TrimSpace(c.FormValue(name))
	}
	for _, i := range f.Invoices {
		if text := strings.TrimSpace(c.FormValue(partName(i))); text != "" {
			form.Parts[billing.InvoiceID(i.DocumentID)] = text
		}
	}
	in, err := s.received(c, f, &form)
	var paid billing.Payment
	if err == nil {
		paid, err = s.billing.RecordPayment(c.Request().Context(), in)
	}
	if err == nil {
		return s.recorded(c, f, paid)
	}
	if kind := errs.KindOf(err); kind != errs.Invalid && kind != errs.Conflict && kind != errs.NotFound {
		return err
	}
	form.refused(s.desk, c, err)
	return s.showReceive(c, http.StatusUnprocessableEntity, f, form)
}

// receiving reads what the customer owes, for whoever may record its payments.
func (s *Screen) receiving(c echo.Context, currency string) (reports.ApplyFile, error) {
	f, err := s.applyFile(c, currency)
	if err != nil {
		return f, err
	}
	return f, access.Can(web.Actor(c), access.RecordPayment, access.Object{EntityID: int64(f.EntityID)})
}

// received makes a payment of what was typed; the error names each field that cannot be read.
func (s *Screen) received(c echo.Context, f reports.ApplyFile, form *receiveForm) (billing.NewPayment, error) {
	in := billing.NewPayment{
		EntityID: f.EntityID, CustomerID: f.ID, Method: form.Fields["method"], BankReference: form.Fields["bank_reference"],
		IdempotencyKey: form.Fields["key"], By: web.Actor(c),
	}
	code, err := money.ParseCurrency(strings.ToUpper(form.Fields["currency"]))
	if err != nil {
		return in, errs.InvalidField("currency", money.ErrCurrency.Key, "currency", form.Fields["currency"])
	}
	in.Currency = code
	var wrong []errs.Field
	in.Amount, wrong = wanted("amount", form.Fields["amount"], code)
	var refused *errs.Error
	if in.ReceivedOn, err = s.pastDay("received_on", form.Fields["received_on"], f.Entity); errors.As(err, &refused) {
		wrong = append(wrong, refused.Fields...)
	}
	if !slices.ContainsFunc(methods(), func(o kit.Option) bool { return o.Value == in.Method }) {
		wrong = append(wrong, errs.Field{Name: "method", Key: "error.required"})
	}
	for _, i := range f.Invoices {
		id := billing.InvoiceID(i.DocumentID)
		text, typed := form.Parts[id]
		if !typed {
			continue
		}
		part, unread := wanted(partName(i), text, code)
		wrong = append(wrong, unread...)
		form.asked = append(form.asked, id)
		in.Allocate = append(in.Allocate, billing.Allocate{InvoiceID: id, Amount: part})
	}
	if len(wrong) > 0 {
		return in, errs.InvalidFields(wrong...)
	}
	return in, nil
}

// wanted reads an amount above zero; the field says what is wrong with another text.
func wanted(name, text string, code money.Currency) (decimal.Decimal, []errs.Field) {
	amount, err := money.Parse(text, code)
	switch {
	case text == "":
		return decimal.Zero, []errs.Field{{Name: name, Key: "error.required"}}
	case err != nil:
		return decimal.Zero, []errs.Field{{Name: name, Key: errs.KeyOf(err), Params: errs.Params{"text": text, "amount": text, "currency": string(code)}}}
	case !amount.IsPositive():
		return decimal.Zero, []errs.Field{{Name: name, Key: "billing.bad_amount"}}
	}
	return amount.Decimal(), nil
}

// recorded leads to where what is left is applied: filled in by what the bank wrote, else by the exact amount. A payment
// that is used up, or that nothing waits for, is shown itself.
func (s *Screen) recorded(c echo.Context, before reports.ApplyFile, paid billing.Payment) error {
	f, err := s.books.Apply(c.Request().Context(), before.Account, paid.Currency, web.Actor(c))
	if err != nil {
		return err
	}
	bench := f.Workbench.Of(paid.Number)
	if len(bench.Sources) == 0 || len(bench.Invoices) == 0 {
		return c.Redirect(http.StatusSeeOther, "/payments/"+url.PathEscape(paid.Number))
	}
	q := applyQuery{Account: f.Account, Currency: string(paid.Currency), From: paid.Number}
	for _, by := range []billing.ApplyBy{billing.ByRemittance, billing.ByAmount} {
		if len(bench.Propose(by)) > 0 {
			q.By = string(by)
			break
		}
	}
	return c.Redirect(http.StatusSeeOther, q.url())
}

// refused puts what billing says at the field it is about, or over the form.
func (f *receiveForm) refused(d *desk.Desk, c echo.Context, err error) {
	f.Errors = map[string]string{}
	for name, sentence := range d.FieldErrors(c, err) {
		if n, part := strings.CutPrefix(name, "allocate."); part {
			if at, wrong := strconv.Atoi(n); wrong == nil && at < len(f.asked) {
				name = "invoice-" + strconv.FormatInt(int64(f.asked[at]), 10)
			}
		}
		if name == "allocate" {
			name = "amount"
		}
		f.Errors[name] = sentence
	}
	if len(f.Errors) == 0 {
		f.Notice = d.Sentence(c, err)
	}
}

func (s *Screen) showReceive(c echo.Context, status int, f reports.ApplyFile, form receiveForm) error {
	r := s.reader(c)
	v := receiveView{
		receiveForm: form, Name: f.Name, Account: f.Account, Currency: string(f.Currency), Today: s.bankDay(f.Entity).Format(time.DateOnly),
		Currencies: currencySegments(f.Currencies, f.Currency, func(code string) string { return receiveURL(f.Account) + "?currency=" + code }),
	}
	open := decimal.Zero
	for _, i := range f.Invoices {
		open = open.Add(i.Open)
		name := partName(i)
		typed := form.Parts[billing.InvoiceID(i.DocumentID)]
		if len(v.Invoices) >= invoicesShown && typed == "" {
			v.Hidden++
			continue
		}
		v.Invoices = append(v.Invoices, receiveLine{
			dueView: r.due(f, i, applyForm{}, false),
			Field: kit.FieldView{
				Name: name, ID: name, Value: typed, Error: form.Errors[name], InputMode: "decimal", Autocomplete: "off",
				Attrs: map[string]any{"aria-label": i18n.F("Settles of {number}, {currency}", "number", i.Number, "currency", f.Currency)},
			},
		})
	}
	v.Open = r.money(money.Of(open, f.Currency))
	return s.desk.Page(c, status, desk.View{
		Title: i18n.F("Payment of {name}", "name", f.Name), Active: "books", BodyClass: "page-apply",
		Crumbs: []layout.Crumb{{Text: i18n.T("Customers"), Href: "/customers"}, {Text: f.Name, Href: "/customers/" + url.PathEscape(f.Account)}, {Text: i18n.T("Record a payment")}},
	}, receivePage(v))
}

func (v receiveView) field(name, label, hint string, required bool) kit.FieldView {
	return kit.FieldView{Name: name, Label: label, Value: v.Fields[name], Hint: hint, Error: v.Errors[name], Required: required, Autocomplete: "off"}
}

func partName(i billing.OpenItem) string { return "invoice-" + strconv.FormatInt(i.DocumentID, 10) }

func receiveURL(account string) string {
	return "/customers/" + url.PathEscape(account) + "/payments/new"
}

// methods are the ways money comes in. Opening balances come by an import alone, which a second person approves.
func methods() []kit.Option {
	return []kit.Option{
		{Value: document.BankTransfer, Text: i18n.T("Bank transfer")},
		{Value: document.DirectCredit, Text: i18n.T("Direct debit")},
		{Value: document.CardRefund, Text: i18n.T("Card")},
		{Value: document.Check, Text: i18n.In("payment", "Check")},
		{Value: billing.MethodWithholding, Text: i18n.T("Certificate of tax withheld")},
	}
}
