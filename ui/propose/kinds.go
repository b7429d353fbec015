package propose

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/ui/creditview"
)

// kindForm is what is typed beside lines, for the kinds that ask for it.
type kindForm struct {
	Whole           bool
	Refund, Outside string // buckets of a credit
	GiveUp          string // write-off
	Bill            []billRow
	Items           map[string]formLine // by kind and id of the open item
	To              string              // transfer: account
	Destination     string              // refund
	Incident        string              // concession: incident and service it is given for
	gone            int                 // small balances that were ticked and are none any more
	rows            int                 // of the bill, as the form showed them
}

// billRow is a line to be charged as it is typed. Tax is a category and a rate: "S 19".
type billRow struct {
	Description, Quantity, Price, Tax string
}

// blank are rows to fill in below those that are typed.
const blank = 2

// maxRows is how many rows of a bill are read.
const maxRows = 100

func (row billRow) empty() bool { return row.Description == "" && row.Price == "" }

// kindsOf lists what can be proposed from where one stands.
func kindsOf(b reports.ProposeBasis) []kindView {
	switch {
	case b.Small != nil:
		return []kindView{{Value: string(billing.WriteOff)}}
	case b.Original != nil:
		return []kindView{{Value: string(billing.Reverse)}}
	case b.Invoice.ID == 0:
		kinds := []kindView{{Value: string(billing.RefundOut), Hint: i18n.T("Pay out what is not used")}}
		if len(b.Family) > 0 {
			kinds = append(kinds, kindView{Value: string(billing.TransferOver), Hint: i18n.T("Move it within the family")})
		}
		return append(kinds,
			kindView{Value: string(billing.Concession), Hint: i18n.T("Goodwill, without an invoice")},
			kindView{Value: string(billing.SLACredit), Hint: i18n.T("Owed under contract, without an invoice")},
			kindView{Value: string(billing.Debit), Hint: i18n.T("Charge more, without an invoice")})
	}
	return []kindView{
		{Value: string(billing.BillingError), Hint: i18n.T("We charged it wrongly")},
		{Value: string(billing.SLACredit), Hint: i18n.T("Owed under contract")},
		{Value: string(billing.Concession), Hint: i18n.T("Goodwill, no error")},
		{Value: string(billing.Rebill), Hint: i18n.T("Credit it all, bill anew")},
		{Value: string(billing.Debit), Hint: i18n.T("We charged too little")},
		{Value: string(billing.WriteOff), Hint: i18n.T("It will not be paid")},
	}
}

// postedKind reads these fields of a request.
func postedKind(values url.Values, b reports.ProposeBasis) kindForm {
	text := func(name string) string { return strings.TrimSpace(values.Get(name)) }
	f := kindForm{
		Whole: values.Get("whole") != "", Refund: text("refund"), Outside: text("settled_outside"), GiveUp: text("give_up"),
		To: text("to"), Destination: text("destination"), Incident: text("incident"), Items: map[string]formLine{},
	}
	for _, item := range b.Items {
		key := itemKey(item)
		f.Items[key] = formLine{Ticked: slices.Contains(values["item"], key), Net: text("amount." + key)}
	}
	postedSmall(values, b, &f)
	f.rows = min(len(values["bill.description"]), maxRows)
	for i := range f.rows {
		at := func(name string) string {
			if list := values[name]; i < len(list) {
				return strings.TrimSpace(list[i])
			}
			return ""
		}
		row := billRow{at("bill.description"), at("bill.quantity"), at("bill.price"), at("bill.tax")}
		if !row.empty() {
			f.Bill = append(f.Bill, row)
		}
	}
	return f
}

// startKind fills these fields in from what there is: all that is open, what was billed, what is unapplied.
func (r reader) startKind(b reports.ProposeBasis) kindForm {
	f := kindForm{Items: map[string]formLine{}}
	for _, item := range b.Items {
		f.Items[itemKey(item)] = formLine{Net: free(item).StringFixed(item.Currency.Digits())}
	}
	startSmall(b, &f)
	if b.Invoice.ID != 0 {
		f.GiveUp = b.Invoice.Open.Open.StringFixed(b.Invoice.Currency.Digits())
	}
	if len(b.Family) > 0 {
		f.To = b.Family[0].Account
	}
	return f
}

