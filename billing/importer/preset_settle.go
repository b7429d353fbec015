package importer

import (
	"strings"
)

// AWS Marketplace's feed of billing events has a row for each thing that happened. What the seller is paid is an event
// of action DISBURSED; beside it stands an event of type DISBURSEMENT and action INVOICED for each earlier event that it
// settles, with that event's amount turned round.
func awsColumns() map[Field][]string {
	return map[Field][]string{
		FieldType:          {"transaction_type"},
		FieldCurrency:      {"currency"},
		FieldReceivedOn:    {"action_date", "invoice_date", "valid_from"},
		FieldBankReference: {"bank_trace_id"},
		FieldAmount:        {"amount"},
		FieldInvoice:       {"invoice_id"},
	}
}

func awsReads() []string {
	return []string{"billing_event_id", "parent_billing_event_id", "disbursement_billing_event_id", "action", "amount", "transaction_type"}
}

// awsEvents remembers what the events below zero were, to tell fees from refunds when they are settled.
type awsEvents map[string]string

func (seen awsEvents) adapt(w *row) string {
	action, kind := w.cellNamed("action"), w.cellNamed("transaction_type")
	id, amount := w.cellNamed("billing_event_id"), w.cellNamed("amount")
	switch {
	case kind == "DISBURSEMENT" && action == "DISBURSED":
		w.overrule(FieldNumber, id)
		w.overrule(FieldInvoice, "")
		return ""
	case kind == "DISBURSEMENT" && action == "INVOICED":
		w.overrule(FieldNumber, w.cellNamed("disbursement_billing_event_id"))
		for _, f := range []Field{FieldAmount, FieldReceivedOn, FieldBankReference} {
			w.overrule(f, "")
		}
		seen.settle(w, amount, seen[w.cellNamed("parent_billing_event_id")])
		return ""
	case kind == "DISBURSEMENT_FAILURE":
		w.refuse(FieldType, "billing.import.money_returned", "")
		return ""
	}
	if strings.HasPrefix(amount, "-") {
		seen[id] = kind
	}
	return "billing.import.not_a_payment"
}

// settle says what an event that is part of a disbursement does: it pays an invoice, or takes a fee or a refund off.
func (awsEvents) settle(w *row, amount, parent string) {
	turned, negative := strings.CutPrefix(amount, "-")
	switch {
	case negative:
		w.overrule(FieldApplied, turned)
	case strings.HasPrefix(parent, "AWS_") || strings.HasPrefix(parent, "LISTING_FEE"):
		w.overrule(FieldFee, amount)
		w.overrule(FieldInvoice, "")
	case parent != "":
		w.overrule(FieldApplied, "-"+amount)
	default:
		w.refuse(FieldType, "billing.import.parent_missing", "", "parent", w.cellNamed("parent_billing_event_id"))
	}
}

// EBANX reports payments with what it keeps of each. Refunds and chargebacks in the same report are money going out.
func ebanxColumns() map[Field][]string {
	return map[Field][]string{
		FieldNumber:        {"PAYMENT HASH", "HASH", "payment_hash"},
		FieldType:          {"TRANSACTION TYPE", "ENTRY TYPE", "transaction_type", "entry_type", "TYPE"},
		FieldStatus:        {"STATUS", "API STATUS"},
		FieldInvoice:       {"MERCHANT PAYMENT CODE", "ORDER NUMBER", "merchant_payment_code", "order_number"},
		FieldCurrency:      {"SETTLEMENT CURRENCY", "settlement_currency", "CURRENCY EXT", "CURRENCY", "CURRENCY CODE"},
		FieldAmount:        {"GROSS AMOUNT", "AMOUNT EXT", "payment_amount", "CHARGE AMOUNT", "AMOUNT"},
		FieldFee:           {"EBANX FEE", "FEE AMOUNT", "fee_amount", "TOTAL FEES", "FEE"},
		FieldReceivedOn:    {"DEPOSITED DATE", "SETTLEMENT DATE", "settlement_date", "TRANSFER DATE", "CONFIRM DATE", "PAID", "PAID DATE", "TRANSACTION DATE"},
		FieldBankReference: {"SETTLEMENT CODE", "settlement_code", "SETTLEMENT ID"},
		FieldCustomerName:  {"CUSTOMER NAME", "NAME"},
		FieldMethod:        {"PAYMENT TYPE", "PAYMENT METHOD", "payment_type_code"},
	}
}

func ebanxReads() []string { return []string{"MERCHANT", "COUNTRY", "NET AMOUNT", "PAYMENT HASH"} }

func adaptEBANX(w *row) string {
	kind := strings.ToLower(w.cell(FieldType).Text)
	for _, out := range []string{"refund", "chargeback", "reversal", "fee", "adjustment"} {
		if strings.Contains(kind, out) {
			return "billing.import.money_out"
		}
	}
	w.overrule(FieldType, "") // the rest are payments, whatever they are called
	switch strings.ToUpper(w.cell(FieldStatus).Text) {
	case "CA", "NP", "OP", "PE", "RE", "CANCELLED", "NOT PAID", "OPEN", "PENDING", "REQUESTED":
		return "billing.import.not_paid"
	}
	return ""
}
