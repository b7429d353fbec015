package collections

import (
	"net/url"
	"strconv"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/dunning"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/ui/kit"
)

// query is what the page was asked for.
type query struct{ Entity, Show, Invoice, After string }

// url is the page with something else chosen.
func (q query) url() string {
	values := url.Values{}
	for name, value := range map[string]string{"entity": q.Entity, "show": q.Show, "invoice": q.Invoice, "after": q.After} {
		if value != "" {
			values.Set(name, value)
		}
	}
	return "/collections?" + values.Encode()
}

func (q query) next(after string) string {
	if after == "" {
		return ""
	}
	q.After = after
	return q.url()
}

type pageView struct {
	Query    query
	Entities []kit.Segment
	Shows    []kit.Segment
	Totals   []totalView
	Rows     []rowView
	Promises []promiseView
	Blocks   []blockView
	Payouts  []payoutView
	Typed    typed
	MayPay   bool
	NextURL  string
	Lately   string // how many promises were broken of late; "" for none
	Near     string // how many are near whose customers asked to be reminded; "" for none
	SmallURL string // where small rests are given up; "" for whom may not propose it
	File     *fileView
	Day      string
}

// totalView is what is overdue in one currency, and what becomes of it.
type totalView struct {
	Dunnable, Sub string
	Bar           []kit.BarPart
	Parts         []kit.SumRow
}

// rowView is an overdue invoice.
type rowView struct {
	billing.Collectible
	Level   kit.TagView
	Href    string
	Current bool
	Note    string
}

type promiseView struct {
	ID                         int64
	Tag                        kit.TagView
	Amount, On, Who, Note      string
	Customer, Invoice, Account string
	Made, Paid                 string
	Open                       bool
}

// payoutView is a refund that is posted and not paid out.
type payoutView struct {
	Number, Amount, To, Customer, Account, On string
	Errors                                    map[string]string // of what was filled in for it
	Reference, PaidOn                         string
}

type blockView struct {
	ID                         int64
	From, Until, Reason, Made  string
	Customer, Invoice, Account string
	Tag                        kit.TagView
	Active                     bool
}

// fileView is one invoice beside the list.
type fileView struct {
	Query            query
	Number, Customer string
	Account, Due     string
	Overdue          string
	Currency         string
	Pay, PayLink     string
	CreditHold       string
	Left             string // what may still be promised, for the field; "" when nothing
	Parts            []kit.SumRow
	Why              string
	Promises         []promiseView
	Blocks           []blockView
	FeeNote, Fee     string
	FeeRows          []kit.SumRow
	MayWork, Settled bool
	Today            string
	Typed            typed
}

func (r reader) page(q query, entities []billing.Entity, list billing.DunningList) pageView {
	if q.Show == "" {
		q.Show = "list"
	}
	v := pageView{Query: q, Day: r.day(list.Day), NextURL: q.next(list.Next)}
	for _, e := range entities {
		v.Entities = append(v.Entities, kit.Segment{Text: e.Code, Href: query{Entity: e.Code, Show: q.Show}.url(), Current: e.Code == q.Entity})
	}
	for _, s := range [][2]string{{"list", i18n.T("May be reminded")}, {"kept", i18n.T("Kept back")}, {"promises", i18n.T("Promises")}, {"broken", i18n.T("Broken")}, {"blocks", i18n.T("Blocks")}, {"refunds", i18n.T("Refunds to pay")}} {
		v.Shows = append(v.Shows, kit.Segment{Text: s[1], Href: query{Entity: q.Entity, Show: s[0], Invoice: q.Invoice}.url(), Current: s[0] == q.Show})
	}
	for _, t := range list.Totals {
		v.Totals = append(v.Totals, r.total(t))
	}
	rows := list.Rows
	if q.Show == "kept" {
		rows = list.KeptBack
		v.NextURL = ""
	}
	if q.Show == "list" || q.Show == "kept" {
		for _, c := range rows {
			v.Rows = append(v.Rows, r.row(q, c))
		}
	}
	return v
}

