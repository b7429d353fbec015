package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"makegood/inbox"
)

// postFigures tells at each scrape how the outbox stands and what became of the mail of the last hour.
type postFigures struct {
	ctx     context.Context //nolint:containedctx // a scrape brings none along
	service *inbox.Service
	now     func() time.Time

	outbox, lag, attempts, arrived *prometheus.Desc
}

func newPostFigures(ctx context.Context, service *inbox.Service, now func() time.Time) *postFigures {
	return &postFigures{
		ctx: context.WithoutCancel(ctx), service: service, now: now,
		outbox:   prometheus.NewDesc("makegood_outbox_mails", "Mails in the outbox: queued to leave now, delayed until their turn, failed, or unknown whether sent.", []string{"state"}, nil),
		lag:      prometheus.NewDesc("makegood_outbox_lag_seconds", "For how long the oldest mail that could leave has waited; 0 when none does.", nil, nil),
		attempts: prometheus.NewDesc("makegood_outbox_attempts_total", "How this process' attempts to send ended; queued means another attempt follows.", []string{"state"}, nil),
		arrived:  prometheus.NewDesc("makegood_intake_mails_last_hour", "Messages stored within the hour, by what became of them.", []string{"fate"}, nil),
	}
}

// Describe names the figures.
func (f *postFigures) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{f.outbox, f.lag, f.attempts, f.arrived} {
		out <- d
	}
}

// Collect reads the outbox and the last hour. A database that is away is told by the scrape failing.
func (f *postFigures) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(f.ctx, mailTimeout)
	defer cancel()
	health, err := f.service.OutgoingHealth(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(f.outbox, err)
		return
	}
	arrived, err := f.service.Arrived(ctx, f.now().Add(-time.Hour))
	if err != nil {
		out <- prometheus.NewInvalidMetric(f.arrived, err)
		return
	}
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	for state, n := range map[string]int{"queued": health.Queued, "delayed": health.Delayed, "failed": health.Failed, "unknown": health.Unknown} {
		gauge(f.outbox, float64(n), state)
	}
	lag := 0.0
	if health.OldestQueued != nil {
		lag = max(0, f.now().Sub(*health.OldestQueued).Seconds())
	}
	gauge(f.lag, lag)
	for _, fate := range inbox.Fates() {
		gauge(f.arrived, float64(arrived[fate]), string(fate))
	}
	ended := f.service.Attempts()
	for _, state := range []inbox.OutgoingState{inbox.Sent, inbox.Failed, inbox.Unknown, inbox.Queued} {
		out <- prometheus.MustNewConstMetric(f.attempts, prometheus.CounterValue, float64(ended[state]), string(state))
	}
}
