package demo

import (
	"strings"
	"sync"
	"time"

	"makegood/inbox/parse"
	"makegood/internal/demo/postoffice"
	"makegood/internal/errs"
)

// shown is how many mails the list goes back.
const shown = 100

var errNoMail = errs.New(errs.NotFound, "error.not_found")

// letter is a mail in the list.
type letter struct {
	uid      uint32
	from, to parse.Address
	subject  string
	snippet  string
	files    int
	at       time.Time
}

// box remembers the newest mails, so that looking again reads only what has come since.
type box struct {
	mu   sync.Mutex
	last uint32
	list []letter // newest first
}

// newest reads what has come and gives the newest mails, the newest first, with the number of the last.
func (b *box) newest(office *postoffice.Office) ([]letter, uint32, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	const batch = 200
	for {
		fresh, err := office.Messages(account, b.last, batch)
		if err != nil {
			return nil, 0, err
		}
		for _, m := range fresh {
			b.last = m.UID
			b.list = append([]letter{summary(m)}, b.list[:min(len(b.list), shown-1)]...)
		}
		if len(fresh) < batch {
			return b.list, b.last, nil
		}
	}
}

func summary(m postoffice.Stored) letter {
	p := parse.Parse(m.Raw, parse.Options{})
	return letter{
		uid: m.UID, from: first(p.From), to: addressee(p), subject: p.Subject, snippet: snippet(p.ReplyText), files: len(p.Attachments), at: m.ReceivedAt,
	}
}

// addressee is whom a mail was delivered to, by the name it was addressed to.
func addressee(p parse.Message) parse.Address {
	to := first(p.To)
	if len(p.Headers.DeliveredTo) == 0 {
		return to
	}
	delivered := p.Headers.DeliveredTo[0]
	for _, a := range append(p.To, p.Cc...) {
		if strings.EqualFold(a.Address, delivered) {
			return a
		}
	}
	return parse.Address{Address: delivered}
}

func first(list []parse.Address) parse.Address {
	if len(list) == 0 {
		return parse.Address{}
	}
	return list[0]
}

func snippet(text string) string {
	line := []rune(strings.Join(strings.Fields(text), " "))
	if len(line) > 90 {
		return string(line[:90]) + "…"
	}
	return string(line)
}

// read is one mail of the customers.
func (s *Screen) read(uid uint32) (postoffice.Stored, parse.Message, error) {
	if uid == 0 {
		return postoffice.Stored{}, parse.Message{}, errNoMail
	}
	list, err := s.office.Messages(account, uid-1, 1)
	if err != nil {
		return postoffice.Stored{}, parse.Message{}, err
	}
	if len(list) == 0 || list[0].UID != uid {
		return postoffice.Stored{}, parse.Message{}, errNoMail
	}
	return list[0], parse.Parse(list[0].Raw, parse.Options{}), nil
}
