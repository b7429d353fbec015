// Package account is where somebody looks after their own sign-in: password, second factors, recovery codes, and the browsers
// they are signed in on.
package account

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/people"
	"makegood/internal/web"
	"makegood/ui/desk"
)

const path = "/account"

// Screen is the account page.
type Screen struct {
	desk   *desk.Desk
	people *people.Service
}

// New makes the screen.
func New(d *desk.Desk, p *people.Service) *Screen { return &Screen{desk: d, people: p} }

type pageView struct {
	people.Factors
	App      *people.Enrolment // being set up
	Codes    []string          // fresh recovery codes
	Left     int
	Language string // the desk is read in
	Sessions []sessionView
	Provider string // of single sign-on; "" when there is none
	Joined   bool   // connected with it
	Host     string // passkeys are bound to it
	Errors   map[string]string
	Refused  string
	Changed  bool
}

type sessionView struct {
	ID             int64
	Browser, Proof string
	Origin         string
	Since, Seen    time.Time
	Here           bool
}

// Page is the account: GET /account.
func (s *Screen) Page(c echo.Context) error {
	v := pageView{Changed: c.QueryParam("changed") == "password"}
	app, err := s.people.PendingTOTP(c.Request().Context(), web.Actor(c))
	switch {
	case err == nil:
		v.App = &app
	case !errors.Is(err, people.ErrNoFactor) && !errors.Is(err, access.ErrStepUp): // begun anew, it asks for a proof
		return err
	}
	return s.show(c, http.StatusOK, v)
}

// Password changes the password: POST /account/password. Fields: old, password.
func (s *Screen) Password(c echo.Context) error {
	err := s.people.ChangePassword(c.Request().Context(), web.Visit(c), c.FormValue("old"), c.FormValue("password"))
	return s.done(c, err, path+"?changed=password")
}

// Language changes the language the desk is read in: POST /account/language. Field: language.
func (s *Screen) Language(c echo.Context) error {
	return s.done(c, s.people.ChooseLanguage(c.Request().Context(), web.Actor(c), c.FormValue("language")), path)
}

// BeginTOTP begins to set an authenticator app up: POST /account/app.
func (s *Screen) BeginTOTP(c echo.Context) error {
	_, err := s.people.BeginTOTP(c.Request().Context(), web.Actor(c))
	return s.done(c, err, path+"#app")
}

// ConfirmTOTP ends it with a code: POST /account/app/confirm. Field: code.
func (s *Screen) ConfirmTOTP(c echo.Context) error {
	codes, err := s.people.ConfirmTOTP(c.Request().Context(), web.Actor(c), c.FormValue("code"))
	if errors.Is(err, people.ErrWrongCode) {
		app, pending := s.people.PendingTOTP(c.Request().Context(), web.Actor(c))
		if pending != nil {
			return pending
		}
		return s.show(c, http.StatusUnprocessableEntity, pageView{App: &app, Errors: map[string]string{"code": s.desk.Sentence(c, err)}})
	}
	return s.codes(c, codes, err)
}

// RemoveTOTP forgets the app: POST /account/app/remove.
func (s *Screen) RemoveTOTP(c echo.Context) error {
	return s.done(c, s.people.RemoveTOTP(c.Request().Context(), web.Actor(c), web.User(c).ID), path)
}

// Recovery makes new recovery codes: POST /account/recovery.
func (s *Screen) Recovery(c echo.Context) error {
	codes, err := s.people.NewRecovery(c.Request().Context(), web.Actor(c))
	return s.codes(c, codes, err)
}

func (s *Screen) codes(c echo.Context, codes []string, err error) error {
	if err != nil {
		return s.done(c, err, path)
	}
	return s.show(c, http.StatusOK, pageView{Codes: codes})
}

// AskPasskey has the browser make a passkey: POST /account/passkeys/ask, for the page's script.
func (s *Screen) AskPasskey(c echo.Context) error {
	ceremony, err := s.people.BeginPasskey(c.Request().Context(), web.Actor(c))
	if err != nil {
		return s.said(c, err)
	}
	return c.JSON(http.StatusOK, ceremony)
}

// AddPasskey keeps it: POST /account/passkeys.
func (s *Screen) AddPasskey(c echo.Context) error {
	var in struct {
		Token, Name string
		Answer      json.RawMessage
	}
	err := json.NewDecoder(http.MaxBytesReader(c.Response(), c.Request().Body, 64<<10)).Decode(&in)
	if err != nil {
		return s.said(c, people.ErrWrongPasskey)
	}
	if err := s.people.AddPasskey(c.Request().Context(), web.Actor(c), in.Token, in.Name, in.Answer); err != nil {
		return s.said(c, err)
	}
	return c.JSON(http.StatusOK, map[string]string{"next": path})
}

