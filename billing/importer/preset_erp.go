package importer

import "strings"

// netsuiteColumns are the labels of NetSuite's saved searches. In an account of several currencies the plain amounts are
// in the subsidiary's currency, so those marked as foreign come first.
func netsuiteColumns() map[Field][]string {
	return map[Field][]string{
		FieldNumber:        {"Document Number", "Document Number/ID", "Tran ID", "Invoice Number", "Number"},
		FieldType:          {"Type", "Transaction Type"},
		FieldCustomer:      {"Customer ID", "Entity ID", "Customer/Project ID", "Name (Internal ID)", "Entity", "Name", "Customer"},
		FieldCustomerName:  {"Company Name", "Customer Name"},
		FieldEntity:        {"Subsidiary (no hierarchy)", "Subsidiary"},
		FieldCurrency:      {"Currency", "Transaction Currency"},
		FieldIssuedOn:      {"Date", "Transaction Date"},
		FieldReceivedOn:    {"Date", "Payment Date"},
		FieldDueOn:         {"Due Date/Receive By", "Due Date"},
		FieldTotal:         {"Amount (Transaction Total) (Foreign Currency)", "Amount (Foreign Currency)", "Amount (Transaction Total)", "Amount (Gross)", "Amount"},
		FieldAmount:        {"Amount (Foreign Currency)", "Payment Amount", "Amount"},
		FieldOriginal:      {"Amount (Foreign Currency)", "Amount (Transaction Total)", "Amount"},
		FieldTax:           {"Amount (Transaction Tax Total) (Foreign Currency)", "Amount (Transaction Tax Total)"},
		FieldOpen:          {"Amount Remaining (Foreign Currency)", "Amount Remaining", "Open Balance"},
		FieldInvoice:       {"Applied To Transaction", "Applied To", "Created From"},
		FieldApplied:       {"Applied To Link Amount (Foreign Currency)", "Applied To Link Amount"},
		FieldPurchaseOrder: {"PO/Check Number", "PO/Cheque Number"},
		FieldBankReference: {"PO/Check Number", "PO/Cheque Number", "Check #"},
		FieldProduct:       {"Item"},
		FieldDescription:   {"Item Description", "Description", "Memo"},
		FieldUnitPrice:     {"Item Rate (Foreign Currency)", "Item Rate", "Rate"},
		FieldLineNet:       {"Amount (Net) (Foreign Currency)", "Amount (Net of Tax) (Foreign Currency)", "Amount (Net)", "Amount (Net of Tax)"},
		FieldLineTax:       {"Amount (Tax) (Foreign Currency)", "Amount (Tax)"},
		FieldTaxRate:       {"Tax Rate"},
		FieldCostCentre:    {"Department (no hierarchy)", "Department"},
		FieldLocation:      {"Location (no hierarchy)", "Location"},
		FieldAccount:       {"Customer ID", "ID", "Internal ID"},
		FieldName:          {"Company Name", "Name"},
		FieldParent:        {"Parent Company", "Top Level Parent", "Sub of"},
		FieldTaxID:         {"Tax Reg. Number", "VAT Reg. No.", "Tax Number"},
		FieldTermsDays:     {"Terms"},
		FieldEmails:        {"Email"},
	}
}

// adaptNetSuite takes the kind of document off the references to others: "Invoice #INV1001" is INV1001.
func adaptNetSuite(w *row) string {
	if text := w.cell(FieldInvoice).Text; text != "" {
		if _, number, ok := strings.Cut(text, "#"); ok {
			w.overrule(FieldInvoice, strings.TrimSpace(number))
		}
	}
	return ""
}

// oracleColumns are the labels of Oracle Fusion Receivables on screen and in its reports, and the names of its tables.
func oracleColumns() map[Field][]string {
	return map[Field][]string{
		FieldNumber:        {"Transaction Number", "TRX_NUMBER", "Receipt Number", "RECEIPT_NUMBER"},
		FieldType:          {"Transaction Class", "Class", "CLASS", "TRX_CLASS"},
		FieldCustomer:      {"Bill-to Customer Account Number", "Bill-to Customer Number", "Customer Account Number", "BILL_TO_ACCOUNT_NUMBER", "ACCOUNT_NUMBER"},
		FieldCustomerName:  {"Bill-to Customer Name", "Bill-to Customer", "BILL_TO_CUSTOMER_NAME", "PARTY_NAME"},
		FieldSoldTo:        {"Sold-to Customer Account Number", "Ship-to Customer Account Number"},
		FieldEntity:        {"Business Unit", "BUSINESS_UNIT_NAME", "BU_NAME"},
		FieldCurrency:      {"Entered Currency", "Transaction Currency", "Currency", "INVOICE_CURRENCY_CODE", "CURRENCY_CODE"},
		FieldIssuedOn:      {"Transaction Date", "TRX_DATE"},
		FieldReceivedOn:    {"Receipt Date", "RECEIPT_DATE", "Accounting Date"},
		FieldDueOn:         {"Due Date", "Payment Due Date", "DUE_DATE"},
		FieldTotal:         {"Transaction Total", "Entered Amount", "Original Amount", "AMOUNT_DUE_ORIGINAL"},
		FieldOriginal:      {"Original Amount", "Entered Amount", "AMOUNT_DUE_ORIGINAL"},
		FieldAmount:        {"Receipt Amount", "Entered Amount", "AMOUNT"},
		FieldTax:           {"Tax Total", "TAX_ORIGINAL"},
		FieldOpen:          {"Balance Due", "Balance Due Amount", "Open Balance", "AMOUNT_DUE_REMAINING"},
		FieldInvoice:       {"Credited Transaction", "Original Transaction Number", "Applied Transaction Number", "PREVIOUS_TRX_NUMBER"},
		FieldApplied:       {"Applied Amount", "AMOUNT_APPLIED"},
		FieldPurchaseOrder: {"Purchase Order", "PURCHASE_ORDER"},
		FieldReason:        {"Credit Reason", "REASON_CODE"},
		FieldLineNo:        {"Transaction Line Number", "LINE_NUMBER"},
		FieldProduct:       {"Inventory Item Number", "Item"},
		FieldDescription:   {"Transaction Line Description", "Line Description", "DESCRIPTION"},
		FieldQuantity:      {"Transaction Line Quantity", "Quantity", "QUANTITY_INVOICED"},
		FieldUnitPrice:     {"Unit Selling Price", "UNIT_SELLING_PRICE"},
		FieldLineNet:       {"Transaction Line Amount", "Line Amount", "EXTENDED_AMOUNT"},
		FieldLineTax:       {"Tax Amount", "TAX_AMOUNT"},
		FieldTaxRate:       {"Tax Rate", "TAX_RATE"},
		FieldTaxCategory:   {"Tax Classification", "TAX_CLASSIFICATION_CODE"},
		FieldMethod:        {"Receipt Method", "RECEIPT_METHOD_NAME"},
		FieldAccount:       {"Customer Account Number", "Account Number", "ACCOUNT_NUMBER"},
		FieldName:          {"Customer Name", "Organization Name", "PARTY_NAME"},
		FieldTaxID:         {"Tax Registration Number", "TAX_REG_NUMBER"},
		FieldTermsDays:     {"Payment Terms"},
	}
}

