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
	"time"

	"github.com/wneessen/go-mail"

	"makegood/inbox"
)

// RefusedReader is somebody to whom the server takes no mail, with its words.
type RefusedReader struct {
	Address string
	Status  string // RFC 3463; where the server gives none, 5.0.0 or 4.0.0
	Answer  string
	ForNow  bool // it may take some later
}

// ReadersError is why a mail did not leave whose readers the server was told: it refuses some of them, all for good or all for now. It
// has taken nothing.
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

// refused asks the server about each reader of a mail (RFC 5321, section 4.1.1.3) and gives those whom it refuses: for good if there are
// any, else for now. The answers to a mail as a whole do not tell them apart from those it would take.
func (l *line) refused(m *mail.Msg) []RefusedReader {
	from, err := m.GetSender(false)
	readers, readersErr := m.GetRecipients()
	if errors.Join(err, readersErr) != nil || l.connection.Mail(from) != nil {
		return nil
	}
	var forGood, forNow []RefusedReader
	for _, reader := range readers {
		var reply *textproto.Error
		if !errors.As(l.connection.Rcpt(reader), &reply) || reply.Code < 400 {
			continue
		}
		one := RefusedReader{
			Address: strings.Trim(reader, "<>"), Status: enhanced.FindString(reply.Msg), Answer: oneLine(strconv.Itoa(reply.Code) + " " + reply.Msg), ForNow: reply.Code < 500,
		}
		if one.Status == "" {
			one.Status = strconv.Itoa(reply.Code/100) + ".0.0"
		}
		if one.ForNow {
			forNow = append(forNow, one)
		} else {
			forGood = append(forGood, one)
		}
	}
	if l.connection.Reset() != nil {
		return nil // the line broke: nobody knows what its last words were worth
	}
	if len(forGood) > 0 {
		return forGood
	}
	return forNow
}

var enhanced = regexp.MustCompile(`^[45]\.\d{1,3}\.\d{1,3}\b`)

const (
	// copyPatience is how long a copy that the server does not take for now is waited for. Servers that want to be asked again want it
	// within the hour; meanwhile nobody has the mail.
	copyPatience = 4 * time.Hour
	// mailPatience is how long a mail is that it does not take for now (RFC 5321, section 4.5.4.1: four or five days).
	mailPatience = 4 * 24 * time.Hour
)

// waited tells whether the server has been asked to take a mail for so long, and said each time that it does not for now. While it was
// away itself it refused nothing.
func (w *Worker) waited(ctx context.Context, c inbox.Claimed, d time.Duration) (bool, error) {
	since := w.inbox.Now().Add(-d)
	if c.NotBefore.After(since) {
		return false, nil
	}
	return w.inbox.DeferredBefore(context.WithoutCancel(ctx), c.ID, since)
}

// withoutRefused takes the copies that the server refuses off a mail, so that they keep it from nobody else. False: none of them is a
// copy, or its reader is refused too, and the mail stays as it is. Whom the server refuses is told to those who know the case.
func (w *Worker) withoutRefused(ctx context.Context, c *inbox.Claimed, cause error) (bool, error) {
	var refused *ReadersError
	if !errors.As(cause, &refused) {
		return false, nil
	}
	if refused.Readers[0].ForNow {
		if refused.is(c.ToAddress) {
			return false, nil
		}
		if waited, err := w.waited(ctx, *c, copyPatience); err != nil || !waited {
			return false, err
		}
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
