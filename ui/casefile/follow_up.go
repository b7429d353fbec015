package casefile

import (
	"time"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/ui/kit"
)

// followUpView is when a case comes back, or that it has.
type followUpView struct {
	At, Note string
	Due      bool
	Whens    []kit.Option
	Day      string // the first that can be chosen
}

func (r reader) followUp(f reports.CaseFile) followUpView {
	v := followUpView{Day: r.Now.In(r.Zone).AddDate(0, 0, 1).Format(time.DateOnly)}
	for _, when := range r.whens() {
		v.Whens = append(v.Whens, kit.Option{Value: when.at.Format(time.DateOnly), Text: when.text, Hint: r.day(when.at), Selected: len(v.Whens) == 0})
	}
	v.Whens = append(v.Whens, kit.Option{Value: "", Text: i18n.T("On the day below")})
	if f.FollowUpAt != nil {
		v.At, v.Note, v.Due = r.short(*f.FollowUpAt), f.FollowUpNote, f.FollowUpDue
	}
	return v
}

type when struct {
	text string
	at   time.Time
}

// whens are the days that people mean most often, in the reader's zone.
func (r reader) whens() []when {
	today := r.Now.In(r.Zone)
	in := func(days int) time.Time {
		return time.Date(today.Year(), today.Month(), today.Day()+days, 9, 0, 0, 0, r.Zone)
	}
	monday := 8 - int(today.Weekday())
	if today.Weekday() == time.Sunday {
		monday = 1
	}
	return []when{{i18n.T("Tomorrow"), in(1)}, {i18n.T("In three days"), in(3)}, {i18n.T("Next Monday"), in(monday)}, {i18n.T("In two weeks"), in(14)}}
}

// FollowUp puts a case off to a day: POST /cases/:number/follow-up. Fields: when, day, time, note.
func (s *Screen) FollowUp(c echo.Context) error {
	_, on, err := s.find(c)
	if err != nil {
		return err
	}
	r := s.reader(c)
	day := c.FormValue("when")
	if day == "" {
		day = c.FormValue("day")
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", day+" "+c.FormValue("time"), r.Zone)
	if err != nil {
		return s.refuse(c, errs.InvalidField("at", "follow_up.not_ahead"))
	}
	if _, err := s.cases.FollowUp(c.Request().Context(), cases.FollowUpInput{On: on, At: at, Note: c.FormValue("note")}); err != nil {
		return s.refuse(c, err)
	}
	return s.done(c, toast{Text: i18n.F("{param} comes back {short}.", "param", c.Param("number"), "short", r.short(at))}, nil)
}

// EndFollowUp ends putting off, or what came of it: POST /cases/:number/follow-up/end.
func (s *Screen) EndFollowUp(c echo.Context) error {
	_, on, err := s.find(c)
	if err != nil {
		return err
	}
	if _, err := s.cases.EndFollowUp(c.Request().Context(), on); err != nil {
		return s.refuse(c, err)
	}
	return s.done(c, toast{Text: i18n.F("{param} is no longer put off.", "param", c.Param("number"))}, nil)
}
