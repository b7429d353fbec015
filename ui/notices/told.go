package notices

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/cases/clock"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
	"makegood/ui/layout"
)

const (
	toldPath = "/notices"
	perPage  = 50
)

// toldView is a page of what the reader was told.
type toldView struct {
	Asking, New, Earlier []row
	Shown                string // ids of what is shown unread
	Newest               int64  // the latest that is shown
	Next                 string
	Later                bool   // not the first page
	Topic                string // tells of more
}

func (v toldView) empty() bool { return len(v.Asking)+len(v.New)+len(v.Earlier) == 0 }

// row is a notice as drawn.
type row struct {
	ID               int64
	Icon, Text, Href string
	Number, Subject  string
	At               time.Time
	Unread, Asks     bool
	Acknowledged     *time.Time
}

func (r row) element() string { return "notice-" + strconv.FormatInt(r.ID, 10) }

func (r row) acknowledge() string {
	return toldPath + "/" + strconv.FormatInt(r.ID, 10) + "/acknowledge"
}

// List is what the reader was told: GET /notices, with ?after= from where a page before ended. To look at it ahead changes nothing: what is
// shown counts as read once the page is open.
func (s *Screen) List(c echo.Context) error {
	ctx, by := c.Request().Context(), web.Actor(c)
	v := toldView{Later: c.QueryParam("after") != "", Topic: s.desk.BellOf(c, 0).Topic}
	pinned := map[int64]bool{}
	if !v.Later {
		asking, err := s.cases.AskingNotices(ctx, by, perPage)
		if err != nil {
			return err
		}
		for _, n := range asking {
			pinned[n.ID] = true
			v.Asking = append(v.Asking, s.row(c, n))
		}
	}
	page, err := s.cases.NoticesOf(ctx, by, c.QueryParam("after"), perPage)
	if err != nil {
		return err
	}
	for _, n := range page.Notices {
		switch {
		case pinned[n.ID]:
		case n.ReadAt == nil:
			v.New = append(v.New, s.row(c, n))
		default:
			v.Earlier = append(v.Earlier, s.row(c, n))
		}
	}
	v.mark()
	if page.Next != "" {
		v.Next = toldPath + "?after=" + url.QueryEscape(page.Next)
	}
	return s.desk.Page(c, http.StatusOK, desk.View{Title: i18n.T("Notices"), Heading: i18n.T("Notices"), BodyClass: "page-notices"}, told(v))
}

// mark notes what is shown unread, and the latest of all.
func (v *toldView) mark() {
	var shown []string
	for _, list := range [][]row{v.Asking, v.New, v.Earlier} {
		for _, r := range list {
			v.Newest = max(v.Newest, r.ID)
			if r.Unread {
				shown = append(shown, strconv.FormatInt(r.ID, 10))
			}
		}
	}
	v.Shown = strings.Join(shown, ",")
}

// Bell is the bell as it stands now: GET /notices/bell.
func (s *Screen) Bell(c echo.Context) error {
	unread, err := s.cases.UnreadNotices(c.Request().Context(), web.Actor(c), 0)
	if err != nil {
		return err
	}
	return s.desk.Fragment(c, http.StatusOK, layout.BellLink(s.desk.BellOf(c, unread)))
}

// Newer says whether more has come than the page shows: GET /notices/newer?than=.
func (s *Screen) Newer(c echo.Context) error {
	than, err := strconv.ParseInt(cmp.Or(c.QueryParam("than"), "0"), 10, 64)
	if err != nil {
		return errs.InvalidField("than", "error.not_a_number")
	}
	unread, err := s.cases.UnreadNotices(c.Request().Context(), web.Actor(c), than)
	if err != nil {
		return err
	}
	return s.desk.Fragment(c, http.StatusOK, newer(s.desk.BellOf(c, 0).Topic, than, unread))
}

// Read marks notices as read: POST /notices/read. Fields: shown (their ids with commas between), or all. What was open on the
// screen answers with the bell.
func (s *Screen) Read(c echo.Context) error {
	only := desk.Numbers(strings.Split(c.FormValue("shown"), ","))
	if len(only) == 0 && c.FormValue("all") == "" {
		return errs.InvalidField("shown", "error.required")
	}
	if err := s.cases.ReadNotices(c.Request().Context(), web.Actor(c), only...); err != nil {
		return err
	}
	if web.IsFragment(c) {
		return s.Bell(c)
	}
	return c.Redirect(http.StatusSeeOther, toldPath)
}

// Acknowledge says that the reader took notice of an escalation: POST /notices/:id/acknowledge.
func (s *Screen) Acknowledge(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return echo.ErrNotFound
	}
	ctx, by := c.Request().Context(), web.Actor(c)
	if err := s.cases.AcknowledgeNotice(ctx, cases.NoticeInput{By: by, ID: id}); err != nil {
		return err
	}
	if !web.IsFragment(c) {
		return c.Redirect(http.StatusSeeOther, toldPath)
	}
	n, err := s.cases.ToldNotice(ctx, by, id)
	if err != nil {
		return err
	}
	return s.desk.Fragment(c, http.StatusOK, line(s.row(c, n)))
}

// row draws a notice. An escalation says which promise it is about.
func (s *Screen) row(c echo.Context, n cases.ToldNotice) row {
	lang := s.desk.Lang(c)
	r := row{
		ID: n.ID, Icon: iconOf(n), Text: s.desk.Catalogue.Fill(lang, n.Key, kit.FormatParams(n.Params, lang)), Number: n.Number, Subject: n.Subject,
		At: n.CreatedAt, Unread: n.ReadAt == nil, Asks: n.Asks, Acknowledged: n.AcknowledgedAt,
	}
	if kind := n.Params["clock"]; kind != "" && n.Params["rung"] != "" {
		r.Text = i18n.F("{clock}: {text}", "clock", desk.ClockName(clock.Kind(kind)), "text", r.Text)
	}
	switch path := n.Params["path"]; {
	case strings.HasPrefix(path, "/"):
		r.Href = path
	case n.Number != "":
		r.Href = "/cases/" + n.Number
	}
	return r
}

// iconOf is what a notice is about, at a glance.
func iconOf(n cases.ToldNotice) string {
	_, what, _ := strings.Cut(n.Key, ".")
	noun, _, _ := strings.Cut(what, "_")
	switch {
	case n.Params["rung"] != "":
		return "stairs-up"
	case noun == "credit":
		return "rubber-stamp"
	case noun == "promise":
		return "cash"
	case noun == "watched":
		return "eye"
	case noun == "mentioned":
		return "at"
	}
	return "bell"
}
