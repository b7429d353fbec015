package parse

import (
	"net/url"
	"slices"
	"strings"
)

// mailto is the address of the first mailto among the links of a header field (RFC 2369, section 2), in lower case.
func mailto(field string) string {
	for link := range strings.SplitSeq(field, ",") {
		link = strings.Trim(strings.TrimSpace(link), "<> ")
		if len(link) < 7 || !strings.EqualFold(link[:7], "mailto:") {
			continue
		}
		address, _, _ := strings.Cut(link[7:], "?")
		if plain, err := url.PathUnescape(address); err == nil && strings.Contains(plain, "@") {
			return strings.ToLower(plain)
		}
	}
	return ""
}

// ListOf tells whether the list that a message came by is one of some addresses: it is posted to there (RFC 2369), or its identifier is
// the address with a dot in place of the @, as list programs make it (RFC 2919). Where it was delivered tells nothing, for that is how
// every list reaches its readers.
func (h Headers) ListOf(addresses []string) bool {
	id := strings.ToLower(h.ListID[strings.LastIndexByte(h.ListID, '<')+1:])
	id = strings.Trim(id, "<> ")
	return slices.ContainsFunc(addresses, func(a string) bool {
		a = strings.ToLower(a)
		return a != "" && (a == h.ListPost || strings.Replace(a, "@", ".", 1) == id)
	})
}
