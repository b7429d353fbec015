package importer

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Field is what a column may be for. Its own name is also the name of the column in our exports.
type Field string

// The fields of documents and of their lines.
const (
	FieldNumber        Field = "number"
	FieldType          Field = "type"
	FieldCustomer      Field = "customer"
	FieldCustomerName  Field = "customer_name"
	FieldSoldTo        Field = "sold_to"
	FieldEntity        Field = "entity"
	FieldCurrency      Field = "currency"
	FieldIssuedOn      Field = "issued_on"
	FieldDueOn         Field = "due_on"
	FieldServiceFrom   Field = "service_from"
	FieldServiceTo     Field = "service_to"
	FieldPurchaseOrder Field = "purchase_order"
	FieldStatus        Field = "status"
	FieldTaxInclusive  Field = "tax_inclusive"
	FieldNet           Field = "net"
	FieldTax           Field = "tax"
	FieldTotal         Field = "total"
	FieldPaid          Field = "paid"
	FieldOpen          Field = "open"
	FieldSettledOn     Field = "settled_on"
	FieldDisputed      Field = "disputed"
	FieldInvoice       Field = "invoice"
	FieldReason        Field = "reason"
	FieldMemo          Field = "memo"
	FieldToInvoice     Field = "to_invoice"
	FieldToBalance     Field = "to_balance"
	FieldToRefund      Field = "to_refund"
	FieldOutside       Field = "settled_outside"
	FieldRefunds       Field = "refunds"

	FieldDiscount       Field = "document_discount"
	FieldDiscountLabel  Field = "discount_label"
	FieldCharge         Field = "document_charge"
	FieldChargeLabel    Field = "charge_label"
	FieldChargeCategory Field = "charge_tax_category"
	FieldChargeRate     Field = "charge_tax_rate"
	FieldRounding       Field = "cash_rounding"
	FieldWithholding    Field = "withheld_amount"

	FieldLineNo          Field = "line_no"
	FieldLineID          Field = "line_id"
	FieldInvoiceLine     Field = "invoice_line"
	FieldProduct         Field = "product"
	FieldDescription     Field = "description"
	FieldQuantity        Field = "quantity"
	FieldUnitPrice       Field = "unit_price"
	FieldLineDiscount    Field = "line_discount"
	FieldLineNet         Field = "line_net"
	FieldTaxCategory     Field = "tax_category"
	FieldTaxRate         Field = "tax_rate"
	FieldLineTax         Field = "line_tax"
	FieldCostCentre      Field = "cost_centre"
	FieldLocation        Field = "location"
	FieldLineServiceFrom Field = "line_service_from"
	FieldLineServiceTo   Field = "line_service_to"
	FieldMoreTaxes       Field = "more_taxes"
	FieldLineCharge      Field = "is_charge"
)

// The fields of payments, customers, open balances and rates.
const (
	FieldAmount        Field = "amount"
	FieldFee           Field = "fee"
	FieldReceivedOn    Field = "received_on"
	FieldMethod        Field = "method"
	FieldBankReference Field = "bank_reference"
	FieldApplied       Field = "applied_amount"

	FieldAccount     Field = "account"
	FieldName        Field = "name"
	FieldKind        Field = "kind"
	FieldParent      Field = "parent"
	FieldTier        Field = "tier"
	FieldRegion      Field = "region"
	FieldSalesOwner  Field = "sales_owner"
	FieldCountry     Field = "country"
	FieldLanguage    Field = "language"
	FieldTermsDays   Field = "terms_days"
	FieldTaxID       Field = "tax_id"
	FieldTaxExempt   Field = "tax_exempt"
	FieldAddress     Field = "address"
	FieldCity        Field = "city"
	FieldPostcode    Field = "postcode"
	FieldPhone       Field = "phone"
	FieldContactName Field = "contact_name"
	FieldEmails      Field = "emails"

	FieldOriginal Field = "original"

	FieldBase   Field = "base"
	FieldQuote  Field = "quote"
	FieldOn     Field = "on"
	FieldRate   Field = "rate"
	FieldSource Field = "source"
)

// content says how the cells of a field are read.
type content int

const (
	aText content = iota
	aDate
	aNumber
)

// spec is a field as one kind of file uses it. Names are the names that other systems and languages give its column.
type spec struct {
	field   Field
	content content
	names   string
}

// Fields lists the fields that files of a kind may have, in the order of our exports. A generic file has none.
func Fields(kind Kind) []Field {
	list := specs(kind)
	fields := make([]Field, len(list))
	for i, s := range list {
		fields[i] = s.field
	}
	return fields
}

func specs(kind Kind) []spec {
	switch kind {
	case Invoices:
		return slices.Concat([]spec{{FieldNumber, aText, invoiceNumberNames}}, documentSpecs(invoiceNames()), lineSpecs())
	case CreditNotes:
		return slices.Concat([]spec{{FieldNumber, aText, noteNumberNames}}, documentSpecs(noteNames()), lineSpecs())
	case Payments:
		return paymentSpecs()
	case Customers:
		return customerSpecs()
	case OpenBalances:
		return balanceSpecs()
	case Rates:
		return rateSpecs()
	default:
		return nil
	}
}

// lineFields are those that differ from line to line of one document.
func lineFields() []Field {
	list := lineSpecs()
	fields := make([]Field, len(list))
	for i, s := range list {
		fields[i] = s.field
	}
	return fields
}

// plainName brings the name of a column to the letters and digits it is made of, in small letters without accents, so
// that "Invoice No.", "invoice_no" and "InvoiceNo" are one.
func plainName(name string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(name) {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r):
			b.WriteRune(unicode.ToLower(r))
		case r == '#':
			b.WriteString("no")
		}
	}
	return b.String()
}
