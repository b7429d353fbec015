package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"makegood/cases/intake"
	"makegood/inbox"
)

// mailFigures tells at each scrape how every mailbox is: what the board shows, for whoever is called at night.
type mailFigures struct {
	read    func() ([]inbox.Mailbox, error)
	waiting func() (inbox.Waiting, error)

	unscanned                                  *prometheus.Desc
	success, backlog, failures, missing, alarm *prometheus.Desc
}

// mailTimeout is how long a scrape waits for the database.
const mailTimeout = 3 * time.Second

func newMailFigures(ctx context.Context, service *inbox.Service) *mailFigures {
	ctx = context.WithoutCancel(ctx)
	describe := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("makegood_mailbox_"+name, help, []string{"mailbox"}, nil)
	}
	return &mailFigures{
		read: func() ([]inbox.Mailbox, error) {
			ctx, cancel := context.WithTimeout(ctx, mailTimeout)
			defer cancel()
			return service.ActiveMailboxes(ctx)
		},
		waiting: func() (inbox.Waiting, error) {
			ctx, cancel := context.WithTimeout(ctx, mailTimeout)
			defer cancel()
			return service.WaitingFor(ctx, intake.ReasonScannerAway)
		},
		unscanned: prometheus.NewDesc("makegood_mail_waiting_for_scanner", "Messages without a fate because the virus scanner does not answer.", nil, nil),
		success:   describe("last_success_timestamp_seconds", "When the mailbox was last read, in Unix time; 0 when never."),
		backlog:   describe("backlog", "Messages on the server that are still to be read."),
		failures:  describe("failures", "Failures in a row; 0 while all is well."),
		missing:   describe("missing", "Messages on the server that should be stored and are not, when last compared."),
		alarm:     describe("alarm", "1 when the mailbox will fail soon unless a person acts, such as a sign-in that cannot be renewed."),
	}
}

// Describe names the figures.
func (f *mailFigures) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{f.unscanned, f.success, f.backlog, f.failures, f.missing, f.alarm} {
		out <- d
	}
}

// Collect reads the mailboxes. A database that is away is told by the scrape failing.
func (f *mailFigures) Collect(out chan<- prometheus.Metric) {
	boxes, err := f.read()
	if err != nil {
		out <- prometheus.NewInvalidMetric(f.success, err)
		return
	}
	waiting, err := f.waiting()
	if err != nil {
		out <- prometheus.NewInvalidMetric(f.unscanned, err)
		return
	}
	out <- prometheus.MustNewConstMetric(f.unscanned, prometheus.GaugeValue, float64(waiting.Count))
	for _, m := range boxes {
		gauge := func(d *prometheus.Desc, value int64) {
			out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(value), m.Address)
		}
		last, alarm := int64(0), int64(0)
		if m.LastSuccessAt != nil {
			last = m.LastSuccessAt.Unix()
		}
		if m.Alarm != "" {
			alarm = 1
		}
		gauge(f.success, last)
		gauge(f.backlog, int64(m.Backlog))
		gauge(f.failures, int64(m.Failures))
		gauge(f.missing, int64(m.Missing))
		gauge(f.alarm, alarm)
	}
}
