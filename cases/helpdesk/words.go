package helpdesk

import (
	"strconv"
	"strings"

	"makegood/cases"
)

func itoa(n int) string { return strconv.Itoa(n) }

// plain is a word as it is compared: letters and figures alone.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r > 127:
			return r
		}
		return -1
	}, s)
}

// statusCalled is where a case stands that the other desk says is open or, where it does not say, what its own word means.
func statusCalled(called string, closed, said bool) cases.Status {
	word := plain(called)
	switch {
	case closed:
		return cases.StatusClosed
	case !said && has(word, "closed", "resolved", "solved", "cancelled", "canceled", "completed", "duplicate", "spam"):
		return cases.StatusClosed
	case word == "new" || word == "":
		return cases.StatusNew
	case has(word, "responded", "replied", "reopened"): // by the customer: it is our turn
		return cases.StatusOpen
	case has(word, "customer", "client", "requester", "pending", "awaiting"):
		return cases.StatusWaiting
	}
	return cases.StatusOpen
}

// typeCalled is what a customer wanted by the words the other desk sorted it under.
func typeCalled(called ...string) cases.Type {
	for _, one := range called {
		word := plain(one)
		switch {
		case has(word, "cancel", "terminat"):
			return cases.Cancellation
		case has(word, "refund", "chargeback"):
			return cases.Refund
		case has(word, "remittance", "paymentnotapplied", "paymentallocation"):
			return cases.Remittance
		case has(word, "goodwill", "concession"):
			return cases.Concession
		case has(word, "dispute", "overcharge", "incorrectinvoice", "wronginvoice", "billingerror", "wrongprice", "duplicatecharge"):
			return cases.Dispute
		}
	}
	return cases.Inquiry
}

// priorityCalled is how urgent a word is; "" for one that says nothing.
func priorityCalled(called string) cases.Priority {
	switch word := plain(called); {
	case has(word, "critical", "urgent", "highest", "p1"):
		return cases.P1
	case has(word, "high", "p2") || word == "priority":
		return cases.P2
	case has(word, "medium", "normal", "p3"):
		return cases.P3
	case has(word, "low", "p4"):
		return cases.P4
	}
	return ""
}

func has(word string, parts ...string) bool {
	for _, part := range parts {
		if strings.Contains(word, part) {
			return true
		}
	}
	return false
}

// yes reads a truth as exports write it.
func yes(s string) (value, said bool) {
	switch plain(s) {
	case "1", "true", "yes", "y", "x", "ja", "sim":
		return true, true
	case "0", "false", "no", "n", "nein", "não", "nao":
		return false, true
	}
	return false, false
}
