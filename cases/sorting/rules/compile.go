package rules

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"makegood/internal/errs"
)

// Bounds of a list of rules.
const (
	maxRules      = 200
	maxConditions = 20
	maxValues     = 100
	maxValue      = 500 // characters
	maxFound      = 40  // characters of what is told of a message
)

// compiled is a rule with its conditions ready to be asked.
type compiled struct {
	Rule
	tests []test
}

type test struct {
	Condition
	values   []string // folded
	patterns []*regexp.Regexp
	amounts  []decimal.Decimal
}

// Vocabulary are the words results may use; empty lists allow everything.
type Vocabulary struct {
	Types      []string
	Priorities []string
}

// Compile prepares a list. Errors name the field, such as rules.2.when.1.values.
func Compile(list []Rule, words Vocabulary) (Set, error) {
	var s Set
	var wrong []errs.Field
	if len(list) > maxRules {
		return s, errs.InvalidField("rules", "sorting.too_many_rules", "most", strconv.Itoa(maxRules))
	}
	for i, r := range list {
		c, fields := compile(r, words)
		for _, f := range fields {
			f.Name = "rules." + strconv.Itoa(i) + "." + f.Name
			wrong = append(wrong, f)
		}
		s.rules = append(s.rules, c)
	}
	if len(wrong) > 0 {
		return Set{}, errs.InvalidFields(wrong...)
	}
	return s, nil
}

func compile(r Rule, words Vocabulary) (compiled, []errs.Field) {
	c := compiled{Rule: r}
	var wrong []errs.Field
	add := func(name, key string) { wrong = append(wrong, errs.Field{Name: name, Key: key}) }
	if strings.TrimSpace(r.Name) == "" {
		add("name", "error.required")
	}
	if r.Then.Empty() {
		add("then", "sorting.rule_does_nothing")
	}
	if r.Then.Type != "" && len(words.Types) > 0 && !slices.Contains(words.Types, r.Then.Type) {
		add("then.type", "case.unknown_type")
	}
	if r.Then.Priority != "" && len(words.Priorities) > 0 && !slices.Contains(words.Priorities, r.Then.Priority) {
		add("then.priority", "case.unknown_priority")
	}
	if len(r.When) > maxConditions {
		add("when", "sorting.too_many_conditions")
	}
	for i, condition := range r.When {
		t, field := prepare(condition)
		if field != nil {
			add("when."+strconv.Itoa(i)+"."+field.Name, field.Key)
		}
		c.tests = append(c.tests, t)
	}
	return c, wrong
}

func prepare(c Condition) (test, *errs.Field) {
	t := test{Condition: c}
	if !slices.Contains(Fields(), c.Field) {
		return t, &errs.Field{Name: "field", Key: "sorting.unknown_field"}
	}
	if !slices.Contains(Ops(c.Field), c.Op) {
		return t, &errs.Field{Name: "op", Key: "sorting.unknown_comparison"}
	}
	if c.Op == Has || c.Op == HasNo {
		return t, nil
	}
	if len(c.Values) > maxValues {
		return t, &errs.Field{Name: "values", Key: "sorting.too_many_values"}
	}
	for _, v := range c.Values {
		if v = strings.TrimSpace(v); v == "" {
			continue
		}
		if len([]rune(v)) > maxValue {
			return t, &errs.Field{Name: "values", Key: "sorting.value_too_long"}
		}
		if key := t.take(v); key != "" {
			return t, &errs.Field{Name: "values", Key: key}
		}
	}
	if len(t.values)+len(t.patterns)+len(t.amounts) == 0 {
		return t, &errs.Field{Name: "values", Key: "error.required"}
	}
	return t, nil
}

// take adds a value and answers the key of what is wrong with it.
func (t *test) take(v string) string {
	switch t.Op {
	case Matches:
		p, err := regexp.Compile("(?is)" + v)
		if err != nil {
			return "sorting.not_a_pattern"
		}
		t.patterns = append(t.patterns, p)
	case From, Under:
		d, err := decimal.NewFromString(v)
		if err != nil {
			return "error.not_a_number"
		}
		t.amounts = append(t.amounts, d)
	case Is, IsNot, Contains, Lacks, Begins, Ends, Has, HasNo:
		v = fold(v)
		if t.Field == Domain {
			v = strings.TrimPrefix(v, "@")
		}
		t.values = append(t.values, v)
	}
	return ""
}

// holds tells whether the condition holds, and what made it hold.
func (t test) holds(m folded) (string, bool) {
	switch t.Field {
	case Amount:
		return t.amount(m.Amounts)
	case Invoice:
		return "", m.Invoice == (t.Op == Has)
	case Sender, Domain, Recipient, Subject, Body, Text, Attachment, Language, Entity, Kind:
	}
	values := m.values[t.Field]
	switch t.Op {
	case Has, HasNo:
		some := slices.ContainsFunc(values, func(v string) bool { return v != "" })
		return "", some == (t.Op == Has)
	case IsNot, Lacks:
		_, found := t.any(values)
		return "", !found
	case Is, Contains, Begins, Ends, Matches, From, Under:
	}
	return t.any(values)
}

func (t test) any(values []string) (string, bool) {
	for _, v := range values {
		for _, want := range t.values {
			if t.compare(v, want) {
				return want, true
			}
		}
		for _, p := range t.patterns {
			if at := p.FindStringIndex(v); at != nil {
				found := []rune(v[at[0]:at[1]])
				return string(found[:min(len(found), maxFound)]), true
			}
		}
	}
	return "", false
}

func (t test) compare(have, want string) bool {
	switch t.Op {
	case Is, IsNot:
		if t.Field == Domain && strings.HasSuffix(have, "."+want) {
			return true // a part of the domain
		}
		if t.Field == Language {
			return have == want || strings.HasPrefix(have, want+"-")
		}
		return have == want
	case Begins:
		return strings.HasPrefix(have, want)
	case Ends:
		return strings.HasSuffix(have, want)
	case Contains, Lacks, Matches, From, Under, Has, HasNo:
	}
	return strings.Contains(have, want)
}

// amount: one sum from a bound on, or all of them under it.
func (t test) amount(sums []Sum) (string, bool) {
	sums = slices.DeleteFunc(slices.Clone(sums), func(s Sum) bool { return t.Currency != "" && !strings.EqualFold(s.Currency, t.Currency) })
	switch t.Op {
	case Has, HasNo:
		return "", (len(sums) > 0) == (t.Op == Has)
	case From:
		for _, s := range sums {
			if s.Value.GreaterThanOrEqual(t.bound()) {
				return s.Value.String() + " " + s.Currency, true
			}
		}
		return "", false
	case Under:
		for _, s := range sums {
			if s.Value.GreaterThanOrEqual(t.bound()) {
				return "", false
			}
		}
		return "", len(sums) > 0
	case Is, IsNot, Contains, Lacks, Begins, Ends, Matches:
	}
	return "", false
}

// bound is the value that lets most through: several values mean one of them.
func (t test) bound() decimal.Decimal {
	if t.Op == Under {
		return decimal.Max(t.amounts[0], t.amounts[1:]...)
	}
	return decimal.Min(t.amounts[0], t.amounts[1:]...)
}
