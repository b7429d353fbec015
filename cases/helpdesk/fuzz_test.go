package helpdesk_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"makegood/cases"
	"makegood/cases/helpdesk"
)

// sound is what every reader promises of whatever it takes: cases that the desk can keep, each once, of the past, and closed after they
// were opened; and that each is either taken or refused with a reason.
func sound(t *testing.T, x helpdesk.Export) {
	t.Helper()
	seen := map[string]bool{}
	for _, p := range x.Cases {
		if p.Number == "" || seen[p.Number] || strings.TrimSpace(p.Subject) == "" || !utf8.ValidString(p.Subject) || p.OpenedAt.IsZero() || p.OpenedAt.After(now) {
			t.Fatalf("taken: %+v", p)
		}
		seen[p.Number] = true
		if !slices.Contains([]cases.Status{cases.StatusNew, cases.StatusOpen, cases.StatusWaiting, cases.StatusClosed}, p.Status) {
			t.Fatalf("stands as %s", p.Status)
		}
		if (p.Status == cases.StatusClosed) && (p.ClosedAt.Before(p.OpenedAt) || p.ClosedAt.After(now)) {
			t.Fatalf("closed %s, opened %s", p.ClosedAt, p.OpenedAt)
		}
		if !slices.IsSortedFunc(p.Messages, func(a, b helpdesk.Message) int { return a.At.Compare(b.At) }) {
			t.Fatalf("out of order: %+v", p.Messages)
		}
		for _, m := range p.Messages {
			if m.At.After(now) || m.At.IsZero() || !utf8.ValidString(m.Body) || strings.ContainsRune(m.Body+m.Name+m.Address+m.Subject, 0) || m.Body == "" && len(m.Files) == 0 {
				t.Fatalf("message %+v", m)
			}
		}
	}
	for _, r := range x.Refused {
		if r.Key == "" || r.File == "" {
			t.Fatalf("refused without a reason: %+v", r)
		}
	}
}

func FuzzSalesforce(f *testing.F) {
	for _, file := range export(f) {
		content := make([]byte, file.Size)
		if _, err := file.Content.ReadAt(content, 0); err != nil {
			f.Fatal(err)
		}
		f.Add(string(content), "Id,ParentId,TextBody,Incoming\n1,1,x,1\n")
	}
	f.Add("Case Number;Subject;Date/Time Opened\n1;x;31.12.2025, 23:59\n2;y;12/31/25 11:59 PM\n", "ParentId,CommentBody\n1,\x00\n")
	f.Fuzz(func(t *testing.T, table, beside string) {
		x, err := helpdesk.Read(helpdesk.Salesforce, []helpdesk.File{given("a.csv", table), given("b.csv", beside)}, helpdesk.Options{}, now)
		if err == nil {
			sound(t, x)
		}
	})
}

func FuzzIntercom(f *testing.F) {
	for _, file := range fromDisk(f, "intercom/conversations.json", "intercom/lines.jsonl") {
		content := make([]byte, file.Size)
		if _, err := file.Content.ReadAt(content, 0); err != nil {
			f.Fatal(err)
		}
		f.Add(string(content))
	}
	f.Add(`[{"id":1,"created_at":1775000000,"contacts":{"contacts":[{"email":5}]},"tags":[{}],"conversation_parts":{"conversation_parts":null}}]`)
	f.Fuzz(func(t *testing.T, content string) {
		x, err := helpdesk.Read(helpdesk.Intercom, []helpdesk.File{given("a.json", content)}, helpdesk.Options{}, now)
		if err == nil {
			sound(t, x)
		}
	})
}
