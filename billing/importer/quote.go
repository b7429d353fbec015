package importer

import "strings"

// A cell that begins with one of these is carried out by spreadsheet programs instead of shown, or looks as if we had
// quoted it.
const actsAsFormula = "=+-@'\t\r\n"

// QuoteFormula makes text safe to open in a spreadsheet program: what would be carried out as a formula gets an
// apostrophe in front, which the program does not show.
func QuoteFormula(s string) string {
	if s != "" && strings.ContainsRune(actsAsFormula, rune(s[0])) {
		return "'" + s
	}
	return s
}

// unquoteFormula undoes QuoteFormula, ours and that of others.
func unquoteFormula(s string) string {
	if len(s) > 1 && s[0] == '\'' && strings.ContainsRune(actsAsFormula, rune(s[1])) {
		return s[1:]
	}
	return s
}
