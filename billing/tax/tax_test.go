package tax_test

import (
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing/tax"
)

func d(text string) decimal.Decimal { return decimal.RequireFromString(text) }

func equal(t *testing.T, what string, want string, got decimal.Decimal) {
	t.Helper()
	if !got.Equal(d(want)) {
		t.Errorf("%s: want %s, got %s", what, want, got)
	}
}

func TestOfRoundsHalfUpAtTheMinorUnit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		net, rate string
		digits    int32
		want      string
	}{
		{"193.33", "25", 2, "48.33"},
		{"29.99", "23.33", 2, "7.00"},
		{"0.10", "5", 2, "0.01"},   // 0.005 goes up
		{"-0.10", "5", 2, "-0.01"}, // and mirrors below zero
		{"1235", "10", 0, "124"},   // 123.5 yen
		{"1.005", "10", 3, "0.101"},
		{"100", "0", 2, "0"},
	} {
		equal(t, c.net+" at "+c.rate, c.want, tax.Of(d(c.net), d(c.rate), c.digits))
	}
}

func TestGroupsTaxOnceOnTheSum(t *testing.T) {
	t.Parallel()
	got := tax.Groups([]tax.Line{
		{Net: d("68.33"), Category: "S", Rate: d("20")},
		{Net: d("10.00"), Category: "S", Rate: d("5.5")},
		{Net: d("68.33"), Category: "S", Rate: d("20.00")}, // the same rate, written otherwise
		{Net: d("40.00"), Category: "AE", Rate: d("0")},
	}, 2)
	if len(got) != 3 {
		t.Fatalf("want 3 groups, got %+v", got)
	}
	equal(t, "net", "136.66", got[0].Net)
	equal(t, "tax", "27.33", got[0].Tax)
	equal(t, "gross", "163.99", got[0].Gross)
	if got[0].Shares[1].Index != 2 {
		t.Errorf("the second share belongs to line 2: %+v", got[0].Shares)
	}
	// Two lines of 13.666 each: 13.66 both, and the unit missing to 27.33 goes to the earlier.
	equal(t, "share of line 0", "13.67", got[0].Shares[0].Tax)
	equal(t, "share of line 2", "13.66", got[0].Shares[1].Tax)
	equal(t, "reduced tax", "0.55", got[1].Tax)
	equal(t, "reverse charge", "0", got[2].Tax)
}

// A line can bear two taxes: it then stands in two groups.
func TestGroupsAfterCouponOnALineWithTwoTaxes(t *testing.T) {
	t.Parallel()
	parts := tax.Spread(d("250.00"), []decimal.Decimal{d("399.00")}, 2)
	second := d("399.00").Sub(parts[0])
	got := tax.Groups([]tax.Line{
		{Net: d("179.00"), Category: "state", Rate: d("10")},
		{Net: second, Category: "state", Rate: d("10")},
		{Net: second, Category: "city", Rate: d("10")},
	}, 2)
	equal(t, "state tax", "32.80", got[0].Tax)
	equal(t, "city tax", "14.90", got[1].Tax)
	equal(t, "all tax", "47.70", got[0].Tax.Add(got[1].Tax))
}

func TestGroupsWithADiscountLineBelowZero(t *testing.T) {
	t.Parallel()
	got := tax.Groups([]tax.Line{
		{Net: d("100.00"), Category: "S", Rate: d("19")},
		{Net: d("-33.33"), Category: "S", Rate: d("19")},
		{Net: d("-66.67"), Category: "S", Rate: d("19")},
	}, 2)
	equal(t, "tax of nothing", "0", got[0].Tax)
	sum := decimal.Zero
	for _, s := range got[0].Shares {
		sum = sum.Add(s.Tax)
	}
	equal(t, "shares", "0", sum)
	equal(t, "the positive line keeps its tax", "19.00", got[0].Shares[0].Tax)
}

func TestGroupsInclusiveTakesTheNetOutOnce(t *testing.T) {
	t.Parallel()
	got := tax.GroupsInclusive([]tax.Line{
		{Net: d("1100"), Category: "S", Rate: d("10")},
		{Net: d("999"), Category: "S", Rate: d("10")},
		{Net: d("540"), Category: "S", Rate: d("8")},
	}, 0)
	equal(t, "gross", "2099", got[0].Gross)
	equal(t, "net", "1908", got[0].Net) // 1908.18
	equal(t, "tax", "191", got[0].Tax)
	equal(t, "shares", "191", got[0].Shares[0].Tax.Add(got[0].Shares[1].Tax))
	equal(t, "reduced net", "500", got[1].Net)
}

func TestSpreadIsByLargestRemainder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		total   string
		digits  int32
		weights []string
		want    []string
	}{
		{"10.00", 2, []string{"1", "1", "1"}, []string{"3.34", "3.33", "3.33"}},
		{"100", 0, []string{"1", "2", "4"}, []string{"14", "29", "57"}},
		{"0.001", 3, []string{"5", "6"}, []string{"0", "0.001"}},
		{"-10.00", 2, []string{"1", "1", "1"}, []string{"-3.33", "-3.33", "-3.34"}},
		{"5.00", 2, []string{"0", "0"}, []string{"5.00", "0"}},
		{"5.00", 2, nil, nil},
	} {
		weights := make([]decimal.Decimal, len(c.weights))
		for i, w := range c.weights {
			weights[i] = d(w)
		}
		got := tax.Spread(d(c.total), weights, c.digits)
		if len(got) != len(c.want) {
			t.Fatalf("%s over %v: %v", c.total, c.weights, got)
		}
		for i := range got {
			equal(t, c.total+" part", c.want[i], got[i])
		}
	}
}
