package reviews

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/creditview"
	"makegood/ui/kit"
)

const samplesShown = 50

// samplesView is a page of what was drawn.
type samplesView struct {
	Done bool
	Rows []sampleRow
	Next string
}

type sampleRow struct {
	Href, Number, Customer, Kind, Reason, Requester, Amount, When string
	Tag                                                           kit.TagView
}

// Waiting lists what was drawn and nobody has looked at: GET /reviews.
func (s *Screen) Waiting(c echo.Context) error { return s.samples(c, false) }

// Done lists what was looked at: GET /reviews/done.
func (s *Screen) Done(c echo.Context) error { return s.samples(c, true) }

func (s *Screen) samples(c echo.Context, done bool) error {
	r := s.reader(c)
	found, err := s.credits.Samples(c.Request().Context(), r.by, done, c.QueryParam("after"), samplesShown)
	if err != nil {
		return err
	}
	v := samplesView{Done: done}
	title := i18n.T("Within own limits")
	if done {
		title = i18n.T("Reviewed")
	}
	for _, one := range found.Rows {
		v.Rows = append(v.Rows, r.sampleRow(one))
	}
	if found.Next != "" {
		v.Next = c.Request().URL.Path + "?after=" + found.Next
	}
	return s.page(c, http.StatusOK, title, samplesPage(v))
}

func (r reader) sampleRow(one credits.Sample) sampleRow {
	row := sampleRow{
		Href: waitingPath + "/" + strconv.FormatInt(int64(one.ID), 10), Number: one.Number, Customer: creditview.Customer(one.CustomerName), Kind: creditview.KindName(one.Kind),
		Reason: one.ReasonName, Requester: one.RequesterName, Amount: kit.FormatMoney(one.Amount(one.Total), r.Lang), When: r.moment(one.DrawnAt), Tag: verdictTag(one),
	}
	if one.ReviewedAt != nil {
		row.When = r.moment(*one.ReviewedAt)
	}
	return row
}

func verdictTag(one credits.Sample) kit.TagView {
	switch {
	case one.Verdict == credits.Fine:
		return kit.TagView{Text: i18n.T("fine"), Tone: "ok", Icon: "check"}
	case one.Verdict == credits.NotFine:
		return kit.TagView{Text: findingName(one.Finding), Tone: "bad", Icon: "alert-triangle"}
	case !one.MayReview:
		return kit.TagView{Text: i18n.T("for a higher level"), Tone: "line"}
	}
	return kit.TagView{Text: i18n.T("to review"), Tone: "hold"}
}

func findingName(f credits.Finding) string {
	switch f {
	case credits.NoGround:
		return i18n.T("nothing was owed")
	case credits.WrongAmount:
		return i18n.T("wrong amount or line")
	case credits.WrongReason:
		return i18n.T("wrong kind or reason")
	case credits.NoEvidence:
		return i18n.T("nothing shows it is right")
	case credits.SplitToStay:
		return i18n.T("split to stay within the limit")
	case credits.OwnAccount:
		return i18n.T("an account of their own interest")
	case credits.AnotherFinding:
	}
	return i18n.T("something else")
}

// sampleView is one request that was drawn, with what to say to it.
type sampleView struct {
	credits.Detail
	Sample                          credits.Sample
	Href, FullHref                  string
	Amount, Asked, Drawn, Told      string
	Tag                             kit.TagView
	Lines                           []kit.SumRow
	May                             bool
	Why                             string // not
	Verdict, Finding, Note, Refusal string
	Errors                          map[string]string
	Findings                        []kit.Option
}

// Sample shows one: GET /reviews/:id.
func (s *Screen) Sample(c echo.Context) error { return s.sample(c, http.StatusOK, nil) }

func (s *Screen) sample(c echo.Context, status int, refused error) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return credits.ErrNoSample
	}
	r, ctx := s.reader(c), c.Request().Context()
	found, err := s.credits.Sample(ctx, credits.ID(id), r.by)
	if err != nil {
		return err
	}
	detail, err := s.credits.Request(ctx, s.reports.Reader(), credits.ID(id), r.by)
	if err != nil {
		return err
	}
	v := r.sample(found, detail)
	v.Verdict, v.Finding, v.Note = c.FormValue("verdict"), c.FormValue("finding"), c.FormValue("note")
	if refused != nil {
		v.Errors = s.desk.FieldErrors(c, refused)
		if len(v.Errors) == 0 {
			v.Refusal = s.desk.Sentence(c, refused)
		}
	}
	return s.page(c, status, found.Number, samplePage(v))
}

func (r reader) sample(found credits.Sample, detail credits.Detail) sampleView {
	v := sampleView{
		Detail: detail, Sample: found, Href: waitingPath + "/" + strconv.FormatInt(int64(found.ID), 10), FullHref: requestHref(found.ID),
		Amount: kit.FormatMoney(found.Amount(found.Total), r.Lang), Tag: verdictTag(found), May: found.MayReview && found.Verdict == "" && access.May(r.by, access.Review),
		Asked: i18n.F("{requester_name} passed it within their own limit, {moment}.", "requester_name", found.RequesterName, "moment", r.moment(found.DrawnAt)),
		Drawn: i18n.F("Number {draw} of 10,000 was drawn for it; up to {percent} it is in the sample ({percent_2} %).", "draw", strconv.Itoa(found.Draw), "percent", strconv.Itoa(found.Percent*100-1), "percent_2", strconv.Itoa(found.Percent)),
	}
	for _, line := range detail.Lines {
		v.Lines = append(v.Lines, kit.SumRow{Label: line.Description, Value: kit.FormatNumber(found.Amount(line.Net), r.Lang)})
	}
	v.Lines = append(v.Lines, kit.SumRow{Label: i18n.T("Tax"), Value: kit.FormatNumber(found.Amount(found.Tax), r.Lang)},
		kit.SumRow{Label: i18n.T("With tax"), Value: v.Amount, Total: true})
	if found.ReviewedAt != nil {
		v.Told = found.ReviewerName + ", " + r.moment(*found.ReviewedAt)
	}
	for _, f := range credits.Findings() {
		v.Findings = append(v.Findings, kit.Option{Value: string(f), Text: findingName(f)})
	}
	switch {
	case v.May || found.Verdict != "":
	case found.RequesterID == r.UserID:
		v.Why = i18n.T("You passed this yourself, so somebody else looks at it.")
	case !access.May(r.by, access.Review):
		v.Why = i18n.T("You may read this; supervisors, controllers and directors review.")
	default:
		v.Why = i18n.F("Somebody of a higher level than {requester_name} looks at it.", "requester_name", found.RequesterName)
	}
	return v
}

// Review writes down what somebody thinks of a sample: POST /reviews/:id. Fields: verdict, finding, note.
func (s *Screen) Review(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return credits.ErrNoSample
	}
	in := credits.ReviewInput{By: web.Actor(c), ID: credits.ID(id), Verdict: credits.ReviewVerdict(c.FormValue("verdict")), Note: c.FormValue("note")}
	if in.Verdict == credits.NotFine {
		in.Finding = credits.Finding(c.FormValue("finding"))
	}
	_, err = s.credits.Review(c.Request().Context(), in)
	switch kind := errs.KindOf(err); {
	case err == nil:
		return c.Redirect(http.StatusSeeOther, waitingPath)
	case kind == errs.Invalid || kind == errs.Conflict || kind == errs.Forbidden && access.May(in.By, access.Review):
		return s.sample(c, web.Status(err), err)
	}
	return err
}
