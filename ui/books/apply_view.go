package books

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/reports"
	"makegood/ui/kit"
)

// invoicesShown is how many invoices without an amount the workbench lists; those of a proposal are always there.
const invoicesShown = 100

// applyView is the workbench.
type applyView struct {
	Form       applyForm
	Name       string
	Account    string
	Currencies []kit.Segment
	Proposals  []kit.Segment
	Sources    []sourceView
	Invoices   []dueView
	Hidden     int // invoices that are open and not listed
	Recent     []appliedView
	MayApply   bool
	Free, Open string
	Foot       footView
}

// sourceView is money or a credit that is not applied.
type sourceView struct {
	Number, DocHref, Href string
	Kind, Icon, Day, Note string
	Free, Kept            string
	Current               bool
}

// dueView is an open invoice with the fields of the money it meets.
type dueView struct {
	Number, Href, Due string
	Overdue           bool
	Open, Held        money.Amount
	Fields            []partField
}

type partField struct {
	kit.FieldView
	From string
}

// footView says what the form would do.
type footView struct {
	Button, Said string
	Sentences    []string
	Warning      string
}

// appliedView is an application of late.
type appliedView struct {
	ID                      int64
	Day, Amount             string
	From, FromHref          string
	Invoice, InvoiceHref    string
	Tag                     *kit.TagView
	Reason                  string
	MayTakeBack             bool
	Open                    bool // its form was sent and refused
	ReasonText, ReasonError string
}

func (r reader) apply(f reports.ApplyFile, form applyForm, may bool) applyView {
	v := applyView{Form: form, Name: f.Name, Account: f.Account, MayApply: may}
	v.Currencies = currencySegments(f.Currencies, f.Currency, func(c string) string { return applyQuery{Account: f.Account, Currency: c}.url() })
	q := form.applyQuery
	free, open := decimal.Zero, decimal.Zero
	for _, u := range f.Sources {
		v.Sources = append(v.Sources, r.source(u, q))
		free = free.Add(u.Free())
	}
	for _, way := range [][2]string{{"oldest", i18n.T("Oldest first")}, {"amount", i18n.T("Exact amount")}, {"remittance", i18n.In("way", "Remittance")}} {
		v.Proposals = append(v.Proposals, kit.Segment{Text: way[1], Href: applyQuery{q.Account, q.Currency, q.From, way[0]}.url(), Current: q.By == way[0]})
	}
	for _, i := range f.Invoices {
		open = open.Add(i.Open)
		d := r.due(f, i, form, may)
		if len(v.Invoices) >= invoicesShown && !slices.ContainsFunc(d.Fields, func(p partField) bool { return p.Value != "" }) {
			v.Hidden++
			continue
		}
		v.Invoices = append(v.Invoices, d)
	}
	v.Free, v.Open = r.money(money.Of(free, f.Currency)), r.money(money.Of(open, f.Currency))
	v.Foot = r.foot(f, form)
	for _, a := range f.Recent {
		v.Recent = append(v.Recent, r.recent(a, form, may))
	}
	return v
}

// currencySegments are the currencies there is something in; none when it is only the one shown.
func currencySegments(list []money.Currency, current money.Currency, href func(string) string) []kit.Segment {
	if !slices.Contains(list, current) {
		list = append([]money.Currency{current}, list...)
	}
	if len(list) == 1 {
		return nil
	}
	segments := make([]kit.Segment, len(list))
	for i, c := range list {
		segments[i] = kit.Segment{Text: string(c), Href: href(string(c)), Current: c == current}
	}
	return segments
}

func (r reader) source(u billing.UnappliedItem, q applyQuery) sourceView {
	v := sourceView{
		Number: u.Number, DocHref: documentHref(string(u.Kind), u.Number), Href: applyQuery{q.Account, q.Currency, u.Number, q.By}.url(),
		Kind: i18n.T("Payment"), Icon: "building-bank", Day: r.day(u.OpenedOn), Note: u.BankReference, Free: r.money(money.Of(u.Free(), u.Currency)), Current: q.From == u.Number,
	}
	switch u.Kind {
	case billing.MemoItem:
		v.Kind, v.Icon = i18n.T("Credit memo"), "receipt-refund"
	case billing.TransferItem:
		v.Kind, v.Icon = i18n.T("Transfer"), "arrows-exchange"
	case billing.PaymentItem, billing.InvoiceItem:
	}
	if u.Reserved.IsPositive() {
		v.Kept = i18n.F("{money} is kept by a pending request", "money", r.money(money.Of(u.Reserved, u.Currency)))
	}
	return v
}

