package money_test

import (
	"errors"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"makegood/internal/errs"
	"makegood/internal/money"
)

func currencies() *rapid.Generator[money.Currency] {
	return rapid.SampledFrom([]money.Currency{"JPY", "EUR", "USD", "KWD"})
}

// amounts are whole minor units of a currency, so that every one of them is exact.
func amounts(cur money.Currency) *rapid.Generator[money.Amount] {
	return rapid.Custom(func(t *rapid.T) money.Amount {
		return money.Of(decimal.New(rapid.Int64Range(-1e12, 1e12).Draw(t, "minor units"), -cur.Digits()), cur)
	})
}

func TestSplitIsExactAndFair(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cur := currencies().Draw(t, "currency")
		total := amounts(cur).Draw(t, "total")
		weights := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) decimal.Decimal {
			return decimal.New(rapid.Int64Range(0, 1e9).Draw(t, "weight"), -rapid.Int32Range(0, 6).Draw(t, "decimals"))
		}), 1, 12).Draw(t, "weights")

		parts := total.Split(weights)
		if len(parts) != len(weights) {
			t.Fatalf("%d parts for %d weights", len(parts), len(weights))
		}
		sum, err := money.Sum(cur, parts...)
		if err != nil || sum.String() != total.String() {
			t.Fatalf("the parts add up to %s, not %s (%v)", sum, total, err)
		}
		whole := decimal.Sum(decimal.Zero, weights...)
		for i, part := range parts {
			if _, err := money.New(part.Decimal(), cur); err != nil {
				t.Fatalf("part %s is finer than the minor unit", part)
			}
			if whole.IsZero() {
				continue
			}
			fair := total.Decimal().Mul(weights[i]).DivRound(whole, 30)
			if part.Decimal().Sub(fair).Abs().GreaterThan(decimal.New(1, -cur.Digits())) {
				t.Fatalf("part %d is %s, more than one minor unit from its fair %s", i, part, fair)
			}
		}
	})
}

func TestSplitAtTheEdges(t *testing.T) {
	t.Parallel()
	ten := money.MustParse("10.00", "EUR")
	if parts := ten.Split(nil); parts != nil {
		t.Errorf("parts without weights: %v", parts)
	}
	nothing := ten.Split([]decimal.Decimal{decimal.Zero, decimal.Zero})
	if nothing[0].String() != "10.00 EUR" || !nothing[1].IsZero() {
		t.Errorf("weights of nothing: %v", nothing)
	}
	one := decimal.NewFromInt(1)
	for total, want := range map[string]string{"10.00": "3.34", "-10.00": "-3.33", "0.01": "0.01"} {
		if got := money.MustParse(total, "EUR").Split([]decimal.Decimal{one, one, one})[0].Plain(); got != want {
			t.Errorf("first third of %s: %s, want %s", total, got, want)
		}
	}
}

func TestTextAndBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cur := currencies().Draw(t, "currency")
		a := amounts(cur).Draw(t, "amount")
		back, err := money.Parse(a.Plain(), cur)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := back.Cmp(a); c != 0 || err != nil {
			t.Fatalf("%s came back as %s (%v)", a, back, err)
		}
	})
}

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]error{
		"1240.00": nil, " -3 ": nil, "0.10": nil, "1.000": nil,
		"1.001": money.ErrScale, "1,240.00": money.ErrSyntax, "1e3": money.ErrSyntax, "": money.ErrSyntax, "NaN": money.ErrSyntax,
	} {
		if _, err := money.Parse(text, "EUR"); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
	}
	if _, err := money.Parse("1.5", "JPY"); !errors.Is(err, money.ErrScale) {
		t.Errorf("half a yen: %v", err)
	}
	if cur, err := money.ParseCurrency(" eur "); cur != "EUR" || err != nil {
		t.Errorf("eur: %q, %v", cur, err)
	}
	if _, err := money.ParseCurrency("EURO"); errs.KindOf(err) != errs.Invalid || errs.KeyOf(err) != money.ErrCurrency.Key {
		t.Errorf("EURO: %v", err)
	}
}

func TestRounding(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value string
		cur   money.Currency
		want  string
	}{
		{"1.005", "EUR", "1.01 EUR"},
		{"-1.005", "EUR", "-1.01 EUR"},
		{"1.0049", "EUR", "1.00 EUR"},
		{"0.5", "JPY", "1 JPY"},
		{"1.0005", "KWD", "1.001 KWD"},
	} {
		if got := money.Of(decimal.RequireFromString(c.value), c.cur).String(); got != c.want {
			t.Errorf("%s %s rounds to %s, want %s", c.value, c.cur, got, c.want)
		}
	}
	if got := money.MustParse("10.00", "EUR").Convert(decimal.RequireFromString("161.237"), "JPY").String(); got != "1612 JPY" {
		t.Errorf("converted to %s", got)
	}
}

func TestCurrenciesNeverMix(t *testing.T) {
	t.Parallel()
	euro, dollar := money.MustParse("1.00", "EUR"), money.MustParse("1.00", "USD")
	_, add := euro.Add(dollar)
	_, sub := euro.Sub(dollar)
	_, cmp := euro.Cmp(dollar)
	_, sum := money.Sum("EUR", euro, dollar)
	for name, err := range map[string]error{"add": add, "sub": sub, "cmp": cmp, "sum": sum} {
		if !errors.Is(err, money.ErrMixed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if left, err := euro.Sub(euro); err != nil || !left.IsZero() || left.IsNegative() || left.IsPositive() {
		t.Errorf("nothing is left: %s, %v", left, err)
	}
}
