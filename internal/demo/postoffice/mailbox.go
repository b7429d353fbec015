package postoffice

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// message is what is held in memory of a message; its text stays on the disk.
type message struct {
	uid   imap.UID
	at    time.Time
	flags []imap.Flag // never changed in place, so that copies stay as they are
	place place
}

// mailbox is one account's mail as it is on the disk. The tracker tells open IMAP sessions what changes; it is
// used under the same lock, because its own does not cover all of its reads.
type mailbox struct {
	validity uint32
	tracker  *imapserver.MailboxTracker

	mu       sync.Mutex
	messages []message
	last     imap.UID
	watchers map[chan struct{}]struct{}
}

func newMailbox(validity uint32, messages []message, last imap.UID) *mailbox {
	return &mailbox{
		validity: validity, messages: messages, last: last,
		tracker:  imapserver.NewMailboxTracker(uint32(len(messages))),
		watchers: map[chan struct{}]struct{}{},
	}
}

// apply makes a change visible that the disk has.
func (b *mailbox) apply(c change, at place) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch c.entry.Kind {
	case kindMail:
		b.last = c.entry.UID
		b.messages = append(b.messages, message{uid: c.entry.UID, at: c.entry.At, flags: c.entry.Flags, place: at})
		b.tracker.QueueNumMessages(uint32(len(b.messages)))
	case kindFlags:
		for _, i := range positions(b.messages, c.entry.UIDs) {
			m := &b.messages[i]
			m.flags = withFlags(m.flags, c.entry.Op, c.entry.Flags)
			b.tracker.QueueMessageFlags(uint32(i)+1, m.uid, m.flags, c.source)
		}
	case kindExpunge:
		gone := positions(b.messages, c.entry.UIDs)
		for _, i := range slices.Backward(gone) { // from the end, so that the numbers before stay true
			b.tracker.QueueExpunge(uint32(i) + 1)
		}
		b.messages = without(b.messages, gone)
	}
	for watcher := range b.watchers {
		select {
		case watcher <- struct{}{}:
		default: // it has a notice waiting already
		}
	}
}

func (b *mailbox) subscribe() (<-chan struct{}, func()) {
	watcher := make(chan struct{}, 1)
	b.mu.Lock()
	b.watchers[watcher] = struct{}{}
	b.mu.Unlock()
	return watcher, func() {
		b.mu.Lock()
		delete(b.watchers, watcher)
		b.mu.Unlock()
	}
}

// after copies the messages with a greater number, oldest first, at most limit of them unless that is 0.
func (b *mailbox) after(uid imap.UID, limit int) []message {
	b.mu.Lock()
	defer b.mu.Unlock()
	first, _ := slices.BinarySearchFunc(b.messages, uid+1, func(m message, uid imap.UID) int { return int(m.uid) - int(uid) })
	found := b.messages[first:]
	if limit > 0 && len(found) > limit {
		found = found[:limit]
	}
	return slices.Clone(found)
}

// withFlags is a new list; flags are the same whatever their case.
func withFlags(old []imap.Flag, op imap.StoreFlagsOp, flags []imap.Flag) []imap.Flag {
	var kept []imap.Flag
	if op != imap.StoreFlagsSet {
		kept = slices.Clone(old)
	}
	for _, flag := range flags {
		flag = canonical(flag)
		switch has := hasFlag(kept, flag); {
		case op == imap.StoreFlagsDel:
			kept = slices.DeleteFunc(kept, func(f imap.Flag) bool { return sameFlag(f, flag) })
		case !has:
			kept = append(kept, flag)
		}
	}
	return kept
}

func hasFlag(flags []imap.Flag, flag imap.Flag) bool {
	return slices.ContainsFunc(flags, func(f imap.Flag) bool { return sameFlag(f, flag) })
}

func sameFlag(a, b imap.Flag) bool { return strings.EqualFold(string(a), string(b)) }

func systemFlags() []imap.Flag {
	return []imap.Flag{imap.FlagSeen, imap.FlagAnswered, imap.FlagFlagged, imap.FlagDeleted, imap.FlagDraft}
}

func canonical(flag imap.Flag) imap.Flag {
	for _, known := range systemFlags() {
		if sameFlag(known, flag) {
			return known
		}
	}
	return flag
}
