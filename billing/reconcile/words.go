package reconcile

import "strings"

// Words says a class as people read it.
func (c Class) Words() string {
	switch c {
	case MissingHere:
		return "Missing here"
	case MissingThere:
		return "Missing there"
	case DuplicateHere:
		return "Twice here"
	case DuplicateThere:
		return "Twice there"
	case DifferentAmount:
		return "Different amount"
	case DifferentTax:
		return "Different tax"
	case DifferentDate:
		return "Different date"
	case DifferentStatus:
		return "Different status"
	case DifferentCurrency:
		return "Different currency"
	case DifferentCustomer:
		return "Different customer"
	case KnownTiming:
		return "Known timing"
	case NotCompared:
		return "Not compared"
	}
	return titled(string(c))
}

// Words says a kind as people read it.
func (k Kind) Words() string { return titled(string(k)) }

func titled(name string) string {
	name = strings.ReplaceAll(name, "_", " ")
	if name == "" {
		return ""
	}
	return strings.ToUpper(name[:1]) + name[1:]
}