func (r reader) total(t billing.CollectTotal) totalView {
	amount := func(d decimal.Decimal) string { return r.money(money.Of(d, t.Currency)) }
	return totalView{
		Dunnable: amount(t.Dunnable), Sub: i18n.F("{many} of {invoices} overdue", "many", i18n.N(t.OnList, "{n} invoice", "{n} invoices", "n", t.OnList), "invoices", strconv.Itoa(t.Invoices)),
		Bar: barOf(t.Parts),
		Parts: []kit.SumRow{
			{Label: i18n.T("Overdue"), Value: amount(t.Open)},
			{Label: i18n.T("in dispute"), Value: amount(t.Held), Tone: "hold"},
			{Label: i18n.T("promised"), Value: amount(t.Promised)},
			{Label: i18n.T("kept back"), Value: amount(t.KeptBack)},
			{Label: i18n.T("covered by what is unapplied"), Value: amount(t.Covered)},
		},
	}
}

// barOf draws the parts of what is open: in dispute, promised, kept back, covered, and what may be asked for.
func barOf(p dunning.Parts) []kit.BarPart {
	return []kit.BarPart{
		{Percent: share(p.Dunnable, p.Open), Tone: "due"},
		{Percent: share(p.Promised, p.Open), Tone: "ok"},
		{Percent: share(p.KeptBack, p.Open), Tone: "qq"},
		{Percent: share(p.Covered, p.Open), Tone: "res"},
		{Percent: share(p.Held, p.Open), Tone: "hold"},
	}
}

func share(part, whole decimal.Decimal) int {
	if !part.IsPositive() || !whole.IsPositive() {
		return 0
	}
	return max(1, int(part.Mul(decimal.NewFromInt(100)).Div(whole).Floor().IntPart()))
}

func (r reader) row(q query, c billing.Collectible) rowView {
	v := rowView{Collectible: c, Level: levelOf(c.Level), Href: query{q.Entity, q.Show, c.Number, q.After}.url(), Current: c.Number == q.Invoice}
	v.Note = r.why(c)
	return v
}

func levelOf(level int) kit.TagView {
	tag := kit.TagView{Text: i18n.F("Level {level}", "level", strconv.Itoa(level)), Tone: "soon"}
	switch {
	case level >= 3:
		tag.Tone = "bad"
	case level == 2:
		tag.Tone = "due"
	}
	return tag
}

// why says what keeps an invoice from the list today.
func (r reader) why(c billing.Collectible) string {
	switch {
	case c.Why == billing.ByBlock:
		return i18n.F("Blocked to {day}", "day", r.day(c.BlockedUntil))
	case c.Why == billing.HoldEndToday:
		return i18n.T("A hold ended today")
	case c.OnList():
		return ""
	case c.Held.Equal(c.Open):
		return i18n.T("All of it in dispute")
	case c.Promised.IsPositive():
		return i18n.T("Promised")
	case c.Covered.IsPositive():
		return i18n.T("Covered, not applied yet")
	}
	return ""
}

func (r reader) promises(rows []billing.PromiseRow) []promiseView {
	list := make([]promiseView, len(rows))
	for i, p := range rows {
		list[i] = promiseView{
			ID: int64(p.ID), Tag: promiseTag(p.State), Amount: r.money(p.AmountPromised()), On: r.day(p.PromisedOn), Who: p.PromisedBy, Note: p.Note,
			Customer: p.CustomerName, Account: p.Account, Invoice: p.InvoiceNumber, Made: p.MadeByName + ", " + r.when(p.MadeAt), Open: p.State == billing.PromiseOpen && r.may,
		}
		if p.State == billing.PromiseBroken {
			list[i].Paid = i18n.F("{money} came in", "money", r.money(money.Of(p.Paid, p.Currency)))
		}
	}
	return list
}

