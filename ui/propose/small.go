package propose

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/creditview"
	"makegood/ui/kit"
)

// smallPath is where small balances are given up.
const smallPath = "/collections/small-balances"

// What is small until somebody says otherwise: at most so much, in any currency, and overdue for so many days.
const (
	smallThreshold = 10
	smallDays      = 90
)

// smallBasis reads the basis of GET and POST /collections/small-balances. Fields: entity, currency, threshold, days_overdue.
func (s *Screen) smallBasis(c echo.Context) (reports.ProposeBasis, error) {
	q := reports.SmallQuery{
		Entity: c.FormValue("entity"), Currency: money.Currency(strings.ToUpper(strings.TrimSpace(c.FormValue("currency")))),
		Threshold: decimal.NewFromInt(smallThreshold), DaysOverdue: smallDays,
	}
	if text := strings.TrimSpace(c.FormValue("threshold")); text != "" {
		q.Threshold, _ = creditview.AmountOf(text, s.desk.Lang(c)) // what is no amount is no threshold, and refused as such
	}
	if text := strings.TrimSpace(c.FormValue("days_overdue")); text != "" {
		q.DaysOverdue, _ = strconv.Atoi(text) // the same
	}
	return s.files.ForSmallBalances(c.Request().Context(), q, web.Actor(c))
}

// smallKey names an invoice as the form does.
func smallKey(id billing.InvoiceID) string {
	return string(billing.InvoiceItem) + "-" + formatID(int64(id))
}

// postedSmall reads which invoices are ticked.
func postedSmall(values url.Values, b reports.ProposeBasis, f *kindForm) {
	if b.Small == nil {
		return
	}
	for _, row := range b.Small.Rows {
		f.Items[smallKey(row.InvoiceID)] = formLine{Ticked: slices.Contains(values["item"], smallKey(row.InvoiceID))}
	}
	for _, key := range values["item"] {
		if _, there := f.Items[key]; !there {
			f.gone++
		}
	}
}

// startSmall ticks what is to be given up: not what the customer's own money covers, nor what another request names.
func startSmall(b reports.ProposeBasis, f *kindForm) {
	if b.Small == nil {
		return
	}
	for _, row := range b.Small.Rows {
		f.Items[smallKey(row.InvoiceID)] = formLine{Ticked: !row.Unapplied.IsPositive() && row.AskedBy == ""}
	}
}

// small are the ticked invoices, each with all that is open on it. What is no longer small is refused, never left out unsaid.
func (t *typed) small(b reports.ProposeBasis, f form) []billing.ItemPart {
	if f.gone > 0 {
		t.wrong = append(t.wrong, errs.Field{Name: "items", Key: "propose.no_longer_small", Params: errs.Params{"count": strconv.Itoa(f.gone)}})
	}
	var list []billing.ItemPart
	for _, row := range b.Small.Rows {
		if f.Items[smallKey(row.InvoiceID)].Ticked {
			list = append(list, billing.ItemPart{Kind: billing.InvoiceItem, ID: int64(row.InvoiceID), Amount: row.Open})
		}
	}
	return list
}

// smallView is the list with its filter.
type smallView struct {
	Entities                  []kit.Option
	Entity                    string
	Currency, Threshold, Days string
	Rows                      []smallRow
	Sum                       string // of all that is listed
	More                      bool
}

func (v smallView) count() string {
	if len(v.Rows) == 1 {
		return i18n.T("One small rest")
	}
	return i18n.F("{rows} small rests", "rows", kit.FormatCount(len(v.Rows), "en"))
}

type smallRow struct {
	Key, Number, Customer, Account, Due, Open string
	Unapplied, Asked                          string
	On                                        bool
}

// fromSmall draws what is small, and where the form leads.
func (r reader) fromSmall(b reports.ProposeBasis, f form, v *formView) {
	q := b.Small.Filter
	v.Title, v.Question, v.Customer = i18n.T("Small balances"), i18n.T("Which small rests do we give up?"), b.Small.Entity.Name
	v.Action, v.BackHref, v.BackText = smallPath, "/collections?entity="+url.QueryEscape(b.Small.Entity.Code), i18n.T("Collections")
	small := smallView{
		Entity: b.Small.Entity.Code, Currency: string(q.Currency), Threshold: q.Threshold.String(), Days: strconv.Itoa(q.DaysOverdue), More: b.Small.More,
	}
	for _, e := range b.Small.Entities {
		small.Entities = append(small.Entities, kit.Option{Value: e.Code, Text: e.Code + " · " + e.Name, Selected: e.ID == q.EntityID})
	}
	sum := decimal.Zero
	for _, row := range b.Small.Rows {
		sum = sum.Add(row.Open)
		small.Rows = append(small.Rows, r.small(row, f))
	}
	small.Sum = kit.FormatMoney(money.Of(sum, q.Currency), r.Lang)
	v.Small = &small
}

func (r reader) small(row billing.SmallBalance, f form) smallRow {
	view := smallRow{
		Key: smallKey(row.InvoiceID), Number: row.Number, Customer: row.CustomerName, Account: row.Account, Asked: row.AskedBy,
		Due: i18n.F("{due_on} · {overdue} days", "due_on", kit.FormatDate(row.DueOn, nil, r.Lang), "overdue", kit.FormatCount(row.Overdue, r.Lang)), Open: kit.FormatMoney(money.Of(row.Open, row.Currency), r.Lang),
		On: f.Items[smallKey(row.InvoiceID)].Ticked,
	}
	if row.Unapplied.IsPositive() {
		view.Unapplied = kit.FormatMoney(money.Of(row.Unapplied, row.Currency), r.Lang)
	}
	return view
}
