package copies

import "syscall"

// attributes has the kernel end the copy when the thread that started it ends. Its own process group keeps a Ctrl-C in the
// terminal for this process, which stops its copies in order.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
