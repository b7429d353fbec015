package db

import (
	"errors"
	"syscall"
)

// tcpUserTimeout is the number of the option in Linux, which package syscall does not name.
const tcpUserTimeout = 0x12

// limitWaiting has the kernel give up a connection whose words nobody takes.
func limitWaiting(_, _ string, line syscall.RawConn) error {
	var set error
	err := line.Control(func(fd uintptr) {
		set = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(giveUp.Milliseconds()))
		if errors.Is(set, syscall.EOPNOTSUPP) || errors.Is(set, syscall.ENOPROTOOPT) { // a local socket
			set = nil
		}
	})
	return errors.Join(err, set)
}
