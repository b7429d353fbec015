//go:build !linux

package pgserver

import "syscall"

// attributes keeps a Ctrl-C in the terminal for us. Only Linux can end a program with its parent; elsewhere
// the next start finds and stops what was left.
func attributes(who account) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: who.credential(), Setpgid: true}
}
