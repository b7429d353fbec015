package credits

import (
	"context"
	"slices"
	"sync"
	"time"
)

const (
	postAtOnce = 16 // requests in one transaction: what each pays for its share of it falls until about here
	posters    = 2  // transactions at once: while one commits, the next reads and works out
	gathering  = time.Millisecond
	patience   = 30 * time.Second
)

// together gathers the requests that wait to be posted at one moment, so that they share a transaction: its statements,
// the lock on numbers and books, and the flush to disk. Who comes alone is posted at once. A second transaction is only
// begun for as many as fill one: halves of one, side by side, would wait for each other's numbers.
type together struct {
	mu      sync.Mutex
	waiting []*turn
	busy    int
	wanted  int           // so many are expected to come with their next requests
	came    chan struct{} // told when they have
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
	if t.busy == 0 || t.busy < posters && len(t.waiting) >= postAtOnce {
		t.busy++
		// Others' requests are among those it posts, so it does not end with this caller.
		go t.work(context.WithoutCancel(ctx), post)
	}
	if t.wanted > 0 && len(t.waiting) >= t.wanted {
		t.wanted = 0
		close(t.came)
	}
	t.mu.Unlock()
	select {
	case <-mine.done:
		return mine.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// work posts what waits until nothing does. After several at once it gives those who were served a moment to come with
// their next ones: the first of them would else go alone.
func (t *together) work(ctx context.Context, post func(context.Context, []ID) map[ID]error) {
	for list := t.next(); len(list) > 0; list = t.next() {
		t.serve(ctx, list, post)
		if len(list) > 1 {
			t.gather(len(list))
		}
	}
}

func (t *together) gather(n int) {
	t.mu.Lock()
	if t.wanted > 0 || len(t.waiting) >= n { // somebody gathers already, or they are here
		t.mu.Unlock()
		return
	}
	came := make(chan struct{})
	t.wanted, t.came = n, came
	t.mu.Unlock()
	select {
	case <-came:
	case <-time.After(gathering):
		t.mu.Lock()
		if t.came == came {
			t.wanted = 0
		}
		t.mu.Unlock()
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

// next takes those who are to be served now. Nobody ends the worker, and so do few while another one works, who takes them
// next.
func (t *together) next() []*turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := min(len(t.waiting), postAtOnce)
	if n == 0 || t.busy > 1 && n < postAtOnce {
		t.busy--
		return nil
	}
	list := t.waiting[:n:n]
	t.waiting = t.waiting[n:]
	return list
}
