package main

import (
	"strings"
	"testing"

	"makegood/internal/dbtest"
)

// A company that begins: its entity is added on the command line, listed, and verified; what is wrong is said by its field.
func TestEntityIsAdded(t *testing.T) {
	t.Parallel()
	at := []string{"--database-url", dbtest.URL(t), "--secret-key", key}
	run := func(args ...string) typed { return command(t, append(args, at...)...) }
	facts := []string{"--name", "Ostwind Netz GmbH", "--country", "DE", "--base-currency", "EUR", "--time-zone", "Europe/Berlin", "--language", "de"}
	add := func(code string, more ...string) typed {
		return run(append(append([]string{"entity", "add", code, "--support-address", "billing@ostwind.example"}, facts...), more...)...)
	}
	if got := add("DE", "--tax-id", "DE000000001", "--fiscal-month", "7", "--memo-period", "memo_day", "--tax-relief"); got.code != 0 || got.out != "added DE, Ostwind Netz GmbH\n" {
		t.Fatalf("%+v", got)
	}
	if got := run("entity", "list"); got.code != 0 || got.out != "DE  DE  EUR  Europe/Berlin  Ostwind Netz GmbH\n" {
		t.Errorf("%+v", got)
	}
	if got := add("DE"); got.code != 1 || !strings.Contains(got.err, "There is a legal entity with the code DE already") {
		t.Errorf("twice: %+v", got)
	}
	if got := add("D2", "--fiscal-month", "13"); got.code != 1 || !strings.Contains(got.err, "A month is a number from 1 to 12") {
		t.Errorf("a month that is none: %+v", got)
	}
	if got := run("verify"); got.code != 0 {
		t.Errorf("%+v", got)
	}
}
