package api

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/errs"
)

type issueIn struct {
	Signed
	Body struct {
		Customer      string    `json:"customer" doc:"account number of the bill-to"`
		SoldTo        string    `json:"sold_to,omitempty" doc:"account number; the bill-to without it"`
		IssuedOn      string    `json:"issued_on,omitempty" doc:"today without it"`
		DueOn         string    `json:"due_on,omitempty" doc:"by the customer's terms without it"`
		ServiceFrom   string    `json:"service_from"`
		ServiceTo     string    `json:"service_to"`
		PurchaseOrder string    `json:"purchase_order,omitempty"`
		Lines         []NewLine `json:"lines" minItems:"1" maxItems:"500"`

		PricesIncludeTax bool               `json:"prices_include_tax,omitempty" doc:"unit prices, discounts and charges are with tax, and a line has one tax"`
		Discounts        []ProposalDiscount `json:"discounts,omitempty" maxItems:"50" doc:"on the document as a whole or on some lines; a line takes part in one at most"`
		Charges          []NewCharge        `json:"charges,omitempty" maxItems:"50" doc:"on the document as a whole, such as freight"`
		Rounding         string             `json:"rounding,omitempty" doc:"cash rounding of the total, up or down"`
		Withholding      string             `json:"withholding,omitempty" doc:"what the customer is to withhold for the tax authority; noted, part of the total"`
		Totals           NewTotals          `json:"totals,omitzero" doc:"the sums expected; an invoice that comes to others is refused with the difference"`
	}
}

// NewLine is a line of an invoice to be issued.
type NewLine struct {
	Product     string        `json:"product,omitempty"`
	Description string        `json:"description"`
	Quantity    string        `json:"quantity"`
	UnitPrice   string        `json:"unit_price" doc:"at most six decimals, in the price basis of the invoice"`
	TaxCategory string        `json:"tax_category" doc:"UNCL 5305 code, e.g. S for standard"`
	TaxRate     string        `json:"tax_rate" doc:"per cent"`
	MoreTaxes   []ProposalTax `json:"more_taxes,omitempty" maxItems:"10" doc:"further taxes on the same line, told apart by their codes"`
	CostCentre  string        `json:"cost_centre,omitempty"`
	Location    string        `json:"location,omitempty"`
	Exemption   string        `json:"exemption,omitempty" doc:"the customer's certificate, where the tax category is E; the only one that holds on the day without it"`
}

// NewCharge is a charge on the whole of an invoice. It becomes a line of its own after the others, which is disputed and
// credited like any.
type NewCharge struct {
	Label       string        `json:"label"`
	Amount      string        `json:"amount" doc:"in the price basis of the invoice"`
	TaxCategory string        `json:"tax_category" doc:"UNCL 5305 code, e.g. S for standard"`
	TaxRate     string        `json:"tax_rate" doc:"per cent"`
	MoreTaxes   []ProposalTax `json:"more_taxes,omitempty" maxItems:"10"`
}

// NewTotals are the sums that a caller expects an invoice to come to; those left out are not compared.
type NewTotals struct {
	Net   string `json:"net,omitempty"`
	Tax   string `json:"tax,omitempty"`
	Total string `json:"total,omitempty" doc:"net, tax and rounding"`
}

func (h *handlers) issueInvoice(ctx context.Context, in *issueIn) (*invoiceOut, error) {
	input, err := h.newInvoice(ctx, in)
	if err != nil {
		return nil, err
	}
	issued, err := h.Billing.IssueInvoice(ctx, input)
	if err != nil {
		return nil, namedCharges(err, "", len(in.Body.Lines))
	}
	return h.getInvoice(ctx, &InvoiceRef{Signed: in.Signed, Number: issued.Number})
}

