package queue

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
	"makegood/ui/layout"
)

// bulkForm is the page on which the same is asked for many cases.
type bulkForm struct {
	Of                    string // which cases, in words
	Numbers               []string
	View, Query           string
	Back                  string
	Action                cases.BulkAction
	People, Moves, Causes []kit.Option
	Macros                []kit.Option
	Tag, Untag            string
	Runs                  []runLine
	Preview               bulkPreview
}

// bulkPreview is what would happen, beside the form.
type bulkPreview struct {
	Wrong                 string // what cannot be asked
	Does                  string // what is asked, in words; "" while nothing is
	Asked                 string // the same as the form says it
	Total, Refused, Works string
	None                  bool
	Anew                  bool // another than what was shown before
	Rows                  []rowView
	Refusals              []refusalView
	More                  string // how many further refusals there are
}

type refusalView struct{ Number, Text string }

// Bulk is the page for changing many cases: GET of all that a view and a filter hold, POST of chosen ones. With an action chosen
// it tells what would happen; htmx gets that part alone.
func (s *Screen) Bulk(c echo.Context) error {
	f, err := s.bulkForm(c)
	if err != nil {
		return err
	}
	if web.IsFragment(c) {
		return s.desk.Fragment(c, http.StatusOK, bulkForesight(f.Preview))
	}
	return s.showBulk(c, http.StatusOK, f)
}

// StartBulk begins: POST /queue/bulk/start with the form of Bulk. Only what was shown before is done.
func (s *Screen) StartBulk(c echo.Context) error {
	in, err := s.bulkInput(c)
	if err != nil {
		return err
	}
	digest, shown := strings.CutPrefix(c.FormValue("foreseen"), askedFor(in)+"|")
	if !shown || digest == "" { // changed since what would happen was shown
		return s.bulkAgain(c)
	}
	in.Foreseen = digest
	run, err := s.cases.StartBulk(c.Request().Context(), in)
	if errs.KindOf(err) == errs.Invalid || errs.KindOf(err) == errs.TooLarge || errors.Is(err, cases.ErrBulkChanged) {
		return s.bulkAgain(c)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, runAddress(run.ID))
}

// bulkAgain shows the page once more, with what stands against it.
func (s *Screen) bulkAgain(c echo.Context) error {
	f, err := s.bulkForm(c)
	if err != nil {
		return err
	}
	f.Preview.Anew = f.Preview.Does != "" && f.Preview.Wrong == "" && c.FormValue("foreseen") != f.Preview.Asked
	return s.showBulk(c, http.StatusUnprocessableEntity, f)
}

func askedFor(in cases.BulkInput) string { return string(in.Action) + ":" + in.Value }

func runAddress(n cases.BulkID) string { return "/queue/bulk/" + id(n) }

// bulkInput reads the form. Chosen cases count before a filter.
func (s *Screen) bulkInput(c echo.Context) (cases.BulkInput, error) {
	form, err := c.FormParams()
	if err != nil {
		return cases.BulkInput{}, err
	}
	in := cases.BulkInput{By: web.Actor(c), Action: cases.BulkAction(form.Get("action"))}
	for _, ticked := range form["case"] {
		number, _ := seen(ticked) // what a run finds changed it shows before it begins
		in.Numbers = append(in.Numbers, number)
	}
	if len(in.Numbers) == 0 {
		in.Filter = cases.Filter{View: viewAsked(form.Get("view")), Query: strings.TrimSpace(form.Get("q")), Zone: s.reader(c).Zone}
	}
	in.Value = form.Get(string(in.Action))
	if in.Action == cases.BulkTag || in.Action == cases.BulkUntag {
		in.Value = strings.ToLower(strings.TrimSpace(in.Value))
	}
	return in, nil
}

// viewAsked is the view an address names; without one it is all that is open.
func viewAsked(name string) cases.View {
	if name == "" {
		return cases.ViewAllOpen
	}
	return within(name)
}

func (s *Screen) bulkForm(c echo.Context) (bulkForm, error) {
	in, err := s.bulkInput(c)
	if err != nil {
		return bulkForm{}, err
	}
	ctx, r := c.Request().Context(), s.reader(c)
	f := bulkForm{Numbers: in.Numbers, Action: in.Action, Back: "/"}
	if len(in.Numbers) == 0 {
		l := listView{View: cases.View(nameOf(in.Filter.View)), Query: in.Filter.Query}
		f.View, f.Query, f.Back = string(l.View), l.Query, l.address("/")
		f.Of = i18n.F("All of “{title}”", "title", wordsOf(in.Filter.View).title)
		if l.Query != "" {
			f.Of = i18n.F("All of “{title}” that match “{query}”", "title", wordsOf(in.Filter.View).title, "query", l.Query)
		}
	} else {
		f.Of = i18n.N(len(in.Numbers), "{n} chosen case", "{n} chosen cases", "n", kit.FormatCount(len(in.Numbers), r.Lang))
	}
	names, err := s.bulkNames(ctx, in.By)
	if err != nil {
		return f, err
	}
	names.offer(&f, in)
	if f.Runs, err = s.runLines(c, r, names); err != nil {
		return f, err
	}
	f.Preview, err = s.foresee(c, r, names, in)
	return f, err
}

