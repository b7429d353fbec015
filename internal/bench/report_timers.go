package bench

import (
	"fmt"
	"io"
)

// lateness is p50, p99 and the largest, in milliseconds, of one round.
type lateness struct{ taken, done [3]float64 }

// lateSeries is the lateness round by round.
type lateSeries struct{ taken, done [3][]float64 }

func (s *lateSeries) add(l lateness) {
	for n := range 3 {
		s.taken[n], s.done[n] = append(s.taken[n], l.taken[n]), append(s.done[n], l.done[n])
	}
}

func (s *lateSeries) figures(what string, o Options) TimerFigures {
	late := func(of [3][]float64) Late { return Late{Median(of[0]), Median(of[1]), Median(of[2])} }
	return TimerFigures{What: what, Timers: o.Timers, Seconds: int(timersWithin.Seconds()), Taken: late(s.taken), Done: late(s.done)}
}

// judge compares with what must be reached: people are told in time, not only a worker found.
func (f *TimerFigures) judge() {
	f.Met = new(f.Done.P50.Median <= mustLateP50 && f.Done.P99.Median <= mustLateP99 && f.Done.Max.Median <= mustLateMax)
}

func writeTimers(w io.Writer, list []TimerFigures) {
	_, _ = fmt.Fprintln(w, "timers\tnumber\twithin s\ttaken p50 ms\tp99\tmax\tdone p50 ms\tleast–most\tp99\tleast–most\tmax\tmust\t")
	for _, f := range list {
		verdict := ""
		if f.Met != nil {
			verdict = fmt.Sprintf("%s: %d, %d, %d ms", met(*f.Met), mustLateP50, mustLateP99, mustLateMax)
		}
		_, _ = fmt.Fprintf(w, "%s\t%d\t%d\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f–%.0f\t%.0f\t%.0f–%.0f\t%.0f\t%s\t\n", f.What, f.Timers, f.Seconds, f.Taken.P50.Median, f.Taken.P99.Median,
			f.Taken.Max.Median, f.Done.P50.Median, f.Done.P50.Least, f.Done.P50.Most, f.Done.P99.Median, f.Done.P99.Least, f.Done.P99.Most, f.Done.Max.Median, verdict)
	}
}
