package ubl

import "encoding/xml"

// What follows is UBL 2.1 as its schema orders it, so far as EN 16931 uses it. Names carry their usual prefix: written as
// they stand, and found again because the reader gives every element the prefix of its namespace.
const (
	invoiceSpace = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
	creditSpace  = "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2" //nolint:gosec // a namespace
	cacSpace     = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
	cbcSpace     = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
)

type spaces struct {
	Own string `xml:"xmlns,attr,omitempty"`
	CAC string `xml:"xmlns:cac,attr,omitempty"`
	CBC string `xml:"xmlns:cbc,attr,omitempty"`
}

type wireHead struct {
	Customization string `xml:"cbc:CustomizationID,omitempty"`
	Profile       string `xml:"cbc:ProfileID,omitempty"`
	ID            string `xml:"cbc:ID"`
	IssueDate     string `xml:"cbc:IssueDate"`
}

type wireInvoice struct {
	XMLName xml.Name `xml:"Invoice"`
	spaces
	wireHead
	DueDate  string   `xml:"cbc:DueDate,omitempty"`
	TypeCode string   `xml:"cbc:InvoiceTypeCode"`
	Note     []string `xml:"cbc:Note"`
	TaxPoint string   `xml:"cbc:TaxPointDate,omitempty"`
	wireBody
	Lines []wireLine `xml:"cac:InvoiceLine"`
}

type wireCreditNote struct {
	XMLName xml.Name `xml:"CreditNote"`
	spaces
	wireHead
	TaxPoint string   `xml:"cbc:TaxPointDate,omitempty"`
	TypeCode string   `xml:"cbc:CreditNoteTypeCode"`
	Note     []string `xml:"cbc:Note"`
	wireBody
	Lines []wireLine `xml:"cac:CreditNoteLine"`
}

type wireBody struct {
	Currency       string           `xml:"cbc:DocumentCurrencyCode"`
	TaxCurrency    string           `xml:"cbc:TaxCurrencyCode,omitempty"`
	AccountingCost string           `xml:"cbc:AccountingCost,omitempty"`
	BuyerReference string           `xml:"cbc:BuyerReference,omitempty"`
	Period         *wirePeriod      `xml:"cac:InvoicePeriod"`
	Order          *wireReference   `xml:"cac:OrderReference"`
	Preceding      []wirePreceding  `xml:"cac:BillingReference"`
	Contract       *wireReference   `xml:"cac:ContractDocumentReference"`
	Seller         wireRole         `xml:"cac:AccountingSupplierParty"`
	Buyer          wireRole         `xml:"cac:AccountingCustomerParty"`
	Delivery       *wireDelivery    `xml:"cac:Delivery"`
	Means          []wireMeans      `xml:"cac:PaymentMeans"`
	Terms          *wireTerms       `xml:"cac:PaymentTerms"`
	Adjustments    []wireAdjustment `xml:"cac:AllowanceCharge"`
	TaxTotals      []wireTaxTotal   `xml:"cac:TaxTotal"`
	Totals         wireTotals       `xml:"cac:LegalMonetaryTotal"`
}

type wirePeriod struct {
	From string `xml:"cbc:StartDate,omitempty"`
	To   string `xml:"cbc:EndDate,omitempty"`
}

type wireReference struct {
	ID string `xml:"cbc:ID"`
}

type wirePreceding struct {
	ID   string  `xml:"cac:InvoiceDocumentReference>cbc:ID"`
	Date *string `xml:"cac:InvoiceDocumentReference>cbc:IssueDate"`
}

type wireRole struct {
	Party wireParty `xml:"cac:Party"`
}

type wireParty struct {
	Endpoint *wireID         `xml:"cbc:EndpointID"`
	IDs      []wireHolder    `xml:"cac:PartyIdentification"`
	Trading  *string         `xml:"cac:PartyName>cbc:Name"`
	Address  wireAddress     `xml:"cac:PostalAddress"`
	Taxes    []wirePartyTax  `xml:"cac:PartyTaxScheme"`
	Legal    wirePartyEntity `xml:"cac:PartyLegalEntity"`
	Contact  *wireContact    `xml:"cac:Contact"`
}

type wireHolder struct {
	ID wireID `xml:"cbc:ID"`
}

type wireID struct {
	Scheme string `xml:"schemeID,attr,omitempty"`
	Value  string `xml:",chardata"`
}

type wireAddress struct {
	Street  string  `xml:"cbc:StreetName,omitempty"`
	More    string  `xml:"cbc:AdditionalStreetName,omitempty"`
	City    string  `xml:"cbc:CityName,omitempty"`
	Zone    string  `xml:"cbc:PostalZone,omitempty"`
	Region  string  `xml:"cbc:CountrySubentity,omitempty"`
	Further *string `xml:"cac:AddressLine>cbc:Line"`
	Country string  `xml:"cac:Country>cbc:IdentificationCode"`
}

