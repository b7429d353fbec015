package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"makegood/inbox"
)

// postFigures tells at each scrape how the outbox stands, read once, how attempts to send ended, and what became of the mail of the last
// hour.
type postFigures struct {
	health   func() (inbox.OutgoingHealth, error)
	lastHour func() (map[inbox.FateKind]int, error)
	attempts func() map[inbox.OutgoingState]int64
	now      func() time.Time

	queued, failed, inDoubt      *prometheus.Desc
	delayed, lag, ended, arrived *prometheus.Desc
}

func newPostFigures(ctx context.Context, service *inbox.Service, now func() time.Time) *postFigures {
	ctx = context.WithoutCancel(ctx)
	return &postFigures{
		health: func() (inbox.OutgoingHealth, error) {
			ctx, cancel := context.WithTimeout(ctx, mailTimeout)
			defer cancel()
			return service.OutgoingHealth(ctx, nil)
		},
		lastHour: func() (map[inbox.FateKind]int, error) {
			ctx, cancel := context.WithTimeout(ctx, mailTimeout)
			defer cancel()
			return service.Arrived(ctx, now().Add(-time.Hour))
		},
		attempts: service.Attempts, now: now,
		queued:  prometheus.NewDesc("makegood_outgoing_queued", "Mails that could leave now and have not.", nil, nil),
		failed:  prometheus.NewDesc("makegood_outgoing_failed", "Mails that the relay refused for good.", nil, nil),
		inDoubt: prometheus.NewDesc("makegood_outgoing_in_doubt", "Mails that may or may not have left; a person decides.", nil, nil),
		delayed: prometheus.NewDesc("makegood_outgoing_delayed", "Mails that wait for their turn, since as many as may leave at once have left.", nil, nil),
		lag:     prometheus.NewDesc("makegood_outgoing_lag_seconds", "For how long the oldest mail that could leave has waited; 0 when none does.", nil, nil),
		ended:   prometheus.NewDesc("makegood_outgoing_attempts_total", "How this process' attempts to send ended; queued means that another one follows.", []string{"state"}, nil),
		arrived: prometheus.NewDesc("makegood_intake_mails_last_hour", "Messages stored within the hour, by what became of them.", []string{"fate"}, nil),
	}
}

// Describe names the figures.
func (f *postFigures) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{f.queued, f.failed, f.inDoubt, f.delayed, f.lag, f.ended, f.arrived} {
		out <- d
	}
}

// Collect reads the outbox and the last hour. A database that is away is told by the scrape failing.
func (f *postFigures) Collect(out chan<- prometheus.Metric) {
	health, err := f.health()
	if err != nil {
		out <- prometheus.NewInvalidMetric(f.lag, err)
		return
	}
	arrived, err := f.lastHour()
	if err != nil {
		out <- prometheus.NewInvalidMetric(f.arrived, err)
		return
	}
	lag := 0.0
	if health.OldestQueued != nil {
		lag = max(0, f.now().Sub(*health.OldestQueued).Seconds())
	}
	for d, value := range map[*prometheus.Desc]float64{
		f.queued: float64(health.Queued), f.failed: float64(health.Failed), f.inDoubt: float64(health.Unknown), f.delayed: float64(health.Delayed), f.lag: lag,
	} {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value)
	}
	for _, fate := range inbox.Fates() {
		out <- prometheus.MustNewConstMetric(f.arrived, prometheus.GaugeValue, float64(arrived[fate]), string(fate))
	}
	ended := f.attempts()
	for _, state := range []inbox.OutgoingState{inbox.Sent, inbox.Failed, inbox.Unknown, inbox.Queued} {
		out <- prometheus.MustNewConstMetric(f.ended, prometheus.CounterValue, float64(ended[state]), string(state))
	}
}
