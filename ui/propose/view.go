package propose

import (
	"cmp"
	"fmt"
	"slices"
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

// formView is the form with its preview.
type formView struct {
	Title, Question            string
	Action, BackHref, BackText string
	Customer                   string
	Invoice                    billing.InvoiceDetail
	InvoiceNumber              string
	Others                     []kit.Segment
	Total, Open                string
	Kinds                      []kindView
	Reasons, Causes, Erring    []kit.Option
	Lines                      []lineView
	Form                       form
	Messages                   []messageView
	Sheets                     []kit.Option // of computation, to choose from
	ByCase                     bool
	Error                      string
	KindError, ReasonError     string
	LinesError, ExplainError   string
	EvidenceError              string
	ByInvoice, ByAccount       bool
	Document                   string // to take back
	Small                      *smallView
	Items                      []itemView
	Bill                       []billRow
	TaxChoices                 []string
	Family                     []kit.Option
	Struck                     []kit.Option      // incidents that goodwill can be given for
	Errors                     map[string]string // at the fields of some kinds, by name
	Live                       liveView
	Version                    string // of the request it changes; "" for a new one
	Asked, AskedBy             string // what an approver asked about it
}

// itemView is an unapplied payment or credit that can be ticked.
type itemView struct {
	Key, Number, What, Day, Open, Note string
	On, Locked                         bool
	Amount                             string
	index                              int // among the proposed items
}

type kindView struct {
	Value, Name, Hint string
	On                bool
}

// lineView is one line of the invoice that can be ticked.
type lineView struct {
	ID, Position, Text, Detail, Net string
	Contested, Headroom, HeldBy     string
	Note                            string
	On, Disputed, Locked            bool
	Amount, Quantity                string
	Tax                             string
	Error                           string
	index                           int // among the proposed lines
}

// liveView is what would happen.
type liveView struct {
	Lang      string
	Kind      billing.Kind
	Changes   bool // a request that is there already
	Waiting   bool // nothing to work out yet
	Small     bool // a write-off of small balances
	Account   bool // without an invoice
	NoReason  bool // none is chosen yet
	OwnLimit  bool
	Orphan    bool
	To        string // who gets it first
	Net, Tax  string
	Rates     []kit.KV
	Total     money.Amount
	Buckets   []bucketView
	Chain     []kit.ChainStep
	Authority string
	Positions []positionRow
	Notices   []kit.NoticeView
	Needed    []kit.EvidenceItem
	Warned    []creditview.WarnedView
	Next      []string
}

type bucketView struct {
	Name, Sum, Note string
	Percent         int
	On              bool
}

type positionRow struct {
	Name, Now, After string
	Same, Hold       bool
}

// draw makes the form as it stands, without its preview.
func (r reader) draw(b reports.ProposeBasis, f form) formView {
	v := formView{
		Title: i18n.T("Propose credit"), Question: i18n.T("What do we put right, and why?"), Customer: b.Customer.Name, Form: f, ByCase: b.Case != nil,
		ByInvoice: b.Invoice.ID != 0, Errors: map[string]string{}, Live: liveView{Lang: r.Lang, Kind: billing.Kind(f.Kind), Small: b.Small != nil, Account: b.Small == nil && b.Original == nil && b.Invoice.ID == 0, Total: money.Zero(currencyOf(b))},
	}
	r.from(b, f, &v)
	for _, k := range kindsOf(b) {
		k.Name, k.On = creditview.KindName(billing.Kind(k.Value)), k.Value == f.Kind
		v.Kinds = append(v.Kinds, k)
	}
	v.Reasons = append(v.Reasons, kit.Option{Text: v.chooseReason()})
	for _, reason := range b.Reasons {
		v.Reasons = append(v.Reasons, kit.Option{Value: reason.Code, Text: reason.Name, Selected: reason.Code == f.Reason})
	}
	v.Causes = append(v.Causes, kit.Option{Text: i18n.T("Not known yet")})
	for _, cause := range b.Causes {
		id := formatID(cause.ID)
		v.Causes = append(v.Causes, kit.Option{Value: id, Text: cause.Name + " · " + cause.UpstreamOwner, Selected: id == f.RootCause})
	}
	v.Erring = append(v.Erring, kit.Option{Text: i18n.T("Nobody's of the desk")})
	for _, person := range b.People {
		id := formatID(person.ID)
		v.Erring = append(v.Erring, kit.Option{Value: id, Text: person.Name, Selected: id == f.ErrorBy})
	}
	r.proofs(b, f, &v)
	return v
}

func currencyOf(b reports.ProposeBasis) money.Currency {
	if b.Small != nil {
		return b.Small.Filter.Currency
	}
	if b.Invoice.ID != 0 {
		return b.Invoice.Currency
	}
	if b.Customer.ID != 0 {
		return b.Customer.Currency
	}
	return billing.AuthorityCurrency
}

// from draws what the proposal starts from, and where the form leads.
func (r reader) from(b reports.ProposeBasis, f form, v *formView) {
	switch {
	case b.Small != nil:
		r.fromSmall(b, f, v)
	case b.Original != nil:
		number := b.Original.Document.Number
		v.Title, v.Question, v.Document = i18n.F("Take back {number}", "number", number), i18n.F("Why is {number} taken back?", "number", number), number
		v.Action, v.BackHref, v.BackText = "/adjustments/"+number+"/reversal", "/approvals", number
		if b.Original.Document.Kind == billing.MemoDoc {
			v.BackHref = "/credit-memos/" + number
		}
	case b.Invoice.ID == 0:
		v.Title, v.Question = i18n.T("Without an invoice"), i18n.T("What do we put right without an invoice, and why?")
		v.Action, v.BackHref, v.BackText = "/customers/"+b.Customer.Account+"/refund", "/customers/"+b.Customer.Account, b.Customer.Name
		for _, item := range b.Items {
			v.Items = append(v.Items, r.item(f, item, v.ticked()))
		}
		for _, c := range b.Family {
			v.Family = append(v.Family, kit.Option{Value: c.Account, Text: c.Name + " · " + c.Account, Selected: c.Account == f.To})
		}
		v.ByAccount, v.Struck = true, struckOptions(b, f)
		v.billRows(f, b.Taxes)
	default:
		r.fromInvoice(b, f, v)
	}
	if f.change != nil {
		r.changes(f, v)
	}
}

// changes makes it the form of a change: it leads back to the request, whose chain starts again.
func (r reader) changes(f form, v *formView) {
	v.Title, v.Question = i18n.F("Change {number}", "number", f.change.Number), i18n.F("What should be different about {number}?", "number", f.change.Number)
	if f.change.State == credits.Draft {
		v.Title, v.Question = i18n.F("Draft {number}", "number", f.change.Number), i18n.T("What do we propose, and why?")
	}
	v.Action, v.BackHref, v.BackText = "/approvals/"+formatID(int64(f.change.ID))+"/change", "/approvals/"+formatID(int64(f.change.ID)), f.change.Number
	v.Others, v.Version, v.Live.Changes = nil, cmp.Or(f.version, strconv.Itoa(f.change.ContentVersion)), f.change.State != credits.Draft
	for _, q := range f.change.Questions {
		if q.AnsweredAt == nil {
			v.Asked, v.AskedBy = q.Question, q.AskedByName
		}
	}
}

func (r reader) fromInvoice(b reports.ProposeBasis, f form, v *formView) {
	amount := func(d decimal.Decimal) string { return kit.FormatMoney(b.Invoice.Amount(d), r.Lang) }
	v.Invoice, v.InvoiceNumber, v.Total, v.Open = b.Invoice, b.Invoice.Number, amount(b.Invoice.Total), amount(b.Invoice.Open.Open)
	v.Action, v.BackHref, v.BackText = "/invoices/"+b.Invoice.Number+"/credit", "/invoices/"+b.Invoice.Number, b.Invoice.Number
	if b.Case != nil {
		v.Action, v.BackHref, v.BackText = "/cases/"+b.Case.Number+"/credit", "/cases/"+b.Case.Number, b.Case.Number
		v.others(b)
	}
	for _, l := range b.Invoice.Lines {
		v.Lines = append(v.Lines, r.line(b, f, l, v.proposed()))
	}
	v.Struck = struckOptions(b, f)
	var taxes []billing.LineTax
	for _, t := range b.Invoice.Taxes {
		taxes = append(taxes, billing.LineTax{Category: t.Category, Rate: t.Rate})
	}
	v.billRows(f, taxes)
}

// billRows are the rows of what is charged or given, with room for more, and the taxes to choose from: those there are, and
// those typed before.
func (v *formView) billRows(f form, taxes []billing.LineTax) {
	v.Bill = append(slices.Clone(f.Bill), make([]billRow, blank)...)
	for _, t := range taxes {
		if choice := t.Category + " " + t.Rate.String(); !slices.Contains(v.TaxChoices, choice) {
			v.TaxChoices = append(v.TaxChoices, choice)
		}
	}
	for _, row := range f.Bill {
		if len(v.TaxChoices) > 0 && row.Tax != "" && !slices.Contains(v.TaxChoices, row.Tax) {
			v.TaxChoices = append(v.TaxChoices, row.Tax)
		}
	}
}

// struckOptions are the incidents of the customer, if there are any. One that has its service credit is told, not offered.
func struckOptions(b reports.ProposeBasis, f form) []kit.Option {
	if len(b.Struck) == 0 {
		return nil
	}
	options := []kit.Option{{Text: i18n.T("For none in particular")}}
	for _, s := range b.Struck {
		option := kit.Option{Value: struckKey(s), Text: s.Text(), Selected: struckKey(s) == f.Incident}
		if s.Credited {
			option.Text += " " + i18n.T("· credited under the contract")
			option.Disabled = true
		}
		options = append(options, option)
	}
	return options
}

func (v formView) ticked() int {
	n := 0
	for _, item := range v.Items {
		if item.On {
			n++
		}
	}
	return n
}

func (r reader) item(f form, item billing.OpenItem, index int) itemView {
	number := func(d decimal.Decimal) string { return kit.FormatMoney(money.Of(d, item.Currency), r.Lang) }
	row := f.Items[itemKey(item)]
	v := itemView{
		Key: itemKey(item), Number: item.Number, Day: kit.FormatDate(item.OpenedOn, nil, r.Lang), Open: number(free(item)), On: row.Ticked,
		Amount: row.Net, Locked: !free(item).IsPositive(), index: index,
	}
	switch item.Kind {
	case billing.PaymentItem:
		v.What = i18n.T("Payment")
	case billing.MemoItem:
		v.What = i18n.T("Credit memo")
	case billing.TransferItem:
		v.What = i18n.T("Transfer")
	case billing.InvoiceItem:
	}
	if item.Reserved.IsPositive() {
		v.Note = i18n.F("{number} kept by a pending request", "number", number(item.Reserved))
	}
	return v
}

// others links to the further invoices of the case.
func (v *formView) others(b reports.ProposeBasis) {
	if len(b.Others) == 0 {
		return
	}
	v.Others = append(v.Others, kit.Segment{Text: b.Invoice.Number, Href: v.Action + "?invoice=" + b.Invoice.Number, Current: true})
	for _, other := range b.Others {
		v.Others = append(v.Others, kit.Segment{Text: other.Number, Href: v.Action + "?invoice=" + other.Number})
	}
}

func (v formView) proposed() int {
	n := 0
	for _, l := range v.Lines {
		if l.On {
			n++
		}
	}
	return n
}

func (r reader) line(b reports.ProposeBasis, f form, l billing.LineDetail, index int) lineView {
	number := func(d decimal.Decimal) string { return kit.FormatNumber(b.Invoice.Amount(d), r.Lang) }
	typed := f.Lines[l.ID]
	v := lineView{
		ID: formatID(int64(l.ID)), Position: strconv.Itoa(l.LineNo), Text: l.Description, Detail: kit.FormatQuantity(l.Quantity, r.Lang) + " × " + kit.FormatUnitPrice(l.UnitPrice, r.Lang),
		Net: number(l.Net), Headroom: number(l.Remaining), On: typed.Ticked, Amount: typed.Net, Quantity: typed.Quantity,
		Locked: !l.Remaining.IsPositive(), index: index,
	}
	contested := decimal.Zero
	for _, d := range b.Disputes {
		if !d.Status.Decided() && concerns(d, b.Invoice, l) {
			contested = contested.Add(d.Contested)
			v.Note = d.Claim
		}
	}
	if contested.IsPositive() {
		v.Disputed, v.Contested = true, number(netOf(contested, l, b.Invoice.Currency.Digits()))
	}
	var holders []string
	for _, reservation := range b.Invoice.Reservations {
		if reservation.InvoiceLineID == l.ID {
			holders = append(holders, i18n.F("{number} by {request_number}", "number", number(reservation.Amount), "request_number", reservation.RequestNumber()))
		}
	}
	if len(holders) > 0 {
		v.HeldBy = i18n.F("Reserved: {holders}", "holders", strings.Join(holders, ", "))
	}
	if l.Credited.IsPositive() {
		v.HeldBy = strings.TrimSpace(i18n.F("{held_by} Credited before: {number}", "held_by", v.HeldBy, "number", number(l.Credited)))
	}
	return v
}

// place puts a sentence at its field; false when there is none of that name.
func (v *formView) place(name, sentence string) bool {
	switch {
	case name == "kind":
		v.KindError = sentence
	case name == "reason_code":
		v.ReasonError = sentence
	case v.ByAccount && strings.HasPrefix(name, "lines"):
		v.Errors["bill"] = sentence
	case name == "lines":
		v.LinesError = sentence
	case name == "explanation":
		v.ExplainError = sentence
	case strings.HasPrefix(name, "evidence"):
		v.EvidenceError = sentence
	case name == "currency", name == "threshold", name == "days_overdue":
		v.Errors[name] = sentence
	case name == "refund", name == "settled_outside", name == "to_customer", name == "destination", name == "incident", strings.HasPrefix(name, "items"), strings.HasPrefix(name, "bill"):
		v.Errors[field(name)] = sentence
	case strings.HasPrefix(name, "lines."):
		var index int
		if _, err := fmt.Sscanf(name, "lines.%d.", &index); err != nil {
			return false
		}
		for i := range v.Lines {
			if v.Lines[i].On && v.Lines[i].index == index {
				v.Lines[i].Error = sentence
				return true
			}
		}
		return false
	default:
		return false
	}
	return true
}

// field is the place on the form where a sentence about a field stands: items and bills have one each.
func field(name string) string {
	head, _, _ := strings.Cut(name, ".")
	return head
}
