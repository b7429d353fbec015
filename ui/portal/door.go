package portal

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"makegood/cases/portal"
	"makegood/internal/errs"
	"makegood/internal/web"
)

// doorView is a page before signing in. Nothing on it depends on whether an address is known.
type doorView struct {
	Email, Error, Token, Contact string
}

// askAddress answers with the page that asks for the mail address.
func (s *Screen) askAddress(c echo.Context, status int, v doorView) error {
	house, err := s.house(c)
	if err != nil {
		return err
	}
	v.Contact = contactOf(house)
	return s.outside(c, status, s.word(c, "portal.sign_in"), signIn(v))
}

// SignInPage asks for the mail address: GET /portal/sign-in.
func (s *Screen) SignInPage(c echo.Context) error {
	if web.Actor(c).Address != "" {
		return c.Redirect(http.StatusSeeOther, prefix)
	}
	return s.askAddress(c, http.StatusOK, doorView{})
}

// AskForCode mails a code, if the address is known: POST /portal/sign-in. Field: email.
func (s *Screen) AskForCode(c echo.Context) error {
	v := doorView{Email: c.FormValue("email")}
	ticket, err := s.portal.AskForCode(c.Request().Context(), v.Email, c.RealIP())
	if again(err) {
		v.Error = s.sentence(c, err)
		return s.askAddress(c, web.Status(err), v)
	}
	if err != nil {
		return err
	}
	s.setCookie(c, ticketCookie, ticket)
	return c.Redirect(http.StatusSeeOther, prefix+"/code")
}

// CodePage asks for the code: GET /portal/code.
func (s *Screen) CodePage(c echo.Context) error {
	return s.outside(c, http.StatusOK, s.word(c, "portal.enter_code"), code(doorView{}))
}

// EnterCode signs in: POST /portal/code. Field: code.
func (s *Screen) EnterCode(c echo.Context) error {
	token, err := s.portal.SignInByCode(c.Request().Context(), cookie(c, ticketCookie), c.FormValue("code"), c.Request().UserAgent())
	if errs.KindOf(err) == errs.Unauthenticated {
		return s.outside(c, http.StatusUnprocessableEntity, s.word(c, "portal.enter_code"), code(doorView{Error: s.desk.Sentence(c, portal.ErrWrongCode)}))
	}
	return s.enter(c, token, err)
}

// LinkPage asks for a click before a link is used up, because programs that scan mail open every link: GET /portal/link?t=.
func (s *Screen) LinkPage(c echo.Context) error {
	return s.outside(c, http.StatusOK, s.word(c, "portal.sign_in"), link(doorView{Token: c.QueryParam("t")}))
}

// EnterByLink signs in: POST /portal/link. Field: t.
func (s *Screen) EnterByLink(c echo.Context) error {
	token, err := s.portal.SignInByLink(c.Request().Context(), c.FormValue("t"), c.Request().UserAgent())
	if errs.KindOf(err) == errs.Unauthenticated {
		return s.askAddress(c, http.StatusUnprocessableEntity, doorView{Error: s.desk.Sentence(c, portal.ErrWrongCode)})
	}
	return s.enter(c, token, err)
}

func (s *Screen) enter(c echo.Context, token string, err error) error {
	if err != nil {
		return err
	}
	s.setCookie(c, ticketCookie, "")
	s.setCookie(c, sessionCookie, token)
	return c.Redirect(http.StatusSeeOther, prefix)
}

// SignOut ends the session: POST /portal/sign-out.
func (s *Screen) SignOut(c echo.Context) error {
	if err := s.portal.SignOut(c.Request().Context(), cookie(c, sessionCookie)); err != nil {
		return err
	}
	s.setCookie(c, sessionCookie, "")
	to := prefix + "/sign-in"
	if e := visitor(c).Entity; e.Code != "" {
		to += "?company=" + url.QueryEscape(e.Code)
	}
	return c.Redirect(http.StatusSeeOther, to)
}

// sentence is an error for a page with one field.
func (s *Screen) sentence(c echo.Context, err error) string {
	for _, text := range s.desk.FieldErrors(c, err) {
		return text
	}
	return s.desk.Sentence(c, err)
}
