// Package dbtest gives each test its own PostgreSQL database, cloned from a migrated template on a server that the
// test program starts and stops itself. A test never skips for want of a database: it fails and says what is missing.
package dbtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/internal/db"
	"makegood/internal/pgserver"
	"makegood/internal/raced"
)

const (
	template = "makegood_template"
	appUser  = "makegood"
	appPass  = "test-only"
)

// cluster is the one server of this test program; it starts with the first test that asks.
type cluster struct {
	once   sync.Once
	err    error
	dir    string
	server *pgserver.Server
	count  atomic.Int64
	clone  sync.Mutex
}

var shared cluster //nolint:gochecknoglobals // one server per test program is what this package is for

// Main runs a package's tests and stops the server afterwards: func TestMain(m *testing.M) { dbtest.Main(m) }.
// After a failure the databases stay where they are, and it says where, if MAKEGOOD_KEEP_TEST_DATABASES is set: they lie in
// memory where that can be, and a few of them fill it.
func Main(m *testing.M) {
	raced.Shorten()
	code := m.Run()
	if shared.server != nil {
		_ = shared.server.Stop(context.Background())
		if code == 0 || os.Getenv("MAKEGOOD_KEEP_TEST_DATABASES") == "" {
			_ = os.RemoveAll(shared.dir)
			_ = os.RemoveAll(shared.server.Dir)
		} else {
			fmt.Fprintln(os.Stderr, "databases of the failed tests are kept in", shared.server.Dir)
		}
	}
	os.Exit(code)
}

// New opens a fresh, migrated database as the application's role, closed at the end of the test.
func New(t testing.TB) *db.DB {
	t.Helper()
	return NewAt(t, nil)
}

// NewAt is New under the test's own clock.
func NewAt(t testing.TB, clock db.Clock) *db.DB {
	t.Helper()
	return Open(t, URL(t), clock)
}

// Open opens another handle on a database that URL made, as a second copy of the program would.
func Open(t testing.TB, url string, clock db.Clock) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), db.Options{URL: url, MaxConns: 12, Clock: clock})
	if err != nil {
		t.Fatalf("open test database: %v", err)
	}
	t.Cleanup(d.Close)
	return d
}

// URL makes a fresh, migrated database and tells how the application's role connects to it.
func URL(t testing.TB) string {
	t.Helper()
	shared.once.Do(func() { shared.err = shared.start(context.Background()) })
	if shared.err != nil {
		t.Fatalf("start PostgreSQL for the tests: %v", shared.err)
	}
	name := fmt.Sprintf("test_%d", shared.count.Add(1))
	if err := shared.copyTemplate(t.Context(), name); err != nil {
		t.Fatalf("make test database for %s: %v", t.Name(), err)
	}
	return shared.server.URL(appUser, appPass, name)
}

// OwnerURL tells how the schema's owner connects to the database behind d: for tests that tamper with it.
func OwnerURL(t testing.TB, d *db.DB) string {
	t.Helper()
	return shared.server.AdminURL(d.Pool().Config().ConnConfig.Database)
}

// AsOwner runs statements as the schema's owner with the immutability triggers switched off, the way only somebody
// with full power over the database could.
func AsOwner(t testing.TB, d *db.DB, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), OwnerURL(t, d))
	if err != nil {
		t.Fatalf("connect as owner: %v", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	for _, statement := range append([]string{`set session_replication_role = replica`}, statements...) {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// start copies a cluster that holds the migrated template, made once per schema and machine, and runs the copy. Making it
// anew for each package would cost more than most packages' tests.
func (c *cluster) start(ctx context.Context) error {
	made, err := c.madeOnce(ctx)
	if err != nil {
		return err
	}
	if c.dir, err = reachable("makegood-test-"); err != nil {
		return err
	}
	if out, err := exec.CommandContext(ctx, "cp", "-a", made, filepath.Join(c.dir, "postgres")).CombinedOutput(); err != nil {
		return fmt.Errorf("copy cluster: %w: %s", err, out)
	}
	c.server, err = launch(ctx, filepath.Join(c.dir, "postgres"))
	return err
}

// madeOnce answers the folder of the stopped cluster with the template. The first test program makes it; those that
// start meanwhile wait.
func (c *cluster) madeOnce(ctx context.Context) (string, error) {
	hash, err := db.SchemaHash()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(scratch(), fmt.Sprintf("makegood-testcluster-%d-%s", os.Getuid(), hash))
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return "", fmt.Errorf("make folder: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", fmt.Errorf("open lock: %w", err)
	}
	defer func() { _ = lock.Close() }()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", fmt.Errorf("take lock: %w", err)
	}
	made, ready := filepath.Join(dir, "postgres"), filepath.Join(dir, "ready")
	if _, err := os.Stat(ready); err == nil {
		return made, nil
	}
	if err := os.RemoveAll(made); err != nil {
		return "", fmt.Errorf("clear half-made cluster: %w", err)
	}
	server, err := launch(ctx, made)
	if err != nil {
		return "", err
	}
	fresh := &cluster{server: server}
	if err := errors.Join(fresh.makeTemplate(ctx), server.Stop(ctx)); err != nil {
		return "", err
	}
	return made, os.WriteFile(ready, nil, 0o600)
}

func launch(ctx context.Context, dir string) (*pgserver.Server, error) {
	server, err := pgserver.Start(ctx, pgserver.Config{Dir: dir, Settings: map[string]string{
		"max_connections": "300", "autovacuum": "off", "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "jit": "off",
	}})
	if err != nil {
		return nil, fmt.Errorf("start server: %w", err)
	}
	return server, nil
}

// reachable makes a folder that the unprivileged user of the database can pass through.
func reachable(pattern string) (string, error) {
	dir, err := os.MkdirTemp(scratch(), pattern)
	if err != nil {
		return "", fmt.Errorf("make folder: %w", err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		return "", fmt.Errorf("open folder: %w", err)
	}
	return dir, nil
}

// scratch is where test databases live: in memory where there is room, as they need not survive anything.
func scratch() string {
	const shm, room = "/dev/shm", 4 << 30
	var fs syscall.Statfs_t
	if err := syscall.Statfs(shm, &fs); err == nil && uint64(fs.Bsize)*fs.Bavail > room {
		return shm
	}
	return os.TempDir()
}

func (c *cluster) makeTemplate(ctx context.Context) error {
	if err := c.admin(ctx, "postgres", `create database `+template); err != nil {
		return err
	}
	if err := db.Migrate(ctx, c.server.AdminURL(template)); err != nil {
		return fmt.Errorf("migrate template: %w", err)
	}
	return c.admin(ctx, template, fmt.Sprintf(`create role %s login password '%s' in role makegood_app`, appUser, appPass))
}

func (c *cluster) copyTemplate(ctx context.Context, name string) error {
	// PostgreSQL copies a template only while nobody is connected to it; one at a time is fastest as well.
	c.clone.Lock()
	defer c.clone.Unlock()
	deadline := time.Now().Add(10 * time.Second)
	for {
		err := c.admin(ctx, "postgres", `create database `+name+` template `+template)
		if err == nil || !strings.Contains(err.Error(), "being accessed") || time.Now().After(deadline) {
			return err
		}
	}
}

func (c *cluster) admin(ctx context.Context, database, statement string) error {
	conn, err := pgx.Connect(ctx, c.server.AdminURL(database))
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}
