package intake

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"makegood/inbox"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
)

// Page is the room: GET /intake, and with a message open GET /intake/:id.
func (s *Screen) Page(c echo.Context) error {
	q := selected(c)
	v, err := s.read(c.Request().Context(), s.reader(c), q, c.Param("id") != "")
	if err != nil {
		return err
	}
	return s.desk.Show(c, s.frame(v), room(v), room(v))
}

// Sent is the room with a mail of ours open: GET /intake/out/:id.
func (s *Screen) Sent(c echo.Context) error {
	q := selected(c)
	q.tab = tabOutgoing
	v, err := s.read(c.Request().Context(), s.reader(c), q, true)
	if err != nil {
		return err
	}
	return s.desk.Show(c, s.frame(v), room(v), room(v))
}

// List is the list alone, as it stands now: GET /intake/list.
func (s *Screen) List(c echo.Context) error {
	list, err := s.list(c.Request().Context(), s.reader(c), selected(c))
	if err != nil {
		return err
	}
	return s.desk.Fragment(c, http.StatusOK, listPane(list.view))
}

// Preview is one message alone: GET /intake/:id/preview.
func (s *Screen) Preview(c echo.Context) error {
	m, err := s.message(c.Request().Context(), s.reader(c), selected(c))
	if err != nil {
		return err
	}
	return s.desk.Fragment(c, http.StatusOK, messagePane(m))
}

// SentPreview is one mail of ours alone: GET /intake/out/:id/preview.
func (s *Screen) SentPreview(c echo.Context) error {
	m, err := s.outgoing(c.Request().Context(), s.reader(c), selected(c).id)
	if err != nil {
		return err
	}
	return s.desk.Fragment(c, http.StatusOK, outgoingPane(m))
}

// Notice is why a message waits, or what has become of it meanwhile: GET /intake/:id/notice.
func (s *Screen) Notice(c echo.Context) error {
	m, err := s.Inbox.Readable(c.Request().Context(), s.Reports.Reader(), inbox.InboundID(selected(c).id), web.Actor(c))
	if err != nil {
		return err
	}
	return s.desk.Fragment(c, http.StatusOK, noticeBox(s.reader(c).notice(m)))
}

// Health is how mail flows: GET /intake/health.
func (s *Screen) Health(c echo.Context) error {
	side, err := s.side(c.Request().Context(), s.reader(c))
	if err != nil {
		return err
	}
	return s.desk.Fragment(c, http.StatusOK, sidePane(side.view))
}

func (s *Screen) frame(v *view) desk.View {
	return desk.View{Title: i18n.T("Intake"), Heading: i18n.T("Intake"), Sub: v.Sub, Active: "intake", BodyClass: "page-intake"}
}

// read fills the room. Without a message asked for, the first of the list is open.
func (s *Screen) read(ctx context.Context, r reader, q selection, asked bool) (*view, error) {
	list, err := s.list(ctx, r, q)
	if err != nil {
		return nil, err
	}
	if !asked {
		q.id = list.first
		list.view.choose(q.id)
	}
	side, err := s.side(ctx, r)
	if err != nil {
		return nil, err
	}
	v := &view{List: list.view, Side: side.view, Asked: asked}
	v.Sub = i18n.F("{count} messages in 30 days · each has one fate", "count", r.count(side.total))
	switch {
	case q.id == 0:
	case q.tab == tabOutgoing:
		v.Outgoing, err = s.outgoing(ctx, r, q.id)
	default:
		v.Message, err = s.message(ctx, r, q)
	}
	return v, err
}
