package propose

import (
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/i18n"
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
		Lang: r.Lang, Kind: a.Kind, Small: v.Live.Small, Account: v.Live.Account, NoReason: v.Live.NoReason, OwnLimit: p.Chain.OwnLimit, Orphan: p.Chain.Orphan, To: creditview.FirstDecider(p.Chain),
		Total: a.SumOf(a.Total), Chain: r.Planned(p.Chain), Buckets: r.buckets(b, a),
	}
	if !a.Tax.IsZero() || len(a.Taxes) > 0 {
		l.Net, l.Tax = number(a.Net), number(a.Tax)
	}
	for _, t := range a.Taxes {
		l.Rates = append(l.Rates, kit.KV{Label: i18n.F("Tax {rate} %", "rate", t.Rate.String()), Value: number(t.Tax)})
	}
	r.charged(&l, a)
	for i := range v.Lines {
		for _, line := range a.Lines {
			if v.Lines[i].On && v.Lines[i].ID == formatID(int64(line.InvoiceLineID)) {
				v.Lines[i].Tax = number(line.TaxShare)
			}
		}
	}
	if a.Currency != billing.AuthorityCurrency {
		l.Authority = i18n.F("as {authority_amount} at {rate}", "authority_amount", kit.FormatMoney(money.Of(p.AuthorityAmount, billing.AuthorityCurrency), r.Lang), "rate", p.Rate.String())
	}
	if a.Kind == billing.Rebill && a.BillsMore() {
		l.Authority = i18n.F("limits look at the new invoice: {authority_amount}", "authority_amount", kit.FormatMoney(money.Of(p.AuthorityAmount, billing.AuthorityCurrency), r.Lang))
	}
	l.Positions = r.positions(a, p)
	l.Notices, l.Warned = r.notices(p), r.Warned(p.Warnings, r.zone)
	l.Needed = needed(p.Evidence)
	l.Next = r.next(b, p)
	v.Live = l
}

// charged adds what a bill comes to: of a debit memo its taxes, of a rebill the new invoice beside what is credited. A
// write-off says what of it is tax that comes back.
func (r reader) charged(l *liveView, a billing.Adjustment) {
	number := func(d decimal.Decimal) string { return kit.FormatNumber(a.SumOf(d), r.Lang) }
	switch a.Kind {
	case billing.Debit:
		for _, t := range a.Billed.Taxes {
			l.Rates = append(l.Rates, kit.KV{Label: i18n.F("Tax {rate} %", "rate", t.Rate.String()), Value: number(t.Tax)})
		}
	case billing.Rebill:
		l.Net, l.Rates = "", nil
		l.Rates = append(l.Rates, kit.KV{Label: i18n.T("New invoice"), Value: number(a.BilledTotal())})
	case billing.WriteOff:
		l.Net, l.Tax = "", ""
		if a.Tax.IsPositive() {
			l.Rates = append(l.Rates, kit.KV{Label: i18n.T("Tax that comes back"), Value: number(a.Tax)})
		}
	case billing.BillingError, billing.Concession, billing.SLACredit, billing.RefundOut, billing.TransferOver, billing.Reverse:
	}
}

// buckets are where a credit goes; other kinds go one way.
func (r reader) buckets(b reports.ProposeBasis, a billing.Adjustment) []bucketView {
	if !a.Kind.Credits() {
		return nil
	}
	bucket := func(name string, sum decimal.Decimal, note string) bucketView {
		v := bucketView{Name: name, Sum: kit.FormatNumber(a.SumOf(sum), r.Lang), Note: note, On: sum.IsPositive()}
		if v.On && a.Total.IsPositive() {
			v.Percent = max(1, int(sum.Mul(decimal.NewFromInt(100)).Div(a.Total).IntPart()))
		}
		return v
	}
	if a.InvoiceID == 0 {
		return []bucketView{bucket(i18n.T("Credit balance"), a.ToBalance, i18n.T("for any invoice, or to be paid out"))}
	}
	list := []bucketView{
		bucket(i18n.T("This invoice"), a.ToInvoice, i18n.F("at most {sum_of} open", "sum_of", kit.FormatNumber(a.SumOf(b.Invoice.Open.Open), r.Lang))),
		bucket(i18n.T("Credit balance"), a.ToBalance, i18n.T("for coming invoices")),
	}
	if a.Kind == billing.Rebill {
		list[1].Note = i18n.T("pays the new invoice first")
	}
	if a.ToRefund.IsPositive() || a.SettledOutside.IsPositive() {
		list = append(list, bucket(i18n.T("Paid out"), a.ToRefund, i18n.T("as a refund")), bucket(i18n.T("Outside"), a.SettledOutside, i18n.T("settled already")))
	}
	return list
}

