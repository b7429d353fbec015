package demo

import (
	"container/heap"
	"context"
	"time"
)

// agenda is what will happen, the earliest first; of two things at one moment the one noted first.
type agenda struct {
	list  entries
	count int
}

type entry struct {
	at   time.Time
	turn int
	do   func(context.Context) error
}

// at notes that something happens at a moment.
func (a *agenda) at(when time.Time, do func(context.Context) error) {
	a.count++
	heap.Push(&a.list, entry{when.UTC().Truncate(time.Second), a.count, do})
}

// next takes what happens next.
func (a *agenda) next() (entry, bool) {
	if len(a.list) == 0 {
		return entry{}, false
	}
	return heap.Pop(&a.list).(entry), true
}

type entries []entry

func (e entries) Len() int      { return len(e) }
func (e entries) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e entries) Less(i, j int) bool {
	return e[i].at.Before(e[j].at) || e[i].at.Equal(e[j].at) && e[i].turn < e[j].turn
}
func (e *entries) Push(x any) { *e = append(*e, x.(entry)) }
func (e *entries) Pop() any {
	old := *e
	last := old[len(old)-1]
	*e = old[:len(old)-1]
	return last
}
