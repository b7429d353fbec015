package importer

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/shopspring/decimal"
	"golang.org/x/text/unicode/norm"

	"makegood/internal/money"
)

// readNumber is a number as a cell shows it, with the currency written beside it, if any.
type readNumber struct {
	value    decimal.Decimal
	currency money.Currency
	symbol   string // $ and its like, which several currencies share
	percent  bool
}

var exponent = regexp.MustCompile(`^[0-9]{1,20}(\.[0-9]{1,20})?[eE][+-]?[0-9]{1,2}$`)

// parseNumber reads a number with the given decimal mark: thousands grouped by comma, point, space or apostrophe in
// threes (or as in India), negative by minus before or after, by parentheses or by CR, a currency's code or sign on
// either side. Anything else, and a group of the wrong length, is no number.
func parseNumber(text string, mark rune) (readNumber, bool) {
	var n readNumber
	s := strings.TrimSpace(strings.Map(plainMark, norm.NFKC.String(text)))
	if len(s) > 60 {
		return n, false
	}
	negative := false
	for changed := true; changed; {
		var sign bool
		s, sign, changed = takeSign(s)
		if sign && negative {
			return n, false
		}
		negative = negative || sign
		if rest, ok := n.takeUnit(s); ok {
			s, changed = rest, true
		}
	}
	plain, ok := plainNumber(s, mark)
	if !ok {
		return n, false
	}
	value, err := decimal.NewFromString(plain)
	if err != nil {
		return n, false
	}
	if negative {
		value = value.Neg()
	}
	n.value = value
	return n, true
}

// plainMark gives the marks that people and programs write for others.
func plainMark(r rune) rune {
	switch r {
	case '−', '–':
		return '-'
	case '’':
		return '\''
	}
	return r
}

// takeSign takes one sign off the outside of a number.
func takeSign(s string) (rest string, negative, changed bool) {
	switch {
	case len(s) > 2 && s[0] == '(' && s[len(s)-1] == ')':
		return strings.TrimSpace(s[1 : len(s)-1]), true, true
	case strings.HasPrefix(s, "-"):
		return strings.TrimSpace(s[1:]), true, true
	case strings.HasPrefix(s, "+"):
		return strings.TrimSpace(s[1:]), false, true
	case len(s) > 1 && strings.HasSuffix(s, "-"):
		return strings.TrimSpace(s[:len(s)-1]), true, true
	case len(s) > 2 && strings.EqualFold(s[len(s)-2:], "cr"):
		return strings.TrimSpace(s[:len(s)-2]), true, true
	case len(s) > 2 && strings.EqualFold(s[len(s)-2:], "dr"):
		return strings.TrimSpace(s[:len(s)-2]), false, true
	}
	return s, false, false
}

// takeUnit takes a currency or a per cent sign off the outside of a number, each at most once.
func (n *readNumber) takeUnit(s string) (string, bool) {
	if rest, ok := strings.CutSuffix(s, "%"); ok && !n.percent {
		n.percent = true
		return strings.TrimSpace(rest), true
	}
	if n.currency != "" || n.symbol != "" {
		return s, false
	}
	digit := func(r rune) bool { return unicode.IsDigit(r) || strings.ContainsRune("+-(.,", r) }
	if at := strings.IndexFunc(s, digit); at > 0 && n.unit(s[:at]) {
		return s[at:], true
	}
	if at := strings.LastIndexFunc(s, func(r rune) bool { return unicode.IsDigit(r) || strings.ContainsRune("-).,", r) }); at >= 0 && at+1 < len(s) && n.unit(s[at+1:]) {
		return s[:at+1], true
	}
	return s, false
}

func (n *readNumber) unit(s string) bool {
	s = strings.TrimSpace(s)
	if code, ok := signs()[s]; ok {
		n.currency = code
		return true
	}
	if s == "$" || s == "¥" || s == "£" || s == "kr" {
		n.symbol = s
		return true
	}
	code, err := money.ParseCurrency(s)
	if err != nil {
		return false
	}
	n.currency = code
	return true
}

func signs() map[string]money.Currency {
	return map[string]money.Currency{
		"€": "EUR", "US$": "USD", "R$": "BRL", "S$": "SGD", "A$": "AUD", "C$": "CAD", "HK$": "HKD", "NZ$": "NZD", "NT$": "TWD",
		"₹": "INR", "₩": "KRW", "₺": "TRY", "₫": "VND", "฿": "THB", "zł": "PLN", "Kč": "CZK", "₪": "ILS", "元": "CNY", "円": "JPY",
	}
}

// plainNumber turns digits with grouping into a plain decimal.
func plainNumber(s string, mark rune) (string, bool) {
	if mark == ',' && strings.Count(s, ",") == 1 && strings.ContainsAny(s, "eE") {
		s = strings.Replace(s, ",", ".", 1)
	}
	if exponent.MatchString(s) {
		return s, true
	}
	whole, fraction, cut := s, "", false
	if at := strings.LastIndex(s, string(mark)); at >= 0 {
		whole, fraction, cut = s[:at], s[at+1:], true
	}
	if !allDigits(fraction) || whole == "" && fraction == "" {
		return "", false
	}
	digits, ok := ungroup(whole, mark)
	if !ok {
		return "", false
	}
	if !cut || fraction == "" {
		return digits, digits != ""
	}
	return "0" + digits + "." + fraction, true
}

// ungroup takes out the separators of thousands, all of one sort.
func ungroup(s string, mark rune) (string, bool) {
	at := strings.IndexFunc(s, func(r rune) bool { return !isDigit(r) })
	if at < 0 {
		return s, true
	}
	separator := rune(s[at])
	if separator == mark || !strings.ContainsRune(",. '_", separator) {
		return "", false
	}
	groups := strings.Split(s, string(separator))
	for i, g := range groups {
		last := i == len(groups)-1
		switch {
		case !allDigits(g) || g == "":
			return "", false
		case i == 0 && len(g) > 3, last && len(g) != 3:
			return "", false
		case i > 0 && !last && len(g) != 3 && len(g) != 2:
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}

func allDigits(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !isDigit(r) })
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// guessMark tells which mark divides the decimals in a sample of numbers: the last of two different ones, or the only
// one where what follows it is no group of three. 0 means that the sample does not say.
func guessMark(sample []string) rune {
	points, commas := 0, 0
	vote := func(mark byte) {
		if mark == '.' {
			points++
		} else {
			commas++
		}
	}
	for _, s := range sample {
		point, comma := strings.LastIndexByte(s, '.'), strings.LastIndexByte(s, ',')
		switch {
		case point < 0 && comma < 0:
		case point >= 0 && comma >= 0:
			vote(s[max(point, comma)])
		default:
			at := max(point, comma)
			switch behind := digitsFrom(s[at+1:]); {
			case strings.Count(s, s[at:at+1]) > 1:
				vote('.' + ',' - s[at]) // it groups thousands, so the other is the mark
			case behind != 3:
				vote(s[at])
			}
		}
	}
	switch {
	case points > commas:
		return '.'
	case commas > points:
		return ','
	}
	return 0
}

func digitsFrom(s string) int {
	return len(s) - len(strings.TrimLeft(s, "0123456789"))
}
