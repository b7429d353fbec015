package demo

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"makegood/inbox/parse"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// Page is the mailbox: GET /demo/mailbox, with a mail open GET /demo/mailbox/:uid. With ?as= the form is filled in.
func (s *Screen) Page(c echo.Context) error {
	v, err := s.fill(c, uid(c))
	if err != nil {
		return err
	}
	return s.desk.Show(c, s.frame(v), mailbox(v), mailbox(v))
}

// List is the list alone; nothing at all while nothing has come: GET /demo/mailbox/list.
func (s *Screen) List(c echo.Context) error {
	list, err := s.list(c, uid(c))
	if err != nil {
		return err
	}
	if c.QueryParam("seen") == strconv.FormatUint(uint64(list.Last), 10) {
		return c.NoContent(http.StatusNoContent)
	}
	return s.desk.Fragment(c, http.StatusOK, listPane(list))
}

// Preview is one mail alone: GET /demo/mailbox/:uid/preview.
func (s *Screen) Preview(c echo.Context) error {
	m, err := s.message(uid(c))
	if err != nil {
		return err
	}
	return s.desk.Fragment(c, http.StatusOK, messagePane(m))
}

func uid(c echo.Context) uint32 {
	text := c.Param("uid")
	if text == "" {
		text = c.QueryParam("uid")
	}
	n, _ := strconv.ParseUint(text, 10, 32)
	return uint32(n)
}

func (s *Screen) frame(v *view) desk.View {
	sub := i18n.T("the customers’ side of the mail")
	if n := len(v.List.Rows); n > 0 {
		sub = i18n.F("the customers’ side of the mail · {n} shown", "n", n)
	}
	return desk.View{Title: i18n.T("Mailbox"), Heading: i18n.T("Customers’ mailbox"), Sub: sub, Active: "mailbox", BodyClass: "page-mailbox"}
}

// fill reads the whole page; without a mail asked for, the newest is open.
func (s *Screen) fill(c echo.Context, open uint32) (*view, error) {
	list, err := s.list(c, open)
	if err != nil {
		return nil, err
	}
	v := &view{List: list, Asked: open != 0}
	if open == 0 && len(list.Rows) > 0 {
		list.Rows[0].Current = true
		open = list.Last
	}
	if open != 0 {
		if v.Message, err = s.message(open); err != nil {
			return nil, err
		}
	}
	v.Write, err = s.writing(c.Request().Context(), c.QueryParam("as"))
	return v, err
}

func (s *Screen) list(c echo.Context, open uint32) (listView, error) {
	letters, last, err := s.box.newest(s.office)
	if err != nil {
		return listView{}, err
	}
	v := listView{Last: last}
	now, zone, lang := s.desk.Clock(), s.desk.Zone(c), s.desk.Lang(c)
	for _, l := range letters {
		id := strconv.FormatUint(uint64(l.uid), 10)
		v.Rows = append(v.Rows, rowView{
			UID: id, Href: "/demo/mailbox/" + id, PreviewURL: "/demo/mailbox/" + id + "/preview", To: shownAs(l.to), From: shownAs(l.from),
			Subject: l.subject, Snippet: l.snippet, At: kit.FormatShort(l.at, now, zone, lang), AtInWords: kit.FormatDateTime(l.at, zone, lang),
			Files: l.files, Current: l.uid == open,
		})
	}
	return v, nil
}

func (s *Screen) message(uid uint32) (*messageView, error) {
	stored, m, err := s.read(uid)
	if err != nil {
		return nil, err
	}
	id := strconv.FormatUint(uint64(uid), 10)
	v := &messageView{
		UID: id, Subject: m.Subject, From: shownAs(first(m.From)), To: shownAs(addressee(m)), Name: name(addressee(m)), At: stored.ReceivedAt, Text: m.Text,
	}
	for i, a := range m.Attachments {
		v.Files = append(v.Files, kit.FileView{
			Name: orElse(a.Filename, i18n.T("without a name")), Size: size(a.Size), Href: "/demo/mailbox/" + id + "/files/" + strconv.Itoa(i), Icon: fileIcon(a.ContentType),
		})
	}
	return v, nil
}

// peopleOffered is how many people the form offers to write as.
const peopleOffered = 60

// writing is the form, filled in for somebody when their address is given.
func (s *Screen) writing(ctx context.Context, as string) (writeView, error) {
	v := writeView{From: as, Proof: string(proven)}
	people, err := s.reports.Writers(ctx, peopleOffered)
	if err != nil {
		return v, err
	}
	for _, p := range people {
		v.People = append(v.People, personView{Name: p.Name, Email: p.Email, Customer: p.CustomerName, About: p.Number, Href: "/demo/mailbox?as=" + p.Email})
	}
	entities, err := s.billing.Entities(ctx)
	if err != nil {
		return v, err
	}
	for _, e := range entities {
		v.Support = append(v.Support, kit.Option{Value: e.SupportAddress, Text: e.SupportAddress + " (" + e.Name + ")"})
	}
	if as == "" {
		return v, nil
	}
	return v, s.suggest(ctx, &v)
}

// suggest fills the form in with a dispute that somebody might really have.
func (s *Screen) suggest(ctx context.Context, v *writeView) error {
	w, known, err := s.reports.WriterByAddress(ctx, v.From)
	if err != nil || !known {
		return err
	}
	v.Who, v.To = w.Name+", "+w.CustomerName, w.SupportAddress
	if w.Number == "" {
		v.Subject, v.Text = "Question about our account "+w.Account, "Hello,\n\ncould you please tell us what is still open on our account?\n\nKind regards\n"+w.Name
		return nil
	}
	v.Subject = "Invoice " + w.Number + " is not right"
	v.Text = fmt.Sprintf("Hello,\n\non your invoice %s we were charged more than agreed. %s of it is still open; please correct it before we pay.\n\nKind regards\n%s\n%s",
		w.Number, kit.FormatMoney(w.OpenAmount(), "en"), w.Name, w.CustomerName)
	return nil
}

func shownAs(a parse.Address) string {
	if a.Name == "" {
		return a.Address
	}
	return a.Name + " <" + a.Address + ">"
}

func name(a parse.Address) string { return orElse(a.Name, a.Address) }

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// back leads a browser without script on to the mailbox.
func back(c echo.Context) error { return c.Redirect(http.StatusSeeOther, "/demo/mailbox") }

func fragment(c echo.Context) bool { return web.IsFragment(c) }
