package propose

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/money"
	"makegood/internal/reports"
	"makegood/ui/creditview"
	"makegood/ui/kit"
)

// preview fills in what the proposal would do.
func (r reader) preview(v *formView, b reports.ProposeBasis, p credits.Preview) {
	a := p.Adjustment
	number := func(d decimal.Decimal) string { return kit.FormatNumber(a.SumOf(d), r.Lang) }
	l := liveView{
		Lang: r.Lang, NoReason: v.Live.NoReason, OwnLimit: p.Chain.OwnLimit, Orphan: p.Chain.Orphan, To: creditview.FirstDecider(p.Chain), Net: number(a.Net), Tax: number(a.Tax),
		Total: a.SumOf(a.Total), Chain: r.Planned(p.Chain), Buckets: r.buckets(b, a),
	}
	for _, t := range a.Taxes {
		l.Rates = append(l.Rates, kit.KV{Label: "Tax " + t.Rate.String() + " %", Value: number(t.Tax)})
	}
	for i := range v.Lines {
		for _, line := range a.Lines {
			if v.Lines[i].On && v.Lines[i].ID == formatID(int64(line.InvoiceLineID)) {
				v.Lines[i].Tax = number(line.TaxShare)
			}
		}
	}
	if a.Currency != billing.AuthorityCurrency {
		l.Authority = "as " + kit.FormatMoney(money.Of(p.AuthorityAmount, billing.AuthorityCurrency), r.Lang) + " at " + p.Rate.String()
	}
	l.Positions = r.positions(a, p)
	l.Notices = r.notices(p)
	for _, key := range p.EvidenceMissing {
		l.Missing = append(l.Missing, r.Say(key, nil))
	}
	l.Next = r.next(b, p)
	v.Live = l
}

func (r reader) buckets(b reports.ProposeBasis, a billing.Adjustment) []bucketView {
	bucket := func(name string, sum decimal.Decimal, note string) bucketView {
		v := bucketView{Name: name, Sum: kit.FormatNumber(a.SumOf(sum), r.Lang), Note: note, On: sum.IsPositive()}
		if v.On && a.Total.IsPositive() {
			v.Percent = max(1, int(sum.Mul(decimal.NewFromInt(100)).Div(a.Total).IntPart()))
		}
		return v
	}
	return []bucketView{
		bucket("This invoice", a.ToInvoice, "at most "+kit.FormatNumber(a.SumOf(b.Invoice.Open.Open), r.Lang)+" open"),
		bucket("Credit balance", a.ToBalance, "for coming invoices"),
	}
}

func (r reader) positions(a billing.Adjustment, p credits.Preview) []positionRow {
	own := func(d decimal.Decimal) string {
		return kit.FormatNumber(money.Of(d, p.Before.Currency), r.Lang)
	}
	row := func(name string, now, after decimal.Decimal) positionRow {
		return positionRow{Name: name, Now: own(now), After: own(after), Same: now.Equal(after)}
	}
	invoice := positionRow{
		Name: "Invoice open", Now: kit.FormatNumber(a.SumOf(p.InvoiceOpen.Now), r.Lang), After: kit.FormatNumber(a.SumOf(p.InvoiceOpen.After), r.Lang),
		Same: p.InvoiceOpen.Now.Equal(p.InvoiceOpen.After),
	}
	disputed := row("Disputed, on hold", p.Before.Disputed, p.After.Disputed)
	disputed.Hold = true
	rows := []positionRow{invoice, disputed, row("Customer open", p.Before.Open, p.After.Open)}
	if !p.Before.Unapplied.Equal(p.After.Unapplied) {
		rows = append(rows, row("Credit not used yet", p.Before.Unapplied, p.After.Unapplied))
	}
	return append(rows, row("Collectible", p.Before.Collectible, p.After.Collectible))
}

func (r reader) notices(p credits.Preview) []kit.NoticeView {
	var list []kit.NoticeView
	if p.Chain.Orphan {
		list = append(list, kit.NoticeView{Tone: "bad", Text: "Nobody available may decide this. It cannot be submitted before somebody holds the level."})
	}
	if counted := p.Window.Counted(); counted.IsPositive() {
		list = append(list, kit.NoticeView{
			Tone: "stop", Icon: "history", Title: "It does not stand alone.",
			Text: fmt.Sprintf("%s for this customer in %d days, or on this invoice, count with it.",
				kit.FormatMoney(money.Of(counted, billing.AuthorityCurrency), r.Lang), credits.WindowDays),
		})
	}
	for _, w := range p.Warnings {
		list = append(list, kit.NoticeView{Tone: "stop", Icon: "alert-triangle", Text: r.Say(w.Key, w.Params)})
	}
	if len(p.Warnings) == 0 && !p.Window.Counted().IsPositive() {
		list = append(list, kit.NoticeView{Icon: "copy-check", Text: fmt.Sprintf("No other credit on these lines, and none for this customer in %d days.", credits.WindowDays)})
	}
	return list
}

// next says what follows the last approval.
func (r reader) next(b reports.ProposeBasis, p credits.Preview) []string {
	list := []string{"The credit memo gets its number and posts to the ledger"}
	if freed := p.Before.Disputed.Sub(p.After.Disputed); freed.IsPositive() {
		rest := "nothing of the customer’s stays disputed"
		if p.After.Disputed.IsPositive() {
			rest = kit.FormatMoney(money.Of(p.After.Disputed, p.After.Currency), r.Lang) + " stay on hold"
		}
		list = append(list, kit.FormatMoney(money.Of(freed, p.Before.Currency), r.Lang)+" come off hold; "+rest)
	}
	to := b.Invoice.Customer.Name
	if len(b.Messages) > 0 && b.Messages[0].AuthorName != "" {
		to = b.Messages[0].AuthorName
	}
	if b.Case != nil {
		list = append(list, to+" gets the memo as PDF")
	}
	return list
}

// submitText names what pressing the button does.
func (v liveView) submitText() string {
	amount := strings.ReplaceAll(kit.FormatMoney(v.Total, v.Lang), "\u00a0", " ")
	switch {
	case v.Waiting:
		return "Submit"
	case v.OwnLimit:
		return "Post " + amount + " now, within your own limit"
	case v.To == "":
		return "Submit " + amount
	}
	return "Send " + amount + " to " + v.To + " for approval"
}

// why says what keeps the proposal from being submitted.
func (v liveView) why() string {
	switch {
	case v.Waiting:
		return "Tick a line and give an amount first"
	case v.NoReason:
		return "Choose the reason first"
	case v.Orphan:
		return "Nobody available may decide this"
	case len(v.Missing) > 0:
		return strings.Join(v.Missing, " ")
	}
	return ""
}
