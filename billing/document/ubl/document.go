// Package ubl writes and reads the electronic form of credit memos, debit memos and invoices: UBL 2.1 as EN 16931 and
// Peppol BIS Billing 3 want it. Same data, same bytes. It knows no database and no clock.
//
// The terms of EN 16931 (BT- and BG- numbers) stand beside the fields that carry them. All amounts are positive: the kind
// of document says who owes whom.
package ubl

import (
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/document"
	"makegood/internal/money"
)

// Kind is what a document is, as a code of UNTDID 1001 (BT-3).
type Kind string

// The kinds of document: credit note, invoice, debit note, and the corrected invoice that stands in the place of an earlier
// one. Peppol knows the last between German parties only; elsewhere a rebill is a Bill that names what it replaces.
const (
	Credit     Kind = "381"
	Bill       Kind = "380"
	Debit      Kind = "383"
	Correction Kind = "384"
)

// Profile is the set of rules a document claims to keep.
type Profile string

// The profiles. Plain claims nothing beyond UBL 2.1: it is for what EN 16931 cannot say, such as a third decimal.
const (
	Peppol  Profile = "peppol"
	EN16931 Profile = "en16931"
	Plain   Profile = "plain"
)

// European tells whether the profile is EN 16931 or built on it.
func (p Profile) European() bool { return p != Plain }

// Document is one electronic document in the terms of EN 16931.
type Document struct {
	Profile  Profile
	Kind     Kind
	Number   string    // BT-1
	Issued   time.Time // BT-2
	Due      time.Time // BT-9
	TaxPoint time.Time // BT-7, where it is not the day of issue
	Note     string    // BT-22: why it was made, in the customer's language
	Currency money.Currency

	BuyerReference string // BT-10
	AccountingCost string // BT-19
	Order          string // BT-13, the customer's purchase order
	Contract       string // BT-12
	Period         Period // BG-14

	Preceding []document.InvoiceRef // BG-3
	OnAccount bool                  // a credit on the account as a whole: it names no invoice; not written

	Seller   Party
	Buyer    Party
	Delivery Delivery
	Payment  Payment

	PricesIncludeTax bool         // the tax was taken out of the gross, not put on the net; not written
	Adjustments      []Adjustment // BG-20 and BG-21
	Taxes            []Tax        // BG-23
	Booked           []Booked     // what the books say of the taxes, for Check; not written
	HomeTax          money.Amount // BT-111 in its currency BT-6; the zero Amount is none
	Totals           Totals
	Lines            []Line // BG-25
}

// Period is from one day to another, both included; either may be missing.
type Period struct{ From, To time.Time }

// Party is the seller (BG-4) or the buyer (BG-7).
type Party struct {
	Name      string     // BT-27, BT-44
	Trading   string     // BT-28, BT-45: the name it trades under, where that is another
	Endpoint  Identifier // BT-34, BT-49: where it receives electronic documents
	ID        Identifier // BT-29, BT-46: what the other side knows it by
	LegalID   Identifier // BT-30, BT-47: company register
	VATID     string     // BT-31, BT-48: with its country prefix, no blanks
	TaxNumber TaxNumber  // BT-32, sellers only: a number of another kind, such as a Singapore GST number
	LegalForm string     // BT-33, sellers only
	Address   Address
	Contact   Contact
}

// Identifier is a number in a scheme of ISO 6523 or, for endpoints, of the EAS list. ID and LegalID may have no scheme.
type Identifier struct{ Scheme, Value string }

// TaxNumber is a tax registration with the scheme it belongs to: "GST", "FC", "TAX".
type TaxNumber struct{ Scheme, Value string }

// Address is a postal address. Country is ISO 3166-1 alpha-2 and always needed.
type Address struct {
	Street, More, Further string // BT-35, BT-36, BT-162 and their like
	City, PostalCode      string
	Region                string
	Country               string
}

// Contact is whom to ask (BG-6, BG-9).
type Contact struct{ Name, Phone, Email string }

// Delivery tells when and where the supply was made (BG-13).
type Delivery struct {
	Date    time.Time // BT-72
	Address Address   // BG-15; its country is needed for an intra-community supply
}

// Payment tells how the document is settled (BG-16) and what was agreed (BT-20).
type Payment struct {
	Means       string // BT-81, a code of UNTDID 4461
	Reference   string // BT-83
	Account     string // BT-84, IBAN or account number
	AccountName string // BT-85
	Bank        string // BT-86, BIC
	Terms       string // BT-20
}

// Adjustment is a discount or a charge on the whole document (BG-20, BG-21) or on a line (BG-27, BG-28), without VAT. A
// charge is also how EN 16931 carries a tax other than VAT.
type Adjustment struct {
	Charge     bool
	Amount     money.Amount
	Base       money.Amount        // what a percentage is of; only together with Percent
	Percent    decimal.NullDecimal // per cent
	Reason     string
	ReasonCode string          // UNTDID 5189 for a discount, 7161 for a charge
	Category   string          // on the whole document only
	Rate       decimal.Decimal // per cent
}

// Tax is the VAT of one category and rate (BG-23).
type Tax struct {
	Category   string
	Rate       decimal.Decimal // per cent
	Net        money.Amount    // BT-116
	Tax        money.Amount    // BT-117
	Reason     string          // BT-120, why no tax is charged
	ReasonCode string          // BT-121, a VATEX code
}

// Booked is one tax group of the posted document, as the ledger has it: with it, Check accepts exactly these amounts. A group
// without it must carry its rate of its net, rounded half up once, as the first credit and every invoice does.
type Booked struct {
	Category string
	Rate     decimal.Decimal
	Net, Tax money.Amount
	Original *Original
}

// Original is the group on the original invoice, with what other memos credited of it before this one.
type Original struct {
	Net, Tax                 money.Amount
	CreditedNet, CreditedTax money.Amount // the zero Amount is none
}

// Totals are the document's sums (BG-22).
type Totals struct {
	Lines      money.Amount // BT-106
	Allowances money.Amount // BT-107
	Charges    money.Amount // BT-108
	Net        money.Amount // BT-109 = Lines − Allowances + Charges
	Tax        money.Amount // BT-110
	Gross      money.Amount // BT-112 = Net + Tax
	Paid       money.Amount // BT-113
	Rounding   money.Amount // BT-114
	Payable    money.Amount // BT-115 = Gross − Paid + Rounding
}

// Line is one line of a document (BG-25).
type Line struct {
	ID             string // BT-126
	Name           string // BT-153
	Description    string // BT-154
	Note           string // BT-127
	AccountingCost string // BT-133
	OrderLine      string // BT-132
	Period         Period // BG-26
	Quantity       decimal.Decimal
	Unit           string          // BT-130, a code of UN/ECE recommendation 20
	Price          decimal.Decimal // BT-146, without VAT; never negative, of any number of decimals
	BaseQuantity   decimal.Decimal // BT-149, what the price is for; zero means one
	Adjustments    []Adjustment
	Net            money.Amount // BT-131 = Quantity × Price ÷ BaseQuantity and the line's adjustments
	Category       string       // BT-151
	Rate           decimal.Decimal
}
