package quality

import (
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/cases/quality"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/kit"
)

func hexOf(b []byte) string { return hex.EncodeToString(b) }

// messageView is a message beside the form.
type messageView struct {
	Who, When, Kind string
	Ours, Note      bool
	Paragraphs      []string
}

// sheetView is a case with the form to review it.
type sheetView struct {
	Number, Subject, CaseHref, Action string
	Agent, Settled                    string
	Sampled                           bool
	Messages                          []messageView
	Card                              string
	Lines                             []lineView
	Note                              string
	Refused                           string
	Errors                            map[string]string
}

// lineView is one criterion of the form.
type lineView struct {
	Field   kit.FieldView
	Options []kit.Option
}

// Sheet shows a case with the card beside it: GET /quality/cases/:number.
func (s *Screen) Sheet(c echo.Context) error { return s.sheet(c, http.StatusOK, nil) }

func (s *Screen) sheet(c echo.Context, status int, refused error) error {
	r := s.reader(c)
	sheet, err := s.quality.Sheet(c.Request().Context(), c.Param("number"), r.by)
	if err != nil {
		return err
	}
	if sheet.Review != 0 {
		return c.Redirect(http.StatusSeeOther, reviewPath(sheet.Review))
	}
	said, err := s.cases.Messages(c.Request().Context(), s.reports.Reader(), sheet.Case.ID)
	if err != nil {
		return err
	}
	v := sheetView{
		Number: sheet.Case.Number, Subject: sheet.Case.Subject, CaseHref: "/cases/" + sheet.Case.Number, Action: sheetPath(sheet.Case.Number), Agent: sheet.AgentName,
		Sampled: sheet.Sampled, Card: strconv.Itoa(sheet.Card.Number), Note: c.FormValue("note"), Errors: map[string]string{},
	}
	if sheet.Case.ResolvedAt != nil {
		v.Settled = r.moment(*sheet.Case.ResolvedAt)
	}
	if refused != nil {
		if v.Errors = s.desk.FieldErrors(c, refused); len(v.Errors) == 0 {
			v.Refused = s.desk.Sentence(c, refused)
		}
	}
	for _, m := range said {
		v.Messages = append(v.Messages, r.message(m))
	}
	for _, one := range sheet.Card.Criteria {
		v.Lines = append(v.Lines, lineOf(one, c.FormValue(field(one.Code)), v.Errors["values."+one.Code]))
	}
	return s.page(c, status, i18n.F("Review {number}", "number", v.Number), sheetPage(v))
}

func field(code string) string { return "value_" + code }

func (r reader) message(m cases.Message) messageView {
	v := messageView{Who: m.AuthorName, When: r.moment(m.At), Ours: m.Kind != cases.Inbound, Note: m.Kind == cases.Note, Kind: map[cases.MessageKind]string{
		cases.Inbound: i18n.T("customer"), cases.PublicReply: i18n.T("answer"), cases.Note: i18n.T("note"), cases.Letter: i18n.T("letter"),
	}[m.Kind]}
	if v.Who == "" {
		v.Who = m.AuthorAddress
	}
	if v.Who == "" {
		v.Who = "Makegood"
	}
	for part := range strings.SplitSeq(m.Body, "\n\n") {
		if part = strings.TrimSpace(part); part != "" {
			v.Paragraphs = append(v.Paragraphs, part)
		}
	}
	return v
}

// lineOf is a criterion as steps to choose from; nothing chosen, and "did not apply", leave it out of the score.
func lineOf(c quality.Criterion, chosen, wrong string) lineView {
	l := lineView{Field: kit.FieldView{
		Name: field(c.Code), ID: "c-" + c.Code, Label: i18n.F("{name} · weight {weight}", "name", c.Name, "weight", strconv.Itoa(c.Weight)), Hint: c.Hint, Value: chosen, Error: wrong,
	}}
	if c.Scale == quality.YesNo {
		l.Options = []kit.Option{{Value: "1", Text: i18n.T("Met")}, {Value: "0", Text: i18n.T("Not met")}}
	} else {
		for n := 5; n >= 1; n-- {
			l.Options = append(l.Options, kit.Option{Value: strconv.Itoa(n), Text: strconv.Itoa(n)})
		}
	}
	l.Options = append(l.Options, kit.Option{Value: "", Text: i18n.T("Did not apply"), Selected: chosen == ""})
	return l
}

