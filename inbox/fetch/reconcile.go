package fetch

import (
	"context"
	"fmt"
	"time"

	"github.com/emersion/go-imap/v2"

	"makegood/inbox"
)

// Reconciled is the comparison of one mailbox's server with what is stored.
type Reconciled struct {
	Mailbox     string  `json:"mailbox"`
	UIDValidity int64   `json:"uid_validity"`
	OnServer    int     `json:"on_server"`
	Stored      int     `json:"stored"`
	Waiting     []int64 `json:"waiting,omitempty"` // above the cursor: not read yet
	Missing     []int64 `json:"missing,omitempty"` // at or below the cursor and not stored: a gap
}

// Gap tells whether mail was lost.
func (r Reconciled) Gap() bool { return len(r.Missing) > 0 }

// Reconcile compares the server's UIDs with the stored rows, on a connection of its own.
func Reconcile(ctx context.Context, service *inbox.Service, box inbox.Mailbox) (Reconciled, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	password, err := service.Password(box)
	if err != nil {
		return Reconciled{}, fmt.Errorf("open password: %w", err)
	}
	s, err := connect(ctx, box, password)
	if err != nil {
		return Reconciled{}, err
	}
	defer func() { _ = s.client.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = s.client.Close() })
	defer stop()
	found, err := s.client.UIDSearch(&imap.SearchCriteria{}, nil).Wait()
	if err != nil {
		return Reconciled{}, fmt.Errorf("list UIDs: %w", err)
	}
	stored, err := service.StoredUIDs(ctx, box.ID, s.validity)
	if err != nil {
		return Reconciled{}, err
	}
	kept := make(map[int64]bool, len(stored))
	for _, uid := range stored {
		kept[uid] = true
	}
	cursor := box.LastUID
	if box.UIDValidity != s.validity {
		cursor = 0
	}
	result := Reconciled{Mailbox: box.Address, UIDValidity: s.validity, Stored: len(stored)}
	for _, uid := range found.AllUIDs() {
		result.OnServer++
		switch id := int64(uid); {
		case kept[id]:
		case id > cursor:
			result.Waiting = append(result.Waiting, id)
		default:
			result.Missing = append(result.Missing, id)
		}
	}
	return result, nil
}
