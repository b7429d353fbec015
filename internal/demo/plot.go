package demo

import (
	"fmt"
	"time"

	"makegood/billing"
)

// plot is how a case goes.
type plot string

const (
	credited   plot = "credited"    // the customer was right and got a credit memo
	turnedDown plot = "turned down" // an approver said no
	refused    plot = "refused"     // the invoice was right
	takenBack  plot = "taken back"  // the customer found the mistake
	answered   plot = "answered"    // a question, or something else without a dispute
	fresh      plot = "fresh"       // nobody has looked yet
	taken      plot = "taken"       // somebody has it, but did not answer yet
	working    plot = "working"     // answered, not solved
	onCustomer plot = "on customer" // waits for the customer
	onApprover plot = "on approver" // a credit request waits for a decision
	onUpstream plot = "on upstream" // waits for another team
	onBilling  plot = "on billing"  // waits for an internal correction
	onThird    plot = "on third"    // waits for a bank
	drafted    plot = "drafted"     // a credit request is being written
	comingBack plot = "coming back" // the customer came back after it was resolved
)

// band is how much is in dispute, in the authority currency including tax. The zero band is whatever a line costs.
type band struct{ from, to int64 }

// The bands follow the levels of authority.
func bands() []band {
	return []band{{20, 95}, {120, 900}, {1_100, 9_000}, {11_000, 45_000}, {52_000, 200_000}}
}

// scene is a kind of case with how many of it there are.
type scene struct {
	plot     plot
	count    int
	band     int // 0 for any, else place in bands, counted from 1
	platinum bool
	// signed is how many approvers have signed already.
	signed int
	// ago is when the case came, for one that is not over: so long before now, at least and at most.
	ago [2]time.Duration
}

// over is the plots that have ended, open those that go on.
func over() []scene {
	return []scene{
		{plot: credited, count: 15, band: 1},
		{plot: credited, count: 26, band: 2},
		{plot: credited, count: 14, band: 3},
		{plot: credited, count: 6, band: 4},
		{plot: credited, count: 2, band: 5},
		{plot: turnedDown, count: 8, band: 2},
		{plot: refused, count: 34},
		{plot: takenBack, count: 10},
		{plot: answered, count: 58},
		{plot: comingBack, count: 6},
	}
}

func open() []scene {
	minutes := func(from, to int) [2]time.Duration {
		return [2]time.Duration{time.Duration(from) * time.Minute, time.Duration(to) * time.Minute}
	}
	day := 24 * 60
	return []scene{
		{plot: fresh, count: 14, ago: minutes(4, 170)},
		{plot: fresh, count: 2, band: 3, platinum: true, ago: minutes(108, 114)}, // due within a quarter of an hour
		{plot: taken, count: 2, band: 3, platinum: true, ago: minutes(107, 115)},
		{plot: fresh, count: 3, band: 3, platinum: true, ago: minutes(66, 98)}, // due within the hour
		{plot: taken, count: 3, band: 3, platinum: true, ago: minutes(66, 98)},
		{plot: fresh, count: 2, band: 3, platinum: true, ago: minutes(135, 260)}, // late
		{plot: taken, count: 3, band: 3, platinum: true, ago: minutes(130, 300)},
		{plot: taken, count: 8, ago: minutes(20, 200)},
		{plot: working, count: 22, ago: minutes(6*60, 2*day)},
		{plot: onCustomer, count: 20, ago: minutes(8*60, 6*day)},
		{plot: onApprover, count: 7, band: 2, ago: minutes(5*60, day)},
		{plot: onApprover, count: 3, band: 3, ago: minutes(5*60, day)},
		{plot: onApprover, count: 4, band: 3, signed: 1, ago: minutes(5*60, day)},
		{plot: onApprover, count: 1, band: 4, signed: 1, ago: minutes(6*60, day)},
		{plot: onApprover, count: 3, band: 4, signed: 2, ago: minutes(6*60, day)},
		{plot: onApprover, count: 4, band: 5, signed: 3, ago: minutes(7*60, day)},
		{plot: onUpstream, count: 10, ago: minutes(8*60, 2*day)},
		{plot: onBilling, count: 5, ago: minutes(8*60, 2*day)},
		{plot: onThird, count: 5, ago: minutes(8*60, 3*day)},
		{plot: drafted, count: 4, band: 3, ago: minutes(6*60, day)},
	}
}

// topics are what cases of a plot are about, the more frequent more often.
func topics(p plot, b int) []string {
	switch p {
	case answered, comingBack:
		return []string{"general", "invoice_missing", "remittance", "general", "cancellation", "invoice_missing", "refund", "goodwill", "general"}
	case credited, onApprover, drafted:
		if b >= 4 {
			return []string{"duplicate_charge", "usage_wrong", "charged_after_cancellation", "sla_credit", "contract_terms"}
		}
		return []string{
			"overcharge", "duplicate_charge", "usage_wrong", "discount_missing", "charged_after_cancellation", "overcharge", "not_delivered", "contract_terms",
			"sla_credit", "unknown_charge", "goodwill", "tax_wrong",
		}
	case onThird:
		return []string{"payment_not_applied", "refund_not_received"}
	case refused, takenBack, turnedDown, fresh, taken, working, onCustomer, onUpstream, onBilling:
	}
	return []string{
		"overcharge", "usage_wrong", "duplicate_charge", "wrong_bill_to", "unknown_charge", "contract_terms", "tax_wrong", "discount_missing",
		"payment_not_applied", "wrong_currency", "not_delivered", "refund_not_received", "charged_after_cancellation", "overcharge", "sla_credit",
	}
}

// planCases puts all cases on the agenda.
func (f *filler) planCases() {
	f.caughtUp = f.now.AddDate(0, 0, -62)
	for _, s := range over() {
		list := topics(s.plot, s.band)
		for n := range s.count {
			// Spread over the weeks, and over by now: what ends within two weeks stays resolved, the rest is closed.
			day := f.now.AddDate(0, 0, -60+(n*53)/s.count+f.rng.IntN(3)-1)
			f.plan(s, list[(n+f.rng.IntN(2))%len(list)], f.officeHour(day))
		}
	}
	for _, s := range open() {
		list := topics(s.plot, s.band)
		for n := range s.count {
			spread := max(1, int((s.ago[1] - s.ago[0]).Seconds()))
			ago := s.ago[0] + time.Duration(f.rng.IntN(spread))*time.Second
			f.plan(s, list[(n*2+f.rng.IntN(3))%len(list)], f.now.Add(-ago))
		}
	}
}

// officeHour is a moment of a day at which people write mails.
func (f *filler) officeHour(day time.Time) time.Time {
	for day.Weekday() == time.Sunday || day.Weekday() == time.Saturday && f.rng.IntN(3) > 0 {
		day = day.AddDate(0, 0, 1)
	}
	return billing.Date(day).Add(time.Duration(5*3600+f.rng.IntN(11*3600)) * time.Second)
}

func (f *filler) plan(s scene, topic string, at time.Time) {
	story := &story{filler: f, scene: s, topic: topic, number: f.agenda.count}
	f.agenda.at(at, story.open)
}

func (s *story) String() string { return fmt.Sprintf("%s about %s", s.scene.plot, s.topic) }
