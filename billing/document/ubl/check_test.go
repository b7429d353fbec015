package ubl_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"makegood/billing/document"
	"makegood/billing/document/ubl"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// wrongFields are the names Check refuses a document for.
func wrongFields(t *testing.T, doc ubl.Document) []string {
	t.Helper()
	err := ubl.Check(doc)
	if err == nil {
		return nil
	}
	invalid, ok := errors.AsType[*errs.Error](err)
	if !ok || invalid.Kind != errs.Invalid {
		t.Fatalf("not an error about fields: %v", err)
	}
	var names []string
	for _, f := range invalid.Fields {
		names = append(names, f.Name)
	}
	return names
}

func TestEveryKindIsAccepted(t *testing.T) {
	t.Parallel()
	for name, doc := range kinds() {
		if err := ubl.Check(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRefusals changes one thing of a good document and wants the field named.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		of     func() ubl.Document
		change func(*ubl.Document)
		field  string
	}{
		{"no number", credit, func(d *ubl.Document) { d.Number = " " }, "number"},
		{"no day", credit, func(d *ubl.Document) { d.Issued = time.Time{} }, "issued"},
		{"unknown kind", credit, func(d *ubl.Document) { d.Kind = "999" }, "kind"},
		{"unknown profile", credit, func(d *ubl.Document) { d.Profile = "best" }, "profile"},
		{"unknown currency", credit, func(d *ubl.Document) { d.Currency = "euro" }, "currency"},
		{"no original", credit, func(d *ubl.Document) { d.Preceding = nil }, "preceding"},
		{"original without number", credit, func(d *ubl.Document) { d.Preceding[0].Number = "" }, "preceding[0].number"},
		{"original without date", credit, func(d *ubl.Document) { d.Preceding[0].Date = time.Time{} }, "preceding[0].date"},
		{"original of tomorrow", credit, func(d *ubl.Document) { d.Preceding[0].Date = day("2026-11-13") }, "preceding[0].date"},
		{"corrected invoice without original", rebill, func(d *ubl.Document) { d.Preceding = nil }, "preceding"},
		{"corrected invoice to Austria", rebillAbroad, func(d *ubl.Document) { d.Kind = ubl.Correction }, "kind"},
		{"on account, yet of an invoice", credit, func(d *ubl.Document) { d.OnAccount = true }, "on_account"},
		{"no line", credit, func(d *ubl.Document) { d.Lines = nil }, "lines"},
		{"line without name", credit, func(d *ubl.Document) { d.Lines[1].Name = "" }, "lines[1].name"},
		{"two lines of one number", credit, func(d *ubl.Document) { d.Lines[1].ID = "1" }, "lines[1].id"},
		{"negative price", credit, func(d *ubl.Document) { d.Lines[0].Price, d.Lines[0].Quantity = dec("-0.0525"), dec("-12400") }, "lines[0].price"},
		{"quantity that gives another amount", credit, func(d *ubl.Document) { d.Lines[1].Quantity = dec("3") }, "lines[1].net"},
		{"line period outside", credit, func(d *ubl.Document) { d.Lines[0].Period.From = day("2026-09-30") }, "lines[0].period"},
		{"period backwards", credit, func(d *ubl.Document) { d.Period.To = day("2026-09-01") }, "period"},
		{"seller without name", credit, func(d *ubl.Document) { d.Seller.Name = "" }, "seller.name"},
		{"buyer without country", credit, func(d *ubl.Document) { d.Buyer.Address.Country = "" }, "buyer.address.country"},
		{"seller without endpoint", credit, func(d *ubl.Document) { d.Seller.Endpoint = ubl.Identifier{} }, "seller.endpoint"},
		{"buyer without endpoint", credit, func(d *ubl.Document) { d.Buyer.Endpoint = ubl.Identifier{} }, "buyer.endpoint"},
		{"endpoint without scheme", credit, func(d *ubl.Document) { d.Buyer.Endpoint.Scheme = "" }, "buyer.endpoint.scheme"},
		{"VAT number without country", credit, func(d *ubl.Document) { d.Seller.VATID = "318842071" }, "seller.vat_id"},
		{"no VAT number", credit, func(d *ubl.Document) { d.Seller.VATID, d.Seller.TaxNumber.Value = "", "" }, "seller.vat_id"},
		{"seller without any number", gst, func(d *ubl.Document) { d.Seller.ID = ubl.Identifier{} }, "seller.id"},
		{"no reference of the buyer", gst, func(d *ubl.Document) { d.BuyerReference = "" }, "buyer_reference"},
		{"no telephone between Germans", credit, func(d *ubl.Document) { d.Seller.Contact.Phone = "" }, "seller.contact.phone"},
		{"no means of payment between Germans", credit, func(d *ubl.Document) { d.Payment.Means = "" }, "payment.means"},
		{"transfer without account", credit, func(d *ubl.Document) { d.Payment.Means = "30" }, "payment.account"},
		{"neither due date nor terms", credit, func(d *ubl.Document) { d.Payment.Terms = "" }, "payment.terms"},
		{"another currency on a line", credit, func(d *ubl.Document) { d.Lines[0].Net = money.MustParse("651.00", "USD") }, "lines[0].net"},
		{"another currency in the total", credit, func(d *ubl.Document) { d.Totals.Payable = money.MustParse("845.07", "USD") }, "totals.payable"},
		{"lines do not add up", credit, func(d *ubl.Document) { d.Totals.Lines = eur("716.79") }, "totals.lines"},
		{"net does not add up", credit, func(d *ubl.Document) { d.Totals.Net = eur("716.77") }, "totals.net"},
		{"tax does not add up", credit, func(d *ubl.Document) { d.Totals.Tax = eur("128.30") }, "totals.tax"},
		{"gross does not add up", credit, func(d *ubl.Document) { d.Totals.Gross = eur("845.08") }, "totals.gross"},
		{"payable does not add up", credit, func(d *ubl.Document) { d.Totals.Payable = eur("845.06") }, "totals.payable"},
		{"rounding forgotten", rounded, func(d *ubl.Document) { d.Totals.Rounding = money.Amount{} }, "totals.payable"},
		{"discounts do not add up", invoiceDiscount, func(d *ubl.Document) { d.Totals.Allowances = eur("49.99") }, "totals.allowances"},
		{"discount without reason", invoiceDiscount, func(d *ubl.Document) { d.Adjustments[0].Reason, d.Adjustments[0].ReasonCode = "", "" }, "adjustments[0].reason"},
		{"percentage of nothing", allTerms, func(d *ubl.Document) { d.Lines[0].Adjustments[0].Base = money.Amount{} }, "lines[0].adjustments[0].base"},
		{"percentage of another amount", allTerms, func(d *ubl.Document) { d.Lines[0].Adjustments[0].Base = eur("651.10") }, "lines[0].adjustments[0].amount"},
		{"group does not add up", credit, func(d *ubl.Document) { d.Lines[1].Rate = dec("19") }, "taxes[0].net"},
		{"line without its group", credit, func(d *ubl.Document) { d.Lines[1].Rate = dec("8") }, "lines[1].category"},
		{"group twice", credit, func(d *ubl.Document) { d.Taxes[1].Rate = dec("19") }, "taxes[1]"},
		{"standard rate of nothing", credit, func(d *ubl.Document) { d.Taxes[1].Rate = dec("0") }, "taxes[1].rate"},
		{"unknown category", credit, func(d *ubl.Document) { d.Taxes[1].Category = "X" }, "taxes[1].category"},
		{"reverse charge without reason", reverseCharge, func(d *ubl.Document) { d.Taxes[0].ReasonCode = "" }, "taxes[0].reason"},
		{"reason where there is none to give", zeroRated, func(d *ubl.Document) { d.Taxes[0].Reason = "0 %" }, "taxes[0].reason"},
		{"reason of another category", reverseCharge, func(d *ubl.Document) { d.Taxes[0].ReasonCode = "VATEX-EU-IC" }, "taxes[0].reason_code"},
		{"reason nobody knows", exempted, func(d *ubl.Document) { d.Taxes[1].ReasonCode = "VATEX-EU-133" }, "taxes[1].reason_code"},
		{"reverse charge to nobody", reverseCharge, func(d *ubl.Document) { d.Buyer.VATID = "" }, "buyer.vat_id"},
		{"within the Union, to nowhere", intraCommunity, func(d *ubl.Document) { d.Delivery.Address.Country = "" }, "delivery.address.country"},
		{"within the Union, at no time", intraCommunity, func(d *ubl.Document) { d.Period = ubl.Period{} }, "delivery.date"},
		{"export without VAT number", export, func(d *ubl.Document) { d.Seller.VATID = "" }, "seller.vat_id"},
		{"out of scope with a VAT number", outOfScope, func(d *ubl.Document) { d.Seller.VATID = "DE318842071" }, "seller.vat_id"},
		{"home tax in the same currency", homeTax, func(d *ubl.Document) { d.HomeTax = money.MustParse("243.20", "USD") }, "home_tax"},
		{"tax a cent too high", credit, offBy("0.01"), "taxes[0].tax"},
		{"tax a cent too low", credit, offBy("-0.01"), "taxes[0].tax"},
		{"tax of an inclusive memo a cent too high", inclusiveCredit, offBy("0.01"), "taxes[0].tax"},
		{"tax of an invoice a cent too high", invoiceDiscount, offBy("0.01"), "taxes[0].tax"},
		{"tax other than booked", cumulative, offBy("0.01"), "taxes[0].tax"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doc := c.of()
			c.change(&doc)
			if got := wrongFields(t, doc); !slices.Contains(got, c.field) {
				t.Errorf("%s is not refused: %v", c.field, got)
			}
			if content, err := ubl.Write(doc); err == nil || content != nil {
				t.Error("it is written all the same")
			}
		})
	}
}

