package pgserver

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

const (
	dataName  = "pgdata"
	superuser = "postgres"
)

// ensureData makes the database's files when there are none. They are made under another name first, so that a
// kill half-way never leaves something that looks like data.
func (s *Server) ensureData(ctx context.Context) error {
	data := filepath.Join(s.Dir, dataName)
	if exists(data) {
		return s.adopt(data)
	}
	if err := s.sweep(dataName + ".new-*"); err != nil {
		return err
	}
	unfinished, err := os.MkdirTemp(s.Dir, dataName+".new-")
	if err != nil {
		return fmt.Errorf("make the database's folder: %w", err)
	}
	if err := s.who.own(unfinished); err != nil {
		return err
	}
	if err := s.initdb(ctx, unfinished); err != nil {
		return err
	}
	if err := os.Rename(unfinished, data); err != nil {
		return fmt.Errorf("put new database in place: %w", err)
	}
	return syncPath(s.Dir)
}

// adopt gives data that root owns, as a copy or a restore leaves it, to the account that runs the database.
func (s *Server) adopt(data string) error {
	owner, _, err := ownerOf(data)
	if err != nil {
		return err
	}
	if owner == s.who.uid {
		return nil
	}
	if !s.who.switched {
		return fmt.Errorf("the database in %s belongs to user %s: start as that user or choose another folder", s.Dir, nameOf(owner))
	}
	err = filepath.WalkDir(data, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return s.who.own(path)
	})
	if err != nil {
		return fmt.Errorf("take over existing data: %w", err)
	}
	return nil
}

// initdb tries the locale that knows every letter and sorts by code point, then what any system has.
func (s *Server) initdb(ctx context.Context, data string) error {
	passwordFile := filepath.Join(s.Dir, "password.init")
	if err := writeSecret(passwordFile, s.password); err != nil {
		return err
	}
	defer os.Remove(passwordFile) //nolint:errcheck // removed at the next start too
	if err := s.who.own(passwordFile); err != nil {
		return err
	}
	runtime.LockOSThread() // the program lives as long as the thread that started it
	defer runtime.UnlockOSThread()
	locale := []string{"--locale=C.UTF-8"}
	if runtime.GOOS == "darwin" {
		locale = []string{"--locale=C", "--lc-ctype=UTF-8"}
	}
	args := []string{
		"--pgdata=" + data, "--username=" + superuser, "--pwfile=" + passwordFile,
		"--auth=scram-sha-256", "--encoding=UTF8", "--no-instructions",
	}
	if !s.durable {
		args = append(args, "--no-sync")
	}
	out, err := s.program(ctx, "initdb", append(args, locale...)...).CombinedOutput()
	if err != nil && strings.Contains(string(out), "invalid locale name") {
		out, err = s.program(ctx, "initdb", append(args, "--locale=C")...).CombinedOutput()
	}
	if err != nil {
		return fmt.Errorf("create the database's files: %w: %s", err, lastLines(out))
	}
	return nil
}

// program prepares one of PostgreSQL's programs: as the right account, in a folder it may enter, with nothing
// of our environment that could change what it does.
func (s *Server) program(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(s.binDir, name), args...) //nolint:gosec // a program of the machine
	cmd.Dir = s.Dir
	cmd.Env = []string{"PATH=" + s.binDir + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME=" + s.Dir, "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = attributes(s.who)
	return cmd
}

// sweep removes what an interrupted start left.
func (s *Server) sweep(pattern string) error {
	left, err := filepath.Glob(filepath.Join(s.Dir, pattern))
	if err != nil {
		return fmt.Errorf("look for leftovers: %w", err)
	}
	for _, path := range left {
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("remove leftovers: %w", err)
		}
	}
	return nil
}

// lastLines is the end of a program's output, short enough for an error.
func lastLines(out []byte) string {
	const keep = 800
	text := strings.TrimSpace(string(out))
	if len(text) > keep {
		text = "… " + text[len(text)-keep:]
	}
	return text
}
