package intake

import (
	"slices"
	"strings"

	"golang.org/x/net/idna"

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
// counts only when it says that it failed. A pass is one of the domain that the receiver names: where that is not the domain
// of the sender we read, somebody wrote From so that it is read in two ways, and the sender we read failed.
func DMARC(m parse.Message, trusted []string) Verdict {
	verdict, said := Unknown, false
	for _, field := range m.Headers.AuthenticationResults {
		r := readResults(field)
		if !isOf(r, trusted) {
			continue
		}
		if r.broken {
			return Fail
		}
		here := judged(r.of("dmarc"), m.From)
		if here == Fail {
			return Fail
		}
		if !said {
			verdict = here
		}
		said = said || len(r.of("dmarc")) > 0
	}
	return verdict
}

// judged is what the results of one field come to. Several that do not say the same say nothing.
func judged(list []finding, from []parse.Address) Verdict {
	verdict := Unknown
	for n, f := range list {
		one := f.verdict(from)
		if one == Fail {
			return Fail
		}
		if n == 0 {
			verdict = one
		}
		if one != verdict {
			verdict = Unknown
		}
	}
	return verdict
}

// verdict is what one result says of the addresses in From.
func (f finding) verdict(from []parse.Address) Verdict {
	switch {
	case f.result == "fail":
		return Fail
	case f.result != "pass" || len(f.about) == 0:
		return Unknown
	}
	for _, domain := range f.about {
		if len(from) == 0 || slices.ContainsFunc(from, func(a parse.Address) bool { return !liesIn(domainOf(a.Address), domain) }) {
			return Fail
		}
	}
	return Pass
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
		instance, r := instanceOf(readResults(field))
		sealer := sealers[instance]
		if sealer == "" || !liesIn(r.receiver(), sealer) {
			return Unknown
		}
		if !isOf(r, trusted) {
			continue
		}
		if r.broken {
			return Fail
		}
		switch about(r, domain) {
		case Fail:
			return Fail
		case Pass:
			verdict = Pass
		case Unknown:
		}
	}
	return verdict
}

// about is what a field says of a domain and, in the same result, of no other.
func about(r results, domain string) Verdict {
	var list []finding
	for _, f := range r.of("dmarc") {
		if len(f.about) == 1 && sameHost(f.about[0], domain) {
			list = append(list, f)
		}
	}
	return judged(list, []parse.Address{{Address: "@" + domain}})
}

// instanceOf takes "i=1;" off the front of an ARC field (RFC 8617, section 4.1.1).
func instanceOf(r results) (string, results) {
	if len(r.parts) < 2 {
		return "", r
	}
	pairs := paired(r.parts[0])
	r.parts = r.parts[1:]
	if len(pairs) != 1 || pairs[0][0] != "i" {
		return "", r
	}
	return pairs[0][1], r
}

// arcPassed: the topmost result of a trusted receiver says that the ARC sets are as they were sealed.
func arcPassed(fields, trusted []string) bool {
	for _, field := range fields {
		if r := readResults(field); isOf(r, trusted) {
			return !r.broken && slices.ContainsFunc(r.of("arc"), func(f finding) bool { return f.result == "pass" })
		}
	}
	return false
}

// isOf tells whether a field begins with the name of a trusted receiver.
func isOf(r results, trusted []string) bool {
	return slices.ContainsFunc(trusted, func(t string) bool { return strings.EqualFold(t, r.receiver()) && t != "" })
}

// liesIn tells whether a host is a domain or lies in it. A top-level domain holds nobody's hosts.
func liesIn(host, domain string) bool {
	host, domain = plainHost(host), plainHost(domain)
	return strings.Contains(domain, ".") && (host == domain || strings.HasSuffix(host, "."+domain))
}

func sameHost(a, b string) bool { return plainHost(a) == plainHost(b) }

// plainHost is a host's name as the DNS has it.
func plainHost(name string) string {
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	if ascii, err := idna.ToASCII(name); err == nil {
		return ascii
	}
	return name
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
