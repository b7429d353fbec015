package reconciling

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/importer"
	"makegood/billing/importer/stripe"
	"makegood/billing/importer/table"
	"makegood/billing/reconcile"
	"makegood/internal/money"
)

// theirs is what a file says, before it is known who our customers are that it names.
type theirs struct {
	documents  []reconcile.Document // Row is the place in rows
	rows       [][]int
	names      []string // the customer's name as the file has it
	unreadable []importer.Rejection
	read, left int
	covers     []reconcile.Kind
}

// fileReading turns the records of a file into documents to compare.
type fileReading struct {
	run        Run
	entity     billing.Entity
	taxUnknown bool
	noted      map[string]bool // refunds that credit notes of ours, which came from there, count already
	refunds    bool            // the file gives refunds, such ones too
	out        theirs
}

// readFile reads the whole file. Every row is in a document, among the unreadable, or counted as rightly left out.
func readFile(ctx context.Context, run Run, entity billing.Entity, noted map[string]bool, content []byte, progress func(rows int)) (theirs, error) {
	f := &fileReading{run: run, entity: entity, noted: noted}
	sink := importer.Sink{Record: f.record, Reject: f.reject}
	var sum importer.Summary
	var err error
	if run.Kind == billing.StripeFile {
		sum, err = stripe.Read(ctx, bytes.NewReader(content), stripe.Options{Zone: entity.Zone(), AsItStands: true, Progress: progress}, sink)
	} else {
		sum, err = f.readTable(ctx, content, progress, sink)
	}
	if err != nil {
		return theirs{}, err
	}
	f.out.read = sum.Rows
	f.out.left += sum.Left
	f.settle()
	return f.out, nil
}

func (f *fileReading) readTable(ctx context.Context, content []byte, progress func(int), sink importer.Sink) (importer.Summary, error) {
	o := importer.Options{
		Kind: f.run.Kind, Mapping: f.run.Settings.Mapping, AsItStands: true, Progress: progress,
		Table: table.Options{Sheet: f.run.Settings.Sheet, Charset: f.run.Settings.Charset},
	}
	if o.Mapping.Zone == "" {
		o.Mapping.Zone = f.entity.TimeZone
	}
	seen, err := importer.Examine(bytes.NewReader(content), o)
	if err != nil {
		return importer.Summary{}, err
	}
	f.taxUnknown = !tellsTax(seen.Mapping)
	return importer.Read(ctx, bytes.NewReader(content), o, sink)
}

// tellsTax tells whether a table has a column from which tax can be known.
func tellsTax(m importer.Mapping) bool {
	for _, field := range []importer.Field{importer.FieldTax, importer.FieldLineTax, importer.FieldTaxRate, importer.FieldNet} {
		if m.Columns[field] != "" || m.Defaults[field] != "" {
			return true
		}
	}
	return false
}

func (f *fileReading) reject(r importer.Rejection) error {
	if !r.Left {
		f.out.unreadable = append(f.out.unreadable, r)
	}
	return nil
}

// record takes what is a document of the entity; what the file says of other things, or of other entities, is left out.
func (f *fileReading) record(r importer.Record) error {
	doc, name, ok := f.document(r)
	if !ok {
		f.out.left++
		return nil
	}
	doc.Row = strconv.Itoa(len(f.out.documents))
	if f.run.Kind == billing.StripeFile {
		doc.ExternalID = r.External
	}
	f.out.documents = append(f.out.documents, doc)
	f.out.rows = append(f.out.rows, r.Rows)
	f.out.names = append(f.out.names, name)
	return nil
}

func (f *fileReading) document(r importer.Record) (doc reconcile.Document, name string, ok bool) {
	switch {
	case r.Invoice != nil:
		doc, name = f.paper(reconcile.Invoice, r.Invoice.Document), r.Invoice.CustomerName
		doc.Status = standing(r.Invoice.Standing)
		return doc, name, f.ours(r.Invoice.Entity)
	case r.CreditNote != nil:
		doc, name = f.paper(reconcile.CreditMemo, r.CreditNote.Document), r.CreditNote.CustomerName
		doc.Status, doc.Invoice = statusOf(r.CreditNote.Status), r.CreditNote.Invoice
		return doc, name, f.ours(r.CreditNote.Entity)
	case r.Payment != nil && !strings.HasSuffix(r.External, "/settled"): // not one that an invoice's day of settlement stands for
		p := r.Payment
		return reconcile.Document{
			Kind: reconcile.Payment, Number: p.Number, Customer: p.Customer, Date: p.ReceivedOn, Amount: money.Of(p.Amount, p.Currency), ExternalID: p.BankReference,
		}, p.CustomerName, f.ours(p.Entity)
	case r.Refund != nil:
		p := r.Refund
		f.refunds = true
		if f.noted[r.External] {
			return doc, "", false
		}
		return reconcile.Document{
			Kind: reconcile.Refund, Number: p.Number, Customer: p.Customer, Date: p.RefundedOn, Amount: money.Of(p.Amount, p.Currency),
		}, "", true
	}
	return doc, "", false
}

