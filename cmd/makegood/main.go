// Command makegood is the desk where billing disputes are settled: the server, its demo and its tools.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"makegood/internal/config"
)

// version is written by the linker when a release is built.
var version = "dev"

type cli struct {
	Demo      demoCommand      `cmd:"" help:"Start the whole product with its own database, its own mail server and an invented company."`
	Serve     serveCommand     `cmd:"" help:"Run the server."`
	Migrate   migrateCommand   `cmd:"" help:"Bring the database's schema up to date, or show where it stands."`
	Mail      mailCommand      `cmd:"" help:"Read, ingest and reconcile mail."`
	Import    importCommand    `cmd:"" help:"Bring in records of other systems from files; each row that is not taken says why."`
	Cases     casesCommand     `cmd:"" help:"Bring in the past of another helpdesk."`
	Export    exportCommand    `cmd:"" help:"Write evidence: of a case, or of a legal entity's books."`
	Config    configCommand    `cmd:"" help:"Carry what a company has set between installations, as one YAML file."`
	Policy    policyCommand    `cmd:"" help:"Carry the policy of who approves what between installations."`
	Reasons   reasonsCommand   `cmd:"" help:"Reasons of claims and credits, and root causes: a set to begin with, and as a file."`
	Reconcile reconcileCommand `cmd:"" help:"Compare the books with another system's file, or Stripe's; exit 1 on an unexplained difference."`
	Blobs     blobsCommand     `cmd:"" help:"Move files between the database and the place outside."`
	Verify    verifyCommand    `cmd:"" help:"Prove that chains, books, numbers and deadlines are sound; exit 1 otherwise."`
	SLA       slaCommand       `cmd:"" name:"sla" help:"Explain deadlines."`
	Jobs      jobsCommand      `cmd:"" help:"See background work that was given up, and have it worked again."`
	Secrets   secretsCommand   `cmd:"" help:"Change the secret key while the program goes on."`
	Entity    entityCommand    `cmd:"" help:"Add and list legal entities."`
	User      userCommand      `cmd:"" help:"Manage users."`
	Token     tokenCommand     `cmd:"" help:"Manage API tokens."`
	Health    healthCommand    `cmd:"" help:"Ask a running server whether it is ready; exit 1 otherwise."`
	Bench     benchCommand     `cmd:"" help:"Measure the program beside what PostgreSQL itself reaches."`

	Settings settings         `embed:""`
	Version  kong.VersionFlag `env:"-" help:"Print the version."`
}

// settings are shared by the commands that work on a database.
type settings struct {
	DatabaseURL        string `env:"MAKEGOOD_DATABASE_URL" placeholder:"URL" help:"PostgreSQL database."`
	SessionDatabaseURL string `env:"MAKEGOOD_SESSION_DATABASE_URL" placeholder:"URL" help:"The same database without a pooler, when the other URL leads through one that lends connections for a transaction."`
	ReportDatabaseURL  string `env:"MAKEGOOD_REPORT_DATABASE_URL" placeholder:"URL" help:"Read replica for aging, DSO and indicators."`
	HTTPAddr           string `env:"MAKEGOOD_HTTP_ADDR" default:"127.0.0.1:8080" help:"Address to listen on."`
	PublicURL          string `env:"MAKEGOOD_PUBLIC_URL" default:"http://127.0.0.1:8080" help:"How people reach the desk."`
	SecretKey          string `env:"MAKEGOOD_SECRET_KEY" placeholder:"SECRET" help:"At least 32 random characters; seals secrets and signs links."`
	OlderKeys          string `env:"MAKEGOOD_OLDER_KEYS" placeholder:"SECRETS" help:"Secret keys of before, by comma: they still open and verify, until makegood secrets rotate has run."`
	SMTPURL            string `env:"MAKEGOOD_SMTP_URL" placeholder:"URL" help:"Mail relay: smtp://user:password@host:587, smtp+starttls:// or smtps://."`
	TrustedReceivers   string `env:"MAKEGOOD_TRUSTED_RECEIVERS" placeholder:"NAMES" help:"Mail servers whose Authentication-Results count, by comma."`
	BlobURL            string `env:"MAKEGOOD_BLOB_URL" placeholder:"URL" help:"Where files of 64 KB and more lie: file:///folder or s3://bucket/prefix; in the database without it."`
	MailInside         string `env:"MAKEGOOD_MAIL_INSIDE" placeholder:"ADDRESSES" help:"Addresses with ports, by comma, at which authorisation servers of mailboxes (OAuth 2.0) may be reached although they are not public."`
	LargestMail        int    `env:"MAKEGOOD_LARGEST_MAIL" default:"30" placeholder:"MB" help:"Megabytes up to which mail is fetched whole; of a larger one only the headers are kept."`
	ClamdURL           string `env:"MAKEGOOD_CLAMD_URL" placeholder:"URL" help:"Virus scanner: tcp://host:3310 or unix:///run/clamav/clamd.ctl; none without it."`
	OIDCIssuer         string `name:"oidc-issuer" env:"MAKEGOOD_OIDC_ISSUER" placeholder:"URL" help:"OpenID Connect provider for single sign-on; none without it."`
	OIDCClientID       string `name:"oidc-client-id" env:"MAKEGOOD_OIDC_CLIENT_ID" placeholder:"ID" help:"What the desk is called there."`
	OIDCClientSecret   string `name:"oidc-client-secret" env:"MAKEGOOD_OIDC_CLIENT_SECRET" placeholder:"SECRET" help:"By which the desk proves itself there."`
	OIDCName           string `name:"oidc-name" env:"MAKEGOOD_OIDC_NAME" placeholder:"NAME" help:"What the button says."`
	OIDCInside         string `name:"oidc-inside" env:"MAKEGOOD_OIDC_INSIDE" placeholder:"ADDRESSES" help:"Addresses with ports, by comma, at which the provider may be reached although they are not public."`
	OTLPEndpoint       string `name:"otlp-endpoint" env:"OTEL_EXPORTER_OTLP_ENDPOINT" placeholder:"URL" help:"Collector of OpenTelemetry that traces are sent to (OTLP over HTTP, port 4318); none without it."`
	OTLPTraces         string `name:"otlp-traces-endpoint" env:"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" placeholder:"URL" help:"The same, whole: nothing is added to it."`
	OTelDisabled       bool   `name:"otel-sdk-disabled" env:"OTEL_SDK_DISABLED" help:"Send no traces, whatever is set."`
	LogLevel           string `env:"MAKEGOOD_LOG_LEVEL" default:"info" help:"debug, info, warn or error."`
}

