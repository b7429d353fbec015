package billing

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"makegood/billing/importer"
	"makegood/billing/tax"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// checkNote looks at a credit note as far as that can be done before its invoice is here.
func (k known) checkNote(row ImportRow) error {
	n := row.Content.CreditNote
	if k.ours[row.ExternalID] || n.OurKey != "" && k.ours[n.OurKey] {
		return errs.New(ErrIssuedFromHere.Kind, ErrIssuedFromHere.Key, "number", n.Number)
	}
	if err := k.free(n.Number); err != nil {
		return err
	}
	if n.Invoice == "" {
		_, err := k.customer(n.Customer)
		return err
	}
	_, err := k.invoice(n.Invoice, k.named(n.Customer))
	return err
}

// named is the account that a record names. One that the mapping puts in where the file has none is nobody's.
func (k known) named(account string) string {
	if account == k.batch.Mapping.Defaults[importer.FieldCustomer] {
		return ""
	}
	return account
}

// prepareNote freezes a credit note as the adjustment it will be, for approval: with the amounts it was issued with, on
// the lines of its invoice.
func (s *Service) prepareNote(ctx context.Context, r db.Reader, k known, row *ImportRow) error {
	if err := k.checkNote(*row); err != nil {
		return err
	}
	n := row.Content.CreditNote
	a, err := k.noteAs(ctx, r, *n)
	if err != nil {
		return err
	}
	if !a.Net.Equal(n.Net) || !a.Tax.Equal(n.Tax) || !a.Net.IsPositive() {
		return errs.New(ErrNoteFitsNoLine.Kind, ErrNoteFitsNoLine.Key, "number", n.Number)
	}
	row.State, row.Adjustment, row.Digest, row.Reasons = RowWaiting, &a, a.ImportDigest(int64(row.ID)), nil
	return nil
}

// noteAs puts a credit note on the invoice it names, else on the one it takes back, else on the customer's account.
func (k known) noteAs(ctx context.Context, r db.Reader, n importer.CreditNote) (Adjustment, error) {
	if n.Invoice != "" {
		invoice, err := k.invoice(n.Invoice, k.named(n.Customer))
		if err != nil {
			return Adjustment{}, err
		}
		return noteOn(ctx, r, invoice, n)
	}
	customer, err := k.customer(n.Customer)
	if err != nil {
		return Adjustment{}, err
	}
	sold, err := k.cancelled(ctx, r, n, customer.ID)
	if err != nil {
		return Adjustment{}, err
	}
	if sold.ID != 0 {
		return noteOn(ctx, r, sold, n)
	}
	return onAccount(k, n, customer.ID), nil
}

// noteAdjustment is what all imported credits have in common. What was refunded or settled elsewhere is settled outside
// of these books; the rest reduces the invoice as far as it is open, or is the customer's balance.
func noteAdjustment(n importer.CreditNote) Adjustment {
	a := Adjustment{
		Kind: BillingError, Currency: n.Currency, ReasonCode: cmp.Or(n.Reason, "imported"), Net: n.Net, Tax: n.Tax, Total: n.Total,
		PricesIncludeTax: n.TaxInclusive, Rounding: n.Rounding, SettledOutside: n.Refunded.Add(n.Outside),
	}
	if n.Reason == "product_unsatisfactory" {
		a.Kind = Concession
	}
	return a
}

// onAccount is a credit note that names no invoice.
func onAccount(k known, n importer.CreditNote, customer CustomerID) Adjustment {
	a := noteAdjustment(n)
	a.Kind, a.EntityID, a.CustomerID = Concession, k.batch.EntityID, customer
	for _, l := range n.Lines {
		if !l.Net.Add(l.Tax).IsPositive() {
			continue
		}
		line := AdjustmentLine{
			Description: cmp.Or(l.Description, l.Product, n.Number), Quantity: new(l.Quantity), List: l.Net, Amount: l.Net, Net: l.Net,
			TaxCategory: l.TaxCategory, TaxRate: l.TaxRate, TaxShare: l.Taxed(),
		}
		if n.TaxInclusive {
			line.List, line.Amount = l.Net.Add(l.Tax), l.Net.Add(l.Tax)
		}
		a.Lines = append(a.Lines, line)
	}
	for _, t := range n.Taxes {
		a.Taxes = append(a.Taxes, AdjustmentTax{Code: t.Code, Category: t.Category, Rate: t.Rate, Net: t.Net, Tax: t.Tax})
	}
	a.divide(decimal.Zero)
	return a
}

