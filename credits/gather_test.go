package credits_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"makegood/credits"
)

// Everybody who waits is served once and told of their own failure, however many come at once and again.
func TestEverybodyWhoWaitsIsServed(t *testing.T) {
	t.Parallel()
	failing := errors.New("refused")
	for _, clients := range []int{1, 2, 15, 16, 17, 33, 100} {
		var g credits.Gatherer
		var mu sync.Mutex
		served := map[credits.ID]int{}
		atOnce := 0
		post := func(_ context.Context, ids []credits.ID) map[credits.ID]error {
			mu.Lock()
			defer mu.Unlock()
			atOnce = max(atOnce, len(ids))
			failed := map[credits.ID]error{}
			for _, id := range ids {
				if served[id]++; id%7 == 0 {
					failed[id] = failing
				}
			}
			return failed
		}
		const each = 30
		var all sync.WaitGroup
		for c := range clients {
			all.Go(func() {
				for n := range each {
					id := credits.ID(c*each + n + 1)
					if err := g.Do(t.Context(), id, post); errors.Is(err, failing) != (id%7 == 0) {
						t.Errorf("%d clients: request %d: %v", clients, id, err)
					}
				}
			})
		}
		all.Wait()
		for id, n := range served {
			if n != 1 {
				t.Errorf("%d clients: request %d posted %d times", clients, id, n)
			}
		}
		if len(served) != clients*each || atOnce > credits.MostTogether {
			t.Errorf("%d clients: %d of %d requests posted, %d at once", clients, len(served), clients*each, atOnce)
		}
	}
}
