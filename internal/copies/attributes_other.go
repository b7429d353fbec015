//go:build !linux

package copies

import "syscall"

// attributes keeps a Ctrl-C in the terminal for this process, which stops its copies in order.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
