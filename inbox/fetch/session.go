package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"makegood/inbox"
)

// session is one signed-in connection with the mailbox's folder open for reading.
type session struct {
	client   *imapclient.Client
	validity int64
	messages uint32        // in the folder when it was opened
	news     chan struct{} // something arrived while idle
	idle     bool          // the server offers IDLE
	grant    *inbox.Grant  // by which it signed in, if by OAuth 2.0
	watch    watch
}

// listed is what the server says about a message before it is read.
type listed struct {
	uid      imap.UID
	size     int64
	received time.Time
}

// after lists the messages with a UID above last, in order. The server answers "last+1:*" with its newest message even
// when there is none above, so those are dropped.
func (s *session) after(last int64) ([]listed, error) {
	var set imap.UIDSet
	set.AddRange(imap.UID(last+1), 0)
	list, err := s.list(set)
	if err != nil {
		return nil, err
	}
	above := list[:0]
	for _, m := range list {
		if int64(m.uid) > last {
			above = append(above, m)
		}
	}
	return above, nil
}

func (s *session) list(set imap.UIDSet) ([]listed, error) {
	var buffers []*imapclient.FetchMessageBuffer
	err := s.watch.owed(func() (err error) {
		buffers, err = s.client.Fetch(set, &imap.FetchOptions{UID: true, RFC822Size: true, InternalDate: true}).Collect()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list messages: %w", err)
	}
	list := make([]listed, 0, len(buffers))
	for _, b := range buffers {
		if b.UID != 0 { // a change of flags that the server tells in between carries none
			list = append(list, listed{uid: b.UID, size: b.RFC822Size, received: b.InternalDate})
		}
	}
	return list, nil
}

// largestHeaders is how much of the headers of a mail too large is kept: as much as is read of any mail's.
const largestHeaders = 256 << 10

// read fetches whole messages, or only the headers of those too large, without setting a flag. One that the server does not
// give is left out: it leaves such a message out itself, or answers NIL for its text.
func (s *session) read(uids []imap.UID, headersOnly bool) (map[imap.UID][]byte, error) {
	if len(uids) == 0 {
		return map[imap.UID][]byte{}, nil
	}
	section := &imap.FetchItemBodySection{Peek: true}
	if headersOnly {
		section.Specifier = imap.PartSpecifierHeader
		section.Partial = &imap.SectionPartial{Size: largestHeaders}
	}
	found := make(map[imap.UID][]byte, len(uids))
	err := s.watch.owed(func() error {
		command := s.client.Fetch(imap.UIDSetNum(uids...), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}})
		for m := command.Next(); m != nil; m = command.Next() {
			uid, content, err := readOne(m)
			if err != nil {
				// Nothing more is asked of the command: what is left of the literal belongs to the connection, and that is over.
				_ = s.client.Close()
				return err
			}
			if content != nil {
				found[uid] = content
			}
		}
		return command.Close()
	})
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	return found, nil
}

// readOne reads what the server gives of one message; content is nil when it gives no text. A text shorter than announced
// is an error: the connection broke in the middle of it.
func readOne(m *imapclient.FetchMessageData) (uid imap.UID, content []byte, err error) {
	for item := m.Next(); item != nil; item = m.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			uid = item.UID
		case imapclient.FetchItemDataBodySection:
			if item.Literal == nil {
				continue
			}
			if content, err = io.ReadAll(item.Literal); err != nil {
				return uid, nil, err
			}
			if int64(len(content)) < item.Literal.Size() {
				return uid, nil, io.ErrUnexpectedEOF
			}
		}
	}
	return uid, content, nil
}

// readEach is read for a batch the server refused as a whole: it asks for each message alone, so that the one it cannot
// give holds up none of the others, and tells what it said about that one. A server that is only busy is an error.
func (s *session) readEach(uids []imap.UID, headersOnly bool) (found map[imap.UID][]byte, refusals map[imap.UID]string, err error) {
	found, refusals = map[imap.UID][]byte{}, map[imap.UID]string{}
	for _, uid := range uids {
		one, err := s.read([]imap.UID{uid}, headersOnly)
		switch {
		case err == nil && one[uid] != nil:
			found[uid] = one[uid]
		case err == nil: // gone, or it is and has no text to give
			still, err := s.still(uid)
			if err != nil {
				return nil, nil, err
			}
			if still {
				refusals[uid] = "the server lists this message but gives no text of it"
			}
		case refused(err) && !passing(err):
			refusals[uid] = err.Error()
		default:
			return nil, nil, err
		}
	}
	return found, refusals, nil
}

// still tells whether the server has a message, once it has told of everything that others expunged.
func (s *session) still(uid imap.UID) (bool, error) {
	if err := s.noop(); err != nil {
		return false, fmt.Errorf("ask for changes: %w", err)
	}
	list, err := s.list(imap.UIDSetNum(uid))
	return len(list) > 0, err
}

func (s *session) noop() error {
	return s.watch.owed(func() error { return s.client.Noop().Wait() })
}

// passing tells whether a refusal says of itself that it will pass (RFC 5530).
func passing(err error) bool {
	var e *imap.Error
	if !errors.As(err, &e) {
		return false
	}
	return slices.Contains([]imap.ResponseCode{imap.ResponseCodeUnavailable, imap.ResponseCodeInUse, imap.ResponseCodeLimit}, e.Code)
}

// wait returns when mail may have come: at a notice of the server, after the poll time, or when ctx ends.
func (s *session) wait(ctx context.Context, poll time.Duration) error {
	timer := time.NewTimer(poll)
	defer timer.Stop()
	if !s.idle {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		return s.noop()
	}
	var idle *imapclient.IdleCommand
	err := s.watch.owed(func() (err error) {
		idle, err = s.client.Idle()
		return err
	})
	if err != nil {
		return fmt.Errorf("idle: %w", err)
	}
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-s.news:
	case <-s.client.Closed():
	}
	err = s.watch.owed(func() error {
		if err := idle.Close(); err != nil {
			return err
		}
		return idle.Wait()
	})
	if err != nil {
		return fmt.Errorf("end idle: %w", err)
	}
	return nil
}
