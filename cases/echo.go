package cases

import (
	"context"
	"slices"
	"strings"

	"makegood/cases/letters"
	"makegood/inbox"
	"makegood/internal/db"
)

// acknowledging decides which new cases are acknowledged, in the order they are addressee about. Every case gets its first acknowledgement,
// but for two bounds that bring machines which answer one another to rest: so many automatic mails an hour to one address, and so many
// a day for mail that echoes automatic mail of ours.
type acknowledging struct {
	hour   map[string]inbox.Automatic
	day    map[string][]inbox.Echo
	echoes int // how many are acknowledged in a day
}

// addressee is a new case whose opener would be acknowledged.
type addressee struct {
	address string
	subject string // of the mail that opened it
}

// How the keys of acknowledgements begin: the first of a case, and one for a case that an echo opened.
const (
	ackPrefix  = "ack:case:"
	echoPrefix = "ack:echo:"
)

// acknowledging looks up what the askers got of late. The day is addressee about only for mails that say that they answer something.
func (s *Service) acknowledging(ctx context.Context, tx *db.Tx, list []addressee) (*acknowledging, error) {
	var addresses, answering []string
	for _, a := range list {
		addresses = append(addresses, a.address)
		if letters.ThreadOf(a.subject).Answers() {
			answering = append(answering, a.address)
		}
	}
	a := acknowledging{day: map[string][]inbox.Echo{}}
	var err error
	if a.hour, err = s.inbox.AutomaticTo(ctx, tx, tx.Now(), addresses); err != nil || len(answering) == 0 {
		return &a, err
	}
	mails, most, err := s.inbox.AutomaticOfDay(ctx, tx, tx.Now(), answering)
	a.echoes = most
	for _, m := range mails {
		a.day[m.Address] = append(a.day[m.Address], m)
	}
	return &a, err
}

// verdict tells why a case is not acknowledged, or, where it is, whether for an echo.
func (a *acknowledging) verdict(one addressee) (echo bool, held *Warning) {
	params := map[string]string{"address": one.address}
	got := a.hour[one.address]
	if got.Full() {
		return false, &Warning{Key: warnAckHeld, Params: params}
	}
	if echo = a.echo(one); echo {
		given := 0
		for _, m := range a.day[one.address] {
			if strings.HasPrefix(m.Key, echoPrefix) {
				given++
			}
		}
		if given >= a.echoes {
			return false, &Warning{Key: warnEchoHeld, Params: params}
		}
		a.day[one.address] = append(a.day[one.address], inbox.Echo{Address: one.address, Key: echoPrefix, Subject: one.subject})
	}
	got.InHour++
	a.hour[one.address] = got
	return echo, nil
}

// echo tells whether a mail that opened a case answers automatic mail of the day: it says so itself, and has its subject or the number
// of its case. What reached us with a reference to that mail opened no case.
func (a *acknowledging) echo(one addressee) bool {
	thread := letters.ThreadOf(one.subject)
	return thread.Answers() && slices.ContainsFunc(a.day[one.address], func(m inbox.Echo) bool { return thread.Of(letters.ThreadOf(m.Subject)) })
}
