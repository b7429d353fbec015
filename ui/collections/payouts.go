package collections

import (
	"errors"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/internal/money"
	"makegood/internal/web"
)

// PaidOut says that a refund was paid: POST /collections/refunds/:number/paid. Fields: paid_on, bank_reference.
func (s *Screen) PaidOut(c echo.Context) error {
	t := typed{refund: c.Param("number"), paidOn: c.FormValue("paid_on"), reference: c.FormValue("bank_reference")}
	on, err := dayOf("paid_on", t.paidOn)
	if err == nil {
		_, err = s.billing.RecordPayout(c.Request().Context(), billing.PayoutInput{By: web.Actor(c), Number: t.refund, PaidOn: on, BankReference: t.reference})
	}
	if errors.Is(err, billing.ErrPaidByItself) {
		t.text = s.desk.Sentence(c, err)
		asTyped(c)
		return s.show(c, web.Status(err), t)
	}
	return s.done(c, t, err)
}

func (r reader) payouts(v *pageView, due []billing.RefundRow, today time.Time) {
	if len(due) > billing.PayoutPage {
		due = due[:billing.PayoutPage]
		v.NextURL = v.Query.next(strconv.FormatInt(int64(due[len(due)-1].ID), 10))
	} else {
		v.NextURL = ""
	}
	for _, f := range due {
		row := payoutView{
			Number: f.Number, Amount: r.money(money.Of(f.Amount, f.Currency)), To: f.Destination, Customer: f.CustomerName, Account: f.Account,
			On: r.day(f.RefundedOn), PaidOn: today.Format(time.DateOnly),
		}
		if f.Number == v.Typed.refund {
			row.Errors, row.Reference, row.PaidOn = v.Typed.errors, v.Typed.reference, v.Typed.paidOn
		}
		v.Payouts = append(v.Payouts, row)
	}
}
