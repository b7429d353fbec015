package importer

import (
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Writer writes records of one kind as CSV with our own column names; Read with the preset "makegood" gives the same
// records back. A document has a row per line.
type Writer struct {
	kind Kind
	out  *csv.Writer
}

// NewWriter writes the header. Only the kinds that a table can hold may be written.
func NewWriter(w io.Writer, kind Kind) (*Writer, error) {
	fields := Fields(kind)
	if len(fields) == 0 {
		return nil, ErrUnknownKind
	}
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = string(f)
	}
	out := &Writer{kind: kind, out: csv.NewWriter(w)}
	return out, out.write(names)
}

// Write writes a record.
func (w *Writer) Write(r Record) error {
	fields := Fields(w.kind)
	for _, values := range rowsOf(r) {
		cells := make([]string, len(fields))
		for i, f := range fields {
			cells[i] = cellText(values[f])
		}
		if err := w.write(cells); err != nil {
			return err
		}
	}
	return nil
}

// Flush writes what is still held back.
func (w *Writer) Flush() error {
	w.out.Flush()
	return w.out.Error()
}

func (w *Writer) write(cells []string) error {
	if err := w.out.Write(cells); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

// cellText writes a value. Only text can pass for a formula; a negative number stays one.
func cellText(value any) string {
	switch v := value.(type) {
	case decimal.Decimal:
		return v.String()
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.Format(time.DateOnly)
	case bool:
		if v {
			return "yes"
		}
		return ""
	case int:
		return strconv.Itoa(v)
	case string:
		return QuoteFormula(v)
	}
	return ""
}

func rowsOf(r Record) []map[Field]any {
	switch {
	case r.Invoice != nil:
		return documentRows(r.Invoice.Document, invoiceCells(*r.Invoice))
	case r.CreditNote != nil:
		return documentRows(r.CreditNote.Document, noteCells(*r.CreditNote))
	case r.Payment != nil:
		return paymentRows(*r.Payment)
	case r.Customer != nil:
		return []map[Field]any{customerCells(*r.Customer)}
	case r.Balance != nil:
		b := r.Balance
		return []map[Field]any{{
			FieldNumber: b.Number, FieldType: b.Type, FieldCustomer: b.Customer, FieldCustomerName: b.CustomerName, FieldEntity: b.Entity,
			FieldCurrency: string(b.Currency), FieldIssuedOn: b.IssuedOn, FieldDueOn: b.DueOn, FieldOriginal: b.Original,
			FieldOpen: b.Open, FieldDisputed: b.Disputed.StringFixed(b.Currency.Digits()),
		}}
	case r.Rate != nil:
		x := r.Rate
		return []map[Field]any{{
			FieldBase: string(x.Base), FieldQuote: string(x.Quote), FieldOn: x.On, FieldRate: x.Rate, FieldSource: x.Source,
		}}
	}
	return nil
}

func invoiceCells(in Invoice) map[Field]any {
	cells := map[Field]any{
		FieldType: "invoice", FieldDueOn: in.DueOn, FieldServiceFrom: in.ServiceFrom, FieldServiceTo: in.ServiceTo,
		FieldStatus: in.Standing.Status, FieldDisputed: in.Standing.Disputed,
	}
	if in.Standing.Paid != nil {
		cells[FieldPaid] = *in.Standing.Paid
	}
	if in.Standing.Open != nil {
		cells[FieldOpen] = *in.Standing.Open
	}
	return cells
}

func noteCells(n CreditNote) map[Field]any {
	cells := map[Field]any{
		FieldType: "credit_note", FieldInvoice: n.Invoice, FieldReason: n.Reason, FieldMemo: n.Memo, FieldRefunds: strings.Join(n.Refunds, ";"),
	}
	if n.Buckets {
		cells[FieldToInvoice], cells[FieldToBalance], cells[FieldToRefund], cells[FieldOutside] = n.Reduce, n.Balance, n.Refunded, n.Outside
	}
	return cells
}

// documentRows gives a row per line, each with what the document says of itself.
func documentRows(d Document, head map[Field]any) []map[Field]any {
	rows := make([]map[Field]any, len(d.Lines))
	for i, l := range d.Lines {
		net := l.Net
		if d.TaxInclusive {
			net = net.Add(l.Tax)
		}
		row := map[Field]any{
			FieldNumber: d.Number, FieldCustomer: d.Customer, FieldCustomerName: d.CustomerName, FieldSoldTo: d.SoldTo, FieldEntity: d.Entity,
			FieldCurrency: string(d.Currency), FieldIssuedOn: d.IssuedOn, FieldPurchaseOrder: d.PurchaseOrder, FieldTaxInclusive: d.TaxInclusive,
			FieldNet: d.Net, FieldTax: d.Tax, FieldTotal: d.Total,
			FieldLineNo: l.No, FieldLineID: l.External, FieldInvoiceLine: l.InvoiceLine, FieldProduct: l.Product, FieldDescription: l.Description,
			FieldQuantity: l.Quantity, FieldUnitPrice: l.UnitPrice, FieldLineDiscount: l.Discount, FieldLineNet: net,
			FieldTaxCategory: l.TaxCategory, FieldTaxRate: l.TaxRate, FieldLineTax: l.Tax, FieldCostCentre: l.CostCentre, FieldLocation: l.Location,
			FieldLineServiceFrom: l.ServiceFrom, FieldLineServiceTo: l.ServiceTo,
			FieldMoreTaxes: moreText(l.More), FieldLineCharge: l.Charge, FieldDiscountLabel: d.DiscountLabel,
		}
		if !d.Rounding.IsZero() {
			row[FieldRounding] = d.Rounding
		}
		if !d.Withholding.IsZero() {
			row[FieldWithholding] = d.Withholding
		}
		maps.Copy(row, head)
		rows[i] = row
	}
	return rows
}

// moreText writes further taxes as moreTaxes reads them.
func moreText(list []LineTax) string {
	parts := make([]string, len(list))
	for i, t := range list {
		parts[i] = strings.Join([]string{t.Code, t.Category, t.Rate.String(), "=", t.Tax.String()}, " ")
	}
	return strings.Join(parts, "; ")
}

// paymentRows gives a row for each invoice that a payment settles, or one when it settles none.
func paymentRows(p Payment) []map[Field]any {
	row := func(a Applied) map[Field]any {
		cells := map[Field]any{
			FieldNumber: p.Number, FieldCustomer: p.Customer, FieldCustomerName: p.CustomerName, FieldEntity: p.Entity,
			FieldCurrency: string(p.Currency), FieldAmount: p.Amount, FieldFee: p.Fee, FieldReceivedOn: p.ReceivedOn, FieldMethod: p.Method,
			FieldBankReference: p.BankReference, FieldInvoice: a.Invoice,
		}
		if a.Invoice != "" {
			cells[FieldApplied] = a.Amount
		}
		return cells
	}
	if len(p.Applied) == 0 {
		return []map[Field]any{row(Applied{})}
	}
	rows := make([]map[Field]any, len(p.Applied))
	for i, a := range p.Applied {
		rows[i] = row(a)
	}
	return rows
}

func customerCells(c Customer) map[Field]any {
	cells := map[Field]any{
		FieldAccount: c.Account, FieldName: c.Name, FieldKind: c.Kind, FieldParent: c.Parent, FieldTier: c.Tier, FieldRegion: c.Region, FieldSalesOwner: c.SalesOwner,
		FieldCountry: c.Country, FieldLanguage: c.Language, FieldEntity: c.Entity, FieldCurrency: string(c.Currency), FieldTaxID: c.TaxID,
		FieldTaxExempt: c.TaxExempt, FieldAddress: c.Address, FieldPhone: c.Phone, FieldContactName: c.ContactName,
		FieldEmails: strings.Join(c.Emails, ";"),
	}
	if c.TermsDays != nil {
		cells[FieldTermsDays] = *c.TermsDays
	}
	return cells
}

// RejectedRow is a row of a file with why it was refused, in words.
type RejectedRow struct {
	Row     int
	Cells   map[string]string
	Reasons []string
}

// WriteRejected writes rejected rows as CSV: where each stood, why it was refused, and its cells under the headers of its
// file, to be mended and brought in again. Nothing in it is carried out by a spreadsheet program.
func WriteRejected(w io.Writer, headers []string, rows []RejectedRow) error {
	out := csv.NewWriter(w)
	line := append([]string{"row", "rejected because"}, headers...)
	for i := range line {
		line[i] = QuoteFormula(line[i])
	}
	if err := out.Write(line); err != nil {
		return fmt.Errorf("write rejected rows: %w", err)
	}
	for _, r := range rows {
		line := []string{strconv.Itoa(r.Row), QuoteFormula(strings.Join(r.Reasons, " "))}
		for _, h := range headers {
			line = append(line, QuoteFormula(r.Cells[h]))
		}
		if err := out.Write(line); err != nil {
			return fmt.Errorf("write rejected rows: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write rejected rows: %w", err)
	}
	return nil
}
