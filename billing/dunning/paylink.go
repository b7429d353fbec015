package dunning

import (
	"net/url"
	"slices"
	"strings"
	"unicode"

	"makegood/internal/errs"
	"makegood/internal/money"
)

// PayLink is where customers of a legal entity pay, with places for what is to be paid, such as
// https://pay.example.com/?invoice={reference}&amount={amount}&currency={currency}. Empty is none.
type PayLink string

// longestLink is how many characters a link may have: what every browser and mail program still opens.
const longestLink = 500

// The places of a link: the amount with a point and the currency's decimals, its ISO 4217 code, the number of the invoice
// (or of the customer's account, where all of it is asked for), and the account.
const (
	linkAmount    = "{amount}"
	linkCurrency  = "{currency}"
	linkReference = "{reference}"
	linkAccount   = "{account}"
)

// Check refuses a link that could lead elsewhere than it says, or would not say what is paid: it must be https to a host
// that is written out, without a sign-in in it, and have amount, currency and reference in places behind the host. The
// error's parameter names the text that is wrong.
func (l PayLink) Check() error {
	if l == "" {
		return nil
	}
	text := string(l)
	if len(text) > longestLink || strings.ContainsFunc(text, func(r rune) bool {
		return r > unicode.MaxASCII || unicode.IsControl(r) || strings.ContainsRune(" \"'<>\\`", r)
	}) {
		return errs.New(errs.Invalid, "billing.bad_pay_link")
	}
	places, rest := placesOf(text)
	for _, place := range places {
		if !slices.Contains([]string{linkAmount, linkCurrency, linkReference, linkAccount}, place) {
			return errs.New(errs.Invalid, "billing.unknown_place", "place", place)
		}
	}
	parsed, err := url.Parse(rest)
	if err != nil || parsed.Hostname() == "" || parsed.User != nil || !writtenOut(text, parsed.Host) {
		return errs.New(errs.Invalid, "billing.bad_pay_link")
	}
	for _, needed := range []string{linkAmount, linkCurrency, linkReference} {
		if !slices.Contains(places, needed) {
			return errs.New(errs.Invalid, "billing.missing_place", "place", needed)
		}
	}
	return nil
}

// writtenOut tells whether a link goes by https to this very host, with no place in it.
func writtenOut(link, host string) bool {
	behind, https := strings.CutPrefix(link, "https://"+host)
	return https && (behind == "" || strings.ContainsRune("/?#", rune(behind[0])))
}

// placesOf lists the places of a text, and gives the text with none of them. A brace that is not closed is a place too.
func placesOf(text string) (places []string, rest string) {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			break
		}
		name, behind, closed := strings.Cut(after, "}")
		if !closed {
			return append(places, "{"+after), b.String()
		}
		places, text = append(places, "{"+name+"}"), behind
	}
	if at := strings.IndexByte(b.String(), '}'); at >= 0 {
		places = append(places, "}")
	}
	return places, b.String()
}

// Pay is what a link asks for.
type Pay struct {
	Amount    money.Amount
	Reference string
	Account   string
}

// For is the link filled in, "" without a link or with nothing to pay. What is filled in never becomes anything but a
// value: all but letters, digits and -._~ is escaped.
func (l PayLink) For(p Pay) string {
	if l == "" || !p.Amount.IsPositive() {
		return ""
	}
	value := func(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
	return strings.NewReplacer(
		linkAmount, value(p.Amount.Plain()), linkCurrency, value(string(p.Amount.Currency())), linkReference, value(p.Reference), linkAccount, value(p.Account),
	).Replace(string(l))
}
