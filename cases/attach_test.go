package cases_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"makegood/cases"
	"makegood/inbox"
	"makegood/inbox/scan/scantest"
	"makegood/internal/access"
)

// attach adds a file to what somebody begins to write, and gives its id.
func (k *desk) attach(c cases.Case, by access.Actor, kind cases.MessageKind, name, content string) cases.DraftFileID {
	k.t.Helper()
	k.must(k.cases.Attach(k.t.Context(), cases.AttachInput{By: by, ID: c.ID, Kind: kind, Files: []cases.NewFile{{Filename: name, Content: []byte(content)}}}))
	return value[cases.DraftFileID](k.t, k.db, `select max(id) from draft_files`)
}

func (k *desk) draftFiles(c cases.Case, by access.Actor) string {
	k.t.Helper()
	list, err := k.cases.DraftFiles(k.t.Context(), c.ID, by.UserID)
	k.must(err)
	var names []string
	for _, f := range list {
		names = append(names, fmt.Sprintf("%s %s %s %d", f.Kind, f.Filename, f.MediaType, f.Size))
	}
	return strings.Join(names, "; ")
}

// filesSaid are the files of the messages of a case.
func (k *desk) filesSaid(c cases.Case) string {
	k.t.Helper()
	list, err := k.cases.Messages(k.t.Context(), k.db, c.ID)
	k.must(err)
	var names []string
	for _, m := range list {
		for _, f := range m.Attachments {
			names = append(names, fmt.Sprintf("%s %d %s", m.Kind, f.Position, f.Filename))
		}
	}
	return strings.Join(names, "; ")
}

// TestFilesGoWithAReply keeps them with the draft, sends them with the mail, and brings them back with what is taken back.
func TestFilesGoWithAReply(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.open(k.mail())
	bill := k.attach(c, k.agent, cases.PublicReply, `C:\papers\Rechnung Mai.pdf`, "%PDF-1.7\nnothing much")
	terms := k.attach(c, k.agent, cases.PublicReply, "terms.txt", "Net 30 days.")
	k.attach(c, k.agent, cases.PublicReply, "not yet.txt", "For later.")
	if got, want := k.draftFiles(c, k.agent), "reply Rechnung Mai.pdf application/pdf 21; reply terms.txt text/plain 12; reply not yet.txt text/plain 10"; got != want {
		t.Fatalf("%s, want %s", got, want)
	}
	if got := k.draftFiles(c, k.second); got != "" {
		t.Fatalf("somebody else has %s", got)
	}
	sent, err := k.cases.Reply(t.Context(), cases.ReplyInput{On: k.on(c), Body: "Here they are.", Files: []cases.DraftFileID{terms, bill, terms}})
	k.must(err)
	mailed := value[string](t, k.db, `select string_agg(a.filename || ' ' || convert_from(b.content, 'UTF8'), '; ' order by a.position) from outgoing_attachments a
		join blobs b on b.sha256 = a.blob where a.outgoing_message_id = $1 and a.size = length(b.content)`, sent.OutgoingID)
	if want := "terms.txt Net 30 days.; Rechnung Mai.pdf %PDF-1.7\nnothing much"; mailed != want {
		t.Fatalf("with the mail go %q, want %q", mailed, want)
	}
	if got, want := k.filesSaid(c), "reply 0 terms.txt; reply 1 Rechnung Mai.pdf"; got != want {
		t.Fatalf("the conversation has %s, want %s", got, want)
	}
	if got, want := k.draftFiles(c, k.agent), "reply not yet.txt text/plain 10"; got != want {
		t.Fatalf("left are %s, want %s", got, want)
	}
	if n := value[int](t, k.db, `select jsonb_array_length(data->'files') from audit_log where what = 'reply.sent'`); n != 2 {
		t.Fatalf("on record are %d files", n)
	}
	_, err = k.cases.UndoReply(t.Context(), cases.UndoReplyInput{By: k.agent, ID: c.ID, MessageID: sent.MessageID})
	k.must(err)
	if got, want := k.draftFiles(c, k.agent), "reply not yet.txt text/plain 10; reply terms.txt text/plain 12; reply Rechnung Mai.pdf application/pdf 21"; got != want {
		t.Fatalf("taken back are %s, want %s", got, want)
	}
	if got := k.filesSaid(c); got != "" {
		t.Fatalf("the conversation still has %s", got)
	}
}