// noteOn puts a credit note on the lines of its invoice.
func noteOn(ctx context.Context, r db.Reader, ref knownInvoice, n importer.CreditNote) (Adjustment, error) {
	invoice, err := readCredited(ctx, r, ref.ID)
	if err != nil {
		return Adjustment{}, err
	}
	if invoice.Currency != n.Currency {
		return Adjustment{}, errs.New(errs.Invalid, "money.mixed_currencies", "one", string(n.Currency), "other", string(invoice.Currency))
	}
	n.TaxInclusive = invoice.PricesIncludeTax
	if left := invoice.Rounding.Sub(invoice.RoundingGiven); !n.Rounding.IsZero() && !n.Rounding.Equal(left) {
		return Adjustment{}, errs.New(errs.Invalid, "billing.import.rounding_not_mirrored", "number", n.Number, "rounding", n.Rounding.String(), "left", left.String())
	}
	a := noteAdjustment(n)
	a.EntityID, a.CustomerID, a.InvoiceID, a.InvoiceNumber = invoice.EntityID, invoice.CustomerID, invoice.ID, invoice.Number
	places, err := linePlaces(ctx, r, ref)
	if err != nil {
		return a, err
	}
	given := noteLines{credited: invoice, places: places, n: n, amounts: map[InvoiceLineID]decimal.Decimal{}, taxes: map[InvoiceLineID]decimal.Decimal{}, told: map[lineTaxShareRow]decimal.Decimal{}}
	if err := given.place(); err != nil {
		return a, err
	}
	given.fill(&a)
	a.divide(invoice.Open)
	return a, nil
}

// noteLines finds which lines of an invoice a credit note gives back.
type noteLines struct {
	credited creditedInvoice
	places   map[string]int // a line by the source's id → its number here
	n        importer.CreditNote
	amounts  map[InvoiceLineID]decimal.Decimal // in the price basis
	taxes    map[InvoiceLineID]decimal.Decimal
	told     map[lineTaxShareRow]decimal.Decimal // of taxes: what the note says of each of several taxes on a line
}

// linePlaces are the numbers of an imported invoice's lines by what its source calls them.
func linePlaces(ctx context.Context, r db.Reader, ref knownInvoice) (map[string]int, error) {
	places := map[string]int{}
	if ref.RowID == nil {
		return places, nil
	}
	record, err := db.Value[*importer.Record](ctx, r, `select content from import_rows where id = $1`, *ref.RowID)
	if err != nil {
		return nil, fmt.Errorf("read imported invoice: %w", err)
	}
	if record == nil || record.Invoice == nil {
		return places, nil
	}
	no := 0
	for _, l := range record.Invoice.Lines {
		if amount := l.Net.Add(l.Tax); amount.IsNegative() {
			continue // became a discount
		}
		no++
		if l.External != "" {
			places[l.External] = no
		}
	}
	return places, nil
}

// place gives each line of the note its line of the invoice: the one it names, else the one that looks like it. A note
// whose lines find none is spread over what remains of the same tax.
func (g noteLines) place() error {
	for _, l := range g.n.Lines {
		amount := l.Net
		if g.n.TaxInclusive {
			amount = amount.Add(l.Tax)
		}
		if amount.IsZero() {
			continue
		}
		if line, found := g.lineFor(l, amount); found {
			g.give(line, amount, allTaxes(l))
			continue
		}
		if !g.spread(l, amount) {
			return errs.New(ErrNoteFitsNoLine.Kind, ErrNoteFitsNoLine.Key, "number", g.n.Number)
		}
	}
	return nil
}

