package postoffice_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/smtp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"makegood/internal/demo/postoffice"
)

func TestDeliversToWhomeverAnAddressBelongs(t *testing.T) {
	t.Parallel()
	office := open(t, t.TempDir())
	to := []string{"Support+case-7@birchline.example", "billing@birchline.example", "ann@elsewhere.example", "bob@elsewhere.example"}
	send(t, office.SMTPAddr(), "payer@client.example", to, "Subject: Invoice 12\r\n\r\nWrong.\r\n")

	for user, want := range map[string][]string{"desk": to[:1], "office": to[1:2], "world": to[2:]} {
		mails := messages(t, office, user)
		if len(mails) != 1 {
			t.Fatalf("%s has %d messages, want 1", user, len(mails))
		}
		text := string(mails[0].Raw)
		for _, address := range want {
			for _, line := range []string{"Delivered-To: ", "X-Original-To: "} {
				if !strings.Contains(text, line+address+"\r\n") {
					t.Errorf("%s: no line %s%s in\n%s", user, line, address, text)
				}
			}
		}
		if strings.Count(text, "Delivered-To:") != len(want) || !strings.HasPrefix(text, "Return-Path: <payer@client.example>\r\n") ||
			!strings.Contains(text, "\r\nReceived: from ") || !strings.HasSuffix(text, "Subject: Invoice 12\r\n\r\nWrong.\r\n") {
			t.Errorf("%s got\n%s", user, text)
		}
	}
}

func TestRefusesAddressOfNobody(t *testing.T) {
	t.Parallel()
	office, err := postoffice.Start(t.Context(), postoffice.Config{
		Dir: t.TempDir(), SMTPAddr: "127.0.0.1:0", IMAPAddr: "127.0.0.1:0",
		Accounts: []postoffice.Account{{User: "desk", Addresses: []string{"support@birchline.example"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, office) })
	err = smtp.SendMail(office.SMTPAddr(), nil, "a@b.example", []string{"x@y.example"}, []byte("\r\n"))
	if err == nil || !strings.Contains(err.Error(), "550") {
		t.Errorf("send: %v, want 550", err)
	}
	err = office.Deliver("a@b.example", []string{"support@birchline.example", "x@y.example"}, []byte("\n"))
	if !errors.Is(err, postoffice.ErrNoAccount) || len(messages(t, office, "desk")) != 0 {
		t.Errorf("deliver: %v", err)
	}
}

func TestKeepsBytesAsTheyCame(t *testing.T) {
	t.Parallel()
	office := open(t, t.TempDir())
	odd := "no header at all \xff\xfe\r\n.leading dot\r\n" + strings.Repeat("long ", 20_000) + "\r\n"
	send(t, office.SMTPAddr(), "", []string{"x@y.example"}, odd)
	got := messages(t, office, "world")[0].Raw
	if !bytes.HasSuffix(got, []byte(odd)) || !bytes.HasPrefix(got, []byte("Return-Path: <>\r\n")) {
		t.Errorf("%d bytes came back, %d sent", len(got), len(odd))
	}
}

func TestRefusesTooLargeMail(t *testing.T) {
	t.Parallel()
	office := open(t, t.TempDir())
	line := strings.Repeat("x", 998) + "\r\n"
	err := smtp.SendMail(office.SMTPAddr(), nil, "a@b.example", []string{"x@y.example"}, []byte(strings.Repeat(line, 42_000)))
	if err == nil || !strings.Contains(err.Error(), "552") {
		t.Errorf("send: %v, want 552", err)
	}
	if len(messages(t, office, "world")) != 0 {
		t.Error("it was kept")
	}
}

func TestNoHeaderLinesFromAddresses(t *testing.T) {
	t.Parallel()
	office := open(t, t.TempDir())
	if err := office.Deliver("a@b.example\r\nX-Evil: 1", []string{"x@y.example"}, []byte("Subject: s\n\nb\n")); err != nil {
		t.Fatal(err)
	}
	if text := string(messages(t, office, "world")[0].Raw); strings.Contains(text, "\nX-Evil") {
		t.Error(text)
	}
}

func TestNumbersStayOverRestarts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	office := open(t, dir)
	for n := range 5 {
		deliver(t, office, n)
	}
	before := messages(t, office, "world")
	stop(t, office)
	stop(t, office)
	if err := office.Deliver("a@b.example", []string{"x@y.example"}, nil); !errors.Is(err, postoffice.ErrClosed) {
		t.Errorf("deliver when closed: %v", err)
	}
	office = open(t, dir)
	deliver(t, office, 5)
	after := messages(t, office, "world")
	same := func(a, b postoffice.Stored) bool {
		return a.UID == b.UID && a.ReceivedAt.Equal(b.ReceivedAt) && bytes.Equal(a.Raw, b.Raw)
	}
	if len(after) != 6 || after[5].UID != 6 || !slices.EqualFunc(before, after[:5], same) {
		t.Errorf("after restart: %d messages", len(after))
	}
	some, err := office.Messages("world", 2, 2)
	if err != nil || len(some) != 2 || some[0].UID != 3 {
		t.Errorf("messages after 2: %d, %v", len(some), err)
	}
	if _, err := office.Messages("nobody", 0, 0); !errors.Is(err, postoffice.ErrNoAccount) {
		t.Errorf("unknown account: %v", err)
	}
}

func TestDropsAnUnfinishedEnd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	office := open(t, dir)
	deliver(t, office, 0)
	deliver(t, office, 1)
	stop(t, office)
	path := filepath.Join(dir, "mail.journal")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := len(whole) - 1; cut > len(whole)-200; cut -= 13 {
		if err := os.WriteFile(path, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		office := open(t, dir)
		deliver(t, office, 2)
		mails := messages(t, office, "world")
		if len(mails) != 2 || mails[1].UID != 2 || !bytes.Contains(mails[1].Raw, []byte("Number: 2\r\n")) {
			t.Fatalf("cut at %d of %d: %d messages", cut, len(whole), len(mails))
		}
		stop(t, office)
	}
}

func TestRefusesFolderInUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open(t, dir)
	if _, err := postoffice.Start(t.Context(), config(dir)); !errors.Is(err, postoffice.ErrInUse) {
		t.Errorf("second start: %v", err)
	}
}