// TestFilesOfANoteStayInside keeps them with the note, and shows them to no customer.
func TestFilesOfANoteStayInside(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.open(k.mail())
	file := k.attach(c, k.agent, cases.Note, "margin.csv", "product,margin\ncompute,0.4\n")
	_, err := k.cases.AddNote(t.Context(), cases.NoteInput{On: k.on(c), Body: "See the sheet.", Files: []cases.DraftFileID{file}, Attach: []cases.NewFile{{Filename: "more.txt", Content: []byte("more")}}})
	k.must(err)
	if got, want := k.filesSaid(c), "note 0 margin.csv; note 1 more.txt"; got != want {
		t.Fatalf("the conversation has %s, want %s", got, want)
	}
	if n := value[int](t, k.db, `select count(*) from case_attachments a join blobs b on b.sha256 = a.blob and b.sha256 = a.sha256`); n != 2 {
		t.Fatalf("%d files are kept", n)
	}
	if got := k.draftFiles(c, k.agent); got != "" {
		t.Fatalf("left are %s", got)
	}
	told, _, err := k.cases.Told(t.Context(), k.db, cases.Reader{Address: "anna@brandung.example", Customer: k.customer}, c.ID)
	k.must(err)
	for _, m := range told {
		if len(m.Attachments) > 0 {
			t.Fatalf("the customer is told of %v", m.Attachments)
		}
	}
}

// TestFilesOfOthersAreRefused whatever id is named: of another person, another case, the other kind, or none.
func TestFilesOfOthersAreRefused(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c, other := k.open(k.mail()), k.open(k.mail())
	own := k.attach(c, k.agent, cases.PublicReply, "own.txt", "own")
	for name, id := range map[string]cases.DraftFileID{
		"another person's": k.attach(c, k.second, cases.PublicReply, "theirs.txt", "theirs"),
		"another case's":   k.attach(other, k.agent, cases.PublicReply, "there.txt", "there"),
		"a note's":         k.attach(c, k.agent, cases.Note, "note.txt", "note"),
		"nobody's":         own + 1000,
	} {
		if _, err := k.cases.Reply(t.Context(), cases.ReplyInput{On: k.on(c), Body: "Here.", Files: []cases.DraftFileID{own, id}}); err == nil {
			t.Errorf("%s file went along", name)
		} else {
			k.refused(err, cases.ErrNoFile)
		}
	}
	_, err := k.cases.AddNote(t.Context(), cases.NoteInput{On: k.on(c), Body: "Here.", Files: []cases.DraftFileID{own}})
	k.refused(err, cases.ErrNoFile)
	k.refused(k.cases.Detach(t.Context(), cases.DetachInput{By: k.second, ID: c.ID, File: own}), cases.ErrNoFile)
	k.refused(k.cases.Detach(t.Context(), cases.DetachInput{By: k.agent, ID: other.ID, File: own}), cases.ErrNoFile)
	auditor := access.Actor{Kind: access.Person, UserID: k.agent.UserID, Roles: []access.Role{access.Auditor}}
	k.refused(k.cases.Detach(t.Context(), cases.DetachInput{By: auditor, ID: c.ID, File: own}), access.ErrForbidden)
	k.refused(k.cases.Attach(t.Context(), cases.AttachInput{By: auditor, ID: c.ID, Kind: cases.Note, Files: []cases.NewFile{{Filename: "x", Content: []byte("x")}}}), access.ErrForbidden)
	abroad := k.agent
	abroad.EntityIDs = []int64{int64(k.other)}
	k.refused(k.cases.Attach(t.Context(), cases.AttachInput{By: abroad, ID: c.ID, Kind: cases.Note, Files: []cases.NewFile{{Filename: "x", Content: []byte("x")}}}), cases.ErrNoCase)
	if n := value[int](t, k.db, `select count(*) from case_messages where kind in ('reply', 'note')`); n != 0 {
		t.Errorf("%d messages were written", n)
	}
	k.must(k.cases.Detach(t.Context(), cases.DetachInput{By: k.agent, ID: c.ID, File: own}))
	if got, want := k.draftFiles(c, k.agent), "note note.txt text/plain 4"; got != want {
		t.Errorf("left are %s, want %s", got, want)
	}
}

