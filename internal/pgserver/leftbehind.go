package pgserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	orderlyPatience = 30 * time.Second
	quitPatience    = 10 * time.Second
)

// stopLeftBehind ends a server that still runs on our data though its program is gone: we hold the lock, so it
// is nobody's. It may be shutting down already, its parent killed a moment ago; then this waits for that.
func (s *Server) stopLeftBehind(ctx context.Context) error {
	data := filepath.Join(s.Dir, dataName)
	pidFile := filepath.Join(data, "postmaster.pid")
	pid := pidIn(pidFile)
	if pid == 0 {
		return nil
	}
	if !serves(ctx, pid, data) {
		return forgetPid(pidFile, pid, data)
	}
	s.log.WarnContext(ctx, "stopping a database left behind", "dir", s.Dir, "pid", pid)
	for _, step := range []struct {
		signal   syscall.Signal
		patience time.Duration
	}{{syscall.SIGINT, orderlyPatience}, {syscall.SIGQUIT, quitPatience}} {
		if err := syscall.Kill(pid, step.signal); errors.Is(err, syscall.EPERM) {
			return fmt.Errorf("a database left behind (process %d) runs in %s and belongs to another user: stop it first", pid, s.Dir)
		}
		gone, err := waitGone(ctx, pid, data, step.patience)
		if err != nil || gone {
			return err
		}
	}
	return fmt.Errorf("a database left behind (process %d) in %s does not stop", pid, s.Dir)
}

func waitGone(ctx context.Context, pid int, data string, patience time.Duration) (bool, error) {
	for waited := time.Duration(0); waited < patience; waited += pause {
		if !serves(ctx, pid, data) {
			return true, nil
		}
		if err := wait(ctx, pause); err != nil {
			return false, err
		}
	}
	return false, nil
}

func pidIn(path string) int {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 1 {
		return 0
	}
	return pid
}

// alive is also true for a process of another user.
func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
