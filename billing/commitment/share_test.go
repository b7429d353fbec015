package commitment_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"makegood/billing/commitment"
)

// The months that something struck, in the contract's zone and with its clock changes, while the service was in force.
func TestMonthsThatWereStruck(t *testing.T) {
	t.Parallel()
	in := commitment.Input{
		Terms:   commitment.Terms{Zone: "Europe/Berlin", From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2026, 6, 15, 0, 0, 0, 0, time.UTC)},
		Service: commitment.Service{From: time.Date(2026, 2, 10, 0, 0, 0, 0, time.UTC)},
		AsOf:    time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC),
	}
	for name, c := range map[string]struct{ from, until, want string }{
		"within a month":         {"2026-04-10T08:00:00Z", "2026-04-10T10:00:00Z", "2026-04 120"},
		"over a month's end":     {"2026-05-31T21:00:00Z", "2026-06-01T22:00:00Z", "2026-05 60, 2026-06 1440"},
		"a whole month between":  {"2026-02-28T22:59:30Z", "2026-03-31T22:00:01Z", "2026-02 1, 2026-03 44580, 2026-04 1"},
		"to a month's end":       {"2026-04-30T21:00:00Z", "2026-04-30T22:00:00Z", "2026-04 60"},
		"not over":               {"2026-04-30T21:00:00Z", "", "2026-04 60, 2026-05 120"},
		"before it was in force": {"2026-01-05T00:00:00Z", "2026-02-09T23:10:00Z", "2026-02 10"},
		"after it was in force":  {"2026-06-15T21:50:00Z", "2026-07-03T00:00:00Z", "2026-06 10"},
		"never while in force":   {"2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z", "2026-01 0"},
		"without a length":       {"2026-03-31T22:00:00Z", "2026-03-31T22:00:00Z", "2026-04 0"},
	} {
		from, err := time.Parse(time.RFC3339, c.from)
		if err != nil {
			t.Fatal(err)
		}
		var until time.Time
		if c.until != "" {
			if until, err = time.Parse(time.RFC3339, c.until); err != nil {
				t.Fatal(err)
			}
		}
		list, err := commitment.Months(in, from, until)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range list {
			got = append(got, fmt.Sprintf("%s %d", m.Month.Format("2006-01"), m.Minutes))
		}
		if text := strings.Join(got, ", "); text != c.want {
			t.Errorf("%s: %s, want %s", name, text, c.want)
		}
	}
	in.Terms.Zone = "Mars"
	if _, err := commitment.Months(in, in.AsOf, in.AsOf); err == nil {
		t.Error("the zone of Mars was taken")
	}
}
