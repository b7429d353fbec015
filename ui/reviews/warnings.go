package reviews

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/sheet"
	"makegood/internal/web"
	"makegood/ui/creditview"
	"makegood/ui/kit"
)

const (
	warningsPath  = "/reviews/warnings"
	warningsShown = 50
)

// warningsView is what the rules noticed in a period, summed and one by one.
type warningsView struct {
	From, To string // days
	Ways     []kit.Segment
	Heading  string // of what it is summed by
	Sums     []warningSum
	Chips    []kit.ChipView
	Hidden   []kit.KV // what else was chosen, for the form of the period
	Open     kit.Segment
	All      kit.Segment
	Rows     []warningItem
	CSV      string
	Next     string
}

type warningSum struct {
	Name, Href, Count, Open, Amount string
}

type warningItem struct {
	creditview.WarnedView

	ID, Action                                 string // Action keeps what was chosen
	Number, Href, Who, Customer, Amount, Asked string
	Look, LookError, Note                      string // what was said, refused or typed
	May                                        bool
}

// ruleName is a rule in a list.
func ruleName(rule credits.WarningRule) string {
	switch rule {
	case credits.LineCreditedBefore:
		return i18n.T("Line credited before")
	case credits.SameAmount:
		return i18n.T("Same amount again")
	case credits.JustBelowLimit:
		return i18n.T("Just below a limit")
	case credits.MuchToOneCustomer:
		return i18n.T("Much to one customer")
	case credits.OwnCustomer:
		return i18n.T("Customer of their own")
	case credits.RoundSum:
		return i18n.T("Round sum, no evidence")
	case credits.OverDisputed:
		return i18n.T("More than in dispute")
	case credits.SamePair:
		return i18n.T("Always the same pair")
	case credits.OutsideHours:
		return i18n.T("Outside working hours")
	case credits.BudgetUsedUp:
		return i18n.T("Budget used up")
	case credits.OverCreditLimit:
		return i18n.T("Over the credit limit")
	case credits.OnCreditHold:
		return i18n.T("Further credit on hold")
	case credits.SettledMeanwhile:
		return i18n.T("Settled meanwhile")
	}
	return string(rule)
}

// warningsAsked is what somebody wants to see, as it stands in the address.
type warningsAsked struct {
	credits.WarningFilter

	way credits.WarningWay
}

func (s *Screen) warningsAsked(c echo.Context) (warningsAsked, error) {
	today := billing.Date(s.desk.Clock())
	a := warningsAsked{way: credits.WarningWay(c.QueryParam("by")), WarningFilter: credits.WarningFilter{
		Rule: credits.WarningRule(c.QueryParam("rule")), Account: c.QueryParam("customer"), OpenOnly: c.QueryParam("show") != "all",
		From: today.AddDate(0, 0, -30), To: today, After: c.QueryParam("after"), Limit: warningsShown,
	}}
	if a.way != credits.WarningsByPerson && a.way != credits.WarningsByCustomer {
		a.way = credits.WarningsByRule
	}
	for field, into := range map[string]*time.Time{"from": &a.From, "to": &a.To} {
		if text := c.QueryParam(field); text != "" {
			var err error
			if *into, err = time.Parse(time.DateOnly, text); err != nil {
				return a, errs.InvalidField(field, "error.not_a_date", "text", text)
			}
		}
	}
	if text := c.QueryParam("requester"); text != "" {
		var err error
		if a.Requester, err = strconv.ParseInt(text, 10, 64); err != nil {
			return a, errs.InvalidField("requester", "error.not_a_number", "text", text)
		}
	}
	return a, nil
}

