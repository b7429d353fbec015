package app

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"makegood/internal/db"
	"makegood/internal/jobs"
)

// workFigures tells at each scrape how background work stands.
type workFigures struct {
	work func() (jobs.Health, error)

	due, late, failing, givenUp *prometheus.Desc
}

func newWorkFigures(ctx context.Context, d *db.DB) *workFigures {
	ctx = context.WithoutCancel(ctx)
	describe := func(name, help string) *prometheus.Desc { return prometheus.NewDesc("makegood_"+name, help, nil, nil) }
	return &workFigures{
		work: func() (jobs.Health, error) {
			ctx, cancel := context.WithTimeout(ctx, mailTimeout)
			defer cancel()
			return jobs.LookAtWork(ctx, d)
		},
		due:     describe("jobs_due", "Jobs that could be worked now and are not yet."),
		late:    describe("jobs_late_seconds", "How long the oldest of them has been due."),
		failing: describe("jobs_failing", "Jobs that failed and will be tried again."),
		givenUp: describe("jobs_given_up", "Jobs that failed so often that nobody tries again."),
	}
}

// Describe names the figures.
func (f *workFigures) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{f.due, f.late, f.failing, f.givenUp} {
		out <- d
	}
}

// Collect counts. A database that is away is told by the scrape failing.
func (f *workFigures) Collect(out chan<- prometheus.Metric) {
	work, err := f.work()
	if err != nil {
		out <- prometheus.NewInvalidMetric(f.due, err)
		return
	}
	for d, value := range map[*prometheus.Desc]float64{
		f.due: float64(work.Due), f.late: work.Late.Seconds(), f.failing: float64(work.Failing), f.givenUp: float64(work.GivenUp),
	} {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value)
	}
}
