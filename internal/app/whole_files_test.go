package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"makegood/inbox"
	"makegood/inbox/parse"
	"makegood/internal/access"
	"makegood/internal/api"
	"makegood/internal/scenario"
)

// TestFilesByAPI go with a reply to the customer's mailbox, stay with a note, and are read by who may read the case.
func TestFilesByAPI(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	agent := h.as(access.Agent)
	p2(h.app.Intake.Ingest(t.Context(), mail("Ada Lumen <"+ada+">", "files-1@lumen.example", "Invoice "+h.LumenBill.Number, "Please send me the price list."), inbox.SourceFile))(t)
	number := onlyCase(agent, "")
	file := func(name, content string) []api.FileToSend {
		return []api.FileToSend{{Name: name, Content: []byte(content)}}
	}
	agent.ask(http.StatusCreated, "POST", "/cases/"+number+"/messages", map[string]any{"text": "Here it is.", "files": file("Preisliste für Mai.txt", "Fibre 100: 30 EUR")}, nil)
	agent.ask(http.StatusCreated, "POST", "/cases/"+number+"/notes", map[string]any{"text": "Our margin.", "files": file("inside.txt", "40 per cent")}, nil)
	agent.ask(http.StatusUnprocessableEntity, "POST", "/cases/"+number+"/messages", map[string]any{"text": "And this.", "files": file("setup.exe", "no matter")}, nil)
	got := h.awaitMail(func(m parse.Message) bool { return len(m.Attachments) > 0 })
	if a := got.Attachments[0]; len(got.Attachments) != 1 || a.Filename != "Preisliste für Mai.txt" || string(a.Content) != "Fibre 100: 30 EUR" || !strings.Contains(got.Text, "Here it is.") {
		t.Errorf("the customer got %+v", got)
	}
	var said struct{ Items []api.Message }
	h.as(access.Auditor).ask(http.StatusOK, "GET", "/cases/"+number+"/messages", nil, &said)
	read := map[string]string{}
	for _, m := range said.Items {
		for _, a := range m.Attachments {
			path := fmt.Sprintf("/cases/%s/messages/%d/files/%d", number, m.ID, a.Position)
			read[m.Kind+" "+a.Filename] = string(h.as(access.Auditor).ask(http.StatusOK, "GET", path, nil, nil).body)
			agent.ask(http.StatusNotFound, "GET", path+"9", nil, nil)
		}
	}
	if want := map[string]string{"reply Preisliste für Mai.txt": "Fibre 100: 30 EUR", "note inside.txt": "40 per cent"}; fmt.Sprint(read) != fmt.Sprint(want) {
		t.Errorf("read were %v, want %v", read, want)
	}
	if n := count(t, h.app.DB, `select count(*) from audit_log where what = 'message.downloaded'`); n != 2 {
		t.Errorf("%d on record", n)
	}
	h.sound()
}
