package pgserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

const (
	fetchedMajor  = 16
	fetchPatience = 3 * time.Minute
)

// fetch brings ready-made programs into a cache folder, or finds them there from an earlier time.
func fetch(ctx context.Context) (string, error) {
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	programs := filepath.Join(cache, fmt.Sprintf("postgresql-%d", fetchedMajor))
	bin := filepath.Join(programs, "bin")
	if complete(bin) {
		return bin, nil
	}
	ctx, cancel := context.WithTimeout(ctx, fetchPatience)
	defer cancel()
	done := make(chan error, 1) // the library cannot be cancelled: it is left alone when patience ends
	go func() { done <- unpack(cache, programs) }()
	select {
	case err = <-done:
	case <-ctx.Done():
		return "", fmt.Errorf("download took too long: %w", ctx.Err())
	}
	if _, versionErr := majorOf(ctx, bin); versionErr != nil || !complete(bin) {
		return "", errors.Join(err, versionErr)
	}
	return bin, nil
}

// unpack lets the library download and unpack. It goes on to start a server, which we do not need and which
// fails for root; what counts is whether the programs are there afterwards.
func unpack(cache, programs string) error {
	scratch, err := os.MkdirTemp(cache, "unpack-")
	if err != nil {
		return fmt.Errorf("make a folder to unpack in: %w", err)
	}
	defer os.RemoveAll(scratch) //nolint:errcheck // scratch
	port, err := freePort()
	if err != nil {
		return err
	}
	postgres := embeddedpostgres.NewDatabase(embeddedpostgres.DefaultConfig().
		Version(embeddedpostgres.V16).
		CachePath(cache).
		BinariesPath(programs).
		RuntimePath(filepath.Join(scratch, "run")).
		DataPath(filepath.Join(scratch, "data")).
		Port(uint32(port)).
		Logger(io.Discard))
	if err := postgres.Start(); err != nil {
		return fmt.Errorf("fetch postgresql: %w", err)
	}
	if err := postgres.Stop(); err != nil {
		return fmt.Errorf("stop fetched postgresql: %w", err)
	}
	return nil
}

// cacheDir is a folder that keeps programs between starts; root's own home is closed to the account that runs them.
func cacheDir() (string, error) {
	base := "/var/cache"
	if os.Geteuid() != 0 {
		var err error
		if base, err = os.UserCacheDir(); err != nil {
			return "", fmt.Errorf("find the cache folder: %w", err)
		}
	}
	dir := filepath.Join(base, "makegood")
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // programs, no secrets
		return "", fmt.Errorf("make the cache folder: %w", err)
	}
	return dir, nil
}
