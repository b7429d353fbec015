package send_test

import (
	"bufio"
	"cmp"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"makegood/inbox"
	"makegood/inbox/send"
	"makegood/internal/blob"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/jobs"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/secrets"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// relay is an SMTP server that answers to the finished mail what its script says next; "" breaks
// the line instead, after the mail was taken. When the script is at its end it takes everything.
type relay struct {
	address string

	refuses map[string]string // by address, what it answers to that reader; set before the first mail
	waits   string            // the command, or "." for a finished mail, before whose answer it first waits; set before the first mail
	wait    func(c net.Conn)  // how it does

	mu      sync.Mutex
	script  []string
	taken   []string // the mails whose end it saw, whatever it answered
	open    []net.Conn
	hangsUp bool // on everybody who calls
	calls   int  // connections so far
}

func startRelay(t *testing.T, script ...string) *relay {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{address: listener.Addr().String(), script: script}
	var open sync.WaitGroup
	open.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			r.mu.Lock()
			r.open, r.calls = append(r.open, c), r.calls+1
			away := r.hangsUp
			r.mu.Unlock()
			if away {
				_ = c.Close()
				continue
			}
			open.Go(func() { r.serve(c) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		r.hangUp()
		open.Wait()
	})
	return r
}

// hangUp breaks every connection.
func (r *relay) hangUp() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.open {
		_ = c.Close()
	}
	r.open = nil
}

func (r *relay) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	in := bufio.NewScanner(c)
	say := func(text string) { _, _ = fmt.Fprintf(c, "%s\r\n", text) }
	say("220 relay.example ready")
	for in.Scan() {
		verb, _, _ := strings.Cut(strings.ToUpper(in.Text()), " ")
		if verb == r.waits {
			r.wait(c)
		}
		switch verb {
		case "DATA":
			say("354 go ahead")
			answer := r.take(in)
			if r.waits == "." {
				r.wait(c)
			}
			if answer == "" {
				return
			}
			say(answer)
		case "RCPT":
			_, reader, _ := strings.Cut(in.Text(), "<")
			reader, _, _ = strings.Cut(reader, ">")
			say(cmp.Or(r.refuses[strings.ToLower(reader)], "250 ok"))
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

// take reads a mail to its end and gives what to answer.
func (r *relay) take(in *bufio.Scanner) string {
	var mail strings.Builder
	for in.Scan() && in.Text() != "." {
		mail.WriteString(strings.TrimPrefix(in.Text(), ".") + "\n") // RFC 5321, section 4.5.2
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.taken = append(r.taken, mail.String())
	if len(r.script) == 0 {
		return "250 2.0.0 queued as 4D2F"
	}
	answer := r.script[0]
	r.script = r.script[1:]
	return answer
}

func (r *relay) mails() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string{}, r.taken...)
}

// office sends through a relay.
type office struct {
	t      *testing.T
	db     *db.DB
	clock  *jobstest.Clock
	inbox  *inbox.Service
	sender *send.SMTP
	jobs   *jobs.Registry
	dir    string // where large files lie outside the database
	files  *blob.Store
}

func setup(t *testing.T, r *relay) *office {
	t.Helper()
	return setupWith(t, r, "")
}

// setupWith has parameters in the relay's address.
func setupWith(t *testing.T, r *relay, parameters string) *office {
	t.Helper()
	o := &office{t: t, dir: t.TempDir(), clock: jobstest.NewClock(time.Date(2026, 11, 9, 9, 0, 0, 0, time.UTC)), jobs: jobs.NewRegistry()}
	o.db = dbtest.NewAt(t, o.clock.Now)
	quiet := slog.New(slog.DiscardHandler)
	keys, err := secrets.New("a secret of this test, 0123456789 long enough")
	o.must(err)
	place, err := blob.Open("file://" + o.dir)
	o.must(err)
	o.files = blob.New(o.db, place)
	o.inbox = inbox.New(o.db, keys, quiet, inbox.Options{Domain: "mail.us.example", Files: o.files})
	sender, err := send.NewSMTP("smtp://" + r.address + parameters)
	o.must(err)
	o.sender = sender
	send.New(o.inbox, sender, quiet).Register(o.jobs)
	return o
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) do(work func(tx *db.Tx) error) {
	o.t.Helper()
	o.must(o.db.Do(o.t.Context(), work))
}

// queue puts a reply to case 7 into the outbox.
func (o *office) queue(to string) inbox.OutgoingID {
	o.t.Helper()
	var id inbox.OutgoingID
	o.do(func(tx *db.Tx) error {
		var err error
		id, err = o.inbox.QueueTx(o.t.Context(), tx, inbox.Outgoing{
			Key: fmt.Sprintf("reply:%s:%d", to, o.clock.Now().UnixNano()), CaseID: new(int64(7)), Kind: "reply", FromAddress: "billing@us.example", ToAddress: to, Subject: "Your invoice", Text: "It is right.",
		})
		return err
	})
	return id
}

func (o *office) work() { jobstest.DrainNow(o.t, o.db, o.jobs, o.clock) }

// mail is a mail as it stands, with what happened to it.
func (o *office) mail(id inbox.OutgoingID) (inbox.OutgoingMessage, []inbox.OutgoingStep) {
	o.t.Helper()
	list, err := o.inbox.Outgoing(o.t.Context(), inbox.OutgoingFilter{After: id + 1, Limit: 1})
	o.must(err)
	if len(list) != 1 || list[0].ID != id {
		o.t.Fatalf("no mail %d: %+v", id, list)
	}
	steps, err := o.inbox.Steps(o.t.Context(), o.db, []inbox.OutgoingID{id})
	o.must(err)
	return list[0], steps
}
