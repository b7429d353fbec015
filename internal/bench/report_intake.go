package bench

import (
	"fmt"
	"io"
)

// intakeSeries is what a sort of mail gave round by round.
type intakeSeries struct {
	opened, answered, base, ratio, cost, memory, commits, flushes, statements, trips []float64
}

func (s *intakeSeries) add(r intakeRun, base ceiling) {
	n := float64(r.mails)
	answered := mailsPerSecond(r.mails, r.answered)
	s.opened, s.answered = append(s.opened, mailsPerSecond(r.mails, r.opened)), append(s.answered, answered)
	s.base, s.ratio = append(s.base, base.rate), append(s.ratio, answered/base.rate)
	s.cost, s.memory = append(s.cost, 1000*r.cost.Seconds()/n), append(s.memory, r.memory)
	s.commits, s.flushes = append(s.commits, float64(r.commits)/n), append(s.flushes, float64(r.flushes)/n)
	s.statements, s.trips = append(s.statements, float64(r.statements)/n), append(s.trips, float64(r.trips)/n)
}

func (s *intakeSeries) figures(what string, mails int) IntakeFigures {
	f := IntakeFigures{
		What: what, Mails: mails, Opened: Median(s.opened), Answered: Median(s.answered), Baseline: Median(s.base), Ratio: Median(s.ratio), Cost: Median(s.cost),
		Memory: Median(s.memory), Commits: Median(s.commits), Flushes: Median(s.flushes), Statements: Median(s.statements), Trips: Median(s.trips),
		MustRate: mustMails, MustPart: mustMailsPart,
	}
	f.Met = f.Answered.Median >= mustMails && f.Ratio.Median >= mustMailsPart
	return f
}

func writeIntake(w io.Writer, list []IntakeFigures) {
	_, _ = fmt.Fprintln(w, "mails\tnumber\topened/s\tanswered/s\tleast–most\tpgbench/s\tratio\tcpu s of 1,000\tMB\tcommits\tflushes\tstatements\tround trips\tmust\t")
	for _, f := range list {
		_, _ = fmt.Fprintf(w, "%s\t%d\t%.0f\t%.0f\t%.0f–%.0f\t%.0f\t%.1f %%\t%.2f\t%.0f\t%.2f\t%.2f\t%.1f\t%.1f\t%s\t\n", f.What, f.Mails, f.Opened.Median, f.Answered.Median,
			f.Answered.Least, f.Answered.Most, f.Baseline.Median, 100*f.Ratio.Median, f.Cost.Median, f.Memory.Median, f.Commits.Median, f.Flushes.Median,
			f.Statements.Median, f.Trips.Median, fmt.Sprintf("%s: %.0f/s, %.0f %%", met(f.Met), f.MustRate, 100*f.MustPart))
	}
}
