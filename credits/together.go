package credits

import (
	"context"
	"slices"
	"sync"
	"time"
)

const (
	postAtOnce = 8 // requests in one transaction: half of the workers, so that two are under way
	posters    = 2 // transactions at once: while one commits, the next reads and works out
	enough     = 4 // waiting ones are worth a second transaction
	gathering  = time.Millisecond
	patience   = 30 * time.Second
)

// together gathers the requests that wait to be posted at one moment, so that they share a transaction: its statements,
// the lock on numbers and books, and the flush to disk. Who comes alone is posted at once.
type together struct {
	mu      sync.Mutex
	waiting []*turn
	busy    int
}

// turn is somebody who waits for their request to be posted.
type turn struct {
	id   ID
	done chan struct{}
	err  error
}

// do posts a request with whichever others wait, and gives what became of it.
func (t *together) do(ctx context.Context, id ID, post func(context.Context, []ID) map[ID]error) error {
	mine := &turn{id: id, done: make(chan struct{})}
	t.mu.Lock()
	t.waiting = append(t.waiting, mine)
	if t.busy == 0 || t.busy < posters && len(t.waiting) >= enough {
		t.busy++
		// Others' requests are among those it posts, so it does not end with this caller.
		go t.work(context.WithoutCancel(ctx), post)
	}
	t.mu.Unlock()
	select {
	case <-mine.done:
		return mine.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// work posts what waits until nothing does. After several at once it waits a moment before it takes the next: those who
// were served come with their next ones, and the first of them would else go alone.
func (t *together) work(ctx context.Context, post func(context.Context, []ID) map[ID]error) {
	for list := t.next(); len(list) > 0; list = t.next() {
		t.serve(ctx, list, post)
		if len(list) > 1 {
			<-time.After(gathering)
		}
	}
}

func (t *together) serve(ctx context.Context, list []*turn, post func(context.Context, []ID) map[ID]error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ids := make([]ID, len(list))
	for i, one := range list {
		ids[i] = one.id
	}
	slices.Sort(ids)
	failed := post(ctx, slices.Compact(ids))
	for _, one := range list {
		one.err = failed[one.id]
		close(one.done)
	}
}

// next takes those who are to be served now; nobody ends the worker.
func (t *together) next() []*turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := min(len(t.waiting), postAtOnce)
	list := t.waiting[:n:n]
	t.waiting = t.waiting[n:]
	if n == 0 {
		t.busy--
		t.waiting = nil
	}
	return list
}