func credit() ubl.Document          { return ubl.CreditNote(german(), inGermany()) }
func invoiceDiscount() ubl.Document { return ubl.Invoiced(discounted(), inGermany()) }
func inclusiveCredit() ubl.Document { return ubl.CreditNote(inclusive(), inGermany()) }

// offBy changes the first group's tax and all sums with it, so that only the tax itself is wrong.
func offBy(cent string) func(*ubl.Document) {
	return func(d *ubl.Document) {
		for _, a := range []*money.Amount{&d.Taxes[0].Tax, &d.Totals.Tax, &d.Totals.Gross, &d.Totals.Payable} {
			*a = money.MustParse(a.Decimal().Add(dec(cent)).String(), d.Currency)
		}
		if d.PricesIncludeTax { // what was charged stays
			d.Taxes[0].Net = money.MustParse(d.Taxes[0].Net.Decimal().Sub(dec(cent)).String(), d.Currency)
		}
	}
}

// TestTaxAgainstTheBooks holds a group against what was posted and what is left of the original.
func TestTaxAgainstTheBooks(t *testing.T) {
	t.Parallel()
	whole := func(d *ubl.Document, net, tax, creditedNet, creditedTax string) {
		d.Booked = []ubl.Booked{{
			Category: "S", Rate: dec("19"), Net: d.Taxes[0].Net, Tax: d.Taxes[0].Tax,
			Original: &ubl.Original{Net: eur(net), Tax: eur(tax), CreditedNet: eur(creditedNet), CreditedTax: eur(creditedTax)},
		}}
	}
	for _, c := range []struct {
		name  string
		book  func(*ubl.Document)
		field string
	}{
		{"the whole group with exactly its tax", func(d *ubl.Document) { whole(d, "651.00", "123.69", "0", "0") }, ""},
		{"the whole group, whose tax was a cent more", func(d *ubl.Document) { whole(d, "651.00", "123.70", "0", "0") }, "booked[0].original.tax"},
		{"the rest of a group with the rest of its tax", func(d *ubl.Document) { whole(d, "700.00", "133.00", "49.00", "9.31") }, ""},
		{"the rest of a group with another tax", func(d *ubl.Document) { whole(d, "700.00", "133.00", "49.00", "9.30") }, "booked[0].original.tax"},
		{"more net than is left", func(d *ubl.Document) { whole(d, "700.00", "133.00", "49.01", "9.31") }, "booked[0].original.net"},
		{"more tax than is left", func(d *ubl.Document) { whole(d, "800.00", "133.00", "10.00", "10.00") }, "booked[0].original.tax"},
		{"another net than booked", func(d *ubl.Document) {
			d.Booked = []ubl.Booked{{Category: "S", Rate: dec("19"), Net: eur("650.99"), Tax: eur("123.69")}}
		}, "booked[0].net"},
		{"a booked group that the document leaves out", func(d *ubl.Document) {
			d.Booked = []ubl.Booked{{Category: "S", Rate: dec("5"), Net: eur("0.00"), Tax: eur("0.01")}}
		}, "booked[0].tax"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doc := credit()
			c.book(&doc)
			got := wrongFields(t, doc)
			if c.field == "" && len(got) > 0 || c.field != "" && !slices.Contains(got, c.field) {
				t.Errorf("refused for %v, want %q", got, c.field)
			}
		})
	}
}