// struckKey is an incident and the service it struck, as the form names them.
func struckKey(v billing.StruckService) string {
	return formatID(int64(v.IncidentID)) + "-" + formatID(int64(v.ServiceID))
}

// struck is what goodwill is given for; nil for nothing in particular.
func (f form) struck(b reports.ProposeBasis) *billing.GoodwillFor {
	for _, v := range b.Struck {
		if struckKey(v) == f.Incident {
			return &billing.GoodwillFor{IncidentID: v.IncidentID, ServiceID: v.ServiceID}
		}
	}
	return nil
}

// free is what of an unapplied item no pending request keeps.
func free(item billing.OpenItem) decimal.Decimal { return item.Open.Sub(item.Reserved) }

func itemKey(item billing.OpenItem) string {
	return string(item.Kind) + "-" + formatID(item.DocumentID)
}

// typed reads figures out of texts and gathers what is wrong with them.
type typed struct {
	lang  string
	wrong []errs.Field
}

func (t *typed) refuse(field, key, text string) {
	t.wrong = append(t.wrong, errs.Field{Name: field, Key: key, Params: errs.Params{"text": text}})
}

func (t *typed) amount(field, text string) decimal.Decimal {
	value, ok := creditview.AmountOf(text, t.lang)
	if !ok {
		t.refuse(field, "propose.no_amount", text)
	}
	return value
}

// optional is zero where nothing is typed.
func (t *typed) optional(field, text string) decimal.Decimal {
	if text == "" {
		return decimal.Zero
	}
	return t.amount(field, text)
}

func (t *typed) items(b reports.ProposeBasis, f form) []billing.ItemPart {
	var list []billing.ItemPart
	for _, item := range b.Items {
		if row := f.Items[itemKey(item)]; row.Ticked {
			list = append(list, billing.ItemPart{Kind: item.Kind, ID: item.DocumentID, Amount: t.amount(fmt.Sprintf("items.%d", len(list)), row.Net)})
		}
	}
	return list
}

func (t *typed) bill(rows []billRow) *billing.Bill {
	bill := &billing.Bill{}
	for i, row := range rows {
		bill.Lines = append(bill.Lines, t.billed("bill.lines."+strconv.Itoa(i), row))
	}
	return bill
}

func (t *typed) billed(field string, row billRow) billing.NewLine {
	category, rate, _ := strings.Cut(strings.TrimSpace(row.Tax), " ")
	line := billing.NewLine{
		Description: row.Description, Quantity: t.amount(field+".quantity", cmp.Or(row.Quantity, "1")), UnitPrice: t.amount(field+".unit_price", row.Price), TaxCategory: category,
	}
	var err error
	if line.TaxRate, err = decimal.NewFromString(strings.TrimSpace(rate)); err != nil {
		t.refuse(field+".tax_rate", "propose.no_tax", row.Tax)
	}
	return line
}

// onAccount are the rows as lines of a credit without an invoice: quantity times price, to the currency's minor unit.
func (t *typed) onAccount(b reports.ProposeBasis, rows []billRow) []credits.ProposeLine {
	var list []credits.ProposeLine
	for i, row := range rows {
		line := t.billed("bill.lines."+strconv.Itoa(i), row)
		credit := credits.ProposeLine{
			Description: line.Description, Net: line.Quantity.Mul(line.UnitPrice).Round(b.Customer.Currency.Digits()), Tax: billing.LineTax{Category: line.TaxCategory, Rate: line.TaxRate},
		}
		if row.Quantity != "" {
			credit.Quantity = &line.Quantity
		}
		list = append(list, credit)
	}
	return list
}

// begun tells whether enough is typed to work it out.
func begun(in credits.ProposeInput) bool {
	switch in.Kind {
	case billing.Rebill, billing.Debit:
		return in.Bill != nil && len(in.Bill.Lines) > 0
	case billing.RefundOut, billing.TransferOver, billing.WriteOff:
		return len(in.Items) > 0
	case billing.Reverse:
		return true
	case billing.BillingError, billing.Concession, billing.SLACredit:
	}
	return len(in.Lines) > 0 || in.Whole
}
