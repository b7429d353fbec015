// Package jurisdiction holds what the law of an issuer's country asks a credit note or a debit note to say, and what it
// calls it, as data. It is pure: it decides nothing about money and knows no database.
package jurisdiction

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
	"go.yaml.in/yaml/v3"

	"makegood/internal/errs"
	"makegood/internal/money"
)

// ErrRules is returned for rules that cannot be read or name what there is not.
var ErrRules = errs.New(errs.Invalid, "document.law_unreadable")

// Kind is the kind of correcting document.
type Kind string

// The kinds a law may know.
const (
	CreditNote       Kind = "credit_note"
	DebitNote        Kind = "debit_note"
	CorrectedInvoice Kind = "corrected_invoice"
)

// Condition says when a field is required; Always when empty.
type Condition string

// The conditions.
const (
	Always          Condition = ""
	ForeignCurrency Condition = "foreign_currency" // it is taxed, and not in the issuer's home currency
	Taxed           Condition = "taxed"            // some rate is above zero
	Untaxed         Condition = "untaxed"          // some group bears no tax for a reason: exempt, reverse charge, export, …
	ReducedRate     Condition = "reduced_rate"     // there is a rate below the highest
	BuyerLiable     Condition = "buyer_liable"     // reverse charge, or a supply within the European Union
)

// Rules are the law of one place.
type Rules struct {
	Law       string   `yaml:"law"`
	Base      string   `yaml:"base"`
	Countries []string `yaml:"countries"`
	Kinds     []Kind   `yaml:"kinds"` // the kinds of correction the law knows; all where it does not say
	Credit    Document `yaml:"credit_note"`
	Debit     Document `yaml:"debit_note"`
}

// Document is what one kind of document must be.
type Document struct {
	Titles     map[string]string `yaml:"titles"`     // by language, "" for any other
	Heading    []string          `yaml:"heading"`    // one of these words must be in the heading
	NotCalled  []string          `yaml:"not_called"` // words that mean something else in this law
	NotBelow   *Limit            `yaml:"not_below"`
	WithinDays int               `yaml:"within_days"` // of the change, by the law; for people to know, not checked
	Inherit    bool              `yaml:"inherit"`     // keep what the base requires, and require this besides
	Require    []Requirement     `yaml:"require"`
}

// Limit is a total with tax below which no document has to be issued.
type Limit struct {
	Amount   decimal.Decimal `yaml:"amount"`
	Currency money.Currency  `yaml:"currency"`
}

// Requirement is one field that must be there.
type Requirement struct {
	Field Field     `yaml:"field"`
	When  Condition `yaml:"when"`
	Form  string    `yaml:"form"` // regular expression of a well-formed value
	Law   string    `yaml:"law"`  // where it is written
}

// UnmarshalYAML takes a field's name alone for a requirement without conditions.
func (r *Requirement) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		return node.Decode(&r.Field)
	}
	type full Requirement
	return node.Decode((*full)(r))
}

//go:embed rules.yaml
var embedded []byte

// Book is all the rules there are, by the name of the regime.
type Book struct {
	regimes map[string]Rules
}

// Load reads the rules that come with the program.
func Load() (Book, error) {
	book := Book{}
	if err := decode(embedded, &book.regimes); err != nil {
		return Book{}, err
	}
	for name, rules := range book.regimes {
		if err := rules.valid(); err != nil {
			return Book{}, fmt.Errorf("rules of %s: %w", name, err)
		}
		if rules.Base != "" && book.regimes[rules.Base].Law == "" {
			return Book{}, errs.New(ErrRules.Kind, ErrRules.Key, "what", name+": base "+rules.Base)
		}
	}
	return book, nil
}

// Of gives the rules for issuers of a country (ISO 3166-1 alpha-2), with what they inherit; the default where the country
// has none of its own.
func (b Book) Of(country string) Rules {
	for name, rules := range b.regimes {
		if slices.Contains(rules.Countries, country) {
			return b.whole(name)
		}
	}
	return b.whole("default")
}

func (b Book) whole(name string) Rules {
	rules := b.regimes[name]
	if rules.Base == "" {
		return rules
	}
	return rules.over(b.whole(rules.Base))
}

