// Package fetch reads mailboxes by IMAP: it stores raw bytes, moves the cursor in the same transaction, and leaves
// the mailbox as it is.
package fetch

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"makegood/inbox"
)

// Options tunes the fetcher; zero values mean the defaults.
type Options struct {
	Owner       string           // names this process in leases
	Poll        time.Duration    // the safety poll beside IDLE: 20 s
	Look        time.Duration    // how often new mailboxes and free leases are looked for: 5 s
	DialTimeout time.Duration    // to connect, sign in and open: 30 s
	Silence     time.Duration    // how long a server that owes an answer may say nothing at all: 90 s
	MaxPause    time.Duration    // the longest wait after failures in a row: 5 min
	Roots       *x509.CertPool   // which mail servers to trust; nil means the system's
	Inside      []netip.AddrPort // where authorisation servers may be reached although that is not the public internet
	Logger      *slog.Logger
}

// Fetcher reads every active mailbox whose lease it can get, each on its own, so that a failing one blocks no other.
type Fetcher struct {
	inbox *inbox.Service
	door  door
	o     Options

	mu      sync.Mutex
	cancel  context.CancelFunc
	running sync.WaitGroup
	reading map[inbox.MailboxID]*reading
}

// reading is a mailbox in the hands of this process: being read, or resting after a failure.
type reading struct {
	version int
	failed  int // in a row
	active  bool
	wake    context.CancelFunc // ends the rest
}

// New makes a fetcher.
func New(service *inbox.Service, o Options) *Fetcher {
	o.Poll = orElse(o.Poll, 20*time.Second)
	o.Look = orElse(o.Look, 5*time.Second)
	o.DialTimeout = orElse(o.DialTimeout, 30*time.Second)
	o.Silence = orElse(o.Silence, 90*time.Second)
	o.MaxPause = orElse(o.MaxPause, 5*time.Minute)
	return &Fetcher{inbox: service, door: newDoor(service, o), o: o, reading: map[inbox.MailboxID]*reading{}}
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
			f.begin(ctx, box)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// begin has a mailbox read unless it is being read. One that rests after a failure is tried at once when its settings
// were changed.
func (f *Fetcher) begin(ctx context.Context, box inbox.Mailbox) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	r := f.reading[box.ID]
	if r == nil {
		r = &reading{wake: func() {}}
		f.reading[box.ID] = r
	}
	if r.active {
		if r.version != box.Version {
			r.wake()
		}
		return
	}
	if r.version != box.Version {
		r.version, r.failed = box.Version, 0
	}
	r.active = true
	f.running.Add(1)
	go f.follow(ctx, box, r)
}

// follow reads one mailbox until it fails or another process has it; look starts it again.
func (f *Fetcher) follow(ctx context.Context, box inbox.Mailbox, r *reading) {
	defer f.running.Done()
	rest, wake := context.WithCancel(ctx)
	defer wake()
	f.mu.Lock()
	r.wake = wake
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		r.active, r.wake = false, func() {}
		f.mu.Unlock()
	}()
	err := f.leased(ctx, box, r)
	if err == nil || ctx.Err() != nil || errors.Is(err, inbox.ErrLeaseLost) {
		return
	}
	r.failed++
	again := f.backoff(r.failed)
	f.o.Logger.WarnContext(ctx, "mailbox failed", "mailbox", box.Address, "error", err.Error(), "failures", r.failed, "again_in", again.String())
	if err := f.inbox.MailboxFailed(ctx, box.ID, err, again); err != nil {
		f.o.Logger.WarnContext(ctx, "recording a mailbox failure failed", "error", err.Error())
	}
	pause(rest, again)
}

// leased reads a mailbox while this process holds its lease, and gives it back then, so that another may try meanwhile.
func (f *Fetcher) leased(ctx context.Context, box inbox.Mailbox, r *reading) error {
	leased, held, err := f.inbox.Lease(ctx, box.ID, f.o.Owner)
	if err != nil || !held {
		return err
	}
	defer func() { _ = f.inbox.EndLease(context.WithoutCancel(ctx), box.ID, f.o.Owner) }()
	return f.read(ctx, leased, r)
}

// backoff doubles with each failure in a row, from the time between two looks up to MaxPause, a fifth of it by chance so that
// mailboxes of one server do not come back all at once.
func (f *Fetcher) backoff(failures int) time.Duration {
	d := f.o.MaxPause
	if failures < 12 {
		d = min(d, f.o.Look<<(failures-1))
	}
	return d - time.Duration(rand.Int64N(int64(d)/5+1)) //nolint:gosec // spreads load, protects nothing
}

func (f *Fetcher) read(ctx context.Context, box inbox.Mailbox, r *reading) error {
	dialing, cancel := context.WithTimeout(ctx, f.o.DialTimeout)
	defer cancel()
	s, err := f.door.connect(dialing, box)
	if err != nil {
		return err
	}
	defer func() { _ = s.client.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = s.client.Close() })
	defer stop()
	renewing, lost := f.renew(ctx, s, box)
	defer renewing()
	cursor := box.LastUID
	if box.UIDValidity != s.validity {
		// The server numbers anew. Everything is read again; what we have already is found to be a duplicate.
		cursor = 0
	}
	for before := int64(-1); ; {
		if cursor, err = f.catchUp(ctx, s, box, cursor); err == nil {
			r.failed = 0
			err = s.wait(ctx, f.pause(cursor != before))
			before = cursor
		}
		if ctx.Err() != nil || lost() {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// lookOnce is how soon a mailbox is looked into again after mail was read. Some servers never tell of what comes between the
// answer to the last command and the start of IDLE, and mail seldom comes alone.
const lookOnce = time.Second

// pause is how long to wait for a notice before looking anyway.
func (f *Fetcher) pause(moved bool) time.Duration {
	if moved {
		return min(lookOnce, f.o.Poll)
	}
	return f.o.Poll
}

// renew keeps the lease while a mailbox is read, and its sign-in ahead of its end. Losing the lease, or settings that were
// changed, close the connection.
func (f *Fetcher) renew(ctx context.Context, s *session, box inbox.Mailbox) (stop func(), lost func() bool) {
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
			if now, held, err := f.inbox.Lease(ctx, box.ID, f.o.Owner); err == nil && (!held || now.Version != box.Version) {
				close(gone)
				_ = s.client.Close()
				return
			}
			f.keepSignIn(ctx, s, box)
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

// keepSignIn renews the token of a mailbox that is being read, so that the next connection finds a good one and a grant
// that was withdrawn is noticed while the old token still works.
func (f *Fetcher) keepSignIn(ctx context.Context, s *session, box inbox.Mailbox) {
	if s.grant == nil || s.grant.Usable(f.inbox.Now()) {
		return
	}
	fresh, err := f.door.access(ctx, box)
	if err != nil && ctx.Err() == nil {
		f.o.Logger.WarnContext(ctx, "renewing a sign-in failed", "mailbox", box.Address, "error", err.Error())
		return
	}
	s.grant = &fresh
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
