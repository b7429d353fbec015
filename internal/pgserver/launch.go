package pgserver

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	launches     = 10
	pause        = 10 * time.Millisecond
	retryPause   = 200 * time.Millisecond
	stopPatience = 10 * time.Second
	logLimit     = 8 << 20
)

// errDied says that the server ended before it answered.
var errDied = errors.New("PostgreSQL ended before it was ready")

// launch starts the server and waits until it answers. What passes by itself is tried again: a port that
// somebody took in the meantime, shared memory that a killed server's children are about to let go.
func (s *Server) launch(ctx context.Context) error {
	if err := s.sweep(runName); err != nil {
		return err
	}
	sockets, err := s.socketDir()
	if err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		err := s.launchOnce(ctx, sockets)
		passing := errors.Is(err, errDied) && (strings.Contains(err.Error(), "could not bind") ||
			strings.Contains(err.Error(), "could not create any TCP/IP sockets") ||
			strings.Contains(err.Error(), "pre-existing shared memory block"))
		if !passing || attempt == launches {
			return err
		}
		if err := wait(ctx, retryPause); err != nil {
			return err
		}
		s.exited = make(chan struct{})
	}
}

func (s *Server) launchOnce(ctx context.Context, sockets string) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	s.Port = port
	log, err := s.openLog()
	if err != nil {
		return err
	}
	defer closeQuietly(log) // the server has its own copy
	logStart, err := log.Seek(0, 2)
	if err != nil {
		return fmt.Errorf("find the end of the database log: %w", err)
	}
	// The server outlives ctx on purpose: it ends by Stop, or with this program.
	s.cmd = s.program(context.WithoutCancel(ctx), "postgres", s.arguments(sockets)...)
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.run(); err != nil {
		return err
	}
	if err := s.ready(ctx); err != nil {
		s.signal(syscall.SIGQUIT)
		<-s.exited
		return fmt.Errorf("start PostgreSQL: %w: %s", err, lastLines(tail(log.Name(), logStart)))
	}
	return nil
}

// run starts the process from a thread of its own that stays until the process has ended, because the kernel's
// "die with the parent" means the very thread that started it.
func (s *Server) run() error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := s.cmd.Start()
		started <- err
		if err != nil {
			return
		}
		_ = s.cmd.Wait() // how it ended stands in its own log
		close(s.exited)
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	return nil
}

// ready connects until the server answers: it may be repairing its data after a crash, so only its end or the
// caller's patience end the wait.
func (s *Server) ready(ctx context.Context) error {
	for {
		conn, err := pgx.Connect(ctx, s.AdminURL("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-s.exited:
			return errDied
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		default:
		}
		if err := wait(ctx, pause); err != nil {
			return err
		}
	}
}

func (s *Server) arguments(sockets string) []string {
	settings := map[string]string{
		"listen_addresses":        "127.0.0.1",
		"unix_socket_directories": sockets,
		"max_connections":         "300",
		"shared_buffers":          "128MB",
		"timezone":                "UTC",
		"log_timezone":            "UTC",
		"lc_messages":             "C",
		"log_line_prefix":         "%m [%p] ",
		"log_checkpoints":         "off",
		"logging_collector":       "off",
	}
	if !s.durable {
		maps.Copy(settings, map[string]string{"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"})
	}
	maps.Copy(settings, s.settings)
	args := []string{"-D", filepath.Join(s.Dir, dataName), "-p", strconv.Itoa(s.Port)}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "-c", name+"="+settings[name])
	}
	return args
}

const runName = "run"

// socketDir makes a folder for the server's local socket, for people who want to look in with psql. The system
// limits a socket's path to about a hundred bytes; in deeper folders there is none.
func (s *Server) socketDir() (string, error) {
	const longest = 100
	dir := filepath.Join(s.Dir, runName)
	if len(dir)+len("/.s.PGSQL.65535") > longest {
		return "", nil
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", fmt.Errorf("make the socket's folder: %w", err)
	}
	return dir, s.who.own(dir)
}

// openLog starts the log afresh when it has grown large.
func (s *Server) openLog() (*os.File, error) {
	path := filepath.Join(s.Dir, "postgres.log")
	flags := os.O_WRONLY | os.O_CREATE | os.O_APPEND
	if info, err := os.Stat(path); err == nil && info.Size() > logLimit {
		flags |= os.O_TRUNC
	}
	file, err := os.OpenFile(path, flags, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the database log: %w", err)
	}
	return file, nil
}

func tail(path string, from int64) []byte {
	text, err := os.ReadFile(path)
	if err != nil || int64(len(text)) < from {
		return nil
	}
	return text[from:]
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // returns at once
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer listener.Close() //nolint:errcheck // nothing was accepted
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return 0, fmt.Errorf("find a free port: unexpected address %s", listener.Addr())
	}
	return address.Port, nil
}

// wait is a pause that ends early, with an error, when ctx does.
func wait(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait: %w", ctx.Err())
	}
}
