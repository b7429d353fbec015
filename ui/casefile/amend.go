package casefile

import (
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/cases/letters"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// Amend puts right the subject and the language: POST /cases/:number/amend. Fields: subject, language.
func (s *Screen) Amend(c echo.Context) error {
	_, on, err := s.find(c)
	if err != nil {
		return err
	}
	in := cases.AmendInput{On: on, Subject: new(c.FormValue("subject"))}
	if lang := c.FormValue("language"); lang != "" {
		in.Language = &lang
	}
	if _, err := s.cases.Amend(c.Request().Context(), in); err != nil {
		return s.refuse(c, err)
	}
	return s.done(c, toast{Text: i18n.T("Put right.")}, nil)
}

// UnlinkInvoice takes the link to an invoice off: POST /cases/:number/unlink-invoice. Field: invoice, its number.
func (s *Screen) UnlinkInvoice(c echo.Context) error {
	_, on, err := s.find(c)
	if err != nil {
		return err
	}
	invoice, err := s.files.InvoiceNamed(c.Request().Context(), c.FormValue("invoice"), on.By)
	if err != nil {
		return s.refuse(c, err)
	}
	if _, err := s.cases.UnlinkInvoice(c.Request().Context(), cases.LinkInvoiceInput{On: on, InvoiceID: invoice.ID}); err != nil {
		return s.refuse(c, err)
	}
	return s.done(c, toast{Text: i18n.F("{number} is linked no more.", "number", invoice.Number)}, nil)
}

// AddParticipant lets somebody take part: POST /cases/:number/participants. Fields: address, name.
func (s *Screen) AddParticipant(c echo.Context) error {
	_, on, err := s.find(c)
	if err != nil {
		return err
	}
	address := strings.TrimSpace(c.FormValue("address"))
	if _, err := s.cases.AddParticipant(c.Request().Context(), cases.AddParticipantInput{On: on, Address: address, Name: strings.TrimSpace(c.FormValue("name"))}); err != nil {
		return s.refuse(c, err)
	}
	return s.done(c, toast{Text: i18n.F("{address} takes part from now on.", "address", address)}, nil)
}

// EndParticipant has somebody take part no more: POST /cases/:number/participants/end. Field: address.
func (s *Screen) EndParticipant(c echo.Context) error {
	_, on, err := s.find(c)
	if err != nil {
		return err
	}
	address := c.FormValue("address")
	if _, err := s.cases.EndParticipant(c.Request().Context(), cases.ParticipantInput{On: on, Address: address}); err != nil {
		return s.refuse(c, err)
	}
	return s.done(c, toast{Text: i18n.F("{address} takes part no more.", "address", address)}, nil)
}

// AddTag puts a tag on: POST /cases/:number/tags. Field: tag.
func (s *Screen) AddTag(c echo.Context) error { return s.tag(c, false) }

// EndTag takes a tag off: POST /cases/:number/tags/end. Field: tag.
func (s *Screen) EndTag(c echo.Context) error { return s.tag(c, true) }

func (s *Screen) tag(c echo.Context, off bool) error {
	_, on, err := s.find(c)
	if err != nil {
		return err
	}
	on.Version = 0 // a tag contradicts nothing
	if _, err := s.cases.Tag(c.Request().Context(), cases.TagInput{On: on, Tag: c.FormValue("tag"), Off: off}); err != nil {
		return s.refuse(c, err)
	}
	t := toast{Text: i18n.T("The tag is on.")}
	if off {
		t.Text = i18n.T("The tag is off.")
	}
	return s.done(c, t, nil)
}

// putRight is what the dialogs offer that put a case right: its languages, and the teams it may be with.
func (v *dialogsView) putRight(f reports.CaseFile) {
	known := false
	for _, lang := range letters.Languages() {
		known = known || lang == f.Language
		v.Languages = append(v.Languages, kit.Option{Value: lang, Text: desk.LanguageName(lang), Selected: lang == f.Language})
	}
	if !known {
		v.Languages = append([]kit.Option{{Value: "", Text: i18n.T("As it is"), Selected: true}}, v.Languages...)
	}
	v.Teams = []kit.Option{{Value: "0", Text: i18n.T("No team"), Selected: f.TeamID == nil}}
	for _, t := range f.Teams {
		v.Teams = append(v.Teams, kit.Option{Value: strconv.FormatInt(t.ID, 10), Text: t.Name, Selected: f.TeamID != nil && *f.TeamID == t.ID})
	}
}
