package importer

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// documentType says what a row of a file of invoices or credit notes is.
type documentType string

const (
	typeInvoice documentType = "invoice"
	typeNote    documentType = "credit_note"
	typePayment documentType = "payment"
	typeOther   documentType = ""
)

func (r *reading) documentType(w *row) documentType {
	if prefix := r.mapping.CreditPrefix; prefix != "" && strings.HasPrefix(w.cell(FieldNumber).Text, prefix) {
		return typeNote
	}
	usual := typeInvoice
	if r.o.Kind == CreditNotes {
		usual = typeNote
	}
	if text := w.cell(FieldType).Text; text != "" {
		return typeNamed(text)
	}
	return usual
}

func typeNamed(text string) documentType {
	switch name := plainName(text); {
	case slices.Contains([]string{"inv", "dm", "invoice", "debitmemo", "debitnote", "chargeback", "rechnung", "facture", "factura", "fatura", "fattura", "factuur", "請求書", "发票"}, name),
		strings.HasPrefix(name, "invoice"), strings.HasSuffix(name, "invoice"), strings.HasSuffix(name, "rechnung"):
		return typeInvoice
	case slices.Contains([]string{"cm", "cn", "credit", "creditmemo", "creditnote", "avoir", "gutschrift", "notadecredito", "notadicredito", "creditnota", "onaccountcredit"}, name),
		strings.Contains(name, "creditmemo"), strings.Contains(name, "creditnote"), strings.HasSuffix(name, "gutschrift"):
		return typeNote
	case slices.Contains([]string{"pmt", "payment", "customerpayment", "receipt", "zahlung", "paiement", "pago", "pagamento", "betaling"}, name):
		return typePayment
	}
	return typeOther
}

// document makes an invoice or a credit note of its rows; an invoice of which the file says when it was paid gives a
// payment too.
func (r *reading) document(rows []*row) []Record {
	head := rows[0]
	kind := r.documentType(head)
	for _, w := range rows {
		w.ref = w.cell(FieldNumber).Text
	}
	if kind == typeOther || kind == typePayment {
		head.leave("billing.import.other_document", FieldType)
		return nil
	}
	if key := notIssued(head.cell(FieldStatus).Text); key != "" && (key != keyVoid || !r.o.AsItStands) {
		head.leave(key, FieldStatus)
		return nil
	}
	sameHeader(rows)
	d := Document{
		Number: head.need(FieldNumber), Customer: head.customer(), CustomerName: head.text(FieldCustomerName), SoldTo: head.name(FieldSoldTo),
		Entity: head.name(FieldEntity), Currency: head.currency(FieldCurrency), IssuedOn: head.needDay(FieldIssuedOn),
		PurchaseOrder: head.name(FieldPurchaseOrder), TaxInclusive: head.yes(FieldTaxInclusive),
	}
	if head.wrong(FieldCurrency) {
		return nil
	}
	c := calculation{doc: &d, head: head, rows: rows, perLine: r.grouped, note: kind == typeNote}
	c.work()
	if c.failed() {
		return nil
	}
	if kind == typeInvoice && d.Total.IsNegative() {
		if !r.mapping.NegativeIsCredit {
			head.refuse(c.totalField(), "billing.import.negative_invoice", "≥ 0")
			return nil
		}
		kind = typeNote
		c.turn()
	}
	if kind == typeNote {
		return head.creditNote(d)
	}
	return head.invoice(d)
}

// leave notes that a row is rightly left out.
func (w *row) leave(key string, f Field) {
	w.bad = append(w.bad, Rejection{
		Row: w.Number, Column: w.r.columnName(f), Field: f, Key: key, Got: shorten(w.cell(f).Text), Ref: w.ref, Left: true,
	})
}

// customer is the account, or where a file has none the name.
func (w *row) customer() string {
	if w.has(FieldCustomer) || !w.has(FieldCustomerName) {
		return w.need(FieldCustomer)
	}
	return w.name(FieldCustomerName)
}

func notIssued(status string) string {
	switch plainName(status) {
	case "draft", "pendingapproval", "incomplete", "entwurf", "brouillon", "borrador", "rascunho", "bozza", "concept", "下書き", "草稿":
		return "billing.import.draft"
	case "void", "voided", "cancelled", "canceled", "storniert", "annule", "annulee", "anulado", "anulada", "cancelado", "cancelada", "annullato", "geannuleerd", "取消", "作废":
		return keyVoid
	}
	return ""
}

const keyVoid = "billing.import.void"

// Voided tells whether a document of this status, in the words of its source, counts for nothing.
func Voided(status string) bool { return notIssued(status) == keyVoid }

