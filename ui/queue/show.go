package queue

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/cases/filter"
	"makegood/internal/access"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// pageSize is how many cases one page brings; a list that was read on keeps its length when it is read again.
const (
	pageSize = 50
	pagesMax = 4
)

// Show is the queue; htmx gets the list, with the views' counts beside it.
func (s *Screen) Show(c echo.Context) error {
	counts, err := s.cases.Counts(c.Request().Context(), web.Actor(c))
	if err != nil {
		return err
	}
	r := s.reader(c)
	var v view
	l := request(c, counts)
	kept, err := s.keptViews(c, r, l)
	if err != nil {
		return err
	}
	for _, link := range slices.Concat(kept...) {
		if link.Current {
			l.Saved.Name = link.Text
		}
	}
	if l.Saved.Name == "" {
		l.Saved.ID = ""
	}
	if v.List, err = s.list(c.Request().Context(), c, r, l); err != nil {
		return err
	}
	v.Groups = groups(v.List, counts, kept, r.Lang)
	if access.May(web.Actor(c), access.AssignOthers) {
		if v.List.People, err = s.people(c); err != nil {
			return err
		}
	}
	if web.IsFragment(c) {
		return s.desk.Fragment(c, http.StatusOK, again(v, summary(counts, r.Lang)))
	}
	v.List.chooseFirst()
	return s.desk.Page(c, http.StatusOK, desk.View{
		Title: v.List.Title, Heading: i18n.T("Queue"), Sub: summary(counts, r.Lang), Active: "queue", BodyClass: "page-queue",
	}, page(v))
}

// More is the next stretch of the list.
func (s *Screen) More(c echo.Context) error {
	r := s.reader(c)
	l := request(c, nil)
	l, err := s.list(c.Request().Context(), c, r, l)
	if err != nil {
		return err
	}
	return s.desk.Fragment(c, http.StatusOK, stretch(l))
}

func (s *Screen) reader(c echo.Context) reader {
	return reader{Locale: kit.LocaleOf(s.desk.Context(c)), mayWork: access.May(web.Actor(c), access.WorkCases)}
}

// request reads what the address asks for. Without a view it is one's own queue, or all that is open while that is
// empty.
func request(c echo.Context, counts map[cases.View]int) listView {
	l := listView{
		View: cases.View(c.QueryParam("view")), Query: strings.TrimSpace(c.QueryParam("q")), Sort: cases.Sort(c.QueryParam("sort")),
		Chosen: c.QueryParam("sel"), Saved: savedRef{ID: c.QueryParam("saved")},
	}
	if l.View != everyCase && !slices.Contains(cases.Views(), l.View) {
		l.View = cases.ViewAllOpen
		if counts[cases.ViewMine] > 0 {
			l.View = cases.ViewMine
		}
	}
	switch l.Sort {
	case cases.SortDue, cases.SortAge, cases.SortRisk, cases.SortNewest:
	default:
		l.Sort = ""
	}
	return l
}

func (s *Screen) list(ctx context.Context, c echo.Context, r reader, l listView) (listView, error) {
	chosen := l.View
	if chosen == everyCase {
		chosen = cases.ViewAll
	}
	w := wordsOf(chosen)
	l.Title, l.MayWork = w.title, r.mayWork
	if l.Saved.Name != "" {
		l.Title = l.Saved.Name
	}
	l.Empty = kit.EmptyView{Icon: w.icon, Title: i18n.T("Nothing here"), Text: w.empty}
	if l.Query != "" {
		l.Empty = kit.EmptyView{Icon: "search", Title: i18n.T("Nothing matches"), Text: i18n.F("No case of this view is like “{query}”.", "query", l.Query), ActionText: i18n.T("Search every case"), Href: l.address("/", "view", everyCase)}
	}
	l.chips(r)
	pages := min(max(len(c.QueryParams()["loaded"]), 1), pagesMax)
	found, err := s.cases.Queue(ctx, cases.Filter{
		View: chosen, Query: l.Query, Zone: r.Zone, Sort: l.Sort, After: c.QueryParam("after"), Limit: pageSize * pages,
	}, web.Actor(c))
	if wrong := s.desk.FieldErrors(c, err)["q"]; wrong != "" {
		l.Empty = kit.EmptyView{Icon: "filter-off", Title: i18n.T("This filter cannot be read"), Text: wrong}
		return l, nil
	}
	if wrong := s.desk.FieldErrors(c, err)["sort"]; wrong != "" {
		l.Empty = kit.EmptyView{
			Icon: "sort-ascending", Title: i18n.T("This list cannot be sorted so"), Text: wrong, ActionText: i18n.T("Show it in its own order"), Href: l.address("/", "sort", ""),
		}
		return l, nil
	}
	if err != nil {
		return l, err
	}
	ids := make([]cases.ID, len(found.Rows))
	for i, row := range found.Rows {
		ids[i] = row.ID
	}
	faces, err := s.files.QueueClocks(ctx, ids)
	if err != nil {
		return l, err
	}
	l.More, l.Bounded = found.Next, found.Bounded
	l.Groups = r.rows(found.Rows, faces, l, c.QueryParam("under"))
	return l, nil
}

