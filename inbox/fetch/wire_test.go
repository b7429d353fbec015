package fetch_test

import (
	"bytes"
	"maps"
	"net"
	"strings"
	"sync"
	"testing"
)

// wire stands between client and server: it counts, hides, cuts and notices.
type wire struct {
	addr   string
	target string

	mu     sync.Mutex
	conns  map[net.Conn]bool
	mute   map[net.Conn]bool // nothing that they say comes through any more
	said   []string          // the client's commands
	cutAt  int               // cut once after so many bytes from the server; 0 means never
	hidden []string          // capabilities the client does not get to see
	before map[string]func() // run once, before a command with this text is let through
	ending sync.WaitGroup
}

func newWire(t testing.TB, target string) *wire {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	w := &wire{addr: l.Addr().String(), target: target, conns: map[net.Conn]bool{}, mute: map[net.Conn]bool{}, before: map[string]func(){}}
	w.ending.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			w.ending.Go(func() { w.relay(client) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		w.cut()
		w.ending.Wait()
	})
	return w
}

func (w *wire) relay(client net.Conn) {
	server, err := (&net.Dialer{}).Dial("tcp", w.target)
	if err != nil {
		_ = client.Close()
		return
	}
	w.mu.Lock()
	w.conns[client], w.conns[server] = true, true
	w.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { w.copy(client, server, w.fromClient) })
	both.Go(func() { w.copy(server, client, w.fromServer) })
	both.Wait()
}

func (w *wire) copy(from, to net.Conn, see func([]byte) ([]byte, bool)) {
	defer func() { _, _ = from.Close(), to.Close() }()
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if w.muted(from) {
			continue
		}
		out, goOn := see(buffer[:n])
		if _, err := to.Write(out); err != nil || !goOn {
			return
		}
	}
}

func (w *wire) fromClient(b []byte) ([]byte, bool) {
	w.mu.Lock()
	w.said = append(w.said, string(b))
	var run []func()
	for text, do := range w.before {
		if bytes.Contains(b, []byte(text)) {
			run = append(run, do)
			delete(w.before, text)
		}
	}
	w.mu.Unlock()
	for _, do := range run {
		do()
	}
	return b, true
}

func (w *wire) fromServer(b []byte) ([]byte, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, word := range w.hidden {
		b = bytes.ReplaceAll(b, []byte(" "+word), []byte(" X"+word[1:]))
	}
	if w.cutAt == 0 {
		return b, true
	}
	if w.cutAt > len(b) {
		w.cutAt -= len(b)
		return b, true
	}
	b, w.cutAt = b[:w.cutAt], 0
	return b, false
}

// silence has nothing come through any more on the connections there are, from either side; they stay open.
func (w *wire) silence() {
	w.mu.Lock()
	defer w.mu.Unlock()
	maps.Copy(w.mute, w.conns)
}

func (w *wire) muted(from net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.mute[from]
}

// cut breaks every connection.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.conns {
		_ = c.Close()
		delete(w.conns, c)
	}
}

// commands is all the client has said.
func (w *wire) commands() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.said, "")
}
