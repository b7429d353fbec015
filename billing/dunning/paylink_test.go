package dunning_test

import (
	"net/url"
	"testing"

	"pgregory.net/rapid"

	"makegood/billing/dunning"
	"makegood/internal/errs"
	"makegood/internal/money"
)

const payLink dunning.PayLink = "https://pay.nordlicht.example/{account}?invoice={reference}&sum={amount}&cur={currency}#now"

func amount(t interface{ Fatal(...any) }, text string, currency money.Currency) money.Amount {
	a, err := money.Parse(text, currency)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAPayLinkSaysWhatIsPaid(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		amount, reference, account string
		currency                   money.Currency
		want                       string
	}{
		{"1190.00", "DE-2026-00001", "100001", "EUR", "https://pay.nordlicht.example/100001?invoice=DE-2026-00001&sum=1190.00&cur=EUR#now"},
		{"1190", "A/7 & co", "1 2", "JPY", "https://pay.nordlicht.example/1%202?invoice=A%2F7%20%26%20co&sum=1190&cur=JPY#now"},
		{"0.125", "{amount}", "?x=1#", "KWD", "https://pay.nordlicht.example/%3Fx%3D1%23?invoice=%7Bamount%7D&sum=0.125&cur=KWD#now"},
		{"0.00", "DE-2026-00001", "100001", "EUR", ""},
		{"-5.00", "DE-2026-00001", "100001", "EUR", ""},
	} {
		if got := payLink.For(dunning.Pay{Amount: amount(t, c.amount, c.currency), Reference: c.reference, Account: c.account}); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.amount, c.reference, got, c.want)
		}
	}
	if got := dunning.PayLink("").For(dunning.Pay{Amount: amount(t, "1.00", "EUR")}); got != "" {
		t.Errorf("without a link: %q", got)
	}
}

func TestPayLinksThatAreRefused(t *testing.T) {
	t.Parallel()
	const rest = "?i={reference}&a={amount}&c={currency}"
	for link, key := range map[dunning.PayLink]string{
		"": "", payLink: "", "https://pay.example:8443/x" + rest: "",
		"http://pay.example/" + rest:                      "billing.bad_pay_link",
		"javascript:alert(1)" + rest:                      "billing.bad_pay_link",
		"//pay.example/" + rest:                           "billing.bad_pay_link",
		"https://" + rest:                                 "billing.bad_pay_link",
		"https://user:secret@pay.example/" + rest:         "billing.bad_pay_link",
		"https://{account}.pay.example/" + rest:           "billing.bad_pay_link",
		"https://pay.example{account}/" + rest:            "billing.bad_pay_link",
		"https://{account}@pay.example/" + rest:           "billing.bad_pay_link",
		"https://pay.example/ x" + rest:                   "billing.bad_pay_link",
		"https://pay.example/\"onclick" + rest:            "billing.bad_pay_link",
		"https://pay.exämple/" + rest:                     "billing.bad_pay_link",
		"https://pay.example/{name}" + rest:               "billing.unknown_place",
		"https://pay.example/{{account}}" + rest:          "billing.unknown_place",
		"https://pay.example/" + rest + "&x={":            "billing.unknown_place",
		"https://pay.example/" + rest + "&x=}":            "billing.unknown_place",
		"https://pay.example/?i={reference}&a={amount}":   "billing.missing_place",
		"https://pay.example/?i={reference}&c={currency}": "billing.missing_place",
		"https://pay.example/?a={amount}&c={currency}":    "billing.missing_place",
	} {
		if err := link.Check(); err != nil && errs.KeyOf(err) != key || err == nil && key != "" {
			t.Errorf("%s: %v, want %q", link, err, key)
		}
	}
}

// Whatever the values are, they stay values: host, path and names of the link are as they were written.
func TestWhatIsFilledInStaysAValue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		reference, account := rapid.String().Draw(t, "reference"), rapid.String().Draw(t, "account")
		link := dunning.PayLink("https://pay.example/p?who={account}&i={reference}&a={amount}&c={currency}")
		got, err := url.Parse(link.For(dunning.Pay{Amount: amount(t, "12.30", "EUR"), Reference: reference, Account: account}))
		if err != nil {
			t.Fatal(err)
		}
		q := got.Query()
		if got.Scheme != "https" || got.Host != "pay.example" || got.Path != "/p" || got.Fragment != "" || len(q) != 4 ||
			q.Get("i") != reference || q.Get("who") != account || q.Get("a") != "12.30" || q.Get("c") != "EUR" {
			t.Fatalf("%q, %q: %s", reference, account, got)
		}
	})
}
