package postoffice

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/emersion/go-imap/v2"
)

// The journal is one file that is only ever added to. A record is the length of its head and its body, a checksum
// over both, the head (what happened, as JSON) and the body (the message, when there is one).
const (
	prefixSize = 12
	maxHead    = 16 << 20
	maxBody    = 256 << 20
)

const (
	kindBegin   = "begin"
	kindMail    = "mail"
	kindFlags   = "flags"
	kindExpunge = "expunge"
)

// record is the head of a record.
type record struct {
	Kind     string            `json:"kind"`
	Account  string            `json:"account,omitempty"`
	UID      imap.UID          `json:"uid,omitempty"`
	UIDs     []imap.UID        `json:"uids,omitempty"`
	At       time.Time         `json:"at,omitzero"`
	Op       imap.StoreFlagsOp `json:"op,omitempty"`
	Flags    []imap.Flag       `json:"flags,omitempty"`
	Validity uint32            `json:"validity,omitempty"`
	Repeat   string            `json:"repeat,omitempty"` // the sender's name for this very mail
}

// place is where in the journal a message lies.
type place struct {
	offset int64
	size   int64
}

type journal struct {
	file   *os.File
	end    int64
	broken error // after a failed write nobody knows what the disk holds; only a new start finds out
}

// frame appends a record to buf and says where in it the body starts.
func frame(buf []byte, head record, body []byte) ([]byte, int, error) {
	text, err := json.Marshal(head)
	if err != nil {
		return nil, 0, fmt.Errorf("write journal record: %w", err)
	}
	if len(text) > maxHead || len(body) > maxBody {
		return nil, 0, errors.New("write journal record: too large")
	}
	var prefix [prefixSize]byte
	binary.BigEndian.PutUint32(prefix[0:], uint32(len(text)))
	binary.BigEndian.PutUint32(prefix[4:], uint32(len(body)))
	binary.BigEndian.PutUint32(prefix[8:], checksum(prefix[:8], text, body))
	buf = append(buf, prefix[:]...)
	buf = append(buf, text...)
	return append(buf, body...), len(buf), nil
}

func checksum(parts ...[]byte) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	sum := uint32(0)
	for _, part := range parts {
		sum = crc32.Update(sum, table, part)
	}
	return sum
}

// add puts finished records on the disk and returns when they are there.
func (j *journal) add(records []byte) error {
	if j.broken != nil {
		return j.broken
	}
	_, err := j.file.WriteAt(records, j.end)
	if err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		j.broken = fmt.Errorf("write mail journal: %w", err)
		return j.broken
	}
	j.end += int64(len(records))
	return nil
}

func (j *journal) begin(validity uint32) error {
	buf, _, err := frame(nil, record{Kind: kindBegin, Validity: validity}, nil)
	if err != nil {
		return err
	}
	return j.add(buf)
}

func (j *journal) read(at place) ([]byte, error) {
	body := make([]byte, at.size)
	if _, err := j.file.ReadAt(body, at.offset); err != nil {
		return nil, fmt.Errorf("read mail journal: %w", err)
	}
	return body, nil
}

func (j *journal) close() error {
	if err := j.file.Close(); err != nil {
		return fmt.Errorf("close mail journal: %w", err)
	}
	return nil
}

// lockedFile opens the journal for this program alone.
func lockedFile(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open mail journal: %w", err)
	}
	err = lockSoon(file)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = fmt.Errorf("%w: %s", ErrInUse, filepath.Dir(path))
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// lockSoon tries for a second: a lock just given up may be held a moment longer by a process that is being started and
// has not yet closed what it inherited.
func lockSoon(file *os.File) error {
	const pause, tries = 20 * time.Millisecond, 50
	for range tries {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return err //nolint:wrapcheck // told apart by the caller
		}
		time.Sleep(pause)
	}
	return syscall.EWOULDBLOCK
}

func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open mail folder: %w", err)
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		return fmt.Errorf("sync mail folder: %w", err)
	}
	return nil
}
