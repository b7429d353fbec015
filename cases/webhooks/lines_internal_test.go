package webhooks

import (
	"testing"
	"time"
)

// What an address may have under way follows from how it answered.
func TestLines(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 5, 12, 7, 30, 0, 0, time.UTC)
	asked := func(t *testing.T, l *lines, after time.Duration) {
		t.Helper()
		if alone, busy := l.open(1, start.Add(after)); alone || busy {
			t.Errorf("after %s: left alone %v, busy %v", after, alone, busy)
		}
	}
	t.Run("one that answers has as many as there are", func(t *testing.T) {
		t.Parallel()
		l := newLines()
		for range 20 {
			asked(t, l, 0)
		}
	})
	t.Run("a slow one has two", func(t *testing.T) {
		t.Parallel()
		l := newLines()
		asked(t, l, 0)
		l.end(1, start, start.Add(5*time.Second), true)
		asked(t, l, 5*time.Second)
		asked(t, l, 5*time.Second)
		if alone, busy := l.open(1, start.Add(5*time.Second)); alone || !busy {
			t.Errorf("left alone %v, busy %v", alone, busy)
		}
		if alone, busy := l.open(2, start.Add(5*time.Second)); alone || busy {
			t.Error("another waits for it")
		}
	})
	t.Run("one that failed has one, and is left alone the longer the more often", func(t *testing.T) {
		t.Parallel()
		l := newLines()
		for range 8 { // they hang side by side: one failure
			asked(t, l, 0)
		}
		for range 8 {
			l.end(1, start, start.Add(10*time.Second), false)
		}
		at := 10 * time.Second
		for _, quiet := range []time.Duration{0, 10 * time.Second, 20 * time.Second, 40 * time.Second, 80 * time.Second, 2 * time.Minute, 2 * time.Minute} {
			asked(t, l, at)
			if alone, busy := l.open(1, start.Add(at)); alone || !busy {
				t.Errorf("a second one: left alone %v, busy %v", alone, busy)
			}
			l.end(1, start.Add(at), start.Add(at), false)
			if quiet > 0 {
				if alone, _ := l.open(1, start.Add(at+quiet-1)); !alone {
					t.Errorf("asked before %s are over", quiet)
				}
			}
			at += quiet
		}
		asked(t, l, at)
		l.end(1, start.Add(at), start.Add(at), true)
		asked(t, l, at)
		asked(t, l, at)
	})
}
