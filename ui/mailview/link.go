package mailview

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"makegood/cases"
	"makegood/inbox/display"
	"makegood/internal/errs"
)

const (
	// linkLife is how long the address of a picture holds.
	linkLife = time.Hour
	purpose  = "mail-picture"
)

// errNoLink: the address is none of ours, or its time is over; which of them is nobody's business.
var errNoLink = errs.New(errs.NotFound, "error.not_found")

// wanted is what an address leads to: a place outside, or a file of a message.
type wanted struct {
	address string
	message cases.MessageID
	place   int
}

func inline(id cases.MessageID, place int) wanted { return wanted{message: id, place: place} }

func remote(address string) wanted { return wanted{address: address} }

// address writes a signed link that ends after linkLife.
func (s *Screen) address(w wanted) string {
	ends := strconv.FormatInt(s.desk.Clock().Add(linkLife).Unix(), 10)
	text := strings.Join([]string{ends, strconv.FormatInt(int64(w.message), 10), strconv.Itoa(w.place), w.address}, "|")
	return display.Prefix + base64.RawURLEncoding.EncodeToString([]byte(text)) + "." + s.Keys.Sign(purpose, text)
}

// open reads a link that is ours and still holds.
func (s *Screen) open(token string) (wanted, error) {
	encoded, tag, _ := strings.Cut(token, ".")
	text, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if err != nil || !s.Keys.Verify(tag, purpose, string(text)) {
		return wanted{}, errNoLink
	}
	parts := strings.SplitN(string(text), "|", 4)
	if len(parts) != 4 {
		return wanted{}, errNoLink
	}
	var numbers [3]int64
	for n := range numbers {
		if numbers[n], err = strconv.ParseInt(parts[n], 10, 64); err != nil {
			return wanted{}, errNoLink
		}
	}
	if s.desk.Clock().After(time.Unix(numbers[0], 0)) {
		return wanted{}, errNoLink
	}
	return wanted{address: parts[3], message: cases.MessageID(numbers[1]), place: int(numbers[2])}, nil
}
