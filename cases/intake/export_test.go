package intake

import "strings"

// Expressions are those of the rules, for the test of their hints.
func Expressions() []string {
	var list []string
	for _, w := range vocabulary() {
		list = append(list, `(?is)`+strings.Join(w.words, "|"))
	}
	return list
}

// Hint tells of texts whether an expression could match them.
func Hint(expression string) func(text string) bool {
	h, err := hintOf(expression)
	if err != nil {
		return func(string) bool { return false }
	}
	return func(text string) bool { return h.possible(fold(text)) }
}
