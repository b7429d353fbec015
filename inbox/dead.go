package inbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"makegood/internal/access"
	"makegood/internal/db"
)

// DeadAddress is an address that was found to take no mail: a report said for good that it is not there.
type DeadAddress struct {
	ID                int64
	Address           string // lower case
	Cause             string // status and words of the report
	OutgoingMessageID OutgoingID
	FoundAt           time.Time
	ReleasedAt        *time.Time
	ReleasedBy        *int64
	ReleasedName      string
	ReleaseReason     string
}

// MarkDeadTx records that a reader of a mail of ours takes no mail any more. Marking a dead address again does nothing.
func (s *Service) MarkDeadTx(ctx context.Context, tx *db.Tx, id OutgoingID, address, cause string) error {
	_, err := tx.Exec(ctx, `insert into dead_addresses (address, cause, outgoing_message_id, found_at) values ($1, $2, $3, $4)
		on conflict (address) where released_at is null do nothing`, strings.ToLower(address), cause, id, tx.Now())
	if err != nil {
		return fmt.Errorf("mark dead address: %w", err)
	}
	return nil
}

// ReaderOf is the address of a mail of ours that a report is about: the one it names, or the only one there is, since a
// report may name where that one forwards to. Empty when it could be any of several.
func (m OutgoingMessage) ReaderOf(named string) string {
	for _, address := range append([]string{m.ToAddress}, m.Cc...) {
		if strings.EqualFold(address, strings.TrimSpace(named)) {
			return strings.ToLower(address)
		}
	}
	if len(m.Cc) > 0 {
		return ""
	}
	return strings.ToLower(m.ToAddress)
}

// stopTx keeps a mail of a case, or one that nobody asked for, from leaving for a dead address, and leaves dead ones out of its copies.
// Other mail without a case answers what its reader did a moment ago, and goes.
func stopTx(ctx context.Context, tx *db.Tx, c *Claimed) (stopped bool, err error) {
	if c.CaseID == nil && !c.Unasked {
		return false, nil
	}
	readers := append([]string{strings.ToLower(c.ToAddress)}, lower(c.Cc)...)
	dead, err := db.List[DeadAddress](ctx, tx, `select * from dead_addresses where address = any ($1) and released_at is null`, readers)
	if err != nil || len(dead) == 0 {
		return false, err
	}
	is := func(address string) bool {
		return slices.ContainsFunc(dead, func(d DeadAddress) bool { return strings.EqualFold(d.Address, address) })
	}
	if !is(c.ToAddress) {
		for _, address := range c.Cc {
			if is(address) {
				c.LeftOut = append(c.LeftOut, address)
			}
		}
		c.Cc = slices.DeleteFunc(slices.Clone(c.Cc), is)
		return false, nil
	}
	at := slices.IndexFunc(dead, func(d DeadAddress) bool { return strings.EqualFold(d.Address, c.ToAddress) })
	if _, err := tx.Exec(ctx, `update outgoing_messages set state = 'stopped', error = $2, version = version + 1 where id = $1`, c.ID, dead[at].Cause); err != nil {
		return false, fmt.Errorf("stop mail: %w", err)
	}
	c.State = Stopped
	tx.Publish("board", "intake", "case:"+caseText(c.CaseID))
	return true, noteStep(ctx, tx, c.ID, OutgoingStep{State: Stopped, Answer: dead[at].Cause})
}

// DeadOf are those of some addresses whose mail comes back for good, in lower case.
func (s *Service) DeadOf(ctx context.Context, r db.Reader, addresses []string) ([]DeadAddress, error) {
	list, err := db.List[DeadAddress](ctx, r, `select * from dead_addresses where address = any ($1) and released_at is null`, lower(addresses))
	if err != nil {
		return nil, fmt.Errorf("look up dead addresses: %w", err)
	}
	return list, nil
}

// ReleaseInput lets a stopped mail of a case go.
type ReleaseInput struct {
	ID     OutgoingID
	CaseID int64
	Reason string
	By     access.Actor
}

// ReleaseTx lets a stopped mail go, and counts its reader's address as living again; it gives that address. Somebody says
// why, which is kept. ErrNotStopped when the mail is not stopped.
func (s *Service) ReleaseTx(ctx context.Context, tx *db.Tx, in ReleaseInput) (address string, err error) {
	reason, err := reasonOf(in.Reason)
	if err != nil {
		return "", err
	}
	address, err = db.Value[string](ctx, tx, `update outgoing_messages set state = 'queued', not_before = $3, error = '', version = version + 1
		where id = $1 and case_id = $2 and state = 'stopped' returning lower(to_address)`, in.ID, in.CaseID, tx.Now())
	if errors.Is(err, db.ErrNoRow) {
		return "", s.refusedTx(ctx, tx, in.ID, in.CaseID, ErrNotStopped)
	}
	if err != nil {
		return "", fmt.Errorf("let mail go: %w", err)
	}
	if _, err := tx.Exec(ctx, `update dead_addresses set released_at = $2, released_by = $3, released_name = $4, release_reason = $5
		where address = $1 and released_at is null`, address, tx.Now(), in.By.UserID, in.By.Name, reason); err != nil {
		return "", fmt.Errorf("release address: %w", err)
	}
	if err := noteStep(ctx, tx, in.ID, OutgoingStep{State: Queued, Reason: reason, UserID: new(in.By.UserID), UserName: in.By.Name}); err != nil {
		return "", err
	}
	tx.Publish("board", "intake")
	return address, tx.Enqueue(ctx, SendMessage{ID: in.ID})
}

func lower(list []string) []string {
	out := make([]string, len(list))
	for i, text := range list {
		out[i] = strings.ToLower(text)
	}
	return out
}