// salesforceColumns are the labels of Salesforce Billing's reports and the API names of its objects.
func salesforceColumns() map[Field][]string {
	return map[Field][]string{
		FieldNumber:       {"Invoice: Invoice Number", "Invoice Number", "blng__Invoice__r.Name", "Credit Note Number", "Payment Number", "Name"},
		FieldCustomer:     {"Account: Account Number", "blng__Account__r.AccountNumber", "Account Number", "blng__Account__c", "Account ID", "Account"},
		FieldCustomerName: {"Account: Account Name", "blng__Account__r.Name", "Account Name"},
		FieldEntity:       {"Legal Entity", "blng__LegalEntity__r.Name"},
		FieldCurrency:     {"Invoice: Currency", "CurrencyIsoCode", "Currency ISO Code", "Currency"},
		FieldIssuedOn:     {"blng__InvoiceDate__c", "Invoice Date", "blng__CreditNoteDate__c", "Credit Note Date"},
		FieldReceivedOn:   {"blng__PaymentDate__c", "Payment Date"},
		FieldDueOn:        {"blng__DueDate__c", "Due Date"},
		FieldStatus:       {"blng__InvoiceStatus__c", "Invoice Status", "blng__Status__c", "Status"},
		FieldNet:          {"blng__Subtotal__c", "blng__TotalAmount__c", "Total Amount (Without Tax)", "Subtotal"},
		FieldTax:          {"blng__TaxAmount__c", "Total Tax Amount", "Tax Amount"},
		FieldTotal:        {"blng__TotalAmountWithTax__c", "Total Amount With Tax", "Total Amount"},
		FieldOriginal:     {"blng__TotalAmountWithTax__c", "Total Amount With Tax", "Total Amount"},
		FieldAmount:       {"blng__Amount__c", "Amount", "Payment Amount"},
		FieldOpen:         {"blng__Balance__c", "Balance"},
		FieldInvoice:      {"blng__Invoice__r.Name", "Related Invoice", "Source Invoice"},
		FieldServiceFrom:  {"blng__StartDate__c"},
		FieldServiceTo:    {"blng__EndDate__c"},
		FieldProduct:      {"blng__Product__r.ProductCode", "Product Code", "blng__Product__r.Name", "Product"},
		FieldDescription:  {"Invoice Line: Invoice Line Name", "Product: Product Name"},
		FieldQuantity:     {"blng__Quantity__c", "Quantity"},
		FieldUnitPrice:    {"blng__UnitPrice__c", "Unit Price"},
		FieldLineNet:      {"Line Subtotal", "Charge Amount"},
		FieldLineTax:      {"Line Tax Amount"},
		FieldAccount:      {"AccountNumber", "Account Number", "Account ID", "Id"},
		FieldName:         {"Account Name", "Name"},
		FieldParent:       {"Parent Account", "Parent Account: Account Number", "ParentId"},
	}
}

// tesorioColumns are those of flat files of open receivables, as Tesorio's connector takes them.
func tesorioColumns() map[Field][]string {
	return map[Field][]string{
		FieldNumber:        {"invoice_number", "transaction_number", "document_number", "invoice_id"},
		FieldType:          {"transaction_type", "document_type"},
		FieldCustomer:      {"customer_id", "customer_external_id"},
		FieldCustomerName:  {"customer_name"},
		FieldEntity:        {"subsidiary_id", "subsidiary"},
		FieldCurrency:      {"currency", "currency_code"},
		FieldIssuedOn:      {"date_created", "invoice_date", "date_issued"},
		FieldDueOn:         {"date_due", "due_date"},
		FieldOriginal:      {"amount", "original_amount", "total_amount", "invoice_total"},
		FieldTotal:         {"amount", "original_amount", "total_amount", "invoice_total"},
		FieldOpen:          {"amount_remaining", "open_balance", "balance", "amount_due", "open_amount"},
		FieldPurchaseOrder: {"po_number"},
		FieldDisputed:      {"disputed_amount", "in_dispute"},
		FieldAccount:       {"customer_id"},
		FieldName:          {"customer_name"},
		FieldEmails:        {"email", "contact_email"},
	}
}
