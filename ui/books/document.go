package books

import (
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/ui/kit"
)

// invoicePaper draws an invoice as it was sent, with our marks in the margin.
func (r reader) invoicePaper(f reports.InvoiceFile) kit.DocumentView {
	p := paperIn(f.Customer.Language)
	v := kit.DocumentView{
		Label: i18n.F("Invoice {number} as sent", "number", f.Number), Lang: p.lang, Brand: f.Entity.Name, Title: p.invoice, Number: f.Number,
		Sender: oneLine(f.Entity.Name, f.Entity.Address), Address: addressee(f.Customer.Name, f.Customer.Address),
		Facts: []kit.KV{
			{Label: p.issued, Value: p.day(f.IssuedOn)},
			{Label: p.period, Value: p.span(f.ServiceFrom, f.ServiceTo)},
			{Label: p.due, Value: p.day(f.DueOn)},
			{Label: p.account, Value: f.Customer.Account},
		},
		Head:   []string{p.position, p.item, p.quantity, p.price, p.amountHead(f) + " " + string(f.Currency)},
		Footer: strings.Join(append([]string{fill(p.payBy, "date", p.day(f.DueOn))}, lines(f.Entity.BankDetails)...), " "),
	}
	if f.PurchaseOrder != "" {
		v.Facts = append(v.Facts, kit.KV{Label: p.order, Value: f.PurchaseOrder})
	}
	if f.Customer.TaxID != "" {
		v.Facts = append(v.Facts, kit.KV{Label: p.taxID, Value: f.Customer.TaxID})
	}
	for _, l := range f.Lines {
		row := kit.DocRow{Mark: r.lineMark(f.Invoice, l), Cells: []string{
			strconv.Itoa(l.LineNo), l.Description, p.figure(l.Quantity), p.unit(l.UnitPrice, f.Currency), p.number(f.Amount(l.List)),
		}}
		if l.Charge {
			row.Cells[1] += " (" + p.amounts.charge + ")"
		}
		v.Rows = append(v.Rows, row)
	}
	v.Totals = p.sums(f)
	return v
}

// amountHead names what a line's amount is: without tax, with it, or before the document's discounts.
func (p paper) amountHead(f reports.InvoiceFile) string {
	switch {
	case f.PricesIncludeTax:
		return p.amounts.gross
	case f.Discount.IsPositive():
		return p.amounts.amount
	}
	return p.net
}

// sums lead from the lines to the total: document discounts, taxes, cash rounding, and what of it the customer withholds.
func (p paper) sums(f reports.InvoiceFile) []kit.SumRow {
	var rows []kit.SumRow
	if f.Discount.IsPositive() {
		list := decimal.Zero
		for _, l := range f.Lines {
			list = list.Add(l.List)
		}
		rows = append(rows, kit.SumRow{Label: p.amounts.lines, Value: p.number(f.Amount(list))})
		for _, d := range f.Discounts {
			label := p.amounts.discount
			if d.Label != "" && d.Label != label {
				label += ": " + d.Label
			}
			rows = append(rows, kit.SumRow{Label: label, Value: p.number(f.Amount(d.Amount.Neg()))})
		}
	}
	rows = append(rows, kit.SumRow{Label: p.netTotal, Value: p.number(f.Amount(f.Net))})
	for _, t := range f.Taxes {
		label := p.tax
		if t.Code != "" {
			label = t.Code
		}
		rows = append(rows, kit.SumRow{Label: label + " " + p.rate(t.Rate), Value: p.number(f.Amount(t.Tax))})
	}
	if !f.Rounding.IsZero() {
		rows = append(rows, kit.SumRow{Label: p.amounts.rounding, Value: p.number(f.Amount(f.Rounding))})
	}
	rows = append(rows, kit.SumRow{Label: p.total, Value: p.money(f.Amount(f.Total)), Total: true})
	if f.Withholding.IsPositive() {
		rows = append(rows, kit.SumRow{Label: p.amounts.withheld, Value: p.number(f.Amount(f.Withholding))})
	}
	return rows
}

