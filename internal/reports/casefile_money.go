package reports

import (
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/money"
)

// FileInvoice is an invoice a case is about, as the customer saw it, with what happened to it since.
type FileInvoice struct {
	ID            billing.InvoiceID
	Number        string
	CustomerName  string // of who is billed
	Currency      money.Currency
	IssuedOn      time.Time
	DueOn         time.Time
	PurchaseOrder string
	Net           decimal.Decimal
	Tax           decimal.Decimal
	Total         decimal.Decimal
	Open          decimal.Decimal
	Held          decimal.Decimal
	Paid          decimal.Decimal
	PaidOn        *time.Time
	Credited      decimal.Decimal
	Evidence      string
	Confidence    int

	Lines []FileLine `db:"-"`
	Taxes []FileTax  `db:"-"`
}

// Amount is a sum in the invoice's currency.
func (i FileInvoice) Amount(value decimal.Decimal) money.Amount { return money.Of(value, i.Currency) }

// FileLine is a line of such an invoice. Remaining is the net that may still be credited; Contestable, including tax, is
// what may still be disputed.
type FileLine struct {
	ID          billing.InvoiceLineID
	InvoiceID   billing.InvoiceID
	LineNo      int
	Description string
	Quantity    decimal.Decimal
	UnitPrice   decimal.Decimal
	Net         decimal.Decimal
	TaxRate     decimal.Decimal
	TaxShare    decimal.Decimal
	Amount      decimal.Decimal // in the price basis of the invoice, like Credited and Reserved
	Credited    decimal.Decimal
	Reserved    decimal.Decimal
	Held        decimal.Decimal
}

// Remaining is what may still be credited, in the price basis of the invoice.
func (l FileLine) Remaining() decimal.Decimal { return l.Amount.Sub(l.Credited).Sub(l.Reserved) }

// Contestable proposes what of the line may still be disputed, including tax; billing has the last word.
func (l FileLine) Contestable(digits int32) decimal.Decimal {
	if !l.Amount.IsPositive() {
		return decimal.Zero
	}
	gross := l.Net.Add(l.TaxShare)
	left := gross.Mul(l.Amount.Sub(l.Credited)).Div(l.Amount).RoundDown(digits).Sub(l.Held)
	return decimal.Max(decimal.Zero, left)
}

// FileTax is a tax group of such an invoice.
type FileTax struct {
	InvoiceID billing.InvoiceID
	Category  string
	Rate      decimal.Decimal
	Tax       decimal.Decimal
}

// FileDispute is a dispute line with the names behind its references.
type FileDispute struct {
	cases.DisputeLine
	ReasonName    string
	InvoiceNumber string
	LineNo        *int
	Description   string
	DeciderName   string
	RequestNumber string

	Kept, HoldPaid, HoldCredited, HoldWrittenOff decimal.Decimal // as its hold says
}

// Parts is what became of what is contested.
func (d FileDispute) Parts() cases.DisputeParts {
	return d.DisputeLine.Parts(billing.Hold{Amount: d.Kept, Paid: d.HoldPaid, Credited: d.HoldCredited, WrittenOff: d.HoldWrittenOff})
}

// FileCredit is a credit request of the case with its chain.
type FileCredit struct {
	ID             int64
	Number         string
	Kind           billing.Kind
	InvoiceNumber  string
	Currency       money.Currency
	Net            decimal.Decimal
	Tax            decimal.Decimal
	Total          decimal.Decimal
	State          string
	ContentVersion int
	OwnLimit       bool
	ReasonName     string
	Explanation    string
	RequesterID    int64
	RequesterName  string
	CreatedAt      time.Time
	SubmittedAt    *time.Time
	ApprovedAt     *time.Time
	EndedAt        *time.Time
	Failure        string
	FailureParams  map[string]string
	MemoNumber     string
	PostedAt       *time.Time
	ToInvoice      *decimal.Decimal
	ToBalance      *decimal.Decimal
	LineNumbers    []int
	DocumentKind   billing.DocumentKind // what it became
	DocumentNumber string
	TakenBackBy    string // the reversal of that
	Reverses       string // of a reversal: the number of what it takes back

	Steps    []FileStep     `db:"-"`
	Evidence []FileEvidence `db:"-"`
}

// Amount is a sum in the request's currency.
func (c FileCredit) Amount(value decimal.Decimal) money.Amount { return money.Of(value, c.Currency) }

// FileStep is a step of a chain; its clock is among those of the case.
type FileStep struct {
	ID              int64
	CreditRequestID int64
	Position        int
	LevelName       string
	RuleKey         string
	RuleParams      map[string]string
	Needed          int
	State           string
	OpenedAt        *time.Time
	DecidedAt       *time.Time
	Candidates      []string
	Deciders        []string
	Comment         string
}

// FileEvidence is a piece of evidence of a request.
type FileEvidence struct {
	CreditRequestID int64
	Label           string
	CaseMessageID   *int64
}
