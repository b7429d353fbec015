package app

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/internal/config"
	"makegood/internal/db"
	"makegood/internal/demo"
	"makegood/internal/demo/postoffice"
	"makegood/internal/pgserver"
	"makegood/internal/secrets"
)

// DemoOptions says where the demo lives.
type DemoOptions struct {
	Dir      string
	HTTPAddr string
	Live     bool // customers keep writing
	Logger   *slog.Logger
	Clock    db.Clock
}

// Demo is the whole product with its own database, its own mail server and an invented company.
type Demo struct {
	Info DemoInfo
	// Dir is the folder in use; it differs from the one asked for when the database's user cannot reach that.
	Dir string

	o        DemoOptions
	keys     secrets.Keys
	postgres *pgserver.Server
	office   *postoffice.Office
	app      *App
	writing  *demo.Writer
}

// DemoInfo is what one needs to use the demo from outside.
type DemoInfo struct {
	URL         string            `json:"url"`
	Users       []DemoUser        `json:"users"`
	Tokens      map[string]string `json:"tokens"`
	SMTP        string            `json:"smtp"`
	IMAP        DemoIMAP          `json:"imap"`
	DatabaseURL string            `json:"database_url"`
}

// DemoUser is somebody to sign in as.
type DemoUser struct {
	Email    string `json:"email"`
	Password string `json:"password"`
	Role     string `json:"role"`
}

// DemoIMAP is the demo's mail server as a reader of mail sees it.
type DemoIMAP struct {
	Addr     string        `json:"addr"`
	Accounts []DemoAccount `json:"accounts"`
}

// DemoAccount is one mailbox on the demo's mail server.
type DemoAccount struct {
	User       string `json:"user"`
	Password   string `json:"password"`
	MailboxFor string `json:"mailbox_for"`
}

const (
	demoDatabase = "makegood"
	demoRole     = "makegood"
)

// StartDemo starts everything and returns when it is ready. Data of an earlier start is kept; a first start that was cut
// off is begun anew.
func StartDemo(ctx context.Context, o DemoOptions) (*Demo, error) {
	d := &Demo{o: o}
	if err := d.start(ctx); err != nil {
		return nil, errors.Join(err, d.Stop(context.WithoutCancel(ctx)))
	}
	return d, nil
}

func (d *Demo) start(ctx context.Context) error {
	var listen net.ListenConfig
	port, err := listen.Listen(ctx, "tcp", d.o.HTTPAddr)
	if err != nil {
		return fmt.Errorf("listen on %s (use --http 127.0.0.1:0 for any free port): %w", d.o.HTTPAddr, err)
	}
	if d.postgres, err = pgserver.Start(ctx, pgserver.Config{Dir: d.o.Dir, Fsync: true, Logger: d.o.Logger}); err != nil {
		return errors.Join(err, port.Close())
	}
	d.Dir = d.postgres.Dir
	secret, err := keepSecret(filepath.Join(d.Dir, "secret"))
	if err != nil {
		return errors.Join(err, port.Close())
	}
	if d.keys, err = secrets.New(secret); err != nil {
		return errors.Join(err, port.Close())
	}
	if err := d.openOffice(ctx); err != nil {
		return errors.Join(err, port.Close())
	}
	cfg := config.Config{
		DatabaseURL: d.postgres.URL(demoRole, d.databasePassword(), demoDatabase),
		HTTPAddr:    port.Addr().String(), PublicURL: "http://" + port.Addr().String(), SecretKey: secret,
		SMTPURL: "smtp://" + d.office.SMTPAddr() + "?repeat_header=" + postoffice.RepeatHeader,
		Roles:   []string{"web", "worker"}, TrustedReceivers: []string{demo.Receiver}, Demo: true,
	}
	if err := d.prepare(ctx, cfg); err != nil {
		return errors.Join(err, port.Close())
	}
	if d.app, err = New(ctx, cfg, Options{Logger: d.o.Logger, Clock: d.o.Clock, Office: d.office, Listener: port}); err != nil {
		return errors.Join(err, port.Close())
	}
	if err := d.app.Start(ctx); err != nil {
		return err
	}
	d.tell(cfg)
	if d.o.Live {
		d.writing = demo.StartWriter(ctx, d.app.Billing, d.office, uint64(d.now().UnixNano()), d.o.Logger)
	}
	return nil
}

