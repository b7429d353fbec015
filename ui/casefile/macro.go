package casefile

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
	"makegood/ui/macros"
)

// macroRow is a macro to choose.
type macroRow struct {
	ID, Name, Folder, Does string
	Note                   bool
}

// macroChosen is what goes with the text that a macro brought into the composer.
type macroChosen struct {
	ID, Does string
	Moves    bool // it says where the case stands afterwards
}

// Macros is the list to choose from, narrowed by what is typed: GET /cases/:number/macros?q=.
func (s *Screen) Macros(c echo.Context) error {
	if _, err := s.files.Find(c.Request().Context(), c.Param("number"), web.Actor(c)); err != nil {
		return err
	}
	if !web.IsFragment(c) {
		return c.Redirect(http.StatusSeeOther, "/settings/macros")
	}
	list, err := s.macrosLike(c, c.QueryParam("q"))
	if err != nil {
		return err
	}
	people, err := s.peopleNamed(c)
	if err != nil {
		return err
	}
	rows := make([]macroRow, len(list))
	for n, m := range list {
		rows[n] = macroRow{ID: id(m.ID), Name: m.Name, Folder: m.Folder, Does: macros.Does(m.Does, people), Note: m.Kind == cases.Note}
	}
	return s.desk.Fragment(c, http.StatusOK, macroList(rows, c.QueryParam("q")))
}

func (s *Screen) macrosLike(c echo.Context, typed string) ([]cases.Macro, error) {
	all, err := s.cases.Macros(c.Request().Context(), web.Actor(c))
	if err != nil {
		return nil, err
	}
	words := strings.Fields(strings.ToLower(typed))
	var list []cases.Macro
	for _, m := range all {
		name, fits := strings.ToLower(m.Folder+" "+m.Name), true
		for _, word := range words {
			fits = fits && strings.Contains(name, word)
		}
		if fits {
			list = append(list, m)
		}
	}
	return list, nil
}

func (s *Screen) peopleNamed(c echo.Context) ([]kit.Option, error) {
	list, err := s.files.Colleagues(c.Request().Context(), web.Actor(c))
	if err != nil {
		return nil, err
	}
	return desk.PeopleOptions(list), nil
}

// Macro brings a macro's text into the composer, or does at once what one without a text does: POST /cases/:number/macros. Without
// one chosen it is the first that fits what is typed.
func (s *Screen) Macro(c echo.Context) error {
	head, on, err := s.find(c)
	if err != nil {
		return err
	}
	chosen, err := s.macroAsked(c)
	if err != nil {
		return s.refuse(c, err)
	}
	ctx := c.Request().Context()
	m, text, err := s.cases.MacroText(ctx, head.ID, chosen, on.By)
	if err != nil {
		return s.refuse(c, err)
	}
	if text == "" {
		if _, err := s.cases.UseMacro(ctx, on, m.ID); err != nil {
			return s.refuse(c, err)
		}
		return s.done(c, toast{Text: i18n.F("{name}: done.", "name", m.Name)}, nil)
	}
	typed, err := s.typed(c, head.ID, m.Kind)
	if err != nil {
		return err
	}
	if typed = strings.TrimRight(typed, " \n\r\t"); typed != "" {
		text = typed + "\n\n" + text
	}
	if err := s.cases.SaveDraft(ctx, cases.DraftInput{By: on.By, ID: head.ID, Kind: m.Kind, Body: text}); err != nil {
		return err
	}
	v, err := s.view(c)
	if err != nil {
		return err
	}
	people, err := s.peopleNamed(c)
	if err != nil {
		return err
	}
	v.Compose.Kind, v.Compose.Body, v.Compose.Focus = string(m.Kind), text, true
	v.Compose.with(m, people)
	if !web.IsHTMX(c) {
		return s.whole(c, http.StatusOK, v)
	}
	h := c.Response().Header()
	h.Set("HX-Retarget", "#case")
	h.Set("HX-Reswap", "outerMorph")
	return s.desk.Fragment(c, http.StatusOK, answer(v, composeAgain(v.Compose)))
}

// typed is what a macro's text goes below. Where somebody writes the other kind, and has begun one of the macro's too, it is that, and what they
// write is kept as what it is.
func (s *Screen) typed(c echo.Context, id cases.ID, kind cases.MessageKind) (string, error) {
	typed, by, ctx := c.FormValue("body"), web.Actor(c), c.Request().Context()
	if c.FormValue("kind") == "" || kindOf(c) == kind {
		return typed, nil
	}
	f, err := s.files.CaseFile(ctx, c.Param("number"), by)
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(f.Drafts, func(d cases.Draft) bool { return d.Kind == kind })
	if at < 0 {
		return typed, nil
	}
	return f.Drafts[at].Body, s.cases.SaveDraft(ctx, cases.DraftInput{By: by, ID: id, Kind: kindOf(c), Body: typed})
}

// with offers what a macro does to go along with the sending.
func (v *composeView) with(m cases.Macro, people []kit.Option) {
	if !m.Does.Nothing() {
		v.Macro = macroChosen{ID: id(m.ID), Does: macros.Does(m.Does, people), Moves: m.Does.Status != ""}
	}
}

func (s *Screen) macroAsked(c echo.Context) (cases.MacroID, error) {
	if c.FormValue("macro") != "" {
		return macroID(c)
	}
	list, err := s.macrosLike(c, c.FormValue("q"))
	if err != nil {
		return 0, err
	}
	if len(list) == 0 {
		return 0, cases.ErrNoMacro
	}
	return list[0].ID, nil
}

// macroID is the macro that a form names; 0 for none.
func macroID(c echo.Context) (cases.MacroID, error) {
	n, err := number(c, "macro")
	if err != nil || n == nil {
		return 0, err
	}
	return cases.MacroID(*n), nil
}

// keepMacro shows again what was to go with a text that did not leave.
func (s *Screen) keepMacro(c echo.Context, v *composeView) error {
	chosen, err := macroID(c)
	if err != nil || chosen == 0 {
		return err
	}
	m, err := s.cases.MacroByID(c.Request().Context(), chosen, web.Actor(c))
	if errs.KindOf(err) == errs.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	people, err := s.peopleNamed(c)
	if err != nil {
		return err
	}
	v.with(m, people)
	return nil
}
