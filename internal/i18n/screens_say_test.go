package i18n_test

import (
	"strings"
	"testing"

	"makegood/internal/i18n"
)

func load(t *testing.T) *i18n.Catalogue {
	t.Helper()
	words, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	return words
}

// TestMarksAreSaid: what is marked comes out as it was written in English, whatever stands in its places.
func TestMarksAreSaid(t *testing.T) {
	t.Parallel()
	words := load(t)
	for _, c := range []struct{ marked, want string }{
		{"nothing marked", "nothing marked"},
		{i18n.T("Revoke"), "Revoke"},
		{i18n.F("Revoke: {to} for {from}", "to", "Ada", "from", "{to}"), "Revoke: Ada for {to}"},
		{i18n.F("{what}, up to {n}", "what", i18n.F("all of {x}", "x", i18n.T("Team")), "n", 3), "all of Team, up to 3"},
		{i18n.N(1, "{n} case", "{n} cases", "n", 1) + ", " + i18n.N(2, "{n} case", "{n} cases", "n", 2), "1 case, 2 cases"},
		{i18n.Lower(i18n.T("Next response")), "next response"},
		{i18n.Upper(i18n.T("credit of a kind")), "Credit of a kind"},
		{i18n.Lower("Plain"), "plain"},
		{i18n.Upper("plain"), "Plain"},
		{i18n.In("contract", "Claim") + ", " + i18n.Lower(i18n.In("contract", "Claim")), "Claim, claim"},
		{i18n.F("{what} open", "what", i18n.In("contract", "Claim")), "Claim open"},
		{i18n.T("Open")[:4] + " cut short", "Op cut short"},
		{"a stray " + i18n.T("")[2:] + " sign", "a stray  sign"},
	} {
		if got := words.Said("en", c.marked); got != c.want {
			t.Errorf("%q is said %q, want %q", c.marked, got, c.want)
		}
		if got := string(words.Page("en", []byte(c.marked))); got != c.want {
			t.Errorf("%q on a page is %q, want %q", c.marked, got, c.want)
		}
		if got := words.Said("de", c.marked); strings.Contains(got, "\x00") {
			t.Errorf("%q in German still has a mark: %q", c.marked, got)
		}
	}
}

// TestSensesAreSaidApart: the same English says what it means where it stands.
func TestSensesAreSaidApart(t *testing.T) {
	t.Parallel()
	words := load(t)
	marked := i18n.T("Claim") + ", " + i18n.In("contract", "Claim") + ", " + i18n.In("no such sense", "Claim")
	for lang, want := range map[string]string{"en": "Claim, Claim, Claim", "de": "Übernehmen, Anspruch, Claim", "ja": "引き受ける, 請求, Claim"} {
		if got := words.Said(lang, marked); got != want {
			t.Errorf("%s says %q, want %q", lang, got, want)
		}
		if got := string(words.Page(lang, []byte(marked))); got != want {
			t.Errorf("a page in %s says %q, want %q", lang, got, want)
		}
	}
}
