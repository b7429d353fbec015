package mbox_test

import (
	"slices"
	"testing"

	"makegood/internal/mbox"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	file := "From a@example.com Thu Nov 12 11:06:00 2026\nSubject: one\n\n>From here on\n>>From there\nFrom inside a paragraph\n\n" +
		"From b@example.com Thu Nov 12 11:07:00 2026\r\nSubject: two\r\n\r\nbody\r\n\r\n"
	if !mbox.Is([]byte(file)) || mbox.Is([]byte("From: a@example.com\n\nx")) {
		t.Fatal("an mbox is told from a message by its first line")
	}
	var got []string
	for _, message := range mbox.Split([]byte(file)) {
		got = append(got, string(message))
	}
	want := []string{"Subject: one\n\nFrom here on\n>From there\nFrom inside a paragraph\n", "Subject: two\r\n\r\nbody\r\n"}
	if !slices.Equal(got, want) {
		t.Errorf("want %q\n got %q", want, got)
	}
}
