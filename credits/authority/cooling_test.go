package authority_test

import (
	"testing"
	"time"

	"makegood/credits/authority"
)

func TestACoolingHolderSignsNothingAndKeepsTheirRank(t *testing.T) {
	t.Parallel()
	most, small := dec(100), dec(50)
	limits := func(own int64) []authority.Limit {
		return []authority.Limit{{Kind: authority.BillingError, Max: &most, OwnLimit: dec(own)}}
	}
	levels := []authority.Level{{ID: 1, Rank: 1, Limits: limits(0)}, {ID: 2, Rank: 2, Limits: limits(90)}, {ID: 3, Rank: 3, Limits: limits(0)}}
	holders := []authority.Holder{
		{LevelID: 1, UserID: 1, Active: true}, {LevelID: 2, UserID: 2, Active: true, Cooling: true}, {LevelID: 3, UserID: 3, Active: true},
	}
	chain := func(requester int64, delegations ...authority.Delegation) []int64 {
		r := authority.Request{Kind: authority.BillingError, Amount: small, RequesterID: requester}
		got, err := authority.Chain(authority.Policy{}, levels, holders, delegations, r, today())
		if err != nil || got.OwnLimit || got.Orphan {
			t.Fatalf("%+v, %v", got, err)
		}
		return shape(got)
	}
	if got := chain(2); !equal(got, []int64{3}) {
		t.Errorf("what they ask for is decided by %v", got)
	}
	if got := chain(1); !equal(got, []int64{3}) {
		t.Errorf("what others ask for is decided by %v", got)
	}
	holders[1] = authority.Holder{LevelID: 2, UserID: 4, Active: true, Absent: true}
	standIn := authority.Delegation{From: 4, To: 9, Starts: today(), Ends: today().Add(time.Hour)}
	if got := chain(1, standIn); !equal(got, []int64{2}) {
		t.Errorf("with a stand-in it is decided by %v", got)
	}
	standIn.Cooling = []int64{2}
	if got := chain(1, standIn); !equal(got, []int64{3}) {
		t.Errorf("with a stand-in whom the level does not bind it is decided by %v", got)
	}
}