func (d *Demo) openOffice(ctx context.Context) error {
	var err error
	d.office, err = postoffice.Start(ctx, postoffice.Config{
		Dir: filepath.Join(d.Dir, "mail"), SMTPAddr: "127.0.0.1:0", IMAPAddr: "127.0.0.1:0", Hostname: demo.Receiver, Logger: d.o.Logger,
		Accounts: []postoffice.Account{
			{User: demo.SupportUser, Password: demo.MailPassword, Addresses: demo.SupportAddresses()},
			{User: demo.CustomersUser, Password: demo.MailPassword, CatchAll: true},
		},
	})
	return err
}

// prepare makes the database and fills in the company, once.
func (d *Demo) prepare(ctx context.Context, cfg config.Config) error {
	filled, err := d.filled(ctx)
	if err != nil {
		return err
	}
	if !filled {
		if err := d.recreate(ctx); err != nil {
			return err
		}
	}
	if err := db.Migrate(ctx, d.postgres.AdminURL(demoDatabase)); err != nil {
		return err
	}
	if err := d.allow(ctx); err != nil {
		return err
	}
	if !filled {
		if err := d.fill(ctx, cfg); err != nil {
			return fmt.Errorf("fill in the company: %w", err)
		}
	}
	return d.remember(ctx, cfg)
}

func (d *Demo) fill(ctx context.Context, cfg config.Config) error {
	now := d.now()
	clock := demo.NewClock(now)
	a, err := New(ctx, cfg, Options{Logger: d.o.Logger, Clock: clock.Now, DropJobs: true})
	if err != nil {
		return err
	}
	defer a.DB.Close()
	return demo.Fill(ctx, demo.Services{
		DB: a.DB, People: a.People, Billing: a.Billing, Inbox: a.Inbox, Cases: a.Cases, Credits: a.Credits, Clock: clock, Now: now,
		Token: d.token, MailServer: d.office.IMAPAddr(),
	})
}

// filled tells whether an earlier start got to its end.
func (d *Demo) filled(ctx context.Context) (bool, error) {
	conn, err := pgx.Connect(ctx, d.postgres.AdminURL("postgres"))
	if err != nil {
		return false, fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	var exists bool
	if err := conn.QueryRow(ctx, `select exists (select 1 from pg_database where datname = $1)`, demoDatabase).Scan(&exists); err != nil || !exists {
		return false, err
	}
	inside, err := pgx.Connect(ctx, d.postgres.AdminURL(demoDatabase))
	if err != nil {
		return false, fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = inside.Close(ctx) }()
	var done bool
	err = inside.QueryRow(ctx, `select to_regclass('installation') is not null`).Scan(&done)
	if err != nil || !done {
		return false, err
	}
	err = inside.QueryRow(ctx, `select exists (select 1 from installation where key = $1)`, SecretFile).Scan(&done)
	return done, err
}

func (d *Demo) recreate(ctx context.Context) error {
	return d.admin(ctx, "postgres", `drop database if exists `+demoDatabase+` with (force)`, `create database `+demoDatabase)
}

// allow makes the role that the application signs in with; its password follows from the secret key.
func (d *Demo) allow(ctx context.Context) error {
	return d.admin(ctx, demoDatabase, fmt.Sprintf(`do $$ begin
		if not exists (select 1 from pg_roles where rolname = '%[1]s') then create role %[1]s login in role makegood_app; end if;
		end $$`, demoRole), fmt.Sprintf(`alter role %s password '%s'`, demoRole, d.databasePassword()))
}

// remember notes that the company is complete, where the secret key lies and where the mail server is now.
func (d *Demo) remember(ctx context.Context, cfg config.Config) error {
	path, err := filepath.Abs(filepath.Join(d.Dir, "secret"))
	if err != nil {
		return fmt.Errorf("name the secret's file: %w", err)
	}
	conn, err := db.Open(ctx, db.Options{URL: cfg.DatabaseURL, MaxConns: 2})
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Do(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `insert into installation (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value`, SecretFile, path); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `update mailboxes set imap_address = $1, lease_owner = '', lease_until = '1970-01-01 00:00Z'`, d.office.IMAPAddr())
		return err
	})
}

