package main

import (
	"strings"
	"testing"

	"makegood/internal/dbtest"
)

func TestRatesImported(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	rates := func(content string, more ...string) typed {
		args := append([]string{"import", "rates", file(t, "rates.csv", content), "--source", "ECB", "--database-url", url, "--secret-key", key}, more...)
		return command(t, args...)
	}
	const history = "Date,USD,JPY,\n2026-05-12,1.1213,164.83,\n2026-05-11,1.1198,N/A,\n"
	if got := rates(history, "--dry-run"); got.code != 0 || !strings.Contains(got.out, `{"source":"ECB","dry_run":true,"added":3,"known":0,"refused":0}`) {
		t.Errorf("dry run: %+v", got)
	}
	for _, want := range []string{`"added":3,"known":0`, `"added":0,"known":3`} {
		if got := rates(history); got.code != 0 || !strings.Contains(got.out, want) {
			t.Errorf("want %s: %+v", want, got)
		}
	}
	got := rates("date,base,quote,rate\n2026-05-12,EUR,USD,1.2\n2026-05-13,EUR,USD,none\n2026-05-13,EUR,USD,1.13\n")
	for _, want := range []string{
		`{"line":2,"reason":"EUR/USD of 2026-05-12 is known as 1.1213 from ECB. Correct it with a reason instead."}`,
		`{"line":3,"reason":"“none” is no rate above zero with a decimal point."}`, `"added":1,"known":0,"refused":2`,
	} {
		if got.code != 1 || !strings.Contains(got.out, want) {
			t.Errorf("want %s: %+v", want, got)
		}
	}
	if got := rates("a,b\n"); got.code != 1 || !strings.Contains(got.err, "The first line must name") {
		t.Errorf("another file: %+v", got)
	}
}
