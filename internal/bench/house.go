package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/internal/db"
	"makegood/internal/pgserver"
)

const (
	appRole     = "makegood"
	appPassword = "benchmark-only"
)

// house is the PostgreSQL server that is measured, with PostgreSQL's own settings: what is committed is on the disk.
type house struct {
	server  *pgserver.Server
	scratch string
	remove  bool
	say     func(string)
}

func openHouse(ctx context.Context, o Options) (*house, error) {
	h := &house{scratch: o.Dir, say: o.Say}
	if h.scratch == "" {
		var err error
		if h.scratch, err = os.MkdirTemp("", "makegood-bench-"); err != nil {
			return nil, fmt.Errorf("make a folder: %w", err)
		}
		h.remove = true
	}
	if err := os.MkdirAll(h.scratch, 0o711); err != nil { //nolint:gosec // the database's own user must pass through
		return nil, fmt.Errorf("make the folder: %w", err)
	}
	if err := os.Chmod(h.scratch, 0o711); err != nil { //nolint:gosec // the database's own user must pass through
		return nil, fmt.Errorf("open the folder: %w", err)
	}
	o.Say("Starting PostgreSQL in " + h.scratch)
	var err error
	h.server, err = pgserver.Start(ctx, pgserver.Config{Dir: filepath.Join(h.scratch, "postgres"), Fsync: true, Logger: o.Logger})
	if err != nil {
		return nil, errors.Join(err, h.clear())
	}
	return h, nil
}

func (h *house) close(ctx context.Context) error {
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	return errors.Join(h.server.Stop(stopping), h.clear())
}

func (h *house) clear() error {
	if !h.remove {
		return nil
	}
	dirs := []string{h.scratch}
	if h.server != nil {
		dirs = append(dirs, h.server.Dir) // elsewhere when the database's user cannot reach the folder wanted
	}
	var err error
	for _, dir := range dirs {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	return err
}

// make creates a migrated database unless there is one, fills it, and marks it as ready only then. It tells its name,
// which changes with the schema and the scale.
func (h *house) make(ctx context.Context, kind string, scale int, fill func(ctx context.Context, database string) error) (string, error) {
	hash, err := db.SchemaHash()
	if err != nil {
		return "", err
	}
	name := fmt.Sprintf("%s_%s_%d", kind, hash[:8], scale)
	var ready bool
	err = h.ask(ctx, &ready, `select exists (select 1 from pg_database where datname = $1)`, name)
	if err != nil || ready {
		return name, err
	}
	unready := name + "_unready"
	if err := h.admin(ctx, "postgres", `drop database if exists `+unready+` with (force)`, `create database `+unready); err != nil {
		return "", err
	}
	if err := db.Migrate(ctx, h.server.AdminURL(unready)); err != nil {
		return "", err
	}
	if err := h.admin(ctx, unready, fmt.Sprintf(`do $$ begin
		if not exists (select 1 from pg_roles where rolname = '%[1]s') then create role %[1]s login password '%[2]s' in role makegood_app; end if;
		end $$`, appRole, appPassword)); err != nil {
		return "", err
	}
	if err := fill(ctx, unready); err != nil {
		return "", err
	}
	return name, h.admin(ctx, "postgres", `alter database `+unready+` rename to `+name)
}

// copy makes a database that is thrown away after a measurement, so that each begins from the same state.
func (h *house) copy(ctx context.Context, from string) (string, error) {
	const name = "measured"
	return name, h.admin(ctx, "postgres", `drop database if exists `+name+` with (force)`, `create database `+name+` template `+from)
}

// quiet writes out what earlier work left to be written, so that it does not disturb the next measurement.
func (h *house) quiet(ctx context.Context) error { return h.admin(ctx, "postgres", `checkpoint`) }

// url is how the application's role connects.
func (h *house) url(database string) string { return h.server.URL(appRole, appPassword, database) }

func (h *house) admin(ctx context.Context, database string, statements ...string) error {
	conn, err := pgx.Connect(ctx, h.server.AdminURL(database))
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("prepare database: %w", err)
		}
	}
	return nil
}

func (h *house) ask(ctx context.Context, into any, query string, args ...any) error {
	conn, err := pgx.Connect(ctx, h.server.AdminURL("postgres"))
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if err := conn.QueryRow(ctx, query, args...).Scan(into); err != nil {
		return fmt.Errorf("ask database: %w", err)
	}
	return nil
}

func (h *house) machine(ctx context.Context, m Machine) (Machine, error) {
	var version string
	err := h.ask(ctx, &version, `show server_version`)
	return m.After(version), err
}
