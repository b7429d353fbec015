package intake

import (
	"slices"
	"strings"

	"makegood/inbox/parse"
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
		if !of(parts[0], trusted) {
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

// Sealed is what a trusted receiver found out about the writer's domain before a group took the mail over and put its own address into
// From: its ARC set says it (RFC 8617), and the topmost result of a trusted receiver that the sets are whole. A set counts when its seal
// is of the receiver's own domain, and none does when a stranger sealed too: he could have changed the mail.
func Sealed(h parse.Headers, trusted []string, domain string) Verdict {
	if !arcPassed(h.AuthenticationResults, trusted) {
		return Unknown
	}
	sealers := map[string]string{} // by instance
	for _, field := range h.ARCSeals {
		tags := tagsOf(field)
		if !slices.ContainsFunc(trusted, func(t string) bool { return liesIn(t, tags["d"]) }) || sealers[tags["i"]] != "" {
			return Unknown
		}
		sealers[tags["i"]] = tags["d"]
	}
	verdict := Unknown
	for _, field := range h.ARCResults {
		instance, results, _ := strings.Cut(field, ";")
		receiver, _, _ := strings.Cut(strings.TrimSpace(withoutComments(results)), ";")
		sealer := sealers[strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(instance), "i="))]
		if sealer == "" || !liesIn(strings.TrimSpace(receiver), sealer) {
			return Unknown
		}
		switch found, about := dmarcOf(results, trusted); {
		case !strings.EqualFold(about, domain):
		case found == "fail":
			return Fail
		case found == "pass":
			verdict = Pass
		}
	}
	return verdict
}

// arcPassed: the topmost result of a trusted receiver says that the ARC sets are as they were sealed.
func arcPassed(fields, trusted []string) bool {
	for _, field := range fields {
		parts := strings.Split(withoutComments(field), ";")
		if of(parts[0], trusted) {
			return slices.ContainsFunc(parts[1:], func(part string) bool {
				words := strings.Fields(strings.ToLower(part))
				return len(words) > 0 && words[0] == "arc=pass"
			})
		}
	}
	return false
}

// dmarcOf is the DMARC result of one field of a trusted receiver, and the domain it is about.
func dmarcOf(field string, trusted []string) (result, about string) {
	parts := strings.Split(withoutComments(field), ";")
	if !of(parts[0], trusted) {
		return "", ""
	}
	for _, part := range parts[1:] {
		if result = dmarcResult(part); result == "" {
			continue
		}
		for word := range strings.FieldsSeq(part) {
			if name, value, _ := strings.Cut(word, "="); strings.EqualFold(name, "header.from") {
				about = value
			}
		}
		return result, about
	}
	return "", ""
}

// of tells whether a field begins with the name of a trusted receiver.
func of(beginning string, trusted []string) bool {
	receiver := strings.Fields(beginning)
	return len(receiver) > 0 && slices.ContainsFunc(trusted, func(t string) bool { return strings.EqualFold(t, receiver[0]) })
}

// liesIn tells whether a host is a domain or lies in it. A top-level domain holds nobody's hosts.
func liesIn(host, domain string) bool {
	host, domain = strings.ToLower(host), strings.ToLower(domain)
	return strings.Contains(domain, ".") && (host == domain || strings.HasSuffix(host, "."+domain))
}

// tagsOf reads "i=1; a=rsa-sha256; d=example.com".
func tagsOf(field string) map[string]string {
	tags := map[string]string{}
	for part := range strings.SplitSeq(field, ";") {
		name, value, _ := strings.Cut(part, "=")
		tags[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
	}
	return tags
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
