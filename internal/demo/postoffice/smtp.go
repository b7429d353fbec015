package postoffice

import (
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

const (
	maxMessage = 40 << 20
	maxLine    = 1 << 20 // generated HTML has very long lines
)

func (o *Office) newSMTP() *smtp.Server {
	server := smtp.NewServer(smtp.BackendFunc(func(conn *smtp.Conn) (smtp.Session, error) {
		return &smtpSession{office: o, conn: conn}, nil
	}))
	server.Domain = o.config.Hostname
	server.MaxMessageBytes = maxMessage
	server.MaxLineLength = maxLine
	server.AllowInsecureAuth = true
	server.EnableSMTPUTF8 = true
	server.ErrorLog = protocolLog{o.log.With("protocol", "smtp")}
	return server
}

// smtpSession is one connection that brings mail.
type smtpSession struct {
	office *Office
	conn   *smtp.Conn
	letter envelope
}

// AuthMechanisms offers what senders may insist on; nobody has to sign in.
func (s *smtpSession) AuthMechanisms() []string { return []string{sasl.Plain} }

// Auth accepts any name and password.
func (s *smtpSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(string, string, string) error { return nil }), nil
}

// Mail begins a message.
func (s *smtpSession) Mail(from string, _ *smtp.MailOptions) error {
	s.letter = envelope{from: from, greeting: s.conn.Hostname(), remote: s.conn.Conn().RemoteAddr().String()}
	return nil
}

// Rcpt refuses an address that is nobody's at once.
func (s *smtpSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if _, ok := s.office.routes.user(to); !ok {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such mailbox here"}
	}
	s.letter.to = append(s.letter.to, to)
	return nil
}

// Data returns, and thereby acknowledges, when the message is kept.
func (s *smtpSession) Data(in io.Reader) error {
	raw, err := io.ReadAll(in)
	if err != nil {
		return err //nolint:wrapcheck // the library answers by its type
	}
	if err := s.office.post(s.letter, raw); err != nil {
		if !errors.Is(err, ErrClosed) {
			s.office.log.Error("mail not kept", "error", err)
		}
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Not kept, try again later"}
	}
	return nil
}

// Reset forgets the message begun.
func (s *smtpSession) Reset() { s.letter = envelope{} }

// Logout has nothing to release.
func (s *smtpSession) Logout() error { return nil }

// protocolLog hands what the protocol libraries report to our log; most of it is clients that hang up.
type protocolLog struct{ log *slog.Logger }

// Printf implements the libraries' logger.
func (l protocolLog) Printf(format string, args ...any) {
	l.log.Debug("connection trouble", "detail", fmt.Sprintf(format, args...))
}

// Println implements the libraries' logger.
func (l protocolLog) Println(args ...any) {
	l.log.Debug("connection trouble", "detail", fmt.Sprintln(args...))
}
