package fetch_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-sasl"
)

// memory is the IMAP server in memory. It takes passwords and, when tokens is set, the tokens it holds good.
type memory struct {
	server

	tlsAddr string
	roots   *x509.CertPool
	user    *imapmemserver.User

	mu     sync.Mutex
	tokens []string
	broken []imap.UID // messages it fails to give
}

func inMemory(t *testing.T) *memory {
	t.Helper()
	m := &memory{user: imapmemserver.NewUser(login, password)}
	must(t, m.user.Create(folder, nil))
	certificate, roots := certificate(t)
	m.roots = roots
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	srv := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &memorySession{memory: m}, nil, nil
		},
		Caps: imap.CapSet{
			imap.CapIMAP4rev1: {}, imap.CapUIDPlus: {}, imap.CapMove: {}, imap.CapESearch: {}, imap.CapNamespace: {},
		},
		TLSConfig: config, InsecureAuth: true, Logger: log.New(io.Discard, "", 0),
	})
	plain, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	secure, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	var serving sync.WaitGroup
	serving.Go(func() { _ = srv.Serve(plain) })
	serving.Go(func() { _ = srv.Serve(tls.NewListener(secure, config)) })
	t.Cleanup(func() {
		_ = srv.Close()
		serving.Wait()
	})
	m.server = server{t: t, addr: plain.Addr().String()}
	m.tlsAddr = secure.Addr().String()
	return m
}

// accept makes these tokens good and all others bad.
func (m *memory) accept(tokens ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tokens = tokens
}

func (m *memory) takes(name, token string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return name == login && slices.Contains(m.tokens, token)
}

type memorySession struct {
	*imapmemserver.UserSession

	memory *memory
}

func (s *memorySession) Close() error {
	if s.UserSession == nil {
		return nil
	}
	return s.UserSession.Close()
}

// Login takes the account's password.
func (s *memorySession) Login(name, pass string) error {
	if err := s.memory.user.Login(name, pass); err != nil {
		return imapserver.ErrAuthFailed
	}
	s.UserSession = imapmemserver.NewUserSession(s.memory.user)
	return nil
}

// AuthenticateMechanisms are all that exist.
func (s *memorySession) AuthenticateMechanisms() []string {
	return []string{"PLAIN", "XOAUTH2", "OAUTHBEARER"}
}

// Authenticate takes passwords and tokens.
func (s *memorySession) Authenticate(mech string) (sasl.Server, error) {
	token := func(name, token string) error {
		if !s.memory.takes(name, token) {
			return errors.New("bad token")
		}
		s.UserSession = imapmemserver.NewUserSession(s.memory.user)
		return nil
	}
	switch mech {
	case "XOAUTH2":
		return &xoauth2Server{check: token}, nil
	case "OAUTHBEARER":
		return sasl.NewOAuthBearerServer(func(o sasl.OAuthBearerOptions) *sasl.OAuthBearerError {
			if token(o.Username, o.Token) != nil {
				return &sasl.OAuthBearerError{Status: "invalid_token"}
			}
			return nil
		}), nil
	}
	return sasl.NewPlainServer(func(_, name, pass string) error { return s.Login(name, pass) }), nil
}

// Fetch fails for a batch with a broken message in it, as servers do whose store is damaged.
func (s *memorySession) Fetch(w *imapserver.FetchWriter, set imap.NumSet, o *imap.FetchOptions) error {
	uids, ok := set.(imap.UIDSet)
	s.memory.mu.Lock()
	broken := ok && len(o.BodySection) > 0 && slices.ContainsFunc(s.memory.broken, uids.Contains)
	s.memory.mu.Unlock()
	if broken {
		return &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeServerBug, Text: "Internal error occurred"}
	}
	return s.UserSession.Fetch(w, set, o)
}

// xoauth2Server is the server's side of XOAUTH2: a refusal is explained before it is made.
type xoauth2Server struct {
	check     func(name, token string) error
	explained bool
}

func (x *xoauth2Server) Next(response []byte) (challenge []byte, done bool, err error) {
	if x.explained {
		return nil, true, errors.New("bad token")
	}
	var name, token string
	if parts := split(string(response)); len(parts) == 2 {
		name, token = parts[0], parts[1]
	}
	if x.check(name, token) != nil {
		x.explained = true
		return []byte(`{"status":"400","schemes":"Bearer"}`), false, nil //nolint:nilerr // the refusal is told first, as servers do
	}
	return nil, true, nil
}

// certificate makes one for 127.0.0.1 and those who trust it.
func certificate(t testing.TB) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "127.0.0.1"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(t, err)
	leaf, err := x509.ParseCertificate(der)
	must(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func TestServerInMemory(t *testing.T) {
	t.Parallel()
	scenarios(t, func(t *testing.T) server {
		t.Helper()
		return inMemory(t).server
	})
}

// split takes "user=U^Aauth=Bearer T^A^A" apart.
func split(response string) []string {
	name, rest, ok := strings.Cut(response, "\x01")
	token, ends, closed := strings.Cut(rest, "\x01")
	if !ok || !closed || ends != "\x01" {
		return nil
	}
	return []string{strings.TrimPrefix(name, "user="), strings.TrimPrefix(token, "auth=Bearer ")}
}
