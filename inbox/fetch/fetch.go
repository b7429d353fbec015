// Package fetch reads mailboxes by IMAP: it stores raw bytes, moves the cursor in the same transaction, and leaves
// the mailbox as it is.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"

	"makegood/inbox"
)

const (
	batchMessages = 20
	batchBytes    = 16 << 20
)

// Options tunes the fetcher; zero values mean the defaults.
type Options struct {
	Owner       string        // names this process in leases
	Poll        time.Duration // the safety poll beside IDLE: 20 s
	Look        time.Duration // how often new mailboxes and free leases are looked for: 5 s
	MaxSize     int64         // larger mails are kept as headers and held: 30 MB
	DialTimeout time.Duration // to connect, sign in and open: 30 s
	Logger      *slog.Logger
}

// Fetcher reads every active mailbox whose lease it can get, each on its own, so that a failing one blocks no other.
type Fetcher struct {
	inbox *inbox.Service
	o     Options

	mu      sync.Mutex
	cancel  context.CancelFunc
	running sync.WaitGroup
	reading map[inbox.MailboxID]bool
}

// New makes a fetcher.
func New(service *inbox.Service, o Options) *Fetcher {
	o.Poll = orElse(o.Poll, 20*time.Second)
	o.Look = orElse(o.Look, 5*time.Second)
	o.DialTimeout = orElse(o.DialTimeout, 30*time.Second)
	if o.MaxSize == 0 {
		o.MaxSize = 30 << 20
	}
	return &Fetcher{inbox: service, o: o, reading: map[inbox.MailboxID]bool{}}
}

func orElse(d, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return d
}

// Start begins to read and returns. It is harmless when repeated.
func (f *Fetcher) Start(ctx context.Context) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.cancel != nil {
		return
	}
	ctx, f.cancel = context.WithCancel(context.WithoutCancel(ctx))
	f.running.Add(1)
	go f.look(ctx)
}

// Stop ends reading after the batch in hand and gives the leases back. It is harmless when repeated.
func (f *Fetcher) Stop() {
	f.mu.Lock()
	cancel := f.cancel
	f.cancel = nil
	f.mu.Unlock()
	if cancel != nil {
		cancel()
		f.running.Wait()
	}
}

