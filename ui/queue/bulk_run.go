package queue

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
	"makegood/ui/layout"
)

// runLine is one of the reader's own runs in a list.
type runLine struct {
	Href, Does, Sub string
	Tag             kit.TagView
}

// runView is one run as it stands.
type runView struct {
	runLine

	ID       cases.BulkID
	Percent  int
	Progress string
	Moving   bool
	MayUndo  bool
	MayStop  bool
	Undo     string // what undoing does, for the question
	Until    string
	Shows    []kit.Segment
	Show     string
	Rows     []resultView
	Next     string
}

type resultView struct {
	Number, Reason string
	Tag            kit.TagView
}

const resultsAtOnce = 100

// resultStates are what a case may have become, as the page names it.
func resultStates() []kit.TagView {
	return []kit.TagView{
		{Title: "refused", Text: i18n.T("Not changed"), Tone: "bad"},
		{Title: "done", Text: i18n.T("Changed"), Tone: "ok"},
		{Title: "to_do", Text: i18n.T("To do"), Tone: "line"},
		{Title: "undone", Text: i18n.T("Undone"), Tone: "line"},
		{Title: "kept", Text: i18n.In("bulk", "Kept"), Tone: "due"},
	}
}

// Run is what became of many cases: GET /queue/bulk/:id?show=&after=.
func (s *Screen) Run(c echo.Context) error {
	n, err := runID(c)
	if err != nil {
		return err
	}
	ctx, by := c.Request().Context(), web.Actor(c)
	run, err := s.cases.Bulk(ctx, n, by)
	if err != nil {
		return err
	}
	names, err := s.bulkNames(ctx, by)
	if err != nil {
		return err
	}
	counts, err := s.cases.CountBulkResults(ctx, n, by)
	if err != nil {
		return err
	}
	r := s.reader(c)
	v := r.run(run, names, counts)
	if err := s.results(c, r, counts, &v); err != nil {
		return err
	}
	if web.IsFragment(c) {
		return s.desk.Fragment(c, http.StatusOK, runBody(v))
	}
	return s.desk.Page(c, http.StatusOK, desk.View{
		Title: v.Does, Heading: i18n.T("Queue"), Active: "queue", BodyClass: "page-imports",
		Crumbs: []layout.Crumb{{Text: i18n.T("Queue"), Href: "/"}, {Text: i18n.T("Change several cases"), Href: "/queue/bulk"}, {Text: v.Does}},
	}, runBody(v))
}

// UndoRun takes a run back: POST /queue/bulk/:id/undo.
func (s *Screen) UndoRun(c echo.Context) error {
	n, err := runID(c)
	if err != nil {
		return err
	}
	if _, err := s.cases.UndoBulk(c.Request().Context(), n, web.Actor(c)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, runAddress(n))
}

// StopRun ends a run that is under way: POST /queue/bulk/:id/stop.
func (s *Screen) StopRun(c echo.Context) error {
	n, err := runID(c)
	if err != nil {
		return err
	}
	if _, err := s.cases.StopBulk(c.Request().Context(), n, web.Actor(c)); err != nil && !errors.Is(err, cases.ErrBulkOver) {
		return err
	}
	return c.Redirect(http.StatusSeeOther, runAddress(n))
}

func runID(c echo.Context) (cases.BulkID, error) {
	n, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return 0, cases.ErrNoBulk
	}
	return cases.BulkID(n), nil
}

func (s *Screen) runLines(c echo.Context, r reader, names bulkNames) ([]runLine, error) {
	list, err := s.cases.BulkRuns(c.Request().Context(), names.by, 6)
	if err != nil {
		return nil, err
	}
	lines := make([]runLine, len(list))
	for i, run := range list {
		lines[i] = r.runLine(run, names)
	}
	return lines, nil
}