func (d *Demo) admin(ctx context.Context, database string, statements ...string) error {
	conn, err := pgx.Connect(ctx, d.postgres.AdminURL(database))
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("prepare database: %w", err)
		}
	}
	return nil
}

func (d *Demo) now() time.Time {
	if d.o.Clock != nil {
		return d.o.Clock()
	}
	return time.Now() //nolint:forbidigo // the demo's dates are relative to today
}

func (d *Demo) databasePassword() string { return d.keys.Sign("demo-database") }

func (d *Demo) token(role string) string { return "mgd_" + d.keys.Sign("demo-token", role) }

func (d *Demo) tell(cfg config.Config) {
	d.Info = DemoInfo{
		URL: cfg.PublicURL, Tokens: map[string]string{}, SMTP: d.office.SMTPAddr(), DatabaseURL: cfg.DatabaseURL,
		IMAP: DemoIMAP{Addr: d.office.IMAPAddr(), Accounts: []DemoAccount{
			{User: demo.SupportUser, Password: demo.MailPassword, MailboxFor: strings.Join(demo.SupportAddresses(), ", ")},
			{User: demo.CustomersUser, Password: demo.MailPassword, MailboxFor: "everybody else: the customers"},
		}},
	}
	for _, person := range demo.People() {
		d.Info.Users = append(d.Info.Users, DemoUser{Email: person.Email, Password: demo.Password, Role: string(person.Role)})
	}
	for _, role := range demo.TokenRoles() {
		d.Info.Tokens[role] = d.token(role)
	}
}

// Done is closed when the demo can no longer go on, because its database has ended.
func (d *Demo) Done() <-chan struct{} { return d.postgres.Done() }

// Stop ends everything in reverse. It is harmless when repeated or when the start failed half-way.
func (d *Demo) Stop(ctx context.Context) error {
	var err error
	if d.writing != nil {
		d.writing.Stop()
	}
	if d.app != nil {
		err = d.app.Stop(ctx)
	}
	if d.office != nil {
		err = errors.Join(err, d.office.Stop(ctx))
	}
	if d.postgres != nil {
		err = errors.Join(err, d.postgres.Stop(ctx))
	}
	return err
}

// Print tells people, or with asJSON programs, how to use the demo.
func (d *Demo) Print(w io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(d.Info)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\nMakegood demo: all people and companies in it are invented.\n\n  %s\n\n", d.Info.URL)
	fmt.Fprintf(&b, "Sign in as (the password of each is %s):\n", demo.Password)
	for _, person := range demo.People() {
		fmt.Fprintf(&b, "  %-12s %-34s %s\n", person.Role, person.Email, person.Name)
	}
	fmt.Fprintf(&b, "\nThe customers' mailbox: %s/demo/mailbox\nMail: SMTP %s, IMAP %s (%s and %s, password %s)\nWrite to: %s\n",
		d.Info.URL, d.Info.SMTP, d.Info.IMAP.Addr, demo.SupportUser, demo.CustomersUser, demo.MailPassword, strings.Join(demo.SupportAddresses(), ", "))
	fmt.Fprintf(&b, "Data: %s (kept; remove the folder to begin anew)\nCtrl-C stops all of it.\n", d.Dir)
	_, err := io.WriteString(w, b.String())
	return err
}

// keepSecret reads the demo's secret key, or makes one at the first start.
func keepSecret(path string) (string, error) {
	old, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(old)), nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("read secret key: %w", err)
	}
	fresh := rand.Text() + rand.Text()
	if err := os.WriteFile(path, []byte(fresh+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep secret key: %w", err)
	}
	return fresh, nil
}
