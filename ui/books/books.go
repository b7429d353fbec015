// Package books shows what the books say: customers, their invoices and credit memos as they were sent, what happened to
// each, and what was booked. What is changed here moves nothing but a customer's own accounts: its money is applied to its
// invoices and taken back, and payments are charged back. Everything else needs an approval and has a screen of its own.
package books

import (
	"context"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/money"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/creditview"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// Screen is the room of customers and documents.
type Screen struct {
	desk    *desk.Desk
	books   *reports.Books
	billing *billing.Service
}

// New makes the screen.
func New(d *desk.Desk, b *reports.Books, s *billing.Service) *Screen {
	return &Screen{desk: d, books: b, billing: s}
}

// reader is what the view makers need of whoever looks.
type reader struct {
	creditview.Reader
	zone *time.Location
}

func (s *Screen) reader(c echo.Context) reader {
	return reader{
		Reader: creditview.Reader{Catalogue: s.desk.Catalogue, Lang: s.desk.Lang(c), Now: s.desk.Clock(), UserID: web.Actor(c).UserID},
		zone:   s.desk.Zone(c),
	}
}

// money writes an amount with its currency, number without, day a calendar date.
func (r reader) money(a money.Amount) string  { return kit.FormatMoney(a, r.Lang) }
func (r reader) number(a money.Amount) string { return kit.FormatNumber(a, r.Lang) }
func (r reader) day(t time.Time) string       { return kit.FormatDate(t, time.UTC, r.Lang) }
func (r reader) when(t time.Time) string      { return kit.FormatShort(t, r.Now, r.zone, r.Lang) }

// share is a part of a whole in percent; something is never drawn as nothing.
func share(part, whole decimal.Decimal) int {
	if !part.IsPositive() || !whole.IsPositive() {
		return 0
	}
	return max(1, int(part.Mul(decimal.NewFromInt(100)).Div(whole).Round(0).IntPart()))
}

// lang is the reader's language within a template.
func lang(ctx context.Context) string { return kit.LocaleOf(ctx).Lang }

func moneyOf(value decimal.Decimal, currency money.Currency) money.Amount {
	return money.Of(value, currency)
}

func requestID(r credits.Row) string { return strconv.FormatInt(int64(r.ID), 10) }
