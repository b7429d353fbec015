package reviews

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/errs"
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
	title := "Within own limits"
	if done {
		title = "Reviewed"
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
		return kit.TagView{Text: "fine", Tone: "ok", Icon: "check"}
	case one.Verdict == credits.NotFine:
		return kit.TagView{Text: findingName(one.Finding), Tone: "bad", Icon: "alert-triangle"}
	case !one.MayReview:
		return kit.TagView{Text: "for a higher level", Tone: "line"}
	}
	return kit.TagView{Text: "to review", Tone: "hold"}
}

func findingName(f credits.Finding) string {
	switch f {
	case credits.NoGround:
		return "nothing was owed"
	case credits.WrongAmount:
		return "wrong amount or line"
	case credits.WrongReason:
		return "wrong kind or reason"
	case credits.NoEvidence:
		return "nothing shows it is right"
	case credits.SplitToStay:
		return "split to stay within the limit"
	case credits.OwnAccount:
		return "an account of their own interest"
	case credits.AnotherFinding:
	}
	return "something else"
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
		Asked: found.RequesterName + " passed it within their own limit, " + r.moment(found.DrawnAt) + ".",
		Drawn: "Number " + strconv.Itoa(found.Draw) + " of 10,000 was drawn for it; up to " + strconv.Itoa(found.Percent*100-1) + " it is in the sample (" + strconv.Itoa(found.Percent) + " %).",
	}
	for _, line := range detail.Lines {
		v.Lines = append(v.Lines, kit.SumRow{Label: line.Description, Value: kit.FormatNumber(found.Amount(line.Net), r.Lang)})
	}
	v.Lines = append(v.Lines, kit.SumRow{Label: "Tax", Value: kit.FormatNumber(found.Amount(found.Tax), r.Lang)},
		kit.SumRow{Label: "With tax", Value: v.Amount, Total: true})
	if found.ReviewedAt != nil {
		v.Told = found.ReviewerName + ", " + r.moment(*found.ReviewedAt)
	}
	for _, f := range credits.Findings() {
		v.Findings = append(v.Findings, kit.Option{Value: string(f), Text: findingName(f)})
	}
	switch {
	case v.May || found.Verdict != "":
	case found.RequesterID == r.UserID:
		v.Why = "You passed this yourself, so somebody else looks at it."
	case !access.May(r.by, access.Review):
		v.Why = "You may read this; supervisors, controllers and directors review."
	default:
		v.Why = "Somebody of a higher level than " + found.RequesterName + " looks at it."
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
