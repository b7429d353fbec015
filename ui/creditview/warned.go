package creditview

import (
	"strconv"
	"strings"
	"time"

	"makegood/credits"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/ui/kit"
)

// WarnedView is what a rule noticed, with the rows that made it speak.
type WarnedView struct {
	Text string
	Rows []BehindView
	More string // how many further rows there are; "" for none
}

// BehindView is one of those rows.
type BehindView struct {
	Href, Name, Amount, Detail string
}

// RowsText says how many rows there are to open.
func (v WarnedView) RowsText() string {
	if len(v.Rows) == 1 {
		return i18n.T("Show what it is about")
	}
	return i18n.F("Show the {rows} rows behind it", "rows", strconv.Itoa(len(v.Rows)))
}

// Warned writes warnings for the reader.
func (r Reader) Warned(list []credits.Warning, zone *time.Location) []WarnedView {
	views := make([]WarnedView, 0, len(list))
	for _, w := range list {
		v := WarnedView{Text: r.Say(w.Key, w.Params)}
		if w.More > 0 {
			v.More = i18n.F("and {more} more", "more", strconv.Itoa(w.More))
		}
		for _, row := range w.Behind {
			v.Rows = append(v.Rows, r.behind(row, zone))
		}
		views = append(views, v)
	}
	return views
}

func (r Reader) behind(row credits.Behind, zone *time.Location) BehindView {
	v := BehindView{Name: row.Number}
	if row.Currency != "" {
		v.Amount = kit.FormatMoney(money.Of(row.Amount, row.Currency), r.Lang)
	}
	details := []string{row.Document, row.Who, row.Text}
	switch row.Kind {
	case credits.BehindRequest:
		v.Href = "/approvals/" + strconv.FormatInt(row.ID, 10)
	case credits.BehindCustomer:
		v.Href, details = "/customers/"+row.Number, []string{row.Text, i18n.F("entered by {who}", "who", row.Who)}
	case credits.BehindBudget:
		v.Href, v.Name, details = "/books/budgets?month="+row.Number, row.Text, []string{i18n.F("used in {number}", "number", row.Number)}
	case credits.BehindDispute:
		v.Href, details = "/cases/"+row.Number, []string{i18n.T("in dispute"), row.Text}
	}
	if !row.At.IsZero() {
		details = append(details, kit.FormatShort(row.At, r.Now, zone, r.Lang))
	}
	said := details[:0]
	for _, detail := range details {
		if detail != "" {
			said = append(said, detail)
		}
	}
	v.Detail = strings.Join(said, " · ")
	return v
}
