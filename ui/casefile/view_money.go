package casefile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/ui/kit"
)

func (r reader) moneyOf(f reports.CaseFile) moneyView {
	var v moneyView
	for _, invoice := range f.Invoices {
		v.Invoices = append(v.Invoices, r.invoice(f, invoice))
	}
	for _, credit := range f.Credits {
		v.Credits = append(v.Credits, r.credit(f, credit))
	}
	for _, reason := range f.Reasons {
		v.Reasons = append(v.Reasons, kit.Option{Value: reason.Code, Text: reason.Name})
	}
	return v
}

func (r reader) invoice(f reports.CaseFile, i reports.FileInvoice) invoiceView {
	v := invoiceView{
		ID: id(i.ID), Number: i.Number, Href: "/invoices/" + i.Number, Currency: string(i.Currency),
		Sub: i18n.F("{date} · due {date_2}", "date", r.date(i.IssuedOn), "date_2", r.date(i.DueOn)),
	}
	if i.PurchaseOrder != "" {
		v.Sub += " " + i18n.F("· PO {purchase_order}", "purchase_order", strings.TrimPrefix(i.PurchaseOrder, "PO-"))
	}
	if i.CustomerName != f.CustomerName {
		v.BillTo = i.CustomerName
	}
	v.Loose = f.CreditState == cases.CreditNone && !slices.ContainsFunc(f.Disputes, func(d reports.FileDispute) bool { return d.InvoiceID == i.ID })
	byLine := map[int][]disputeView{}
	for _, d := range f.Disputes {
		if d.InvoiceID != i.ID {
			continue
		}
		shown := r.dispute(d)
		if shown.Open && d.LineNo != nil {
			shown.Request = requestOn(f, i.Number, *d.LineNo)
		}
		shown.Decidable = shown.Open && f.CreditState != cases.CreditPending && f.CreditState != cases.CreditApproved
		if d.LineNo == nil {
			v.Whole = append(v.Whole, shown)
			continue
		}
		byLine[*d.LineNo] = append(byLine[*d.LineNo], shown)
	}
	for _, line := range i.Lines {
		shown := r.line(i, line, byLine[line.LineNo])
		if sum := contested(f, line.ID); sum.IsPositive() {
			shown.Contested = r.number(sum, i.Currency)
		}
		v.Lines = append(v.Lines, shown)
	}
	r.totals(f, i, &v)
	return v
}

// contested is what of a line is in dispute and not decided, including tax.
func contested(f reports.CaseFile, line billing.InvoiceLineID) decimal.Decimal {
	sum := decimal.Zero
	for _, d := range f.Disputes {
		if d.InvoiceLineID != nil && *d.InvoiceLineID == line && !d.Status.Decided() {
			sum = sum.Add(d.Contested)
		}
	}
	return sum
}

// requestOn names the credit request on its way for a line.
func requestOn(f reports.CaseFile, invoice string, line int) string {
	for _, c := range f.Credits {
		if onItsWay(c.State) && c.InvoiceNumber == invoice && slices.Contains(c.LineNumbers, line) {
			return c.Number
		}
	}
	return ""
}

// onItsWay tells whether a request may still be posted: one that was asked back keeps what it reserved, and goes on.
func onItsWay(state string) bool {
	return state == "pending" || state == "returned" || state == "approved" || state == "failed"
}

func (r reader) dispute(d reports.FileDispute) disputeView {
	v := disputeView{
		ID: id(d.ID), Status: disputeTag(d.Status), Reason: d.ReasonName, Claim: d.Claim, Explanation: d.Explanation,
		Contested: r.money(d.Contested, d.Currency), Plain: d.Amount(d.Contested).Plain(), Currency: string(d.Currency),
		Where: d.InvoiceNumber, Open: !d.Status.Decided(),
	}
	v.Became = r.became(d)
	if d.LineNo != nil {
		v.Where = i18n.F("{invoice_number}, line {line_no}: {description}", "invoice_number", d.InvoiceNumber, "line_no", *d.LineNo, "description", d.Description)
	}
	return v
}

// became says how a contested amount is divided, where that is not plain.
func (r reader) became(d reports.FileDispute) string {
	p := d.Parts()
	if p.Disputed.Equal(d.Contested) || p.Credited.Equal(d.Contested) || p.Ended.Equal(d.Contested) {
		return ""
	}
	var parts []string
	for _, one := range []struct {
		amount decimal.Decimal
		text   string
	}{
		{p.Disputed, i18n.T("still held")}, {p.Credited, i18n.T("credited")}, {p.Paid, i18n.T("paid")}, {p.WrittenOff, i18n.T("written off")}, {p.Ended, i18n.T("no longer in dispute")},
	} {
		if one.amount.IsPositive() {
			parts = append(parts, r.number(one.amount, d.Currency)+" "+one.text)
		}
	}
	return i18n.F("Of {number}: {parts}", "number", r.number(d.Contested, d.Currency), "parts", strings.Join(parts, ", "))
}

