package postoffice

import (
	"bytes"
	"fmt"
	"time"

	"github.com/emersion/go-imap/v2"
)

// Stored is one message as it lies in a mailbox.
type Stored struct {
	UID        uint32
	ReceivedAt time.Time
	Flags      []string
	Raw        []byte
}

// Deliver posts a message without a connection. It returns when the message is safely kept for every
// recipient; ErrNoAccount when one of them is nobody's, and then nobody gets it. Bare line feeds become line ends as mail has them.
func (o *Office) Deliver(from string, to []string, raw []byte) error {
	return o.post(envelope{from: from, to: to}, lineEnds(raw))
}

// envelope is what is known about a message besides its text.
type envelope struct {
	from     string
	to       []string
	greeting string // how the sender's machine called itself; empty when posted from within
	remote   string
}

// post gives each account one copy, however many of its addresses the message names.
func (o *Office) post(letter envelope, raw []byte) error {
	shares, err := o.routes.split(letter.to)
	if err != nil {
		return err
	}
	now, repeat := o.config.Now(), repeatName(raw)
	changes := make([]change, 0, len(shares))
	for _, share := range shares {
		text := append(o.trace(letter, share.addresses, now), raw...)
		changes = append(changes, change{entry: record{Kind: kindMail, Account: share.user, At: now, Repeat: repeat}, body: text})
	}
	_, err = o.keeper.keep(changes)
	return err
}

// Messages lists what an account has after a number, oldest first; at most limit of them, or all when limit is 0.
func (o *Office) Messages(user string, afterUID uint32, limit int) ([]Stored, error) {
	box := o.boxes[user]
	if box == nil {
		return nil, fmt.Errorf("mailbox of %q: %w", user, ErrNoAccount)
	}
	var found []Stored
	for _, item := range box.after(imap.UID(afterUID), limit) {
		raw, err := o.keeper.journal.read(item.place)
		if err != nil {
			return nil, err
		}
		stored := Stored{UID: uint32(item.uid), ReceivedAt: item.at, Raw: raw}
		for _, flag := range item.flags {
			stored.Flags = append(stored.Flags, string(flag))
		}
		found = append(found, stored)
	}
	return found, nil
}

// Subscribe answers a channel that gets a value after something in the account's mailbox has changed; several
// changes may make one value. Call the function when done. For an unknown account nothing ever comes.
func (o *Office) Subscribe(user string) (<-chan struct{}, func()) {
	box := o.boxes[user]
	if box == nil {
		return make(chan struct{}), func() {}
	}
	return box.subscribe()
}

func lineEnds(raw []byte) []byte {
	raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n"))
}
