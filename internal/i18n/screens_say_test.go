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
		{i18n.T("Open")[:sign+2] + " cut short", "Op cut short"},
		{i18n.T("Open")[:sign-1] + " cut in its sign, " + i18n.T("Save"), " cut in its sign, Save"},
		{i18n.T("Save") + i18n.T("Open")[:sign-1] + i18n.T("Save"), "SaveSave"},
		{i18n.T("Open")[5:] + " begun late", "Open begun late"},
		{i18n.F("{what} open", "what", i18n.T("Team"))[:sign+len("{what} open")+2*sign+4+sign+4] + "<p>" + i18n.T("Save") + "</p>", "{what} openTeam<p>Save</p>"},
		{i18n.In("contract", "Claim")[:sign+8+sign+5] + " " + i18n.T("Save"), "Claim Save"},
		{"a stray " + i18n.T("")[sign:] + " sign", "a stray  sign"},
		{i18n.T(i18n.T("Save") + " it"), "Save it"},
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

// sign is how long the signs of marks are.
var sign = len(i18n.T("")) / 2

// TestUnclosedMarksCostNothing: one pass says a page, however much on it is broken. Nothing is made anew for any of the marks, and what
// there is to read grows no longer.
func TestUnclosedMarksCostNothing(t *testing.T) {
	words, opens := load(t), i18n.T("")[:sign]
	few, many := []byte(strings.Repeat(opens+"x", 10)+i18n.T("Save")), []byte(strings.Repeat(opens+"x", 100_000)+i18n.T("Save"))
	if got, want := string(words.Page("de", many)), strings.Repeat("x", 100_000)+"Speichern"; got != want {
		t.Errorf("100,000 marks that are never closed are said with %d bytes, want %d", len(got), len(want))
	}
	of := func(page []byte) float64 { return testing.AllocsPerRun(1, func() { words.Page("de", page) }) }
	if a, b := of(few), of(many); b > a+50 {
		t.Errorf("100,000 marks that are never closed take %v allocations, ten of them %v", b, a)
	}
	nested := []byte(strings.Repeat(opens, 2000) + strings.Repeat(i18n.T("")[sign:], 2000) + i18n.T("Save"))
	if got := string(words.Page("de", nested)); got != "Speichern" {
		t.Errorf("2,000 marks in one another say %q", got)
	}
}

// TestNobodyForgesMarks: signs are another in each process; what looks like one of them is text, and no sign gets out.
func TestNobodyForgesMarks(t *testing.T) {
	t.Parallel()
	words := load(t)
	for typed, want := range map[string]string{
		"\x00(Save\x00)":       "(Save)",
		"\x00(Save":            "(Save",
		"\x00\x01Save\x00\x07": "Save",
		"\x00" + strings.Repeat("\x02", 20) + "\x01Save": "Save",
		"\x00":           "",
		"line\r\n\ttext": "line\r\n\ttext",
	} {
		page := i18n.F("Search {q}", "q", typed) + ", " + i18n.T("Save")
		for lang, save := range map[string]string{"en": "Save", "de": "Speichern"} {
			if got := string(words.Page(lang, []byte(page))); !strings.HasSuffix(got, want+", "+save) {
				t.Errorf("%q on a page in %s is %q", typed, lang, got)
			}
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
