package approvals

import (
	"slices"
	"strconv"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/ui/creditview"
	"makegood/ui/kit"
)

// deed says what is asked for, and to whom it is done.
func (r reader) deed(f reports.RequestFile) (deed, to string) {
	amount, to := kit.FormatMoney(f.Detail.Amount(f.Total), r.Lang), i18n.F("to {customer_name}", "customer_name", creditview.Customer(f.CustomerName))
	switch f.Kind {
	case billing.Rebill:
		return i18n.F("Credit {amount} and bill anew", "amount", amount), to
	case billing.Debit:
		return i18n.F("Charge {amount}", "amount", amount), to
	case billing.RefundOut:
		return i18n.F("Pay out {amount}", "amount", amount), to
	case billing.WriteOff:
		return i18n.F("Write off {amount}", "amount", amount), i18n.F("of {customer_name}", "customer_name", creditview.Customer(f.CustomerName))
	case billing.TransferOver:
		return i18n.F("Move {amount}", "amount", amount), i18n.F("from {customer_name} to {to_name}", "customer_name", f.CustomerName, "to_name", f.ToName)
	case billing.Reverse:
		number := ""
		if f.Content != nil {
			number = f.Content.Reverses.Number
		}
		return i18n.F("Take back {number}, {amount}", "number", number, "amount", amount), i18n.F("for {customer_name}", "customer_name", creditview.Customer(f.CustomerName))
	case billing.BillingError, billing.Concession, billing.SLACredit:
	}
	return i18n.F("Give back {amount}", "amount", amount), to
}

// tables show what is given back, charged, taken or given up.
func (r reader) tables(f reports.RequestFile) []tableView {
	switch f.Kind {
	case billing.Rebill:
		return []tableView{r.givenBack(f), r.charged(f, i18n.T("New invoice"))}
	case billing.Debit:
		return []tableView{r.charged(f, i18n.T("Debit memo"))}
	case billing.RefundOut, billing.TransferOver:
		return []tableView{r.parts(f, i18n.T("Taken from"), i18n.T("Take"), false)}
	case billing.WriteOff:
		return []tableView{r.parts(f, i18n.T("Invoice"), i18n.T("Give up"), true)}
	case billing.Reverse:
		return nil
	case billing.BillingError, billing.Concession, billing.SLACredit:
	}
	return []tableView{r.givenBack(f)}
}

// givenBack is a credit, line by line as the invoice has them, or on account.
func (r reader) givenBack(f reports.RequestFile) tableView {
	number := func(d decimal.Decimal) string { return kit.FormatNumber(f.Detail.Amount(d), r.Lang) }
	t := tableView{Head: i18n.T("Line of"), Number: f.Invoice.Number, Href: "/invoices/" + f.Invoice.Number, Before: i18n.T("Invoiced"), Amount: i18n.T("Give back"), Tone: "out"}
	t.Foot, t.Sum = i18n.T("Credit memo"), number(f.Total)
	for _, l := range f.Lines {
		line := lineView{Text: l.Description, Disputed: l.DisputeLineID != nil, Credit: number(l.Net)}
		at := slices.IndexFunc(f.Invoice.Lines, func(i billing.LineDetail) bool { return i.ID == l.InvoiceLineID })
		if at >= 0 {
			invoiced := f.Invoice.Lines[at]
			line.Text, line.Invoiced = strconv.Itoa(invoiced.LineNo)+" · "+l.Description, number(invoiced.Net)
			if l.Quantity != nil {
				line.Quantity = i18n.F("{quantity} of {quantity_2}", "quantity", kit.FormatQuantity(*l.Quantity, r.Lang), "quantity_2", kit.FormatQuantity(invoiced.Quantity, r.Lang))
			}
		}
		t.Lines = append(t.Lines, line)
	}
	for _, tax := range f.Taxes {
		t.Taxes = append(t.Taxes, taxRow(tax.Rate, number(tax.Tax)))
	}
	if f.Invoice.Number == "" && f.Content != nil {
		t.Head, t.Number, t.Before = i18n.T("On account"), "", ""
		for _, l := range f.Content.Lines {
			t.Lines = append(t.Lines, lineView{Text: l.Description, Credit: number(l.Net)})
		}
		for _, tax := range f.Content.Taxes {
			t.Taxes = append(t.Taxes, taxRow(tax.Rate, number(tax.Tax)))
		}
	}
	return t
}