// to is the address with changes; names and values in turn, "" takes one away.
func (a warningsAsked) to(changes ...string) string {
	v := url.Values{"from": {a.From.Format(time.DateOnly)}, "to": {a.To.Format(time.DateOnly)}, "by": {string(a.way)}}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		} else {
			v.Del(name)
		}
	}
	set("rule", string(a.Rule))
	set("customer", a.Account)
	if a.Requester != 0 {
		set("requester", strconv.FormatInt(a.Requester, 10))
	}
	if !a.OpenOnly {
		set("show", "all")
	}
	for i := 0; i+1 < len(changes); i += 2 {
		set(changes[i], changes[i+1])
	}
	return warningsPath + "?" + v.Encode()
}

// Warnings shows what the rules noticed: GET /reviews/warnings.
func (s *Screen) Warnings(c echo.Context) error { return s.warnings(c, http.StatusOK, 0, nil) }

// warnings shows the page; refused is why the look at a warning was not kept.
func (s *Screen) warnings(c echo.Context, status int, looked int64, refused error) error {
	a, err := s.warningsAsked(c)
	if err != nil {
		return err
	}
	r, ctx := s.reader(c), c.Request().Context()
	if c.QueryParam("as") == "csv" {
		return s.warningsFile(c, r, a)
	}
	sums, err := s.credits.WarningSums(ctx, a.WarningFilter, a.way, r.by)
	if err != nil {
		return err
	}
	found, err := s.credits.Warnings(ctx, a.WarningFilter, r.by)
	if err != nil {
		return err
	}
	v := r.warnings(a, sums)
	for _, w := range found.Rows {
		item := r.warningItem(w)
		item.Action = warningsPath + "/" + item.ID + strings.TrimPrefix(a.to(), warningsPath)
		if w.ID == looked && refused != nil {
			item.Note = c.FormValue("note")
			if item.LookError = s.desk.FieldErrors(c, refused)["note"]; item.LookError == "" {
				item.LookError = s.desk.Sentence(c, refused)
			}
		}
		v.Rows = append(v.Rows, item)
	}
	if found.Next != "" {
		v.Next = a.to("after", found.Next)
	}
	return s.page(c, status, i18n.T("Warnings"), warningsPage(v))
}

func (r reader) warnings(a warningsAsked, sums []credits.WarningSum) warningsView {
	v := warningsView{
		From: a.From.Format(time.DateOnly), To: a.To.Format(time.DateOnly), CSV: a.to("as", "csv"),
		Open: kit.Segment{Text: i18n.T("To look at"), Href: a.to("show", ""), Current: a.OpenOnly},
		All:  kit.Segment{Text: i18n.T("All"), Href: a.to("show", "all"), Current: !a.OpenOnly},
	}
	for _, way := range []struct {
		way  credits.WarningWay
		text string
	}{{credits.WarningsByRule, i18n.T("Rule")}, {credits.WarningsByPerson, i18n.T("Person")}, {credits.WarningsByCustomer, i18n.T("Customer")}} {
		v.Ways = append(v.Ways, kit.Segment{Text: way.text, Href: a.to("by", string(way.way)), Current: a.way == way.way})
		if a.way == way.way {
			v.Heading = way.text
		}
	}
	for _, sum := range sums {
		row := warningSum{Name: sum.Name, Count: kit.FormatCount(sum.Count, r.Lang), Open: kit.FormatCount(sum.Open, r.Lang), Amount: r.limits(sum.Amount)}
		switch a.way {
		case credits.WarningsByRule:
			row.Name, row.Href = ruleName(credits.WarningRule(sum.Key)), a.to("rule", sum.Key)
		case credits.WarningsByPerson:
			row.Href = a.to("requester", sum.Key)
		case credits.WarningsByCustomer:
			row.Name = creditview.Customer(sum.Name)
			if sum.Key != "" {
				row.Href = a.to("customer", sum.Key)
			}
		}
		v.Sums = append(v.Sums, row)
	}
	chip := func(given bool, field, name, value string) {
		if given {
			v.Chips = append(v.Chips, kit.ChipView{Name: name, Value: value, RemoveURL: a.to(field, "")})
		}
	}
	chip(a.Rule != "", "rule", i18n.T("rule"), ruleName(a.Rule))
	chip(a.Requester != 0, "requester", i18n.T("person"), strconv.FormatInt(a.Requester, 10))
	chip(a.Account != "", "customer", i18n.T("customer"), a.Account)
	chosen, _ := url.Parse(a.to("from", "", "to", ""))
	for name, values := range chosen.Query() {
		v.Hidden = append(v.Hidden, kit.KV{Label: name, Value: values[0]})
	}
	return v
}

