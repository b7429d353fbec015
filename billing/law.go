package billing

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/document"
	"makegood/billing/document/jurisdiction"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// ErrLawAsks is refused for a credit memo or debit memo that would lack what the law of the entity's country asks of it. Its
// fields name each thing that is missing, as "law.<field>", with the place in the law.
var ErrLawAsks = errs.New(errs.Invalid, "billing.law_asks")

// lawGround is what a document of an adjustment says by itself: of the seller, the buyer and the invoice it is about.
type lawGround struct {
	EntityID        EntityID
	CustomerID      CustomerID
	InvoiceID       InvoiceID // 0 for none
	Country         string
	BaseCurrency    money.Currency
	DocumentRules   string
	ExemptionReason string          // of the entity itself
	Certified       []InvoiceLineID // lines of the invoice that name an exemption
	SellerLanguage  string
	SellerName      string
	SellerAddress   string
	SellerTaxID     string
	BuyerLanguage   string
	BuyerName       string
	BuyerAddress    string
	BuyerTaxID      string
	Number          string
	IssuedOn        *time.Time
	ServiceFrom     *time.Time
	ServiceTo       *time.Time
	Stamp           string
	GivenUp         bool // a write-off stands on the invoice; few have one, and of those more is asked
}

const lawGroundQuery = `select distinct e.id as entity_id, c.id as customer_id, coalesce(i.id, 0) as invoice_id, e.country, e.base_currency, e.document_rules,
		e.exemption_reason, coalesce((select array_agg(l.id order by l.id) from invoice_lines l where l.invoice_id = i.id and l.exemption_id is not null), '{}') as certified, e.language as seller_language, e.name as seller_name, e.address as seller_address, e.tax_id as seller_tax_id,
		c.language as buyer_language, c.name as buyer_name, c.address as buyer_address, c.tax_id as buyer_tax_id,
		coalesce(i.number, '') as number, i.issued_on, i.service_from, i.service_to,
		coalesce((select s.stamp from invoice_stamps s where s.invoice_id = i.id order by s.id desc limit 1), '') as stamp,
		exists (select from write_off_lines l where l.invoice_id = i.id
			and not exists (select from reversals v where v.document_kind = 'write_off' and v.document_id = l.write_off_id)) as given_up
	from unnest($1::bigint[], $2::bigint[], $3::bigint[]) as q(entity, customer, invoice)
	join legal_entities e on e.id = q.entity join customers c on c.id = q.customer left join invoices i on i.id = q.invoice`

// lawful tells whether a kind becomes a document that the law has something to say about. (What a rebill bills is an
// ordinary invoice; what it credits is a credit memo.)
func (k Kind) lawful() bool { return k.Credits() || k == Debit }

// checkLaw refuses with ErrLawAsks what would be posted without what the law asks. It is asked when a proposal is worked out,
// so that whoever proposes and approves sees it, and again when it is posted, before a number is used: addresses, tax
// numbers and rules may have changed meanwhile.
func (s *Service) checkLaw(ctx context.Context, r db.Reader, a Adjustment) error {
	if !a.Kind.lawful() {
		return nil
	}
	ground, err := db.List[lawGround](ctx, r, lawGroundQuery, []EntityID{a.EntityID}, []CustomerID{a.CustomerID}, []InvoiceID{a.InvoiceID})
	if err != nil {
		return fmt.Errorf("read what the law asks for: %w", err)
	}
	if len(ground) == 0 {
		return ErrNoCustomer
	}
	return s.asLawAsks(ground[0], a, a.ReasonCode, r.Now())
}

// asLawAsks compares a document still to be made with the law; reason is what it will give as its reason.
func (s *Service) asLawAsks(g lawGround, a Adjustment, reason string, now time.Time) error {
	rules, err := s.rulesOf(g.Country, g.DocumentRules)
	if err != nil {
		return err
	}
	facts := g.credit(a, reason, rules, now)
	if a.Kind == Debit {
		facts = g.debit(a, reason, rules, now)
	}
	missing := jurisdiction.Check(rules, facts)
	if len(missing) == 0 {
		return nil
	}
	refusal := errs.New(ErrLawAsks.Kind, ErrLawAsks.Key, "country", g.Country)
	for _, m := range missing {
		refusal.Fields = append(refusal.Fields, errs.Field{Name: "law." + string(m.Field), Key: m.Key, Params: errs.Params{"law": m.Law}})
	}
	return refusal
}

// rulesOf are the rules for an entity of a country with rules of its own.
func (s *Service) rulesOf(country, own string) (jurisdiction.Rules, error) {
	book, err := s.laws()
	if err != nil {
		return jurisdiction.Rules{}, fmt.Errorf("read document rules: %w", err)
	}
	rules, err := book.Of(country).Override([]byte(own))
	if err != nil {
		return rules, fmt.Errorf("rules of entity: %w", err)
	}
	return rules, nil
}

// unnumbered stands for the number that is given at posting, and nowhere else.
const unnumbered = "-"

// exempt is why exempt lines bear no tax, of which is told whether each names a certificate: what their certificates say, else the
// entity's own reason.
func (g lawGround) exempt(named []bool) string {
	if len(named) == 0 || slices.Contains(named, false) {
		return g.ExemptionReason
	}
	return certified
}

// certified stands for the reason that a certificate gives, which each has.
const certified = "-"