func taxRow(rate decimal.Decimal, tax string) kit.KV {
	return kit.KV{Label: i18n.F("Tax {rate} %", "rate", rate.String()), Value: tax}
}

// charged is what a debit memo or a rebill bills.
func (r reader) charged(f reports.RequestFile, foot string) tableView {
	t := tableView{Head: i18n.T("Charged"), Amount: i18n.T("Net"), Foot: foot, Tone: "in"}
	if f.Content == nil {
		return t
	}
	number := func(d decimal.Decimal) string { return kit.FormatNumber(f.Detail.Amount(d), r.Lang) }
	b := f.Content.Billed
	for _, l := range b.Lines {
		t.Lines = append(t.Lines, lineView{Text: l.Description, Quantity: kit.FormatQuantity(l.Quantity, r.Lang) + " × " + kit.FormatUnitPrice(l.UnitPrice, r.Lang), Credit: number(l.Net)})
	}
	for _, tax := range b.Taxes {
		t.Taxes = append(t.Taxes, taxRow(tax.Rate, number(tax.Tax)))
	}
	t.Sum = number(f.Content.BilledTotal())
	if f.Content.Bill != nil {
		t.Foot += i18n.F(", due {due_on}", "due_on", kit.FormatDate(f.Content.Bill.DueOn, nil, r.Lang))
	}
	return t
}

// parts are the open documents something is taken from or given up on.
func (r reader) parts(f reports.RequestFile, head, amount string, invoices bool) tableView {
	number := func(d decimal.Decimal) string { return kit.FormatNumber(f.Detail.Amount(d), r.Lang) }
	t := tableView{Head: head, Amount: amount, Foot: creditview.DocumentName(f.Kind), Sum: number(f.Total), Tone: "out"}
	if f.Content == nil {
		return t
	}
	for _, item := range f.Content.Items {
		line := lineView{Text: item.Number, Credit: number(item.Amount)}
		if invoices {
			line.Href = "/invoices/" + item.Number
		}
		t.Lines = append(t.Lines, line)
	}
	return t
}

// after says what posting does; for a request that is over it says how things stand.
func (r reader) after(f reports.RequestFile) []kit.SumRow {
	if f.Kind.Credits() && f.Invoice.ID != 0 {
		return r.afterCredit(f)
	}
	amount := func(d decimal.Decimal) string { return kit.FormatNumber(f.Detail.Amount(d), r.Lang) }
	change := func(label string, now, by decimal.Decimal) []kit.SumRow {
		if f.Position.Currency != f.Currency || !pending(f.State) {
			return nil
		}
		return []kit.SumRow{{Label: label, Value: amount(now) + " → " + amount(now.Add(by)), Bold: true}}
	}
	rows := []kit.SumRow{{Label: creditview.DocumentName(f.Kind), Value: amount(f.Total)}}
	switch f.Kind {
	case billing.Debit:
		return append(rows, change(i18n.T("Customer open"), f.Position.Open, f.Total)...)
	case billing.RefundOut, billing.TransferOver:
		return append(rows, change(i18n.T("Credit not used yet"), f.Position.Unapplied, f.Total.Neg())...)
	case billing.WriteOff:
		rows[0].Label = i18n.F("Given up on {items_of} invoices", "items_of", len(itemsOf(f)))
		if f.Tax.IsPositive() {
			rows = append(rows, kit.SumRow{Label: i18n.T("of it tax that comes back"), Value: amount(f.Tax)})
		}
		if f.CustomerID != 0 {
			rows = append(rows, change(i18n.T("Customer open"), f.Position.Open, f.Total.Neg())...)
		}
		return rows
	case billing.Concession, billing.SLACredit:
		return append(rows, change(i18n.T("Credit not used yet"), f.Position.Unapplied, f.Total)...)
	case billing.Reverse:
		return []kit.SumRow{{Label: i18n.T("All it did is taken back: ledger, open items, disputes and holds"), Value: amount(f.Total)}}
	case billing.BillingError, billing.Rebill:
	}
	return rows
}

