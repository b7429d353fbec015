package fetch_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/jackc/pgx/v5"

	"makegood/inbox"
	"makegood/inbox/fetch"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/secrets"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

const (
	folder   = "Billing"
	login    = "support"
	password = "only for tests"
	patience = 30 * time.Second
)

// server is an IMAP server with one account, which has the folder.
type server struct {
	t    testing.TB
	addr string // without encryption
}

// other is a second client of the account, such as a person's mail program.
func (s server) other() *imapclient.Client {
	s.t.Helper()
	c, err := imapclient.DialInsecure(s.addr, nil)
	must(s.t, err)
	s.t.Cleanup(func() { _ = c.Close() })
	must(s.t, c.Login(login, password).Wait())
	return c
}

// deliver puts mails into the folder.
func (s server) deliver(mails ...[]byte) {
	s.t.Helper()
	c := s.other()
	for _, raw := range mails {
		a := c.Append(folder, int64(len(raw)), nil)
		_, err := a.Write(raw)
		must(s.t, err)
		must(s.t, a.Close())
		_, err = a.Wait()
		must(s.t, err)
	}
	must(s.t, c.Logout().Wait())
}

// expunge removes messages by their UIDs.
func (s server) expunge(uids ...imap.UID) {
	s.t.Helper()
	c := s.other()
	_, err := c.Select(folder, nil).Wait()
	must(s.t, err)
	must(s.t, c.Store(imap.UIDSetNum(uids...), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close())
	must(s.t, c.Expunge().Close())
	must(s.t, c.Logout().Wait())
}

// renumber makes the folder anew, as a server does that lost its index: another UIDVALIDITY, UIDs from 1.
func (s server) renumber() {
	s.t.Helper()
	c := s.other()
	must(s.t, c.Delete(folder).Wait())
	must(s.t, c.Create(folder, nil).Wait())
	must(s.t, c.Logout().Wait())
}

// flags lists the flags of all messages of the folder.
func (s server) flags() []imap.Flag {
	s.t.Helper()
	c := s.other()
	_, err := c.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
	must(s.t, err)
	list, err := c.Fetch(imap.SeqSet{{Start: 1, Stop: 0}}, &imap.FetchOptions{Flags: true}).Collect()
	must(s.t, err)
	var all []imap.Flag
	for _, m := range list {
		all = append(all, slices.DeleteFunc(m.Flags, func(f imap.Flag) bool { return strings.EqualFold(string(f), `\Recent`) })...)
	}
	must(s.t, c.Logout().Wait())
	return all
}

// letter is the nth mail of a test. Its size in bytes is at least size.
func letter(n, size int) []byte {
	head := fmt.Sprintf("From: anna@aster.example\r\nTo: billing@nordlicht.example\r\nSubject: Mail %d\r\nMessage-ID: <%d@aster.example>\r\n\r\n", n, n)
	line := fmt.Sprintf("This is line after line of mail %d.\r\n", n)
	return []byte(head + strings.Repeat(line, 1+size/len(line)))
}

func letters(from, to int) [][]byte {
	var list [][]byte
	for n := from; n <= to; n++ {
		list = append(list, letter(n, 100))
	}
	return list
}

// desk is an inbox on a database of its own.
type desk struct {
	t     *testing.T
	db    *db.DB
	inbox *inbox.Service
	news  <-chan struct{}
}

func setup(t *testing.T, clock db.Clock) *desk {
	t.Helper()
	url := dbtest.URL(t)
	d := &desk{t: t, db: dbtest.Open(t, url, clock), news: listen(t, url)}
	d.inbox = d.inboxWith(inbox.Options{})
	return d
}

func (d *desk) inboxWith(o inbox.Options) *inbox.Service {
	d.t.Helper()
	keys, err := secrets.New("a secret of this test, 0123456789 long enough")
	must(d.t, err)
	return inbox.New(d.db, keys, slog.New(slog.DiscardHandler), o)
}

// listen gives a value after something was announced in the database.
func listen(t *testing.T, url string) <-chan struct{} {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	_, err = conn.Exec(t.Context(), "listen "+db.Channel)
	must(t, err)
	news := make(chan struct{}, 1)
	ctx, cancel := context.WithCancel(t.Context())
	var heard sync.WaitGroup
	heard.Go(func() {
		for {
			if _, err := conn.WaitForNotification(ctx); err != nil {
				return
			}
			select {
			case news <- struct{}{}:
			default:
			}
		}
	})
	t.Cleanup(func() {
		cancel()
		heard.Wait()
		_ = conn.Close(context.WithoutCancel(t.Context()))
	})
	return news
}

// mailbox adds one; what is empty in it is filled in.
func (d *desk) mailbox(in inbox.NewMailbox) inbox.Mailbox {
	d.t.Helper()
	set := func(to *string, otherwise string) {
		if *to == "" {
			*to = otherwise
		}
	}
	set(&in.Address, "billing@nordlicht.example")
	set(&in.Security, "none")
	set(&in.Username, login)
	set(&in.Password, password)
	set(&in.Folder, folder)
	var m inbox.Mailbox
	must(d.t, d.db.Do(d.t.Context(), func(tx *db.Tx) error {
		var err error
		m, err = d.inbox.AddMailboxTx(d.t.Context(), tx, in)
		return err
	}))
	return m
}

// fetcher makes one that looks often and relies on IDLE unless the options say otherwise.
func (d *desk) fetcher(o fetch.Options) *fetch.Fetcher {
	if o.Owner == "" {
		o.Owner = "this process"
	}
	if o.Poll == 0 {
		o.Poll = time.Hour
	}
	if o.Look == 0 {
		o.Look = 10 * time.Millisecond
	}
	o.Logger = slog.New(slog.DiscardHandler)
	return fetch.New(d.inbox, o)
}

func (d *desk) start(o fetch.Options) *fetch.Fetcher {
	f := d.fetcher(o)
	f.Start(d.t.Context())
	d.t.Cleanup(f.Stop)
	return f
}

func (d *desk) count(query string, args ...any) int {
	d.t.Helper()
	n, err := db.Value[int](d.t.Context(), d.db, `select count(*) from `+query, args...)
	must(d.t, err)
	return n
}

// until waits for news that make done true.
func (d *desk) until(what string, done func() bool) {
	d.t.Helper()
	end := time.NewTimer(patience)
	defer end.Stop()
	for !done() {
		select {
		case <-d.news:
		case <-end.C:
			d.t.Fatalf("waited in vain for %s: %d messages; %+v", what, d.count(`inbound_messages`), d.box())
		}
	}
}

// await waits until so many messages are stored.
func (d *desk) await(n int) {
	d.t.Helper()
	d.until(fmt.Sprintf("%d messages", n), func() bool { return d.count(`inbound_messages`) >= n })
}

// box reads the first mailbox.
func (d *desk) box() inbox.Mailbox {
	d.t.Helper()
	list, err := d.inbox.Mailboxes(d.t.Context())
	must(d.t, err)
	return list[0]
}

// wantStored compares the stored bytes with mails: all of them, each once, and nothing else.
func (d *desk) wantStored(mails ...[]byte) {
	d.t.Helper()
	stored, err := db.Values[[]byte](d.t.Context(), d.db, `select content from inbound_raw order by inbound_message_id`)
	must(d.t, err)
	if len(stored) != len(mails) {
		d.t.Errorf("%d messages stored, want %d", len(stored), len(mails))
	}
	left := map[[sha256.Size]byte]int{}
	for _, raw := range stored {
		left[sha256.Sum256(raw)]++
	}
	for i, raw := range mails {
		if sum := sha256.Sum256(raw); left[sum] != 1 {
			d.t.Errorf("mail %d of %d is stored %d times: %.60q", i, len(mails), left[sum], raw)
		}
	}
	if n := d.count(`inbound_messages m where exists (select 1 from river_job j where j.kind like 'inbox.message%_arrived' and (j.args->'id' = to_jsonb(m.id) or j.args->'ids' @> to_jsonb(m.id)))`); n != len(mails) {
		d.t.Errorf("%d of %d messages have a job", n, len(mails))
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