func (l listView) under() string {
	for _, g := range slices.Backward(l.Groups) {
		if g.Title != "" {
			return i18n.English(g.Title)
		}
	}
	return ""
}

// chips shows each condition of what was typed, with the way to take it away.
func (l *listView) chips(r reader) {
	read, err := filter.Reader{Now: r.Now, Zone: r.Zone}.Parse(l.Query)
	if err != nil {
		return
	}
	for n, t := range read.Terms {
		chip := kit.ChipView{Name: string(t.Field), Value: t.Value(), RemoveURL: l.address("/", "q", read.Without(n).String())}
		if t.Not {
			chip.Name = i18n.F("not {name}", "name", chip.Name)
		}
		l.Chips = append(l.Chips, chip)
	}
}

// keptViews are the reader's own views and those that are shared, with their counts.
func (s *Screen) keptViews(c echo.Context, r reader, l listView) ([][]viewLink, error) {
	ctx, by := c.Request().Context(), web.Actor(c)
	list, err := s.cases.SavedViews(ctx, by)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	counts, err := s.cases.CountSaved(ctx, list, by, r.Zone)
	if err != nil {
		return nil, err
	}
	out := make([][]viewLink, 2)
	for _, v := range list {
		link := viewLink{Text: v.Name, Icon: "filter", Href: addressOf(v), Current: l.Saved.ID == id(v.ID)}
		if n, counted := counts[v.ID]; counted {
			link.Count = count(n, r.Lang)
		}
		at := 0
		if v.OwnerID != by.UserID {
			at, link.Icon = 1, "users"
		}
		out[at] = append(out[at], link)
	}
	return out, nil
}

func groups(l listView, counts map[cases.View]int, kept [][]viewLink, lang string) []viewGroup {
	link := func(v cases.View) viewLink {
		w := wordsOf(v)
		n, counted := counts[v]
		text := ""
		if counted {
			text = count(n, lang)
		}
		tone := w.tone
		if n == 0 {
			tone = ""
		}
		return viewLink{Text: w.title, Icon: w.icon, Href: "/?view=" + string(v), Count: text, Tone: tone, Current: l.View == v && l.Saved.ID == ""}
	}
	mine := viewGroup{Title: i18n.T("Mine"), Links: []viewLink{link(cases.ViewMine), link(cases.ViewWatched)}}
	if counts[cases.ViewCovering] > 0 || l.View == cases.ViewCovering {
		mine.Links = append(mine.Links, link(cases.ViewCovering))
	}
	all := viewGroup{Title: i18n.T("All teams")}
	if counts[cases.ViewClosing] > 0 || l.View == cases.ViewClosing {
		all.Links = append(all.Links, link(cases.ViewClosing))
	}
	for _, v := range cases.Views() {
		if !slices.Contains([]cases.View{cases.ViewMine, cases.ViewWatched, cases.ViewCovering, cases.ViewClosing, cases.ViewResolved}, v) {
			all.Links = append(all.Links, link(v))
		}
	}
	done := viewGroup{Title: i18n.T("Looking back"), Links: []viewLink{link(cases.ViewResolved)}}
	done.Links[0].Count = ""
	every := wordsOf(cases.ViewAll)
	done.Links = append(done.Links, viewLink{Text: every.title, Icon: every.icon, Href: "/?view=" + everyCase, Current: l.View == everyCase && l.Saved.ID == ""})
	shown := []viewGroup{mine}
	for n, links := range kept {
		if len(links) > 0 {
			shown = append(shown, viewGroup{Title: []string{i18n.T("Kept by me"), i18n.T("Shared")}[n], Links: links})
		}
	}
	return append(shown, all, done)
}

func summary(counts map[cases.View]int, lang string) string {
	return i18n.F("{count} open · {count_2} breached · {count_3} unassigned", "count", count(counts[cases.ViewAllOpen], lang), "count_2", count(counts[cases.ViewBreached], lang), "count_3", count(counts[cases.ViewUnassigned], lang))
}

func (s *Screen) people(c echo.Context) ([]kit.Option, error) {
	list, err := s.files.Colleagues(c.Request().Context(), web.Actor(c))
	if err != nil {
		return nil, err
	}
	return desk.PeopleOptions(list), nil
}