func (r reader) line(i reports.FileInvoice, l reports.FileLine, disputes []disputeView) lineView {
	v := lineView{
		ID: id(l.ID), Position: fmt.Sprint(l.LineNo), Text: l.Description, Net: r.number(l.Net, i.Currency), Disputes: disputes,
		Spent: !l.Remaining().IsPositive(),
	}
	if !l.Quantity.Equal(decimal.NewFromInt(1)) {
		v.Detail = r.quantity(l.Quantity) + " × " + r.price(l.UnitPrice, i.Currency)
	}
	if len(disputes) > 0 || l.Reserved.IsPositive() || l.Credited.IsPositive() {
		v.Headroom = &kit.HeadroomView{
			Free: percent(l.Remaining(), l.Amount), Reserved: percent(l.Reserved, l.Amount),
			Text:  i18n.F("{number} left", "number", r.number(l.Remaining(), i.Currency)),
			Title: i18n.F("May still be credited: {number} net, less {number_2} credited, less {number_3} reserved", "number", r.number(l.Net, i.Currency), "number_2", r.number(l.Credited, i.Currency), "number_3", r.number(l.Reserved, i.Currency)),
		}
	}
	return v
}

// totals are the sums at the foot of the paper: what was asked, and what became of it.
func (r reader) totals(f reports.CaseFile, i reports.FileInvoice, v *invoiceView) {
	n := func(d decimal.Decimal) string { return r.number(d, i.Currency) }
	v.Left = []kit.SumRow{{Label: i18n.T("Net"), Value: n(i.Net)}}
	for _, t := range i.Taxes {
		v.Left = append(v.Left, kit.SumRow{Label: i18n.F("Tax {rate} %", "rate", t.Rate.String()), Value: n(t.Tax)})
	}
	if i.Paid.IsPositive() {
		label := i18n.T("Paid")
		if i.PaidOn != nil {
			label += " " + r.date(*i.PaidOn)
		}
		v.Left = append(v.Left, kit.SumRow{Label: label, Value: n(i.Paid.Neg()), Tone: "in"})
	}
	if i.Credited.IsPositive() {
		v.Left = append(v.Left, kit.SumRow{Label: i18n.T("Credited"), Value: n(i.Credited.Neg()), Tone: "out"})
	}
	v.Right = []kit.SumRow{{Label: i18n.T("Total"), Value: n(i.Total)}}
	if held := f.HeldOn(i.ID); held.IsPositive() {
		v.Right = append(v.Right, kit.SumRow{Label: i18n.T("Contested incl. tax"), Value: n(held), Tone: "hold"})
	}
	v.Right = append(v.Right, kit.SumRow{Label: i18n.T("Open"), Value: r.money(i.Open, i.Currency), Bold: true})
}

func (r reader) credit(f reports.CaseFile, c reports.FileCredit) creditView {
	v := creditView{
		Number: c.Number, Href: fmt.Sprintf("/approvals/%d", c.ID), Total: c.Amount(c.Total), Sub: r.creditSub(c),
		Memo: c.MemoNumber, MemoHref: "/credit-memos/" + c.MemoNumber,
	}
	if c.ContentVersion > 1 {
		v.Version = fmt.Sprintf("v%d", c.ContentVersion)
	}
	level := ""
	for _, s := range c.Steps {
		if s.State == "open" {
			level = s.LevelName
		}
	}
	v.State = creditTag(c.State, level)
	if c.Failure != "" {
		v.Failure = r.say(c.Failure, c.FailureParams)
	}
	for _, e := range c.Evidence {
		link := kit.Link{Text: e.Label}
		if e.CaseMessageID != nil {
			link.Href = fmt.Sprintf("#message-%d", *e.CaseMessageID)
		}
		v.Evidence = append(v.Evidence, link)
	}
	v.Chain = r.chain(f, c)
	return v
}

func (r reader) creditSub(c reports.FileCredit) string {
	lines := make([]string, len(c.LineNumbers))
	for n, line := range c.LineNumbers {
		lines[n] = fmt.Sprint(line)
	}
	what := kindWord(string(c.Kind))
	switch {
	case c.Reverses != "":
		what = i18n.F("{kind} of {reverses}", "kind", what, "reverses", c.Reverses)
	case c.InvoiceNumber != "":
		what = i18n.F("{kind} on {invoice_number}", "kind", what, "invoice_number", c.InvoiceNumber)
	}
	if len(lines) > 0 {
		what = i18n.N(len(lines), "{what}, line {lines}", "{what}, lines {lines}", "what", what, "lines", strings.Join(lines, ", "))
	}
	text := i18n.F("{what}: {total}.", "what", what, "total", r.number(c.Total, c.Currency))
	if !c.Net.Equal(c.Total) {
		text = i18n.F("{what}: {net} net + {tax} tax.", "what", what, "net", r.number(c.Net, c.Currency), "tax", r.number(c.Tax, c.Currency))
	}
	if c.ToInvoice != nil && c.ToBalance != nil {
		lowered := r.number(*c.ToInvoice, c.Currency)
		if c.ToBalance.IsPositive() {
			text += " " + i18n.F("{number} lowered the invoice, {balance} went to the balance.", "number", lowered, "balance", r.number(*c.ToBalance, c.Currency))
		} else {
			text += " " + i18n.F("{number} lowered the invoice.", "number", lowered)
		}
	}
	if c.TakenBackBy != "" {
		text += " " + i18n.F("Taken back by {taken_back_by}.", "taken_back_by", c.TakenBackBy)
	}
	return text
}
