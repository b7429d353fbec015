package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"

	"makegood/inbox"
	"makegood/internal/outside"
)

// door opens mailboxes: it knows how to dial, whom to trust and how to sign in.
type door struct {
	inbox *inbox.Service
	roots *x509.CertPool // nil means those of the system
	// silence is how long a server that owes an answer may say nothing.
	silence time.Duration
	http    *http.Client // for authorisation servers, which are nowhere inside but where the operator said
}

func newDoor(service *inbox.Service, o Options) door {
	return door{inbox: service, roots: o.Roots, silence: o.Silence, http: outside.New(outside.Options{Also: o.Inside}).Patient(20 * time.Second)}
}

// connect signs in and opens the folder read-only: the mailbox is left as it is. It gives up when ctx ends.
func (d door) connect(ctx context.Context, box inbox.Mailbox) (*session, error) {
	s, release, err := d.dial(ctx, box)
	if err != nil {
		return nil, err
	}
	defer release()
	if err := d.signIn(ctx, s, box); err != nil {
		_ = s.client.Close()
		return nil, err
	}
	if err := s.open(box); err != nil {
		_ = s.client.Close()
		return nil, err
	}
	return s, nil
}

// dial connects without signing in. The connection is closed when ctx ends before release is called.
func (d door) dial(ctx context.Context, box inbox.Mailbox) (s *session, release func() bool, err error) {
	s = &session{news: make(chan struct{}, 1), watch: watch{patience: d.silence}}
	raw, err := (&net.Dialer{Timeout: 15 * time.Second}).DialContext(ctx, "tcp", box.IMAPAddress)
	if err != nil {
		return nil, nil, fmt.Errorf("reach %s: %w", box.IMAPAddress, err)
	}
	release = context.AfterFunc(ctx, func() { _ = raw.Close() })
	if s.client, err = d.greet(ctx, s.watch.over(raw), s.news, box); err != nil {
		_ = raw.Close()
		return nil, nil, fmt.Errorf("reach %s: %w", box.IMAPAddress, err)
	}
	if err := s.client.WaitGreeting(); err != nil {
		_ = s.client.Close()
		return nil, nil, fmt.Errorf("greeting of %s: %w", box.IMAPAddress, err)
	}
	return s, release, nil
}

// greet makes a client of a connection, encrypted where that is set. What the server tells of the folder unasked is news.
func (d door) greet(ctx context.Context, conn net.Conn, news chan<- struct{}, box inbox.Mailbox) (*imapclient.Client, error) {
	options := &imapclient.Options{
		TLSConfig: &tls.Config{ServerName: host(box.IMAPAddress), RootCAs: d.roots, MinVersion: tls.VersionTLS12},
		UnilateralDataHandler: &imapclient.UnilateralDataHandler{Mailbox: func(*imapclient.UnilateralDataMailbox) {
			select {
			case news <- struct{}{}:
			default:
			}
		}},
	}
	switch box.Security {
	case "tls":
		options.TLSConfig.NextProtos = []string{"imap"}
		secure := tls.Client(conn, options.TLSConfig)
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, err
		}
		return imapclient.New(secure, options), nil
	case "starttls":
		return imapclient.NewStartTLS(conn, options)
	}
	return imapclient.New(conn, options), nil
}

// signIn proves who we are by the way the mailbox is set to.
func (d door) signIn(ctx context.Context, s *session, box inbox.Mailbox) error {
	if box.Auth == inbox.Password {
		password, err := d.inbox.Password(box)
		if err != nil {
			return fmt.Errorf("open password: %w", err)
		}
		if err := s.password(box.Username, password); err != nil {
			return fmt.Errorf("sign in as %s: %w", box.Username, err)
		}
		return nil
	}
	grant, err := d.access(ctx, box)
	if err != nil {
		return err
	}
	s.grant = &grant
	err = s.client.Authenticate(bearer(box, grant.AccessToken))
	if err == nil {
		return nil
	}
	if refused(err) { // withdrawn before its time: the next attempt asks for another
		err = errors.Join(err, d.inbox.ForgetAccess(ctx, box.ID))
	}
	return fmt.Errorf("sign in as %s by token: %w", box.Username, err)
}

// password uses LOGIN, or AUTHENTICATE PLAIN where the server has switched LOGIN off.
func (s *session) password(user, password string) error {
	caps := s.client.Caps()
	if caps.Has(imap.CapLoginDisabled) {
		if !caps.Has(imap.AuthCap(sasl.Plain)) {
			return errors.New("the server takes no password on this connection: use tls or starttls")
		}
		return s.client.Authenticate(sasl.NewPlainClient("", user, password))
	}
	return s.client.Login(user, password).Wait()
}

// bearer is the SASL exchange that carries an access token.
func bearer(box inbox.Mailbox, token string) sasl.Client {
	if box.Auth == inbox.XOAuth2 {
		return &xoauth2{user: box.Username, token: token}
	}
	_, port, _ := net.SplitHostPort(box.IMAPAddress)
	n, _ := strconv.Atoi(port)
	return sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{Username: box.Username, Token: token, Host: host(box.IMAPAddress), Port: n})
}

// xoauth2 is the mechanism that came before OAUTHBEARER and that the large providers still want.
// https://developers.google.com/workspace/gmail/imap/xoauth2-protocol
type xoauth2 struct{ user, token string }

// Start sends user and token at once.
func (x *xoauth2) Start() (mechanism string, first []byte, err error) {
	return "XOAUTH2", []byte("user=" + x.user + "\x01auth=Bearer " + x.token + "\x01\x01"), nil
}

// Next answers the explanation of a refusal with nothing; the refusal itself follows.
func (x *xoauth2) Next([]byte) ([]byte, error) { return []byte{}, nil }

func (s *session) open(box inbox.Mailbox) error {
	data, err := s.client.Select(box.Folder, &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		return fmt.Errorf("open folder %s: %w", box.Folder, err)
	}
	s.validity = box.Validity(data.UIDValidity)
	s.messages = data.NumMessages
	s.idle = s.client.Caps().Has(imap.CapIdle)
	return nil
}

func host(address string) string {
	name, _, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return name
}

// refused tells whether the server answered that it will not, as opposed to a connection that broke.
func refused(err error) bool {
	var e *imap.Error
	return errors.As(err, &e) && (e.Type == imap.StatusResponseTypeNo || e.Type == imap.StatusResponseTypeBad)
}
