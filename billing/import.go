package billing

import (
	"time"

	"makegood/billing/importer"
	"makegood/internal/errs"
)

// ImportID names a batch of imported records: one file.
type ImportID int64

// ImportRowID names a row of a batch: one record read, or one row of the file that became none.
type ImportRowID int64

// ImportState says where a batch stands.
type ImportState string

// The states of a batch.
const (
	ImportReading   ImportState = "reading"
	ImportPlanned   ImportState = "planned" // read and checked; nothing is brought in yet
	ImportRunning   ImportState = "running"
	ImportWaiting   ImportState = "waiting" // all is in but its credits, which need somebody's approval
	ImportApproved  ImportState = "approved"
	ImportDone      ImportState = "done"
	ImportFailed    ImportState = "failed"
	ImportDiscarded ImportState = "discarded"
)

// ImportRowState says what became, or will become, of a row.
type ImportRowState string

// The states of a row.
const (
	RowNew       ImportRowState = "new"       // will be brought in
	RowUnchanged ImportRowState = "unchanged" // came in before, with the same content
	RowConflict  ImportRowState = "conflict"  // came in before, or is here, with other content
	RowRejected  ImportRowState = "rejected"  // could not be read
	RowLeft      ImportRowState = "left"      // rightly left out
	RowFailed    ImportRowState = "failed"    // was read, but the books do not take it
	RowWaiting   ImportRowState = "waiting"   // a credit that waits for approval
	RowApproved  ImportRowState = "approved"
	RowDone      ImportRowState = "done"
)

// StripeFile is the kind of a batch of Stripe's objects, whatever they are.
const StripeFile importer.Kind = "stripe"

// ImportBatch is one file that is or was brought in. CreatedBy 0 is the system, at the command line.
type ImportBatch struct {
	ID           ImportID
	EntityID     EntityID
	System       string
	Kind         importer.Kind
	Filename     string
	SHA256       []byte `gorm:"column:sha256"`
	Mapping      importer.Mapping
	Headers      []string
	AllOrNothing bool
	State        ImportState
	RowsRead     int64
	DoneRows     int64
	Failure      *ImportReason
	CreatedBy    int64
	CreatedName  string
	CreatedAt    time.Time
	Signers      []int64 // who signed before the last, where it takes several
	ApprovedBy   *int64
	ApprovedName string
	ApprovedAt   *time.Time
	FinishedAt   *time.Time
}

// ImportReason says, by a message key, why a row or a batch was not taken; the rest as in importer.Rejection.
type ImportReason struct {
	Row      int         `json:"row,omitempty"`
	Column   string      `json:"column,omitempty"`
	Field    string      `json:"field,omitempty"`
	Key      string      `json:"key"`
	Params   errs.Params `json:"params,omitempty"`
	Got      string      `json:"got,omitempty"`
	Expected string      `json:"expected,omitempty"`
}

// ImportRow is one record of a batch, or a row of its file that became none. Content is nil for the latter. Document is
// what the record became, or was before.
type ImportRow struct {
	ID             ImportRowID
	BatchID        ImportID
	Position       int64
	Phase          int
	Rows           []int
	System         string
	Kind           importer.Kind
	ExternalID     string
	State          ImportRowState
	Content        *importer.Record
	Reasons        []ImportReason
	Adjustment     *Adjustment
	Digest         []byte
	DocumentKind   string
	DocumentID     *int64
	DocumentNumber string
}

// NewImport is a file to bring in. With AllOrNothing one bad row leaves everything outside; else each record stands for
// itself. Remember keeps the mapping for the next file of the system. MaxBytes bounds objects of Stripe, 0 as a file is.
type NewImport struct {
	EntityID     EntityID
	System       string
	Kind         importer.Kind
	Filename     string
	Options      importer.Options // for tables; its Kind is taken from Kind
	AllOrNothing bool
	Remember     bool
	MaxBytes     int64
	By           Actor
}

// What imports refuse.
var (
	ErrNoImport         = errs.New(errs.NotFound, "billing.import.no_batch")
	ErrImportState      = errs.New(errs.Conflict, "billing.import.wrong_state")
	ErrImportRejected   = errs.New(errs.Invalid, "billing.import.has_rejected")
	ErrOwnImport        = errs.New(errs.Forbidden, "billing.import.own_batch")
	ErrUnknownAccount   = errs.New(errs.Invalid, "billing.import.unknown_customer")
	ErrUnknownInvoice   = errs.New(errs.Invalid, "billing.import.unknown_invoice")
	ErrInvoiceOfAnother = errs.New(errs.Invalid, "billing.invoice_of_another")
	ErrNumberTaken      = errs.New(errs.Conflict, "billing.import.number_taken")
	ErrNumberOurs       = errs.New(errs.Conflict, "billing.import.number_ours")
	ErrIssuedFromHere   = errs.New(errs.Conflict, "billing.import.issued_from_here")
	ErrHereDifferently  = errs.New(errs.Conflict, "billing.import.here_differently")
	ErrNegativeLine     = errs.New(errs.Invalid, "billing.import.negative_line")
	ErrNoteFitsNoLine   = errs.New(errs.Invalid, "billing.import.fits_no_line")
	ErrNotBroughtIn     = errs.New(errs.Invalid, "billing.import.not_brought_in")
	ErrCountryUnknown   = errs.New(errs.Invalid, "billing.import.unknown_country")
	ErrNothingToApprove = errs.New(errs.Conflict, "billing.import.nothing_to_approve")
)

// phaseOf orders the kinds by what must be there first.
func phaseOf(r importer.Record) int {
	switch r.Kind {
	case importer.Customers:
		if r.Customer.Parent != "" {
			return 2
		}
		return 1
	case importer.Rates:
		return 0
	case importer.Invoices:
		return 3
	case importer.OpenBalances:
		return 4
	case importer.Payments:
		return 5
	case importer.CreditNotes:
		return 6
	default:
		return 9
	}
}
