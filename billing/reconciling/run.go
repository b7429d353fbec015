package reconciling

import (
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/importer"
	"makegood/billing/reconcile"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// ID names a reconciliation: one comparison of one file with the books.
type ID int64

// Topic is what live screens listen on for a run.
func (id ID) Topic() string { return fmt.Sprintf("reconciliation:%d", id) }

// State says where a run stands.
type State string

// The states of a run.
const (
	Waiting   State = "waiting"
	Reading   State = "reading"
	Comparing State = "comparing"
	Done      State = "done"
	Failed    State = "failed"
)

// Finished tells whether a run stays as it is.
func (s State) Finished() bool { return s == Done || s == Failed }

// Sum is an amount of a currency, as it is kept.
type Sum struct {
	Amount   decimal.Decimal `json:"amount"`
	Currency money.Currency  `json:"currency"`
}

// Money is the sum as an amount.
func (s Sum) Money() money.Amount { return money.Of(s.Amount, s.Currency) }

// Settings say how a file is read and compared. They are part of what makes a run what it is. From and To are the days that
// are compared, both included; without them it is the whole months that the file reaches over.
type Settings struct {
	Mapping importer.Mapping `json:"mapping,omitzero"`
	Sheet   string           `json:"sheet,omitempty"`
	Charset string           `json:"charset,omitempty"`
	From    time.Time        `json:"from,omitzero"`
	To      time.Time        `json:"to,omitzero"`
	// Covers are the kinds of document that the file gives whole; without them it is what its kind says and what is in it. Ours
	// of other kinds are not expected there.
	Covers []reconcile.Kind `json:"covers,omitempty"`
	// DaysApart is how many days two documents without a number in common may be apart, TimingDays how near to an end of the
	// period a difference is only one of timing.
	DaysApart  int              `json:"days_apart"`
	TimingDays int              `json:"timing_days"`
	MemosWait  reconcile.System `json:"memos_wait,omitempty"`
	// TheirOpening and TheirClosing are the receivables that the other side states at both ends of the period.
	TheirOpening []Sum `json:"their_opening,omitempty"`
	TheirClosing []Sum `json:"their_closing,omitempty"`
}

// The days used where nobody says otherwise.
const (
	DefaultDaysApart  = 5
	DefaultTimingDays = 3
	maxDays           = 60
)

// NewRun is a file to compare with an entity's books. Kind is billing.StripeFile or the kind of a table. Again compares the
// same file once more, after something was put right.
type NewRun struct {
	By       access.Actor
	EntityID billing.EntityID
	Source   string
	Kind     importer.Kind
	Filename string
	Settings
}

// Run is a reconciliation. Ours and Theirs count the documents that took part, Matched those pairs that agree in everything.
// CreatedBy 0 is the system, at the command line.
type Run struct {
	ID          ID
	EntityID    billing.EntityID
	RequestKey  []byte
	Attempt     int
	Source      string
	Kind        importer.Kind
	Filename    string
	SHA256      []byte `db:"sha256"`
	Settings    Settings
	PeriodFrom  *time.Time
	PeriodTo    *time.Time
	State       State
	RowsRead    int64
	RowsLeft    int64 // rightly left out, such as drafts and sums
	Unreadable  int64
	Ours        int64
	Theirs      int64
	Matched     int64
	MatchedBy   map[reconcile.Key]int64
	Proven      bool
	Failure     *billing.ImportReason
	CreatedBy   int64
	CreatedName string
	CreatedAt   time.Time
	FinishedAt  *time.Time
}

// Period is the days that are compared; zero as long as nobody knows.
func (r Run) Period() reconcile.Period {
	if r.PeriodFrom == nil || r.PeriodTo == nil {
		return reconcile.Period{}
	}
	return reconcile.Period{From: *r.PeriodFrom, To: *r.PeriodTo}
}

// actor is who started the run, for what is recorded when it ends.
func (r Run) actor() access.Actor {
	if r.CreatedBy == 0 {
		return access.SystemActor("reconciling.compare")
	}
	return access.Actor{Kind: access.Person, UserID: r.CreatedBy, Name: r.CreatedName}
}

// Sources are the kinds of file that can be compared.
func Sources() []importer.Kind {
	return []importer.Kind{importer.Invoices, importer.CreditNotes, importer.Payments, billing.StripeFile}
}

// check completes the input and refuses what cannot be; errors name the field.
func (in *NewRun) check() error {
	var wrong []errs.Field
	refuse := func(field, key string) { wrong = append(wrong, errs.Field{Name: field, Key: key}) }
	if in.Kind == billing.StripeFile {
		in.Source = "stripe"
	}
	if in.Source == "" {
		refuse("source", "error.required")
	}
	if !slices.Contains(Sources(), in.Kind) {
		refuse("kind", "reconciling.unknown_kind")
	}
	if in.From.IsZero() != in.To.IsZero() || in.To.Before(in.From) {
		refuse("to", "reconciling.bad_period")
	}
	if in.DaysApart < 0 || in.DaysApart > maxDays {
		refuse("days_apart", "reconciling.bad_days")
	}
	if in.TimingDays < 0 || in.TimingDays > maxDays {
		refuse("timing_days", "reconciling.bad_days")
	}
	for _, kind := range in.Covers {
		if !slices.Contains(comparableKinds(), kind) {
			refuse("covers", "reconciling.unknown_kind")
		}
	}
	if !slices.Contains([]reconcile.System{reconcile.Neither, reconcile.Here, reconcile.There}, in.MemosWait) {
		refuse("memos_wait", "reconciling.unknown_system")
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

// comparable are the kinds of document that files of other systems give.
func comparableKinds() []reconcile.Kind {
	return []reconcile.Kind{reconcile.Invoice, reconcile.CreditMemo, reconcile.Payment, reconcile.Refund}
}
