package telling_test

import (
	"testing"
	"time"

	"makegood/cases/telling"
)

// TestWhenANoticeLeaves: by the wall clock of the person, over midnight and over a night whose clock changes.
func TestWhenANoticeLeaves(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(text string) time.Time {
		read, err := time.ParseInLocation("2006-01-02 15:04", text, berlin)
		if err != nil {
			t.Fatal(err)
		}
		return read
	}
	night := func(way telling.Way) telling.Choice {
		return telling.Choice{Mail: way, QuietFrom: new(20 * 60), QuietTo: new(7*60 + 30), DigestAt: 17 * 60}
	}
	noon := telling.Choice{Mail: telling.AtOnce, QuietFrom: new(12 * 60), QuietTo: new(13 * 60)}
	gap := telling.Choice{Mail: telling.AtOnce, QuietFrom: new(22 * 60), QuietTo: new(2*60 + 30)}
	early := telling.Choice{Mail: telling.Digest, QuietFrom: new(22 * 60), QuietTo: new(8 * 60), DigestAt: 6 * 60}
	for name, c := range map[string]struct {
		choice  telling.Choice
		created string
		urgent  bool
		want    string
	}{
		"at once":                                {night(telling.AtOnce), "2026-05-12 14:00", false, "2026-05-12 14:00"},
		"in the evening, when the night is over": {night(telling.AtOnce), "2026-05-12 20:00", false, "2026-05-13 07:30"},
		"after midnight, the same morning":       {night(telling.AtOnce), "2026-05-13 03:00", false, "2026-05-13 07:30"},
		"at the end of the quiet hours":          {night(telling.AtOnce), "2026-05-13 07:30", false, "2026-05-13 07:30"},
		"urgent, at night":                       {night(telling.AtOnce), "2026-05-13 03:00", true, "2026-05-13 03:00"},
		"quiet at noon":                          {noon, "2026-05-12 12:59", false, "2026-05-12 13:00"},
		"with the digest of the day":             {night(telling.Digest), "2026-05-12 08:00", false, "2026-05-12 17:00"},
		"with that of the next":                  {night(telling.Digest), "2026-05-12 17:00", false, "2026-05-13 17:00"},
		"urgent, without waiting for the digest": {night(telling.Digest), "2026-05-12 08:00", true, "2026-05-12 08:00"},
		"a digest in the quiet hours waits":      {early, "2026-05-12 21:00", false, "2026-05-13 08:00"},
		"the night that is an hour shorter":      {night(telling.AtOnce), "2026-03-28 23:00", false, "2026-03-29 07:30"},
		"an end that the clock skips":            {gap, "2026-03-28 23:00", false, "2026-03-29 03:30"},
		"without quiet hours":                    {telling.Choice{Mail: telling.AtOnce}, "2026-05-13 03:00", false, "2026-05-13 03:00"},
	} {
		if got := c.choice.Leaves(at(c.created), c.urgent, berlin); !got.Equal(at(c.want)) {
			t.Errorf("%s: leaves %s, want %s", name, got.In(berlin), c.want)
		}
	}
}
