package intake_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"testing"
	"time"

	"makegood/cases/intake"
	"makegood/inbox"
	"makegood/inbox/scan"
	"makegood/inbox/scan/scantest"
	"makegood/internal/errs"
	"makegood/internal/jobs"
)

// scannedDesk is a desk whose mail a virus scanner looks at.
func scannedDesk(t *testing.T, limit int) (*desk, *scantest.Server) {
	t.Helper()
	d, s := setup(t), scantest.Start(t, limit)
	d.intake = intake.New(d.db, d.inbox, d.cases, d.billing, slog.New(slog.DiscardHandler), intake.Options{Scanner: s.Scanner(t)})
	return d, s
}

// withFile is a mail with a file.
func withFile(id string, content []byte) []byte {
	raw := post{from: anna, subject: "See the file", id: id, text: "--b\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n--b\r\nContent-Type: application/pdf" +
		"\r\nContent-Disposition: attachment; filename=\"f.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString(content) + "\r\n--b--\r\n"}.raw()
	return bytes.Replace(raw, []byte("text/plain; charset=utf-8"), []byte(`multipart/mixed; boundary="b"`), 1)
}

// refusal is the message key by which a field was refused.
func refusal(err error, field string) string {
	if e, ok := errors.AsType[*errs.Error](err); ok {
		for _, f := range e.Fields {
			if f.Name == field {
				return f.Key
			}
		}
	}
	return ""
}

func TestCleanMailGoesItsWay(t *testing.T) {
	t.Parallel()
	d, s := scannedDesk(t, 1<<20)
	m := d.handle(d.store(d.box, withFile("1@aster.example", []byte("%PDF-1.7 fine"))))
	d.want(m, inbox.NewCase, intake.ReasonOpened)
	if s.Seen() != 2 {
		t.Errorf("the scanner saw %d things, not the mail and its file", s.Seen())
	}
	if err := d.intake.MayOpen(m); err != nil {
		t.Error(err)
	}
}

func TestInfectedMailIsDeliveredToNobody(t *testing.T) {
	t.Parallel()
	d, _ := scannedDesk(t, 1<<20)
	bad := withFile("1@aster.example", []byte("%PDF-1.7 "+scantest.Bad)) // only what we unpack shows it
	m := d.handle(d.store(d.box, bad))
	d.want(m, inbox.Held, intake.ReasonInfected)
	if m.Infected != scantest.Name || m.FateParams["found"] != scantest.Name {
		t.Errorf("%+v", m)
	}
	nobody := func() {
		t.Helper()
		if n := d.count(`cases`) + d.count(`case_messages`) + d.count(`outgoing_messages`); n != 0 {
			t.Errorf("%d rows tell of it", n)
		}
		if err := d.intake.MayOpen(d.message(m.ID)); !errors.Is(err, intake.ErrInfected) {
			t.Errorf("its bytes are handed out: %v", err)
		}
	}
	nobody()
	if _, err := d.intake.ReleaseAsNewCase(t.Context(), intake.ReleaseInput{By: agent(), ID: m.ID}); !errors.Is(err, intake.ErrInfected) {
		t.Errorf("released: %v", err)
	}
	nobody()
	again, err := d.intake.Retry(t.Context(), m.ID, agent())
	d.must(err)
	d.want(again, inbox.Held, intake.ReasonInfected)
	nobody()
	d.must(d.intake.Discard(t.Context(), intake.DiscardInput{By: agent(), ID: m.ID, Reason: "a virus"}))
	d.want(d.message(m.ID), inbox.Ignored, intake.ReasonDiscarded)
	nobody()

	t.Run("not into a case either", func(t *testing.T) {
		open := d.caseOf(d.deliver(post{from: anna, subject: "Another matter", id: "9@aster.example", text: "Good morning."}))
		held := d.handle(d.store(d.box, withFile("2@aster.example", []byte(scantest.Bad+"2"))))
		if err := d.intake.ReleaseToCase(t.Context(), intake.ReleaseInput{By: agent(), ID: held.ID, CaseID: open.ID}); !errors.Is(err, intake.ErrInfected) {
			t.Errorf("released: %v", err)
		}
		if n := d.count(`case_messages where inbound_message_id = $1`, held.ID); n != 0 {
			t.Error("it stands in the case")
		}
	})
}

func TestAScannerTakenAwayFreesNothing(t *testing.T) {
	t.Parallel()
	d, _ := scannedDesk(t, 1<<20)
	m := d.handle(d.store(d.box, withFile("1@aster.example", []byte(scantest.Bad))))
	d.want(m, inbox.Held, intake.ReasonInfected)
	d.intake = intake.New(d.db, d.inbox, d.cases, d.billing, slog.New(slog.DiscardHandler), intake.Options{})
	again, err := d.intake.Retry(t.Context(), m.ID, agent())
	d.must(err)
	d.want(again, inbox.Held, intake.ReasonInfected)
}

func TestWhatTheScannerCannotLookAtIsHeld(t *testing.T) {
	t.Parallel()
	d, _ := scannedDesk(t, 4<<10)
	m := d.handle(d.store(d.box, withFile("1@aster.example", bytes.Repeat([]byte("x"), 8<<10))))
	d.want(m, inbox.Held, intake.ReasonUnscannable)
	c, err := d.intake.ReleaseAsNewCase(t.Context(), intake.ReleaseInput{By: agent(), ID: m.ID}) // a person may, and was told
	d.must(err)
	if c.Number == "" {
		t.Error("no case")
	}
}

func TestNothingPassesWhileTheScannerIsAway(t *testing.T) {
	t.Parallel()
	d, s := scannedDesk(t, 1<<20)
	s.Stop()
	ids := d.storeAll(
		post{from: anna, subject: "One", id: "1@aster.example", text: "One."}.raw(),
		withFile("2@aster.example", []byte(scantest.Bad)),
		post{from: "bo@borealis.example", subject: "Three", id: "3@borealis.example", text: "Three."}.raw(),
	)
	if err := d.intake.HandleAll(t.Context(), inbox.MessagesArrived{IDs: ids}); !errors.Is(err, scan.ErrAway) {
		t.Fatalf("handled: %v", err)
	}
	for _, id := range ids {
		m := d.message(id)
		if m.Fate != inbox.Pending || m.FateReason != intake.ReasonScannerAway || m.Attempts != 0 {
			t.Errorf("message %d: %s, %s, %d attempts", id, m.Fate, m.FateReason, m.Attempts)
		}
		if err := d.intake.MayOpen(m); !errors.Is(err, intake.ErrUnscanned) {
			t.Errorf("message %d is handed out: %v", id, err)
		}
	}
	if n := d.count(`cases`) + d.count(`outgoing_messages`); n != 0 {
		t.Errorf("%d rows tell of them", n)
	}
	w, err := d.inbox.WaitingFor(t.Context(), intake.ReasonScannerAway)
	d.must(err)
	if w.Count != 3 || w.Since == nil {
		t.Errorf("nobody sees that they wait: %+v", w)
	}

	s.Restart()
	d.must(d.intake.HandleAll(t.Context(), inbox.MessagesArrived{IDs: ids}))
	d.want(d.message(ids[0]), inbox.NewCase, intake.ReasonOpened)
	d.want(d.message(ids[1]), inbox.Held, intake.ReasonInfected)
	d.want(d.message(ids[2]), inbox.NewCase, intake.ReasonOpened)
	if w, err = d.inbox.WaitingFor(t.Context(), intake.ReasonScannerAway); err != nil || w.Count != 0 {
		t.Errorf("they wait still: %+v %v", w, err)
	}
}

// A file that the scanner comes to no end with waits for a person after a few attempts, and nothing waits behind it.
func TestAMessageThatTakesTooLong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		longest, scan time.Duration
		reason        string
	}{
		"for the scanner": {time.Hour, 100 * time.Millisecond, "scan.slow"},
		"for anybody":     {100 * time.Millisecond, time.Hour, "intake.takes_too_long"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, s := setup(t), scantest.Start(t, 1<<20)
			clamd, ok := s.Scanner(t).(*scan.Clamd)
			if !ok {
				t.Fatal("no clamd")
			}
			d.intake = intake.New(d.db, d.inbox, d.cases, d.billing, slog.New(slog.DiscardHandler), intake.Options{Scanner: clamd.Within(c.scan), Longest: c.longest})
			s.Think(false)
			id := d.store(d.box, withFile("1@aster.example", []byte("an archive in an archive")))
			stopped, stop := context.WithCancel(t.Context())
			stop()
			if err := d.intake.Handle(stopped, inbox.MessageArrived{ID: id}); err == nil || d.message(id).Attempts != 0 || d.message(id).FateReason != "" {
				t.Errorf("a program that is being stopped says nothing of the message: %v %+v", err, d.message(id))
			}
			d.clock.Add(11 * time.Minute)
			registry := jobs.NewRegistry()
			d.intake.Register(registry)
			for n := range 3 {
				if m := d.message(id); m.Attempts != n || m.FateReason != "" {
					t.Errorf("before attempt %d: %+v", n, m)
				}
				d.must(registry.Work(t.Context(), intake.SweepPending{}.Kind(), []byte(`{}`)))
			}
			d.want(d.message(id), inbox.Quarantined, intake.ReasonFailed)
			if got := d.message(id).FateParams["error"]; got != c.reason {
				t.Errorf("for %s, want %s", got, c.reason)
			}
		})
	}
	if own, job := 8*time.Minute, (inbox.MessageArrived{}).Takes(); job <= own || (inbox.MessagesArrived{IDs: make([]inbox.InboundID, 20)}).Takes() < 20*own || (intake.SweepPending{}).Takes() < own {
		t.Errorf("the job ends before the message's own time: %s", job)
	}
}

func TestFilesAreExaminedAtTheDoor(t *testing.T) {
	t.Parallel()
	d, s := scannedDesk(t, 1<<10)
	file := func(content string) []inbox.Attachment {
		return []inbox.Attachment{{Filename: "a.pdf", Content: []byte("fine")}, {Filename: "../b.pdf", Content: []byte(content)}}
	}
	if err := d.intake.ExamineFiles(t.Context(), file("fine too")); err != nil {
		t.Error(err)
	}
	for content, key := range map[string]string{scantest.Bad: "intake.infected_file", string(make([]byte, 2<<10)): "intake.file_not_scannable"} {
		if got := refusal(d.intake.ExamineFiles(t.Context(), file(content)), "files"); got != key {
			t.Errorf("%.20q: %s", content, got)
		}
	}
	s.Stop()
	if err := d.intake.ExamineFiles(t.Context(), file("fine")); !errors.Is(err, scan.ErrAway) {
		t.Errorf("nobody was asked: %v", err)
	}
}
