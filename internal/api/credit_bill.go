package api

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strconv"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/errs"
)

// bill reads what is to be charged.
func (b *builder) bill(_ context.Context, p Proposal) error {
	if p.Bill == nil {
		return nil
	}
	bill := billing.Bill{PurchaseOrder: p.Bill.PurchaseOrder, PricesIncludeTax: p.Bill.PricesIncludeTax}
	var err error
	if bill.DueOn, err = parseDate("bill.due_on", p.Bill.DueOn); err != nil {
		return err
	}
	if bill.ServiceFrom, err = parseDate("bill.service_from", p.Bill.ServiceFrom); err != nil {
		return err
	}
	if bill.ServiceTo, err = parseDate("bill.service_to", p.Bill.ServiceTo); err != nil {
		return err
	}
	if bill.Rounding, err = decimalOr("bill.rounding", p.Bill.Rounding); err != nil {
		return err
	}
	if bill.Discounts, err = discountsOf("bill.discounts", p.Bill.Discounts); err != nil {
		return err
	}
	for i, l := range p.Bill.Lines {
		line, err := l.line("bill.lines." + strconv.Itoa(i))
		if err != nil {
			return err
		}
		bill.Lines = append(bill.Lines, line)
	}
	for i, c := range p.Bill.Charges {
		line, err := c.line("bill.charges." + strconv.Itoa(i))
		if err != nil {
			return err
		}
		bill.Lines = append(bill.Lines, line)
	}
	b.in.Bill = &bill
	return nil
}

// charges gives the fields of an error the names that the bill's charges were sent by.
func (p Proposal) charges(err error) error {
	if p.Bill == nil {
		return err
	}
	return namedCharges(err, "bill.", len(p.Bill.Lines))
}

func (l ProposalBillLine) line(field string) (billing.NewLine, error) {
	line := billing.NewLine{Product: l.Product, Description: l.Description, TaxCategory: l.TaxCategory, CostCentre: l.CostCentre, Location: l.Location, Exemption: l.Exemption}
	for _, number := range []struct {
		name, text string
		to         *decimal.Decimal
	}{{"quantity", l.Quantity, &line.Quantity}, {"unit_price", l.UnitPrice, &line.UnitPrice}, {"tax_rate", l.TaxRate, &line.TaxRate}} {
		value, err := decimalOf(field+"."+number.name, number.text)
		if err != nil {
			return line, err
		}
		*number.to = value
	}
	for i, t := range l.MoreTaxes {
		rate, err := decimalOf(field+".more_taxes."+strconv.Itoa(i)+".rate", t.Rate)
		if err != nil {
			return line, err
		}
		line.MoreTaxes = append(line.MoreTaxes, billing.LineTax{Code: t.Code, Category: t.Category, Rate: rate})
	}
	return line, nil
}

// named gives the fields of an error the names they have in a Proposal.
func named(err error) error {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || len(e.Fields) == 0 {
		return err
	}
	theirs := []struct {
		ours *regexp.Regexp
		name string
	}{
		{regexp.MustCompile(`^invoice_id$`), "invoice"},
		{regexp.MustCompile(`^bill\.currency$`), "currency"},
		{regexp.MustCompile(`^reverses\.kind$`), "reverses"},
		{regexp.MustCompile(`^(lines\.\d+)\.dispute_line_id$`), "$1.dispute_id"},
		{regexp.MustCompile(`^(items\.\d+)$`), "$1.amount"},
	}
	renamed := *e
	renamed.Fields = slices.Clone(e.Fields)
	for i := range renamed.Fields {
		for _, t := range theirs {
			renamed.Fields[i].Name = t.ours.ReplaceAllString(renamed.Fields[i].Name, t.name)
		}
	}
	return &renamed
}
