package signin

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"makegood/internal/i18n"
	"makegood/internal/people"
	"makegood/internal/throttle"
	"makegood/internal/web"
	"makegood/ui/layout"
)

// ForgotPage asks for the address of who wants a new password: GET /login/forgot.
func (s *Screen) ForgotPage(c echo.Context) error { return s.showForgot(c, http.StatusOK, view{}) }

// Forgot has a letter sent, if anybody has the address: POST /login/forgot. The answer is the same either way.
func (s *Screen) Forgot(c echo.Context) error {
	email := c.FormValue("email")
	err := s.people.AskReset(c.Request().Context(), email, web.From(c))
	if errors.Is(err, throttle.ErrTooMany) {
		return s.showForgot(c, http.StatusTooManyRequests, view{Email: email, Error: s.desk.Sentence(c, err)})
	}
	if text := s.desk.FieldErrors(c, err)["email"]; text != "" {
		return s.showForgot(c, http.StatusUnprocessableEntity, view{Email: email, Error: text})
	}
	if err != nil {
		return err
	}
	return s.showForgot(c, http.StatusOK, view{Asked: true})
}

func (s *Screen) showForgot(c echo.Context, code int, v view) error {
	return s.desk.Plain(c, code, layout.PlainView{Title: i18n.T("Choose a new password")}, forgotPage(v))
}

// ChoosePage shows where a mailed link leads: GET /login/choose?t=…. Looking does not use the link up.
func (s *Screen) ChoosePage(c echo.Context) error {
	return s.showChoice(c, http.StatusOK, chooseView{Token: c.QueryParam("t")})
}

// Choose takes the password: POST /login/choose.
func (s *Screen) Choose(c echo.Context) error {
	v := chooseView{Token: c.FormValue("t")}
	err := s.people.ChoosePassword(c.Request().Context(), v.Token, c.FormValue("password"))
	if v.Field = s.desk.FieldErrors(c, err)["password"]; v.Field != "" || errors.Is(err, people.ErrLinkOver) {
		return s.showChoice(c, web.Status(err), v)
	}
	if err != nil {
		return err
	}
	web.SignedOut(c, s.secure)
	return c.Redirect(http.StatusSeeOther, "/login")
}

func (s *Screen) showChoice(c echo.Context, code int, v chooseView) error {
	user, err := s.people.LinkHolds(c.Request().Context(), v.Token)
	if v.Over = errors.Is(err, people.ErrLinkOver); err != nil && !v.Over {
		return err
	}
	v.Name, v.Email = user.Name, user.Email
	return s.desk.Plain(c, code, layout.PlainView{Title: i18n.T("Choose a password")}, choosePage(v))
}
