package app

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"makegood/inbox"
	"makegood/internal/db"
	"makegood/internal/jobs"
)

// workFigures tells at each scrape how background work and outgoing mail stand.
type workFigures struct {
	work func() (jobs.Health, error)
	mail func() (inbox.OutgoingHealth, error)

	due, late, failing, givenUp *prometheus.Desc
	queued, failed, inDoubt     *prometheus.Desc
}

func newWorkFigures(ctx context.Context, d *db.DB, service *inbox.Service) *workFigures {
	ctx = context.WithoutCancel(ctx)
	describe := func(name, help string) *prometheus.Desc { return prometheus.NewDesc("makegood_"+name, help, nil, nil) }
	return &workFigures{
		work: func() (jobs.Health, error) {
			ctx, cancel := context.WithTimeout(ctx, mailTimeout)
			defer cancel()
			return jobs.LookAtWork(ctx, d)
		},
		mail: func() (inbox.OutgoingHealth, error) {
			ctx, cancel := context.WithTimeout(ctx, mailTimeout)
			defer cancel()
			return service.OutgoingHealth(ctx)
		},
		due:     describe("jobs_due", "Jobs that could be worked now and are not yet."),
		late:    describe("jobs_late_seconds", "How long the oldest of them has been due."),
		failing: describe("jobs_failing", "Jobs that failed and will be tried again."),
		givenUp: describe("jobs_given_up", "Jobs that failed so often that nobody tries again."),
		queued:  describe("outgoing_queued", "Mails that could leave now and have not."),
		failed:  describe("outgoing_failed", "Mails that the relay refused for good."),
		inDoubt: describe("outgoing_in_doubt", "Mails that may or may not have left; a person decides."),
	}
}

// Describe names the figures.
func (f *workFigures) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{f.due, f.late, f.failing, f.givenUp, f.queued, f.failed, f.inDoubt} {
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
	mail, err := f.mail()
	if err != nil {
		out <- prometheus.NewInvalidMetric(f.queued, err)
		return
	}
	for d, value := range map[*prometheus.Desc]float64{
		f.due: float64(work.Due), f.late: work.Late.Seconds(), f.failing: float64(work.Failing), f.givenUp: float64(work.GivenUp),
		f.queued: float64(mail.Queued), f.failed: float64(mail.Failed), f.inDoubt: float64(mail.Unknown),
	} {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value)
	}
}
