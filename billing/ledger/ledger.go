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
)

// Accounts lists every account in the order of a chart.
func Accounts() []Account {
	return []Account{Receivable, Cash, Unapplied, Revenue, Concessions, ServiceCredits, Tax, BadDebt, FxDifference, Rounding}
}

// DocumentKind says what an entry was posted for.
type DocumentKind string

// The kinds of document with entries of their own.
const (
	Invoice    DocumentKind = "invoice"
	Payment    DocumentKind = "payment"
	CreditMemo DocumentKind = "credit_memo"
	Allocation DocumentKind = "allocation"
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

// Line is one posting of a draft: debit positive, credit negative. A line of zero is left out. Base overrides the
// amount in base currency, where a rate of its own applies.
type Line struct {
	Account    Account
	CustomerID *int64
	InvoiceID  *int64
	Amount     decimal.Decimal
	Base       *decimal.Decimal
}

// Entry is a posted journal entry.
type Entry struct {
	ID              EntryID
	EntityID        int64
	BookedOn        time.Time
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
}
