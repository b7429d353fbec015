package intake

import (
	"slices"
	"strings"
)

// Verdict is what a mail server of ours found out about the From domain by DMARC.
type Verdict string

// The verdicts. Unknown means that none of the servers we trust said anything.
const (
	Unknown Verdict = ""
	Pass    Verdict = "pass"
	Fail    Verdict = "fail"
)

// DMARC reads the Authentication-Results fields of a message, topmost first. Only fields of trusted receivers count:
// anybody can write one. The topmost result is the receiver's own; what stands below may have come with the message, and
// counts only when it says that it failed.
func DMARC(fields, trusted []string) Verdict {
	verdict, said := Unknown, false
	for _, field := range fields {
		parts := strings.Split(withoutComments(field), ";")
		receiver := strings.Fields(parts[0])
		if len(receiver) == 0 || !slices.ContainsFunc(trusted, func(t string) bool { return strings.EqualFold(t, receiver[0]) }) {
			continue
		}
		for _, part := range parts[1:] {
			switch dmarcResult(part) {
			case "":
			case "fail":
				return Fail
			case "pass":
				if !said {
					verdict = Pass
				}
				said = true
			default:
				said = true
			}
		}
	}
	return verdict
}

// dmarcResult is the result of "dmarc=result …", "" for another method.
func dmarcResult(part string) string {
	words := strings.Fields(strings.ReplaceAll(strings.ToLower(part), " =", "="))
	if len(words) == 0 {
		return ""
	}
	method, result, _ := strings.Cut(words[0], "=")
	if result == "" && len(words) > 1 {
		result = words[1]
	}
	if method != "dmarc" {
		return ""
	}
	return result
}

func withoutComments(text string) string {
	var b strings.Builder
	depth := 0
	for _, r := range text {
		switch {
		case r == '(':
			depth++
		case r == ')' && depth > 0:
			depth--
		case depth == 0:
			b.WriteRune(r)
		}
	}
	return b.String()
}