// Override puts an entity's own rules, YAML of the same form as one regime, over those of its country: what it says of a
// kind of document replaces what stood there, or with "inherit: true" adds to it.
func (r Rules) Override(own []byte) (Rules, error) {
	if len(strings.TrimSpace(string(own))) == 0 {
		return r, nil
	}
	var rules Rules
	if err := decode(own, &rules); err != nil {
		return Rules{}, err
	}
	if err := rules.valid(); err != nil {
		return Rules{}, err
	}
	return rules.over(r), nil
}

func decode(text []byte, into any) error {
	decoder := yaml.NewDecoder(strings.NewReader(string(text)))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		return errs.Wrap(err, ErrRules.Kind, ErrRules.Key, "what", err.Error())
	}
	return nil
}

// over lays r on top of its base.
func (r Rules) over(base Rules) Rules {
	if r.Law == "" {
		r.Law = base.Law
	}
	if len(r.Kinds) == 0 {
		r.Kinds = base.Kinds
	}
	r.Credit, r.Debit = r.Credit.over(base.Credit), r.Debit.over(base.Debit)
	return r
}

func (d Document) over(base Document) Document {
	if d.empty() {
		return base
	}
	if len(d.Titles) == 0 {
		d.Titles = base.Titles
	}
	if !d.Inherit {
		return d
	}
	d.Heading = append(slices.Clone(base.Heading), d.Heading...)
	d.NotCalled = append(slices.Clone(base.NotCalled), d.NotCalled...)
	if d.NotBelow == nil {
		d.NotBelow = base.NotBelow
	}
	if d.WithinDays == 0 {
		d.WithinDays = base.WithinDays
	}
	all := slices.DeleteFunc(slices.Clone(base.Require), func(r Requirement) bool {
		return slices.ContainsFunc(d.Require, func(own Requirement) bool { return own.Field == r.Field })
	})
	d.Require = append(all, d.Require...)
	return d
}

func (d Document) empty() bool {
	return !d.Inherit && len(d.Titles) == 0 && len(d.Require) == 0 && len(d.Heading) == 0 && len(d.NotCalled) == 0 && d.NotBelow == nil
}

// valid refuses fields, conditions and kinds that there are not, and forms that are no expression.
func (r Rules) valid() error {
	for _, kind := range r.Kinds {
		if kind != CreditNote && kind != DebitNote && kind != CorrectedInvoice {
			return errs.New(ErrRules.Kind, ErrRules.Key, "what", string(kind))
		}
	}
	for _, need := range slices.Concat(r.Credit.Require, r.Debit.Require) {
		if _, known := sentences[need.Field]; !known {
			return errs.New(ErrRules.Kind, ErrRules.Key, "what", string(need.Field))
		}
		switch need.When {
		case Always, ForeignCurrency, Taxed, Untaxed, ReducedRate, BuyerLiable:
		default:
			return errs.New(ErrRules.Kind, ErrRules.Key, "what", string(need.When))
		}
		if _, err := regexp.Compile(need.Form); err != nil {
			return errs.Wrap(err, ErrRules.Kind, ErrRules.Key, "what", need.Form)
		}
	}
	return nil
}

// Document is what the law asks of a kind; a corrected invoice must be what a debit note is: an invoice.
func (r Rules) Document(kind Kind) Document {
	if kind == CreditNote {
		return r.Credit
	}
	return r.Debit
}

// HeadingIn is how a document is headed in a language (BCP 47): by the name the law gives it there or, where the law wants
// certain words in the heading, by the country's own name. "" leaves it to the language's usual word.
func (d Document) HeadingIn(language string) string {
	short, _, _ := strings.Cut(strings.ToLower(language), "-")
	if title := d.Titles[short]; title != "" || len(d.Heading) == 0 {
		return title
	}
	return d.Titles[""]
}

// Knows tells whether the law lets a correction be of this kind.
func (r Rules) Knows(kind Kind) bool { return len(r.Kinds) == 0 || slices.Contains(r.Kinds, kind) }

// Title is what the document is called in a language (BCP 47), or as its country calls it.
func (d Document) Title(language string) string {
	short, _, _ := strings.Cut(strings.ToLower(language), "-")
	if title := d.Titles[short]; title != "" {
		return title
	}
	return d.Titles[""]
}
