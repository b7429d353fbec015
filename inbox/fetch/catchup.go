package fetch

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/emersion/go-imap/v2"

	"makegood/inbox"
)

const (
	batchMessages = 20
	batchBytes    = 16 << 20
)

// gotten is one batch as the server gave it.
type gotten struct {
	last     int64
	messages []inbox.Arrived
	err      error
}

// catchUp stores everything above the cursor, batch by batch, and tells where the cursor stands. While one batch is stored
// the next is on its way.
func (f *Fetcher) catchUp(ctx context.Context, s *session, box inbox.Mailbox, cursor int64) (int64, error) {
	list, err := s.after(cursor)
	if err != nil {
		return cursor, err
	}
	slices.SortFunc(list, func(a, b listed) int { return cmp.Compare(a.uid, b.uid) })
	if len(list) == 0 { // say that it was read, and write down a changed UIDVALIDITY
		return cursor, f.store(ctx, s, box, gotten{last: cursor}, 0)
	}
	left := len(list)
	ahead := f.batches(ctx, s, box, list)
	for batch := range ahead {
		if batch.err != nil {
			return cursor, batch.err
		}
		left -= min(left, batchOf(list, batch.last))
		if err := f.store(ctx, s, box, batch, left); err != nil {
			drain(s, ahead)
			return cursor, err
		}
		list = list[batchOf(list, batch.last):]
		cursor = batch.last
	}
	return cursor, ctx.Err()
}

// batches reads a list in batches, one ahead of what is taken. It ends with the first error or with ctx.
func (f *Fetcher) batches(ctx context.Context, s *session, box inbox.Mailbox, list []listed) <-chan gotten {
	out := make(chan gotten)
	f.running.Go(func() {
		defer close(out)
		for len(list) > 0 && ctx.Err() == nil {
			batch := firstBatch(list)
			list = list[len(batch):]
			messages, err := f.fetch(s, box.ID, batch)
			out <- gotten{last: int64(batch[len(batch)-1].uid), messages: messages, err: err}
			if err != nil {
				return
			}
		}
	})
	return out
}

// drain lets the reading ahead end after a batch could not be stored; the connection is of no more use.
func drain(s *session, ahead <-chan gotten) {
	_ = s.client.Close()
	for range ahead {
		continue // nothing is wanted of what still comes
	}
}

// batchOf counts the messages of a list up to a UID.
func batchOf(list []listed, last int64) int {
	n := slices.IndexFunc(list, func(m listed) bool { return int64(m.uid) > last })
	if n < 0 {
		return len(list)
	}
	return n
}

func firstBatch(list []listed) []listed {
	var bytes int64
	for i, m := range list {
		bytes += m.size
		if i == batchMessages || (i > 0 && bytes > batchBytes) {
			return list[:i]
		}
	}
	return list
}

// fetch reads one batch: whole messages, the headers of those too large, and the server's words for one it will not give.
func (f *Fetcher) fetch(s *session, box inbox.MailboxID, batch []listed) ([]inbox.Arrived, error) {
	var whole, large []imap.UID
	for _, m := range batch {
		if m.size > f.inbox.LargestMail() {
			large = append(large, m.uid)
		} else {
			whole = append(whole, m.uid)
		}
	}
	bodies, refusals, err := s.readSome(whole, false)
	if err != nil {
		return nil, err
	}
	headers, more, err := s.readSome(large, true)
	if err != nil {
		return nil, err
	}
	messages := make([]inbox.Arrived, 0, len(batch))
	for _, m := range batch {
		a := inbox.Arrived{
			Source: inbox.SourceIMAP, MailboxID: &box, UIDValidity: &s.validity, UID: new(int64(m.uid)), InternalDate: &m.received, Size: m.size,
			Refusal: refusals[m.uid] + more[m.uid],
		}
		raw, ok := bodies[m.uid]
		stub, oversize := headers[m.uid]
		switch {
		case ok:
			a.Raw = raw
		case oversize:
			a.Raw, a.Oversize = stub, true
		case a.Refusal == "": // expunged between listing and reading
			continue
		}
		messages = append(messages, a)
	}
	return messages, nil
}

// readSome is read, and asks one by one for what the server refused or left out.
func (s *session) readSome(uids []imap.UID, headersOnly bool) (found map[imap.UID][]byte, refusals map[imap.UID]string, err error) {
	found, err = s.read(uids, headersOnly)
	if err != nil && !refused(err) {
		return nil, nil, err
	}
	left := slices.DeleteFunc(uids, func(uid imap.UID) bool { return found[uid] != nil })
	if len(left) == 0 {
		return found, nil, nil
	}
	more, refusals, err := s.readEach(left, headersOnly)
	if err != nil {
		return nil, nil, err
	}
	if found == nil {
		return more, refusals, nil
	}
	maps.Copy(found, more)
	return found, refusals, nil
}

func (f *Fetcher) store(ctx context.Context, s *session, box inbox.Mailbox, batch gotten, left int) error {
	return f.inbox.StoreFetched(ctx, inbox.Fetched{
		Mailbox: box.ID, Owner: f.o.Owner, UIDValidity: s.validity, LastUID: batch.last, Messages: batch.messages, Backlog: left,
	})
}
