package portal_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"makegood/cases"
	"makegood/inbox/scan/scantest"
	"makegood/internal/access"
	"makegood/internal/db"
)

func TestFilesOfARequestAreTheirs(t *testing.T) {
	t.Parallel()
	l := open(t)
	ada, finn := l.as("ada@lumen.example"), l.as("finn@ferro.example")
	page := `<html><script>alert(1)</script></html>`
	a := ada.upload("/portal/invoices/"+url.PathEscape(l.Company.LumenBill.Number)+"/dispute",
		url.Values{"line": {"1"}, "reason_1": {"overcharge"}, "form": {"once"}}, "../evi\"dence.png", []byte(page))
	if a.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Code, a.Body)
	}
	request, _, _ := strings.Cut(a.Header().Get("Location"), "?")
	if a := ada.upload(request+"/messages", url.Values{"text": {"And this."}, "form": {"twice"}}, "more.txt", []byte("down 15 days")); a.Code != http.StatusSeeOther {
		t.Fatalf("evidence later: %d %s", a.Code, a.Body)
	}
	c, err := l.Cases.CaseByNumber(t.Context(), l.DB, strings.TrimPrefix(request, "/portal/requests/"), access.SystemActor("test"))
	l.Must(err)
	messages, err := l.Cases.Messages(t.Context(), l.DB, c.ID)
	l.Must(err)
	path := func(m cases.Message) string { return fmt.Sprintf("%s/messages/%d/files/0", request, m.ID) }
	first, second := path(messages[0]), path(messages[len(messages)-1])
	if page := ada.get(request).Body.String(); !strings.Contains(page, `href="`+first+`"`) || !strings.Contains(page, `href="`+second+`"`) {
		t.Errorf("the request does not lead to its files: %s", page)
	}

	got := ada.get(first)
	if got.Code != http.StatusOK || got.Body.String() != page {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/html", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "no-store",
	} {
		if have := got.Header().Get(name); have != want {
			t.Errorf("%s: %s", name, have)
		}
	}
	if d := got.Header().Get("Content-Disposition"); !strings.HasPrefix(d, "attachment") || strings.Contains(d, "/") {
		t.Errorf("Content-Disposition: %s", d)
	}
	if got := ada.get(second); got.Code != http.StatusOK || got.Body.String() != "down 15 days" {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	for name, path := range map[string]string{
		"a file there is none of": strings.TrimSuffix(first, "0") + "1", "below none": strings.TrimSuffix(first, "0") + "-1", "no number": strings.TrimSuffix(first, "0") + "x",
		"a message there is none of": fmt.Sprintf("%s/messages/%d/files/0", request, 999_999), "another's way": strings.Replace(first, c.Number, "MG-999999", 1),
	} {
		if got := ada.get(path); got.Code != http.StatusNotFound {
			t.Errorf("%s: %d", name, got.Code)
		}
	}
	for _, path := range []string{first, second} {
		if got := finn.get(path); got.Code != http.StatusNotFound || strings.Contains(got.Body.String(), "alert") {
			t.Errorf("another customer gets %s: %d", path, got.Code)
		}
		if got := l.browser().get(path); got.Code == http.StatusOK {
			t.Errorf("nobody gets %s", path)
		}
	}

	t.Run("what a machine wrote stays inside", func(t *testing.T) {
		l.Must(l.DB.Do(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `update case_messages set machine = true where id = $1`, messages[0].ID)
			return err
		}))
		if got := ada.get(first); got.Code != http.StatusNotFound {
			t.Errorf("%d", got.Code)
		}
	})
}

func TestAnInfectedFileIsRefusedAtTheDoor(t *testing.T) {
	t.Parallel()
	scanner := scantest.Start(t, 1<<20)
	l := openWith(t, scanner.Scanner(t))
	ada := l.as("ada@lumen.example")
	dispute := "/portal/invoices/" + url.PathEscape(l.Company.LumenBill.Number) + "/dispute"
	fields := func() url.Values { return url.Values{"line": {"1"}, "reason_1": {"overcharge"}, "form": {"once"}} }
	nothing := func(when string) {
		t.Helper()
		n, err := db.Value[int](t.Context(), l.DB, `select (select count(*) from cases) + (select count(*) from inbound_messages)`)
		l.Must(err)
		if n != 0 {
			t.Errorf("%s: %d rows were kept", when, n)
		}
	}
	if a := ada.upload(dispute, fields(), "bill.pdf", []byte(scantest.Bad)); a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.Body.String(), "The virus scanner found") {
		t.Errorf("infected: %d %s", a.Code, a.Body)
	}
	nothing("infected")
	scanner.Stop()
	if a := ada.upload(dispute, fields(), "bill.pdf", []byte("fine")); a.Code != http.StatusServiceUnavailable {
		t.Errorf("nobody looked at it: %d %s", a.Code, a.Body)
	}
	nothing("not looked at")
	scanner.Restart()
	if a := ada.upload(dispute, fields(), "bill.pdf", []byte("fine")); a.Code != http.StatusSeeOther {
		t.Errorf("clean: %d %s", a.Code, a.Body)
	}
}
