package document

import (
	"fmt"
	"time"

	"makegood/internal/errs"
	"makegood/internal/money"
)

// Why data makes no document: a particular the law asks for is missing, the figures do not add up, or a field
// contradicts the others. What cannot be right is refused here, before it gets a customer's eyes and a hash.
var (
	ErrIncomplete    = errs.New(errs.Invalid, "document.incomplete")
	ErrSums          = errs.New(errs.Invalid, "document.sums")
	ErrLanguage      = errs.New(errs.Invalid, "document.unknown_language")
	ErrContradiction = errs.New(errs.Invalid, "document.contradiction")
	ErrUnmasked      = errs.New(errs.Invalid, "document.unmasked")
)

func incomplete(field string) error {
	return errs.New(ErrIncomplete.Kind, ErrIncomplete.Key, "field", field)
}

func contradiction(field string) error {
	return errs.New(ErrContradiction.Kind, ErrContradiction.Key, "field", field)
}

// need is a particular that must be there.
type need struct {
	field string
	there bool
}

func refuseMissing(needs ...need) error {
	for _, n := range needs {
		if !n.there {
			return incomplete(n.field)
		}
	}
	return nil
}

// checkLanguage refuses a language there is no catalogue for.
func checkLanguage(language Language, country string) error {
	if _, known := catalogueOf(language, country); !known {
		return errs.New(ErrLanguage.Kind, ErrLanguage.Key, "language", string(language))
	}
	return nil
}

func checkRefs(field string, refs []InvoiceRef) error {
	for i, ref := range refs {
		if ref.Number == "" || ref.Date.IsZero() {
			return incomplete(fmt.Sprintf("%s[%d]", field, i))
		}
	}
	return nil
}

func checkParts(field string, parts []Part, words catalogue) error {
	for i, part := range parts {
		switch at := fmt.Sprintf("%s[%d]", field, i); {
		case words.kinds[part.Kind] == "":
			return incomplete(at + ".kind")
		case part.Number == "":
			return incomplete(at + ".number")
		case part.Date.IsZero():
			return incomplete(at + ".date")
		case !part.Amount.IsPositive():
			return contradiction(at + ".amount")
		}
	}
	return nil
}

// checkPeriod refuses one that ends before it begins, and an end without a beginning.
func checkPeriod(field string, from, to time.Time) error {
	if to.IsZero() {
		return nil
	}
	if from.IsZero() {
		return incomplete(field + "_from")
	}
	if dayOf(to).Before(dayOf(from)) {
		return contradiction(field + "_to")
	}
	return nil
}

// sum is something stated beside the parts it has to be the sum of.
type sum struct {
	what  string
	parts []money.Amount
	want  money.Amount
}

// checkSums compares what is stated with what its parts come to, in one currency.
func checkSums(document string, currency money.Currency, sums ...sum) error {
	for _, s := range sums {
		got, err := money.Sum(currency, s.parts...)
		if err != nil {
			return fmt.Errorf("%s, %s: %w", document, s.what, err)
		}
		if cmp, err := got.Cmp(s.want); err != nil || cmp != 0 {
			return errs.Wrap(err, ErrSums.Kind, ErrSums.Key, "what", s.what, "sum", got.String(), "stated", s.want.String())
		}
	}
	return nil
}

// given tells an amount that was stated, be it nothing, from the zero Amount of a field left out.
func given(a money.Amount) bool { return a.Currency() != "" }

// orNothing is an amount, and nothing in the currency for one left out.
func orNothing(a money.Amount, currency money.Currency) money.Amount {
	if !given(a) {
		return money.Zero(currency)
	}
	return a
}

func dayOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}
