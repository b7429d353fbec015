package casefile_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"makegood/cases"
)

// Of a long case the beginning is read too, step by step and each thing once: what was written, and what was done.
func TestTheBeginningOfALongCaseIsRead(t *testing.T) {
	t.Parallel()
	r, _, c := disputed(t)
	for n := range 90 {
		if n == 10 { // the last message of what is read earlier, which is not folded
			c, err := r.cases.CaseByID(t.Context(), r.db, c.ID, r.mara)
			r.must(err)
			_, err = r.cases.Reply(t.Context(), cases.ReplyInput{
				On: cases.On{By: r.mara, ID: c.ID, Version: c.Version}, Body: "Our price list is with this.", Attach: []cases.NewFile{{Filename: "price-list.txt", Content: []byte("Support: 90.00")}},
			})
			r.must(err)
		}
		_, err := r.cases.AddNote(t.Context(), cases.NoteInput{On: cases.On{By: r.mara, ID: c.ID}, Body: "Note " + strconv.Itoa(n) + " of many."})
		r.must(err)
	}
	for n := range 200 {
		_, err := r.cases.Tag(t.Context(), cases.TagInput{On: cases.On{By: r.mara, ID: c.ID}, Tag: "tag " + strconv.Itoa(n)})
		r.must(err)
	}
	page := r.get(r.mara, "/cases/"+c.Number, false)
	if strings.Contains(page.body, "Three positions") || strings.Contains(page.body, "Case opened as") || strings.Contains(page.body, "Note 9 of many") || !strings.Contains(page.body, "Note 89 of many") {
		t.Fatal("it is all there at once, or the end is not")
	}
	all := page.body
	link := regexp.MustCompile(`hx-get="(/cases/[^"]*/earlier[^"]*)"`)
	steps := 0
	for ; steps < 10; steps++ {
		next := link.FindStringSubmatch(page.body)
		if next == nil {
			break
		}
		page = r.get(r.mara, html.UnescapeString(next[1]), true)
		page.has(t, http.StatusOK)
		all += page.body
	}
	if steps == 0 || steps == 10 {
		t.Errorf("%d steps", steps)
	}
	if n := strings.Count(all, ">price-list.txt<"); n != 1 {
		t.Errorf("the file of a reply stands there %d times", n)
	}
	for _, text := range []string{"Case opened as", "Note 0 of many", "Note 9 of many", "Note 10 of many", "as “tag 0”", "as “tag 199”"} {
		if n := strings.Count(all, text); n != 1 {
			t.Errorf("%q stands there %d times", text, n)
		}
	}
	r.get(r.mara, "/cases/"+c.Number+"/earlier?m=1&e=3", false).has(t, http.StatusOK, "Back to "+c.Number, "<html")
	if a := r.get(r.mara, "/cases/"+c.Number+"/earlier?m=x", true); a.status != http.StatusUnprocessableEntity {
		t.Errorf("%d", a.status)
	}
}

// Whoever writes a note hears whom it told, and which name told nobody; the note shows it to everybody.
func TestANoteSaysWhomItTold(t *testing.T) {
	t.Parallel()
	r, _, c := disputed(t)
	first, _, _ := strings.Cut(r.jonas.Name, " ")
	form := url.Values{"kind": {"note"}, "body": {"@" + first + " please look; @nobody too."}}
	said := r.post(r.mara, "/cases/"+c.Number+"/messages", form, true)
	if toast := said.header.Get("HX-Trigger"); said.status != http.StatusOK || !strings.Contains(toast, "Told: "+r.jonas.Name) || !strings.Contains(toast, "Nobody is told by @nobody") {
		t.Errorf("%d %s", said.status, toast)
	}
	page := r.get(r.mara, "/cases/"+c.Number, false)
	page.has(t, http.StatusOK, "Told: "+r.jonas.Name)
}
