// Package live carries "this changed" from a commit to the browsers that show it: PostgreSQL's NOTIFY in, channels out.
// Only topics travel, never content; a browser then fetches what it may see through the ordinary guarded route.
package live

import (
	"context"
	"log/slog"
	"slices"
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

	deaf bool // it does not listen, so that what changes is told to nobody

	presence *Presence // nil where nobody asks who looks at what
}

// Subscription receives the topics it asked for.
type Subscription struct {
	C      <-chan string
	c      chan string
	topics map[string]bool
	hub    *Hub
}

// What every subscriber is told, whatever they asked for.
const (
	// Interrupted says that the database is not heard: what changes from now on is told to nobody, until Behind comes.
	Interrupted = "interrupted"
	// Behind says that something may have been missed, so that everything shown should be fetched again: the database is heard again, or the
	// subscriber was too slow for its news.
	Behind = "behind"
)

// unread is how many topics wait for a subscriber. Whoever has more to read is as well off with fetching everything.
const unread = 64

// NewHub makes a hub that will listen on the database at url.
func NewHub(url string, logger *slog.Logger) *Hub {
	return &Hub{url: url, logger: logger, subs: map[*Subscription]struct{}{}, deaf: true}
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

// Subscribe asks for topics. A subscriber too slow to read gets the news once, not each time, and Behind when it is too much even so.
func (h *Hub) Subscribe(topics ...string) *Subscription {
	c := make(chan string, unread)
	sub := &Subscription{C: c, c: c, topics: map[string]bool{}, hub: h}
	for _, topic := range topics {
		sub.topics[topic] = true
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.subs[sub] = struct{}{}
	if h.deaf {
		sub.c <- Interrupted
	}
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
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tellLocked(topic)
}

// hears says whether the database is heard, and tells everybody.
func (h *Hub) hears(topic string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.deaf = topic == Interrupted
	h.tellLocked(topic)
}

func (h *Hub) tellLocked(topic string) {
	isHere := strings.HasPrefix(topic, Here+":")
	for sub := range h.subs {
		if wanted := topic == Behind || topic == Interrupted || sub.topics[topic] || isHere && sub.topics[Here]; wanted {
			sub.put(topic)
		}
	}
}

// put adds a topic to what is unread. When that is full each topic stays once, at its latest place; if it is full still, the subscriber has
// to fetch everything. The hub is locked, so that nobody else puts meanwhile; whoever reads only makes room.
func (s *Subscription) put(topic string) {
	select {
	case s.c <- topic:
		return
	default:
	}
	var list []string
	for empty := false; !empty; {
		select {
		case one := <-s.c:
			list = append(list, one)
		default:
			empty = true
		}
	}
	list = latest(append(list, topic))
	if len(list) > unread-1 { // so that it is not looked through again for each topic
		list = []string{Behind}
		if s.hub.deaf {
			list = append(list, Interrupted)
		}
	}
	for _, one := range list {
		s.c <- one
	}
}

// latest keeps the last of equal topics.
func latest(list []string) []string {
	seen := map[string]bool{}
	var kept []string
	for _, topic := range slices.Backward(list) {
		if !seen[topic] {
			kept = append(kept, topic)
		}
		seen[topic] = true
	}
	slices.Reverse(kept)
	return kept
}

func (h *Hub) run(ctx context.Context, done chan struct{}) {
	defer close(done)
	pause := 100 * time.Millisecond
	for ctx.Err() == nil {
		listened, err := h.listen(ctx)
		if ctx.Err() != nil {
			return
		}
		if listened {
			pause = 100 * time.Millisecond
			h.hears(Interrupted)
		}
		h.logger.WarnContext(ctx, "live updates interrupted", "error", err.Error(), "retry_in", pause.String())
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, 10*time.Second)
	}
}

// listen hears the database until that is lost. Whoever came before is behind, the first time too: their page is older.
func (h *Hub) listen(ctx context.Context) (listened bool, err error) {
	conn, err := db.Connect(ctx, h.url)
	if err != nil {
		return false, err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "listen "+db.Channel+"; listen "+hereChannel); err != nil {
		return false, err
	}
	h.hears(Behind)
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
