package cases

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"makegood/internal/jobs"
)

const (
	// gatheredAtMost is how many timers are worked in one transaction: their cases stay locked for as long.
	gatheredAtMost = 200
	// gatheredAtOnce is how many such transactions run beside one another.
	gatheredAtOnce = 3
)

// gathering brings timers that are due together into one transaction. A timer that comes alone is worked at once; those that come
// while others are being worked wait, and go together when it is their turn.
type gathering struct {
	now  func() time.Time
	work func(ctx context.Context, in []CheckClock) (left []CheckClock, early map[ClockID]time.Time, err error)

	mu      sync.Mutex
	waiting []*gathered
	busy    int
}

// gathered is a timer that waits for its turn.
type gathered struct {
	in   CheckClock
	turn chan bool // true: lead those who wait; false: done, with err
	err  error
}

// do works a timer, with others that wait at its turn. What fails together is done alone, so that a case that cannot be worked holds
// up no other.
func (g *gathering) do(ctx context.Context, in CheckClock) error {
	mine := &gathered{in: in, turn: make(chan bool, 1)}
	if !g.enter(mine) {
		select {
		case lead := <-mine.turn:
			if !lead {
				return mine.err
			}
		case <-ctx.Done():
			return g.leave(ctx, mine)
		}
	}
	list := g.take(mine)
	g.together(ctx, list)
	g.next()
	for _, one := range list {
		if one != mine {
			one.turn <- false
		}
	}
	return mine.err
}

// enter tells whether a timer may be worked at once; else it waits.
func (g *gathering) enter(mine *gathered) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.busy < gatheredAtOnce {
		g.busy++
		return true
	}
	g.waiting = append(g.waiting, mine)
	return false
}

// leave takes a timer off those who wait. One that was given its turn meanwhile passes it on; one that is being worked is waited for.
func (g *gathering) leave(ctx context.Context, mine *gathered) error {
	g.mu.Lock()
	for n, one := range g.waiting {
		if one == mine {
			g.waiting = append(g.waiting[:n], g.waiting[n+1:]...)
			g.mu.Unlock()
			return ctx.Err()
		}
	}
	g.mu.Unlock()
	if lead := <-mine.turn; lead {
		g.next()
		return ctx.Err()
	}
	return mine.err
}

// take gives those who are worked with the leading timer: at most one for each clock.
func (g *gathering) take(mine *gathered) []*gathered {
	g.mu.Lock()
	defer g.mu.Unlock()
	list, seen := []*gathered{mine}, map[ClockID]bool{mine.in.ClockID: true}
	var left []*gathered
	for _, one := range g.waiting {
		if len(list) == gatheredAtMost || seen[one.in.ClockID] {
			left = append(left, one)
			continue
		}
		seen[one.in.ClockID] = true
		list = append(list, one)
	}
	g.waiting = left
	return list
}

// next gives the turn to the first of those who wait.
func (g *gathering) next() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) == 0 {
		g.busy--
		return
	}
	first := g.waiting[0]
	g.waiting = g.waiting[1:]
	first.turn <- true
}

func (g *gathering) together(ctx context.Context, list []*gathered) {
	in := make([]CheckClock, len(list))
	for n, one := range list {
		in[n] = one.in
	}
	early, err := g.all(ctx, in)
	for n, one := range list {
		if err != nil && len(list) > 1 {
			early, one.err = g.all(ctx, in[n:n+1])
		} else {
			one.err = err
		}
		if at, ok := early[one.in.ClockID]; ok && one.err == nil {
			one.err = jobs.EarlyError{At: at, Now: g.now()}
		}
	}
}

// all works timers until none is left over, and tells which came too early.
func (g *gathering) all(ctx context.Context, in []CheckClock) (map[ClockID]time.Time, error) {
	early := map[ClockID]time.Time{}
	for len(in) > 0 {
		left, soon, err := g.attempt(ctx, in)
		if err != nil {
			return nil, err
		}
		maps.Copy(early, soon)
		in = left
	}
	return early, nil
}

// attempt works timers in one transaction. A panic is a failure like any other: those who wait for this one's turn must not wait for ever.
func (g *gathering) attempt(ctx context.Context, in []CheckClock) (left []CheckClock, early map[ClockID]time.Time, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("look at %d clocks: %v", len(in), r)
		}
	}()
	return g.work(ctx, in)
}
