package books

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"makegood/billing"
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

// paymentView is a payment with what became of it.
type paymentView struct {
	reports.PaymentFile
	Reader      reader
	Facts       []kit.KV
	Bar         []kit.BarPart
	Parts       []kit.SumRow
	Settled     []appliedView
	Chargebacks []chargebackView
	Entries     []entryView
	MayCharge   bool // who looks may, and something is left
	MayWin      bool
	MayApply    bool
	Left        string // for the field
	Today       string
	Form        chargeForm
}

type chargebackView struct {
	ID                       int64
	Number, Day, Reason, Won string
	Amount                   string
	Returned                 bool // it gave money back
	Open                     bool // may be won
}

// chargeForm is what was typed into one of the page's forms, and what is wrong with it. Won names a chargeback, or is 0
// for charging back.
type chargeForm struct {
	Amount, On, Reason, Key string
	Won                     int64
	Errors                  map[string]string
	Notice                  string
	refused                 bool
}

// Payment shows a payment: GET /payments/:number.
func (s *Screen) Payment(c echo.Context) error {
	f, err := s.books.Payment(c.Request().Context(), c.Param("number"), web.Actor(c))
	if err != nil {
		return err
	}
	return s.showPayment(c, http.StatusOK, f, chargeForm{Key: rand.Text()})
}

// ChargeBack records that the bank took money of a payment back: POST /payments/:number/charge-back, with the fields
// amount, on, reason and key. The same key again records nothing more.
func (s *Screen) ChargeBack(c echo.Context) error {
	f, err := s.books.Payment(c.Request().Context(), c.Param("number"), web.Actor(c))
	if err != nil {
		return err
	}
	form := chargeForm{Amount: c.FormValue("amount"), On: c.FormValue("on"), Reason: c.FormValue("reason"), Key: c.FormValue("key"), Errors: map[string]string{}}
	in := billing.NewChargeback{By: web.Actor(c), PaymentID: f.ID, Reason: form.Reason, IdempotencyKey: form.Key}
	amount, err := money.Parse(form.Amount, f.Currency)
	switch {
	case err != nil:
		err = errs.InvalidField("amount", errs.KeyOf(err), "text", form.Amount, "amount", form.Amount, "currency", string(f.Currency))
	case !amount.IsPositive():
		err = errs.InvalidField("amount", "billing.bad_amount")
	case form.Reason == "":
		err = errs.InvalidField("reason", "error.required")
	default:
		in.Amount = amount.Decimal()
		if in.ChargedOn, err = s.pastDay("on", form.On, f.Entity); err == nil {
			_, err = s.billing.RecordChargeback(c.Request().Context(), in)
		}
	}
	return s.charged(c, f, form, err)
}

// ChargebackWon records that the bank gave the money back after all: POST /payments/:number/chargebacks/:id/won, with the
// fields on and reason.
func (s *Screen) ChargebackWon(c echo.Context) error {
	f, err := s.books.Payment(c.Request().Context(), c.Param("number"), web.Actor(c))
	if err != nil {
		return err
	}
	form := chargeForm{On: c.FormValue("on"), Reason: c.FormValue("reason"), Errors: map[string]string{}}
	for _, b := range f.Chargebacks {
		if strconv.FormatInt(int64(b.ID), 10) == c.Param("id") {
			form.Won = int64(b.ID)
		}
	}
	if form.Won == 0 {
		return billing.ErrNoChargeback
	}
	in := billing.WonChargeback{By: web.Actor(c), ID: billing.ChargebackID(form.Won), Reason: form.Reason}
	if in.ReturnedOn, err = s.pastDay("on", form.On, f.Entity); err == nil {
		_, err = s.billing.RecordChargebackWon(c.Request().Context(), in)
	}
	return s.charged(c, f, form, err)
}

// charged goes back to the payment, or shows it with what was refused.
func (s *Screen) charged(c echo.Context, f reports.PaymentFile, form chargeForm, err error) error {
	if err == nil {
		return c.Redirect(http.StatusSeeOther, "/payments/"+url.PathEscape(f.Number))
	}
	if kind := errs.KindOf(err); kind != errs.Invalid && kind != errs.Conflict {
		return err
	}
	form.refused = true
	if form.Errors = s.desk.FieldErrors(c, err); len(form.Errors) == 0 {
		form.Notice = s.desk.Sentence(c, err)
	}
	return s.showPayment(c, http.StatusUnprocessableEntity, f, form)
}

