package fetch

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// errSilent means that the server owed an answer and said nothing for too long. Its connection is closed then.
var errSilent = errors.New("the server does not answer")

// watch closes a connection on which nothing comes although an answer is owed. Without it a server that goes silent, or one
// behind something between us that keeps the connection open, would hold its mailbox for ever: IMAP itself knows no such bound.
type watch struct {
	patience time.Duration

	mu     sync.Mutex
	conn   net.Conn
	timer  *time.Timer // runs while an answer is owed
	silent bool
}

// over has a connection watched: what is read of it passes through the one returned.
func (w *watch) over(conn net.Conn) net.Conn {
	w.conn = conn
	return watched{conn, w}
}

// watched tells its watch of each byte that comes.
type watched struct {
	net.Conn

	watch *watch
}

func (c watched) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.watch.heard()
	}
	return n, err
}

// heard begins the patience anew: a server that says anything is there, however long a large folder or mail takes.
func (w *watch) heard() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer != nil {
		w.timer.Reset(w.patience)
	}
}

// owed does what waits for an answer of the server; errSilent when none came.
func (w *watch) owed(ask func() error) error {
	w.mu.Lock()
	w.timer = time.AfterFunc(w.patience, w.giveUp)
	w.mu.Unlock()
	err := ask()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer.Stop()
	w.timer = nil
	if err != nil && w.silent {
		return fmt.Errorf("%w: nothing for %s (%w)", errSilent, w.patience, err)
	}
	return err
}

// giveUp closes the connection, so that whoever waits for it gets an error.
func (w *watch) giveUp() {
	w.mu.Lock()
	w.silent = true
	w.mu.Unlock()
	_ = w.conn.Close()
}