// give gives back on a line, with the taxes that the note says. Of several it keeps each; one that the invoice does not have there is
// shared like any.
func (g noteLines) give(line LineDetail, amount decimal.Decimal, taxes []importer.LineTax) {
	g.amounts[line.ID] = g.amounts[line.ID].Add(amount)
	for _, said := range taxes {
		g.taxes[line.ID] = g.taxes[line.ID].Add(said.Tax)
		for _, t := range g.credited.taxes {
			at := lineTaxShareRow{line.ID, t.ID}
			if len(taxes) > 1 && t.Code == said.Code && t.Category == said.Category && t.Rate.Equal(said.Rate) && slices.Contains(g.credited.members, at) {
				g.told[at] = g.told[at].Add(said.Tax)
			}
		}
	}
}

// left is what may still be given on a line.
func (g noteLines) left(l LineDetail) decimal.Decimal { return l.Remaining.Sub(g.amounts[l.ID]) }

func (g noteLines) lineFor(l importer.Line, amount decimal.Decimal) (LineDetail, bool) {
	if no, named := g.places[l.InvoiceLine]; named && l.InvoiceLine != "" {
		at := slices.IndexFunc(g.credited.lines, func(x LineDetail) bool { return x.LineNo == no })
		if at >= 0 && !amount.GreaterThan(g.left(g.credited.lines[at])) {
			return g.credited.lines[at], true
		}
	}
	for _, lines := range g.taxedAs(l) {
		at := slices.IndexFunc(lines, func(x LineDetail) bool {
			alike := x.Product != "" && x.Product == l.Product || x.Product == "" && x.Description == l.Description
			return alike && !amount.GreaterThan(g.left(x))
		})
		if at >= 0 {
			return lines[at], true
		}
	}
	return LineDetail{}, false
}

// taxedAs are the lines of the invoice that are taxed as one of a note says, in three sets of which the first that fits counts: the very
// taxes; the same rates under other names; and one tax of the rate of them all, as what was brought in before several taxes on a line were
// told apart has it.
func (g noteLines) taxedAs(l importer.Line) [3][]LineDetail {
	said := allTaxes(l)
	var sets [3][]LineDetail
	for _, x := range g.credited.lines {
		borne := g.borne(x)
		switch {
		case writtenTaxes(borne, true) == writtenTaxes(said, true):
			sets[0] = append(sets[0], x)
		case writtenTaxes(borne, false) == writtenTaxes(said, false):
			sets[1] = append(sets[1], x)
		case len(borne) == 1 && borne[0].Rate.Equal(l.Rate()):
			sets[2] = append(sets[2], x)
		}
	}
	return sets
}

// borne are the taxes on a line of the invoice.
func (g noteLines) borne(x LineDetail) []importer.LineTax {
	var taxes []importer.LineTax
	for _, t := range g.credited.taxes {
		if slices.Contains(g.credited.members, lineTaxShareRow{x.ID, t.ID}) {
			taxes = append(taxes, importer.LineTax{Code: t.Code, Category: t.Category, Rate: t.Rate})
		}
	}
	return taxes
}

// allTaxes are the taxes on a line of a note, the ordinary one first.
func allTaxes(l importer.Line) []importer.LineTax {
	return append([]importer.LineTax{{Category: l.TaxCategory, Rate: l.TaxRate, Tax: l.Tax}}, l.More...)
}

// writtenTaxes writes rates, with their names or without, so that two lines can be compared. One of nothing makes no difference.
func writtenTaxes(taxes []importer.LineTax, named bool) string {
	var list []string
	for _, t := range taxes {
		code := t.Code
		if !named {
			code = ""
		}
		if !t.Rate.IsZero() {
			list = append(list, t.Rate.String()+" "+code)
		}
	}
	slices.Sort(list)
	return strings.Join(list, "; ")
}

