// Package live carries "this changed" from a commit to the browsers that show it: PostgreSQL's NOTIFY in, channels out.
// Only topics travel, never content; a browser then fetches what it may see through the ordinary guarded route.
package live

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"makegood/internal/db"
)

// Hub listens on one connection and tells subscribers. Start and Stop are harmless when repeated.
type Hub struct {
	url    string
	logger *slog.Logger

	mu     sync.Mutex
	subs   map[*Subscription]struct{}
	cancel context.CancelFunc
	done   chan struct{}

	presence *Presence // nil where nobody asks who looks at what
}

// Subscription receives the topics it asked for.
type Subscription struct {
	C      <-chan string
	c      chan string
	topics map[string]bool
	hub    *Hub
}

// Behind is sent to every subscriber after the listener lost its connection and came back: something may have
// been missed, so everything shown should be fetched again.
const Behind = "behind"

// NewHub makes a hub that will listen on the database at url.
func NewHub(url string, logger *slog.Logger) *Hub {
	return &Hub{url: url, logger: logger, subs: map[*Subscription]struct{}{}}
}

// Start begins to listen and returns. Losing the database is survived: it comes back with growing pauses.
func (h *Hub) Start(ctx context.Context) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.cancel != nil {
		return
	}
	ctx, h.cancel = context.WithCancel(context.WithoutCancel(ctx))
	h.done = make(chan struct{})
	go h.run(ctx, h.done)
}

// Stop ends listening and every subscription.
func (h *Hub) Stop() {
	h.mu.Lock()
	cancel, done := h.cancel, h.done
	h.cancel = nil
	h.mu.Unlock()
	if cancel == nil {
		return
	}
	cancel()
	<-done
	h.mu.Lock()
	defer h.mu.Unlock()
	for sub := range h.subs {
		delete(h.subs, sub)
		close(sub.c)
	}
}

// Subscribe asks for topics. A subscriber too slow to read gets the news once, not each time.
func (h *Hub) Subscribe(topics ...string) *Subscription {
	c := make(chan string, 64)
	sub := &Subscription{C: c, c: c, topics: map[string]bool{}, hub: h}
	for _, topic := range topics {
		sub.topics[topic] = true
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.subs[sub] = struct{}{}
	return sub
}

// Close ends the subscription; its channel is closed.
func (s *Subscription) Close() {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	if _, ok := s.hub.subs[s]; ok {
		delete(s.hub.subs, s)
		close(s.c)
	}
}

func (h *Hub) tell(topic string) {
	isHere := strings.HasPrefix(topic, Here+":")
	h.mu.Lock()
	defer h.mu.Unlock()
	for sub := range h.subs {
		if wanted := topic == Behind || sub.topics[topic] || isHere && sub.topics[Here]; !wanted {
			continue
		}
		select {
		case sub.c <- topic:
		default: // it has 64 unread topics and will fetch anyway
		}
	}
}

func (h *Hub) run(ctx context.Context, done chan struct{}) {
	defer close(done)
	pause := 100 * time.Millisecond
	for first := true; ctx.Err() == nil; first = false {
		listened, err := h.listen(ctx, !first)
		if ctx.Err() != nil {
			return
		}
		if listened {
			pause = 100 * time.Millisecond
		}
		h.logger.WarnContext(ctx, "live updates interrupted", "error", err.Error(), "retry_in", pause.String())
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, 10*time.Second)
	}
}

func (h *Hub) listen(ctx context.Context, again bool) (listened bool, err error) {
	conn, err := db.Connect(ctx, h.url)
	if err != nil {
		return false, err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "listen "+db.Channel+"; listen "+hereChannel); err != nil {
		return false, err
	}
	if again {
		h.tell(Behind)
	}
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return true, err
		}
		h.heard(n.Channel, n.Payload)
	}
}

func (h *Hub) heard(channel, payload string) {
	if channel != hereChannel {
		h.tell(payload)
		return
	}
	h.mu.Lock()
	p := h.presence
	h.mu.Unlock()
	if p != nil {
		p.hear(payload)
	}
}