// sameHeader refuses rows that say something else about their document than its first row. What the first leaves empty
// is taken from the next that has it.
func sameHeader(rows []*row) {
	lines := lineFields()
	head := rows[0]
	for field := range head.r.columns {
		if slices.Contains(lines, field) {
			continue
		}
		for _, w := range rows[1:] {
			mine, first := w.cell(field).Text, head.cell(field).Text
			switch {
			case mine == "" || mine == first:
			case first == "":
				head.overrule(field, mine)
			default:
				w.refuse(field, "billing.import.header_differs", first, "first", first)
			}
		}
	}
}

func (w *row) overrule(f Field, text string) {
	if w.over == nil {
		w.over = map[Field]string{}
	}
	w.over[f] = text
}

func (w *row) invoice(d Document) []Record {
	in := Invoice{
		Document: d, DueOn: w.day(FieldDueOn), ServiceFrom: w.day(FieldServiceFrom), ServiceTo: w.day(FieldServiceTo),
		Standing: Standing{
			Status: w.text(FieldStatus), Paid: w.amount(FieldPaid, d.Currency), Open: w.amount(FieldOpen, d.Currency),
			SettledOn: w.day(FieldSettledOn), Disputed: w.yes(FieldDisputed),
		},
	}
	if !in.DueOn.IsZero() && in.DueOn.Before(in.IssuedOn) {
		w.refuse(FieldDueOn, "billing.due_before_issue", "≥ "+in.IssuedOn.Format("2006-01-02"))
	}
	if !in.ServiceTo.IsZero() && in.ServiceTo.Before(in.ServiceFrom) {
		w.refuse(FieldServiceTo, "billing.import.ends_before_begin", "≥ "+in.ServiceFrom.Format("2006-01-02"))
	}
	w.standing(in)
	records := []Record{{Kind: Invoices, External: d.Number, Invoice: &in}}
	if settled := in.Standing.SettledOn; !settled.IsZero() && d.Total.IsPositive() {
		amount := d.Total
		if in.Standing.Paid != nil && in.Standing.Paid.IsPositive() {
			amount = *in.Standing.Paid
		}
		if settled.Before(in.IssuedOn) {
			w.refuse(FieldSettledOn, "billing.import.settled_before_issue", "≥ "+in.IssuedOn.Format("2006-01-02"))
		}
		number := d.Number + "/settled"
		records = append(records, Record{Kind: Payments, External: number, Payment: &Payment{
			Number: number, Customer: d.Customer, CustomerName: d.CustomerName, Entity: d.Entity, Currency: d.Currency,
			Amount: amount, ReceivedOn: settled, Applied: []Applied{{Invoice: d.Number, Amount: amount}},
		}})
	}
	return records
}

// standing checks what the source says was paid and is open against the total.
func (w *row) standing(in Invoice) {
	s := in.Standing
	if s.Open != nil && (s.Open.IsNegative() || s.Open.GreaterThan(in.Total)) {
		w.refuse(FieldOpen, "billing.import.open_over_total", "0–"+in.Total.String())
	}
	if s.Paid != nil && (s.Paid.IsNegative() || s.Paid.GreaterThan(in.Total)) {
		w.refuse(FieldPaid, "billing.import.open_over_total", "0–"+in.Total.String())
	}
}

func (w *row) creditNote(d Document) []Record {
	n := CreditNote{Document: d, Invoice: w.name(FieldInvoice), Reason: w.text(FieldReason), Memo: w.text(FieldMemo), Status: w.text(FieldStatus)}
	for _, b := range []struct {
		field Field
		to    *decimal.Decimal
	}{{FieldToInvoice, &n.Reduce}, {FieldToBalance, &n.Balance}, {FieldToRefund, &n.Refunded}, {FieldOutside, &n.Outside}} {
		if value := w.amount(b.field, d.Currency); value != nil {
			*b.to, n.Buckets = value.Abs(), true
		}
	}
	if sum := decimal.Sum(n.Reduce, n.Balance, n.Refunded, n.Outside); n.Buckets && !sum.Equal(d.Total) {
		w.refuse(FieldToInvoice, "billing.import.buckets_differ", d.Total.String(), "difference", d.Total.Sub(sum).String())
	}
	for part := range strings.SplitSeq(w.text(FieldRefunds), ";") {
		if part = strings.TrimSpace(part); part != "" {
			n.Refunds = append(n.Refunds, part)
		}
	}
	return []Record{{Kind: CreditNotes, External: d.Number, CreditNote: &n}}
}
