package scan_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"makegood/inbox/scan"
	"makegood/inbox/scan/scantest"
)

func TestVerdicts(t *testing.T) {
	t.Parallel()
	d := scantest.Start(t, 1<<20)
	for name, c := range map[string]struct {
		content []byte
		found   string
		err     error
	}{
		"clean":                {[]byte("good morning"), "", nil},
		"nothing":              {nil, "", nil},
		"found":                {[]byte("a " + scantest.Bad + " b"), scantest.Name, nil},
		"found at a seam":      {append(bytes.Repeat([]byte("x"), 128<<10-4), scantest.Bad...), scantest.Name, nil},
		"large":                {bytes.Repeat([]byte("y"), 1<<20), "", nil},
		"larger than it looks": {bytes.Repeat([]byte("z"), 1<<20+1), "", scan.ErrTooLarge},
	} {
		found, err := d.Scanner(t).Scan(t.Context(), c.content)
		if found != c.found || !errors.Is(err, c.err) {
			t.Errorf("%s: %q %v", name, found, err)
		}
	}
}

func TestNoVerdictIsNotClean(t *testing.T) {
	t.Parallel()
	for _, reply := range []string{"", "stream: ", "OK", "stream: FOUND", " FOUND", "stream:  FOUND", "stream: Can't allocate memory ERROR", "COMMAND READ TIMED OUT"} {
		d := scantest.Start(t, 1<<20)
		d.Say(reply)
		if found, err := d.Scanner(t).Scan(t.Context(), []byte("x")); !errors.Is(err, scan.ErrAway) {
			t.Errorf("%q is taken for %q, %v", reply, found, err)
		}
	}
	d := scantest.Start(t, 1<<20)
	scanner := d.Scanner(t)
	d.Stop()
	if _, err := scanner.Scan(t.Context(), []byte("x")); !errors.Is(err, scan.ErrAway) {
		t.Errorf("nobody there: %v", err)
	}
}

func TestAFileThatTakesTooLong(t *testing.T) {
	t.Parallel()
	d := scantest.Start(t, 1<<20)
	clamd, ok := d.Scanner(t).(*scan.Clamd)
	if !ok {
		t.Fatal("no clamd")
	}
	for deaf, want := range map[bool]error{false: scan.ErrSlow, true: scan.ErrAway} {
		d.Think(deaf)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		if deaf {
			ctx, cancel = context.WithTimeout(t.Context(), 200*time.Millisecond) // it would be asked for long whether it is there
		}
		if _, err := clamd.Within(50*time.Millisecond).Scan(ctx, []byte("x")); !errors.Is(err, want) {
			t.Errorf("deaf %t: %v", deaf, err)
		}
		cancel()
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"clamd:3310", "tcp://clamd", "http://clamd:3310", "unix://clamd", "unix://host/run/x", "%zz"} {
		if _, err := scan.New(bad); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
	for _, good := range []string{"tcp://127.0.0.1:3310", "unix:///run/clamav/clamd.ctl"} {
		if s, err := scan.New(good); err != nil || s == nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	if s, err := scan.New(""); s != nil || err != nil {
		t.Errorf("no address: %v %v", s, err)
	}
}
