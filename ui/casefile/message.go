package casefile

import (
	"strconv"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/inbox/display"
	"makegood/inbox/parse"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/layout"
)

func messageID(c echo.Context) (cases.MessageID, error) {
	n, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return 0, cases.ErrNoMessage
	}
	return cases.MessageID(n), nil
}

// Message shows one message with its whole text, quote and signature included.
func (s *Screen) Message(c echo.Context) error {
	id, err := messageID(c)
	if err != nil {
		return err
	}
	m, err := s.files.WholeMessage(c.Request().Context(), c.Param("number"), id, web.Actor(c))
	if err != nil {
		return err
	}
	v := s.reader(c).message(c.Param("number"), m)
	v.Subject = m.Subject
	if c.QueryParam("look") != "" && v.LookURL != "" {
		if v.Look, err = s.look(c, id); err != nil {
			return err
		}
	}
	if web.IsFragment(c) {
		h := c.Response().Header()
		h.Set("HX-Retarget", "#m-"+v.ID)
		h.Set("HX-Reswap", "outerHTML")
	}
	return s.desk.Show(c, desk.View{
		Title: m.Subject, Active: "queue",
		Crumbs: []layout.Crumb{{Text: i18n.T("Queue"), Href: "/"}, {Text: c.Param("number"), Href: "/cases/" + c.Param("number")}, {Text: i18n.T("Message")}},
	}, messagePage(v), message(v, true))
}

// look is a mail in its frame, with what the reader may ask for.
func (s *Screen) look(c echo.Context, id cases.MessageID) (lookView, error) {
	raw, err := s.files.RawMail(c.Request().Context(), c.Param("number"), id, web.Actor(c))
	if err != nil {
		return lookView{}, err
	}
	path := "/cases/" + c.Param("number") + "/messages/" + c.Param("id")
	v := lookView{Frame: path + "/mail", TextURL: path + "?full=1"}
	if c.QueryParam("pictures") != "" {
		v.Frame += "?pictures=1"
		return v, nil
	}
	v.Pictures = display.Render(parse.Parse(raw.Content, parse.Options{}), display.Options{}).Remote
	v.ShowURL = path + "?look=1&pictures=1"
	return v, nil
}

// Raw gives the mail exactly as it came.
func (s *Screen) Raw(c echo.Context) error {
	id, err := messageID(c)
	if err != nil {
		return err
	}
	file, err := s.files.RawMail(c.Request().Context(), c.Param("number"), id, web.Actor(c))
	if err != nil {
		return err
	}
	return s.handOut(c, id, file)
}

// Attachment gives a file of a message.
func (s *Screen) Attachment(c echo.Context) error {
	id, err := messageID(c)
	if err != nil {
		return err
	}
	position, err := strconv.Atoi(c.Param("position"))
	if err != nil {
		return cases.ErrNoMessage
	}
	file, err := s.files.Attachment(c.Request().Context(), c.Param("number"), id, position, web.Actor(c))
	if err != nil {
		return err
	}
	return s.handOut(c, id, file)
}

// handOut gives a file to be kept, which is on record.
func (s *Screen) handOut(c echo.Context, id cases.MessageID, file reports.File) error {
	if err := s.cases.Downloaded(c.Request().Context(), web.Actor(c), c.Param("number"), id, file.Name); err != nil {
		return err
	}
	return web.Download(c, file.Name, file.MediaType, file.Content)
}
