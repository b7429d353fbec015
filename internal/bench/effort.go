package bench

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Processor time tells what a piece of work costs whoever else is working on the machine; time by the clock does not. It
// is read from /proc; where there is none it is not told.

// ownTime is the processor time of this program so far.
func ownTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// sessions are the server's processes that serve a database.
func (h *house) sessions(ctx context.Context, database string) ([]int32, error) {
	var pids []int32
	err := h.ask(ctx, &pids, `select coalesce(array_agg(pid), '{}') from pg_stat_activity where datname = $1 and backend_type = 'client backend'`, database)
	return pids, err
}

// spentBy is the processor time of processes that are still there.
func spentBy(pids []int32) time.Duration {
	var sum time.Duration
	for _, pid := range pids {
		text, err := os.ReadFile("/proc/" + strconv.Itoa(int(pid)) + "/schedstat")
		if err != nil {
			continue
		}
		first, _, _ := strings.Cut(string(text), " ")
		if spent, err := strconv.ParseInt(first, 10, 64); err == nil {
			sum += time.Duration(spent)
		}
	}
	return sum
}

// spentByEnded is the processor time of all the server's processes that have ended.
func (h *house) spentByEnded(ctx context.Context) (time.Duration, error) {
	var pid int
	if err := h.ask(ctx, &pid, `select pg_backend_pid()`); err != nil {
		return 0, err
	}
	session := statOf(pid)
	if len(session) < 4 {
		return 0, nil
	}
	server, err := strconv.Atoi(session[3])
	if err != nil {
		return 0, nil //nolint:nilerr // no figure where the system does not tell it
	}
	const tick = 10 * time.Millisecond
	var ticks int64
	if of := statOf(server); len(of) > 16 {
		for _, field := range of[15:17] {
			if n, err := strconv.ParseInt(field, 10, 64); err == nil {
				ticks += n
			}
		}
	}
	return time.Duration(ticks) * tick, nil
}

// statOf are the fields of a process' /proc/PID/stat; a name with spaces in it would shift them, PostgreSQL's has none.
func statOf(pid int) []string {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return nil
	}
	return strings.Fields(string(text))
}

func timeOf(cmd *exec.Cmd) time.Duration {
	if cmd.ProcessState == nil {
		return 0
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// forgetPeak has the system forget how much memory this program held at most.
func forgetPeak() { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) } // no figure where that is not allowed

// peak is how much memory this program held at most since then, in MB.
func peak() float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 64)
			return kb / 1024
		}
	}
	return 0
}
