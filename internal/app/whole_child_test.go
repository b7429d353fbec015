package app_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"makegood/internal/app"
	"makegood/internal/telemetry"
)

// What a copy of the program in a process of its own is told.
const (
	childDatabase = "MAKEGOOD_TEST_CHILD_DATABASE"
	childSessions = "MAKEGOOD_TEST_CHILD_SESSIONS" // the way to the database without a pooler
	childSMTP     = "MAKEGOOD_TEST_CHILD_SMTP"
	childAhead    = "MAKEGOOD_TEST_CHILD_AHEAD" // how far its clock is ahead
	childRoles    = "MAKEGOOD_TEST_CHILD_ROLES" // by comma
	childOrdinary = "MAKEGOOD_TEST_CHILD_ORDINARY_SMTP"
)

// child does the work of its roles until it is killed, or until the test that started it has gone.
func child() int {
	ahead, err := time.ParseDuration(os.Getenv(childAhead))
	if err != nil {
		fmt.Println(err)
		return 2
	}
	cfg := settings(os.Getenv(childDatabase), os.Getenv(childSMTP))
	cfg.SMTPURL = relay(os.Getenv(childSMTP), os.Getenv(childOrdinary) == "true")
	cfg.SessionDatabaseURL = os.Getenv(childSessions)
	cfg.Roles = strings.Split(os.Getenv(childRoles), ",")
	ctx := context.Background()
	a, err := app.New(ctx, cfg, app.Options{
		Logger: telemetry.NewLogger(os.Stderr, slog.LevelWarn), Clock: func() time.Time { return time.Now().Add(ahead) },
	})
	if err == nil {
		err = a.Start(ctx)
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("working", a.Addr())
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}

// process is a copy of the program that can be killed.
type process struct {
	t       *testing.T
	cmd     *exec.Cmd
	address string // of its web server
}

// spawn starts a copy of the program in a process of its own that reads and sends mail, and returns when it works.
func (h *house) spawn(ahead time.Duration) process {
	h.t.Helper()
	return h.spawnWith(ahead, "worker", h.office.SMTPAddr())
}

// spawnWith is spawn for a copy with other roles, or another way to the mail server.
func (h *house) spawnWith(ahead time.Duration, roles, smtpAddr string) process {
	h.t.Helper()
	cmd := exec.CommandContext(h.t.Context(), os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childDatabase+"="+h.url, childSessions+"="+h.sessions, childSMTP+"="+smtpAddr, childAhead+"="+ahead.String(),
		childRoles+"="+roles, childOrdinary+"="+strconv.FormatBool(h.ordinary))
	cmd.Stderr = h.log
	_, err := cmd.StdinPipe() // closed when this process ends, and then that one ends too
	must(h.t, err)
	out, err := cmd.StdoutPipe()
	must(h.t, err)
	must(h.t, cmd.Start())
	h.t.Cleanup(func() { _ = cmd.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	address, works := strings.CutPrefix(line, "working ")
	if err != nil || !works {
		h.t.Fatalf("the process says %q: %v", line, err)
	}
	return process{t: h.t, cmd: cmd, address: strings.TrimSpace(address)}
}

// kill ends the process as a power cut would.
func (p process) kill() {
	p.t.Helper()
	must(p.t, p.cmd.Process.Kill())
	_ = p.cmd.Wait() // it did not end well, as intended
}