type wirePartyTax struct {
	Number string `xml:"cbc:CompanyID"`
	Scheme string `xml:"cac:TaxScheme>cbc:ID"`
}

type wirePartyEntity struct {
	Name      string  `xml:"cbc:RegistrationName"`
	ID        *wireID `xml:"cbc:CompanyID"`
	LegalForm string  `xml:"cbc:CompanyLegalForm,omitempty"`
}

type wireContact struct {
	Name  string `xml:"cbc:Name,omitempty"`
	Phone string `xml:"cbc:Telephone,omitempty"`
	Email string `xml:"cbc:ElectronicMail,omitempty"`
}

type wireDelivery struct {
	Date    string       `xml:"cbc:ActualDeliveryDate,omitempty"`
	Address *wireAddress `xml:"cac:DeliveryLocation>cac:Address"`
}

type wireMeans struct {
	Code      string       `xml:"cbc:PaymentMeansCode"`
	Due       string       `xml:"cbc:PaymentDueDate,omitempty"`
	Reference string       `xml:"cbc:PaymentID,omitempty"`
	Account   *wireAccount `xml:"cac:PayeeFinancialAccount"`
}

type wireAccount struct {
	ID   string  `xml:"cbc:ID"`
	Name string  `xml:"cbc:Name,omitempty"`
	Bank *string `xml:"cac:FinancialInstitutionBranch>cbc:ID"`
}

type wireTerms struct {
	Note string `xml:"cbc:Note"`
}

type wireAmount struct {
	Currency string `xml:"currencyID,attr"`
	Value    string `xml:",chardata"`
}

type wireAdjustment struct {
	Charge     bool          `xml:"cbc:ChargeIndicator"`
	ReasonCode string        `xml:"cbc:AllowanceChargeReasonCode,omitempty"`
	Reason     string        `xml:"cbc:AllowanceChargeReason,omitempty"`
	Percent    string        `xml:"cbc:MultiplierFactorNumeric,omitempty"`
	Amount     wireAmount    `xml:"cbc:Amount"`
	Base       *wireAmount   `xml:"cbc:BaseAmount"`
	Category   *wireCategory `xml:"cac:TaxCategory"`
}

type wireCategory struct {
	ID         string `xml:"cbc:ID"`
	Percent    string `xml:"cbc:Percent,omitempty"`
	ReasonCode string `xml:"cbc:TaxExemptionReasonCode,omitempty"`
	Reason     string `xml:"cbc:TaxExemptionReason,omitempty"`
	Scheme     string `xml:"cac:TaxScheme>cbc:ID"`
}

type wireTaxTotal struct {
	Tax    wireAmount    `xml:"cbc:TaxAmount"`
	Groups []wireTaxPart `xml:"cac:TaxSubtotal"`
}

type wireTaxPart struct {
	Net      wireAmount   `xml:"cbc:TaxableAmount"`
	Tax      wireAmount   `xml:"cbc:TaxAmount"`
	Category wireCategory `xml:"cac:TaxCategory"`
}

type wireTotals struct {
	Lines      wireAmount  `xml:"cbc:LineExtensionAmount"`
	Net        wireAmount  `xml:"cbc:TaxExclusiveAmount"`
	Gross      wireAmount  `xml:"cbc:TaxInclusiveAmount"`
	Allowances *wireAmount `xml:"cbc:AllowanceTotalAmount"`
	Charges    *wireAmount `xml:"cbc:ChargeTotalAmount"`
	Paid       *wireAmount `xml:"cbc:PrepaidAmount"`
	Rounding   *wireAmount `xml:"cbc:PayableRoundingAmount"`
	Payable    wireAmount  `xml:"cbc:PayableAmount"`
}

type wireQuantity struct {
	Unit  string `xml:"unitCode,attr,omitempty"`
	Value string `xml:",chardata"`
}

type wireLine struct {
	ID             string           `xml:"cbc:ID"`
	Note           string           `xml:"cbc:Note,omitempty"`
	Invoiced       *wireQuantity    `xml:"cbc:InvoicedQuantity"`
	Credited       *wireQuantity    `xml:"cbc:CreditedQuantity"`
	Net            wireAmount       `xml:"cbc:LineExtensionAmount"`
	AccountingCost string           `xml:"cbc:AccountingCost,omitempty"`
	Period         *wirePeriod      `xml:"cac:InvoicePeriod"`
	OrderLine      *string          `xml:"cac:OrderLineReference>cbc:LineID"`
	Adjustments    []wireAdjustment `xml:"cac:AllowanceCharge"`
	Item           wireItem         `xml:"cac:Item"`
	Price          wirePrice        `xml:"cac:Price"`
}

type wireItem struct {
	Description string       `xml:"cbc:Description,omitempty"`
	Name        string       `xml:"cbc:Name"`
	Category    wireCategory `xml:"cac:ClassifiedTaxCategory"`
}

type wirePrice struct {
	Amount wireAmount    `xml:"cbc:PriceAmount"`
	Base   *wireQuantity `xml:"cbc:BaseQuantity"`
}
