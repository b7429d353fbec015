package casefile_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"makegood/cases"
	"makegood/internal/access"
)

// upload sends a file as the composer does.
func (r *room) upload(who access.Actor, c cases.Case, kind, name, content string) answer {
	r.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	r.must(form.WriteField("kind", kind))
	part, err := form.CreateFormFile("files", name)
	r.must(err)
	_, err = part.Write([]byte(content))
	r.must(err)
	r.must(form.Close())
	req := httptest.NewRequestWithContext(r.t.Context(), http.MethodPost, "/cases/"+c.Number+"/draft/files", &body)
	req.Header.Set("Content-Type", form.FormDataContentType())
	return r.send(who, req, true)
}

var fileID = regexp.MustCompile(`name="reply_file" value="(\d+)"`)

// TestFilesGoAlong adds them to the draft, where they are for whoever added them alone, and sends them with what is sent.
func TestFilesGoAlong(t *testing.T) {
	t.Parallel()
	r, _, c := disputed(t)
	r.upload(r.mara, c, "note", "inside.txt", "margins").has(t, http.StatusOK, "inside.txt", `name="note_file"`)
	added := r.upload(r.mara, c, "reply", "terms.txt", "Net 30 days.")
	added.has(t, http.StatusOK, "terms.txt", "12 B", "inside.txt")
	id := fileID.FindStringSubmatch(added.body)[1]
	r.get(r.mara, "/cases/"+c.Number, false).has(t, http.StatusOK, `value="`+id+`"`, "Remove terms.txt")
	r.get(r.jonas, "/cases/"+c.Number, false).lacks(t, "terms.txt", "inside.txt")
	r.upload(r.mara, c, "reply", "tool.exe", "no matter what").has(t, http.StatusUnprocessableEntity, "tool.exe is a program", "terms.txt")
	r.upload(r.mara, c, "reply", "empty.txt", "").has(t, http.StatusUnprocessableEntity, "empty.txt is empty")
	r.post(r.mara, "/cases/"+c.Number+"/draft/files", url.Values{"kind": {"reply"}}, true).has(t, http.StatusUnprocessableEntity, "Choose a file first")

	gone := fileID.FindStringSubmatch(strings.Replace(r.upload(r.mara, c, "reply", "gone.txt", "gone").body, `value="`+id+`"`, "", 1))[1]
	remove := "/cases/" + c.Number + "/draft/files/" + gone + "/remove"
	r.post(r.jonas, remove, url.Values{}, true).has(t, http.StatusNotFound)
	left := r.post(r.mara, remove, url.Values{}, true)
	left.has(t, http.StatusOK, "terms.txt")
	left.lacks(t, "gone.txt")

	form := url.Values{"kind": {"reply"}, "body": {"Here are our terms."}, "version": {version(c)}, "reply_file": {id}}
	r.post(r.jonas, "/cases/"+c.Number+"/messages", form, true).has(t, http.StatusNotFound)
	sent := r.post(r.mara, "/cases/"+c.Number+"/messages", form, true)
	sent.has(t, http.StatusOK, "Here are our terms.", "terms.txt", "inside.txt")
	_, undo, _ := strings.Cut(sent.header.Get("HX-Trigger"), `"undo":"`)
	undo, _, _ = strings.Cut(undo, `"`)
	link := strings.TrimSuffix(undo, "/undo") + "/files/0"
	sent.has(t, http.StatusOK, `href="`+link+`"`)
	got := r.get(r.mara, link, false)
	got.has(t, http.StatusOK, "Net 30 days.")
	if head := got.header.Get("Content-Disposition"); head != "attachment; filename=terms.txt" {
		t.Fatalf("it is handed out as %q", head)
	}
	r.post(r.mara, undo, url.Values{}, true).has(t, http.StatusOK, "Here are our terms.</textarea>", "Remove terms.txt")

	note := url.Values{"kind": {"note"}, "body": {"Look."}, "note_file": {regexp.MustCompile(`name="note_file" value="(\d+)"`).FindStringSubmatch(added.body)[1]}}
	r.post(r.mara, "/cases/"+c.Number+"/messages", note, true).has(t, http.StatusOK, "inside.txt")
	r.get(r.jonas, "/cases/"+c.Number, false).has(t, http.StatusOK, "inside.txt")
}

// TestMarksAreShown in a preview and in the conversation, and nothing else of what was typed becomes HTML.
func TestMarksAreShown(t *testing.T) {
	t.Parallel()
	r, _, c := disputed(t)
	const body = "**Done**:\n- ports\n- cables <b>too</b>"
	const shown = "<strong>Done</strong>:</p>\n<ul>\n<li>ports</li>\n<li>cables &lt;b&gt;too&lt;/b&gt;</li>\n</ul>"
	r.post(r.mara, "/cases/"+c.Number+"/draft/preview", url.Values{"body": {body}}, true).has(t, http.StatusOK, shown)
	r.post(r.mara, "/cases/"+c.Number+"/messages", url.Values{"kind": {"reply"}, "body": {body}, "version": {version(c)}}, true).has(t, http.StatusOK, shown)
	r.post(r.mara, "/cases/"+c.Number+"/messages", url.Values{"kind": {"note"}, "body": {body}}, true).has(t, http.StatusOK, shown)
}
