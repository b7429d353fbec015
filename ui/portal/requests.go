package portal

import (
	"crypto/rand"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/portal"
	"makegood/internal/errs"
	"makegood/internal/web"
)

// requestsView is a list of requests; Next is the id the next page begins below.
type requestsView struct {
	Rows []cases.Case
	Next string
}

// Requests lists the requests, the latest first: GET /portal/requests?before=.
func (s *Screen) Requests(c echo.Context) error {
	before, err := strconv.ParseInt(c.QueryParam("before"), 10, 64)
	if err != nil {
		before = 0
	}
	rows, err := s.portal.Requests(c.Request().Context(), visitor(c), cases.ID(before))
	if err != nil {
		return err
	}
	v := requestsView{Rows: rows}
	if len(rows) == portal.PageSize {
		v.Next = strconv.FormatInt(int64(rows[len(rows)-1].ID), 10)
	}
	return s.show(c, http.StatusOK, s.word(c, "portal.your_requests"), prefix+"/requests", requests(v))
}

// requestView is a request with its conversation and the forms below it.
type requestView struct {
	portal.Request
	New       bool
	Form      string
	Text      string
	Error     string
	Errors    map[string]string
	FilesLost bool
}

// answerable: everything contested is decided, and it was not accepted yet.
func (v requestView) answerable() bool {
	return cases.Decided(v.Disputes) && (v.Answer == nil || !v.Answer.Accepted)
}

func (v requestView) invoice(id billing.InvoiceID) string {
	for _, i := range v.Invoices {
		if i.ID == id {
			return i.Number
		}
	}
	return ""
}

// Request shows a request: GET /portal/requests/:number.
func (s *Screen) Request(c echo.Context) error {
	v, err := s.request(c)
	if err != nil {
		return err
	}
	v.New = c.QueryParam("new") != ""
	return s.showRequest(c, http.StatusOK, v)
}

func (s *Screen) request(c echo.Context) (requestView, error) {
	q, err := s.portal.Request(c.Request().Context(), visitor(c), c.Param("number"))
	return requestView{Request: q, Form: rand.Text()}, err
}

func (s *Screen) showRequest(c echo.Context, status int, v requestView) error {
	return s.show(c, status, v.Number, "", request(v))
}

// Reply adds a message: POST /portal/requests/:number/messages. Fields: text, files.
func (s *Screen) Reply(c echo.Context) error {
	return s.say(c, func(text, form string) (string, error) {
		files, err := attachments(c)
		if err != nil {
			return "", err
		}
		return s.portal.Reply(c.Request().Context(), visitor(c), c.Param("number"), text, form, files)
	})
}

// Answer accepts or contests what was decided: POST /portal/requests/:number/outcome. Fields: answer, and text to contest.
func (s *Screen) Answer(c echo.Context) error {
	return s.say(c, func(text, form string) (string, error) {
		switch c.FormValue("answer") {
		case "accept":
			return s.portal.Accept(c.Request().Context(), visitor(c), c.Param("number"), "I accept the outcome.")
		case "contest":
			return s.portal.Contest(c.Request().Context(), visitor(c), c.Param("number"), text, form, nil)
		}
		return "", errs.InvalidField("answer", "error.required")
	})
}

// say does what was asked and shows the request again: with what is wrong, or as it is now.
func (s *Screen) say(c echo.Context, deed func(text, form string) (string, error)) error {
	text, form := c.FormValue("text"), c.FormValue("form")
	if form == "" || len(form) > 64 {
		form = rand.Text()
	}
	number, err := deed(text, form)
	if err == nil {
		return c.Redirect(http.StatusSeeOther, prefix+"/requests/"+number)
	}
	if !again(err) {
		return err
	}
	v, failed := s.request(c)
	if failed != nil {
		return failed
	}
	v.Text, v.Errors, v.Error, v.FilesLost = text, s.desk.FieldErrors(c, err), s.desk.Sentence(c, err), web.SentFiles(c)
	return s.showRequest(c, web.Status(err), v)
}