func (r reader) runLine(run cases.BulkRun, names bulkNames) runLine {
	l := runLine{Href: runAddress(run.ID), Does: names.does(run.Action, run.Value), Tag: kit.TagView{Text: i18n.T("Running"), Tone: "acc"}}
	l.Sub = i18n.F("{several}, begun {begun_at}", "several", several(run.Total, r.Lang), "begun_at", kit.FormatShort(run.BegunAt, r.Now, r.Zone, r.Lang))
	switch {
	case run.UndoneAt != nil:
		l.Tag = kit.TagView{Text: i18n.T("Undone"), Tone: "line"}
	case run.FinishedAt != nil:
		l.Tag = kit.TagView{Text: i18n.T("Done"), Tone: "ok"}
	}
	return l
}

func (r reader) run(run cases.BulkRun, names bulkNames, counts map[string]int) runView {
	v := runView{runLine: r.runLine(run, names), ID: run.ID, MayUndo: run.MayUndo(r.Now), MayStop: run.FinishedAt == nil}
	at, of := run.Done+run.Refused, run.Total
	if run.UndoneAt != nil {
		at, of = run.Done-counts["done"], run.Done
	}
	far, all := kit.FormatCount(at, r.Lang), several(of, r.Lang)
	v.Progress = i18n.F("{at} of {several} worked", "at", far, "several", all)
	if run.UndoneAt != nil {
		v.Progress = i18n.F("{at} of {several} looked at again", "at", far, "several", all)
	}
	v.Moving = run.FinishedAt == nil || run.UndoneAt != nil && counts["done"] > 0
	if of > 0 {
		v.Percent = at * 100 / of
	}
	if v.MayUndo {
		v.Undo = i18n.F("Bring {several} back to what they were? Those somebody has changed since stay as they are.", "several", several(run.Done, r.Lang))
		v.Until = kit.FormatTime(run.FinishedAt.Add(cases.BulkUndo), r.Zone, r.Lang)
	}
	return v
}

// results reads a page of what became of the cases: of one state when the address names it.
func (s *Screen) results(c echo.Context, r reader, counts map[string]int, v *runView) error {
	var states []string
	v.Shows = []kit.Segment{{Text: i18n.T("All"), Href: v.Href, Current: true}}
	for _, state := range resultStates() {
		if counts[state.Title] == 0 {
			continue
		}
		current := c.QueryParam("show") == state.Title
		if current {
			v.Show, states, v.Shows[0].Current = state.Title, []string{state.Title}, false
		}
		v.Shows = append(v.Shows, kit.Segment{Text: state.Text, Count: kit.FormatCount(counts[state.Title], r.Lang), Href: v.Href + "?show=" + state.Title, Current: current})
	}
	if states == nil {
		for _, state := range resultStates() {
			states = append(states, state.Title)
		}
	}
	after, err := strconv.ParseInt(c.QueryParam("after"), 10, 64)
	if err != nil {
		after = 0
	}
	list, err := s.cases.BulkResults(c.Request().Context(), web.Actor(c), cases.BulkPage{Run: v.ID, States: states, After: cases.ID(after), Limit: resultsAtOnce + 1})
	if err != nil {
		return err
	}
	if len(list) > resultsAtOnce {
		list = list[:resultsAtOnce]
		v.Next = v.self(id(list[resultsAtOnce-1].CaseID))
	}
	for _, row := range list {
		v.Rows = append(v.Rows, s.result(r, row))
	}
	return nil
}

func (s *Screen) result(r reader, row cases.BulkResult) resultView {
	v := resultView{Number: row.Number}
	for _, state := range resultStates() {
		if state.Title == row.State {
			v.Tag = kit.TagView{Text: state.Text, Tone: state.Tone}
		}
	}
	if row.Reason != "" {
		v.Reason = s.desk.Catalogue.Fill(r.Lang, row.Reason, row.Params)
	}
	return v
}

// self is the address of what is shown, from a case on.
func (v runView) self(after string) string {
	values := url.Values{}
	if v.Show != "" {
		values.Set("show", v.Show)
	}
	if after != "" {
		values.Set("after", after)
	}
	if len(values) == 0 {
		return v.Href
	}
	return v.Href + "?" + values.Encode()
}
