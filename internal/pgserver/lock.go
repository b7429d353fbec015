package pgserver

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// ErrInUse says that another running Makegood has its database in this folder.
var ErrInUse = errors.New("another Makegood is running its database in this folder")

const lockName = "lock"

// lockDir keeps two programs from running a database on the same folder. The system releases the lock however
// its holder ends.
func lockDir(dir string) (*os.File, error) {
	path := filepath.Join(dir, lockName)
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if errors.Is(err, fs.ErrPermission) {
		return nil, foreign(path, err)
	}
	if err != nil {
		return nil, fmt.Errorf("open the lock file: %w", err)
	}
	// A lock just given up may be held a moment longer by a process that is being started and has not yet closed what it
	// inherited, so it is tried for a second.
	const pause, tries = 20 * time.Millisecond, 50
	for range tries {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) && !errors.Is(err, syscall.EWOULDBLOCK) {
			break
		}
		time.Sleep(pause)
	}
	if err == nil {
		return file, nil
	}
	closeQuietly(file)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, fmt.Errorf("%w: %s; stop it first or choose another folder", ErrInUse, dir)
	}
	return nil, fmt.Errorf("lock %s: %w", dir, err)
}

// foreign says in plain words that a file was made by somebody else.
func foreign(path string, err error) error {
	owner, _, ownerErr := ownerOf(path)
	if ownerErr != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	return fmt.Errorf("the database in %s was made by user %s: start as that user or choose another folder: %w",
		filepath.Dir(path), nameOf(owner), err)
}

func closeQuietly(file *os.File) {
	_ = file.Close() // nothing was written through it
}
