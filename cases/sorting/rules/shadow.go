package rules

import (
	"slices"
	"strings"
)

// Shadow says that a rule can never decide, because an earlier one holds whenever it does. Both are places in the list.
type Shadow struct {
	Rule int
	By   int
}

// Shadows finds the active rules that an earlier active rule always comes before. It proves what it says: a rule it does not
// name may still be shadowed by several rules together, which the test on past mail shows.
func (s Set) Shadows() []Shadow {
	var out []Shadow
	for i, later := range s.rules {
		if !later.Active {
			continue
		}
		for j, earlier := range s.rules[:i] {
			if earlier.Active && follows(later, earlier) {
				out = append(out, Shadow{Rule: i, By: j})
				break
			}
		}
	}
	return out
}

// follows: whenever the first holds, the second does, since each condition of the second follows from one of the first.
func follows(first, second compiled) bool {
	for _, wanted := range second.tests {
		if !slices.ContainsFunc(first.tests, func(given test) bool { return implies(given, wanted) }) {
			return false
		}
	}
	return true
}

// implies: a message for which the first condition holds is one for which the second does. Unsure is no.
func implies(given, wanted test) bool {
	if wanted.Field == Amount || wanted.Field == Invoice {
		return given.Field == wanted.Field && impliesAmount(given, wanted)
	}
	if given.Field == wanted.Field && wanted.Op == Has {
		return given.Op != HasNo && given.Op != IsNot && given.Op != Lacks
	}
	if given.Op == HasNo || given.Op == Has || wanted.Op == Has || wanted.Op == HasNo {
		return given.Field == wanted.Field && given.Op == wanted.Op
	}
	if negative(given.Op) != negative(wanted.Op) {
		return false
	}
	if negative(given.Op) { // not A gives not B when B gives A
		return given.Field == wanted.Field && positive(wanted, given)
	}
	return positive(given, wanted)
}

func negative(o Op) bool { return o == IsNot || o == Lacks }

// positive: each value of the first, found, makes one of the second found.
func positive(given, wanted test) bool {
	if given.Op == Matches || wanted.Op == Matches {
		return given.Field == wanted.Field && given.Op == wanted.Op && subset(given.Values, wanted.Values)
	}
	if given.Field != wanted.Field && !within(given, wanted) {
		return false
	}
	for _, a := range given.values {
		if !slices.ContainsFunc(wanted.values, func(b string) bool { return valueImplies(given, a, wanted, b) }) {
			return false
		}
	}
	return len(given.values) > 0
}

// within: what is found in the first field is found in the second too.
func within(given, wanted test) bool {
	switch {
	case wanted.Field == Text && (given.Field == Subject || given.Field == Body):
		return wanted.Op == Contains
	case wanted.Field == Domain && given.Field == Sender:
		return given.Op == Is || given.Op == Ends
	case wanted.Field == Sender && given.Field == Domain:
		return given.Op == Is && wanted.Op == Ends
	}
	return false
}

func valueImplies(given test, a string, wanted test, b string) bool {
	if given.Field == Sender && wanted.Field == Domain {
		_, domain, found := strings.Cut(a, "@")
		return found && wanted.compare(domain, b)
	}
	if given.Field == Domain && wanted.Field == Sender {
		return a == b // a sender of the domain ends in it
	}
	switch wanted.Op {
	case Is, IsNot:
		return (given.Op == Is || given.Op == IsNot) && wanted.compare(a, b)
	case Contains, Lacks:
		return strings.Contains(a, b)
	case Begins:
		return (given.Op == Is || given.Op == Begins) && strings.HasPrefix(a, b)
	case Ends:
		return (given.Op == Is || given.Op == Ends) && strings.HasSuffix(a, b)
	case Matches, From, Under, Has, HasNo:
	}
	return false
}

func impliesAmount(given, wanted test) bool {
	if given.Field == Invoice {
		return given.Op == wanted.Op
	}
	if wanted.Currency != "" && given.Currency != wanted.Currency {
		return false
	}
	switch wanted.Op {
	case Has:
		return given.Op == Has || given.Op == From || given.Op == Under
	case HasNo:
		return given.Op == HasNo && given.Currency == wanted.Currency
	case From:
		return given.Op == From && given.bound().GreaterThanOrEqual(wanted.bound())
	case Under: // all of fewer currencies says nothing of all
		return given.Op == Under && given.Currency == wanted.Currency && given.bound().LessThanOrEqual(wanted.bound())
	case Is, IsNot, Contains, Lacks, Begins, Ends, Matches:
	}
	return false
}

func subset(a, b []string) bool {
	return !slices.ContainsFunc(a, func(v string) bool { return !slices.Contains(b, v) })
}
