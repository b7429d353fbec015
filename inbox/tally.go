package inbox

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"makegood/internal/db"
)

// tally counts how attempts to send ended, since the process started.
type tally struct {
	mu    sync.Mutex
	ended map[OutgoingState]int64
}

func (t *tally) count(state OutgoingState) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended[state]++
}

// Attempts tells how the attempts of this process to send mail ended: Sent, Failed, Unknown, or Queued for another attempt.
func (s *Service) Attempts() map[OutgoingState]int64 {
	s.tally.mu.Lock()
	defer s.tally.mu.Unlock()
	return maps.Clone(s.tally.ended)
}

// Arrived counts, by fate, the messages that were stored since a moment. It reads them one by one: ask about hours, not years.
func (s *Service) Arrived(ctx context.Context, since time.Time) (map[FateKind]int, error) {
	list, err := db.List[struct {
		Fate  FateKind
		Count int
	}](ctx, s.db, `select fate, count(*) as count from inbound_messages where stored_at >= $1 group by fate`, since)
	if err != nil {
		return nil, fmt.Errorf("count messages by fate: %w", err)
	}
	counts := map[FateKind]int{}
	for _, one := range list {
		counts[one.Fate] = one.Count
	}
	return counts, nil
}
