package ubl

import (
	"regexp"
	"strings"

	"github.com/shopspring/decimal"
)

// The means of payment (UNTDID 4461) that are chosen when the caller names none.
const (
	undefinedMeans = "1"  // not defined
	transferMeans  = "30" // credit transfer
	sepaMeans      = "58" // SEPA credit transfer
	clearingMeans  = "97" // clearing between partners: a credit memo settles on the account
)

var (
	ibanForm = regexp.MustCompile(`\b[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]{1,4}){3,8}\b`)
	bicForm  = regexp.MustCompile(`\b(?:BIC|SWIFT)[: ]+([A-Z0-9]{8}(?:[A-Z0-9]{3})?)\b`)
)

// bankNumbers finds IBAN and BIC in printed bank lines.
func bankNumbers(lines []string) (iban, bic string) {
	for _, line := range lines {
		for part := range strings.SplitSeq(line, ",") {
			if after, named := strings.CutPrefix(strings.TrimSpace(part), "IBAN"); named || ibanForm.MatchString(part) {
				iban = orElse(iban, bareNumber(ibanForm.FindString(strings.TrimLeft(after, ": "))))
			}
			if found := bicForm.FindStringSubmatch(part); found != nil {
				bic = found[1]
			}
		}
	}
	return iban, bic
}

// validIBAN checks the two check digits (ISO 13616, ISO 7064 mod 97-10).
func validIBAN(iban string) bool {
	if len(iban) < 15 || len(iban) > 34 {
		return false
	}
	var digits strings.Builder
	for _, r := range iban[4:] + iban[:4] {
		switch {
		case r >= '0' && r <= '9':
			digits.WriteRune(r)
		case r >= 'A' && r <= 'Z':
			digits.WriteString(decimal.NewFromInt(int64(r-'A') + 10).String())
		default:
			return false
		}
	}
	number, err := decimal.NewFromString(digits.String())
	return err == nil && number.Mod(decimal.NewFromInt(97)).Equal(decimal.NewFromInt(1))
}
