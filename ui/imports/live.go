package imports

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"makegood/billing/reading"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/kit"
)

// liveView is the account that a legal entity's records are read from.
type liveView struct {
	Entity, Action, Text, SetText, ImportHref, Refusal, System, Version string
	Tag                                                                 kit.TagView
	Read, Set, Active                                                   bool
	Errors                                                              map[string]string
}

// live tells of the accounts that are read, to whoever may do something about them; entities without one are shown to who may give one.
func (s *Screen) live(c echo.Context, no refusal) ([]liveView, error) {
	by := web.Actor(c)
	if !access.May(by, access.IssueInvoice) && !access.May(by, access.Administer) {
		return nil, nil
	}
	list, err := s.reading.Standings(c.Request().Context(), by)
	if err != nil {
		return nil, err
	}
	var views []liveView
	for _, st := range list {
		v := s.liveView(c, st)
		if st.Entity == no.live {
			v.Errors, v.Refusal = no.fields, no.text
		}
		if st.HasSource || v.Set {
			views = append(views, v)
		}
	}
	return views, nil
}

func (s *Screen) liveView(c echo.Context, st reading.Standing) liveView {
	by := web.Actor(c)
	v := liveView{
		Entity: st.Entity, Action: "/imports/live/" + url.PathEscape(st.Entity), Set: access.May(by, access.Administer), System: st.System, Version: strconv.Itoa(st.Version),
		Active: st.Active || !st.HasSource, SetText: i18n.T("Change the account…"), Tag: kit.TagView{Text: i18n.T("Not read"), Tone: "line"},
	}
	if !st.HasSource {
		v.System, v.SetText = "stripe", i18n.T("Give an account…")
		return v
	}
	v.Tag = kit.TagView{Text: i18n.T("When asked"), Tone: "line"}
	if st.Active {
		v.Tag = kit.TagView{Text: i18n.T("Once a day"), Tone: "ok"}
	}
	run := st.Last
	v.Read = access.May(by, access.IssueInvoice) && (run == nil || run.FinishedAt != nil)
	if run == nil {
		v.Text = i18n.T("Never read yet.")
		return v
	}
	v.Text = s.runText(c, *run)
	if run.BatchID != nil {
		v.ImportHref = address(*run.BatchID)
	}
	if run.FinishedAt == nil {
		v.Tag = kit.TagView{Text: i18n.T("Being read"), Tone: "acc", Icon: "loader-2"}
	}
	if run.State == reading.Failed {
		v.Tag = kit.TagView{Text: i18n.T("Failed"), Tone: "bad", Icon: "alert-triangle"}
	}
	return v
}

// runText says how a reading went, or stands.
func (s *Screen) runText(c echo.Context, run reading.Run) string {
	r := s.reader(c)
	objects := i18n.F("{int} objects", "int", kit.FormatCount(int(run.Objects), r.lang))
	answer := ""
	if run.Answer != "" {
		answer = " " + s.desk.Catalogue.Fill(r.lang, run.Answer, errs.Params{"system": "Stripe", "why": ""})
	}
	switch {
	case run.State == reading.Failed:
		return i18n.F("Given up on {when} after {objects}.{answer}", "when", r.when(*run.FinishedAt), "objects", objects, "answer", answer)
	case run.State == reading.Done && run.BatchID == nil:
		return i18n.F("Read on {when}: {objects}, nothing new.", "when", r.when(*run.FinishedAt), "objects", objects)
	case run.State == reading.Done:
		return i18n.F("Read on {when}: {objects}.", "when", r.when(*run.FinishedAt), "objects", objects)
	case run.NotBefore != nil:
		return i18n.F("{objects} so far; it was asked to wait until {when}.", "objects", objects, "when", r.when(*run.NotBefore))
	}
	return i18n.F("{objects} so far.{answer}", "objects", objects, "answer", answer)
}

// ReadNow begins to read an entity's account: POST /imports/live/:entity/read, with everything=yes from the beginning.
func (s *Screen) ReadNow(c echo.Context) error {
	_, err := s.reading.Start(c.Request().Context(), web.Actor(c), c.Param("entity"), c.FormValue("everything") == "yes")
	return s.liveDone(c, err)
}

// SetSource keeps the account that an entity's records are read from: POST /imports/live/:entity.
func (s *Screen) SetSource(c echo.Context) error {
	version, err := strconv.Atoi(c.FormValue("version"))
	if err != nil {
		return errs.InvalidField("version", "error.required")
	}
	_, err = s.reading.Set(c.Request().Context(), reading.Setting{
		By: web.Actor(c), Entity: c.Param("entity"), System: c.FormValue("system"), Secret: c.FormValue("secret"), Active: c.FormValue("active") == "yes", Version: version,
	})
	return s.liveDone(c, err)
}

// liveDone leads back to the list; what was refused is said at its entity.
func (s *Screen) liveDone(c echo.Context, err error) error {
	if kind := errs.KindOf(err); err != nil && (kind == errs.Invalid || kind == errs.Conflict) {
		no := s.refusal(c, err)
		no.live = c.Param("entity")
		return s.list(c, web.Status(err), no)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/imports#live-"+url.PathEscape(c.Param("entity")))
}
