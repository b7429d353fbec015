package bench_test

import (
	"testing"
	"time"

	"makegood/internal/bench"
)

func TestPercentiles(t *testing.T) {
	t.Parallel()
	load := bench.Load{Done: 100, Elapsed: 2 * time.Second}
	for n := 1; n <= 100; n++ {
		load.Took = append(load.Took, time.Duration(n)*time.Millisecond)
	}
	for share, want := range map[float64]time.Duration{0.5: 50 * time.Millisecond, 0.95: 95 * time.Millisecond, 0.99: 99 * time.Millisecond, 1: 100 * time.Millisecond} {
		if got := load.Percentile(share); got != want {
			t.Errorf("%v: %v", share, got)
		}
	}
	if load.Rate() != 50 || (bench.Load{}).Rate() != 0 || (bench.Load{}).Percentile(0.5) != 0 {
		t.Errorf("rate %v", load.Rate())
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		figures []float64
		want    bench.Spread
	}{
		{nil, bench.Spread{}},
		{[]float64{3}, bench.Spread{Median: 3, Least: 3, Most: 3}},
		{[]float64{9, 1, 2}, bench.Spread{Median: 2, Least: 1, Most: 9}},
		{[]float64{4, 1, 2, 9}, bench.Spread{Median: 3, Least: 1, Most: 9}},
	} {
		if got := bench.Median(c.figures); got != c.want {
			t.Errorf("%v: %+v", c.figures, got)
		}
	}
}