func promiseTag(s billing.PromiseState) kit.TagView {
	switch s {
	case billing.PromiseKept:
		return kit.TagView{Text: i18n.T("Kept"), Tone: "ok", Icon: "circle-check"}
	case billing.PromiseBroken:
		return kit.TagView{Text: i18n.T("Broken"), Tone: "bad", Icon: "circle-x"}
	case billing.PromiseWithdrawn:
		return kit.TagView{Text: i18n.T("Withdrawn"), Icon: "arrow-back-up"}
	case billing.PromiseOpen:
	}
	return kit.TagView{Text: i18n.In("promise", "Open"), Tone: "acc", Icon: "hourglass"}
}

func (r reader) blocks(rows []billing.BlockRow) []blockView {
	list := make([]blockView, len(rows))
	for i, b := range rows {
		list[i] = blockView{
			ID: int64(b.ID), From: r.day(b.FromOn), Until: r.day(b.LastDay()), Reason: b.Reason, Made: b.MadeByName + ", " + r.when(b.MadeAt),
			Customer: b.CustomerName, Account: b.Account, Invoice: b.InvoiceNumber, Tag: kit.TagView{Text: i18n.T("Ended")},
		}
		switch {
		case b.LiftedAt != nil:
			list[i].Tag, list[i].Reason = kit.TagView{Text: i18n.T("Lifted"), Icon: "arrow-back-up"}, i18n.F("{reason}; lifted: {lift_reason}", "reason", b.Reason, "lift_reason", b.LiftReason)
		case !b.UntilOn.Before(r.today):
			list[i].Tag, list[i].Active = kit.TagView{Text: i18n.T("Blocked"), Tone: "hold", Icon: "hand-stop"}, r.may
		}
	}
	return list
}

func (r reader) file(q query, i billing.Invoice, customer billing.Customer, open []billing.Collectible) *fileView {
	v := &fileView{
		Query: q, Number: i.Number, Customer: customer.Name, Account: customer.Account, Due: r.day(i.DueOn), Currency: string(i.Currency), MayWork: r.may,
		Today: r.today.Format("2006-01-02"), Settled: len(open) == 0,
		CreditHold: customer.CreditHold,
	}
	if v.Settled {
		v.Pay = r.money(i.Amount(decimal.Zero))
		return v
	}
	c := open[0]
	v.Pay, v.Why, v.PayLink = r.money(c.Amount(c.Collectible())), r.why(c), c.PayLink
	if left := c.Collectible().Sub(c.Promised); left.IsPositive() {
		v.Left = c.Amount(left).Plain()
	}
	if c.Overdue > 0 {
		v.Overdue = i18n.F("{many} overdue", "many", i18n.N(c.Overdue, "{n} day", "{n} days", "n", c.Overdue))
	}
	v.Parts = []kit.SumRow{
		{Label: i18n.T("Open"), Value: r.money(c.Amount(c.Open))},
		{Label: i18n.T("in dispute"), Value: r.money(c.Amount(c.Held)), Tone: "hold"},
		{Label: i18n.T("promised"), Value: r.money(c.Amount(c.Promised))},
		{Label: i18n.T("kept back today"), Value: r.money(c.Amount(c.KeptBack))},
		{Label: i18n.T("covered by what is unapplied"), Value: r.money(c.Amount(c.Covered))},
		{Label: i18n.T("May be reminded of"), Value: r.money(c.Amount(c.Dunnable)), Total: true},
	}
	return v
}

func (v *fileView) fee(r reader, fee billing.LateFee) {
	if !fee.Percent.IsPositive() {
		v.FeeNote = i18n.T("The entity’s policy reckons no late fee.")
		return
	}
	v.Fee = r.money(fee.Invoice.Amount(fee.Fee))
	v.FeeNote = i18n.F("Undisputed and overdue × days × {percent} % ÷ 365. Computed, not booked.", "percent", fee.Percent.String())
	for _, s := range fee.Spans {
		v.FeeRows = append(v.FeeRows, kit.SumRow{
			Label: i18n.F("{day} to {day_2}, {many}", "day", r.day(s.From), "day_2", r.day(s.To), "many", i18n.N(s.Days, "{n} day", "{n} days", "n", s.Days)), Value: r.money(fee.Invoice.Amount(s.Base)),
		})
	}
}

// id names a row's form.
func id(n int64) string { return strconv.FormatInt(n, 10) }
