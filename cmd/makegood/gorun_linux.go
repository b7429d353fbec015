package main

import (
	"bytes"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// dieWithGoRun ends this process when `go run` above it is killed: go run passes on Ctrl-C but cannot pass on a kill, and a
// demo left behind would keep its port and its folder.
func dieWithGoRun() {
	name, err := os.ReadFile("/proc/" + strconv.Itoa(os.Getppid()) + "/comm")
	if err == nil && string(bytes.TrimSpace(name)) == "go" {
		_ = unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(syscall.SIGTERM), 0, 0, 0)
	}
}
