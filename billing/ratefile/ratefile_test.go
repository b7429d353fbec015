package ratefile_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"makegood/billing/ratefile"
)

func read(t *testing.T, name string) ratefile.File {
	t.Helper()
	in, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	f, err := ratefile.Read(in)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func told(f ratefile.File) string {
	var b strings.Builder
	for _, r := range f.Rates {
		fmt.Fprintf(&b, "%d: %s %s/%s %s\n", r.Line, r.On.Format("2006-01-02"), r.Base, r.Quote, r.Rate)
	}
	for _, r := range f.Rejected {
		fmt.Fprintf(&b, "%d! %s %v\n", r.Line, r.Key, map[string]string(r.Params))
	}
	return b.String()
}

func TestTheFormOfTheECB(t *testing.T) {
	t.Parallel()
	want := `2: 2026-05-12 EUR/USD 1.1213
2: 2026-05-12 EUR/JPY 164.83
2: 2026-05-12 EUR/BGN 1.9558
2: 2026-05-12 EUR/CHF 0.9402
3: 2026-05-11 EUR/USD 1.1198
3: 2026-05-11 EUR/JPY 164.02
3: 2026-05-11 EUR/BGN 1.9558
5: 2026-05-08 EUR/BGN 1.9558
5: 2026-05-08 EUR/CHF 0.9399
4! error.not_a_date map[text:2026-05-xx]
5! ratefile.not_a_rate map[text:-1.1]
5! ratefile.not_a_rate map[text:164.7x]
`
	if got := told(read(t, "ecb.csv")); got != want {
		t.Errorf("read\n%s", got)
	}
}

func TestOneRateALine(t *testing.T) {
	t.Parallel()
	want := `2: 2026-05-12 GBP/USD 1.3412
3: 2026-05-12 JPY/USD 0.0061
4! ratefile.twice map[base:GBP on:2026-05-12 quote:USD]
6! ratefile.not_a_rate map[text:1,34]
7! money.unknown_currency map[currency:EURO]
8! billing.bad_rate_pair map[]
`
	if got := told(read(t, "long.csv")); got != want {
		t.Errorf("read\n%s", got)
	}
}

func TestOtherFilesAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "a,b\n1,2\n", "date,base,quote\n", "Date,USD,Total\n", "{}"} {
		if _, err := ratefile.Read(strings.NewReader(text)); !errors.Is(err, ratefile.ErrForm) {
			t.Errorf("%q: %v", text, err)
		}
	}
	broken, err := ratefile.Read(strings.NewReader("date,base,quote,rate\n2026-05-12,EUR,\"USD,1.1\n"))
	if err != nil || len(broken.Rejected) != 1 || len(broken.Rates) != 0 {
		t.Errorf("unfinished quote: %+v, %v", broken, err)
	}
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{"ecb.csv", "long.csv"} {
		raw, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(raw))
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, err := ratefile.Read(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, r := range file.Rates {
			if !r.Rate.IsPositive() || r.Base == r.Quote || r.On.IsZero() {
				t.Errorf("took %+v", r)
			}
		}
	})
}