// TestCumulativeTaxNeedsTheBooks shows that a memo whose tax follows from earlier ones is refused without the books.
func TestCumulativeTaxNeedsTheBooks(t *testing.T) {
	t.Parallel()
	doc := cumulative()
	doc.Booked = nil
	if got := wrongFields(t, doc); !slices.Equal(got, []string{"taxes[0].tax"}) {
		t.Errorf("refused for %v", got)
	}
}

// TestThirdDecimal shows that what EN 16931 cannot say is refused, never rounded, and that plain UBL says it.
func TestThirdDecimal(t *testing.T) {
	t.Parallel()
	doc := ubl.CreditNote(in("KWD", "100.125", "5.006", "105.131", "5"), inGermany())
	if got := wrongFields(t, doc); !slices.Contains(got, "lines[0].net") || !slices.Contains(got, "taxes[0].tax") || !slices.Contains(got, "totals.payable") {
		t.Errorf("a third decimal is refused for %v only", got)
	}
	details := inGermany()
	details.Profile = ubl.Plain
	content, err := ubl.Write(ubl.CreditNote(in("KWD", "100.125", "5.006", "105.131", "5"), details))
	if err != nil {
		t.Fatal(err)
	}
	read, err := ubl.Read(content)
	if err != nil || read.Totals.Payable.String() != "105.131 KWD" || read.Profile != ubl.Plain {
		t.Errorf("payable %s under %s: %v", read.Totals.Payable, read.Profile, err)
	}
}

