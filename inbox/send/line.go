package send

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

const (
	idleTime  = 5 * time.Second // shorter than any server's patience
	idleLines = 8
	lineMails = 100 // on one connection: servers that count end it sooner or later
	closing   = 421 // RFC 5321, section 3.8: the server is about to close
)

// line is an open connection to the server.
type line struct {
	client     *mail.Client
	connection *smtp.Client
	sent       int
	end        *time.Timer
}

// hand hands a mail over. When the program is being stopped meanwhile, the server has a little time to answer before the line is cut.
func (l *line) hand(ctx context.Context, m *mail.Msg, p patience) error {
	done, answered := context.WithCancel(context.WithoutCancel(ctx))
	defer answered()
	release := context.AfterFunc(ctx, func() {
		last := time.AfterFunc(p.goodbye, func() { _ = l.connection.Text.Close() })
		context.AfterFunc(done, func() { last.Stop() })
	})
	defer release()
	if parts := m.GetParts(); len(parts) > 0 {
		defer l.lengthen(parts[0], p.mail)()
	}
	return l.client.SendWithSMTPClient(l.connection, m)
}

// lengthen has the server's time for a mail begin when the first of its text is written: up to there its answers are short ones. What
// it gives leaves the text as it was.
func (l *line) lengthen(text *mail.Part, d time.Duration) (release func()) {
	write := text.GetWriteFunc()
	text.SetWriteFunc(func(w io.Writer) (int64, error) {
		if err := l.connection.UpdateDeadline(d); err != nil {
			return 0, err
		}
		return write(w)
	})
	return func() { text.SetWriteFunc(write) }
}

func (l *line) close() { _ = l.client.CloseWithSMTPClient(l.connection) }

// tired tells whether a mail failed because the server has closed a connection that was kept open: nothing of the mail was handed
// over, or it says so itself.
func (l *line) tired(err error) bool {
	var sending *mail.SendError
	if !errors.As(err, &sending) {
		return false
	}
	early := sending.Reason == mail.ErrConnCheck || sending.Reason == mail.ErrSMTPMailFrom
	return early && (sending.ErrorCode() == 0 || sending.ErrorCode() == closing)
}

// idle are connections that wait for the next mail, for a short while.
type idle struct {
	mu    sync.Mutex
	lines []*line
}

// take gives the connection that was used last, nil when there is none.
func (i *idle) take() *line {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.lines) == 0 {
		return nil
	}
	l := i.lines[len(i.lines)-1]
	i.lines = i.lines[:len(i.lines)-1]
	l.end.Stop()
	return l
}

func (i *idle) put(l *line) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.lines) >= idleLines || l.sent >= lineMails {
		go l.close()
		return
	}
	i.lines = append(i.lines, l)
	l.end = time.AfterFunc(idleTime, func() {
		if i.drop(l) {
			l.close()
		}
	})
}

// drop takes a connection out, unless somebody has it.
func (i *idle) drop(l *line) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	at := slices.Index(i.lines, l)
	if at < 0 {
		return false
	}
	i.lines = slices.Delete(i.lines, at, at+1)
	return true
}
