package guides

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
	"makegood/ui/prose"
)

const playbooksHome = "/settings/playbooks"

// booksView is every playbook, and what has none.
type booksView struct {
	Books []bookView
	Bare  []kit.Link // reasons in use without one
	May   bool
}

// bookView is a playbook as it is read.
type bookView struct {
	Title, Href, Told string
	Parts             []prose.Part
}

// bookForm is one that is being written.
type bookForm struct {
	Type, Reason, Base, Told, Refused string
	Text                              cases.PlaybookText
	Types, Reasons                    []kit.Option
	Fixed                             bool // what it is for stands
	Errors                            map[string]string
	Preview                           []prose.Part
}

// bookTitle says what a playbook is for.
func bookTitle(p cases.Playbook) string {
	name := p.ReasonName
	if name == "" {
		name = p.Reason
	}
	switch {
	case p.CaseType == "":
		return name
	case p.Reason == "":
		return titleOf(p.CaseType)
	}
	return name + ", " + titleOf(p.CaseType)
}

func bookHref(t cases.Type, reason string) string {
	return playbooksHome + "/edit?" + url.Values{"type": {string(t)}, "reason": {reason}}.Encode()
}

// Playbooks shows all there are: GET /settings/playbooks.
func (s *Screen) Playbooks(c echo.Context) error {
	ctx, by := c.Request().Context(), web.Actor(c)
	books, err := s.cases.Playbooks(ctx, by)
	if err != nil {
		return err
	}
	reasons, err := s.cases.Reasons(ctx)
	if err != nil {
		return err
	}
	v := booksView{May: access.May(by, access.ManagePlaybooks)}
	for _, b := range books {
		v.Books = append(v.Books, bookView{Title: bookTitle(b), Href: bookHref(b.CaseType, b.Reason), Told: s.versionTold(c, b.Number, b.CreatedName, b.CreatedAt), Parts: prose.Playbook(b.PlaybookText)})
	}
	for _, r := range reasons {
		if !slices.ContainsFunc(books, func(b cases.Playbook) bool { return b.Reason == r.Code }) {
			v.Bare = append(v.Bare, kit.Link{Text: r.Name, Href: bookHref("", r.Code)})
		}
	}
	return s.desk.Page(c, http.StatusOK, desk.SettingsView(i18n.T("Playbooks"), playbooksHome, ""), playbooksPage(v))
}

// Playbook is the page on which one is written: GET /settings/playbooks/edit. Query: type, reason; without either it is a new one.
func (s *Screen) Playbook(c echo.Context) error {
	t, reason := cases.Type(c.QueryParam("type")), c.QueryParam("reason")
	if t == "" && reason == "" {
		return s.bookForm(c, http.StatusOK, bookForm{Base: "0"})
	}
	b, err := s.cases.PlaybookOf(c.Request().Context(), t, reason, web.Actor(c))
	if err != nil {
		return err
	}
	v := bookForm{Type: string(t), Reason: reason, Base: strconv.Itoa(b.Number), Text: b.PlaybookText, Fixed: true}
	if b.Number > 0 {
		v.Told = s.versionTold(c, b.Number, b.CreatedName, b.CreatedAt)
	}
	return s.bookForm(c, http.StatusOK, v)
}

// SavePlaybook puts a new version in force: POST /settings/playbooks. Fields: type, reason, base, check, ask, evidence, offer; with preview it
// is only shown.
func (s *Screen) SavePlaybook(c echo.Context) error {
	v := bookForm{Type: c.FormValue("type"), Reason: c.FormValue("reason"), Base: c.FormValue("base"), Fixed: c.FormValue("fixed") != ""}
	v.Text = cases.PlaybookText{Checks: c.FormValue("check"), Asks: c.FormValue("ask"), Evidence: c.FormValue("evidence"), Offers: c.FormValue("offer")}
	if c.FormValue("preview") != "" {
		v.Preview = prose.Playbook(v.Text)
		return s.bookForm(c, http.StatusOK, v)
	}
	base, err := strconv.Atoi(v.Base)
	if err != nil {
		return cases.ErrStalePlaybook
	}
	_, err = s.cases.SavePlaybook(c.Request().Context(), cases.PlaybookInput{By: web.Actor(c), CaseType: cases.Type(v.Type), Reason: v.Reason, Base: base, PlaybookText: v.Text})
	switch errs.KindOf(err) {
	case errs.Invalid, errs.Conflict:
		if v.Errors = s.desk.FieldErrors(c, err); len(v.Errors) == 0 {
			v.Refused = s.desk.Sentence(c, err)
		}
		return s.bookForm(c, web.Status(err), v)
	default:
		if err != nil {
			return err
		}
	}
	return c.Redirect(http.StatusSeeOther, playbooksHome)
}

func (s *Screen) bookForm(c echo.Context, status int, v bookForm) error {
	reasons, err := s.cases.ReasonBook(c.Request().Context(), web.Actor(c))
	if err != nil {
		return err
	}
	v.Types, v.Reasons = []kit.Option{{Value: "", Text: i18n.T("of every type")}}, []kit.Option{{Value: "", Text: i18n.T("whatever is claimed")}}
	title := i18n.T("New playbook")
	for _, t := range cases.Types() {
		v.Types = append(v.Types, kit.Option{Value: string(t), Text: titleOf(t), Selected: string(t) == v.Type})
	}
	for _, r := range reasons.Reasons {
		if !r.Retired || r.Code == v.Reason {
			v.Reasons = append(v.Reasons, kit.Option{Value: r.Code, Text: r.Name, Selected: r.Code == v.Reason})
		}
		if v.Fixed && r.Code == v.Reason {
			title = bookTitle(cases.Playbook{CaseType: cases.Type(v.Type), Reason: r.Code, ReasonName: r.Name})
		}
	}
	if v.Fixed && v.Reason == "" {
		title = titleOf(cases.Type(v.Type))
	}
	return s.desk.Page(c, status, desk.SettingsView(i18n.T("Playbooks"), playbooksHome, title), playbookPage(v))
}
