package billing_test

import (
	"sync"
	"testing"

	"github.com/shopspring/decimal"
)

type result[T any] struct {
	value T
	err   error
}

// together does the same thing n times at the same moment.
func together[T any](n int, work func(i int) (T, error)) []result[T] {
	results := make([]result[T], n)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			results[i].value, results[i].err = work(i)
		})
	}
	close(start)
	all.Wait()
	return results
}

func sumOf(t testing.TB, s *shop, query string, args ...any) decimal.Decimal {
	t.Helper()
	return d(value[string](t, s.db, query, args...))
}
