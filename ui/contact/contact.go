// Package contact is the public contact form: what a customer without an account writes here goes the way of mail, once
// the link mailed to the given address has been opened. The pages need no script.
package contact

import (
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/cases/intake"
	"makegood/inbox"
	"makegood/internal/errs"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// trap is a field that people do not see. Programs that fill in whatever they find give themselves away by it.
const trap = "company_url"

// Screen is the contact form with its answers.
type Screen struct {
	desk    *desk.Desk
	intake  *intake.Intake
	billing *billing.Service
}

// New makes the screen.
func New(d *desk.Desk, i *intake.Intake, b *billing.Service) *Screen {
	return &Screen{desk: d, intake: i, billing: b}
}

// formView is the form as it was filled in so far.
type formView struct {
	Entity    billing.Entity
	Companies []kit.Option // more than one: whose invoice it is
	Email     string
	Name      string
	Invoice   string
	Text      string
	Form      string
	Error     string
	Errors    map[string]string
	FilesLost bool // files have to be chosen again
}

// Form shows the form of a company, by default the first: GET /contact?company=CODE.
func (s *Screen) Form(c echo.Context) error {
	v, err := s.blank(c, c.QueryParam("company"))
	if err != nil {
		return err
	}
	return s.show(c, http.StatusOK, s.word(c, "contact.title"), v.Entity, form(v))
}

// Send takes in what was written: POST /contact. The answer says nothing about what is known here.
func (s *Screen) Send(c echo.Context) error {
	files, filesErr := web.Uploads(c, "files", intake.MaxWebFiles, intake.MaxWebBytes)
	v, err := s.blank(c, c.FormValue("company"))
	if err != nil {
		return err
	}
	v.Email, v.Name, v.Invoice, v.Text = c.FormValue("email"), c.FormValue("name"), c.FormValue("invoice"), c.FormValue("text")
	if sent := c.FormValue("form"); sent != "" && len(sent) <= 64 {
		v.Form = sent
	}
	if err = filesErr; err == nil && c.FormValue(trap) == "" {
		err = s.intake.ReceiveWeb(c.Request().Context(), s.message(c, v, files))
	}
	if err == nil {
		return c.Redirect(http.StatusSeeOther, "/contact/sent?company="+v.Entity.Code)
	}
	v.FilesLost = web.SentFiles(c)
	return s.again(c, v, err)
}

func (s *Screen) message(c echo.Context, v formView, files []web.Upload) intake.WebMessage {
	m := intake.WebMessage{
		Entity: v.Entity, Name: v.Name, Address: v.Email, Invoice: v.Invoice, Text: v.Text, Form: v.Form, Origin: c.RealIP(),
		Language: s.desk.Lang(c),
	}
	for _, f := range files {
		m.Files = append(m.Files, inbox.Attachment{Filename: f.Name, MediaType: f.MediaType, Content: f.Content})
	}
	return m
}

// word is a sentence in the language of the customer.
func (s *Screen) word(c echo.Context, key string) string {
	return s.desk.Say(c)(key)
}

// again shows the form with what is wrong at its place; other errors have a page of their own.
func (s *Screen) again(c echo.Context, v formView, err error) error {
	status := web.Status(err)
	if !slices.Contains([]int{http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusRequestEntityTooLarge}, status) {
		return err
	}
	v.Errors, v.Error = s.desk.FieldErrors(c, err), s.desk.Sentence(c, err)
	return s.show(c, status, s.word(c, "contact.title"), v.Entity, form(v))
}

// Sent says to look into the mailbox: GET /contact/sent.
func (s *Screen) Sent(c echo.Context) error {
	v, err := s.blank(c, c.QueryParam("company"))
	if err != nil {
		return err
	}
	return s.show(c, http.StatusOK, s.word(c, "contact.one_step_title"), v.Entity, sent())
}

// Proof asks for a click before a link is used up, because programs that scan mail open every link: GET /contact/proof?t=.
func (s *Screen) Proof(c echo.Context) error {
	token := c.QueryParam("t")
	if token == "" {
		return s.Sent(c)
	}
	entity, err := s.intake.Proving(c.Request().Context(), token)
	if errors.Is(err, intake.ErrProofGone) {
		return s.gone(c)
	}
	if err != nil {
		return err
	}
	return s.show(c, http.StatusOK, s.word(c, "contact.confirm"), entity, confirm(token))
}

// Prove uses the link up and shows how the message stands: POST /contact/proof.
func (s *Screen) Prove(c echo.Context) error {
	p, err := s.intake.Prove(c.Request().Context(), c.FormValue("t"))
	if errors.Is(err, intake.ErrProofGone) {
		return s.gone(c)
	}
	if err != nil {
		return err
	}
	return s.show(c, http.StatusOK, s.word(c, "contact.with_us"), p.Entity, proven(p))
}

func (s *Screen) gone(c echo.Context) error {
	v, err := s.blank(c, "")
	if err != nil {
		return err
	}
	return s.show(c, http.StatusNotFound, s.word(c, "contact.gone_title"), v.Entity, gone())
}

// blank is an empty form. A company that is not there gives the first.
func (s *Screen) blank(c echo.Context, code string) (formView, error) {
	list, err := s.billing.Entities(c.Request().Context())
	if err != nil {
		return formView{}, err
	}
	if len(list) == 0 {
		return formView{}, errs.New(errs.NotFound, "error.not_found")
	}
	v := formView{Entity: list[0], Form: rand.Text()}
	for _, e := range list {
		if strings.EqualFold(e.Code, code) {
			v.Entity = e
		}
	}
	for _, e := range list {
		v.Companies = append(v.Companies, kit.Option{Value: e.Code, Text: e.Name, Selected: e.ID == v.Entity.ID})
	}
	return v, nil
}