// lineMark says in the margin what was credited, is reserved, or is disputed.
func (r reader) lineMark(i billing.Invoice, l billing.LineDetail) *kit.DocMark {
	switch {
	case l.HeldAmount.IsPositive():
		return &kit.DocMark{Kind: "hold", Text: r.number(i.Amount(l.HeldAmount)), Title: i18n.T("Disputed, including tax")}
	case l.Credited.IsPositive():
		return &kit.DocMark{Kind: "memo", Text: r.number(i.Amount(l.Credited.Neg())), Title: i18n.T("Credited, net")}
	case l.Reserved.IsPositive():
		return &kit.DocMark{Kind: "memo", Text: "(" + r.number(i.Amount(l.Reserved.Neg())) + ")", Title: i18n.T("Reserved by a credit request, net")}
	}
	return nil
}

// lineNo is where on the invoice a memo's line stands; on account it is its place in the memo.
func lineNo(d reports.MemoFile, l billing.CreditMemoLine) string {
	if l.InvoiceLineID == nil {
		return strconv.Itoa(l.LineNo)
	}
	return strconv.Itoa(d.InvoiceLineNos[*l.InvoiceLineID])
}

// memoPaper draws a credit memo as it was sent.
func (r reader) memoPaper(d reports.MemoFile) kit.DocumentView {
	p := paperIn(d.Customer.Language)
	v := kit.DocumentView{
		Label: i18n.F("Credit memo {number} as sent", "number", d.Number), Lang: p.lang, Title: p.memo, Number: d.Number + " · " + p.day(d.IssuedOn), Memo: true,
		Before: []string{
			fill(p.refers, "number", d.Invoice.Number, "date", p.day(d.Invoice.IssuedOn)),
			fill(p.supply, "period", p.span(d.Invoice.ServiceFrom, d.Invoice.ServiceTo)),
		},
		Head: []string{p.position, p.correction, p.net + " " + string(d.Currency)},
	}
	for _, l := range d.Lines {
		v.Rows = append(v.Rows, kit.DocRow{Cells: []string{lineNo(d, l), l.Description, p.number(d.Amount(l.Net.Neg()))}})
	}
	v.Totals = append(v.Totals, kit.SumRow{Label: p.netTotal, Value: p.number(d.Amount(d.Net.Neg()))})
	for _, t := range d.Taxes {
		label := p.tax
		if t.Code != "" {
			label = t.Code
		}
		v.Totals = append(v.Totals, kit.SumRow{Label: label + " " + p.rate(t.Rate), Value: p.number(d.Amount(t.Tax.Neg()))})
	}
	if !d.Rounding.IsZero() {
		v.Totals = append(v.Totals, kit.SumRow{Label: p.amounts.rounding, Value: p.number(d.Amount(d.Rounding.Neg()))})
	}
	v.Totals = append(v.Totals, kit.SumRow{Label: p.memoTotal, Value: p.money(d.Amount(d.Total.Neg())), Total: true})
	if d.ToInvoice.IsPositive() {
		v.After = append(v.After, fill(p.setOff, "amount", p.money(d.Amount(d.ToInvoice))))
	}
	if d.ToBalance.IsPositive() {
		v.After = append(v.After, fill(p.balance, "amount", p.money(d.Amount(d.ToBalance))))
	}
	if len(d.SHA256) > 0 {
		v.Digest = i18n.F("PDF sha256 {short_hash}", "short_hash", shortHash(d.SHA256))
	}
	return v
}

// shortHash is the two ends of a hash, enough to compare by eye.
func shortHash(sum []byte) string {
	text := hex.EncodeToString(sum)
	const ends = 6
	if len(text) <= 2*ends {
		return text
	}
	return text[:ends] + "…" + text[len(text)-4:]
}

func lines(text string) []string {
	var list []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}

// addressee is a name over an address that may begin with it.
func addressee(name, address string) []string {
	list := lines(address)
	if len(list) > 0 && list[0] == name {
		return list
	}
	return append([]string{name}, list...)
}

func oneLine(name, address string) string {
	return strings.Join(append([]string{name}, lines(address)...), " · ")
}