func (s settings) config(roles ...string) config.Config {
	return config.Config{
		DatabaseURL: s.DatabaseURL, SessionDatabaseURL: s.SessionDatabaseURL, ReportDatabaseURL: s.ReportDatabaseURL, HTTPAddr: s.HTTPAddr, PublicURL: s.PublicURL,
		OIDC: s.oidc(), MailInside: addresses(s.MailInside), OlderKeys: words(s.OlderKeys), TracesURL: s.traces(),
		SecretKey: s.SecretKey, SMTPURL: s.SMTPURL, BlobURL: s.BlobURL, ScannerURL: s.ClamdURL, LargestMail: s.LargestMail, LogLevel: s.LogLevel, Roles: roles, TrustedReceivers: words(s.TrustedReceivers),
	}
}

// traces is where traces go, by the rules of OpenTelemetry for its standard variables.
func (s settings) traces() string {
	switch {
	case s.OTelDisabled:
		return ""
	case s.OTLPTraces != "":
		return s.OTLPTraces
	case s.OTLPEndpoint != "":
		return strings.TrimSuffix(s.OTLPEndpoint, "/") + "/v1/traces"
	}
	return ""
}

func (s settings) oidc() config.OIDC {
	return config.OIDC{Issuer: s.OIDCIssuer, ClientID: s.OIDCClientID, ClientSecret: s.OIDCClientSecret, Name: s.OIDCName, Inside: addresses(s.OIDCInside)}
}

// addresses reads addresses with ports; what is none opens no door.
func addresses(list string) []netip.AddrPort {
	var read []netip.AddrPort
	for _, text := range words(list) {
		if address, err := netip.ParseAddrPort(text); err == nil {
			read = append(read, address)
		}
	}
	return read
}

// streams are where commands read and write; tests give their own.
type streams struct {
	out, err io.Writer
}

// failure ends the program with a code and no further words.
type failure int

func (f failure) Error() string { return fmt.Sprintf("exit %d", int(f)) }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], streams{os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

func newParser(ctx context.Context, c *cli, s streams) (*kong.Kong, error) {
	return kong.New(c, kong.Name("makegood"), kong.Description("Settles what customers say is wrong with their invoices."),
		kong.UsageOnError(), kong.DefaultEnvars("MAKEGOOD"), kong.Vars{"version": version}, kong.Writers(s.out, s.err), kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(s))
}

func run(ctx context.Context, args []string, s streams) int {
	var c cli
	parser, err := newParser(ctx, &c, s)
	if err != nil {
		_, _ = fmt.Fprintln(s.err, "makegood:", err)
		return 2
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		_, _ = fmt.Fprintln(s.err, "makegood:", err)
		return 2
	}
	err = parsed.Run(&c.Settings)
	if code, ok := errors.AsType[failure](err); ok { // the command line's own errors are wrapped around it
		return int(code)
	}
	if err != nil {
		_, _ = fmt.Fprintln(s.err, "makegood:", err)
		return 1
	}
	return 0
}
