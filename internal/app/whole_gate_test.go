package app_test

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// gate stands between the program and another server, so that the line between them can be cut.
type gate struct {
	listener net.Listener
	target   string
	brought  atomic.Int64 // bytes that the server sent

	mu      sync.Mutex
	lines   map[*line]struct{}
	swallow chan struct{} // closed when the answer to a whole mail was swallowed; nil when none is to be
}

// line is one connection through a gate.
type line struct {
	near, far net.Conn
	silent    chan struct{} // the gate's, once this line's mail is the one whose answer is swallowed
}

func openGate(t *testing.T, target string) *gate {
	t.Helper()
	var listen net.ListenConfig
	listener, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	g := &gate{listener: listener, target: target, lines: map[*line]struct{}{}}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { g.carry(near) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		g.cut()
		serving.Wait()
	})
	return g
}

func (g *gate) address() string { return g.listener.Addr().String() }

func (g *gate) carry(near net.Conn) {
	var dial net.Dialer
	far, err := dial.Dial("tcp", g.target)
	if err != nil {
		_ = near.Close()
		return
	}
	l := &line{near: near, far: far}
	g.mu.Lock()
	g.lines[l] = struct{}{}
	g.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { g.outward(l) })
	both.Go(func() { g.inward(l) })
	both.Wait()
	g.mu.Lock()
	delete(g.lines, l)
	g.mu.Unlock()
}

func (l *line) close() {
	_ = l.near.Close()
	_ = l.far.Close()
}

// outward carries what the program says. The end of a mail is where an answer to be swallowed follows.
func (g *gate) outward(l *line) {
	defer l.close()
	buf, end := make([]byte, 32<<10), []byte(nil)
	for {
		n, err := l.near.Read(buf)
		end = append(end, buf[:n]...)
		end = end[max(0, len(end)-len("\r\n.\r\n")):]
		if string(end) == "\r\n.\r\n" {
			g.mu.Lock()
			l.silent, g.swallow = g.swallow, nil
			g.mu.Unlock()
		}
		if n > 0 {
			if _, err := l.far.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// inward carries what the server answers.
func (g *gate) inward(l *line) {
	defer l.close()
	buf := make([]byte, 32<<10)
	for {
		n, err := l.far.Read(buf)
		g.brought.Add(int64(n))
		g.mu.Lock()
		silent := l.silent
		g.mu.Unlock()
		if silent != nil {
			close(silent)
			return
		}
		if n > 0 {
			if _, err := l.near.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// cut ends every connection, wherever it is.
func (g *gate) cut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for l := range g.lines {
		l.close()
	}
}

// swallowAnswer has the server take the next mail and be cut off before its answer arrives. The channel is closed then.
func (g *gate) swallowAnswer() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.swallow = make(chan struct{})
	return g.swallow
}
