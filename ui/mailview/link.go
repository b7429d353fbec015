package mailview

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"makegood/cases"
	"makegood/inbox"
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

// source is a mail: a message of a case, or one that came and waits.
type source struct {
	waits bool
	id    int64
}

func ofCase(id cases.MessageID) source { return source{id: int64(id)} }

func ofIntake(id inbox.InboundID) source { return source{waits: true, id: int64(id)} }

// wanted is what an address leads to: a place outside, or a file of a mail.
type wanted struct {
	address string
	mail    source
	place   int
}

func inline(mail source, place int) wanted { return wanted{mail: mail, place: place} }

func remote(address string) wanted { return wanted{address: address} }

// address writes a signed link that ends after linkLife.
func (s *Screen) address(w wanted) string {
	ends := strconv.FormatInt(s.desk.Clock().Add(linkLife).Unix(), 10)
	waits := "0"
	if w.mail.waits {
		waits = "1"
	}
	text := strings.Join([]string{ends, waits, strconv.FormatInt(w.mail.id, 10), strconv.Itoa(w.place), w.address}, "|")
	return display.Prefix + base64.RawURLEncoding.EncodeToString([]byte(text)) + "." + s.Keys.Sign(purpose, text)
}

// open reads a link that is ours and still holds.
func (s *Screen) open(token string) (wanted, error) {
	encoded, tag, _ := strings.Cut(token, ".")
	text, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if err != nil || !s.Keys.Verify(tag, purpose, string(text)) {
		return wanted{}, errNoLink
	}
	parts := strings.SplitN(string(text), "|", 5)
	if len(parts) != 5 {
		return wanted{}, errNoLink
	}
	var numbers [4]int64
	for n := range numbers {
		if numbers[n], err = strconv.ParseInt(parts[n], 10, 64); err != nil {
			return wanted{}, errNoLink
		}
	}
	if s.desk.Clock().After(time.Unix(numbers[0], 0)) {
		return wanted{}, errNoLink
	}
	return wanted{address: parts[4], mail: source{waits: numbers[1] == 1, id: numbers[2]}, place: int(numbers[3])}, nil
}
