// Package scantest is a small server that speaks clamd's INSTREAM as its manual describes it, for tests.
package scantest

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"

	"makegood/inbox/scan"
)

// Bad is what the server finds, and Name what it calls it. It is not the usual test file, which scanners on the way would take out.
const (
	Bad  = "BAD-BYTES-OF-THIS-TEST"
	Name = "Test.Signature"
)

// Server is the scanner. It takes streams of a bounded length.
type Server struct {
	t        testing.TB
	listener net.Listener
	limit    int
	done     sync.WaitGroup

	mu    sync.Mutex
	reply string
	seen  int
	slow  bool // it never comes to an end with a file
	deaf  bool // nor answers anything else
}

// Start starts one on a free port; it stops with the test.
func Start(t testing.TB, limit int) *Server {
	t.Helper()
	var listen net.ListenConfig
	l, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{t: t, listener: l, limit: limit, reply: "\x00"}
	s.serve()
	t.Cleanup(s.Stop)
	return s
}

func (s *Server) serve() {
	s.done.Go(func() {
		for {
			conn, err := s.listener.Accept()
			if err != nil {
				return
			}
			s.done.Go(func() {
				defer func() { _ = conn.Close() }()
				if reply, err := s.answer(bufio.NewReader(conn)); err == nil {
					_, _ = io.WriteString(conn, reply+"\x00")
				}
			})
		}
	})
}

// Scanner is a client of the server.
func (s *Server) Scanner(t testing.TB) scan.Scanner {
	t.Helper()
	scanner, err := scan.New("tcp://" + s.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return scanner
}

// Say has the server answer everything with one reply.
func (s *Server) Say(reply string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reply = reply
}

// Think has the server never come to an end with a file, and deaf not say either that it is there.
func (s *Server) Think(deaf bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slow, s.deaf = true, deaf
}

func (s *Server) thinks() (slow, deaf bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.slow, s.deaf
}

// Seen is how many files it has looked at.
func (s *Server) Seen() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen
}

// Stop ends the server: nobody answers any more.
func (s *Server) Stop() {
	_ = s.listener.Close()
	s.done.Wait()
}

// Restart has it answer again, at the same address.
func (s *Server) Restart() {
	s.t.Helper()
	var listen net.ListenConfig
	l, err := listen.Listen(s.t.Context(), "tcp", s.listener.Addr().String())
	if err != nil {
		s.t.Fatal(err)
	}
	s.listener = l
	s.serve()
}

func (s *Server) answer(r *bufio.Reader) (string, error) {
	command, err := r.ReadString(0)
	if err != nil {
		return "", err
	}
	slow, deaf := s.thinks()
	if deaf {
		_, err := io.Copy(io.Discard, r) // until nobody waits any more
		return "", errors.Join(err, io.EOF)
	}
	if command == "zPING\x00" {
		return "PONG", nil
	}
	if command != "zINSTREAM\x00" {
		return "UNKNOWN COMMAND", nil
	}
	var content bytes.Buffer
	for {
		var length uint32
		if err := binary.Read(r, binary.BigEndian, &length); err != nil {
			return "", err
		}
		if length == 0 {
			break
		}
		if content.Len()+int(length) > s.limit {
			// The rest is read away here, so that the answer is not lost with the connection.
			_, err := io.CopyN(io.Discard, r, int64(length))
			return s.drain(r, err)
		}
		if _, err := io.CopyN(&content, r, int64(length)); err != nil {
			return "", err
		}
	}
	if slow {
		_, err := r.ReadByte() // until nobody waits any more
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen++
	switch {
	case s.reply != "\x00":
		return s.reply, nil
	case bytes.Contains(content.Bytes(), []byte(Bad)):
		return fmt.Sprintf("stream: %s FOUND", Name), nil
	}
	return "stream: OK", nil
}

func (s *Server) drain(r *bufio.Reader, err error) (string, error) {
	for err == nil {
		var length uint32
		if err = binary.Read(r, binary.BigEndian, &length); err != nil || length == 0 {
			break
		}
		_, err = io.CopyN(io.Discard, r, int64(length))
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return "INSTREAM size limit exceeded. ERROR", nil
}
