package helpdesk

import (
	"strings"

	"makegood/inbox/parse"
)

// html is the text of a body that may be HTML or plain.
func html(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return s
	}
	return parse.TextOfHTML(s)
}