// look starts a reader for each active mailbox that nobody here reads.
func (f *Fetcher) look(ctx context.Context) {
	defer f.running.Done()
	tick := time.NewTicker(f.o.Look)
	defer tick.Stop()
	for {
		boxes, err := f.inbox.ActiveMailboxes(ctx)
		if err != nil && ctx.Err() == nil {
			f.o.Logger.WarnContext(ctx, "listing mailboxes failed", "error", err.Error())
		}
		for _, box := range boxes {
			f.mu.Lock()
			if !f.reading[box.ID] && ctx.Err() == nil {
				f.reading[box.ID] = true
				f.running.Add(1)
				go f.follow(ctx, box)
			}
			f.mu.Unlock()
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// follow reads one mailbox until it fails or another process has it; look starts it again.
func (f *Fetcher) follow(ctx context.Context, box inbox.Mailbox) {
	defer f.running.Done()
	defer func() {
		f.mu.Lock()
		delete(f.reading, box.ID)
		f.mu.Unlock()
	}()
	leased, held, err := f.inbox.Lease(ctx, box.ID, f.o.Owner)
	if err != nil || !held {
		return
	}
	defer func() { _ = f.inbox.EndLease(context.WithoutCancel(ctx), box.ID, f.o.Owner) }()
	err = f.read(ctx, leased)
	if err == nil || ctx.Err() != nil || errors.Is(err, inbox.ErrLeaseLost) {
		return
	}
	f.o.Logger.WarnContext(ctx, "mailbox failed", "mailbox", box.Address, "error", err.Error())
	if err := f.inbox.MailboxFailed(ctx, box.ID, err); err != nil {
		f.o.Logger.WarnContext(ctx, "recording a mailbox failure failed", "error", err.Error())
	}
	pause(ctx, f.o.Look)
}

func (f *Fetcher) read(ctx context.Context, box inbox.Mailbox) error {
	password, err := f.inbox.Password(box)
	if err != nil {
		return fmt.Errorf("open password: %w", err)
	}
	dialing, cancel := context.WithTimeout(ctx, f.o.DialTimeout)
	defer cancel()
	s, err := connect(dialing, box, password)
	if err != nil {
		return err
	}
	defer func() { _ = s.client.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = s.client.Close() })
	defer stop()
	renewing, lost := f.renew(ctx, s, box.ID)
	defer renewing()
	cursor := box.LastUID
	if box.UIDValidity != s.validity {
		// The server numbers anew. Everything is read again; what we have already is found to be a duplicate.
		cursor = 0
	}
	for {
		if cursor, err = f.catchUp(ctx, s, box, cursor); err != nil {
			return err
		}
		if err := s.wait(ctx, f.o.Poll); err != nil {
			return err
		}
		if ctx.Err() != nil || lost() {
			return nil
		}
	}
}

// renew keeps the lease while a mailbox is read; losing it closes the connection.
func (f *Fetcher) renew(ctx context.Context, s *session, id inbox.MailboxID) (stop func(), lost func() bool) {
	ctx, cancel := context.WithCancel(ctx)
	gone := make(chan struct{})
	f.running.Go(func() {
		tick := time.NewTicker(inbox.LeaseTime / 4)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if _, held, err := f.inbox.Lease(ctx, id, f.o.Owner); err == nil && !held {
				close(gone)
				_ = s.client.Close()
				return
			}
		}
	})
	return cancel, func() bool {
		select {
		case <-gone:
			return true
		default:
			return false
		}
	}
}

// catchUp stores everything above the cursor, batch by batch, and tells where the cursor stands.
func (f *Fetcher) catchUp(ctx context.Context, s *session, box inbox.Mailbox, cursor int64) (int64, error) {
	list, err := s.after(cursor)
	if err != nil {
		return cursor, err
	}
	slices.SortFunc(list, func(a, b listed) int { return int(int64(a.uid) - int64(b.uid)) })
	if len(list) == 0 { // say that it was read, and write down a changed UIDVALIDITY
		return cursor, f.store(ctx, s, box, cursor, nil, 0)
	}
	for len(list) > 0 {
		if ctx.Err() != nil {
			return cursor, ctx.Err()
		}
		batch := firstBatch(list)
		list = list[len(batch):]
		messages, err := f.fetch(s, box, batch)
		if err != nil {
			return cursor, err
		}
		last := int64(batch[len(batch)-1].uid)
		if err := f.store(ctx, s, box, last, messages, len(list)); err != nil {
			return cursor, err
		}
		cursor = last
	}
	return cursor, nil
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

func (f *Fetcher) fetch(s *session, box inbox.Mailbox, batch []listed) ([]inbox.Arrived, error) {
	var whole, large []imap.UID
	for _, m := range batch {
		if m.size > f.o.MaxSize {
			large = append(large, m.uid)
		} else {
			whole = append(whole, m.uid)
		}
	}
	bodies, err := s.read(whole, false)
	if err != nil {
		return nil, err
	}
	headers, err := s.read(large, true)
	if err != nil {
		return nil, err
	}
	messages := make([]inbox.Arrived, 0, len(batch))
	for _, m := range batch {
		raw, ok := bodies[m.uid]
		stub, oversize := headers[m.uid]
		if oversize {
			raw, ok = stub, true
		}
		if !ok { // expunged between listing and reading
			continue
		}
		uid, received := int64(m.uid), m.received
		messages = append(messages, inbox.Arrived{
			Source: inbox.SourceIMAP, MailboxID: &box.ID, UIDValidity: &s.validity, UID: &uid,
			Raw: raw, InternalDate: &received, Oversize: oversize, Size: m.size,
		})
	}
	return messages, nil
}

func (f *Fetcher) store(ctx context.Context, s *session, box inbox.Mailbox, last int64, messages []inbox.Arrived, left int) error {
	return f.inbox.StoreFetched(ctx, inbox.Fetched{
		Mailbox: box.ID, Owner: f.o.Owner, UIDValidity: s.validity, LastUID: last, Messages: messages, Backlog: left,
	})
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
