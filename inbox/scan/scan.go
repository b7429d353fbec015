// Package scan asks a virus scanner about files: clamd, by its INSTREAM command, over TCP or a local socket.
package scan

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"makegood/internal/errs"
)

// What a scanner may answer beside a finding.
var (
	// ErrAway: nobody answered, or what was answered is no verdict. What is not known to be clean is asked about again later.
	ErrAway = errs.New(errs.Unavailable, "scan.away")
	// ErrSlow: the scanner is there and has come to no verdict about a file in all the time it is given.
	ErrSlow = errs.New(errs.Unavailable, "scan.slow")
	// ErrTooLarge: the scanner refuses to look at so much.
	ErrTooLarge = errs.New(errs.TooLarge, "scan.too_large")
)

// Scanner tells what is wrong with a file: the name of what was found, or "" for a clean one. It is safe for concurrent use.
type Scanner interface {
	Scan(ctx context.Context, content []byte) (found string, err error)
}

// Clamd is a Scanner that asks clamd.
type Clamd struct {
	network, address string
	patience         time.Duration
}

const (
	// patience is how long one question may take; a large archive takes clamd a while: two minutes, unless it is set to more (MaxScanTime).
	patience = 5 * time.Minute
	// alive is how long clamd may take to say that it is there.
	alive = 10 * time.Second
	chunk = 128 << 10
	// maxReply bounds the answer of one line.
	maxReply = 4 << 10
)

// New makes a scanner of an address, tcp://host:3310 or unix:///run/clamav/clamd.ctl; none (nil) of "".
func New(address string) (Scanner, error) {
	if address == "" {
		return nil, nil //nolint:nilnil // no address is no scanner
	}
	u, err := url.Parse(address)
	switch {
	case err == nil && u.Scheme == "tcp" && u.Port() != "":
		return &Clamd{"tcp", u.Host, patience}, nil
	case err == nil && u.Scheme == "unix" && u.Host == "" && u.Path != "":
		return &Clamd{"unix", u.Path, patience}, nil
	}
	return nil, fmt.Errorf("MAKEGOOD_CLAMD_URL %q is neither tcp://host:port nor unix:///path", address)
}

// Within is the same clamd with another patience for each file.
func (c *Clamd) Within(patience time.Duration) *Clamd {
	return &Clamd{c.network, c.address, patience}
}

// Scan hands a file to clamd and waits for its verdict. Anything but a clear one is ErrAway, or ErrTooLarge above clamd's own
// StreamMaxLength, or ErrSlow where clamd is there and only this file takes it too long.
func (c *Clamd) Scan(ctx context.Context, content []byte) (string, error) {
	reply, err := c.ask(ctx, c.patience, func(w io.Writer) error { return stream(w, content) })
	if err == nil {
		return verdict(reply)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() == nil && c.there(ctx) {
		return "", errs.Wrap(err, ErrSlow.Kind, ErrSlow.Key)
	}
	return "", away(err)
}

// there tells whether clamd answers at all.
func (c *Clamd) there(ctx context.Context) bool {
	reply, err := c.ask(ctx, alive, func(w io.Writer) error {
		_, err := io.WriteString(w, "zPING\x00")
		return err
	})
	return err == nil && reply == "PONG"
}

// ask says something to clamd on a connection of its own and gives its answer.
func (c *Clamd) ask(ctx context.Context, patience time.Duration, say func(io.Writer) error) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, c.network, c.address)
	if err != nil {
		return "", err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer func() { stop(); _ = conn.Close() }()
	said := say(conn)
	reply, err := bufio.NewReader(io.LimitReader(conn, maxReply)).ReadString(0)
	if err != nil { // clamd that refuses in the middle of a stream says why, and then hangs up: what it said comes first
		return "", errors.Join(said, err)
	}
	return strings.TrimRight(reply, "\x00\n"), nil
}

// stream writes the command, the file in chunks with their lengths, and an empty chunk for its end.
func stream(w io.Writer, content []byte) error {
	out := bufio.NewWriterSize(w, chunk)
	_, err := out.WriteString("zINSTREAM\x00")
	for err == nil && len(content) > 0 {
		part := content[:min(len(content), chunk)]
		content = content[len(part):]
		if err = binary.Write(out, binary.BigEndian, uint32(len(part))); err == nil {
			_, err = out.Write(part)
		}
	}
	if err == nil {
		err = binary.Write(out, binary.BigEndian, uint32(0))
	}
	return errors.Join(err, out.Flush())
}

// verdict reads "stream: OK", "stream: Name FOUND" or an error.
func verdict(reply string) (string, error) {
	text, isStream := strings.CutPrefix(reply, "stream: ")
	if name, found := strings.CutSuffix(text, " FOUND"); isStream && found && name != "" {
		return name, nil
	}
	switch {
	case isStream && text == "OK":
		return "", nil
	case strings.Contains(reply, "size limit exceeded"):
		return "", ErrTooLarge
	}
	return "", away(fmt.Errorf("the scanner answers %q", reply))
}

func away(err error) error { return errs.Wrap(err, ErrAway.Kind, ErrAway.Key) }
