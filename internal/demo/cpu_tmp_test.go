package demo_test

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

func cpuSelf() time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(0, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func cpuPG(t *testing.T) string {
	out, _ := exec.Command("bash", "-c", "ps -eo ppid,cputimes,times,etimes,args | grep 'postgres: makegood test_' | grep -v grep | grep -- \"$(pgrep -P "+ pid() +" postgres | head -1)\"").Output()
	return strings.TrimSpace(string(out))
}
func pid() string { return itoa(os.Getpid()) }
func itoa(n int) string { s := ""; for n > 0 { s = string(rune('0'+n%10)) + s; n /= 10 }; return s }
