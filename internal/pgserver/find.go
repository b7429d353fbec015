package pgserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// OldestMajor is the oldest PostgreSQL that Makegood works with.
const OldestMajor = 14

// ErrNotInstalled says that this machine has no usable PostgreSQL programs and none could be fetched.
var ErrNotInstalled = errors.New(`no PostgreSQL 14 or newer found on this machine; install it with ` +
	`"apt install postgresql" (Debian, Ubuntu), "dnf install postgresql-server" (Fedora) ` +
	`or "brew install postgresql@17" (macOS), then start again`)

// Find answers the folder with the programs of a PostgreSQL that Makegood works with: the one on PATH, else the
// newest the system's packages have installed, else one fetched into a cache folder.
func Find(ctx context.Context) (string, error) {
	return find(ctx, 0)
}

// find looks for a given major version, or for any that is new enough when major is 0.
func find(ctx context.Context, major int) (string, error) {
	for _, dir := range candidates(ctx) {
		found, err := majorOf(ctx, dir)
		if err != nil || found < OldestMajor || (major != 0 && found != major) {
			continue
		}
		return dir, nil
	}
	if err := ctx.Err(); err != nil {
		return "", fmt.Errorf("look for postgresql: %w", err)
	}
	if major != 0 && major != fetchedMajor {
		return "", fmt.Errorf("the data was written by PostgreSQL %d, which is not installed: install it or choose another folder", major)
	}
	dir, err := fetch(ctx)
	if err != nil {
		return "", fmt.Errorf("%w (fetching it failed too: %w)", ErrNotInstalled, err)
	}
	return dir, nil
}

// candidates lists folders that may hold the programs, the most preferred first.
func candidates(ctx context.Context) []string {
	var dirs []string
	for _, program := range []string{"pg_ctl", "initdb", "postgres"} {
		if path, err := exec.LookPath(program); err == nil {
			dirs = append(dirs, programDir(path))
		}
	}
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",
		"/usr/pgsql-*/bin",
		"/opt/homebrew/opt/postgresql*/bin",
		"/usr/local/opt/postgresql*/bin",
		"/Applications/Postgres.app/Contents/Versions/*/bin",
	} {
		dirs = append(dirs, newestFirst(pattern)...)
	}
	return slices.DeleteFunc(dirs, func(dir string) bool { return !complete(dir) })
}

// programDir follows links, because packages link single programs into folders that lack the others.
func programDir(program string) string {
	if real, err := filepath.EvalSymlinks(program); err == nil {
		program = real
	}
	if abs, err := filepath.Abs(program); err == nil {
		program = abs
	}
	return filepath.Dir(program)
}

func newestFirst(pattern string) []string {
	dirs, err := filepath.Glob(pattern)
	if err != nil {
		return nil
	}
	slices.SortStableFunc(dirs, func(a, b string) int { return numberIn(b) - numberIn(a) })
	return dirs
}

// numberIn is the version a folder's name carries: 15 in /usr/lib/postgresql/15/bin.
func numberIn(dir string) int {
	version := strings.TrimLeft(filepath.Base(filepath.Dir(dir)), "abcdefghijklmnopqrstuvwxyz-@")
	whole, _, _ := strings.Cut(version, ".")
	number, err := strconv.Atoi(whole)
	if err != nil {
		return 0
	}
	return number
}

func complete(dir string) bool {
	for _, program := range []string{"initdb", "postgres"} {
		info, err := os.Stat(filepath.Join(dir, program))
		if err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
			return false
		}
	}
	return true
}

// majorOf asks the server program itself, because folder names may lie.
func majorOf(ctx context.Context, dir string) (int, error) {
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output() //nolint:gosec // a program of the machine
	if err != nil {
		return 0, fmt.Errorf("ask %s for its version: %w", dir, err)
	}
	for word := range strings.FieldsSeq(string(out)) {
		digits := word[:len(word)-len(strings.TrimLeft(word, "0123456789"))]
		if digits != "" {
			major, err := strconv.Atoi(digits)
			if err != nil {
				return 0, fmt.Errorf("read version of %s: %w", dir, err)
			}
			return major, nil
		}
	}
	return 0, fmt.Errorf("%s answers no version: %q", dir, out)
}
