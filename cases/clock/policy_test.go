package clock_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"makegood/cases/clock"
)

func TestParseTarget(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]clock.Target{
		"4h":           clock.Within(4 * time.Hour),
		"2h30m":        clock.Within(150 * time.Minute),
		"90m":          clock.Within(90 * time.Minute),
		"0h":           clock.Within(0),
		"4h business":  clock.Within(4 * time.Hour),
		"48h calendar": clock.WithinCalendar(48 * time.Hour),
		"30d":          clock.WithinDays(30),
		"30d calendar": clock.WithinDays(30),
	} {
		got, err := clock.ParseTarget(text)
		if err != nil || got != want {
			t.Errorf("%s: got %v, %v", text, got, err)
		}
		again, err := clock.ParseTarget(got.String())
		if err != nil || again != got {
			t.Errorf("%s: written as %s", text, got)
		}
	}
	for text, want := range map[string]string{
		"": "clock.bad_target", "soon": "clock.bad_target", "-4h": "clock.bad_target", "4h lunar": "clock.bad_target",
		"4": "clock.bad_target", "99999d": "clock.bad_target", "-1d": "clock.bad_target", "2000000h": "clock.bad_target",
		"1d business": "clock.days_in_business_time",
	} {
		if got, err := clock.ParseTarget(text); fieldKey(err) != want {
			t.Errorf("%s: got %v, %v", text, got, err)
		}
	}
}

const policyText = `
name: Standard
calendar: SG
targets:
  first_response: {P1: 1h, P2: 4h}
  resolution: {P1: 8h, P2: 40h}
  statutory: {P1: 30d, P2: 720h calendar}
pauses:
  resolution: {on: [customer, third_party], cap: 80h}
warn_at: [50, 80]
reopen_within: 7d
`

func TestPolicyRoundTrip(t *testing.T) {
	t.Parallel()
	var read clock.Policy
	if err := yaml.Unmarshal([]byte(policyText), &read); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(read)
	if err != nil {
		t.Fatal(err)
	}
	text, err := yaml.Marshal(read)
	if err != nil {
		t.Fatal(err)
	}
	var fromJSON, fromYAML, stored clock.Policy
	if err := json.Unmarshal(data, &fromJSON); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	if err := yaml.Unmarshal(text, &fromYAML); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	value, _ := read.Value()
	if err := stored.Scan(value); err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]clock.Policy{"json": fromJSON, "yaml": fromYAML, "stored": stored} {
		if !reflect.DeepEqual(got, read) {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	if got := read.Pause(clock.Resolution); got.Cap != clock.Length(80*time.Hour) || len(got.On) != 2 {
		t.Errorf("pause rule %+v", got)
	}
	if got := (clock.Policy{}).Pause(clock.Resolution).On; !reflect.DeepEqual(got, []clock.WaitingOn{clock.OnCustomer}) {
		t.Errorf("default pause %v", got)
	}
	if got := (clock.Policy{}).Warnings(); !reflect.DeepEqual(got, []int{50, 75, 90}) {
		t.Errorf("default warnings %v", got)
	}
}

func TestPolicyRefusesUnknownNames(t *testing.T) {
	t.Parallel()
	var p clock.Policy
	if err := json.Unmarshal([]byte(`{"name":"x","target":{}}`), &p); err == nil {
		t.Error("json: accepted")
	}
	if err := yaml.Unmarshal([]byte("name: x\ntarget: {}"), &p); err == nil {
		t.Error("yaml: accepted")
	}
}

func TestPolicyFaults(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"targets":{"lunch":{"P1":"1h"}}}`:                          "clock.unknown_kind",
		`{"targets":{"resolution":{"P9":"1h"}}}`:                     "clock.unknown_priority",
		`{"targets":{"resolution":{"P1":"1x"}}}`:                     "clock.bad_target",
		`{"targets":{"statutory":{"P1":"8h"}}}`:                      "clock.statutory_in_calendar_time",
		`{"targets":{},"pauses":{"posting":{"on":["customer"]}}}`:    "clock.never_pauses",
		`{"targets":{},"pauses":{"resolution":{"on":["nobody"]}}}`:   "clock.unknown_waiting_on",
		`{"targets":{},"pauses":{"resolution":{"on":[],"cap":"x"}}}`: "clock.bad_target",
		`{"targets":{},"warn_at":[90,50]}`:                           "clock.bad_warning",
		`{"targets":{},"warn_at":[100]}`:                             "clock.bad_warning",
	} {
		var p clock.Policy
		if err := json.Unmarshal([]byte(text), &p); fieldKey(err) != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}
