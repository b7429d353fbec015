package bench

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Load is what one measurement gave: work done, how long it took, and how long each piece took, sorted.
type Load struct {
	Done    int
	Elapsed time.Duration
	Took    []time.Duration
}

// Rate is pieces of work a second.
func (l Load) Rate() float64 {
	if l.Elapsed <= 0 {
		return 0
	}
	return float64(l.Done) / l.Elapsed.Seconds()
}

// Percentile is the time within which that share of the pieces was done, by nearest rank.
func (l Load) Percentile(share float64) time.Duration {
	if len(l.Took) == 0 {
		return 0
	}
	at := int(share*float64(len(l.Took))+0.999999) - 1
	return l.Took[min(max(at, 0), len(l.Took)-1)]
}

// drive has workers take pieces of work one after the other, each waiting for its own only, until the time or the work
// is used up. The first failure ends it.
func drive[T any](ctx context.Context, now func() time.Time, workers int, limit time.Duration, pieces []T, do func(context.Context, T) error) (Load, error) {
	var next atomic.Int64
	var failed atomic.Pointer[error]
	took := make([][]time.Duration, workers)
	begin := now()
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for failed.Load() == nil {
				started := now()
				if started.Sub(begin) >= limit {
					return
				}
				at := int(next.Add(1)) - 1
				if at >= len(pieces) {
					return
				}
				if err := do(ctx, pieces[at]); err != nil {
					failed.CompareAndSwap(nil, &err)
					return
				}
				took[w] = append(took[w], now().Sub(started))
			}
		})
	}
	all.Wait()
	load := Load{Elapsed: now().Sub(begin), Took: slices.Concat(took...)}
	if err := failed.Load(); err != nil {
		return load, *err
	}
	slices.Sort(load.Took)
	load.Done = len(load.Took)
	return load, nil
}

// Median is the middle of several figures, with the smallest and the largest.
func Median(figures []float64) Spread {
	if len(figures) == 0 {
		return Spread{}
	}
	sorted := slices.Sorted(slices.Values(figures))
	middle := sorted[len(sorted)/2]
	if len(sorted)%2 == 0 {
		middle = (middle + sorted[len(sorted)/2-1]) / 2
	}
	return Spread{Median: middle, Least: sorted[0], Most: sorted[len(sorted)-1]}
}

// Spread is a figure measured several times.
type Spread struct {
	Median float64 `json:"median"`
	Least  float64 `json:"least"`
	Most   float64 `json:"most"`
}