func (r reader) due(f reports.ApplyFile, i billing.OpenItem, form applyForm, may bool) dueView {
	v := dueView{
		Number: i.Number, Href: "/invoices/" + i.Number, Due: r.day(i.DueOn), Overdue: i.DueOn.Before(f.Entity.Day(r.Now)),
		Open: money.Of(i.Open, f.Currency), Held: money.Of(decimal.Min(i.Held, i.Open), f.Currency),
	}
	for _, p := range form.pairs {
		if int64(p.invoice) != i.DocumentID || !may && form.texts[p.name()] == "" {
			continue
		}
		from := sourceNumber(f, p)
		v.Fields = append(v.Fields, partField{From: from, FieldView: kit.FieldView{
			Name: p.name(), ID: p.name(), Value: form.texts[p.name()], Error: form.Errors[p.name()], InputMode: "decimal", Autocomplete: "off", ReadOnly: !may,
			Attrs: map[string]any{"aria-label": i18n.F("From {from} to {number}, {currency}", "from", from, "number", i.Number, "currency", f.Currency)},
		}})
	}
	return v
}

func sourceNumber(f reports.ApplyFile, p pair) string {
	for _, u := range f.Sources {
		if u.Kind == p.kind && u.DocumentID == p.id {
			return u.Number
		}
	}
	return i18n.T("what is used up")
}

// foot says what pressing the button does, and what it leaves.
func (r reader) foot(f reports.ApplyFile, form applyForm) footView {
	total, invoices := form.sum(f.Currency)
	v := footView{Said: form.said(f.Currency), Button: i18n.T("Check the amounts")}
	if len(form.parts) == 0 {
		return v
	}
	v.Button = i18n.F("Apply {money} to {many}", "money", r.money(total), "many", i18n.N(invoices, "{n} invoice", "{n} invoices", "n", invoices))
	r.used(&v, f, form.parts)
	r.settled(&v, f, form.parts)
	return v
}

// used tells what each document keeps, and warns of one that has not as much.
func (r reader) used(v *footView, f reports.ApplyFile, parts []billing.ApplyPart) {
	for _, u := range f.Sources {
		used := sumOf(parts, func(p billing.ApplyPart) bool { return p.Kind == u.Kind && p.ID == u.DocumentID })
		left := u.Free().Sub(used)
		switch {
		case used.IsZero():
		case left.IsNegative():
			v.Warning = i18n.F("{number} has only {money} that is free.", "number", u.Number, "money", r.money(money.Of(u.Free(), f.Currency)))
		default:
			v.Sentences = append(v.Sentences, i18n.F("{number} keeps {money}.", "number", u.Number, "money", r.money(money.Of(left, f.Currency))))
		}
	}
}

// settled tells how many invoices are paid in full and where disputed money is paid, and warns where it is too much.
func (r reader) settled(v *footView, f reports.ApplyFile, parts []billing.ApplyPart) {
	full := 0
	for _, i := range f.Invoices {
		got := sumOf(parts, func(p billing.ApplyPart) bool { return int64(p.InvoiceID) == i.DocumentID })
		switch {
		case got.IsZero():
			continue
		case got.GreaterThan(i.Open):
			v.Warning = i18n.F("{number} has only {money} open.", "number", i.Number, "money", r.money(money.Of(i.Open, f.Currency)))
			continue
		case got.Equal(i.Open):
			full++
		}
		if got.GreaterThan(i.Collectible()) {
			v.Sentences = append(v.Sentences, i18n.F("Pays some of what is disputed on {number}.", "number", i.Number))
		}
	}
	if full > 0 {
		v.Sentences = append(v.Sentences, i18n.F("Settles {full} in full.", "full", strconv.Itoa(full)))
	}
}

// sumOf adds up the parts that are meant.
func sumOf(parts []billing.ApplyPart, meant func(billing.ApplyPart) bool) decimal.Decimal {
	sum := decimal.Zero
	for _, p := range parts {
		if meant(p) {
			sum = sum.Add(p.Amount)
		}
	}
	return sum
}

func (r reader) recent(a billing.AllocationDetail, form applyForm, may bool) appliedView {
	v := appliedView{
		ID: a.ID, Day: r.day(a.AllocatedOn), Amount: r.money(money.Of(a.Amount, a.Currency)), From: a.SourceNumber, FromHref: documentHref(string(a.SourceKind), a.SourceNumber),
		Invoice: a.InvoiceNumber, InvoiceHref: "/invoices/" + a.InvoiceNumber, Reason: a.Reason,
	}
	byHand := a.SourceKind == billing.FromPayment || a.SourceKind == billing.FromCreditMemo || a.SourceKind == billing.FromTransfer
	switch {
	case a.ReversesID != nil:
		v.Tag = &kit.TagView{Text: i18n.T("takes back"), Icon: "arrow-back-up"}
	case a.TakenBack:
		v.Tag = &kit.TagView{Text: i18n.T("taken back")}
	default:
		v.MayTakeBack = may && byHand
	}
	if v.MayTakeBack && form.TakeBack == a.ID {
		v.Open, v.ReasonText, v.ReasonError = true, form.Reason, form.Errors["reason"]
	}
	return v
}

// documentHref is where a document of a kind is told.
func documentHref(kind, number string) string {
	number = url.PathEscape(number)
	switch kind {
	case "invoice", "debit_memo":
		return "/invoices/" + number
	case "payment":
		return "/payments/" + number
	case "credit_memo":
		return "/credit-memos/" + number
	}
	return "/documents/" + number
}
