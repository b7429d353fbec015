package fetch

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"

	"makegood/inbox"
	"makegood/internal/db"
	"makegood/internal/jobs"
)

// Reconciled is the comparison of one mailbox's server with what is stored.
type Reconciled struct {
	Mailbox     string  `json:"mailbox"`
	UIDValidity int64   `json:"uid_validity"`
	OnServer    int     `json:"on_server"`
	Stored      int     `json:"stored"`
	Waiting     []int64 `json:"waiting,omitempty"` // above the cursor: not read yet
	Missing     []int64 `json:"missing,omitempty"` // at or below the cursor and not stored: a gap

	aside []int64 // on the server, refused by it before, and set aside: no gap, but it may give them by now
}

// Gap tells whether mail was lost.
func (r Reconciled) Gap() bool { return len(r.Missing) > 0 }

// Reconcile compares the server's UIDs with the stored rows, on a connection of its own, and notes the result at the mailbox.
func (f *Fetcher) Reconcile(ctx context.Context, box inbox.Mailbox) (Reconciled, error) {
	result, _, err := f.reconcile(ctx, box, false)
	return result, err
}

// Mend compares as Reconcile does, then stores what is missing and the server still gives. It tells how many messages were
// found again; the result is that of a comparison afterwards.
func (f *Fetcher) Mend(ctx context.Context, box inbox.Mailbox) (Reconciled, int, error) {
	return f.reconcile(ctx, box, true)
}

// reconcileFor is how long the comparison of one mailbox may take, with what is fetched again.
const reconcileFor = 2 * time.Minute

func (f *Fetcher) reconcile(ctx context.Context, box inbox.Mailbox, mend bool) (Reconciled, int, error) {
	ctx, cancel := context.WithTimeout(ctx, reconcileFor)
	defer cancel()
	s, err := f.door.connect(ctx, box)
	if err != nil {
		return Reconciled{}, 0, err
	}
	defer func() { _ = s.client.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = s.client.Close() })
	defer stop()
	result, err := f.compare(ctx, s, box)
	if err != nil {
		return result, 0, err
	}
	found := 0
	if ask := slices.Concat(result.Missing, result.aside); mend && len(ask) > 0 {
		if found, err = f.refetch(ctx, s, box, ask); err != nil {
			return result, 0, err
		}
		if result, err = f.compare(ctx, s, box); err != nil {
			return result, found, err
		}
	}
	return result, found, f.inbox.NoteReconciled(ctx, box.ID, len(result.Missing))
}

// compare asks the server first and looks at the rows after, so that what is stored in between counts as stored. The cursor
// is the older one that box carries: a message above it is on its way, not lost.
func (f *Fetcher) compare(ctx context.Context, s *session, box inbox.Mailbox) (Reconciled, error) {
	var found *imap.SearchData
	err := s.watch.owed(func() (err error) {
		found, err = s.client.UIDSearch(&imap.SearchCriteria{}, nil).Wait()
		return err
	})
	if err != nil {
		return Reconciled{}, fmt.Errorf("list UIDs: %w", err)
	}
	stored, err := f.inbox.StoredUIDs(ctx, box.ID, s.validity)
	if err != nil {
		return Reconciled{}, err
	}
	kept := make(map[int64]bool, len(stored))
	for _, uid := range stored {
		kept[uid] = true
	}
	aside, err := f.inbox.SetAsideUIDs(ctx, box.ID, s.validity)
	if err != nil {
		return Reconciled{}, err
	}
	cursor := box.LastUID
	if box.UIDValidity != s.validity {
		cursor = 0
	}
	result := Reconciled{Mailbox: box.Address, UIDValidity: s.validity & math.MaxUint32, Stored: len(stored)}
	for _, uid := range found.AllUIDs() {
		result.OnServer++
		switch id := int64(uid); {
		case slices.Contains(aside, id):
			result.aside = append(result.aside, id)
		case kept[id]:
		case id > cursor:
			result.Waiting = append(result.Waiting, id)
		default:
			result.Missing = append(result.Missing, id)
		}
	}
	return result, nil
}

// refetch stores messages by their UIDs without moving the cursor.
func (f *Fetcher) refetch(ctx context.Context, s *session, box inbox.Mailbox, missing []int64) (int, error) {
	var set imap.UIDSet
	for _, uid := range missing {
		set.AddNum(imap.UID(uid))
	}
	list, err := s.list(set)
	if err != nil {
		return 0, err
	}
	found := 0
	for len(list) > 0 {
		batch := firstBatch(list)
		list = list[len(batch):]
		messages, err := f.fetch(s, box.ID, batch)
		if err != nil {
			return found, err
		}
		n, err := f.inbox.StoreFound(ctx, messages)
		if err != nil {
			return found, err
		}
		found += n
	}
	return found, nil
}

// ReconcileMailboxes has every mailbox compared with its server, each by a job of its own.
type ReconcileMailboxes struct{}

// Kind names the job.
func (ReconcileMailboxes) Kind() string { return "fetch.reconcile_mailboxes" }

// ReconcileMailbox compares one mailbox with its server and mends what can be mended.
type ReconcileMailbox struct {
	ID inbox.MailboxID `json:"id"`
}

// Kind names the job.
func (ReconcileMailbox) Kind() string { return "fetch.reconcile_mailbox" }

// Unique keeps the comparisons of a mailbox from piling up while its server hangs.
func (ReconcileMailbox) Unique() bool { return true }

// Queue keeps a server that hangs from holding up work of ours.
func (ReconcileMailbox) Queue() string { return jobs.Outside }

// Takes is how long the job may take: the comparison, and the time to write down how it went.
func (ReconcileMailbox) Takes() time.Duration { return reconcileFor + time.Minute }

// Register tells the job runner what this package works: the hourly comparison.
func (f *Fetcher) Register(r *jobs.Registry) {
	jobs.Handle(r, f.reconcileAll)
	jobs.Handle(r, f.reconcileOne)
	jobs.Repeat(r, time.Hour, ReconcileMailboxes{})
}

// reconcileAll has each mailbox compared apart, so that one that hangs keeps back no other.
func (f *Fetcher) reconcileAll(ctx context.Context, _ ReconcileMailboxes) error {
	boxes, err := f.inbox.ActiveMailboxes(ctx)
	if err != nil {
		return err
	}
	list := make([]db.Job, len(boxes))
	for n, box := range boxes {
		list[n] = ReconcileMailbox{ID: box.ID}
	}
	return f.inbox.Ask(ctx, list)
}

// reconcileOne compares a mailbox. One that cannot be reached is known from its own health already, and is compared in an hour again.
func (f *Fetcher) reconcileOne(ctx context.Context, job ReconcileMailbox) error {
	boxes, err := f.inbox.ActiveMailboxes(ctx)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(boxes, func(box inbox.Mailbox) bool { return box.ID == job.ID })
	if at < 0 {
		return nil // switched off meanwhile
	}
	result, found, err := f.Mend(ctx, boxes[at])
	attributes := []any{slog.String("mailbox", boxes[at].Address), slog.Int("missing", len(result.Missing)), slog.Int("found_again", found)}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		f.o.Logger.WarnContext(ctx, "comparing a mailbox failed", append(attributes, slog.String("error", err.Error()))...)
	case result.Gap() || found > 0:
		f.o.Logger.ErrorContext(ctx, "mail was missing", attributes...)
	}
	return nil
}