func (r reader) positions(a billing.Adjustment, p credits.Preview) []positionRow {
	if a.CustomerID == 0 || a.Kind == billing.Reverse {
		return nil
	}
	own := func(d decimal.Decimal) string {
		return kit.FormatNumber(money.Of(d, p.Before.Currency), r.Lang)
	}
	row := func(name string, now, after decimal.Decimal) positionRow {
		return positionRow{Name: name, Now: own(now), After: own(after), Same: now.Equal(after)}
	}
	var rows []positionRow
	if a.Kind.Credits() && a.InvoiceID != 0 {
		rows = append(rows, positionRow{
			Name: i18n.T("Invoice open"), Now: kit.FormatNumber(a.SumOf(p.InvoiceOpen.Now), r.Lang), After: kit.FormatNumber(a.SumOf(p.InvoiceOpen.After), r.Lang),
			Same: p.InvoiceOpen.Now.Equal(p.InvoiceOpen.After),
		})
	}
	disputed := row(i18n.T("Disputed, on hold"), p.Before.Disputed, p.After.Disputed)
	disputed.Hold = true
	rows = append(rows, disputed, row(i18n.T("Customer open"), p.Before.Open, p.After.Open))
	if !p.Before.Unapplied.Equal(p.After.Unapplied) {
		rows = append(rows, row(i18n.T("Credit not used yet"), p.Before.Unapplied, p.After.Unapplied))
	}
	return append(rows, row(i18n.T("Collectible"), p.Before.Collectible, p.After.Collectible))
}

func (r reader) notices(p credits.Preview) []kit.NoticeView {
	var list []kit.NoticeView
	if p.Chain.Orphan {
		list = append(list, kit.NoticeView{Tone: "bad", Text: i18n.T("Nobody available may decide this. It cannot be submitted before somebody holds the level.")})
	}
	if counted := p.Window.Counted(); counted.IsPositive() {
		list = append(list, kit.NoticeView{
			Tone: "stop", Icon: "history", Title: i18n.T("It does not stand alone."),
			Text: i18n.F("{counted} for this customer in {window_days} days, or on this invoice, count with it.", "counted", kit.FormatMoney(money.Of(counted, billing.AuthorityCurrency), r.Lang), "window_days", credits.WindowDays),
		})
	}
	if len(p.Warnings) == 0 && !p.Window.Counted().IsPositive() {
		list = append(list, kit.NoticeView{Icon: "copy-check", Text: i18n.F("Nothing else that counts with it: not here, and not for this customer in {window_days} days.", "window_days", credits.WindowDays)})
	}
	return list
}

// next says what follows the last approval.
func (r reader) next(b reports.ProposeBasis, p credits.Preview) []string {
	list := []string{posts(p.Adjustment)}
	if freed := p.Before.Disputed.Sub(p.After.Disputed); freed.IsPositive() && p.Adjustment.Kind.Credits() {
		rest := i18n.T("nothing of the customer’s stays disputed")
		if p.After.Disputed.IsPositive() {
			rest = i18n.F("{disputed} stay on hold", "disputed", kit.FormatMoney(money.Of(p.After.Disputed, p.After.Currency), r.Lang))
		}
		list = append(list, i18n.F("{freed} come off hold; {rest}", "freed", kit.FormatMoney(money.Of(freed, p.Before.Currency), r.Lang), "rest", rest))
	}
	if b.Case == nil || !creditview.Written(p.Adjustment.Kind) {
		return list
	}
	to := b.Customer.Name
	if len(b.Messages) > 0 && b.Messages[0].AuthorName != "" {
		to = b.Messages[0].AuthorName
	}
	if p.Adjustment.Kind == billing.Debit {
		return append(list, i18n.F("{to} gets the debit memo as PDF", "to", to))
	}
	return append(list, i18n.F("{to} gets the memo as PDF", "to", to))
}

// posts says what is posted.
func posts(a billing.Adjustment) string {
	switch a.Kind {
	case billing.Rebill:
		return i18n.T("The credit memo and the new invoice get their numbers and post together; what was paid settles the new invoice first")
	case billing.Debit:
		return i18n.T("The debit memo gets its number and posts to the ledger; it is owed like an invoice")
	case billing.RefundOut:
		return i18n.T("The refund gets its number and posts to the ledger; the money is to be sent")
	case billing.WriteOff:
		if n := len(a.Items); n > 1 {
			return i18n.F("The write-off gets its number; {n} invoices are no longer owed, and the amount is bad debt", "n", strconv.Itoa(n))
		}
		return i18n.T("The write-off gets its number; the invoice is no longer owed, and the amount is bad debt")
	case billing.TransferOver:
		return i18n.T("The transfer gets its number; the amount is unapplied credit of the other customer")
	case billing.Reverse:
		return i18n.F("Everything {number} did is taken back: ledger, open items, and the dispute lines it settled with their holds", "number", a.Reverses.Number)
	case billing.BillingError, billing.Concession, billing.SLACredit:
	}
	return i18n.T("The credit memo gets its number and posts to the ledger")
}

// submitText names what pressing the button does.
func (v liveView) submitText() string {
	amount := strings.ReplaceAll(kit.FormatMoney(v.Total, v.Lang), "\u00a0", " ")
	switch {
	case v.Waiting:
		return i18n.T("Submit")
	case v.Changes && !v.OwnLimit:
		return i18n.F("Change it to {amount} and start the chain again", "amount", amount)
	case v.OwnLimit:
		return i18n.F("Post {amount} now, within your own limit", "amount", amount)
	case v.To == "":
		return i18n.F("Submit {amount}", "amount", amount)
	}
	return i18n.F("Send {amount} to {to} for approval", "amount", amount, "to", v.To)
}

// why says what keeps the proposal from being submitted.
func (v liveView) why() string {
	switch {
	case v.Waiting:
		return v.lost()
	case v.NoReason:
		return i18n.T("Choose the reason first")
	case v.Orphan:
		return i18n.T("Nobody available may decide this")
	}
	return v.missing()
}