// TestWholeUnitOff refuses a tax that follows from the books and yet is a whole yen from its rate (BR-CO-17), and writes it
// without the standard.
func TestWholeUnitOff(t *testing.T) {
	t.Parallel()
	m, d := in("JPY", "100", "11", "111", "10"), inGermany()
	m.PricesIncludeTax = true
	yen := func(text string) money.Amount { return money.MustParse(text, "JPY") }
	d.Booked = []ubl.Booked{{Category: "S", Rate: dec("10"), Net: yen("100"), Tax: yen("11")}}
	if got := wrongFields(t, ubl.CreditNote(m, d)); !slices.Equal(got, []string{"taxes[0].tax"}) {
		t.Errorf("refused for %v", got)
	}
	d.Profile = ubl.Plain
	if _, err := ubl.Write(ubl.CreditNote(m, d)); err != nil {
		t.Error(err)
	}
}

func TestOutOfScopeStandsAlone(t *testing.T) {
	t.Parallel()
	m, d := abroad(document.OutOfScope, "GB", "", "9 Mill Lane", "Leeds LS1")
	m.Lines = append(m.Lines, german().Lines[1])
	m.Taxes = append(m.Taxes, german().Taxes[1])
	m.Net, m.Tax, m.Total = eur("716.78"), eur("4.60"), eur("721.38")
	d.Buyer.Endpoint = ubl.Identifier{Scheme: "0060", Value: "123456789"}
	if got := wrongFields(t, ubl.CreditNote(m, d)); !slices.Contains(got, "taxes") {
		t.Errorf("refused for %v", got)
	}
}
