package send

import (
	"context"
	"errors"
	"fmt"
	"net/textproto"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/wneessen/go-mail"

	"makegood/inbox"
)

// RefusedReader is somebody to whom the server takes no mail, with its words.
type RefusedReader struct {
	Address string
	Status  string // RFC 3463; where the server gives none, 5.0.0
	Answer  string
}

// ReadersError is why a mail did not leave whose readers the server was told: some of them it refuses for good. It has taken nothing.
type ReadersError struct{ Readers []RefusedReader }

func (r *ReadersError) Error() string {
	list := make([]string, len(r.Readers))
	for n, reader := range r.Readers {
		list[n] = fmt.Sprintf("%s (%s)", reader.Address, reader.Answer)
	}
	return "refused by the server: " + strings.Join(list, ", ")
}

// is tells whether an address is among the refused ones.
func (r *ReadersError) is(address string) bool {
	return slices.ContainsFunc(r.Readers, func(reader RefusedReader) bool { return strings.EqualFold(reader.Address, address) })
}

// refused asks the server about each reader of a mail (RFC 5321, section 4.1.1.3) and gives those whom it refuses for good. The
// answers to a mail as a whole do not tell them apart from those it would take, or take later.
func (l *line) refused(m *mail.Msg) []RefusedReader {
	from, err := m.GetSender(false)
	readers, readersErr := m.GetRecipients()
	if errors.Join(err, readersErr) != nil || l.connection.Mail(from) != nil {
		return nil
	}
	var out []RefusedReader
	for _, reader := range readers {
		var reply *textproto.Error
		if errors.As(l.connection.Rcpt(reader), &reply) && reply.Code >= 500 {
			status := enhanced.FindString(reply.Msg)
			if status == "" {
				status = "5.0.0"
			}
			out = append(out, RefusedReader{strings.Trim(reader, "<>"), status, oneLine(strconv.Itoa(reply.Code) + " " + reply.Msg)})
		}
	}
	if l.connection.Reset() != nil {
		return nil // the line broke: nobody knows what its last words were worth
	}
	return out
}

var enhanced = regexp.MustCompile(`^5\.\d{1,3}\.\d{1,3}\b`)

// withoutRefused takes the copies that the server refuses off a mail, so that they keep it from nobody else. False: none of them is a
// copy, or its reader is refused too, and the mail stays as it is. Whom the server refuses is told to those who know the case.
func (w *Worker) withoutRefused(ctx context.Context, c *inbox.Claimed, cause error) (bool, error) {
	var refused *ReadersError
	if !errors.As(cause, &refused) {
		return false, nil
	}
	jobs := make([]inbox.ReaderRefused, len(refused.Readers))
	for n, r := range refused.Readers {
		jobs[n] = inbox.ReaderRefused{ID: c.ID, Address: strings.ToLower(r.Address), Status: r.Status, Answer: r.Answer}
	}
	if err := w.inbox.TellRefused(context.WithoutCancel(ctx), jobs); err != nil {
		return false, err
	}
	if refused.is(c.ToAddress) || !slices.ContainsFunc(c.Cc, refused.is) {
		return false, nil
	}
	for _, r := range refused.Readers {
		c.Refused = append(c.Refused, r.Address+": "+r.Answer)
	}
	c.Cc = slices.DeleteFunc(slices.Clone(c.Cc), refused.is)
	return true, nil
}
