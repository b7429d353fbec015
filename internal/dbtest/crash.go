package dbtest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/internal/pgserver"
)

// Crashing is a database on a server of the test's own that keeps what it has committed when it crashes.
type Crashing struct {
	URL    string // how the application's role connects; it stays the same
	t      testing.TB
	server *pgserver.Server
}

// NewCrashing starts such a server with a migrated database. It is stopped at the end of the test.
func NewCrashing(t testing.TB) *Crashing {
	t.Helper()
	return newCrashing(t, map[string]string{"jit": "off"})
}

func newCrashing(t testing.TB, settings map[string]string) *Crashing {
	t.Helper()
	made, err := shared.madeOnce(t.Context())
	if err != nil {
		t.Fatalf("make database for %s: %v", t.Name(), err)
	}
	dir, err := reachable("makegood-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if out, err := exec.CommandContext(t.Context(), "cp", "-a", made, filepath.Join(dir, "postgres")).CombinedOutput(); err != nil {
		t.Fatalf("copy cluster: %v: %s", err, out)
	}
	server, err := pgserver.Start(t.Context(), pgserver.Config{Dir: filepath.Join(dir, "postgres"), Fsync: true, Settings: settings})
	if err != nil {
		t.Fatalf("start server for %s: %v", t.Name(), err)
	}
	t.Cleanup(func() {
		_ = server.Stop(context.WithoutCancel(t.Context()))
		_ = os.RemoveAll(server.Dir)
	})
	return &Crashing{URL: server.URL(appUser, appPass, template), t: t, server: server}
}

// Crash kills the process of one session as a machine short of memory does. PostgreSQL then drops every session and what they
// had not committed, repairs its data from its log and goes on. Crash returns when it answers again.
func (c *Crashing) Crash() {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	victim, witness := c.connect(ctx), c.connect(ctx)
	if err := syscall.Kill(int(victim.PgConn().PID()), syscall.SIGKILL); err != nil {
		c.t.Fatalf("kill session: %v", err)
	}
	// The server learns of the death a moment later. Once it has, nobody is let in before the repair, and it ends all others.
	for witness.Ping(ctx) == nil {
		continue
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if again, err := pgx.Connect(ctx, c.server.AdminURL("postgres")); err == nil {
			_ = again.Close(ctx)
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			c.t.Fatal("the server does not come back")
		}
	}
}

func (c *Crashing) connect(ctx context.Context) *pgx.Conn {
	c.t.Helper()
	conn, err := pgx.Connect(ctx, c.server.AdminURL("postgres"))
	if err != nil {
		c.t.Fatalf("connect to crash: %v", err)
	}
	return conn
}
