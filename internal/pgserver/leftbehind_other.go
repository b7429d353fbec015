//go:build !linux

package pgserver

import (
	"context"
	"os/exec"
	"strconv"
	"strings"
)

// serves says whether the process is a server on this data, by its command line, which we wrote ourselves.
func serves(ctx context.Context, pid int, data string) bool {
	if !alive(pid) {
		return false
	}
	out, err := exec.CommandContext(ctx, "ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output() //nolint:gosec // a number
	return err == nil && strings.Contains(string(out), "postgres") && strings.Contains(string(out), data)
}

// forgetPid leaves the note to PostgreSQL, which knows here better than we do.
func forgetPid(string, int, string) error { return nil }
