// Package surveys is the page on which a customer says how their case went, and the screen where it is set who is asked. The customer's
// page needs no script and no account; nothing is answered by opening it.
package surveys

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/cases/survey"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
	"makegood/ui/layout"
)

// Screen is the page of customers and the settings behind it.
type Screen struct {
	desk    *desk.Desk
	surveys *survey.Service
	billing *billing.Service
}

// New makes the screen.
func New(d *desk.Desk, s *survey.Service, b *billing.Service) *Screen {
	return &Screen{desk: d, surveys: s, billing: b}
}

// askView is the question as a customer sees it.
type askView struct {
	Token, Language string
	Number, Subject string
	Score           int
	Comment         string
	Before, Until   string // when it was answered, and how long that may be changed
	Error           string
	Errors          map[string]string
}

// scores are the five steps, each with its word.
func (v askView) scores(say func(string, ...string) string) []kit.Option {
	var list []kit.Option
	for n := survey.Highest; n >= survey.Lowest; n-- {
		number := strconv.Itoa(n)
		list = append(list, kit.Option{Value: number, Text: number + " · " + say("survey.score_"+number), Selected: v.Score == n})
	}
	return list
}

// Ask shows the question and answers nothing, because programs that scan mail open every link: GET /survey?t=.
func (s *Screen) Ask(c echo.Context) error {
	if c.QueryParam("t") == "" {
		return s.gone(c, http.StatusOK) // somebody without a link looks at the page
	}
	asked, err := s.surveys.ByLink(c.Request().Context(), c.QueryParam("t"))
	if errors.Is(err, survey.ErrGone) {
		return s.gone(c, http.StatusNotFound)
	}
	if err != nil {
		return err
	}
	return s.show(c, http.StatusOK, asked.Entity, ask(s.view(c, asked, c.QueryParam("t"))))
}

// Answer keeps what the customer says: POST /survey. Fields: t, score, comment.
func (s *Screen) Answer(c echo.Context) error {
	ctx, token := c.Request().Context(), c.FormValue("t")
	score, err := strconv.Atoi(c.FormValue("score"))
	if err != nil {
		score = 0 // which is refused beside its field
	}
	_, err = s.surveys.Answer(ctx, survey.AnswerInput{Token: token, Score: score, Comment: c.FormValue("comment"), Origin: c.RealIP()})
	if errors.Is(err, survey.ErrGone) {
		return s.gone(c, http.StatusNotFound)
	}
	status := web.Status(err)
	if err != nil && !slices.Contains([]int{http.StatusUnprocessableEntity, http.StatusTooManyRequests}, status) {
		return err
	}
	asked, other := s.surveys.ByLink(ctx, token)
	if errors.Is(other, survey.ErrGone) && status == http.StatusTooManyRequests {
		return err // whoever tries links is told that it is too often, and no more
	}
	if errors.Is(other, survey.ErrGone) {
		return s.gone(c, http.StatusNotFound)
	}
	if other != nil {
		return other
	}
	v := s.view(c, asked, token)
	if err == nil {
		return s.show(c, http.StatusOK, asked.Entity, thanks(v))
	}
	v.Score, v.Comment, v.Errors = score, c.FormValue("comment"), s.desk.FieldErrors(c, err)
	if len(v.Errors) == 0 {
		v.Error = s.desk.Sentence(c, err)
	}
	return s.show(c, status, asked.Entity, ask(v))
}

func (s *Screen) view(c echo.Context, asked survey.Asked, token string) askView {
	lang := s.desk.Lang(c)
	zone := asked.Entity.Zone()
	v := askView{Token: token, Language: lang, Number: asked.Number, Subject: asked.Subject, Comment: asked.Comment, Until: kit.FormatDate(*asked.ExpiresAt, zone, lang)}
	if asked.Score != nil {
		v.Score, v.Before = *asked.Score, kit.FormatDate(*asked.ChangedAt, zone, lang)
	}
	return v
}

func (s *Screen) show(c echo.Context, status int, entity billing.Entity, body templ.Component) error {
	say := s.desk.Say(c)
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return s.desk.Plain(c, status, layout.PlainView{
		Title: say("survey.title"), Class: "po", Brand: entity.Name, BrandHref: "/contact?company=" + entity.Code, Style: "/brand/" + entity.Code,
	}, body)
}

// gone is told for every link that does not hold, in the name of the first legal entity: whose it was is nobody's business.
func (s *Screen) gone(c echo.Context, status int) error {
	list, err := s.billing.Entities(c.Request().Context())
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return survey.ErrGone
	}
	return s.show(c, status, list[0], gone())
}
