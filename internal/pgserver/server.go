// Package pgserver runs a private PostgreSQL from the programs installed on the machine: for the demo, which
// keeps its data between starts, and for tests, which do not care. The server listens on loopback only, asks for
// a password, and ends when this program ends, however it ends.
package pgserver

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Config says where the database lives and how careful it is.
type Config struct {
	// Dir holds the data, the superuser's password and the log. It is made when absent.
	Dir string
	// BinDir is the folder of PostgreSQL's programs; empty means the one that Find answers, or the one
	// whose version wrote the data.
	BinDir string
	// Fsync makes what is committed survive a crash of the machine. Tests leave it off.
	Fsync bool
	// Settings are further server settings by name, stronger than the ones chosen here.
	Settings map[string]string
	// Logger is told what is started and stopped; nil is quiet.
	Logger *slog.Logger
}

// Server is a running PostgreSQL.
type Server struct {
	// Dir is the folder in use. It differs from the one wanted when the database's account cannot reach that.
	Dir string
	// Port is where it listens on 127.0.0.1; another one at each start.
	Port int

	binDir   string
	password string
	durable  bool
	settings map[string]string
	who      account
	log      *slog.Logger
	lock     *os.File
	cmd      *exec.Cmd
	exited   chan struct{} // the process is gone
	done     chan struct{} // and the folder is free again
	stopping sync.Once
}

// Start makes the data when there is none, starts the server and returns when it answers. It refuses a folder
// that another running program uses (ErrInUse). A server left behind by a program that was killed is stopped first.
func Start(ctx context.Context, config Config) (*Server, error) {
	dir, who, err := place(config.Dir)
	if err != nil {
		return nil, err
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	server := &Server{
		Dir: dir, binDir: config.BinDir, durable: config.Fsync, settings: config.Settings,
		who: who, log: config.Logger, lock: lock, exited: make(chan struct{}), done: make(chan struct{}),
	}
	if server.log == nil {
		server.log = slog.New(slog.DiscardHandler)
	}
	if err := server.start(ctx); err != nil {
		closeQuietly(lock)
		return nil, err
	}
	go server.release()
	server.log.InfoContext(ctx, "database started", "dir", dir, "port", server.Port)
	return server, nil
}

// release frees the folder for the next start once the process is gone.
func (s *Server) release() {
	<-s.exited
	closeQuietly(s.lock)
	close(s.done)
}

func (s *Server) start(ctx context.Context) error {
	if err := s.stopLeftBehind(ctx); err != nil {
		return err
	}
	if err := s.choosePrograms(ctx); err != nil {
		return err
	}
	var err error
	if s.password, err = secret(s.Dir); err != nil {
		return err
	}
	if err := s.ensureData(ctx); err != nil {
		return err
	}
	return s.launch(ctx)
}

// choosePrograms takes the version that wrote the data, because no other can read it.
func (s *Server) choosePrograms(ctx context.Context) error {
	major := 0
	text, err := os.ReadFile(filepath.Join(s.Dir, dataName, "PG_VERSION"))
	if err == nil {
		major, err = strconv.Atoi(string(bytes.TrimSpace(text)))
	}
	if err != nil && exists(filepath.Join(s.Dir, dataName)) {
		return fmt.Errorf("tell which version wrote the data in %s: %w", s.Dir, err)
	}
	if s.binDir == "" {
		s.binDir, err = find(ctx, major)
		return err
	}
	found, err := majorOf(ctx, s.binDir)
	if err != nil {
		return err
	}
	if major != 0 && major != found {
		return fmt.Errorf("the data in %s was written by PostgreSQL %d, but %s holds PostgreSQL %d", s.Dir, major, s.binDir, found)
	}
	return nil
}

// URL is how a user connects to a database of this server.
func (s *Server) URL(user, password, database string) string {
	address := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(user, password),
		Host:     net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port)),
		Path:     "/" + database,
		RawQuery: "sslmode=disable",
	}
	return address.String()
}

// AdminURL is how the superuser connects.
func (s *Server) AdminURL(database string) string {
	return s.URL(superuser, s.password, database)
}

// Done is closed when the server has ended, by Stop or by itself.
func (s *Server) Done() <-chan struct{} { return s.done }

// Stop ends open sessions and shuts down in order, and returns when the server is gone. When ctx ends first the
// server is made to quit at once; its next start then repairs the data from its log. Stop may be repeated.
func (s *Server) Stop(ctx context.Context) error {
	s.stopping.Do(func() {
		s.log.InfoContext(ctx, "database stopping", "dir", s.Dir)
		s.signal(syscall.SIGINT)
	})
	select {
	case <-s.done:
		return nil
	case <-ctx.Done():
	}
	s.signal(syscall.SIGQUIT)
	patience := time.NewTimer(stopPatience)
	defer patience.Stop()
	select {
	case <-s.done:
	case <-patience.C:
		s.signal(syscall.SIGKILL)
		<-s.done
	}
	return fmt.Errorf("stop database in order: %w", ctx.Err())
}

// signal ignores a server that is gone already, which is what its senders want.
func (s *Server) signal(signal syscall.Signal) {
	_ = s.cmd.Process.Signal(signal)
}
