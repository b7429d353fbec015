package db

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"makegood/migrations"
)

// Migration is one step of the schema and whether it has been taken.
type Migration struct {
	Version int64
	Name    string
	Applied bool
}

// Migrate brings the schema up to date: River's first, then ours, under an advisory lock. It refuses a database whose
// applied steps differ from the files of this program. The url must belong to the schema's owner.
func Migrate(ctx context.Context, url string) error { return MigrateWith(ctx, url, migrations.FS) }

// MigrateWith is Migrate with the steps of another version of the program.
func MigrateWith(ctx context.Context, url string, files fs.FS) error {
	return withOwner(ctx, url, func(pool *pgxpool.Pool, sqlDB *sql.DB) error {
		river, err := rivermigrate.New(riverpgxv5.New(pool), nil)
		if err != nil {
			return fmt.Errorf("prepare job schema: %w", err)
		}
		if _, err := river.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
			return fmt.Errorf("migrate job schema: %w", err)
		}
		able, err := migrations.For(files, func(extension string) (there bool, err error) {
			if err := sqlDB.QueryRowContext(ctx, `select exists (select from pg_available_extensions where name = $1)`, extension).Scan(&there); err != nil {
				return false, fmt.Errorf("look for extension: %w", err)
			}
			return there, nil
		})
		if err != nil {
			return fmt.Errorf("read migrations: %w", err)
		}
		provider, err := newProvider(sqlDB, able)
		if err != nil {
			return err
		}
		if _, err := sqlDB.ExecContext(ctx, `create table if not exists schema_checksums (version bigint primary key, sha256 text not null)`); err != nil {
			return fmt.Errorf("prepare checksums: %w", err)
		}
		if err := compareChecksums(ctx, sqlDB, files, provider); err != nil {
			return err
		}
		if _, err := provider.Up(ctx); err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		return recordChecksums(ctx, sqlDB, files, provider)
	})
}

// MigrationStatus lists every step of the schema with whether it has been taken.
func MigrationStatus(ctx context.Context, url string) ([]Migration, error) {
	var list []Migration
	err := withOwner(ctx, url, func(_ *pgxpool.Pool, sqlDB *sql.DB) error {
		provider, err := newProvider(sqlDB, migrations.FS)
		if err != nil {
			return err
		}
		states, err := provider.Status(ctx)
		if err != nil {
			return fmt.Errorf("read schema status: %w", err)
		}
		for _, s := range states {
			list = append(list, Migration{Version: s.Source.Version, Name: s.Source.Path, Applied: s.State == goose.StateApplied})
		}
		return nil
	})
	return list, err
}

// SchemaHash names the schema this program carries: the hash over all migration files.
func SchemaHash() (string, error) {
	h := sha256.New()
	err := fs.WalkDir(migrations.FS, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := migrations.FS.ReadFile(path)
		h.Write([]byte(path))
		h.Write(content)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("read migrations: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil))[:16], nil
}

func withOwner(ctx context.Context, url string, work func(*pgxpool.Pool, *sql.DB) error) error {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	defer pool.Close()
	sqlDB := stdlib.OpenDBFromPool(pool)
	defer func() { _ = sqlDB.Close() }()
	return work(pool, sqlDB)
}

func newProvider(sqlDB *sql.DB, files fs.FS) (*goose.Provider, error) {
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, fmt.Errorf("prepare schema lock: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, sqlDB, files,
		goose.WithSessionLocker(locker), goose.WithTableName("schema_versions"))
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return provider, nil
}

func checksum(files fs.FS, path string) (string, error) {
	content, err := fs.ReadFile(files, path)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:]), nil
}

func compareChecksums(ctx context.Context, sqlDB *sql.DB, files fs.FS, provider *goose.Provider) error {
	for _, source := range provider.ListSources() {
		want, err := checksum(files, source.Path)
		if err != nil {
			return err
		}
		var have string
		err = sqlDB.QueryRowContext(ctx, `select sha256 from schema_checksums where version = $1`, source.Version).Scan(&have)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read checksum: %w", err)
		}
		if have != want {
			return fmt.Errorf("migration %s was changed after it had been applied; this database was made by another build", source.Path)
		}
	}
	return nil
}

func recordChecksums(ctx context.Context, sqlDB *sql.DB, files fs.FS, provider *goose.Provider) error {
	for _, source := range provider.ListSources() {
		sum, err := checksum(files, source.Path)
		if err != nil {
			return err
		}
		if _, err := sqlDB.ExecContext(ctx, `insert into schema_checksums values ($1, $2) on conflict do nothing`, source.Version, sum); err != nil {
			return fmt.Errorf("record checksum: %w", err)
		}
	}
	return nil
}
