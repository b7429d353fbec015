package webhooks

import (
	"sync"
	"time"
)

const (
	// slow is what an address may take without being asked less often at once.
	slow = time.Second
	// slowAtOnce is how many attempts a slow address may have under way in a process, so that it leaves workers to others.
	slowAtOnce = 2
	// inARow is after how many failures one after the other an address is left alone for a while.
	inARow       = 3
	longestQuiet = 2 * time.Minute
	// again is how soon a delivery that found no line free is handed out again: its job has ended by then, which stands in the way of another.
	again = 2 * time.Second
)

// lines are how the addresses have answered this process lately, so that one that hangs keeps no others waiting.
type lines struct {
	mu sync.Mutex
	of map[int64]*line
}

type line struct {
	underway int
	slow     bool
	failed   int       // in a row
	at       time.Time // of the last failure
	quiet    time.Time // until when nobody asks
}

func newLines() *lines { return &lines{of: map[int64]*line{}} }

// open tells whether an address is asked now. Left alone, the attempt counts as failed; busy, it is made later.
func (l *lines) open(endpoint int64, now time.Time) (leftAlone, busy bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	one := l.of[endpoint]
	if one == nil {
		one = &line{}
		l.of[endpoint] = one
	}
	switch {
	case now.Before(one.quiet):
		return true, false
	case one.failed > 0 && one.underway > 0, one.slow && one.underway >= slowAtOnce:
		return false, true
	}
	one.underway++
	return false, false
}

// end says what came of an attempt that began at a moment. Failures of attempts made side by side count as one.
func (l *lines) end(endpoint int64, began, now time.Time, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	one := l.of[endpoint]
	one.underway--
	one.slow = now.Sub(began) > slow
	switch {
	case ok:
		one.failed, one.quiet = 0, time.Time{}
	case !began.Before(one.at):
		one.failed, one.at = one.failed+1, now
		if more := one.failed - inARow; more >= 0 {
			one.quiet = now.Add(min(firstWait<<min(more, 10), longestQuiet))
		}
	}
}
