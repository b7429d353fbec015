package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"makegood/internal/db"
	"makegood/internal/dbtest"
)

func letterFrom(n string) string {
	return "From: anna@aster.example\nTo: billing@nordlicht.example\nSubject: Mail " + n + "\nMessage-ID: <" + n + "@aster.example>\n\nThis is mail " + n + ".\n"
}

func TestIngest(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	dbtest.AsOwner(t, d, `insert into legal_entities (code, name, base_currency, country, support_address, support_name, time_zone)
		values ('DE', 'Nordlicht Cloud GmbH', 'EUR', 'DE', 'billing@nordlicht.example', 'Billing', 'Europe/Berlin')`)
	on := []string{"--database-url", d.Pool().Config().ConnString(), "--secret-key", key}
	ingest := func(args ...string) (typed, map[string]ingested) {
		t.Helper()
		got := command(t, append(append([]string{"mail", "ingest"}, args...), on...)...)
		lines := map[string]ingested{}
		for line := range strings.Lines(got.out) {
			var i ingested
			if err := json.Unmarshal([]byte(line), &i); err != nil {
				t.Fatalf("%+v: %v", got, err)
			}
			lines[filepath.Base(i.File)] = i
		}
		return got, lines
	}
	count := func(query string) int {
		t.Helper()
		n, err := db.Value[int](t.Context(), d, `select count(*) from `+query)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}

	maildir := t.TempDir()
	for _, folder := range []string{"cur", "new", "tmp", ".Sent/cur", ".Sent/new", ".Sent/tmp"} {
		if err := os.MkdirAll(filepath.Join(maildir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range map[string]string{
		"cur/1:2,S": letterFrom("1"), "new/2": letterFrom("2"), "tmp/3": "half a m", "dovecot-uidlist": "3 V1 N3", ".Sent/cur/4:2,": letterFrom("4"), ".Sent/dovecot.index.log": "x",
	} {
		if err := os.WriteFile(filepath.Join(maildir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, lines := ingest(maildir, "--past")
	if got.code != 0 || len(lines) != 3 || lines["1:2,S"].Fate != "new_case" || lines["2"].Fate != "new_case" || lines["4:2,"].Case == 0 {
		t.Errorf("a maildir: %+v", got)
	}
	if !strings.Contains(got.err, "3 messages, 3 of 3 files") {
		t.Errorf("progress: %s", got.err)
	}
	if n := count(`outgoing_messages`); n != 0 {
		t.Errorf("%d answers to mail of the past", n)
	}

	dbtest.AsOwner(t, d, `insert into mailboxes (address, imap_address, username, password_sealed) values ('billing@nordlicht.example', 'imap.nordlicht.example:993', 'b', '')`)
	answered := file(t, "answered.mbox", "From b Thu Nov 12 12:06:00 2026\nFrom: billing@nordlicht.example\nTo: anna@aster.example\nSubject: Re: Mail 6\n"+
		"Message-ID: <a6@nordlicht.example>\nIn-Reply-To: <6@aster.example>\nDate: Thu, 12 Nov 2026 12:06:00 +0100\n\nWe have credited it.\n\n"+
		"From a Thu Nov 12 11:06:00 2026\nDate: Thu, 12 Nov 2026 11:06:00 +0100\n"+letterFrom("6")+"\n")
	got, lines = ingest(answered, "--past")
	if ours, asked := lines["answered.mbox#1"], lines["answered.mbox#2"]; got.code != 0 || ours.Reason != "intake.our_answer" || asked.Fate != "new_case" || ours.Case != asked.Case {
		t.Errorf("a question below our answer: %+v", got)
	}
	if n := count(`cases where status <> 'closed'`) + count(`case_clocks`) + count(`outgoing_messages`); n != 0 {
		t.Errorf("%d things of the past go on", n)
	}

	box := file(t, "old.mbox", "From a Thu Nov 12 11:06:00 2026\n"+letterFrom("5")+"\nFrom a Thu Nov 12 11:06:00 2026\n"+letterFrom("1")+"\n")
	got, lines = ingest(box)
	if got.code != 0 || lines["old.mbox#1"].Fate != "new_case" || lines["old.mbox#2"].Fate != "duplicate" {
		t.Errorf("an mbox: %+v", got)
	}
	if n := count(`outgoing_messages`); n != 1 {
		t.Errorf("%d answers", n)
	}
	if _, lines = ingest(maildir, box); len(lines) != 5 || count(`cases`) != 5 {
		t.Errorf("a second time: %+v, %d cases", lines, count(`cases`))
	}
}
