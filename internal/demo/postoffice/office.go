// Package postoffice is the demo's mail server: mail comes in by SMTP, is kept on disk, and is read by IMAP. It
// listens where it is told, which should be loopback: it takes mail from anybody for anybody it knows. What it
// has acknowledged it still has after a kill, exactly once and under the same number.
package postoffice

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-smtp"
)

// Errors that callers can tell apart.
var (
	ErrNoAccount = errors.New("no account takes mail for this address")
	ErrClosed    = errors.New("the post office is closed")
	ErrInUse     = errors.New("another program runs a post office in this folder")
)

// Config says where the office keeps its mail, where it listens and who has an account.
type Config struct {
	Dir                string
	SMTPAddr, IMAPAddr string // "127.0.0.1:0" for any free port
	Hostname           string // how it calls itself; empty means localhost
	Accounts           []Account
	Logger             *slog.Logger     // nil is quiet
	Now                func() time.Time // nil is the machine's clock
}

// Account is one mailbox and the addresses whose mail goes there. An address goes before a domain, a domain
// before a catch-all account, which takes whatever nobody else does.
type Account struct {
	User, Password string
	Addresses      []string
	Domains        []string
	CatchAll       bool
}

// Office is a running mail server.
type Office struct {
	config Config
	log    *slog.Logger
	routes routes
	boxes  map[string]*mailbox // by user; the map itself never changes
	keeper *keeper

	smtp               *smtp.Server
	imap               *imapserver.Server
	smtpPort, imapPort net.Listener
	serving            sync.WaitGroup
	stopping           chan struct{}
	stop               sync.Once
	stopErr            error
}

// Start reads the mail kept in Dir, then listens. Mail for accounts no longer configured stays on disk.
func Start(ctx context.Context, config Config) (*Office, error) {
	if config.Now == nil {
		config.Now = time.Now //nolint:forbidigo // a mail server stamps what it receives by the machine's clock
	}
	if config.Hostname == "" {
		config.Hostname = "localhost"
	}
	office := &Office{config: config, log: config.Logger, routes: newRoutes(config.Accounts), stopping: make(chan struct{})}
	if office.log == nil {
		office.log = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(config.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the mail folder: %w", err)
	}
	if err := office.open(); err != nil {
		return nil, err
	}
	if err := office.listen(ctx); err != nil {
		return nil, errors.Join(err, office.keeper.close())
	}
	office.log.InfoContext(ctx, "post office open", "smtp", office.SMTPAddr(), "imap", office.IMAPAddr())
	return office, nil
}

// open builds the mailboxes from the journal.
func (o *Office) open() error {
	path := filepath.Join(o.config.Dir, "mail.journal")
	contents, err := openJournal(path)
	if err != nil {
		return err
	}
	if contents.torn > 0 {
		o.log.Warn("unfinished end of the mail journal dropped", "bytes", contents.torn)
	}
	if contents.validity == 0 {
		contents.validity = uint32(o.config.Now().Unix())
		if err := contents.journal.begin(contents.validity); err != nil {
			return errors.Join(err, contents.journal.close())
		}
	}
	o.boxes = map[string]*mailbox{}
	for _, account := range o.config.Accounts {
		o.boxes[account.User] = newMailbox(contents.validity, contents.messages[account.User], contents.last[account.User])
	}
	o.keeper = startKeeper(contents.journal, o.boxes, contents.taken)
	return nil
}

func (o *Office) listen(ctx context.Context) error {
	var (
		listener net.ListenConfig
		err      error
	)
	if o.smtpPort, err = listener.Listen(ctx, "tcp", o.config.SMTPAddr); err != nil {
		return fmt.Errorf("listen for SMTP: %w", err)
	}
	if o.imapPort, err = listener.Listen(ctx, "tcp", o.config.IMAPAddr); err != nil {
		return errors.Join(fmt.Errorf("listen for IMAP: %w", err), o.smtpPort.Close())
	}
	o.smtp, o.imap = o.newSMTP(), o.newIMAP()
	o.serving.Go(func() { o.report("smtp", o.smtp.Serve(o.smtpPort)) })
	o.serving.Go(func() { o.report("imap", o.imap.Serve(o.imapPort)) })
	return nil
}

// report logs why a listener ended, unless it was told to.
func (o *Office) report(protocol string, err error) {
	select {
	case <-o.stopping:
		return
	default:
	}
	if err != nil {
		o.log.Error("post office stopped listening", "protocol", protocol, "error", err)
	}
}

// SMTPAddr is where it takes mail.
func (o *Office) SMTPAddr() string { return o.smtpPort.Addr().String() }

// IMAPAddr is where mail is read.
func (o *Office) IMAPAddr() string { return o.imapPort.Addr().String() }

// Stop closes both doors and the journal. Mail under way is either acknowledged and kept, or not acknowledged.
// It may be repeated.
func (o *Office) Stop(ctx context.Context) error {
	o.stop.Do(func() {
		close(o.stopping)
		// The listeners are closed by hand too: a server told to stop before it began to serve leaves its own open.
		for _, door := range []io.Closer{o.smtp, o.imap, o.smtpPort, o.imapPort} {
			if err := door.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
				o.stopErr = errors.Join(o.stopErr, err)
			}
		}
		o.serving.Wait()
		o.stopErr = errors.Join(o.stopErr, o.keeper.close())
		o.log.InfoContext(ctx, "post office closed")
	})
	return o.stopErr
}
