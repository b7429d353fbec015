package inbox

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"makegood/internal/db"
)

// As many of a sender's turns are taken in one go as a thousandth of its bound, so that mail which is far from the bound costs no
// statement for it.
const turnsAtOnce = 1000

// turns are the turns to send that this process has in hand, by sender. A process that dies loses those it had: the bound is then kept
// the better.
type turns struct {
	mu   sync.Mutex
	free map[string][]time.Time
	owed map[string]int // taken beyond what was in hand, by several mails at once
}

func newTurns() *turns { return &turns{free: map[string][]time.Time{}, owed: map[string]int{}} }

// ready lists the senders of whom a mail may leave now.
func (t *turns) ready(now time.Time) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := []string{}
	for sender, free := range t.free {
		if len(free) > 0 && !free[0].After(now) {
			list = append(list, sender)
		}
	}
	return list
}

// take takes a turn; false when there is none in hand.
func (t *turns) take(sender string) (time.Time, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	free := t.free[sender]
	if len(free) == 0 {
		return time.Time{}, false
	}
	t.free[sender] = free[1:]
	return free[0], true
}

// spend uses a turn for a mail that is leaving already.
func (t *turns) spend(sender string) {
	if _, had := t.take(sender); !had {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.owed[sender]++
	}
}

// put adds turns that were reserved, less what is owed.
func (t *turns) put(sender string, list []time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	paid := min(t.owed[sender], len(list))
	t.owed[sender] -= paid
	t.free[sender] = append(t.free[sender], list[paid:]...)
}

// reserved is what a reservation gave: the first turn, the time between two, and how many. Without a bound Turns is 0.
type reserved struct {
	First time.Time
	Step  time.Duration
	Turns int
}

// turn gives the moment a mail of a sender may leave; the zero time when nothing bounds it.
func (s *Service) turn(ctx context.Context, sender string) (time.Time, error) {
	for {
		if at, ok := s.turns.take(sender); ok {
			return at, nil
		}
		r, err := s.reserve(ctx, sender)
		if err != nil || r.Turns == 0 {
			return time.Time{}, err
		}
		list := make([]time.Time, r.Turns)
		for n := range list {
			list[n] = r.First.Add(time.Duration(n) * r.Step)
		}
		s.turns.put(sender, list)
	}
}

// reserve takes the next turns of a sender for this process. As many as the bound leave at once; what is more follows evenly, as many
// an hour. (The arithmetic is that of the generic cell rate algorithm, ITU-T I.371, with an hour's burst.)
func (s *Service) reserve(ctx context.Context, sender string) (reserved, error) {
	type row struct {
		Bound  int
		Turns  int
		FreeAt time.Time
	}
	list, err := db.List[row](ctx, s.db, `with b as (select sender_per_hour as bound, greatest(1, sender_per_hour / $3) as turns from mail_bounds where sender_per_hour > 0),
			taken as (insert into mail_pace as p (key, free_at) select 's:' || $1, $2::timestamptz + turns * interval '1 hour' / bound from b
				on conflict (key) do update set free_at = greatest(p.free_at, $2) + (select turns * interval '1 hour' / bound from b) returning free_at)
		select bound, turns, free_at from b, taken`, sender, s.db.Now(), turnsAtOnce)
	if err != nil {
		return reserved{}, fmt.Errorf("reserve turns to send: %w", err)
	}
	if len(list) == 0 {
		return reserved{}, nil
	}
	r := list[0]
	step := time.Hour / time.Duration(r.Bound)
	// A turn counts once its step is over, and an hour's worth of them may be used ahead.
	return reserved{First: r.FreeAt.Add(-time.Duration(r.Turns-1) * step).Add(-time.Hour), Step: step, Turns: r.Turns}, nil
}

// readerFull says whether as many mails as the bound b allows were written to the reader of the mail m within the hour before $2.
const readerFull = `(b.recipient_per_hour > 0 and b.recipient_per_hour <= (select count(*) from (select from outgoing_messages o
	where o.to_address = m.to_address and o.created_at > $2::timestamptz - interval '1 hour' and o.id < m.id limit b.recipient_per_hour) before))`

// readerTurnTx gives the moment a mail may leave to its reader. Where as many as the bound were written to them within the hour, each
// further mail gets a turn of its own; otherwise the zero time.
func readerTurnTx(ctx context.Context, tx *db.Tx, id OutgoingID) (time.Time, error) {
	at, err := db.Value[time.Time](ctx, tx, `insert into mail_pace as p (key, free_at)
		select 'r:' || lower(m.to_address), $2::timestamptz + interval '1 hour' / b.recipient_per_hour from outgoing_messages m, mail_bounds b
			where m.id = $1 and `+readerFull+`
		on conflict (key) do update set free_at = greatest(p.free_at, $2) + (select interval '1 hour' / recipient_per_hour from mail_bounds)
		returning free_at`, id, tx.Now())
	if errors.Is(err, db.ErrNoRow) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("take a reader's turn: %w", err)
	}
	return at, nil
}

// delayTx has a mail wait for its turn, and tells whether it must.
func delayTx(ctx context.Context, tx *db.Tx, c *Claimed, turn time.Time) (bool, error) {
	reader, err := readerTurnTx(ctx, tx, c.ID)
	if err != nil {
		return false, err
	}
	if reader.After(turn) {
		turn = reader
	}
	if !turn.After(tx.Now()) {
		return false, nil
	}
	if _, err := tx.Exec(ctx, `update outgoing_messages set not_before = $2, paced = true, version = version + 1 where id = $1`, c.ID, turn); err != nil {
		return false, fmt.Errorf("delay mail: %w", err)
	}
	c.Delayed = true
	if err := noteStep(ctx, tx, c.ID, OutgoingStep{State: Queued, Answer: "waits for its turn: as many mails as may leave at once have left"}); err != nil {
		return false, err
	}
	return true, tx.EnqueueAt(ctx, SendMessage{ID: c.ID}, turn)
}
