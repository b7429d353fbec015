package demo

import (
	"io"
	"net/http"
	"net/mail"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/inbox"
	"makegood/inbox/parse"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/ui/kit"
)

// WriteForm is the form for somebody, with something they might write: GET /demo/mailbox/write?from=.
func (s *Screen) WriteForm(c echo.Context) error {
	v, err := s.writing(c.Request().Context(), c.QueryParam("from"))
	if err != nil {
		return err
	}
	if !fragment(c) {
		return c.Redirect(http.StatusSeeOther, "/demo/mailbox")
	}
	return s.desk.Fragment(c, http.StatusOK, writePane(v))
}

// Write delivers a mail as a customer: POST /demo/mailbox/write. Fields: from, to, subject, text, proof, file.
func (s *Screen) Write(c echo.Context) error {
	v, err := s.writing(c.Request().Context(), "")
	if err != nil {
		return err
	}
	v.From, v.To, v.Subject, v.Text, v.Proof = c.FormValue("from"), c.FormValue("to"), c.FormValue("subject"), c.FormValue("text"), c.FormValue("proof")
	d, err := s.drafted(c, &v)
	if err != nil {
		return err
	}
	if len(v.Errors) > 0 {
		return s.writeAgain(c, v)
	}
	if err := s.deliver(d); err != nil {
		return err
	}
	if !fragment(c) {
		return back(c)
	}
	fresh, err := s.writing(c.Request().Context(), "")
	if err != nil {
		return err
	}
	return s.desk.Fragment(c, http.StatusOK, written(fresh, delivered(d)))
}

// drafted makes a mail of what was typed, and notes what is wrong with it.
func (s *Screen) drafted(c echo.Context, v *writeView) (draft, error) {
	v.Errors = map[string]string{}
	from, err := mail.ParseAddress(v.From)
	if err != nil {
		v.Errors["from"] = i18n.T("This is no mail address.")
		from = &mail.Address{}
	}
	if !slices.ContainsFunc(v.Support, func(o kit.Option) bool { return o.Value == v.To }) {
		v.Errors["to"] = required()
	}
	if strings.TrimSpace(v.Text) == "" {
		v.Errors["text"] = required()
	}
	if from.Name == "" {
		w, known, err := s.reports.WriterByAddress(c.Request().Context(), from.Address)
		if err != nil {
			return draft{}, err
		}
		if known {
			from.Name = w.Name
		}
	}
	attached, err := upload(c)
	d := draft{From: *from, To: v.To, Subject: v.Subject, Text: v.Text, At: s.desk.Clock(), File: attached}
	if p := proof(v.Proof); p == proven || p == forged {
		d.Proof = p
	}
	return d, err
}

func required() string { return i18n.T("This is needed.") }

func upload(c echo.Context) (*file, error) {
	sent, err := c.FormFile("file")
	if err != nil || sent.Size == 0 {
		return nil, nil //nolint:nilnil // most mails have no attachment
	}
	opened, err := sent.Open()
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "error.invalid_fields")
	}
	defer func() { _ = opened.Close() }()
	content, err := io.ReadAll(opened)
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "error.invalid_fields")
	}
	return &file{Name: oneLine(sent.Filename), MediaType: orElse(oneLine(sent.Header.Get(echo.HeaderContentType)), "application/octet-stream"), Content: content}, nil
}

func (s *Screen) deliver(d draft) error {
	raw, err := d.bytes()
	if err != nil {
		return err
	}
	return s.office.Deliver(d.From.Address, []string{d.To}, raw)
}

func delivered(d draft) kit.ToastView {
	return kit.ToastView{Text: i18n.F("Delivered to {to}. It is read within a second or two.", "to", d.To), LinkText: i18n.T("Newest cases"), Href: "/?view=all_open&sort=newest"}
}

func (s *Screen) writeAgain(c echo.Context, v writeView) error {
	if fragment(c) {
		return s.desk.Fragment(c, http.StatusUnprocessableEntity, writePane(v))
	}
	page, err := s.fill(c, 0)
	if err != nil {
		return err
	}
	page.Write = v
	return s.desk.Page(c, http.StatusUnprocessableEntity, s.frame(page), mailbox(page))
}

// Reply answers a mail as the customer who got it: POST /demo/mailbox/:uid/reply. Field: text.
func (s *Screen) Reply(c echo.Context) error {
	stored, m, err := s.read(uid(c))
	if err != nil {
		return err
	}
	v, err := s.message(uid(c))
	if err != nil {
		return err
	}
	v.Reply = c.FormValue("text")
	if strings.TrimSpace(v.Reply) == "" {
		v.Error = required()
		return s.replyAgain(c, v)
	}
	d := answer(m, v.Reply+quote(m.ReplyText, name(first(m.From)), stored.ReceivedAt.In(s.desk.Zone(c))))
	d.At = s.desk.Clock()
	if err := s.deliver(d); err != nil {
		return err
	}
	if !fragment(c) {
		return back(c)
	}
	v.Reply = ""
	return s.desk.Fragment(c, http.StatusOK, replied(v, delivered(d)))
}

// answer keeps to the thread: to whom answers are wanted, with what the mail refers to.
func answer(m parse.Message, text string) draft {
	to, from := first(m.From), addressee(m)
	if len(m.ReplyTo) > 0 {
		to = m.ReplyTo[0]
	}
	d := draft{
		From: mail.Address{Name: from.Name, Address: from.Address}, To: to.Address, Subject: answered(m.Subject), Text: text, Proof: proven,
		InReplyTo: inbox.Bracketed(m.MessageID),
	}
	for _, id := range append(m.References, m.MessageID) {
		if id = inbox.Bracketed(id); id != "" {
			d.References = append(d.References, id)
		}
	}
	return d
}

func (s *Screen) replyAgain(c echo.Context, v *messageView) error {
	if fragment(c) {
		return s.desk.Fragment(c, http.StatusUnprocessableEntity, messagePane(v))
	}
	page, err := s.fill(c, uid(c))
	if err != nil {
		return err
	}
	page.Message = v
	return s.desk.Page(c, http.StatusUnprocessableEntity, s.frame(page), mailbox(page))
}
