// Package ledger keeps the journal: balanced entries, and the balances they add up to. Nobody else writes it. An
// entry is posted once and never changed; a correction is another entry that names the one it reverses.
package ledger

import (
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// Account is an account by its role; each legal entity says which code and name the role has in its chart.
type Account string

// The accounts billing books on.
const (
	Receivable     Account = "receivable"
	Revenue        Account = "revenue"
	Tax            Account = "tax"
	Cash           Account = "cash"
	Unapplied      Account = "unapplied"
	Concessions    Account = "concessions"
	ServiceCredits Account = "service_credits"
	BadDebt        Account = "bad_debt"
	FxDifference   Account = "fx_difference"
	Rounding       Account = "rounding"
	CashClearing   Account = "cash_clearing"   // money on its way out
	Withholding    Account = "withholding"     // tax that customers withheld, to be had from the tax authority
	OpeningBalance Account = "opening_balance" // what was open when books were taken over
)

// DocumentKind says what an entry was posted for.
type DocumentKind string

// The kinds of document with entries of their own.
const (
	Invoice    DocumentKind = "invoice"
	Payment    DocumentKind = "payment"
	CreditMemo DocumentKind = "credit_memo"
	Allocation DocumentKind = "allocation"
	Refund     DocumentKind = "refund"
	WriteOff   DocumentKind = "write_off"
	Transfer   DocumentKind = "transfer"
	Reversal   DocumentKind = "reversal"
	Chargeback DocumentKind = "chargeback"
)

// EntryID names a journal entry.
type EntryID int64

// ErrUnbalanced is returned for an entry whose debits and credits differ.
var ErrUnbalanced = errs.New(errs.Invalid, "ledger.entry_does_not_balance")

// Draft is an entry to post. Rate is base currency for one unit of Currency. What the postings leave open in base
// currency goes to Difference: realised exchange difference or rounding.
type Draft struct {
	EntityID        int64
	BookedOn        time.Time
	Soft            bool      // that month was found soft-closed, for all but who books this
	DatedOn         time.Time // the date on the document
	DocumentKind    DocumentKind
	DocumentID      int64
	DocumentNumber  string
	CustomerID      int64
	Currency        money.Currency
	BaseCurrency    money.Currency
	Rate            decimal.Decimal
	Difference      Account // "" means Rounding
	CaseID          *int64
	CreditRequestID *int64
	ReversesID      *EntryID
	By              access.Actor
	Lines           []Line
}

// Item names the open item that a posting on receivable or unapplied moves: the document it is open on.
type Item struct {
	Kind string
	ID   int64
}

// InvoiceItem is the open item of an invoice or debit memo.
func InvoiceItem(id int64) Item { return Item{Kind: "invoice", ID: id} }

// Line is one posting of a draft: debit positive, credit negative. A line of zero is left out. Base overrides the
// amount in base currency, where a rate of its own applies. Item is given on receivable and unapplied, nowhere else.
type Line struct {
	Account    Account
	CustomerID *int64
	InvoiceID  *int64
	Item       Item
	Amount     decimal.Decimal
	Base       *decimal.Decimal
}

// Entry is a posted journal entry.
type Entry struct {
	ID              EntryID
	EntityID        int64
	BookedOn        time.Time
	DatedOn         time.Time
	DocumentKind    DocumentKind
	DocumentID      int64
	DocumentNumber  string
	CustomerID      int64
	Currency        money.Currency
	CaseID          *int64
	CreditRequestID *int64
	ActorKind       string
	ActorID         int64
	ReversesID      *EntryID
	PostedAt        time.Time
	Soft            *bool     // its month was soft-closed when it was booked; nil for entries of versions that did not say
	Postings        []Posting `db:"-"`
}

// Posting is one line of a posted entry, with the code and name its account has at the entity.
type Posting struct {
	ID         int64
	EntryID    EntryID
	EntityID   int64
	Account    Account
	Code       string
	Name       string
	CustomerID *int64
	InvoiceID  *int64
	Currency   money.Currency
	Amount     decimal.Decimal // debit positive
	BaseAmount decimal.Decimal
	ItemKind   *string // on receivable and unapplied: the open item it moves
	ItemID     *int64
	BookedOn   time.Time
	DatedOn    time.Time
	PostedOn   time.Time
}

// Mirror is the entry that takes this one back: every posting with the opposite sign, in both currencies, naming the
// entry it reverses. Days, document and actor are the caller's to set.
func (e Entry) Mirror() Draft {
	d := Draft{
		EntityID: e.EntityID, DocumentKind: e.DocumentKind, DocumentID: e.DocumentID, DocumentNumber: e.DocumentNumber, CustomerID: e.CustomerID,
		Currency: e.Currency, BaseCurrency: e.Currency, Rate: decimal.NewFromInt(1), ReversesID: &e.ID,
	}
	for _, p := range e.Postings {
		l := Line{Account: p.Account, CustomerID: p.CustomerID, InvoiceID: p.InvoiceID, Amount: p.Amount.Neg(), Base: new(p.BaseAmount.Neg())}
		if p.ItemKind != nil {
			l.Item = Item{Kind: *p.ItemKind, ID: *p.ItemID}
		}
		d.Lines = append(d.Lines, l)
	}
	return d
}
