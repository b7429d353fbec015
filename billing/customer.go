package billing

import (
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/money"
)

// CustomerID names a customer.
type CustomerID int64

// ContactID names one of a customer's people.
type ContactID int64

// CustomerKind says how a customer stands to us.
type CustomerKind string

// The kinds of customer: one who buys for itself, one who resells, and one who buys from a reseller.
const (
	Direct      CustomerKind = "direct"
	Partner     CustomerKind = "partner"
	EndCustomer CustomerKind = "end_customer"
)

// Tier is a customer's service level.
type Tier string

// The tiers, best first.
const (
	Platinum Tier = "platinum"
	Gold     Tier = "gold"
	Silver   Tier = "silver"
)

// Customer is somebody who is billed or served. FamilyID is the customer at the top of its hierarchy: its own id
// for a direct customer or a partner.
type Customer struct {
	ID           CustomerID
	Account      string
	Name         string
	Kind         CustomerKind
	ParentID     *CustomerID
	FamilyID     CustomerID
	Tier         Tier
	Region       string
	SalesOwner   string // who sells to it, as the system of sales names them; "" while nobody is named
	Country      string
	Language     string
	EntityID     EntityID
	Currency     money.Currency
	TermsDays    int
	TaxID        string
	Address      string
	EmailDomains []string `gorm:"type:text[]"`
	CreatedAt    time.Time
	CreatedBy    *int64
	Version      int

	EndpointScheme string // where electronic documents go (EN 16931 BT-49); "" derives it from the tax number
	EndpointID     string

	CreditLimit *decimal.Decimal // what it may owe at most, in its currency; nil is no limit
	CreditHold  string           // why nothing more is sold to it on credit; "" while it is
}

// Contact is a person at a customer, known by the address they write from. A learned contact was taken over from
// mail that an agent tied to the customer.
type Contact struct {
	ID         ContactID
	CustomerID CustomerID
	Name       string
	Email      string
	Title      string
	Language   string
	BouncedAt  *time.Time
	Learned    bool
	CreatedAt  time.Time
	Version    int        `gorm:"default:1"`
	RetiredAt  *time.Time // since when they no longer speak for the customer
}

// MayConcern tells whether a sender may be told about an invoice: who is billed, who is served, and the partner or
// parent at the top of the family that is billed. An end customer sees only what is its own.
func MayConcern(sender Customer, invoice Invoice, billTo Customer) bool {
	if sender.ID == invoice.CustomerID || sender.ID == invoice.SoldToID {
		return true
	}
	return sender.Kind != EndCustomer && billTo.ID == invoice.CustomerID && billTo.FamilyID == sender.ID
}
