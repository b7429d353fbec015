// Package erasures is the page where what is kept about people outside is handed over or erased, and held back from it.
package erasures

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/internal/erasure"
	"makegood/internal/errs"
	"makegood/internal/web"
	"makegood/ui/desk"
)

const home = "/settings/erasures"

// Screen draws the page.
type Screen struct {
	desk    *desk.Desk
	erasure *erasure.Service
}

// New makes the screen.
func New(d *desk.Desk, s *erasure.Service) *Screen { return &Screen{desk: d, erasure: s} }

// typed is what somebody has typed, with what is wrong with it.
type typed struct {
	Addresses, Names, Reason      string
	NoNames                       bool
	Address, Account, HoldReason  string
	Refused                       string // a sentence over the form
	Errors                        map[string]string
	AtHold                        bool // what was refused was typed at the holds
	CopyAddresses, CopyRefused    string
	Decided                       erasure.ID
	DecisionRefused, DecisionNote string
}

// Show shows what waits and what was done, and tries an erasure for whoever is asked about: GET /settings/erasures?addresses=&names=&no_names=.
func (s *Screen) Show(c echo.Context) error {
	v := typed{Addresses: c.QueryParam("addresses"), Names: c.QueryParam("names"), NoNames: c.QueryParam("no_names") != ""}
	if strings.TrimSpace(v.Addresses) == "" {
		return s.page(c, http.StatusOK, v, nil)
	}
	p, err := s.erasure.Preview(c.Request().Context(), web.Actor(c), v.who())
	if status, ok := s.refused(c, err, &v); ok {
		return s.page(c, status, v, nil)
	}
	if err != nil {
		return err
	}
	return s.page(c, http.StatusOK, v, &p)
}

// Ask keeps an erasure for somebody else to agree to: POST /settings/erasures. Fields: addresses, names, no_names, reason.
func (s *Screen) Ask(c echo.Context) error {
	v := typed{Addresses: c.FormValue("addresses"), Names: c.FormValue("names"), NoNames: c.FormValue("no_names") != "", Reason: c.FormValue("reason")}
	_, err := s.erasure.Ask(c.Request().Context(), erasure.AskInput{By: web.Actor(c), Who: v.who(), Reason: v.Reason})
	if status, ok := s.refused(c, err, &v); ok {
		return s.page(c, status, v, nil)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, home)
}

// Decide agrees to an erasure, refuses it or takes it back: POST /settings/erasures/:id/:verdict. Field: note.
func (s *Screen) Decide(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return erasure.ErrNoErasure
	}
	v := typed{Decided: erasure.ID(id), DecisionNote: c.FormValue("note")}
	_, err = s.erasure.Decide(c.Request().Context(), web.Actor(c), v.Decided, c.Param("verdict"), v.DecisionNote)
	if kind := errs.KindOf(err); err != nil && (kind == errs.Invalid || kind == errs.Conflict) {
		v.DecisionRefused = s.desk.Sentence(c, err)
		return s.page(c, web.Status(err), v, nil)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, home)
}

// Copy hands over everything kept about a person: POST /settings/erasures/copy. Field: addresses.
func (s *Screen) Copy(c echo.Context) error {
	v := typed{CopyAddresses: c.FormValue("addresses")}
	sealed, err := s.erasure.Copy(c.Request().Context(), web.Actor(c), lines(v.CopyAddresses), erasure.AtOnce)
	if kind := errs.KindOf(err); err != nil && (kind == errs.Invalid || kind == errs.NotFound || kind == errs.TooLarge) {
		v.CopyRefused = s.desk.Sentence(c, err)
		return s.page(c, web.Status(err), v, nil)
	}
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="personal-data.zip"`)
	return c.Blob(http.StatusOK, "application/zip", sealed.ZIP)
}

// SetHold keeps somebody from being erased: POST /settings/legal-holds. Fields: address or account, reason.
func (s *Screen) SetHold(c echo.Context) error {
	v := typed{Address: c.FormValue("address"), Account: c.FormValue("account"), HoldReason: c.FormValue("reason"), AtHold: true}
	_, err := s.erasure.SetHold(c.Request().Context(), erasure.HoldInput{By: web.Actor(c), Address: v.Address, Account: v.Account, Reason: v.HoldReason})
	if status, ok := s.refused(c, err, &v); ok {
		return s.page(c, status, v, nil)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, home+"#holds")
}

// LiftHold ends a legal hold: POST /settings/legal-holds/:id/lift. Field: reason.
func (s *Screen) LiftHold(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return erasure.ErrNoHold
	}
	v := typed{AtHold: true}
	_, err = s.erasure.LiftHold(c.Request().Context(), web.Actor(c), id, c.FormValue("reason"))
	if kind := errs.KindOf(err); err != nil && (kind == errs.Invalid || kind == errs.Conflict) {
		v.Refused = s.desk.Sentence(c, err)
		return s.page(c, web.Status(err), v, nil)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, home+"#holds")
}

// refused puts what is wrong beside what was typed, where the page can say it.
func (s *Screen) refused(c echo.Context, err error, v *typed) (int, bool) {
	kind := errs.KindOf(err)
	if err == nil || kind != errs.Invalid && kind != errs.Conflict && kind != errs.NotFound {
		return 0, false
	}
	if v.Errors = s.desk.FieldErrors(c, err); len(v.Errors) == 0 {
		v.Refused = s.desk.Sentence(c, err)
	}
	return web.Status(err), true
}

// who is the person that was typed. Without a name, and without the tick, it is those that are kept.
func (v typed) who() erasure.Who {
	w := erasure.Who{Addresses: lines(v.Addresses)}
	if names := lines(v.Names); v.NoNames {
		w.Names = []string{}
	} else if len(names) > 0 {
		w.Names = names
	}
	return w
}

// lines are the words of a field, one a line or parted by commas.
func lines(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' || r == ',' || r == ';' })
}
