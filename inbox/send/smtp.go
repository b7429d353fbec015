package send

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"

	"makegood/inbox"
	"makegood/internal/errs"
)

// Outcome says how an attempt to hand a mail to the server ended.
type Outcome int

// The outcomes.
const (
	Accepted Outcome = iota
	Refused          // for good: the server says no
	Deferred         // not now: try again later
	Unclear          // the server may or may not have taken it
)

// Sender hands one mail to the world. It is an edge of the world and so an interface.
type Sender interface {
	Send(ctx context.Context, m *mail.Msg) (Outcome, error)
	// RepeatHeader names the header by which the server knows a mail it has taken already and drops the second
	// copy; empty when it offers none, and then nothing unclear is ever sent again by itself.
	RepeatHeader() string
}

// SMTP is a Sender through one relay.
type SMTP struct {
	host     string
	o        []mail.Option
	repeat   string
	patience patience
	idle     idle
}

// patience is how long the server may take.
type patience struct {
	command time.Duration // to be reached, and for each conversation up to the mail itself
	mail    time.Duration // to take the mail and answer to it: one that filters before it answers takes minutes
	goodbye time.Duration // when the program is being stopped
}

// NewSMTP reads a URL: smtp://user:password@host:587 (STARTTLS when offered), smtp+starttls://… (STARTTLS or nothing)
// or smtps://host:465 (TLS). The parameter repeat_header names the header by which this relay recognises a repeated mail.
func NewSMTP(address string) (*SMTP, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return nil, fmt.Errorf("MAKEGOOD_SMTP_URL is no address of the form smtp://user:password@host:587")
	}
	s := &SMTP{host: u.Hostname(), repeat: u.Query().Get("repeat_header")}
	s.patience = patience{command: 30 * time.Second, mail: inbox.HandOver, goodbye: 30 * time.Second}
	s.o = []mail.Option{mail.WithoutNoop()}
	port := 587
	switch u.Scheme {
	case "smtps":
		port = 465
		s.o = append(s.o, mail.WithSSL())
	case "smtp+starttls":
		s.o = append(s.o, mail.WithTLSPolicy(mail.TLSMandatory))
	case "smtp":
		s.o = append(s.o, mail.WithTLSPolicy(mail.TLSOpportunistic))
	default:
		return nil, fmt.Errorf("MAKEGOOD_SMTP_URL has scheme %q: use smtp, smtp+starttls or smtps", u.Scheme)
	}
	if text := u.Port(); text != "" {
		if port, err = strconv.Atoi(text); err != nil {
			return nil, fmt.Errorf("MAKEGOOD_SMTP_URL has port %q", text)
		}
	}
	s.o = append(s.o, mail.WithPort(port))
	if u.User != nil {
		password, _ := u.User.Password()
		s.o = append(s.o, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(u.User.Username()), mail.WithPassword(password))
	}
	return s, nil
}

// RepeatHeader is the relay's header against double delivery, as configured.
func (s *SMTP) RepeatHeader() string { return s.repeat }

// Send hands over the mail, on a connection that is open from a mail before where there is one. A server that has grown tired of
// that one is called anew.
func (s *SMTP) Send(ctx context.Context, m *mail.Msg) (Outcome, error) {
	if l := s.idle.take(); l != nil {
		err := l.hand(ctx, m, s.patience)
		if !l.tired(err) {
			return s.end(l, m, err)
		}
		l.close()
	}
	client, err := mail.NewClient(s.host, append(slices.Clone(s.o), mail.WithTimeout(s.patience.command))...)
	if err != nil {
		return Refused, fmt.Errorf("prepare SMTP: %w", err)
	}
	connection, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return Deferred, errs.Wrap(err, errs.Unavailable, "send.server_away")
	}
	l := &line{client: client, connection: connection}
	return s.end(l, m, l.hand(ctx, m, s.patience))
}

// end keeps the connection for the next mail if all went well on it. The server's answer to the mail is what counts.
func (s *SMTP) end(l *line, m *mail.Msg, err error) (Outcome, error) {
	if l.sent++; err == nil {
		s.idle.put(l)
	} else {
		defer l.close()
	}
	if m.IsDelivered() {
		return Accepted, nil
	}
	if sending := (*mail.SendError)(nil); errors.As(err, &sending) && sending.Reason == mail.ErrSMTPRcptTo {
		switch readers := l.refused(m); {
		case len(readers) == 0: // it would take them all by now
		case readers[0].ForNow:
			return Deferred, errs.Wrap(&ReadersError{readers}, errs.Unavailable, inbox.DeferredKey)
		default:
			return Refused, errs.Wrap(&ReadersError{readers}, errs.Invalid, "send.refused")
		}
	}
	return judge(err)
}

// judge reads go-mail's error: only a failure after the body was handed over leaves it unclear whether the server took it.
func judge(err error) (Outcome, error) {
	var sending *mail.SendError
	if !errors.As(err, &sending) {
		return Deferred, errs.Wrap(err, errs.Unavailable, "send.server_away")
	}
	if sending.Reason == mail.ErrSMTPDataClose && sending.ErrorCode() == 0 { // no answer to the finished body
		return Unclear, errs.Wrap(err, errs.Unavailable, "send.unclear")
	}
	if sending.IsTemp() || sending.ErrorCode() == 0 {
		return Deferred, errs.Wrap(err, errs.Unavailable, inbox.DeferredKey)
	}
	return Refused, errs.Wrap(err, errs.Invalid, "send.refused")
}
