package kit_test

import (
	"maps"
	"testing"
	"time"

	"makegood/internal/money"
	"makegood/ui/kit"
)

func TestFormatMoney(t *testing.T) {
	t.Parallel()
	cases := []struct {
		amount   string
		currency money.Currency
		lang     string
		want     string
	}{
		{"1240.00", "EUR", "en", "1,240.00\u00a0EUR"},
		{"1240.00", "EUR", "de", "1.240,00\u00a0EUR"},
		{"-844.90", "EUR", "en", "\u2212844.90\u00a0EUR"},
		{"-1234567.89", "EUR", "pt-BR", "\u22121.234.567,89\u00a0EUR"},
		{"184800", "JPY", "ja", "184,800\u00a0JPY"},
		{"96.125", "KWD", "zh", "96.125\u00a0KWD"},
		{"0", "EUR", "en", "0.00\u00a0EUR"},
		{"999", "JPY", "", "999\u00a0JPY"},
	}
	for _, c := range cases {
		if got := kit.FormatMoney(money.MustParse(c.amount, c.currency), c.lang); got != c.want {
			t.Errorf("%s %s in %q: %q, want %q", c.amount, c.currency, c.lang, got, c.want)
		}
	}
}

func TestClockText(t *testing.T) {
	t.Parallel()
	cases := map[time.Duration]string{
		109 * time.Minute:                "1:49",
		-42 * time.Minute:                "\u22120:42",
		9*time.Minute + 59*time.Second:   "0:09",
		-30 * time.Second:                "0:00",
		48*time.Hour - time.Second:       "47:59",
		48 * time.Hour:                   "2\u00a0d",
		-(71*time.Hour + 59*time.Minute): "\u22122\u00a0d",
		0:                                "0:00",
	}
	for left, want := range cases {
		if got := kit.ClockText(left); got != want {
			t.Errorf("%s: %q, want %q", left, got, want)
		}
	}
}

func TestClockStates(t *testing.T) {
	t.Parallel()
	hours := func(h float32) time.Duration { return time.Duration(h * float32(time.Hour)) }
	cases := []struct {
		left, total time.Duration
		state       string
		percent     int
	}{
		{hours(13.5), hours(16), "ok", 15},
		{hours(2), hours(4), "soon", 50},
		{hours(1.5), hours(20), "due", 92},
		{hours(0.9), hours(1), "due", 10},
		{0, hours(4), "due", 100},
		{-time.Second, hours(4), "breached", 100},
		{hours(5), hours(4), "ok", 0},
		{hours(5), 0, "ok", 0},
	}
	for _, c := range cases {
		got := kit.RunningClock(c.left, c.total, time.Time{})
		if got.State != c.state || got.Percent != c.percent || !got.Ticks {
			t.Errorf("%s of %s: %s %d, want %s %d", c.left, c.total, got.State, got.Percent, c.state, c.percent)
		}
	}
	if kit.DoneClock(hours(4), hours(4)).State != "met" || kit.DoneClock(hours(4.1), hours(4)).State != "late" {
		t.Error("a clock done at its target is met, after it late")
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	berlin := time.FixedZone("CET", 3600)
	now := time.Date(2026, time.November, 12, 10, 6, 0, 0, time.UTC)
	at := func(day, hour int) time.Time { return time.Date(2026, time.November, day, hour, 22, 0, 0, time.UTC) }
	cases := []struct{ got, want string }{
		{kit.FormatShort(at(12, 13), now, berlin, "en"), "14:22"},
		{kit.FormatShort(at(13, 13), now, berlin, "en"), "Fri 14:22"},
		{kit.FormatShort(at(13, 13), now, berlin, "de"), "Fr 14:22"},
		{kit.FormatShort(at(30, 13), now, berlin, "en"), "30\u00a0Nov"},
		{kit.FormatShort(now.AddDate(-1, 0, 0), now, berlin, "en"), "12\u00a0Nov\u00a02025"},
		{kit.FormatShort(at(12, 23), now, berlin, "en"), "Fri 00:22"},
		{kit.FormatDay(now, now, berlin, "en"), "Today, Thu 12\u00a0Nov"},
		{kit.FormatDay(at(11, 9), now, berlin, "en"), "Wed 11\u00a0Nov"},
		{kit.FormatDate(now, berlin, "de"), "12.\u00a0Nov.\u00a02026"},
		{kit.FormatDate(now, berlin, "zh"), "2026年11月12日"},
		{kit.FormatDateTime(now, berlin, "ja"), "2026年11月12日(木) 11:06"},
		{kit.FormatDateTime(now, nil, "pt"), "qui. 12\u00a0nov.\u00a02026, 10:06"},
		{kit.FormatTime(now, berlin, "en"), "11:06"},
		{kit.FormatCount(12480, "de"), "12.480"},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestInitials(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"Mara Lindqvist": "ML", "Chen Wei": "CW", "王芳": "王", "佐藤 優希": "佐", "Brückner & Söhne": "BS", "Köhler": "KÖ",
		"Ana Maria de Souza": "AS", "": "", "  ": "", "billing@nordwall.example": "BE", "Jean-Luc Picard": "JP",
	}
	for name, want := range cases {
		if got := kit.Initials(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	if first, again := kit.AvatarClass("Mara Lindqvist"), kit.AvatarClass("Mara Lindqvist"); first != again {
		t.Error("a name keeps its colour")
	}
}

func TestFormatParams(t *testing.T) {
	t.Parallel()
	got := kit.FormatParams(map[string]string{"limit": "1000.00 EUR", "level": "L2 senior", "rate": "0.6965", "yen": "1200 JPY"}, "de")
	want := map[string]string{"limit": "1.000,00\u00a0EUR", "level": "L2 senior", "rate": "0.6965", "yen": "1.200\u00a0JPY"}
	if !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
}
