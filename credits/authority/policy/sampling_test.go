package policy_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"makegood/credits/authority/policy"
)

// The number of a request can be worked out with other tools: printf '%s42' SEED-IN-BYTES | sha256sum.
func TestADrawFollowsFromSeedAndRequest(t *testing.T) {
	t.Parallel()
	seed, err := hex.DecodeString(strings.Repeat("00", 31) + "01")
	if err != nil {
		t.Fatal(err)
	}
	first := policy.Draw(seed, 42)
	if first != policy.Draw(seed, 42) || first < 0 || first >= policy.Draws {
		t.Errorf("drawn %d, then %d", first, policy.Draw(seed, 42))
	}
	const known = 2412 // sha256(seed ‖ "42")
	if first != known {
		t.Errorf("drawn %d, want %d", first, known)
	}
}

// Of 20,000 requests about a tenth is drawn, under any seed, and another seed draws others.
func TestAShareIsDrawn(t *testing.T) {
	t.Parallel()
	const requests = 20_000
	limit := policy.Sampling{}.Percent() * 100
	other := 0
	for _, text := range []string{"one seed", "another seed", "a third"} {
		drawn := 0
		for id := range int64(requests) {
			in := policy.Draw([]byte(text), id) < limit
			if in {
				drawn++
			}
			if in != (policy.Draw([]byte("a fourth"), id) < limit) {
				other++
			}
		}
		if drawn < 1_850 || drawn > 2_150 { // 2,000, with more than three standard deviations (42) to each side
			t.Errorf("%s: %d of %d drawn", text, drawn, requests)
		}
	}
	if other < 9_000 {
		t.Errorf("seeds draw the same: %d differ", other)
	}
}

func TestASampleOfNothingIsRefused(t *testing.T) {
	t.Parallel()
	for percent, ok := range map[string]bool{"1": true, "100": true, "101": false, "-1": false} {
		_, err := policy.Read([]byte("cooling_days: 0\nsampling:\n  own_limit_percent: " + percent + "\nrules: []\n"))
		if (err == nil) != ok {
			t.Errorf("%s %%: %v", percent, err)
		}
	}
	if (policy.Sampling{}).Percent() != 10 {
		t.Error("the usual share is a tenth")
	}
}
