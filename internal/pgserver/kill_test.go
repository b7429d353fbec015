package pgserver_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"makegood/internal/pgserver"
)

const helperDir = "PGSERVER_TEST_HELPER_DIR"

// TestMain lets the test binary stand in for a program that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv(helperDir); dir != "" {
		helper(dir)
	}
	os.Exit(m.Run())
}

func helper(dir string) {
	server, err := pgserver.Start(context.Background(), pgserver.Config{Dir: dir, Fsync: true})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	fmt.Println(server.AdminURL("postgres"))
	<-server.Done()
	os.Exit(0)
}

func TestSurvivesKillOfTheProgram(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	for round := 1; round <= 3; round++ {
		program, url := spawn(t, dir)
		execute(t, url, "create table if not exists memo (n int)", "insert into memo values (1)")
		kill(t, program.Process)
		_ = program.Wait()
	}
	server := start(t, pgserver.Config{Dir: dir})
	if got := number(t, server.AdminURL("postgres"), "select count(*) from memo"); got != 3 {
		t.Errorf("%d rows after three kills, want 3", got)
	}
}

func TestServerDiesWithTheProgram(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/cwd"); err != nil {
		return // only Linux promises it
	}
	dir := folder(t)
	program, _ := spawn(t, dir)
	notice := filepath.Join(dir, "pgdata", "postmaster.pid")
	if _, err := os.Stat(notice); err != nil {
		t.Fatal(err)
	}
	kill(t, program.Process)
	_ = program.Wait()
	for t.Context().Err() == nil { // until the test's own time limit
		if _, err := os.Stat(notice); err != nil {
			return
		}
		runtime.Gosched()
	}
}

func TestSurvivesKillOfTheServer(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	first := start(t, pgserver.Config{Dir: dir, Fsync: true})
	execute(t, first.AdminURL("postgres"), "create table memo (n int)", "insert into memo values (1)")
	text, err := os.ReadFile(filepath.Join(dir, "pgdata", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(line)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-first.Done()
	stop(t, first)
	second := start(t, pgserver.Config{Dir: dir, Fsync: true})
	if got := number(t, second.AdminURL("postgres"), "select count(*) from memo"); got != 1 {
		t.Errorf("%d rows after the kill, want 1", got)
	}
}

func TestStartsOverTheNoteOfAnUnrelatedProcess(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	stop(t, start(t, pgserver.Config{Dir: dir}))
	note := fmt.Sprintf("%d\n%s\n1700000000\n5432\n\n127.0.0.1\n", os.Getppid(), filepath.Join(dir, "pgdata"))
	path := filepath.Join(dir, "pgdata", "postmaster.pid")
	if err := os.WriteFile(path, []byte(note), 0o644); err != nil {
		t.Fatal(err)
	}
	start(t, pgserver.Config{Dir: dir})
}

func spawn(t *testing.T, dir string) (*exec.Cmd, string) {
	t.Helper()
	program := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	program.Env = append(os.Environ(), helperDir+"="+dir)
	program.Stderr = os.Stderr
	out, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = program.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || strings.HasPrefix(line, "error") {
		t.Fatalf("helper: %s %v", line, err)
	}
	return program, strings.TrimSpace(line)
}

func kill(t *testing.T, process *os.Process) {
	t.Helper()
	if err := process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}
