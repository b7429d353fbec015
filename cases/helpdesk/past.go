package helpdesk

import (
	"io"
	"time"

	"makegood/cases"
	"makegood/internal/errs"
)

// Format is whose files they are.
type Format string

// The formats that can be read.
const (
	Salesforce Format = "salesforce"
	Intercom   Format = "intercom"
)

// Formats lists them.
func Formats() []Format { return []Format{Salesforce, Intercom} }

// Name is what the system is called where people read it.
func (f Format) Name() string {
	switch f {
	case Salesforce:
		return "Salesforce"
	case Intercom:
		return "Intercom"
	}
	return string(f)
}

// File is one file as it was given: a table, JSON, or a ZIP of either.
type File struct {
	Name    string
	Content io.ReaderAt
	Size    int64
}

// Past is a case as the other helpdesk had it.
type Past struct {
	File     string
	Row      int    // of a table as a spreadsheet program counts, of JSON the conversation
	ID       string // the other system's own
	Number   string // what people call it by there; ID where it has no other
	Subject  string
	Status   cases.Status // new, open, waiting (for the customer) or closed
	OpenedAt time.Time
	ClosedAt time.Time // zero unless it is closed
	Type     cases.Type
	Priority cases.Priority // "" where nothing said it
	Called   string         // how urgent it was called there
	Language string
	Tags     []string
	Customer Customer
	Messages []Message // in the order of their times
}

// Customer is whose case it was, as far as the file says.
type Customer struct {
	Address  string
	Person   string
	Accounts []string // account numbers
	Company  string
}

// Side says who wrote.
type Side string

// The sides. A note was for those inside; a machine is a bot or an automatic answer of the other desk.
const (
	ByCustomer Side = "customer"
	ByDesk     Side = "desk"
	ByMachine  Side = "machine"
	AsNote     Side = "note"
)

// Message is one entry of its conversation. Files are named; their bytes stay where they were.
type Message struct {
	Side    Side
	Name    string
	Address string
	To      []string
	Subject string
	Body    string
	Files   []string
	At      time.Time
}

// Refusal is a case that is not taken, with the reason.
type Refusal struct {
	File   string      `json:"file"`
	Row    int         `json:"row"`
	Number string      `json:"number,omitempty"`
	Key    string      `json:"-"`
	Params errs.Params `json:"-"`
}

// Export is what files turned out to hold.
type Export struct {
	Cases   []Past
	Refused []Refusal
	Deleted int      // cases that lay in the other system's waste bin
	Orphans int      // messages of cases that the files do not hold
	Bare    int      // conversations that came without what was said in them
	Ignored []string // files that hold nothing of cases
}

// Options say how a file is read where that is not found by itself.
type Options struct {
	DateOrder string         // of days written with figures alone: DD.MM.YYYY or MM/DD/YYYY
	Zone      *time.Location // of times that name none and are not Salesforce's own way of writing; nil means UTC
}

// What keeps a file, or a case of it, out.
var (
	ErrNothing    = errs.New(errs.Invalid, "case.past.nothing")
	ErrNoJSON     = errs.New(errs.Invalid, "case.past.no_json")
	ErrZip        = errs.New(errs.Invalid, "case.past.zip")
	ErrTable      = errs.New(errs.Invalid, "case.past.table")
	ErrTooLarge   = errs.New(errs.TooLarge, "case.past.too_large")
	ErrFormat     = errs.New(errs.Invalid, "case.past.format")
	ErrNoColumns  = errs.New(errs.Invalid, "case.past.no_columns")
	ErrDateOrder  = errs.New(errs.Invalid, "case.past.date_order")
	errNoNumber   = errs.New(errs.Invalid, "case.past.no_number")
	errNoDay      = errs.New(errs.Invalid, "case.past.no_day")
	errNotADay    = errs.New(errs.Invalid, "case.past.not_a_day")
	errTwoWays    = errs.New(errs.Invalid, "case.past.two_ways")
	errFuture     = errs.New(errs.Invalid, "case.past.future")
	errTwice      = errs.New(errs.Invalid, "case.past.twice")
	errNotOne     = errs.New(errs.Invalid, "case.past.not_one")
	errOtherBooks = errs.New(errs.Invalid, "case.past.other_entity")
)
