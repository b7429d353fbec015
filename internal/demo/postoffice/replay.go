package postoffice

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/emersion/go-imap/v2"
)

// contents is what a journal says once read from its beginning.
type contents struct {
	journal  *journal
	validity uint32
	messages map[string][]message
	last     map[string]imap.UID // the highest number ever given out, per account
	taken    map[string]bool     // mails that named themselves against repetition
	torn     int64
}

// openJournal reads the journal up to its last whole record. What follows was being written when the program was
// killed; nobody was told it had arrived, so it is cut off.
func openJournal(path string) (*contents, error) {
	file, err := lockedFile(path)
	if err != nil {
		return nil, err
	}
	c := &contents{journal: &journal{file: file}, messages: map[string][]message{}, last: map[string]imap.UID{}, taken: map[string]bool{}}
	if err := c.replay(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return c, nil
}

func (c *contents) replay() error {
	file := c.journal.file
	in := bufio.NewReaderSize(file, 1<<20)
	for {
		head, size, bodySize, err := readRecord(in)
		if errors.Is(err, errTorn) || errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read mail journal: %w", err)
		}
		c.apply(head, place{offset: c.journal.end + size - bodySize, size: bodySize})
		c.journal.end += size
	}
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("look at mail journal: %w", err)
	}
	if c.torn = info.Size() - c.journal.end; c.torn == 0 {
		return nil
	}
	if err := errors.Join(file.Truncate(c.journal.end), file.Sync()); err != nil {
		return fmt.Errorf("cut off unfinished end of mail journal: %w", err)
	}
	return nil
}

func (c *contents) apply(head record, at place) {
	switch head.Kind {
	case kindBegin:
		c.validity = head.Validity
	case kindMail:
		c.last[head.Account] = head.UID
		if head.Repeat != "" {
			c.taken[head.repeatKey()] = true
		}
		c.messages[head.Account] = append(c.messages[head.Account],
			message{uid: head.UID, at: head.At, flags: head.Flags, place: at})
	case kindFlags:
		messages := c.messages[head.Account]
		for _, i := range positions(messages, head.UIDs) {
			messages[i].flags = withFlags(messages[i].flags, head.Op, head.Flags)
		}
	case kindExpunge:
		gone := positions(c.messages[head.Account], head.UIDs)
		c.messages[head.Account] = without(c.messages[head.Account], gone)
	}
}

var errTorn = errors.New("unfinished record")

// readRecord answers the head of the next record, the size of the whole and of its body.
func readRecord(in *bufio.Reader) (head record, size, bodySize int64, err error) {
	var prefix [prefixSize]byte
	if _, err := io.ReadFull(in, prefix[:]); err != nil {
		return head, 0, 0, tornAt(err)
	}
	headLength, bodyLength := binary.BigEndian.Uint32(prefix[0:]), binary.BigEndian.Uint32(prefix[4:])
	if headLength == 0 || headLength > maxHead || bodyLength > maxBody {
		return head, 0, 0, errTorn
	}
	rest := make([]byte, int(headLength)+int(bodyLength))
	if _, err := io.ReadFull(in, rest); err != nil {
		return head, 0, 0, tornAt(err)
	}
	if checksum(prefix[:8], rest) != binary.BigEndian.Uint32(prefix[8:]) {
		return head, 0, 0, errTorn
	}
	if err := json.Unmarshal(rest[:headLength], &head); err != nil {
		return head, 0, 0, fmt.Errorf("record: %w", err)
	}
	return head, prefixSize + int64(len(rest)), int64(bodyLength), nil
}

// tornAt tells a file that ends too early from a disk that cannot be read.
func tornAt(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errTorn
	}
	return err
}

// positions finds messages by number; both lists are in order.
func positions(messages []message, uids []imap.UID) []int {
	var found []int
	for _, uid := range uids {
		i, ok := slices.BinarySearchFunc(messages, uid, func(m message, uid imap.UID) int { return int(m.uid) - int(uid) })
		if ok {
			found = append(found, i)
		}
	}
	return found
}

func without(messages []message, gone []int) []message {
	kept := make([]message, 0, len(messages))
	for i, m := range messages {
		if !slices.Contains(gone, i) {
			kept = append(kept, m)
		}
	}
	return kept
}
