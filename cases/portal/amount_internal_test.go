package portal

import (
	"testing"

	"makegood/internal/money"
)

// What may mean a thousand is not taken for one.
func TestAmountsAsCustomersWriteThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text     string
		currency money.Currency
		want     string // "" is refused
	}{
		{"119", "EUR", "119.00"},
		{" 119.5 ", "EUR", "119.50"},
		{"119,50", "EUR", "119.50"},
		{"0,05", "EUR", "0.05"},
		{".5", "EUR", "0.50"},
		{"1,000", "EUR", ""},
		{"1.000", "EUR", ""},
		{"1,000.00", "EUR", ""},
		{"1.000,00", "EUR", ""},
		{"1 000", "EUR", ""},
		{"1'000", "EUR", ""},
		{"1.000.000", "EUR", ""},
		{"119.500", "EUR", ""},
		{"1e3", "EUR", ""},
		{"much", "EUR", ""},
		{"1000", "JPY", "1000"},
		{"1,000", "JPY", ""},
		{"1.000", "JPY", ""},
		{"10.5", "JPY", ""},
		{"1.000", "KWD", "1.000"},
		{"1,000", "KWD", ""},
		{"1,50", "KWD", "1.500"},
		{"1.0000", "KWD", ""},
	} {
		got, err := amountOf(c.text, c.currency)
		if (err != nil) != (c.want == "") || err == nil && got.Plain() != c.want {
			t.Errorf("%q in %s: %v, %v; want %q", c.text, c.currency, got, err, c.want)
		}
	}
	for currency, want := range map[money.Currency]string{"EUR": "120.50", "JPY": "121", "KWD": "120.500"} {
		if got := exampleOf(currency); got != want {
			t.Errorf("an example in %s: %s", currency, got)
		}
		if _, err := amountOf(exampleOf(currency), currency); err != nil {
			t.Errorf("the example in %s: %v", currency, err)
		}
	}
}