// credit is the credit memo that an adjustment becomes.
func (g lawGround) credit(a Adjustment, reason string, rules jurisdiction.Rules, now time.Time) jurisdiction.Facts {
	m := document.CreditMemo{
		Language: languageOf(g.BuyerLanguage, g.SellerLanguage), Currency: a.Currency, Number: unnumbered, Date: now, OnAccount: a.InvoiceID == 0,
		Reason: reason, Entity: g.seller(), Customer: g.buyer(), Net: a.SumOf(a.Net), Tax: a.SumOf(a.Tax), Total: a.SumOf(a.Total), Originals: g.originals(),
	}
	if g.ServiceFrom != nil && g.ServiceTo != nil {
		m.SupplyFrom, m.SupplyTo = *g.ServiceFrom, *g.ServiceTo
	}
	m.Title = creditTitle(rules, m)
	for _, l := range a.Lines {
		m.Lines = append(m.Lines, document.Line{Description: strings.TrimSpace(l.Description), Net: a.SumOf(l.Net)})
	}
	var named []bool
	for _, l := range a.Lines {
		if l.TaxCategory == document.Exempt {
			named = append(named, slices.Contains(g.Certified, l.InvoiceLineID))
		}
	}
	for _, t := range a.Taxes {
		m.Taxes = append(m.Taxes, a.group(t.Category, t.Rate, t.Net, t.Tax, g.exempt(named)))
	}
	m.HomeTax = g.atHome(m.Currency, m.Taxes)
	return jurisdiction.CreditMemo(m, jurisdiction.Known{Heading: m.Heading(), HomeCurrency: g.BaseCurrency})
}

// debit is the debit memo that an adjustment becomes. Without days of its own its supply is that of the day it is issued.
func (g lawGround) debit(a Adjustment, reason string, rules jurisdiction.Rules, now time.Time) jurisdiction.Facts {
	m := document.DebitMemo{
		Language: languageOf(g.BuyerLanguage, g.SellerLanguage), Currency: a.Currency, Number: unnumbered, Date: now, SupplyFrom: now,
		Reason: reason, Entity: g.seller(), Customer: g.buyer(), Net: a.SumOf(a.Net), Tax: a.SumOf(a.Tax), Total: a.SumOf(a.Total), Originals: g.originals(),
	}
	m.Title = rules.Debit.HeadingIn(string(m.Language))
	for _, l := range a.Bill.Lines {
		m.Lines = append(m.Lines, document.Line{Description: strings.TrimSpace(l.Description)})
	}
	var named []bool
	for _, l := range a.Billed.Lines {
		if l.TaxCategory == document.Exempt {
			named = append(named, l.ExemptionID != nil)
		}
	}
	for _, t := range a.Billed.Taxes {
		m.Taxes = append(m.Taxes, a.group(t.Category, t.Rate, t.Net, t.Tax, g.exempt(named)))
	}
	m.HomeTax = g.atHome(m.Currency, m.Taxes)
	return jurisdiction.DebitMemo(m, jurisdiction.Known{Heading: m.Heading(), HomeCurrency: g.BaseCurrency})
}

func (g lawGround) seller() document.Entity {
	return document.Entity{Name: g.SellerName, Address: textLines(g.SellerAddress), Country: g.Country, TaxIDs: []document.TaxID{{Number: g.SellerTaxID}}}
}

func (g lawGround) buyer() document.Customer {
	return document.Customer{Name: g.BuyerName, Address: textLines(g.BuyerAddress), TaxID: document.TaxID{Number: g.BuyerTaxID}}
}

func (g lawGround) originals() []document.InvoiceRef {
	if g.InvoiceID == 0 || g.IssuedOn == nil {
		return nil
	}
	return []document.InvoiceRef{{Number: g.Number, Date: *g.IssuedOn, Stamp: g.Stamp}}
}

func (a Adjustment) group(category string, rate, net, tax decimal.Decimal, exempt string) document.TaxGroup {
	return document.TaxGroup{Category: category, Rate: rate, Net: a.SumOf(net), Tax: a.SumOf(tax), Note: exemptionNote(category, exempt)}
}

// atHome notes that the document states its tax at home, as all do that need to. At which rate is known when it is posted.
func (g lawGround) atHome(currency money.Currency, taxes []document.TaxGroup) *document.HomeTax {
	if !statesHomeTax(currency, g.BaseCurrency, taxes) {
		return nil
	}
	return &document.HomeTax{Tax: money.Zero(g.BaseCurrency), Rate: decimal.NewFromInt(1)}
}

// statesHomeTax tells whether a document says its tax in the entity's own currency: where it is taxed in another
// (art. 230 of the VAT Directive; Singapore, reg. 11 (1) (k)).
func statesHomeTax(currency, home money.Currency, taxes []document.TaxGroup) bool {
	if currency == home {
		return false
	}
	for _, t := range taxes {
		if t.Rate.IsPositive() {
			return true
		}
	}
	return false
}

// exemptionNote is why a group bears no tax, where that is an exemption: the other categories say it by themselves.
func exemptionNote(category, reason string) string {
	if category == document.Exempt {
		return reason
	}
	return ""
}

// creditTitle is what the law calls a credit memo. One that corrects no invoice keeps the language's own word, unless the
// law wants certain words in the heading of any.
func creditTitle(rules jurisdiction.Rules, m document.CreditMemo) string {
	if m.OnAccount && len(rules.Credit.Heading) == 0 {
		return ""
	}
	return rules.Credit.HeadingIn(string(m.Language))
}