func itemsOf(f reports.RequestFile) []billing.ItemPart {
	if f.Content == nil {
		return nil
	}
	return f.Content.Items
}

func (r reader) afterCredit(f reports.RequestFile) []kit.SumRow {
	amount := func(d decimal.Decimal) string { return kit.FormatNumber(f.Detail.Amount(d), r.Lang) }
	item := f.Invoice.Open
	if !pending(f.State) {
		return []kit.SumRow{{Label: i18n.T("Invoice open now"), Value: amount(item.Open)}, {Label: i18n.T("of it disputed"), Value: amount(item.Disputed()), Tone: "hold"}}
	}
	rest := f.Total
	if f.Content != nil {
		rest = rest.Sub(f.Content.ToRefund).Sub(f.Content.SettledOutside)
	}
	toInvoice := decimal.Min(rest, item.Open)
	openAfter := item.Open.Sub(toInvoice)
	held := decimal.Min(decimal.Max(item.Held.Add(item.SaidDisputed).Sub(released(f)), decimal.Zero), openAfter)
	rows := []kit.SumRow{{Label: i18n.T("Lowers this invoice"), Value: amount(toInvoice)}, {Label: i18n.T("Credit balance"), Value: amount(rest.Sub(toInvoice))}}
	if f.Content != nil && f.Content.ToRefund.IsPositive() {
		rows = append(rows, kit.SumRow{Label: i18n.T("Paid out"), Value: amount(f.Content.ToRefund), Tone: "out"})
	}
	if f.Content != nil && f.Content.SettledOutside.IsPositive() {
		rows = append(rows, kit.SumRow{Label: i18n.T("Settled outside"), Value: amount(f.Content.SettledOutside)})
	}
	rows = append(rows,
		kit.SumRow{Label: i18n.T("Invoice open"), Value: amount(item.Open) + " → " + amount(openAfter), Bold: true},
		kit.SumRow{Label: i18n.T("of it disputed"), Value: amount(item.Disputed()) + " → " + amount(held), Tone: "hold"})
	if f.Position.Currency != f.Currency || f.Kind == billing.Rebill {
		return rows
	}
	before := f.Position.Collectible
	after := before.Sub(item.Collectible()).Add(openAfter.Sub(held))
	row := kit.SumRow{Label: i18n.T("Collectible from customer"), Value: amount(before) + " → " + amount(after)}
	if after.Equal(before) {
		row.Label, row.Value = i18n.T("Collectible from customer, unchanged"), amount(before)
	}
	return append(rows, row)
}

// documentHref is where what a request became can be seen, "" when it has no page.
func documentHref(f credits.Detail) string {
	switch f.DocumentKind {
	case billing.MemoDoc:
		return "/credit-memos/" + f.DocumentNumber
	case billing.DebitDoc:
		return "/invoices/" + f.DocumentNumber
	case billing.RefundDoc, billing.WriteOffDoc, billing.TransferDoc, billing.ReversalDoc, billing.InvoiceDoc:
	}
	return ""
}

// paper is where the PDF of what a request became is, and what it is called; "" for what has none. Credit memos and debit
// memos have a page with it.
func paper(f credits.Detail) (href, text string) {
	if f.State != credits.Posted {
		return "", ""
	}
	switch f.DocumentKind {
	case billing.RefundDoc:
		text = i18n.T("Refund advice")
	case billing.DebitDoc:
		text = i18n.T("Debit memo")
	case billing.ReversalDoc:
		if f.Content == nil || f.Content.Reverses.Kind != billing.MemoDoc {
			return "", ""
		}
		text = i18n.T("Reversal")
	case billing.MemoDoc, billing.WriteOffDoc, billing.TransferDoc, billing.InvoiceDoc:
		return "", ""
	}
	return "/documents/" + f.DocumentNumber + "/pdf", text
}
