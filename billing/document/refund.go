package document

import (
	"strings"
	"time"
	"unicode"

	"makegood/internal/errs"
	"makegood/internal/money"
)

// Ways a refund is paid that have words in every language. Any other way is printed as it is written.
const (
	BankTransfer = "bank_transfer"
	CardRefund   = "card"
	DirectCredit = "direct_debit" // back by the scheme the money was collected with
	Check        = "check"
)

// RefundAdvice tells a customer what is paid back to them, out of what, and how. It is no tax document: the credit memos
// it pays out were.
type RefundAdvice struct {
	Language Language
	Currency money.Currency // every amount is in it

	Number     string
	Date       time.Time // of the advice
	CaseNumber string
	Reason     string // in the customer's language

	Entity   Entity
	Customer Customer

	Sources []Part // payments and credits it is paid out of; they add up to Amount
	Amount  money.Amount

	Method      string    // BankTransfer and so on; "" is a bank transfer
	Destination string    // the account it goes to, masked: "DE02 •••• 7890"; "" where the way says it all
	PaidOn      time.Time // the day the money leaves; Date when zero
	Reference   string    // what the customer will read on their account statement; Number when empty

	Balance *money.Amount // credit left on the account afterwards, if it is to be told
}

// Validate tells whether the advice says who pays what to whom, out of what and when, and whether its sources add up. It
// refuses an account number that is not masked, so that none gets into stored files and mail.
func (a RefundAdvice) Validate() error {
	if err := checkLanguage(a.Language, a.Entity.Country); err != nil {
		return err
	}
	words, _ := catalogueOf(a.Language, a.Entity.Country)
	if err := refuseMissing(
		need{"number", a.Number != ""}, need{"date", !a.Date.IsZero()}, need{"entity.name", a.Entity.Name != ""},
		need{"customer.name", a.Customer.Name != ""}, need{"sources", len(a.Sources) > 0},
	); err != nil {
		return err
	}
	if err := checkParts("sources", a.Sources, words); err != nil {
		return err
	}
	if !masked(a.Destination) {
		return errs.New(ErrUnmasked.Kind, ErrUnmasked.Key, "field", "destination")
	}
	var parts []money.Amount
	for _, source := range a.Sources {
		parts = append(parts, source.Amount)
	}
	sums := []sum{{"sources", parts, a.Amount}}
	if a.Balance != nil {
		if a.Balance.IsNegative() {
			return contradiction("balance")
		}
		sums = append(sums, sum{"balance", []money.Amount{*a.Balance}, *a.Balance}) // of the same currency
	}
	return checkSums("refund "+a.Number, a.Currency, sums...)
}

// masked tells whether a text shows no more of an account than its last digits. Card numbers may show the first six and
// the last four (PCI DSS 3.4.1), so seven digits in a row, with whatever separates their groups, are too many.
func masked(text string) bool {
	const tooMany = 7
	run := 0
	for _, char := range text {
		switch {
		case unicode.IsDigit(char):
			if run++; run == tooMany {
				return false
			}
		case unicode.IsSpace(char) || strings.ContainsRune("-./", char):
		default:
			run = 0
		}
	}
	return true
}
