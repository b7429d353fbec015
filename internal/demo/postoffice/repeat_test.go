package postoffice_test

import (
	"testing"

	"makegood/internal/demo/postoffice"
)

func TestNamedMailIsKeptOnce(t *testing.T) {
	t.Parallel()
	config := postoffice.Config{
		Dir: t.TempDir(), SMTPAddr: "127.0.0.1:0", IMAPAddr: "127.0.0.1:0",
		Accounts: []postoffice.Account{{User: "all", Password: "x", CatchAll: true}},
	}
	send := func(office *postoffice.Office, head string) {
		t.Helper()
		if err := office.Deliver("a@example.com", []string{"b@example.org"}, []byte(head+"Subject: x\n\nbody\n")); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(office *postoffice.Office, want int) {
		t.Helper()
		got, err := office.Messages("all", 0, 0)
		if err != nil || len(got) != want {
			t.Fatalf("want %d messages, got %d, %v", want, len(got), err)
		}
	}
	office, err := postoffice.Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	send(office, "X-Repeat-Key: one\n")
	send(office, "X-Repeat-Key: one\n")
	send(office, "X-Repeat-Key: two\n")
	send(office, "")
	send(office, "")
	expect(office, 4)
	if err := office.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if office, err = postoffice.Start(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	send(office, "X-Repeat-Key: two\n")
	expect(office, 4)
	if err := office.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}
