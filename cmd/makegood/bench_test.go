package main

import (
	"encoding/json"
	"strconv"
	"testing"

	"makegood/internal/bench"
	"makegood/internal/raced"
)

// How fast it is depends on the machine; that everything was posted and the books are sound the benchmark checks itself.
func TestBenchmarks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	got := command(t, "bench", "post", "--dir", dir, "--requests", strconv.Itoa(raced.Runs(24)), "--seconds", "1", "--rounds", "1", "--clients", "2", "--json")
	var posted bench.Report
	if err := json.Unmarshal([]byte(got.out), &posted); err != nil || got.code != 0 {
		t.Fatalf("%+v %v", got, err)
	}
	if len(posted.Post) != 4 || posted.Machine.CPUs == 0 {
		t.Fatalf("%+v", posted)
	}
	for _, f := range posted.Post {
		if f.Clients != 2 || f.Rate.Median <= 0 || f.Baseline.Median <= 0 || f.P99.Median < f.P50.Median || f.Met != nil {
			t.Errorf("%+v", f)
		}
	}
	got = command(t, "bench", "intake", "--dir", dir, "--mails", "40", "--seconds", "1", "--rounds", "1", "--json")
	var taken bench.Report
	if err := json.Unmarshal([]byte(got.out), &taken); err != nil || got.code != 0 {
		t.Fatalf("%+v %v", got, err)
	}
	if len(taken.Intake) != 2 {
		t.Fatalf("%+v", taken)
	}
	for _, f := range taken.Intake {
		if f.Mails != 40 || f.Answered.Median <= 0 || f.Opened.Median < f.Answered.Median || f.Baseline.Median <= 0 || f.Commits.Median <= 0 || f.Statements.Median < f.Trips.Median {
			t.Errorf("%+v", f)
		}
	}
	if raced.Detector {
		return // the others read, one page after another
	}
	got = command(t, "bench", "list", "--dir", dir, "--cases", "2000", "--seconds", "1", "--rounds", "1", "--clients", "1", "--json")
	var found bench.Report
	if err := json.Unmarshal([]byte(got.out), &found); err != nil || got.code != 0 {
		t.Fatalf("%+v %v", got, err)
	}
	for _, f := range found.List {
		if f.Rate <= 0 || f.P99 < f.P50 || (f.Met == nil) != (f.Must == 0) {
			t.Errorf("%+v", f)
		}
	}
	if len(found.List) < 25 {
		t.Errorf("%d pages", len(found.List))
	}
	got = command(t, "bench", "timers", "--dir", dir, "--timers", "200", "--rounds", "1", "--json")
	var rung bench.Report
	if err := json.Unmarshal([]byte(got.out), &rung); err != nil || got.code != 0 {
		t.Fatalf("%+v %v", got, err)
	}
	for _, f := range rung.Timers {
		if f.Timers != 200 || f.Taken.P50.Median <= 0 || f.Done.P99.Median < f.Done.P50.Median || f.Done.Max.Median < f.Taken.Max.Median {
			t.Errorf("%+v", f)
		}
	}
	if len(rung.Timers) != 2 || rung.Timers[0].Met != nil || rung.Timers[1].Met == nil {
		t.Errorf("%+v", rung.Timers)
	}
	got = command(t, "bench", "classify", "--rounds", "1", "--json")
	var sorted bench.Report
	if err := json.Unmarshal([]byte(got.out), &sorted); err != nil || got.code != 0 {
		t.Fatalf("%+v %v", got, err)
	}
	if len(sorted.Classify) != 2 || sorted.Classify[0].MacroF1 <= sorted.Classify[1].MacroF1 || sorted.Classify[0].Rate.Median <= 0 || sorted.Classify[0].Met == nil {
		t.Errorf("%+v", sorted.Classify)
	}
	got = command(t, "bench", "reports", "--dir", dir, "--invoices", "2000", "--rounds", "1", "--json")
	var read bench.Report
	if err := json.Unmarshal([]byte(got.out), &read); err != nil || got.code != 0 {
		t.Fatalf("%+v %v", got, err)
	}
	asked := 0
	for _, f := range read.Reports {
		if f.Met != nil {
			asked++
		}
	}
	if len(read.Reports) != 20 || asked != 15 {
		t.Errorf("%+v", read)
	}
}

func TestBenchmarkOfDoingNothing(t *testing.T) {
	t.Parallel()
	got := command(t, "bench", "idle", "--rounds", "1", "--seconds", "5", "--json")
	var idle bench.Report
	if err := json.Unmarshal([]byte(got.out), &idle); err != nil || got.code != 0 {
		t.Fatalf("%+v %v", got, err)
	}
	if len(idle.Idle) != 4 {
		t.Fatalf("%+v", idle)
	}
	for _, f := range idle.Idle {
		if f.Is.Median <= 0 || f.Must <= 0 || f.Met != (f.Is.Median <= f.Must) {
			t.Errorf("%+v", f)
		}
		if f.What == "transactions" && f.Is.Median > 2*f.Must { // the target itself is for a quiet machine
			t.Errorf("%.1f transactions a second while nobody asks anything", f.Is.Median)
		}
	}
}

func TestBenchmarkOfAuthority(t *testing.T) {
	t.Parallel()
	got := command(t, "bench", "authority", "--rounds", "1", "--seconds", "1", "--json")
	var drawn bench.Report
	if err := json.Unmarshal([]byte(got.out), &drawn); err != nil || got.code != 0 {
		t.Fatalf("%+v %v", got, err)
	}
	if f := drawn.Authority; f == nil || f.Rate.Median <= 0 || f.CPU.Median <= 0 || f.Rules == 0 || f.Requests < 40 || f.Met != (f.Rate.Median >= 10_000) {
		t.Errorf("%+v", drawn.Authority)
	}
}
