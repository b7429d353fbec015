//go:build browser

package browsertest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"makegood/internal/app"
	"makegood/internal/telemetry"
)

// patience is how long a test waits for anything that has no deadline of its own.
const patience = 20 * time.Second

// stage is what the tests of this package share: the demo and the browser.
type stage struct {
	demo    *app.Demo
	db      *pgxpool.Pool
	browser context.Context //nolint:containedctx // chromedp hands the browser on in a context
	log     record
	stop    []func() error
}

// shared is set before the first test and not changed afterwards.
var shared *stage

func TestMain(m *testing.M) {
	s := &stage{}
	shared = s
	code := 1
	if err := s.start(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		code = m.Run()
	}
	if err := s.end(); err != nil {
		fmt.Fprintln(os.Stderr, "stop:", err)
		code = 1
	}
	if code != 0 {
		fmt.Fprint(os.Stderr, s.log.text())
	}
	os.Exit(code)
}

func (s *stage) start(ctx context.Context) error {
	program, err := chromium()
	if err != nil {
		return err
	}
	dir, err := s.folder()
	if err != nil {
		return err
	}
	if s.demo, err = app.StartDemo(ctx, app.DemoOptions{
		Dir: dir, HTTPAddr: "127.0.0.1:0", Logger: telemetry.NewLogger(&s.log, slog.LevelWarn),
	}); err != nil {
		return fmt.Errorf("start the demo: %w", err)
	}
	s.later(func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		return s.demo.Stop(ctx)
	})
	if s.db, err = pgxpool.New(ctx, s.demo.Info.DatabaseURL); err != nil {
		return fmt.Errorf("open the demo's database: %w", err)
	}
	s.later(func() error { s.db.Close(); return nil })
	return s.open(ctx, program)
}

// folder is where the demo lives: the one that is kept, or a new one that the database's own user can reach.
func (s *stage) folder() (string, error) {
	if kept := os.Getenv("MAKEGOOD_BROWSER_DEMO"); kept != "" {
		return filepath.Abs(kept)
	}
	dir, err := os.MkdirTemp("", "makegood-browser-")
	if err != nil {
		return "", fmt.Errorf("make a folder: %w", err)
	}
	s.later(func() error {
		if s.demo != nil && s.demo.Dir != dir {
			return errors.Join(os.RemoveAll(s.demo.Dir), os.RemoveAll(dir))
		}
		return os.RemoveAll(dir)
	})
	return dir, os.Chmod(dir, 0o755)
}

// later has something done at the end, last things first.
func (s *stage) later(do func() error) { s.stop = append(s.stop, do) }

func (s *stage) end() error {
	var all error
	for i := len(s.stop) - 1; i >= 0; i-- {
		all = errors.Join(all, s.stop[i]())
	}
	return all
}

// email is the address of one of the demo's users, who all have the same password.
func (s *stage) password(t *testing.T, email string) string {
	t.Helper()
	for _, user := range s.demo.Info.Users {
		if user.Email == email {
			return user.Password
		}
	}
	t.Fatalf("%s is no user of the demo", email)
	return ""
}

// record keeps what the demo warns of, to be shown when a test fails.
type record struct {
	mu  sync.Mutex
	all bytes.Buffer
}

// Write keeps a line.
func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.all.Write(p)
}

func (r *record) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.all.String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
