package intake_test

import (
	"testing"
	"time"

	"makegood/cases/intake"
)

func TestDays(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"dated 2026-05-01":                       {"2026-05-01"},
		"vom 01.05.2026, fällig am 31.5.26":      {"2026-05-01", "2026-05-31"},
		"on 05/01/2026":                          {"2026-01-05", "2026-05-01"},
		"on 05/31/2026":                          {"2026-05-31"},
		"of 1 May 2026":                          {"2026-05-01"},
		"May 1st, 2026":                          {"2026-05-01"},
		"vom 3. März 2026":                       {"2026-03-03"},
		"du 1er août 2026":                       {"2026-08-01"},
		"del 15 de diciembre de 2026":            {"2026-12-15"},
		"de 2 de fevereiro de 2026":              {"2026-02-02"},
		"2026年5月1日付の請求書":                         {"2026-05-01"},
		"31.02.2026, 2026-13-01, 12 Apples 2026": nil,
		"invoice 2026-1234":                      nil,
	} {
		var got []string
		for _, day := range intake.Days(text) {
			got = append(got, day.Format(time.DateOnly))
		}
		if len(got) != len(want) {
			t.Errorf("%q: %v, want %v", text, got, want)
			continue
		}
		for n := range want {
			if got[n] != want[n] {
				t.Errorf("%q: %v, want %v", text, got, want)
			}
		}
	}
}
