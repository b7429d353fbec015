package api

import (
	"encoding/hex"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/errs"
	"makegood/internal/money"
)

// Money is an exact amount: a decimal string at the currency's minor unit and an ISO 4217 code.
type Money struct {
	Amount   string `json:"amount" example:"12.30" doc:"decimal string, never a float"`
	Currency string `json:"currency" example:"EUR" minLength:"3" maxLength:"3"`
}

func moneyOf(a money.Amount) Money {
	return Money{Amount: a.Plain(), Currency: string(a.Currency())}
}

func amountOf(value decimal.Decimal, cur money.Currency) Money { return moneyOf(money.Of(value, cur)) }

// parse reads the amount; errors name the field.
func (m Money) parse(field string) (money.Amount, error) {
	cur, err := money.ParseCurrency(m.Currency)
	if err != nil {
		return money.Amount{}, errs.InvalidField(field+".currency", errs.KeyOf(err), "currency", m.Currency)
	}
	a, err := money.Parse(m.Amount, cur)
	if err != nil {
		return money.Amount{}, errs.InvalidField(field+".amount", errs.KeyOf(err), "text", m.Amount, "amount", m.Amount, "currency", m.Currency)
	}
	return a, nil
}

// dateOf writes a day as YYYY-MM-DD.
func dateOf(t time.Time) string { return t.Format(time.DateOnly) }

// parseDate reads a day; an empty text gives the zero time.
func parseDate(field, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, errs.InvalidField(field, "error.not_a_date", "text", text)
	}
	return t, nil
}

// Paging is part of every list's input.
type Paging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	Cursor string `query:"cursor" doc:"next_cursor of the page before"`
}

// list is a page of a list.
type list[T any] struct {
	Items      []T    `json:"items"`
	NextCursor string `json:"next_cursor,omitempty"`
}

// listOut is the answer of every list.
type listOut[T any] struct {
	Body list[T]
}

func hexOf(sum []byte) string { return hex.EncodeToString(sum) }
