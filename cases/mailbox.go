package cases

import (
	"net/mail"
	"strings"

	"makegood/internal/errs"
)

// longestAddress is how long a mail address may be, as mail itself bounds it.
const longestAddress = 254

// Mailbox reads a mail address that somebody typed, in lower case as participants are kept.
func Mailbox(typed string) (string, error) {
	typed = strings.TrimSpace(typed)
	parsed, err := mail.ParseAddress(typed)
	if err != nil || parsed.Address != typed || len(typed) > longestAddress {
		return "", errs.InvalidField("address", "case.bad_address")
	}
	return strings.ToLower(typed), nil
}
