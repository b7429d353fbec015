package casefile

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/marks"
	"makegood/internal/web"
)

// Write sends a reply to the customer, or adds a note that never leaves the house.
func (s *Screen) Write(c echo.Context) error {
	_, on, err := s.find(c)
	if err != nil {
		return err
	}
	macro, err := macroID(c)
	if err != nil {
		return err
	}
	files, err := alongOf(c, kindOf(c))
	if err != nil {
		return err
	}
	var t toast
	if kindOf(c) == cases.Note {
		if macro == 0 {
			on.Version = 0 // a note contradicts nothing
		}
		_, err = s.cases.AddNote(c.Request().Context(), cases.NoteInput{On: on, Body: c.FormValue("body"), Macro: macro, Files: files})
		t = toast{Text: i18n.T("Note added. It stays inside the house.")}
	} else {
		t, err = s.send(c, on, macro, files)
	}
	if err != nil {
		return s.unsent(c, err)
	}
	return s.done(c, s.withMentions(c, on, t), emptied)
}

func (s *Screen) send(c echo.Context, on cases.On, macro cases.MacroID, files []cases.DraftFileID) (toast, error) {
	in := cases.ReplyInput{On: on, Body: c.FormValue("body"), CcAll: c.FormValue("cc_all") == "on", Macro: macro, Files: files}
	if c.FormValue("then") == "customer" {
		in.Then, in.WaitingOn = cases.StatusWaiting, cases.OnCustomer
	}
	in.To = c.FormValue("to")
	sent, err := s.cases.Reply(c.Request().Context(), in)
	if err != nil {
		return toast{}, err
	}
	return toast{Text: i18n.T("Reply leaves in a moment."), Undo: fmt.Sprintf("/cases/%s/messages/%d/undo", sent.Case.Number, sent.MessageID)}, nil
}

// emptied is the composer after its text has gone.
func emptied(v view) templ.Component { return composeAgain(v.Compose) }

// unsent shows the composer again with what was written and why it did not go. A promise nobody approved is the amber
// stop; the text is kept as a draft either way.
func (s *Screen) unsent(c echo.Context, err error) error {
	if kind := errs.KindOf(err); kind == errs.Internal || kind == errs.Forbidden || kind == errs.NotFound {
		return err
	}
	f, readErr := s.files.CaseFile(c.Request().Context(), c.Param("number"), web.Actor(c))
	if readErr != nil {
		return readErr
	}
	v := s.build(c, f)
	v.Compose.Body, v.Compose.Saved = c.FormValue("body"), i18n.T("Your text is kept")
	v.Compose.Kind = string(kindOf(c))
	if again := s.keepMacro(c, &v.Compose); again != nil {
		return again
	}
	for _, sentence := range s.sentences(c, err) {
		if errors.Is(err, cases.ErrUnbackedPromise) {
			v.Compose.Stop = sentence
		} else {
			v.Compose.Error = sentence
		}
	}
	if errors.Is(err, cases.ErrStaleVersion) {
		if missed := s.reader(c).missed(f, f.Version-basedOn(c)); len(missed) > 0 {
			v.Compose.Error += " " + strings.Join(missed, ". ") + "."
		}
		v.Compose.Error += " " + i18n.T("The page now shows it: send again to go ahead, or change your text first.")
	}
	if !web.IsHTMX(c) {
		return s.whole(c, web.Status(err), v)
	}
	h := c.Response().Header()
	h.Set("HX-Retarget", "#case")
	h.Set("HX-Reswap", "outerMorph")
	return s.desk.Fragment(c, web.Status(err), answer(v, composeAgain(v.Compose)))
}

// Draft keeps what is being written, so that nothing is lost with the browser.
func (s *Screen) Draft(c echo.Context) error {
	head, on, err := s.find(c)
	if err != nil {
		return err
	}
	err = s.cases.SaveDraft(c.Request().Context(), cases.DraftInput{By: on.By, ID: head.ID, Kind: kindOf(c), Body: c.FormValue("body")})
	if err != nil {
		return err
	}
	r := s.reader(c)
	return c.HTML(http.StatusOK, s.desk.Said(c, i18n.F("Draft saved {short}", "short", r.time(r.Now))))
}

// Shown is how what is written will look: POST /cases/:number/draft/preview.
func (s *Screen) Shown(c echo.Context) error {
	if _, _, err := s.find(c); err != nil {
		return err
	}
	return c.HTML(http.StatusOK, marks.HTML(c.FormValue("body")))
}

// kindOf is what the composer is used for.
func kindOf(c echo.Context) cases.MessageKind {
	if c.FormValue("kind") == "note" {
		return cases.Note
	}
	return cases.PublicReply
}

// Undo takes back a reply that has not left, and puts its text back into the composer.
func (s *Screen) Undo(c echo.Context) error {
	head, on, err := s.find(c)
	if err != nil {
		return err
	}
	id, err := messageID(c)
	if err != nil {
		return err
	}
	if _, err := s.cases.UndoReply(c.Request().Context(), cases.UndoReplyInput{By: on.By, ID: head.ID, MessageID: id}); err != nil {
		return err
	}
	return s.done(c, toast{Text: i18n.T("Taken back. The text is in the composer again.")}, emptied)
}
