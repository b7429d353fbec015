package authority_test

import (
	"encoding/json"
	"slices"
	"testing"

	"makegood/ui/authority"
)

// A change is told by the values that differ, by the way to each, things in lists by what they are called.
func TestDifferencesOfAChange(t *testing.T) {
	t.Parallel()
	got := authority.Differences(
		json.RawMessage(`{"name": "L2", "limits": [{"kind": "dispute", "amount": "1000.00"}, {"kind": "concession", "amount": "200.00"}], "four_eyes": false, "note": ""}`),
		json.RawMessage(`{"name": "L2", "limits": [{"kind": "concession", "amount": "200.00"}, {"kind": "dispute", "amount": "1500.00"}, {"kind": "refund", "amount": "9"}], "four_eyes": true}`))
	want := []authority.Difference{
		{"four eyes", "false", "true"}, {"limits · dispute · amount", "1000.00", "1500.00"}, {"limits · refund · amount", "–", "9"}, {"limits · refund · kind", "–", "refund"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if got = authority.Differences(nil, json.RawMessage(`{"level": 3}`)); !slices.Equal(got, []authority.Difference{{"level", "–", "3"}}) {
		t.Errorf("%q", got)
	}
}