// TestFilesThatGoNowhere are refused with their names, all that came with them too.
func TestFilesThatGoNowhere(t *testing.T) {
	t.Parallel()
	k := setup(t)
	scanner := scantest.Start(t, 1<<20)
	k.cases = cases.New(k.db, k.billing, k.inbox, slog.New(slog.DiscardHandler), cases.Options{Scanner: scanner.Scanner(t)})
	c := k.open(k.mail())
	few := slices.Repeat([]cases.NewFile{{Filename: "a.txt", Content: []byte("a")}}, cases.MaxFiles+1)
	for key, files := range map[string][]cases.NewFile{
		"case.empty_file":         {{Filename: "empty.txt"}},
		"case.file_is_program":    {{Filename: "Invoice.pdf.EXE", Content: []byte("hello")}},
		"case.file_infected":      {{Filename: "b.txt", Content: []byte(scantest.Bad)}},
		"case.file_not_scannable": {{Filename: "c.txt", Content: bytes.Repeat([]byte("c"), 1<<20+1)}},
		"case.files_too_large":    {{Filename: "d.txt", Content: bytes.Repeat([]byte("d"), cases.MaxFileBytes+1)}},
		"case.too_many_files":     few,
	} {
		with := append([]cases.NewFile{{Filename: "fine.txt", Content: []byte("fine")}}, files...)
		k.field(k.cases.Attach(t.Context(), cases.AttachInput{By: k.agent, ID: c.ID, Kind: cases.PublicReply, Files: with}), "files", key)
		_, err := k.cases.Reply(t.Context(), cases.ReplyInput{On: k.on(c), Body: "Here.", Attach: with})
		k.field(err, "files", key)
	}
	program := append([]byte("MZ"), make([]byte, 510)...)
	k.field(k.cases.Attach(t.Context(), cases.AttachInput{By: k.agent, ID: c.ID, Kind: cases.Note, Files: []cases.NewFile{{Filename: "innocent.pdf", Content: program}}}), "files", "case.file_is_program")
	k.must(k.cases.Attach(t.Context(), cases.AttachInput{By: k.agent, ID: c.ID, Kind: cases.PublicReply, Files: few[1:]}))
	k.field(k.cases.Attach(t.Context(), cases.AttachInput{By: k.agent, ID: c.ID, Kind: cases.PublicReply, Files: few[:1]}), "files", "case.too_many_files")
	scanner.Stop()
	if err := k.cases.Attach(t.Context(), cases.AttachInput{By: k.agent, ID: c.ID, Kind: cases.Note, Files: few[:1]}); err == nil {
		t.Error("a file was taken that nobody has looked at")
	}
	if n := value[int](t, k.db, `select count(*) from draft_files`); n != cases.MaxFiles {
		t.Errorf("%d files are kept", n)
	}
}

// TestWhoTakesAMailBackGetsItsFiles, as they get its text: a supervisor, for one.
func TestWhoTakesAMailBackGetsItsFiles(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.open(k.mail())
	sent, err := k.cases.Reply(t.Context(), cases.ReplyInput{On: k.on(c), Body: "Here.", Attach: []cases.NewFile{{Filename: "own.txt", Content: []byte("own")}}})
	k.must(err)
	_, err = k.cases.CancelMail(t.Context(), cases.MailInput{By: k.second, ID: c.ID, Mail: inbox.OutgoingID(sent.OutgoingID)})
	k.must(err)
	if got, want := k.draftFiles(c, k.second), "reply own.txt text/plain 3"; got != want {
		t.Fatalf("they have %s, want %s", got, want)
	}
}