// foresee tells what would happen. What cannot be asked is said instead.
func (s *Screen) foresee(c echo.Context, r reader, names bulkNames, in cases.BulkInput) (bulkPreview, error) {
	var v bulkPreview
	p, err := s.cases.PreviewBulk(c.Request().Context(), in)
	switch kind := errs.KindOf(err); {
	case err == nil:
	case kind == errs.Invalid && in.Action != "", kind == errs.TooLarge:
		for _, text := range s.desk.FieldErrors(c, err) {
			v.Wrong = text
		}
		if v.Wrong == "" {
			v.Wrong = s.desk.Sentence(c, err)
		}
		return v, nil
	default:
		return v, err
	}
	if in.Action != "" {
		v.Does, v.Asked = names.does(in.Action, in.Value), askedFor(in)+"|"+p.Digest
	}
	v.Total, v.Refused, v.Works = kit.FormatCount(p.Total, r.Lang), kit.FormatCount(p.Refused, r.Lang), several(p.Total-p.Refused, r.Lang)
	v.None = p.Total == p.Refused
	for _, row := range p.First {
		v.Rows = append(v.Rows, r.row(row, nil, ""))
	}
	for _, refusal := range p.Refusals {
		v.Refusals = append(v.Refusals, refusalView{Number: refusal.Number, Text: s.desk.Catalogue.Fill(r.Lang, refusal.Reason, refusal.Params)})
	}
	if more := p.Refused - len(p.Refusals); more > 0 {
		v.More = i18n.N(more, "and {n} more case. Each stands in the result.", "and {n} more cases. Each stands in the result.", "n", kit.FormatCount(more, r.Lang))
	}
	return v, nil
}

func (s *Screen) showBulk(c echo.Context, status int, f bulkForm) error {
	return s.desk.Page(c, status, desk.View{
		Title: i18n.T("Change several cases"), Heading: i18n.T("Queue"), Active: "queue", BodyClass: "page-books page-sorting",
		Crumbs: []layout.Crumb{{Text: i18n.T("Queue"), Href: f.Back}, {Text: i18n.T("Change several cases")}},
	}, bulkPage(f))
}

func several(n int, lang string) string {
	return i18n.N(n, "{n} case", "{n} cases", "n", kit.FormatCount(n, lang))
}

// bulkNames are the people and root causes that a run may name.
type bulkNames struct {
	by     access.Actor
	people []kit.Option
	causes []kit.Option
	macros []kit.Option
}

func (s *Screen) bulkNames(ctx context.Context, by access.Actor) (bulkNames, error) {
	n := bulkNames{by: by}
	colleagues, err := s.files.Colleagues(ctx, by)
	if err != nil {
		return n, err
	}
	n.people = desk.PeopleOptions(colleagues)
	causes, err := s.cases.RootCauses(ctx)
	if err != nil {
		return n, err
	}
	for _, cause := range causes {
		n.causes = append(n.causes, kit.Option{Value: strconv.FormatInt(cause.ID, 10), Text: cause.Name})
	}
	macros, err := s.cases.Macros(ctx, by)
	if err != nil {
		return n, err
	}
	for _, m := range macros {
		text := m.Name
		if m.Folder != "" {
			text = m.Folder + " / " + m.Name
		}
		n.macros = append(n.macros, kit.Option{Value: id(m.ID), Text: text})
	}
	return n, nil
}

// offer fills in what may be chosen, with what was.
func (n bulkNames) offer(f *bulkForm, in cases.BulkInput) {
	own := strconv.FormatInt(n.by.UserID, 10)
	for _, p := range n.people {
		if p.Value == own {
			p.Text = i18n.F("{name} (you)", "name", p.Text)
		} else if !access.May(n.by, access.AssignOthers) {
			continue
		}
		f.People = append(f.People, p)
	}
	f.People = append(f.People, kit.Option{Value: "", Text: i18n.T("nobody: back to the team")})
	for _, value := range desk.Moves() {
		f.Moves = append(f.Moves, kit.Option{Value: value, Text: desk.MoveWord(value)})
	}
	f.Causes, f.Macros = append(f.Causes, n.causes...), append(f.Macros, n.macros...)
	for action, list := range map[cases.BulkAction][]kit.Option{cases.BulkAssign: f.People, cases.BulkStatus: f.Moves, cases.BulkRootCause: f.Causes, cases.BulkMacro: f.Macros} {
		for i := range list {
			list[i].Selected = in.Action == action && list[i].Value == in.Value
		}
	}
	switch in.Action {
	case cases.BulkTag:
		f.Tag = in.Value
	case cases.BulkUntag:
		f.Untag = in.Value
	case cases.BulkAssign, cases.BulkStatus, cases.BulkRootCause, cases.BulkMacro:
	}
}

// does says what an action with its value is.
func (n bulkNames) does(action cases.BulkAction, value string) string {
	switch action {
	case cases.BulkAssign:
		if value == "" {
			return i18n.T("Give back to the team")
		}
		return i18n.F("Give to {people}", "people", desk.NamedIn(n.people, value))
	case cases.BulkStatus:
		return i18n.F("Make {value}", "value", desk.MoveWord(value))
	case cases.BulkTag:
		return i18n.F("Tag as “{value}”", "value", value)
	case cases.BulkUntag:
		return i18n.F("Take the tag “{value}” off", "value", value)
	case cases.BulkRootCause:
		return i18n.F("Say that the root cause is “{causes}”", "causes", desk.NamedIn(n.causes, value))
	case cases.BulkMacro:
		return i18n.F("Use the macro “{macros}”", "macros", desk.NamedIn(n.macros, value))
	}
	return string(action)
}
