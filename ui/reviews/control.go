package reviews

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/sheet"
	"makegood/ui/creditview"
	"makegood/ui/kit"
)

const (
	pairsPath      = "/reviews/pairs"
	assistantsPath = "/reviews/assistants"
	controlDays    = 90
)

// controlView is a report of a period: a table, and of one of its rows the requests.
type controlView struct {
	Path, From, To, CSV       string
	Title, Sentence           string
	Heading                   []string
	Rows                      []controlRow
	Empty                     kit.EmptyView
	Requests                  []controlRequest
	RequestsOf, RequestsClose string
}

// controlRow is a line of the report: a name, a second one where it has two, and figures.
type controlRow struct {
	Name, Second, Href string
	Figures            []string
	Current            bool
}

type controlRequest struct {
	Number, Href, Customer, Kind, Amount, When string
	Tag                                        kit.TagView
}

// daysAsked reads the period of the address.
func (s *Screen) daysAsked(c echo.Context) (credits.Days, error) {
	days := credits.LastDays(s.desk.Clock(), controlDays)
	for field, into := range map[string]*time.Time{"from": &days.From, "to": &days.To} {
		if text := c.QueryParam(field); text != "" {
			var err error
			if *into, err = time.Parse(time.DateOnly, text); err != nil {
				return days, errs.InvalidField(field, "error.not_a_date", "text", text)
			}
		}
	}
	return days, nil
}

// control begins a report; its links keep the period.
func control(path string, days credits.Days) (controlView, func(changes ...string) string) {
	to := func(changes ...string) string {
		v := url.Values{"from": {days.From.Format(time.DateOnly)}, "to": {days.To.Format(time.DateOnly)}}
		for i := 0; i+1 < len(changes); i += 2 {
			v.Set(changes[i], changes[i+1])
		}
		return path + "?" + v.Encode()
	}
	return controlView{Path: path, From: days.From.Format(time.DateOnly), To: days.To.Format(time.DateOnly), CSV: to("as", "csv"), RequestsClose: to()}, to
}

func (r reader) requests(list []credits.Row) []controlRequest {
	rows := make([]controlRequest, 0, len(list))
	for _, one := range list {
		row := controlRequest{
			Number: one.Number, Href: requestHref(one.ID), Customer: creditview.Customer(one.CustomerName), Kind: creditview.KindName(one.Kind),
			Amount: kit.FormatMoney(one.Amount(one.Total), r.Lang), Tag: creditview.StateTag(one.State),
		}
		if one.SubmittedAt != nil {
			row.When = r.moment(*one.SubmittedAt)
		}
		rows = append(rows, row)
	}
	return rows
}

func percentText(share decimal.Decimal) string { return share.StringFixed(1) + " %" }

func id(n int64) string { return strconv.FormatInt(n, 10) }

// numberAsked reads an id of the address; 0 where it is not there.
func numberAsked(c echo.Context, field string) (int64, error) {
	text := c.QueryParam(field)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, errs.InvalidField(field, "error.not_a_number", "text", text)
	}
	return n, nil
}

// Pairs reports who signed for whom: GET /reviews/pairs?from=&to=&requester=&approver=.
func (s *Screen) Pairs(c echo.Context) error {
	r, ctx := s.reader(c), c.Request().Context()
	days, err := s.daysAsked(c)
	if err != nil {
		return err
	}
	requester, err := numberAsked(c, "requester")
	if err != nil {
		return err
	}
	approver, err := numberAsked(c, "approver")
	if err != nil {
		return err
	}
	pairs, err := s.credits.Pairs(ctx, days, r.by)
	if err != nil {
		return err
	}
	done, err := download(c, "pairs-"+days.To.Format(time.DateOnly), func() (sheet.Table, error) { return pairTable(days, pairs), nil })
	if done || err != nil {
		return err
	}
	v, to := control(pairsPath, days)
	v.Title, v.Sentence = i18n.T("Who signed for whom"), i18n.T("The share is of all requests of the requester that anybody signed in these days; before is the same number of days before them.")
	v.Heading = []string{i18n.T("Requester"), i18n.T("Approver"), i18n.T("Requests"), i18n.T("Before"), i18n.T("Share"), i18n.T("Sum")}
	v.Empty = kit.EmptyView{Icon: "rubber-stamp", Title: i18n.T("Nothing was signed"), Text: i18n.T("Who approves whose requests appears here.")}
	for _, p := range pairs {
		row := controlRow{
			Name: p.RequesterName, Second: p.ApproverName, Href: to("requester", id(p.RequesterID), "approver", id(p.ApproverID)),
			Figures: []string{kit.FormatCount(p.Count, r.Lang), kit.FormatCount(p.Before, r.Lang), percentText(p.Share()), r.limits(p.Amount)},
			Current: p.RequesterID == requester && p.ApproverID == approver,
		}
		if row.Current {
			v.RequestsOf = i18n.F("{approver_name} signed for {requester_name}", "approver_name", p.ApproverName, "requester_name", p.RequesterName)
		}
		v.Rows = append(v.Rows, row)
	}
	if v.RequestsOf != "" {
		list, err := s.credits.PairRequests(ctx, days, requester, approver, r.by)
		if err != nil {
			return err
		}
		v.Requests = r.requests(list)
	}
	return s.page(c, http.StatusOK, i18n.T("Pairs"), controlPage(v))
}

