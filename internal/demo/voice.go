package demo

import (
	"strings"

	"github.com/shopspring/decimal"

	"makegood/billing"
)

// voice is how people of a language write. In a text {invoice}, {line}, {amount}, {period}, {account} and {order} stand for
// what it is about, {name} for who is written to, {me} and {company} for who writes.
type voice struct {
	greeting []string // to us
	closing  string   // of a customer
	claims   map[string]claim
	more     []string // the customer answers a question
	chase    []string // the customer asks again
	thanks   []string
	hello    string // to a customer
	looking  []string
	ask      []string
	upstream []string
	posted   []string
	refused  []string
	answered map[string]string // by topic; "" for any other
}

// claim is what a customer writes about a topic.
type claim struct {
	subject string
	bodies  []string
}

func voiceOf(language string) voice {
	switch language {
	case "de":
		return german()
	case "zh":
		return chinese()
	case "ja":
		return japanese()
	case "pt":
		return portuguese()
	}
	return english()
}

// matter is what a case is about, in words.
type matter struct {
	invoice, line, amount, period, account, order string
	me, company, name                             string
}

func (m matter) fill(text string) string {
	return strings.NewReplacer("{invoice}", m.invoice, "{line}", m.line, "{amount}", m.amount, "{period}", m.period, "{account}", m.account,
		"{order}", m.order, "{me}", m.me, "{company}", m.company, "{name}", m.name).Replace(text)
}

// sum writes an amount as people of a language do.
func sum(language string, amount decimal.Decimal, currency string) string {
	whole, cents, _ := strings.Cut(amount.StringFixed(2), ".")
	group, point := ",", "."
	if language == "de" || language == "pt" {
		group, point = ".", ","
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + group + whole[i:]
	}
	if language == "de" || language == "pt" {
		return whole + point + cents + " " + currency
	}
	return currency + " " + whole + point + cents
}

// matterOf says in words what a customer's contact writes about.
func matterOf(c *customer, contact billing.Contact, i *invoice, line billing.InvoiceLine, amount decimal.Decimal) matter {
	m := matter{account: c.Account, me: contact.Name, company: c.Name, name: contact.Name, order: "PO-4711"}
	if i != nil {
		m.invoice, m.line, m.amount, m.period = i.Number, line.Description, sum(c.Language, amount, string(i.Currency)), i.ServiceFrom.Format("01/2006")
		if i.PurchaseOrder != "" {
			m.order = i.PurchaseOrder
		}
	}
	return m
}
