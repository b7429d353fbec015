package policy_test

import (
	"strings"
	"testing"
	"time"

	"makegood/credits/authority/policy"
)

func TestWorkingHours(t *testing.T) {
	t.Parallel()
	usual, always := policy.Warnings{}, policy.Warnings{WorkFrom: "00:00", WorkUntil: "24:00", Weekends: true}
	for text, want := range map[string]bool{
		"2026-05-12 07:00": true, "2026-05-12 06:59": false, "2026-05-12 19:59": true, "2026-05-12 20:00": false, // a Tuesday
		"2026-05-16 12:00": false, "2026-05-17 12:00": false, "2026-05-18 12:00": true,
	} {
		at, err := time.Parse("2006-01-02 15:04", text)
		if err != nil {
			t.Fatal(err)
		}
		if usual.AtWork(at) != want {
			t.Errorf("%s: at work %t", text, !want)
		}
		if !always.AtWork(at) {
			t.Errorf("%s is outside of always", text)
		}
	}
}

func TestThresholdsAreChecked(t *testing.T) {
	t.Parallel()
	read := func(line string) error {
		_, err := policy.Read([]byte("cooling_days: 0\nwarnings:\n  " + line + "\nrules: []\n"))
		return err
	}
	for _, line := range []string{"below_percent: 101", "pair_days: -1", "customer_sum: -5", "round_step: -1", `work_from: "8 o'clock"`, `work_from: "21:00"`, `work_until: "25:00"`, `work_until: "9:00"`} {
		if err := read(line); err == nil {
			t.Errorf("%s was taken", line)
		}
	}
	for _, line := range []string{"below_percent: 100", "pair_days: 365", "customer_sum: 1000.50", `work_until: "24:00"`, "weekends: true"} {
		if err := read(line); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	from, to := policy.Policy{}, policy.Policy{Warnings: policy.Warnings{BelowPercent: 5}}
	if got := policy.Diff(from, to); len(got) != 1 || !strings.Contains(got[0], "~ warnings") {
		t.Errorf("difference %q", got)
	}
}
