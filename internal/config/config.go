// Package config is the program's configuration: filled once by the command line, handed down by value in parts.
package config

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"makegood/internal/secrets"
)

// Config is everything the program is told from outside. What changes while it runs lives in the database instead.
type Config struct {
	DatabaseURL        string
	SessionDatabaseURL string // the same database without a pooler, when DatabaseURL leads through one; empty means it does not
	ReportDatabaseURL  string // a read replica for aging, DSO and indicators; empty means the same database
	HTTPAddr           string
	PublicURL          string // how people reach it, in mails and links
	SecretKey          string
	OlderKeys          []string // secret keys of before, which still open and verify
	SMTPURL            string   // smtp://user:pass@host:587 or smtps://…
	LogLevel           string
	Roles              []string         // web, worker
	BlobURL            string           // where large files of mail lie: file:///… or s3://…; empty means in the database
	ScannerURL         string           // clamd, asked about every mail before it is delivered; empty means nobody
	LargestMail        int              // megabytes up to which mail is fetched whole; 0 means 30
	TracesURL          string           // the collector of traces (OTLP over HTTP); empty means nobody
	TrustedReceivers   []string         // authserv-ids whose Authentication-Results count
	MailInside         []netip.AddrPort // where the authorisation servers of mailboxes may be reached although that is not the public internet
	OIDC               OIDC             // the provider of single sign-on; none without an issuer
	Demo               bool
}

// OIDC is a company's own OpenID Connect provider.
type OIDC struct {
	Issuer, ClientID, ClientSecret string
	Name                           string           // on the button
	Inside                         []netip.AddrPort // where it may be reached although that is not the public internet
}

// mostMail is how many megabytes of a mail are read, whatever is fetched.
const mostMail = 40

// Check refuses what cannot work or is not safe, naming the variable.
func (c Config) Check() error {
	if c.DatabaseURL == "" {
		return fmt.Errorf("MAKEGOOD_DATABASE_URL is not set: name the PostgreSQL database, e.g. postgres://makegood:…@db/makegood")
	}
	if _, err := secrets.New(c.SecretKey, c.OlderKeys...); err != nil {
		return fmt.Errorf("MAKEGOOD_SECRET_KEY, or one of MAKEGOOD_OLDER_KEYS, is missing or weak: set at least %d random characters, e.g. from `openssl rand -base64 48`", secrets.MinLength)
	}
	if u, err := url.Parse(c.PublicURL); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("MAKEGOOD_PUBLIC_URL %q is no address of the form https://desk.example.com", c.PublicURL)
	}
	if _, _, err := net.SplitHostPort(c.HTTPAddr); err != nil {
		return fmt.Errorf("MAKEGOOD_HTTP_ADDR %q is no host:port", c.HTTPAddr)
	}
	if err := c.OIDC.check(); err != nil {
		return err
	}
	if c.LargestMail < 0 || c.LargestMail > mostMail {
		return fmt.Errorf("MAKEGOOD_LARGEST_MAIL is %d: name the megabytes up to which mail is fetched whole, at most %d", c.LargestMail, mostMail)
	}
	for _, role := range c.Roles {
		if role != "web" && role != "worker" {
			return fmt.Errorf("role %q is unknown: use all, web or worker", role)
		}
	}
	return nil
}

func (o OIDC) check() error {
	if o.Issuer == "" {
		return nil
	}
	if u, err := url.Parse(o.Issuer); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return fmt.Errorf("MAKEGOOD_OIDC_ISSUER %q is no address of the form https://sso.example.com/realms/desk", o.Issuer)
	}
	if o.ClientID == "" || o.ClientSecret == "" {
		return fmt.Errorf("MAKEGOOD_OIDC_CLIENT_ID and MAKEGOOD_OIDC_CLIENT_SECRET belong to MAKEGOOD_OIDC_ISSUER")
	}
	return nil
}

// Sessions is the way to the database on which a connection is a session of PostgreSQL for as long as it is held.
func (c Config) Sessions() string {
	if c.SessionDatabaseURL != "" {
		return c.SessionDatabaseURL
	}
	return c.DatabaseURL
}

// Is tells whether the process has the role.
func (c Config) Is(role string) bool {
	return slices.Contains(c.Roles, role)
}

// Level is the log level; an unknown word means info.
func (c Config) Level() slog.Level {
	var level slog.Level
	if err := level.UnmarshalText([]byte(strings.ToUpper(c.LogLevel))); err != nil {
		return slog.LevelInfo
	}
	return level
}
