package parse

import (
	"strings"

	"github.com/shopspring/decimal"

	"makegood/internal/money"
)

const (
	number = `\d{1,3}(?:[.,'’ \x{00a0}\x{202f}]\d{3})+(?:[.,]\d{1,3})?|\d{1,12}(?:[.,]\d{1,3})?(?:[.,][-–]{1,2})?`
	symbol = `US\$|SG\$|S\$|A\$|AU\$|C\$|CA\$|CAD\$|NZ\$|HK\$|NT\$|R\$|MX\$|\$|€|£|¥|￥|₹|₩|₺|₫|฿|zł|Kč|RMB|Fr\.|円|元`
)

var (
	currencyCodes = strings.Join([]string{
		"EUR", "USD", "GBP", "CHF", "JPY", "CNY", "SGD", "AUD", "CAD", "NZD", "HKD", "TWD", "INR", "KRW", "BRL", "MXN",
		"PLN", "CZK", "SEK", "NOK", "DKK", "HUF", "RON", "TRY", "ZAR", "AED", "SAR", "KWD", "BHD", "THB", "MYR", "IDR", "VND",
		"PHP", "ILS", "CLP", "COP", "ARS", "PEN", "EGP", "NGN", "KES",
	}, "|")
	amountPattern = mustPattern(`(?i)(?:(` + currencyCodes + `|Euro)(?:\s|\x{00a0})?|(` + symbol + `)\s?)([-−]?)(` + number + `)` +
		`|([-−]?)(` + number + `)(?:[ \x{00a0}\x{202f}]?(` + currencyCodes + `|Euros?)|\s?(€|£|\$|¥|円|元|zł|Kč|₩))`)
)

// findAmounts reads the sums of money of a text. An amount that its currency cannot have is left out.
func findAmounts(text, folded string) []Amount {
	out := []Amount{}
	if !amountPattern.hint.Possible(folded) {
		return out
	}
	seen := map[Amount]bool{}
	for _, at := range amountPattern.FindAllStringSubmatchIndex(text, 500) {
		if touches(text, at[0], at[1]) {
			continue
		}
		group := func(i int) string {
			if at[2*i] < 0 {
				return ""
			}
			return text[at[2*i]:at[2*i+1]]
		}
		cur, digits := group(1)+group(2), group(4)
		sign := group(3) + group(5)
		if digits == "" {
			cur, digits = group(7)+group(8), group(6)
		}
		a, ok := readAmount(digits, currencyOf(cur), sign != "")
		if ok && !seen[a] {
			seen[a] = true
			out = append(out, a)
		}
	}
	return out
}

// touches says whether a match is the middle of a longer word or number.
func touches(text string, from, to int) bool {
	isWord := func(c byte) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
	if from > 0 && isWord(text[from-1]) && isWord(text[from]) {
		return true
	}
	return to < len(text) && isWord(text[to]) && isWord(text[to-1])
}

func currencyOf(sign string) money.Currency {
	switch strings.ToUpper(sign) {
	case "€", "EURO", "EUROS":
		return "EUR"
	case "$", "US$":
		return "USD"
	case "£":
		return "GBP"
	case "¥", "￥", "円":
		return "JPY"
	case "元", "RMB":
		return "CNY"
	case "S$", "SG$":
		return "SGD"
	case "A$", "AU$":
		return "AUD"
	case "C$", "CA$", "CAD$":
		return "CAD"
	case "NZ$":
		return "NZD"
	case "HK$":
		return "HKD"
	case "NT$":
		return "TWD"
	case "R$":
		return "BRL"
	case "MX$":
		return "MXN"
	case "₹":
		return "INR"
	case "₩":
		return "KRW"
	case "₺":
		return "TRY"
	case "₫":
		return "VND"
	case "฿":
		return "THB"
	case "ZŁ":
		return "PLN"
	case "KČ":
		return "CZK"
	case "FR.":
		return "CHF"
	}
	return money.Currency(strings.ToUpper(sign))
}

// readAmount reads digits with grouping in any of the usual ways and gives them with the currency's decimals.
func readAmount(digits string, code money.Currency, negative bool) (Amount, bool) {
	cur, err := money.ParseCurrency(string(code))
	if err != nil {
		return Amount{}, false
	}
	value, err := decimal.NewFromString(plainNumber(digits, cur.Digits()))
	if err != nil {
		return Amount{}, false
	}
	if negative {
		value = value.Neg()
	}
	a, err := money.New(value, cur)
	if err != nil {
		return Amount{}, false
	}
	return Amount{Amount: a.Plain(), Currency: string(cur)}, true
}

// plainNumber turns 1.240,00 and 1,240.00 and 1'240 into a plain decimal. A single separator before three digits
// groups thousands, unless the currency has three decimals.
func plainNumber(s string, decimals int32) string {
	s = strings.TrimRight(strings.TrimSpace(s), "-–")
	s = strings.TrimRight(s, ".,")
	s = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "'", "", "’", "").Replace(s)
	dot, comma := strings.LastIndexByte(s, '.'), strings.LastIndexByte(s, ',')
	at := max(dot, comma)
	if at < 0 {
		return s
	}
	sep, tail := s[at:at+1], s[at+1:]
	both := dot >= 0 && comma >= 0
	if !both && (strings.Count(s, sep) > 1 || len(tail) == 3 && (decimals != 3 || sep == ",")) {
		return strings.ReplaceAll(s, sep, "")
	}
	whole := strings.NewReplacer(".", "", ",", "").Replace(s[:at])
	return whole + "." + tail
}