// Disconnect ends the connection with the provider: POST /account/oidc/remove.
func (s *Screen) Disconnect(c echo.Context) error {
	return s.done(c, s.people.Disconnect(c.Request().Context(), web.Actor(c)), path)
}

// said answers the page's script with a sentence.
func (s *Screen) said(c echo.Context, err error) error {
	if errs.KindOf(err) == errs.Internal {
		return err
	}
	sentence := s.desk.Sentence(c, err)
	for _, text := range s.desk.FieldErrors(c, err) {
		sentence = text
	}
	return c.JSON(web.Status(err), map[string]string{"error": sentence})
}

// RemovePasskey forgets one: POST /account/passkeys/:id/remove.
func (s *Screen) RemovePasskey(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return people.ErrNoFactor
	}
	return s.done(c, s.people.RemovePasskey(c.Request().Context(), web.Actor(c), web.User(c).ID, id), path)
}

// EndSession signs out on another browser: POST /account/sessions/:id/end; "others" ends all but this one.
func (s *Screen) EndSession(c echo.Context) error {
	visit, ctx := web.Visit(c), c.Request().Context()
	if c.Param("id") == "others" {
		return s.done(c, s.people.EndOtherSessions(ctx, web.Actor(c), visit.ID, visit.SessionID), path+"#sessions")
	}
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return errs.New(errs.NotFound, "error.not_found")
	}
	return s.done(c, s.people.EndSession(ctx, web.Actor(c), visit.ID, id), path+"#sessions")
}

// done goes back to the page, or shows it with what was refused.
func (s *Screen) done(c echo.Context, err error, to string) error {
	if slices.Contains([]errs.Kind{errs.Invalid, errs.Conflict, errs.TooMany, errs.Unavailable}, errs.KindOf(err)) {
		v := pageView{Errors: s.desk.FieldErrors(c, err)}
		if len(v.Errors) == 0 {
			v.Refused = s.desk.Sentence(c, err)
		}
		return s.show(c, web.Status(err), v)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, to)
}

func (s *Screen) show(c echo.Context, status int, v pageView) error {
	visit, ctx := web.Visit(c), c.Request().Context()
	var err error
	if v.Factors, err = s.people.Factors(ctx, web.Actor(c), visit.ID); err != nil {
		return err
	}
	v.Left, v.Language = v.Factors.Codes, s.desk.Lang(c)
	if v.Provider = s.people.ProviderName(); v.Provider != "" {
		if v.Joined, err = s.people.Connected(ctx, web.Actor(c)); err != nil {
			return err
		}
	}
	if host, _, _ := strings.Cut(c.Request().Host, ":"); strings.EqualFold(host, s.people.PasskeyHost()) {
		v.Host = host
	}
	sessions, err := s.people.Sessions(ctx, web.Actor(c), visit.ID)
	if err != nil {
		return err
	}
	for _, row := range sessions {
		v.Sessions = append(v.Sessions, sessionView{
			ID: row.ID, Browser: Browser(row.UserAgent), Proof: proofs(row.Proof), Origin: row.Origin, Since: row.CreatedAt, Seen: row.SeenAt, Here: row.ID == visit.SessionID,
		})
	}
	return s.desk.Page(c, status, desk.View{Title: i18n.T("Your sign-in"), Heading: i18n.T("Your sign-in"), BodyClass: "page-periods"}, page(v))
}

func proofs(p people.Proof) string {
	switch p {
	case people.ByPassword:
		return i18n.T("password")
	case people.ByTOTP:
		return i18n.T("authenticator app")
	case people.ByRecovery:
		return i18n.T("recovery code")
	case people.ByPasskey:
		return i18n.T("passkey")
	case people.ByOIDC:
		return i18n.T("single sign-on")
	}
	return string(p)
}

// Browser says in a word or two which browser a User-Agent stands for, as far as it tells.
func Browser(agent string) string {
	name := i18n.T("Another program")
	for _, known := range []struct{ mark, name string }{
		{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
	} {
		if strings.Contains(agent, known.mark) {
			name = known.name
			break
		}
	}
	for _, known := range []struct{ mark, name string }{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"Linux", "Linux"},
	} {
		if strings.Contains(agent, known.mark) {
			return name + ", " + known.name
		}
	}
	return name
}
