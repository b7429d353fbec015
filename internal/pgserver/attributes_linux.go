package pgserver

import "syscall"

// attributes makes a program die with us: when the thread that started it ends, the kernel sends it the signal
// of a fast shutdown. Its own process group keeps a Ctrl-C in the terminal for us, so that we stop in order.
func attributes(who account) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: who.credential(), Setpgid: true, Pdeathsig: syscall.SIGINT}
}
