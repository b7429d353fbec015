package pgserver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// serves says whether the process is a server on this data: every process of PostgreSQL stands in its data folder.
// A process that has ended but was not collected yet stands nowhere.
func serves(_ context.Context, pid int, data string) bool {
	folder, err := os.Readlink(filepath.Join("/proc", strconv.Itoa(pid), "cwd"))
	if errors.Is(err, fs.ErrPermission) {
		owner, _, ownerErr := ownerOf(filepath.Join("/proc", strconv.Itoa(pid)))
		dataOwner, _, dataErr := ownerOf(data)
		return ownerErr == nil && dataErr == nil && owner == dataOwner
	}
	return err == nil && folder == data
}

// forgetPid removes the note of a server that is gone when another process has got its number since, which
// would keep PostgreSQL from starting. It stays when any process is still at work on the data.
func forgetPid(pidFile string, pid int, data string) error {
	if !alive(pid) {
		return nil // PostgreSQL sees that itself
	}
	processes, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		return fmt.Errorf("look at running processes: %w", err)
	}
	for _, process := range processes {
		if folder, err := os.Readlink(process); err == nil && folder == data {
			return nil
		}
	}
	if err := os.Remove(pidFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the note of a server that is gone: %w", err)
	}
	return nil
}
