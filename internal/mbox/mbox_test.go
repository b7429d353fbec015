package mbox_test

import (
	"slices"
	"testing"

	"makegood/internal/mbox"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	file := "From a@example.com Thu Nov 12 11:06:00 2026\nSubject: one\n\n>From here on\n>>From there\nFrom inside a paragraph\n\nFrom 10:00 to 12:00 on 3 May 2026 it was down.\n\nFrom Thursday on it was up.\n\n" +
		"From b@example.com Thu Nov 12 11:07:00 2026\r\nSubject: two\r\n\r\nbody\r\n\r\n"
	if !mbox.Is([]byte(file)) || mbox.Is([]byte("From: a@example.com\n\nx")) {
		t.Fatal("an mbox is told from a message by its first line")
	}
	var got []string
	for _, message := range mbox.Split([]byte(file)) {
		got = append(got, string(message))
	}
	want := []string{"Subject: one\n\nFrom here on\n>From there\nFrom inside a paragraph\n\nFrom 10:00 to 12:00 on 3 May 2026 it was down.\n\nFrom Thursday on it was up.\n", "Subject: two\r\n\r\nbody\r\n"}
	if !slices.Equal(got, want) {
		t.Errorf("want %q\n got %q", want, got)
	}
	for _, line := range []string{
		"From - Thu Nov 12 11:06:00 2026", "From 17@xxx Thu Nov 12 11:06:00 +0000 2026", "From a@example.com  Thu Nov  2 11:06 CET 2026", "From MAILER-DAEMON Thu Nov 12 11:06:00 2026 +0100",
	} {
		if n := len(mbox.Split([]byte(file + line + "\nSubject: three\n\nbody\n"))); n != 3 {
			t.Errorf("%q begins a message: %d found", line, n)
		}
	}
	if n := len(mbox.Split([]byte("From a\nSubject: one\n\nbody\n\nFrom b\nSubject: two\n\nbody\n"))); n != 2 {
		t.Errorf("without dates %d messages", n)
	}
}
