package jurisdiction

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/document"
	"makegood/internal/money"
)

// Field is something a document can be asked to say.
type Field string

// The fields.
const (
	Heading             Field = "heading"
	Number              Field = "number"
	Date                Field = "date"
	SupplyDate          Field = "supply_date"
	SellerName          Field = "seller_name"
	SellerAddress       Field = "seller_address"
	SellerTaxID         Field = "seller_tax_id"
	BuyerName           Field = "buyer_name"
	BuyerAddress        Field = "buyer_address"
	BuyerTaxID          Field = "buyer_tax_id"
	OriginalNumber      Field = "original_number"
	OriginalDate        Field = "original_date"
	OriginalStamp       Field = "original_stamp"
	Reason              Field = "reason"
	Description         Field = "description"
	NetPerRate          Field = "net_per_rate"
	TaxPerRate          Field = "tax_per_rate"
	ExemptionReason     Field = "exemption_reason"
	ReducedRateMark     Field = "reduced_rate_mark"
	Total               Field = "total"
	TotalInHomeCurrency Field = "total_in_home_currency"
	TaxInHomeCurrency   Field = "tax_in_home_currency"
)

// sentences are the message keys that say of each field that it is missing.
var sentences = map[Field]string{
	Heading:             "document.law_heading",
	Number:              "document.law_number",
	Date:                "document.law_date",
	SupplyDate:          "document.law_supply_date",
	SellerName:          "document.law_seller_name",
	SellerAddress:       "document.law_seller_address",
	SellerTaxID:         "document.law_seller_tax_id",
	BuyerName:           "document.law_buyer_name",
	BuyerAddress:        "document.law_buyer_address",
	BuyerTaxID:          "document.law_buyer_tax_id",
	OriginalNumber:      "document.law_original_number",
	OriginalDate:        "document.law_original_date",
	OriginalStamp:       "document.law_original_stamp",
	Reason:              "document.law_reason",
	Description:         "document.law_description",
	NetPerRate:          "document.law_net_per_rate",
	TaxPerRate:          "document.law_tax_per_rate",
	ExemptionReason:     "document.law_exemption_reason",
	ReducedRateMark:     "document.law_reduced_rate_mark",
	Total:               "document.law_total",
	TotalInHomeCurrency: "document.law_total_in_home_currency",
	TaxInHomeCurrency:   "document.law_tax_in_home_currency",
}

// Missing is one thing a document lacks under the law: the field, the message key of a sentence for people, and where it
// is written.
type Missing struct {
	Field Field
	Key   string
	Law   string
}

// Facts are what a document says.
type Facts struct {
	Kind      Kind
	OnAccount bool // corrects no invoice, so that none need be named
	Heading   string
	Number    string
	Date      time.Time

	SupplyFrom, SupplyTo time.Time

	Seller, Buyer Party
	Originals     []Original
	Reason        string
	Lines         []string // what each line is about
	Taxes         []document.TaxGroup

	Total        money.Amount   // with tax
	HomeCurrency money.Currency // of the issuer's country
	HomeTotal    money.Amount   // in it; the zero Amount is none
	HomeTax      money.Amount
}

// Party is the seller or the buyer.
type Party struct {
	Name    string
	Address []string
	TaxIDs  []string
}

// Original is an invoice that is corrected; Stamp is what its authority gave it (chave de acesso, UUID, mark).
type Original struct {
	Number string
	Date   time.Time
	Stamp  string
}

// Check tells what a document lacks under the rules, in their order; nothing where the law asks for no document at all.
func Check(rules Rules, facts Facts) []Missing {
	var missing []Missing
	if !rules.Knows(facts.Kind) {
		missing = append(missing, Missing{Heading, "document.law_kind", rules.Law})
	}
	asked := rules.Document(facts.Kind)
	if !asked.due(facts) {
		return missing
	}
	for _, word := range asked.NotCalled {
		if contains(facts.Heading, word) && !facts.OnAccount { // what corrects no invoice is a "kaufmännische Gutschrift"
			missing = append(missing, Missing{Heading, "document.law_called", rules.Law})
		}
	}
	for _, need := range asked.Require {
		if !facts.meets(need.When) || facts.OnAccount && need.Field.ofOriginal(facts.Kind) || asked.said(need, facts) {
			continue
		}
		law := need.Law
		if law == "" {
			law = rules.Law
		}
		missing = append(missing, Missing{need.Field, sentences[need.Field], law})
	}
	return missing
}

// due tells whether a document must be issued: not where its total is below the law's limit.
func (d Document) due(facts Facts) bool {
	return d.NotBelow == nil || facts.Total.Currency() != d.NotBelow.Currency ||
		facts.Total.Decimal().GreaterThanOrEqual(d.NotBelow.Amount)
}

func (f Facts) meets(condition Condition) bool {
	switch condition {
	case Always:
		return true
	case ForeignCurrency:
		return f.HomeCurrency != "" && f.Total.Currency() != f.HomeCurrency && f.taxed()
	case Taxed:
		return f.taxed()
	case Untaxed:
		return slices.ContainsFunc(f.Taxes, unreasoned)
	case ReducedRate:
		return len(f.reduced()) > 0
	case BuyerLiable:
		return slices.ContainsFunc(f.Taxes, func(t document.TaxGroup) bool {
			return t.Category == document.ReverseCharge || t.Category == document.IntraCommunity
		})
	}
	return true
}

func (f Facts) taxed() bool {
	return slices.ContainsFunc(f.Taxes, func(t document.TaxGroup) bool { return t.Rate.IsPositive() })
}

// unreasoned is a group that bears no tax and must say why: not one that is taxed at nothing.
func unreasoned(t document.TaxGroup) bool {
	return t.Category != document.Standard && t.Category != document.ZeroRated
}

// reduced are the groups taxed below the highest rate.
func (f Facts) reduced() []document.TaxGroup {
	var highest decimal.Decimal
	for _, t := range f.Taxes {
		highest = decimal.Max(highest, t.Rate)
	}
	var list []document.TaxGroup
	for _, t := range f.Taxes {
		if t.Rate.IsPositive() && t.Rate.LessThan(highest) {
			list = append(list, t)
		}
	}
	return list
}

// said tells whether the document says what is needed: every value of a field that has several, and in its form.
func (d Document) said(need Requirement, facts Facts) bool {
	if need.Field == Heading {
		return facts.Heading != "" && (len(d.Heading) == 0 || slices.ContainsFunc(d.Heading, func(word string) bool { return contains(facts.Heading, word) }))
	}
	values := facts.values(need.Field)
	if len(values) == 0 {
		return false
	}
	if need.Form == "" {
		return !slices.Contains(values, "")
	}
	form, err := regexp.Compile(need.Form)
	fits := func(value string) bool { return err == nil && form.MatchString(value) }
	if need.Field == SellerTaxID || need.Field == BuyerTaxID { // one of several numbers is the one meant
		return slices.ContainsFunc(values, fits)
	}
	return !slices.ContainsFunc(values, func(value string) bool { return !fits(value) })
}

// ofOriginal tells whether a field speaks of an original that what is on account does not have: of a credit the day of the
// supply, too, which for what is charged is that of the charge.
func (f Field) ofOriginal(kind Kind) bool {
	return f == OriginalNumber || f == OriginalDate || f == OriginalStamp || f == SupplyDate && kind == CreditNote
}

func contains(text, word string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(word))
}
