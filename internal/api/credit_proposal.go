package api

import (
	"context"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/credits"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// Proposal is an adjustment that is asked for. Which members count depends on the kind:
// billing_error, concession, sla_credit give back on an invoice (lines or whole, with refund and settled_outside) or, but
// for an error, on account (customer, and lines with a description and a tax); rebill credits all that remains of an
// invoice and bills it anew (bill); debit charges more (bill; invoice or customer); refund pays unapplied cash or credit
// out (items); write_off gives up what is open on invoices (items, or
// small_balances); transfer moves unapplied items to another customer of
// the family (items, to_customer); reversal takes a posted adjustment back (reverses).
type Proposal struct {
	Kind           string         `json:"kind" enum:"billing_error,concession,sla_credit,rebill,debit,refund,write_off,transfer,reversal" doc:"which other members count depends on it"`
	Case           string         `json:"case,omitempty" doc:"case number; a reversal belongs to the case of what it takes back by itself"`
	Invoice        string         `json:"invoice,omitempty" doc:"number of the invoice that is credited, charged more on or billed anew"`
	Customer       string         `json:"customer,omitempty" doc:"account number, for a credit or a debit memo on account"`
	Currency       string         `json:"currency,omitempty" doc:"on account; the customer's without it"`
	Reason         string         `json:"reason_code"`
	RootCause      *int64         `json:"root_cause_id,omitempty"`
	ErrorBy        *int64         `json:"error_by_id,omitempty" doc:"whose error of the desk's people it puts right: they sign nothing of it"`
	Explanation    string         `json:"explanation,omitempty" doc:"for approvers and auditors"`
	CustomerNote   string         `json:"customer_note,omitempty" doc:"for the customer"`
	Lines          []ProposalLine `json:"lines,omitempty" maxItems:"500"`
	Whole          bool           `json:"whole,omitempty" doc:"all that remains of the invoice, instead of lines"`
	Refund         *Money         `json:"refund,omitempty" doc:"part of a credit that is paid out; at most what was received and not paid back"`
	SettledOutside *Money         `json:"settled_outside,omitempty" doc:"part of a credit that was settled on another way"`
	Items          []ProposalItem `json:"items,omitempty" maxItems:"500" doc:"refund, transfer: what it is taken from; write_off: what is given up"`
	SmallBalances  *SmallBalances `json:"small_balances,omitempty" doc:"write_off, instead of items: all that is small and that no unapplied money of the customer covers"`
	ToCustomer     string         `json:"to_customer,omitempty" doc:"transfer: account number of who gets it"`
	Reverses       string         `json:"reverses,omitempty" doc:"reversal: number of the credit memo, debit memo, refund, write-off or transfer to take back"`
	Bill           *ProposalBill  `json:"bill,omitempty" doc:"debit, rebill: what is charged"`
	Method         string         `json:"method,omitempty" doc:"refund: how it is paid; bank_transfer without it"`
	Destination    string         `json:"destination,omitempty" maxLength:"100" doc:"refund: where it goes, masked, e.g. DE•• 4711"`
	Incident       *IncidentOf    `json:"incident,omitempty" doc:"concession: what it is given for; a service credit for it counts it as given"`
	Evidence       []NewEvidence  `json:"evidence,omitempty" maxItems:"50"`
}

// IncidentOf names an incident, and the service it struck where it struck several of the customer.
type IncidentOf struct {
	ID       int64  `json:"id"`
	Contract string `json:"contract,omitempty"`
	Service  string `json:"service,omitempty"`
}

// ProposalLine is a part of an invoice line to be credited; the line is named by its id or its number on the invoice.
// Of net, list and quantity the first that is given decides. On account it has a description and a tax instead.
type ProposalLine struct {
	InvoiceLine int64  `json:"invoice_line_id,omitempty"`
	LineNo      int    `json:"line_no,omitempty"`
	Net         *Money `json:"net,omitempty" doc:"after the document discount, in the price basis of the invoice: without tax, or with it where prices include it; the tax follows from the invoice"`
	List        *Money `json:"list,omitempty" doc:"before the document discount, as printed"`
	Quantity    string `json:"quantity,omitempty" doc:"alone: by the line's own price; beside an amount it only says so"`
	Dispute     *int64 `json:"dispute_id,omitempty" doc:"the dispute line it settles"`
	Description string `json:"description,omitempty" doc:"on account"`
	TaxCategory string `json:"tax_category,omitempty" doc:"on account: UNCL 5305 code, e.g. S for standard"`
	TaxRate     string `json:"tax_rate,omitempty" doc:"on account: per cent"`
}

// ProposalItem is a part of an open document.
type ProposalItem struct {
	Document string `json:"document" doc:"number of a payment, credit memo or transfer; of an invoice to be written off"`
	Amount   Money  `json:"amount"`
}

// ProposalBill is what a debit memo or a rebill charges.
type ProposalBill struct {
	DueOn            string             `json:"due_on,omitempty" doc:"by the customer's terms without it"`
	ServiceFrom      string             `json:"service_from,omitempty"`
	ServiceTo        string             `json:"service_to,omitempty"`
	PurchaseOrder    string             `json:"purchase_order,omitempty"`
	PricesIncludeTax bool               `json:"prices_include_tax,omitempty"`
	Rounding         string             `json:"rounding,omitempty" doc:"cash rounding of the total, up or down"`
	Discounts        []ProposalDiscount `json:"discounts,omitempty" maxItems:"50"`
	Charges          []NewCharge        `json:"charges,omitempty" maxItems:"50" doc:"on the document as a whole, such as freight"`
	Lines            []ProposalBillLine `json:"lines" minItems:"1" maxItems:"500"`
}

// ProposalDiscount is a discount of the whole bill or of some of its lines.
type ProposalDiscount struct {
	Label  string `json:"label"`
	Amount string `json:"amount"`
	Lines  []int  `json:"lines,omitempty" doc:"places of the lines, the first is 0; all that are no charges without it"`
}

// ProposalBillLine is a line to be charged.
type ProposalBillLine struct {
	Product     string        `json:"product,omitempty"`
	Description string        `json:"description"`
	Quantity    string        `json:"quantity"`
	UnitPrice   string        `json:"unit_price" doc:"at most six decimals, in the price basis of the bill"`
	TaxCategory string        `json:"tax_category" doc:"UNCL 5305 code, e.g. S for standard"`
	TaxRate     string        `json:"tax_rate" doc:"per cent"`
	MoreTaxes   []ProposalTax `json:"more_taxes,omitempty" maxItems:"10" doc:"further taxes on the same line, told apart by their codes"`
	CostCentre  string        `json:"cost_centre,omitempty"`
	Location    string        `json:"location,omitempty"`
	Exemption   string        `json:"exemption,omitempty" doc:"the customer's certificate, where the tax category is E"`
}

// ProposalTax is a further tax on a line.
type ProposalTax struct {
	Code     string `json:"code"`
	Category string `json:"category"`
	Rate     string `json:"rate" doc:"per cent"`
}

// propose turns what the caller sent into the domain's input; errors name the fields.
func (h *handlers) propose(ctx context.Context, s Signed, p Proposal) (credits.ProposeInput, error) {
	in := credits.ProposeInput{
		By: s.by, Kind: billing.Kind(p.Kind), ReasonCode: p.Reason, RootCauseID: p.RootCause, ErrorBy: p.ErrorBy, Explanation: p.Explanation, CustomerNote: p.CustomerNote,
		Whole: p.Whole, Currency: money.Currency(p.Currency), Method: p.Method, Destination: p.Destination,
	}
	b := builder{handlers: h, s: s, in: &in, currency: in.Currency}
	for _, part := range []func(context.Context, Proposal) error{b.parties, b.lines, b.buckets, b.items, b.smallBalances, b.bill, b.incident, b.evidence} {
		if err := part(ctx, p); err != nil {
			return in, err
		}
	}
	return in, nil
}

// incident names what a concession is given for.
func (b *builder) incident(ctx context.Context, p Proposal) error {
	if p.Incident == nil {
		return nil
	}
	b.in.For = &billing.GoodwillFor{IncidentID: billing.IncidentID(p.Incident.ID)}
	if p.Incident.Contract == "" {
		return nil
	}
	d, err := b.contract(ctx, b.s, p.Incident.Contract)
	if err != nil {
		return fieldOr(err, "incident.contract", billing.ErrNoContract)
	}
	service, err := d.Service(p.Incident.Service)
	if err != nil {
		return fieldOr(err, "incident.service", billing.ErrNoService)
	}
	b.in.For.ServiceID = service.ID
	return nil
}

// builder turns a proposal over, part by part.
type builder struct {
	*handlers
	s        Signed
	in       *credits.ProposeInput
	invoice  *billing.InvoiceDetail
	currency money.Currency // "" as long as nothing says which
}

// parties finds the case, the invoice and the customers a proposal names.
func (b *builder) parties(ctx context.Context, p Proposal) error {
	r := b.Reports.Reader()
	if p.Case != "" {
		c, err := b.Cases.CaseByNumber(ctx, r, p.Case, b.s.by)
		if err != nil {
			return err
		}
		b.in.CaseID = &c.ID
	}
	if p.Customer != "" {
		c, err := b.account(ctx, "customer", p.Customer)
		if err != nil {
			return err
		}
		b.in.CustomerID, b.in.EntityID = c.ID, c.EntityID
		if b.currency == "" {
			b.currency = c.Currency
		}
	}
	if p.ToCustomer != "" {
		c, err := b.account(ctx, "to_customer", p.ToCustomer)
		if err != nil {
			return err
		}
		b.in.ToCustomerID = c.ID
	}
	if p.Reverses != "" {
		doc, err := b.Billing.DocumentByNumber(ctx, r, p.Reverses)
		if err != nil || books(b.s, doc.EntityID) != nil {
			return fieldOr(err, "reverses", billing.ErrNoAdjustment)
		}
		b.in.Reverses = doc.DocumentRef
	}
	if p.Invoice == "" {
		return b.needed(p)
	}
	invoice, err := b.invoiceID(ctx, "invoice", p.Invoice)
	if err != nil || books(b.s, invoice.EntityID) != nil {
		return fieldOr(err, "invoice", billing.ErrNoInvoice)
	}
	detail, err := b.Billing.InvoiceDetail(ctx, r, invoice.ID)
	b.in.InvoiceID, b.invoice, b.currency = invoice.ID, &detail, detail.Currency
	return err
}

// needed says which field is missing where the kind cannot do without.
func (b *builder) needed(p Proposal) error {
	onAccount := p.Customer != ""
	switch b.in.Kind {
	case billing.BillingError, billing.Rebill:
		return errs.InvalidField("invoice", "error.required")
	case billing.Concession, billing.SLACredit, billing.Debit:
		if !onAccount {
			return errs.InvalidField("invoice", "error.required")
		}
	case billing.Reverse:
		if p.Reverses == "" {
			return errs.InvalidField("reverses", "error.required")
		}
	case billing.TransferOver:
		if p.ToCustomer == "" {
			return errs.InvalidField("to_customer", "error.required")
		}
	case billing.RefundOut, billing.WriteOff:
	}
	return nil
}

// fieldOr names the field of what was not found or lies outside the caller's scope; other errors stay as they are.
func fieldOr(err error, field string, missing *errs.Error) error {
	if err != nil && errs.KindOf(err) != errs.NotFound {
		return err
	}
	return errs.InvalidField(field, missing.Key)
}

func (b *builder) account(ctx context.Context, field, account string) (billing.Customer, error) {
	c, err := b.Billing.CustomerByAccount(ctx, b.Reports.Reader(), account)
	if err != nil || books(b.s, c.EntityID) != nil {
		return c, fieldOr(err, field, billing.ErrNoCustomer)
	}
	return c, nil
}

func (b *builder) lines(_ context.Context, p Proposal) error {
	for i, l := range p.Lines {
		line, err := b.line("lines."+strconv.Itoa(i), l)
		if err != nil {
			return err
		}
		b.in.Lines = append(b.in.Lines, line)
	}
	return nil
}

func (b *builder) line(field string, l ProposalLine) (credits.ProposeLine, error) {
	line := credits.ProposeLine{DisputeLineID: (*cases.DisputeID)(l.Dispute), Description: l.Description, Tax: billing.LineTax{Category: l.TaxCategory}}
	var err error
	if line.Net, err = b.amount(field+".net", l.Net); err != nil {
		return line, err
	}
	if line.List, err = b.amount(field+".list", l.List); err != nil {
		return line, err
	}
	if l.Quantity != "" {
		quantity, err := decimalOf(field+".quantity", l.Quantity)
		if err != nil {
			return line, err
		}
		line.Quantity = &quantity
	}
	if l.Net == nil && l.List == nil && l.Quantity == "" {
		return line, errs.InvalidField(field+".net", "error.required")
	}
	if b.invoice == nil {
		line.Tax.Rate, err = decimalOf(field+".tax_rate", l.TaxRate)
		return line, err
	}
	for _, known := range b.invoice.Lines {
		if int64(known.ID) == l.InvoiceLine || l.InvoiceLine == 0 && known.LineNo == l.LineNo {
			line.InvoiceLineID = known.ID
			return line, nil
		}
	}
	return line, errs.InvalidField(field+".invoice_line_id", "billing.no_such_line")
}

// amount reads an amount in the one currency of the proposal; nil is zero.
func (b *builder) amount(field string, m *Money) (decimal.Decimal, error) {
	if m == nil {
		return decimal.Zero, nil
	}
	a, err := m.parse(field)
	if err != nil {
		return decimal.Zero, err
	}
	if b.currency == "" {
		b.currency = a.Currency()
	}
	if a.Currency() != b.currency {
		return decimal.Zero, errs.InvalidField(field+".currency", "money.mixed_currencies", "one", string(a.Currency()), "other", string(b.currency))
	}
	return a.Decimal(), nil
}

func (b *builder) buckets(_ context.Context, p Proposal) error {
	var err error
	if b.in.Refund, err = b.amount("refund", p.Refund); err != nil {
		return err
	}
	b.in.SettledOutside, err = b.amount("settled_outside", p.SettledOutside)
	return err
}

func (b *builder) items(ctx context.Context, p Proposal) error {
	for i, part := range p.Items {
		field := "items." + strconv.Itoa(i)
		item, known, err := b.Billing.ItemByNumber(ctx, b.Reports.Reader(), part.Document)
		if err != nil {
			return err
		}
		if !known || books(b.s, item.EntityID) != nil {
			return errs.InvalidField(field+".document", "billing.no_such_item")
		}
		if i == 0 {
			b.currency = item.Currency
		}
		amount, err := b.amount(field+".amount", &part.Amount)
		if err != nil {
			return err
		}
		b.in.Items = append(b.in.Items, billing.ItemPart{Kind: item.Kind, ID: item.DocumentID, Amount: amount})
	}
	return nil
}

func (b *builder) evidence(_ context.Context, p Proposal) error {
	for i, e := range p.Evidence {
		sum, err := hex.DecodeString(e.SHA256)
		if err != nil {
			return errs.InvalidField("evidence."+strconv.Itoa(i)+".sha256", "credits.evidence.no_hash")
		}
		b.in.Evidence = append(b.in.Evidence, credits.NewEvidence{
			Kind: credits.EvidenceKind(e.Kind), Label: e.Label, MessageID: (*cases.MessageID)(e.Message), SheetID: e.Sheet, SHA256: sum, AttachmentID: e.File,
		})
	}
	return nil
}

// decimalOf reads a plain decimal number: digits with at most one point, as exact as it is written.
func decimalOf(field, text string) (decimal.Decimal, error) {
	const longest = 40
	value, err := decimal.NewFromString(text)
	if err != nil || len(text) > longest || strings.ContainsAny(text, "eE") {
		return decimal.Zero, errs.InvalidField(field, money.ErrSyntax.Key, "text", text)
	}
	return value, nil
}