func (r reader) warningItem(w credits.WarningRow) warningItem {
	item := warningItem{
		WarnedView: r.Warned([]credits.Warning{w.Warning}, r.zone)[0], ID: strconv.FormatInt(w.ID, 10), Number: w.Number, Href: requestHref(w.CreditRequestID), Who: w.RequesterName,
		Customer: creditview.Customer(w.CustomerName), Amount: kit.FormatMoney(money.Of(w.Total, w.Currency), r.Lang), Asked: r.moment(w.RaisedAt),
		May: w.LookedAt == nil && w.SettledBy(r.UserID) && access.May(r.by, access.Review),
	}
	if w.LookedAt != nil {
		item.Look = w.LookedByName + ", " + r.moment(*w.LookedAt) + ": “" + w.LookNote + "”"
	}
	return item
}

// Look marks a warning as looked at: POST /reviews/warnings/:id. Field: note.
func (s *Screen) Look(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return credits.ErrNoWarning
	}
	_, err = s.credits.LookAtWarning(c.Request().Context(), credits.LookInput{By: web.Actor(c), ID: id, Note: c.FormValue("note")})
	switch kind := errs.KindOf(err); {
	case err == nil:
		back := warningsPath
		if query := c.QueryString(); query != "" {
			back += "?" + query
		}
		return c.Redirect(http.StatusSeeOther, back)
	case kind == errs.Invalid || kind == errs.Conflict:
		return s.warnings(c, web.Status(err), id, err)
	}
	return err
}

// warningsFile sends all warnings of the filter as a file.
func (s *Screen) warningsFile(c echo.Context, r reader, a warningsAsked) error {
	table := sheet.Table{Name: "Warnings", Heading: []string{
		"At (UTC)", "Rule", "What", "Request", "State", "Requester", "Customer", "Account", "Amount", "Currency", "Stage", "Behind it", "More", "Looked at by", "At (UTC)", "Note",
	}}
	a.Limit, a.After = fileAtOnce, ""
	for {
		found, err := s.credits.Warnings(c.Request().Context(), a.WarningFilter, r.by)
		if err != nil {
			return err
		}
		for _, w := range found.Rows {
			table.Rows = append(table.Rows, r.warningCells(w))
		}
		if a.After = found.Next; found.Next == "" {
			break
		}
	}
	_, err := download(c, "warnings-"+a.To.Format(time.DateOnly), func() (sheet.Table, error) { return table, nil })
	return err
}

const fileAtOnce = 200

func (r reader) warningCells(w credits.WarningRow) []sheet.Cell {
	rows := make([]string, len(w.Behind))
	for i, row := range w.Behind {
		rows[i] = row.Number
	}
	at := ""
	if w.LookedAt != nil {
		at = w.LookedAt.UTC().Format(time.DateTime)
	}
	return []sheet.Cell{
		sheet.Words(w.RaisedAt.UTC().Format(time.DateTime)), sheet.Words(i18n.English(ruleName(w.Rule))), sheet.Words(r.Say(w.Key, w.Params)), sheet.Words(w.Number), sheet.Words(string(w.State)),
		sheet.Words(w.RequesterName), sheet.Words(w.CustomerName), sheet.Words(w.Account), sheet.Amount(w.Total, w.Currency.Digits()), sheet.Words(string(w.Currency)),
		sheet.Words(string(w.Stage)), sheet.Words(strings.Join(rows, " ")), sheet.Count(w.More), sheet.Words(w.LookedByName), sheet.Words(at), sheet.Words(w.LookNote),
	}
}
