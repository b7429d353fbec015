package intake_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"makegood/inbox"
	"makegood/inbox/scan/scantest"
	"makegood/internal/access"
	"makegood/internal/db"
)

func TestAnInfectedMailGoesNowhere(t *testing.T) {
	t.Parallel()
	scanner := scantest.Start(t, 1<<20)
	o := openWith(t, scanner.Scanner(t))
	m := o.arrive("From: Ada <ada@lumen.example>", "To: billing@ostwind.example", "Subject: The bill", "Message-ID: <1@lumen.example>", "MIME-Version: 1.0",
		"Content-Type: multipart/mixed; boundary=x", "", "--x", "Content-Type: text/plain", "", "See the file.",
		"--x", "Content-Type: application/pdf", `Content-Disposition: attachment; filename="bill.pdf"`, "", scantest.Bad, "--x--")
	agent := o.As(access.Agent)
	page := agent.Get(path(m, ""))
	has(t, page, "The virus scanner found "+scantest.Name, "See the file.", "Discard")
	for _, way := range []string{path(m, "/open"), path(m, "/release"), path(m, "/eml"), path(m, "/files/0")} {
		if strings.Contains(page.HTML, way+`"`) {
			t.Errorf("the page offers %s", way)
		}
	}
	for _, file := range []string{path(m, "/eml"), path(m, "/files/0")} {
		if a := agent.Get(file); a.Status != http.StatusConflict || strings.Contains(a.HTML, scantest.Bad) {
			t.Errorf("%s: %d", file, a.Status)
		}
	}
	if a := agent.Post(path(m, "/open"), nil); a.Status != http.StatusConflict {
		t.Errorf("opened: %d", a.Status)
	}
	if a := agent.Post(path(m, "/discard"), url.Values{"reason": {"a virus"}}); a.Status != http.StatusSeeOther {
		t.Errorf("discarded: %d %s", a.Status, a.Text)
	}
	if a := agent.Get(path(m, "/eml")); a.Status != http.StatusConflict {
		t.Errorf("its bytes are handed out afterwards: %d", a.Status)
	}
}

func TestWaitingForTheScannerIsSeen(t *testing.T) {
	t.Parallel()
	scanner := scantest.Start(t, 1<<20)
	o := openWith(t, scanner.Scanner(t))
	scanner.Stop()
	id, err := o.Inbox.Ingest(t.Context(), []byte("From: ada@lumen.example\r\nSubject: The bill\r\n\r\nGood morning."), inbox.SourceFile)
	o.Must(err)
	if err := o.intake.Handle(t.Context(), inbox.MessageArrived{ID: id}); err == nil {
		t.Fatal("it was handled")
	}
	agent := o.As(access.Agent)
	has(t, agent.HTMX().Get("/intake/health"), "Virus scanner", "A message waits for it")
	m, err := o.Inbox.Message(t.Context(), o.DB, id)
	o.Must(err)
	has(t, agent.HTMX().Get(path(m, "/notice")), "The virus scanner does not answer")
	if a := agent.Get(path(m, "/eml")); a.Status != http.StatusServiceUnavailable {
		t.Errorf("its bytes are handed out: %d", a.Status)
	}
	if n, err := db.Value[int](t.Context(), o.DB, `select count(*) from cases`); err != nil || n != 0 {
		t.Errorf("%d cases, %v", n, err)
	}
}
