package dbtest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/internal/pgserver"
)

// Dumped makes a second database from a dump of the one behind url, by the commands that docs/operating.md names, and tells how
// the application's role connects to it.
func Dumped(t testing.TB, url string) string {
	t.Helper()
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	name, file := cfg.Database+"_restored", filepath.Join(t.TempDir(), "makegood.dump")
	program(t, "pg_dump", "--format=custom", "--file="+file, shared.server.AdminURL(cfg.Database))
	program(t, "createdb", "--maintenance-db="+shared.server.AdminURL("postgres"), name)
	program(t, "pg_restore", "--exit-on-error", "--dbname="+shared.server.AdminURL(name), file)
	return shared.server.URL(appUser, appPass, name)
}

// Archiving is a database on a server that keeps every change outside itself, as an operator sets it up who wants to go back to
// any moment.
type Archiving struct {
	*Crashing

	archive, base string
}

// NewArchiving starts such a server.
func NewArchiving(t testing.TB) *Archiving {
	t.Helper()
	dir, err := reachable("makegood-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	a := &Archiving{archive: filepath.Join(dir, "archive"), base: filepath.Join(dir, "restored")}
	for _, folder := range []string{a.archive, a.base} {
		if err := os.Mkdir(folder, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(folder, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	a.Crashing = newCrashing(t, map[string]string{
		"jit": "off", "archive_mode": "on", "archive_command": "test ! -f " + a.archive + "/%f && cp %p " + a.archive + "/%f",
	})
	return a
}

// BaseBackup copies the whole server while it works.
func (a *Archiving) BaseBackup() {
	a.t.Helper()
	program(a.t, "pg_basebackup", "--dbname="+a.server.AdminURL("postgres"), "--pgdata="+filepath.Join(a.base, "pgdata"), "--checkpoint=fast", "--wal-method=none")
}

// RestoreTo starts a server from the base backup and the archive as everything stood at a moment, and returns when it may be
// written to. It tells how the application's role connects.
func (a *Archiving) RestoreTo(at time.Time) string {
	a.t.Helper()
	ctx := a.t.Context()
	a.archiveAll()
	password, err := os.ReadFile(filepath.Join(a.server.Dir, "password"))
	if err == nil {
		err = os.WriteFile(filepath.Join(a.base, "password"), password, 0o600)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(a.base, "pgdata", "recovery.signal"), nil, 0o600)
	}
	if err != nil {
		a.t.Fatal(err)
	}
	server, err := pgserver.Start(ctx, pgserver.Config{Dir: a.base, Fsync: true, Settings: map[string]string{
		"jit": "off", "restore_command": "cp " + a.archive + "/%f %p",
		"recovery_target_time": at.UTC().Format("2006-01-02 15:04:05.999999") + "+00", "recovery_target_action": "promote",
	}})
	if err != nil {
		a.t.Fatalf("start from the backup: %v", err)
	}
	a.t.Cleanup(func() { _ = server.Stop(context.WithoutCancel(ctx)) })
	conn, err := pgx.Connect(ctx, server.AdminURL("postgres"))
	if err != nil {
		a.t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for recovering := true; recovering; {
		if err := conn.QueryRow(ctx, `select pg_is_in_recovery()`).Scan(&recovering); err != nil {
			a.t.Fatal(err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			a.t.Fatal("the server does not come out of recovery")
		}
	}
	return server.URL(appUser, appPass, template)
}

// archiveAll returns when everything written so far is in the archive.
func (a *Archiving) archiveAll() {
	a.t.Helper()
	ctx := a.t.Context()
	var last string
	admin, err := pgx.Connect(ctx, a.server.AdminURL("postgres"))
	if err != nil {
		a.t.Fatal(err)
	}
	defer func() { _ = admin.Close(ctx) }()
	if err := admin.QueryRow(ctx, `select pg_walfile_name(pg_switch_wal())`).Scan(&last); err != nil {
		a.t.Fatal(err)
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for archived := ""; archived < last; {
		if err := admin.QueryRow(ctx, `select coalesce(last_archived_wal, '') from pg_stat_archiver`).Scan(&archived); err != nil {
			a.t.Fatal(err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			a.t.Fatal("the server does not archive")
		}
	}
}

// program runs one of PostgreSQL's own programs.
func program(t testing.TB, name string, args ...string) {
	t.Helper()
	bin, err := pgserver.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(bin, name), args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", name, err, out)
	}
}