func (h *handlers) newInvoice(ctx context.Context, in *issueIn) (billing.NewInvoice, error) {
	b := in.Body
	customer, err := h.customer(ctx, &CustomerRef{Signed: in.Signed, Account: b.Customer})
	if err != nil {
		return billing.NewInvoice{}, err
	}
	n := billing.NewInvoice{EntityID: customer.EntityID, CustomerID: customer.ID, SoldToID: customer.ID, Currency: customer.Currency, PurchaseOrder: b.PurchaseOrder, By: in.by}
	if b.SoldTo != "" {
		soldTo, err := h.customer(ctx, &CustomerRef{Signed: in.Signed, Account: b.SoldTo})
		if err != nil {
			return n, err
		}
		n.SoldToID = soldTo.ID
	}
	if n.IssuedOn, err = parseDate("issued_on", b.IssuedOn); err != nil {
		return n, err
	}
	if n.IssuedOn.IsZero() {
		if n.IssuedOn, err = h.Billing.TodayAt(ctx, h.Reports.Reader(), n.EntityID); err != nil {
			return n, err
		}
	}
	if n.DueOn, err = parseDate("due_on", b.DueOn); err != nil {
		return n, err
	}
	if n.DueOn.IsZero() {
		n.DueOn = n.IssuedOn.AddDate(0, 0, customer.TermsDays)
	}
	if n.ServiceFrom, err = parseDate("service_from", b.ServiceFrom); err != nil {
		return n, err
	}
	if n.ServiceTo, err = parseDate("service_to", b.ServiceTo); err != nil {
		return n, err
	}
	err = in.amounts(&n)
	return n, err
}

// amounts reads what makes up the invoice: lines, charges, discounts, rounding, withholding and the sums expected.
func (in *issueIn) amounts(n *billing.NewInvoice) error {
	b := in.Body
	n.PricesIncludeTax = b.PricesIncludeTax
	for i, l := range b.Lines {
		line, err := ProposalBillLine(l).line("lines." + strconv.Itoa(i))
		if err != nil {
			return err
		}
		n.Lines = append(n.Lines, line)
	}
	var err error
	if n.Discounts, err = discountsOf("discounts", b.Discounts); err != nil {
		return err
	}
	for i, c := range b.Charges {
		line, err := c.line("charges." + strconv.Itoa(i))
		if err != nil {
			return err
		}
		n.Lines = append(n.Lines, line)
	}
	if n.Rounding, err = decimalOr("rounding", b.Rounding); err != nil {
		return err
	}
	if n.Withholding, err = decimalOr("withholding", b.Withholding); err != nil {
		return err
	}
	n.Stated, err = b.Totals.stated()
	return err
}

// line is the charge as a line: once, at its amount.
func (c NewCharge) line(field string) (billing.NewLine, error) {
	line, err := ProposalBillLine{
		Description: c.Label, Quantity: "1", UnitPrice: c.Amount, TaxCategory: c.TaxCategory, TaxRate: c.TaxRate, MoreTaxes: c.MoreTaxes,
	}.line(field)
	line.Charge = true
	return line, err
}

func discountsOf(field string, in []ProposalDiscount) ([]billing.NewDiscount, error) {
	var list []billing.NewDiscount
	for i, d := range in {
		amount, err := decimalOf(field+"."+strconv.Itoa(i)+".amount", d.Amount)
		if err != nil {
			return nil, err
		}
		list = append(list, billing.NewDiscount{Label: d.Label, Lines: d.Lines, Amount: amount})
	}
	return list, nil
}

// decimalOr reads a number that may be left out, which is nothing.
func decimalOr(field, text string) (decimal.Decimal, error) {
	if text == "" {
		return decimal.Zero, nil
	}
	return decimalOf(field, text)
}

func (t NewTotals) stated() (billing.StatedSums, error) {
	var sums billing.StatedSums
	for _, sum := range []struct {
		name, text string
		to         **decimal.Decimal
	}{{"totals.net", t.Net, &sums.Net}, {"totals.tax", t.Tax, &sums.Tax}, {"totals.total", t.Total, &sums.Total}} {
		if sum.text == "" {
			continue
		}
		value, err := decimalOf(sum.name, sum.text)
		if err != nil {
			return sums, err
		}
		*sum.to = &value
	}
	return sums, nil
}

// namedCharges gives the fields of lines that stand for charges the names they were sent by. Under is where the invoice stands, with its
// point; it has so many lines that are none.
func namedCharges(err error, under string, lines int) error {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || len(e.Fields) == 0 {
		return err
	}
	renamed := *e
	renamed.Fields = slices.Clone(e.Fields)
	for i, f := range renamed.Fields {
		place, field, ok := strings.Cut(strings.TrimPrefix(f.Name, under+"lines."), ".")
		if !ok || !strings.HasPrefix(f.Name, under+"lines.") {
			continue
		}
		if n, err := strconv.Atoi(place); err == nil && n >= lines {
			of := map[string]string{"description": "label", "unit_price": "amount"}
			renamed.Fields[i].Name = under + "charges." + strconv.Itoa(n-lines) + "." + cmp.Or(of[field], field)
		}
	}
	return &renamed
}