// Review keeps what a supervisor says: POST /quality/cases/:number. Fields: card, value_CODE, note.
func (s *Screen) Review(c echo.Context) error {
	form, err := c.FormParams()
	if err != nil {
		return errs.InvalidField("note", "error.required")
	}
	in := quality.ReviewInput{By: web.Actor(c), Number: c.Param("number"), Values: map[string]int{}, Note: form.Get("note")}
	if in.Card, err = strconv.Atoi(form.Get("card")); err != nil {
		in.Card = 0 // which is none
	}
	for name := range form {
		code, value := strings.TrimPrefix(name, "value_"), form.Get(name)
		if code == name || value == "" {
			continue
		}
		if in.Values[code], err = strconv.Atoi(value); err != nil {
			in.Values[code] = -1 // which is refused beside its criterion
		}
	}
	kept, err := s.quality.Review(c.Request().Context(), in)
	switch errs.KindOf(err) {
	case errs.Invalid, errs.Conflict:
		return s.sheet(c, web.Status(err), err)
	default:
		if err != nil {
			return err
		}
	}
	return c.Redirect(http.StatusSeeOther, reviewPath(kept.ID))
}

// reviewView is a review that was written.
type reviewView struct {
	Number, Subject, CaseHref, Action string
	Agent, Told, Score, Card          string
	Sampled, Mine                     bool
	Tag                               kit.TagView
	Rows                              []scoreRow
	Note, Reply, Read                 []string
	ReplyText, Refused                string
	Errors                            map[string]string
}

type scoreRow struct{ Name, Weight, Value string }

// Show is one review: GET /quality/reviews/:id.
func (s *Screen) Show(c echo.Context) error {
	return s.review(c, http.StatusOK, c.Param("id"), nil)
}

func (s *Screen) review(c echo.Context, status int, of string, refused error) error {
	id, err := strconv.ParseInt(of, 10, 64)
	if err != nil {
		return quality.ErrNoReview
	}
	r := s.reader(c)
	found, err := s.quality.ReviewByID(c.Request().Context(), quality.ReviewID(id), r.by)
	if err != nil {
		return err
	}
	v := reviewView{
		Number: found.Number, Subject: found.Subject, CaseHref: "/cases/" + found.Number, Action: reviewPath(found.ID) + "/acknowledge", Agent: found.AgentName,
		Told: found.ReviewerName + ", " + r.moment(found.ReviewedAt), Score: r.percent(found), Card: strconv.Itoa(found.Card), Sampled: found.Sampled,
		Mine: found.AgentID == r.by.UserID, Tag: tagOf(found), Note: lines(found.Note), Reply: lines(found.Reply), ReplyText: c.FormValue("reply"),
	}
	if found.AcknowledgedAt != nil {
		v.Read = []string{found.AgentName + ", " + r.moment(*found.AcknowledgedAt)}
	}
	if refused != nil {
		if v.Errors = s.desk.FieldErrors(c, refused); len(v.Errors) == 0 {
			v.Refused = s.desk.Sentence(c, refused)
		}
	}
	for _, one := range found.Scores {
		v.Rows = append(v.Rows, scoreRow{Name: one.Name, Weight: strconv.Itoa(one.Weight), Value: valueText(one)})
	}
	return s.page(c, status, i18n.F("Review of {number}", "number", v.Number), reviewPage(v))
}

func lines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

func valueText(s quality.Score) string {
	switch {
	case s.Value == nil:
		return i18n.T("did not apply")
	case s.Scale == quality.Five:
		return i18n.F("{value} of 5", "value", strconv.Itoa(*s.Value))
	case *s.Value == 1:
		return i18n.T("met")
	}
	return i18n.T("not met")
}

// Acknowledge says that the agent has read it: POST /quality/reviews/:id/acknowledge. Field: reply.
func (s *Screen) Acknowledge(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return quality.ErrNoReview
	}
	_, err = s.quality.Acknowledge(c.Request().Context(), quality.AcknowledgeInput{By: web.Actor(c), ID: quality.ReviewID(id), Reply: c.FormValue("reply")})
	switch kind := errs.KindOf(err); {
	case kind == errs.Invalid, kind == errs.Conflict, kind == errs.Forbidden && access.May(web.Actor(c), access.ReadCases):
		return s.review(c, web.Status(err), c.Param("id"), err)
	case err != nil:
		return err
	}
	return c.Redirect(http.StatusSeeOther, minePath)
}