func (f *fileReading) paper(kind reconcile.Kind, d importer.Document) reconcile.Document {
	return reconcile.Document{
		Kind: kind, Number: d.Number, Customer: d.Customer, Date: d.IssuedOn, Amount: money.Of(d.Total, d.Currency), Tax: money.Of(d.Tax, d.Currency),
		TaxUnknown: f.taxUnknown,
	}
}

// ours tells whether a row is of the entity that is compared: where the file names none it is.
func (f *fileReading) ours(entity string) bool {
	return entity == "" || strings.EqualFold(entity, f.entity.Code) || strings.EqualFold(entity, f.entity.Name)
}

// standing is how an invoice stood there: by what is open on it, else by the word for it.
func standing(s importer.Standing) reconcile.Status {
	switch {
	case importer.Voided(s.Status):
		return reconcile.Void
	case s.Open != nil && s.Open.IsZero(), !s.SettledOn.IsZero():
		return reconcile.Settled
	case s.Open != nil && s.Open.GreaterThan(decimal.Zero):
		return reconcile.Open
	}
	return statusOf(s.Status)
}

// statusOf brings the words of other systems to ours; one we do not know says nothing.
func statusOf(word string) reconcile.Status {
	if importer.Voided(word) {
		return reconcile.Void
	}
	switch strings.ToLower(strings.TrimSpace(word)) {
	case "open", "unpaid", "overdue", "partially paid", "partly paid", "not applied", "unapplied", "partially applied", "posted", "offen", "uncollectible":
		return reconcile.Open
	case "paid", "paid in full", "fully paid", "settled", "closed", "applied", "fully applied", "bezahlt", "beglichen":
		return reconcile.Settled
	}
	return ""
}

// settle says which kinds of document the file is held to give, drops the others, and fills in the period.
func (f *fileReading) settle() {
	f.out.covers = f.run.Settings.Covers
	if len(f.out.covers) == 0 {
		f.out.covers = f.covered()
	}
	for i := range f.out.documents {
		if !slices.Contains(f.out.covers, f.out.documents[i].Kind) {
			f.out.left++
		}
	}
}

func (f *fileReading) covered() []reconcile.Kind {
	found := map[reconcile.Kind]bool{reconcile.Refund: f.refunds}
	switch f.run.Kind {
	case importer.Invoices:
		found[reconcile.Invoice] = true
	case importer.CreditNotes:
		found[reconcile.CreditMemo] = true
	case importer.Payments:
		found[reconcile.Payment] = true
	default:
	}
	for i := range f.out.documents {
		found[f.out.documents[i].Kind] = true
	}
	var list []reconcile.Kind
	for _, kind := range comparableKinds() {
		if found[kind] {
			list = append(list, kind)
		}
	}
	return list
}

// period is the one that was asked for, else the whole months that the documents reach over.
func (t theirs) period(s Settings) reconcile.Period {
	if !s.From.IsZero() {
		return reconcile.Period{From: s.From, To: s.To}
	}
	var first, last time.Time
	for i := range t.documents {
		on := t.documents[i].Date
		if first.IsZero() || on.Before(first) {
			first = on
		}
		if on.After(last) {
			last = on
		}
	}
	if first.IsZero() {
		return reconcile.Period{}
	}
	return reconcile.Period{
		From: time.Date(first.Year(), first.Month(), 1, 0, 0, 0, 0, time.UTC), To: time.Date(last.Year(), last.Month()+1, 0, 0, 0, 0, 0, time.UTC),
	}
}

// compared are the documents of the kinds that the file is held to give.
func compared(documents []reconcile.Document, covers []reconcile.Kind) []reconcile.Document {
	return slices.DeleteFunc(slices.Clone(documents), func(d reconcile.Document) bool { return !slices.Contains(covers, d.Kind) })
}
