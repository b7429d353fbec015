package db_test

import (
	"net"
	"syscall"
	"testing"

	"makegood/internal/db"
	"makegood/internal/dbtest"
)

// Each connection finds out by itself that a machine is gone that does not say so: one that is quiet by signs of life, one that
// speaks by a limit of how long its words may lie.
func TestSilentMachineIsNoticed(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	pooled, err := d.Pool().Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer pooled.Release()
	single, err := db.Connect(t.Context(), d.Pool().Config().ConnString())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = single.Close(t.Context()) }()
	for what, conn := range map[string]net.Conn{"of the pool": pooled.Conn().PgConn().Conn(), "single": single.PgConn().Conn()} {
		line, err := conn.(*net.TCPConn).SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		for name, option := range map[string]struct{ number, want int }{
			"sign of life":      {syscall.TCP_KEEPIDLE, 10},
			"and again":         {syscall.TCP_KEEPINTVL, 5},
			"so often":          {syscall.TCP_KEEPCNT, 3},
			"words lie so long": {0x12, 40_000},
		} {
			var got int
			var asked error
			if err := line.Control(func(fd uintptr) { got, asked = syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, option.number) }); err != nil || asked != nil {
				t.Fatal(err, asked)
			}
			if got != option.want {
				t.Errorf("%s, %s: %d, want %d", what, name, got, option.want)
			}
		}
	}
}