func TestTakesManyAtOnce(t *testing.T) {
	t.Parallel()
	const connections, mails = 8, 500
	office := open(t, t.TempDir())
	notice, cancel := office.Subscribe("world")
	defer cancel()
	var work sync.WaitGroup
	for c := range connections {
		work.Go(func() {
			for n := c; n < mails; n += connections {
				sendOne(t, office.SMTPAddr(), n)
			}
		})
	}
	work.Wait()
	<-notice
	seen := map[string]bool{}
	for i, mail := range messages(t, office, "world") {
		if mail.UID != uint32(i+1) {
			t.Errorf("message %d has number %d", i, mail.UID)
		}
		seen[number(mail.Raw)] = true
	}
	if len(seen) != mails {
		t.Errorf("%d different messages, want %d", len(seen), mails)
	}
}

func config(dir string) postoffice.Config {
	return postoffice.Config{
		Dir: dir, SMTPAddr: "127.0.0.1:0", IMAPAddr: "127.0.0.1:0", Hostname: "post.example",
		Accounts: []postoffice.Account{
			{User: "desk", Password: "d", Addresses: []string{"support@birchline.example"}},
			{User: "office", Password: "o", Domains: []string{"birchline.example"}},
			{User: "world", Password: "w", CatchAll: true},
		},
	}
}

func open(t *testing.T, dir string) *postoffice.Office {
	t.Helper()
	office, err := postoffice.Start(t.Context(), config(dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, office) })
	return office
}

func stop(t *testing.T, office *postoffice.Office) {
	t.Helper()
	if err := office.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

func deliver(t *testing.T, office *postoffice.Office, n int) {
	t.Helper()
	if err := office.Deliver("a@b.example", []string{"x@y.example"}, []byte(text(n))); err != nil {
		t.Fatal(err)
	}
}

func text(n int) string {
	return fmt.Sprintf("From: a@b.example\r\nSubject: Mail %d\r\nNumber: %d\r\n\r\nAbout invoice %d.\r\n", n, n, n)
}

func number(raw []byte) string {
	_, rest, _ := strings.Cut(string(raw), "\r\nNumber: ")
	n, _, _ := strings.Cut(rest, "\r\n")
	return n
}

func send(t *testing.T, addr, from string, to []string, raw string) {
	t.Helper()
	if err := smtp.SendMail(addr, nil, from, to, []byte(raw)); err != nil {
		t.Error(err)
	}
}

func sendOne(t *testing.T, addr string, n int) {
	t.Helper()
	send(t, addr, "a@b.example", []string{"x@y.example"}, text(n))
}

func messages(t *testing.T, office *postoffice.Office, user string) []postoffice.Stored {
	t.Helper()
	mails, err := office.Messages(user, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	return mails
}
