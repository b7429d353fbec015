package pgserver_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/internal/pgserver"
)

func TestKeepsDataOverStops(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	first := start(t, pgserver.Config{Dir: dir, Fsync: true})
	execute(t, first.AdminURL("postgres"), "create role desk login password 'p@ss word/1'", "create database books owner desk")
	execute(t, first.URL("desk", "p@ss word/1", "books"), "create table memo (n int)", "insert into memo values (7)")
	stop(t, first)
	stop(t, first)

	second := start(t, pgserver.Config{Dir: dir, Fsync: true})
	if got := number(t, second.URL("desk", "p@ss word/1", "books"), "select n from memo"); got != 7 {
		t.Errorf("memo after restart: %d, want 7", got)
	}
	if got := number(t, second.AdminURL("postgres"), "select count(*) from pg_settings where name='fsync' and setting='on'"); got != 1 {
		t.Error("fsync is off")
	}
}

func TestServesLettersAndSettings(t *testing.T) {
	t.Parallel()
	server := start(t, pgserver.Config{Dir: folder(t), Settings: map[string]string{"max_connections": "20"}})
	if got := number(t, server.AdminURL("postgres"), "select current_setting('max_connections')::int"); got != 20 {
		t.Errorf("max_connections = %d, want 20", got)
	}
	if got := number(t, server.AdminURL("postgres"), "select (upper('é') = 'É')::int"); got != 1 {
		t.Error("letters beyond ASCII are not known")
	}
	if got := number(t, server.AdminURL("postgres"), "select (current_setting('fsync') = 'off')::int"); got != 1 {
		t.Error("fsync is on")
	}
}

func TestRefusesWrongPassword(t *testing.T) {
	t.Parallel()
	server := start(t, pgserver.Config{Dir: folder(t)})
	conn, err := pgx.Connect(t.Context(), server.URL("postgres", "guess", "postgres"))
	if err == nil {
		_ = conn.Close(t.Context())
		t.Error("a wrong password was accepted")
	}
	info, err := os.Stat(filepath.Join(server.Dir, "password"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("password file: %v %v", info, err)
	}
}

func TestRefusesFolderInUse(t *testing.T) {
	t.Parallel()
	server := start(t, pgserver.Config{Dir: folder(t)})
	_, err := pgserver.Start(t.Context(), pgserver.Config{Dir: server.Dir})
	if !errors.Is(err, pgserver.ErrInUse) {
		t.Errorf("second start: %v, want ErrInUse", err)
	}
}

func TestRefusesDataOfAnotherVersion(t *testing.T) {
	t.Parallel()
	server := start(t, pgserver.Config{Dir: folder(t)})
	stop(t, server)
	if err := os.WriteFile(filepath.Join(server.Dir, "pgdata", "PG_VERSION"), []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := pgserver.Start(t.Context(), pgserver.Config{Dir: server.Dir})
	if err == nil || !strings.Contains(err.Error(), "written by PostgreSQL 9") {
		t.Errorf("start: %v", err)
	}
}

func TestSaysWhatIsWrongWithASetting(t *testing.T) {
	t.Parallel()
	_, err := pgserver.Start(t.Context(), pgserver.Config{Dir: folder(t), Settings: map[string]string{"no_such": "1"}})
	if err == nil || !strings.Contains(err.Error(), "no_such") {
		t.Errorf("start: %v", err)
	}
}

func TestStartsAfterInterruptedFirstStart(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	if err := os.MkdirAll(filepath.Join(dir, "pgdata.new-1", "base"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "lock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, pgserver.Config{Dir: dir})
	if _, err := os.Stat(filepath.Join(dir, "pgdata.new-1")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("leftover is still there: %v", err)
	}
}

func TestUsesAnotherFolderWhenTheWantedIsClosed(t *testing.T) {
	t.Parallel()
	closed := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	wanted := filepath.Join(closed, "database")
	first := start(t, pgserver.Config{Dir: wanted})
	if os.Geteuid() != 0 {
		if first.Dir != wanted {
			t.Errorf("an ordinary user's database went to %s", first.Dir)
		}
		return
	}
	t.Cleanup(func() { _ = os.RemoveAll(first.Dir) })
	if first.Dir == wanted {
		t.Fatal("the wanted folder cannot have worked")
	}
	stop(t, first)
	if second := start(t, pgserver.Config{Dir: wanted}); second.Dir != first.Dir {
		t.Errorf("second start went to %s, first to %s", second.Dir, first.Dir)
	}
}

func TestFindAnswersPrograms(t *testing.T) {
	t.Parallel()
	dir, err := pgserver.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		t.Error(err)
	}
}

// folder is one that the database's account can reach; the testing package's own are closed to it.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pgserver-test-") //nolint:usetesting // see above
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func start(t *testing.T, config pgserver.Config) *pgserver.Server {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	server, err := pgserver.Start(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(context.WithoutCancel(ctx)); err != nil {
			t.Error(err)
		}
	})
	return server
}

func stop(t *testing.T, server *pgserver.Server) {
	t.Helper()
	if err := server.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-server.Done()
}

func execute(t *testing.T, url string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for _, statement := range statements {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func number(t *testing.T, url, query string) int {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var n int
	if err := conn.QueryRow(t.Context(), query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}
