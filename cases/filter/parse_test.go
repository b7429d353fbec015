package filter_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"makegood/cases/filter"
	"makegood/internal/errs"
)

// reader sits in Berlin on 12 May 2026, 10:00.
func reader(t *testing.T) filter.Reader {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return filter.Reader{Now: time.Date(2026, 5, 12, 10, 0, 0, 0, zone), Zone: zone}
}

func TestTermsAndWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		``: ``, `  crane   hire `: `crane hire`,
		`status:open`:                               `status:open`,
		`STATUS:Open,waiting words`:                 `status:Open,waiting words`,
		`words -status:closed more`:                 `-status:closed words more`,
		`customer:"Brandung Medien" paid`:           `customer:"Brandung Medien" paid`,
		`re:invoice`:                                `re:invoice`,
		`status: open`:                              `status: open`,
		`https://example.org/x`:                     `https://example.org/x`,
		`"status:open of it"`:                       `"status:open of it"`,
		`tag:vip　請求書`:                               `tag:vip 請求書`,
		`waiting:third-party`:                       `waiting:third-party`,
		`"not closed`:                               `not closed`,
		`disputed:1000..5000 due:<4h assignee:me x`: `disputed:1000..5000 due:<4h assignee:me x`,
	} {
		q, err := reader(t).Parse(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if q.String() != want {
			t.Errorf("%q reads %q, want %q", text, q.String(), want)
		}
		again, err := reader(t).Parse(q.String())
		if err != nil || again.String() != q.String() || len(again.Terms) != len(q.Terms) {
			t.Errorf("%q does not read itself again: %q %v", text, again.String(), err)
		}
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	q, err := reader(t).Parse(`-priority:p1,P2 risk:>=99.5 waiting:third-party customer:"Meer, Wind"`)
	if err != nil {
		t.Fatal(err)
	}
	first := q.Terms[0]
	if !first.Not || strings.Join(first.Values, "|") != "p1|p2" || first.Value() != "p1,P2" {
		t.Errorf("%+v", first)
	}
	if b := q.Terms[1].Bounds; len(b) != 1 || b[0].Sign != ">=" || b[0].Value.String() != "99.5" {
		t.Errorf("%+v", b)
	}
	if q.Terms[2].Values[0] != "third_party" || strings.Join(q.Terms[3].Values, "|") != "Meer|Wind" {
		t.Errorf("%+v", q.Terms)
	}
	if rest := q.Without(1); rest.String() != `-priority:p1,P2 waiting:third-party customer:"Meer, Wind"` || len(q.Terms) != 4 || rest.Has(filter.Risk) {
		t.Errorf("without one: %q, %d terms left in the first", rest, len(q.Terms))
	}
}

// Days are those of the reader's zone, both ends of a range included; the night summer time begins is an hour shorter.
func TestMoments(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]string{
		"opened:2026-05-01":             {"2026-04-30T22:00:00Z", "2026-05-01T22:00:00Z"},
		"opened:2026-03-29":             {"2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"},
		"opened:2026-05-01..2026-05-31": {"2026-04-30T22:00:00Z", "2026-05-31T22:00:00Z"},
		"opened:2026-05-01..":           {"2026-04-30T22:00:00Z", ""},
		"opened:..2026-05-31":           {"", "2026-05-31T22:00:00Z"},
		"opened:>2026-05-01":            {"2026-05-01T22:00:00Z", ""},
		"opened:>=2026-05-01":           {"2026-04-30T22:00:00Z", ""},
		"opened:<2026-05-01":            {"", "2026-04-30T22:00:00Z"},
		"opened:<=2026-05-01":           {"", "2026-05-01T22:00:00Z"},
		"opened:<7d":                    {"2026-05-05T08:00:00Z", ""},
		"opened:7d":                     {"2026-05-05T08:00:00Z", ""},
		"opened:>7d":                    {"", "2026-05-05T08:00:00Z"},
		"due:<4h":                       {"", "2026-05-12T12:00:00Z"},
		"due:90m":                       {"", "2026-05-12T09:30:00Z"},
		"due:>2w":                       {"2026-05-26T08:00:00Z", ""},
	} {
		q, err := reader(t).Parse(text)
		if err != nil || len(q.Terms) != 1 {
			t.Errorf("%s: %+v %v", text, q, err)
			continue
		}
		got := [2]string{at(q.Terms[0].From), at(q.Terms[0].Until)}
		if got != want {
			t.Errorf("%s is from %s until %s, want %s until %s", text, got[0], got[1], want[0], want[1])
		}
	}
}

func at(moment *time.Time) string {
	if moment == nil {
		return ""
	}
	return moment.UTC().Format(time.RFC3339)
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	for text, key := range map[string]string{
		"status:gone":                     "filter.no_such_choice",
		"is:":                             "", // no value: words
		"priority:p1,p9":                  "filter.no_such_choice",
		"disputed:much":                   "filter.no_amount",
		"disputed:1e9":                    "filter.no_amount",
		"disputed:1,000":                  "filter.no_amount",
		"disputed:..":                     "filter.no_amount",
		"risk:>-5":                        "filter.no_amount",
		"opened:soon":                     "filter.no_moment",
		"opened:2026-02-30":               "filter.no_moment",
		"opened:..":                       "filter.no_moment",
		"due:99999999999d":                "filter.no_moment",
		"tag:,":                           "filter.no_value",
		strings.Repeat("is:open ", 21):    "filter.too_many_terms",
		strings.Repeat("a", 501):          "filter.too_long",
		"tag:" + strings.Repeat("a,", 51): "filter.no_value",
	} {
		_, err := reader(t).Parse(text)
		var e *errs.Error
		got := ""
		if err != nil {
			e = asError(t, err)
			got = e.Fields[0].Key
		}
		if got != key {
			t.Errorf("%q: %q, want %q", text, got, key)
		}
	}
}

// Every field says an example that it reads itself.
func TestExamples(t *testing.T) {
	t.Parallel()
	seen := map[filter.Field]bool{}
	for _, d := range filter.Fields() {
		q, err := reader(t).Parse(d.Example)
		if err != nil || len(q.Terms) != 1 || q.Terms[0].Field != d.Field || seen[d.Field] {
			t.Errorf("%s: %+v %v", d.Example, q, err)
		}
		seen[d.Field] = true
	}
}

func FuzzParse(f *testing.F) {
	for _, d := range filter.Fields() {
		f.Add(d.Example)
	}
	f.Add(`-tag:"a b" x "`)
	f.Fuzz(func(t *testing.T, text string) {
		r := filter.Reader{Now: time.Date(2026, 5, 12, 10, 0, 0, 0, time.UTC)}
		q, err := r.Parse(text)
		if err != nil {
			return
		}
		again, err := r.Parse(q.String())
		if err != nil && len([]rune(q.String())) <= filter.MaxLength || err == nil && len(again.Terms) < len(q.Terms) {
			t.Fatalf("%q became %q, which reads %d terms instead of %d: %v", text, q.String(), len(again.Terms), len(q.Terms), err)
		}
	})
}

func asError(t *testing.T, err error) *errs.Error {
	t.Helper()
	var e *errs.Error
	if !errors.As(err, &e) || errs.KindOf(err) != errs.Invalid || len(e.Fields) != 1 || e.Fields[0].Name != "q" {
		t.Fatalf("no refusal of the field q: %v", err)
	}
	return e
}