func pairTable(days credits.Days, pairs []credits.Pair) sheet.Table {
	t := sheet.Table{Name: "Pairs", Heading: []string{
		"From", "To", "Requester", "Approver", "Requests", "Before", "Signed for the requester", "Share (%)", "Sum (" + string(billing.AuthorityCurrency) + ")", "Last at (UTC)",
	}}
	for _, p := range pairs {
		last := ""
		if p.LastAt != nil {
			last = p.LastAt.UTC().Format(time.DateTime)
		}
		t.Rows = append(t.Rows, []sheet.Cell{
			sheet.Day(days.From), sheet.Day(days.To), sheet.Words(p.RequesterName), sheet.Words(p.ApproverName), sheet.Count(p.Count), sheet.Count(p.Before), sheet.Count(p.Of),
			sheet.Amount(p.Share(), 1), sheet.Amount(p.Amount, billing.AuthorityCurrency.Digits()), sheet.Words(last),
		})
	}
	return t
}

// Assistants reports what assistants proposed and what became of it: GET /reviews/assistants?from=&to=&person=.
func (s *Screen) Assistants(c echo.Context) error {
	r, ctx := s.reader(c), c.Request().Context()
	days, err := s.daysAsked(c)
	if err != nil {
		return err
	}
	person, err := numberAsked(c, "person")
	if err != nil {
		return err
	}
	shares, err := s.credits.Assistants(ctx, days, r.by)
	if err != nil {
		return err
	}
	done, err := download(c, "assistants-"+days.To.Format(time.DateOnly), func() (sheet.Table, error) { return assistantTable(days, shares), nil })
	if done || err != nil {
		return err
	}
	v, to := control(assistantsPath, days)
	v.Title = i18n.T("What assistants proposed")
	v.Sentence = i18n.T("An assistant’s token drafts and proposes; it neither signs nor passes on its owner’s own limit. Success is what was approved as proposed and stands, of all that was decided.")
	v.Heading = []string{i18n.T("Assistant of"), i18n.T("Proposed"), i18n.T("Share"), i18n.T("As proposed"), i18n.T("Less"), i18n.T("Rejected"), i18n.T("Waiting"), i18n.T("Ended"), i18n.T("Taken back"), i18n.T("Success"), i18n.T("Stands")}
	v.Empty = kit.EmptyView{Icon: "robot", Title: i18n.T("No assistant proposed anything"), Text: i18n.T("Requests that a token of kind assistant makes are counted here, with what became of them.")}
	for _, a := range shares {
		row := controlRow{Name: a.UserName, Href: to("person", id(a.UserID)), Current: a.UserID == person}
		for i, n := range []int{a.Proposed, a.AsAsked, a.Less, a.Rejected, a.Pending, a.Ended, a.Reversed} {
			row.Figures = append(row.Figures, kit.FormatCount(n, r.Lang))
			if i == 0 {
				row.Figures = append(row.Figures, percentText(a.Share()))
			}
		}
		row.Figures = append(row.Figures, percentText(a.Success()), r.limits(a.Amount))
		if row.Current {
			v.RequestsOf = i18n.F("Proposed by the assistant of {user_name}", "user_name", a.UserName)
		}
		v.Rows = append(v.Rows, row)
	}
	if v.RequestsOf != "" {
		list, err := s.credits.AssistantRequests(ctx, days, person, r.by)
		if err != nil {
			return err
		}
		v.Requests = r.requests(list)
	}
	return s.page(c, http.StatusOK, i18n.T("Assistants"), controlPage(v))
}

func assistantTable(days credits.Days, shares []credits.AssistantShare) sheet.Table {
	t := sheet.Table{Name: "Assistants", Heading: []string{
		"From", "To", "Assistant of", "Submitted by the person", "Proposed", "Share (%)", "As proposed", "Less", "Rejected", "Waiting", "Ended", "Taken back", "Success (%)",
		"Stands (" + string(billing.AuthorityCurrency) + ")",
	}}
	for _, a := range shares {
		t.Rows = append(t.Rows, []sheet.Cell{
			sheet.Day(days.From), sheet.Day(days.To), sheet.Words(a.UserName), sheet.Count(a.All), sheet.Count(a.Proposed), sheet.Amount(a.Share(), 1), sheet.Count(a.AsAsked),
			sheet.Count(a.Less), sheet.Count(a.Rejected), sheet.Count(a.Pending), sheet.Count(a.Ended), sheet.Count(a.Reversed), sheet.Amount(a.Success(), 1),
			sheet.Amount(a.Amount, billing.AuthorityCurrency.Digits()),
		})
	}
	return t
}