// pastDay reads a day that has come: what a bank did is never in the future.
func (s *Screen) pastDay(field, text string, at billing.Entity) (time.Time, error) {
	if text == "" {
		return time.Time{}, errs.InvalidField(field, "error.required")
	}
	on, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return on, errs.InvalidField(field, "error.not_a_date", "text", text)
	}
	if on.After(s.bankDay(at)) {
		return on, errs.InvalidField(field, "books.not_yet")
	}
	return on, nil
}

// bankDay is the last day on which a bank can have done something: that of the legal entity, or by UTC where it is further.
func (s *Screen) bankDay(at billing.Entity) time.Time {
	today, utc := at.Day(s.desk.Clock()), billing.Date(s.desk.Clock().UTC())
	if utc.After(today) {
		return utc
	}
	return today
}

func (s *Screen) showPayment(c echo.Context, status int, f reports.PaymentFile, form chargeForm) error {
	v := s.reader(c).payment(f, access.May(web.Actor(c), access.RecordPayment))
	v.Form, v.Today = form, s.bankDay(f.Entity).Format(time.DateOnly)
	return s.desk.Page(c, status, desk.View{
		Title: f.Number, Active: "books", BodyClass: "page-books",
		Crumbs: []layout.Crumb{{Text: f.Customer.Name, Href: "/customers/" + url.PathEscape(f.Customer.Account)}, {Text: f.Number}},
	}, paymentPage(v))
}

func (r reader) payment(f reports.PaymentFile, may bool) paymentView {
	v := paymentView{PaymentFile: f, Reader: r, Entries: r.entries(f.Entries, f.Entity.Code), MayWin: may}
	v.Facts = []kit.KV{
		{Label: i18n.T("Received"), Value: r.day(f.ReceivedOn)}, {Label: i18n.T("By"), Value: desk.Coded(f.Method)}, {Label: i18n.In("entity", "To"), Value: f.Entity.Name},
	}
	if f.BankReference != "" {
		v.Facts = append(v.Facts, kit.KV{Label: i18n.T("Reference"), Value: f.BankReference})
	}
	if f.Currency != f.Entity.BaseCurrency {
		v.Facts = append(v.Facts, kit.KV{Label: i18n.T("Rate"), Value: f.FxRate.String() + " " + string(f.Entity.BaseCurrency)})
	}
	settled, gone := decimal.Zero, decimal.Zero
	for _, a := range f.Allocations {
		settled = settled.Add(a.Amount)
		v.Settled = append(v.Settled, r.recent(a, applyForm{}, false))
	}
	for _, c := range f.Chargebacks {
		one := chargebackView{
			ID: int64(c.ID), Number: c.Number, Day: r.day(c.ChargedOn), Reason: c.Reason, Won: c.WonBy, Amount: r.money(f.AmountOf(c.Amount)), Returned: c.ReversesID != nil,
		}
		one.Open = may && c.WonBy == "" && !one.Returned
		if gone = gone.Add(c.Amount); one.Returned {
			gone = gone.Sub(c.Amount).Sub(c.Amount)
		}
		v.Chargebacks = append(v.Chargebacks, one)
	}
	left := f.Amount.Sub(gone).Sub(f.Reserved.Decimal())
	v.MayCharge, v.Left, v.MayApply = may && left.IsPositive(), f.AmountOf(left).Plain(), may && f.Open.GreaterThan(f.Reserved.Decimal())
	v.Bar = []kit.BarPart{
		{Percent: share(settled, f.Amount), Tone: "ok"}, {Percent: share(f.Open, f.Amount)}, {Percent: share(gone, f.Amount), Tone: "bad"},
	}
	v.Parts = []kit.SumRow{
		{Label: i18n.T("Settles invoices"), Value: r.number(f.AmountOf(settled)), Tone: "in"}, {Label: i18n.T("Unapplied"), Value: r.number(f.AmountOf(f.Open))},
	}
	if f.Reserved.IsPositive() {
		v.Parts = append(v.Parts, kit.SumRow{Label: i18n.T("of it kept by a pending request"), Value: r.number(f.Reserved)})
	}
	if gone.IsPositive() {
		v.Parts = append(v.Parts, kit.SumRow{Label: i18n.T("Charged back"), Value: r.number(f.AmountOf(gone.Neg())), Tone: "out"})
	}
	if rest := f.Amount.Sub(settled).Sub(f.Open).Sub(gone); rest.IsPositive() {
		v.Parts = append(v.Parts, kit.SumRow{Label: i18n.T("Paid out or moved"), Value: r.number(f.AmountOf(rest.Neg())), Tone: "out"})
	}
	return v
}