// spread shares a line of the note that is for no line of the invoice over what remains of the same taxes, in proportion.
func (g noteLines) spread(l importer.Line, amount decimal.Decimal) bool {
	sets := g.taxedAs(l)
	return !amount.IsNegative() && slices.ContainsFunc(sets[:], func(lines []LineDetail) bool { return g.spreadOver(lines, l, amount) })
}

func (g noteLines) spreadOver(all []LineDetail, l importer.Line, amount decimal.Decimal) bool {
	var lines []LineDetail
	var left []decimal.Decimal
	sum := decimal.Zero
	for _, x := range all {
		if g.left(x).IsPositive() {
			lines, left, sum = append(lines, x), append(left, g.left(x)), sum.Add(g.left(x))
		}
	}
	if amount.GreaterThan(sum) {
		return false
	}
	digits := g.n.Currency.Digits()
	shares := tax.SpreadWithin(amount, left, tax.Bounds{Least: make([]decimal.Decimal, len(left)), Most: left}, digits)
	taxes := make([][]importer.LineTax, len(lines))
	for _, t := range allTaxes(l) {
		for k, share := range tax.Spread(t.Tax, shares, digits) {
			t.Tax = share
			taxes[k] = append(taxes[k], t)
		}
	}
	for k, share := range shares {
		if share.IsPositive() {
			g.give(lines[k], share, taxes[k])
		}
	}
	return true
}

// fill writes the lines and taxes of the adjustment, in the order of the invoice.
func (g noteLines) fill(a *Adjustment) {
	groups := make([]AdjustmentTax, len(g.credited.taxes))
	for i, t := range g.credited.taxes {
		groups[i] = AdjustmentTax{InvoiceTaxID: t.ID, Code: t.Code, Category: t.Category, Rate: t.Rate}
	}
	a.Net, a.Tax = decimal.Zero, decimal.Zero
	for _, x := range g.credited.lines {
		amount := g.amounts[x.ID]
		if !amount.IsPositive() {
			continue
		}
		l := AdjustmentLine{
			InvoiceLineID: x.ID, Description: x.Description, List: x.listFor(amount, g.n.Currency.Digits()), Amount: amount, Net: amount,
			TaxCategory: x.TaxCategory, TaxRate: x.TaxRate, TaxShare: g.taxes[x.ID],
		}
		l.Discount = l.List.Sub(amount)
		if g.n.TaxInclusive {
			l.Net = amount.Sub(l.TaxShare)
		}
		a.Lines = append(a.Lines, l)
		a.Net, a.Tax = a.Net.Add(l.Net), a.Tax.Add(l.TaxShare)
		g.shareTax(groups, x, l)
	}
	for _, t := range groups {
		if t.Net.IsPositive() || t.Tax.IsPositive() {
			a.Taxes = append(a.Taxes, t)
		}
	}
	a.Total = a.Net.Add(a.Tax).Add(a.Rounding)
}

// shareTax books the tax of a line on its groups: all of it on its own, as the note tells, or as the invoice shared it between
// several.
func (g noteLines) shareTax(groups []AdjustmentTax, line LineDetail, l AdjustmentLine) {
	var members []int
	var weights []decimal.Decimal
	left := l.TaxShare
	for i, t := range g.credited.taxes {
		if slices.Contains(g.credited.members, lineTaxShareRow{line.ID, t.ID}) {
			members, weights = append(members, i), append(weights, t.Tax)
			said := g.told[lineTaxShareRow{line.ID, t.ID}]
			groups[i].Tax, left = groups[i].Tax.Add(said), left.Sub(said)
		}
	}
	for k, share := range tax.Spread(left, weights, g.n.Currency.Digits()) {
		groups[members[k]].Net, groups[members[k]].Tax = groups[members[k]].Net.Add(l.Net), groups[members[k]].Tax.Add(share)
	}
}
