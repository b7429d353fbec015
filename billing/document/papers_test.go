package document_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing/document"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// made is the PDF of any paper.
func made(r *document.Renderer, p paper) ([]byte, error) {
	switch p := p.(type) {
	case document.CreditMemo:
		return r.CreditMemo(p)
	case document.DebitMemo:
		return r.DebitMemo(p)
	case document.Invoice:
		return r.Invoice(p)
	case document.Reversal:
		return r.Reversal(p)
	case document.RefundAdvice:
		return r.RefundAdvice(p)
	}
	return r.Statement(p.(document.Statement))
}

func texts(t *testing.T, p paper) []string {
	t.Helper()
	return textsBy(t, renderer(t), p)
}

func textsBy(t *testing.T, r *document.Renderer, p paper) []string {
	t.Helper()
	data, err := made(r, p)
	if err != nil {
		t.Fatal(err)
	}
	return pageTexts(t, data)
}

func TestEveryPaperIsAWholePDFAndAlwaysTheSame(t *testing.T) {
	t.Parallel()
	one, other := renderer(t), renderer(t)
	for name, p := range papersOf(japanese()) { // both faces
		data, err := made(one, p)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		again, _ := made(other, p)
		if !bytes.Equal(data, again) {
			t.Errorf("%s: bytes differ", name)
		}
		if !bytes.HasPrefix(data, []byte("%PDF-1.")) || !bytes.HasSuffix(bytes.TrimSpace(data), []byte("%%EOF")) {
			t.Errorf("%s: no PDF header or trailer", name)
		}
	}
}

func TestEachPaperSaysWhatItIsInTheCustomersLanguage(t *testing.T) {
	t.Parallel()
	r, all := renderer(t), papers()
	for name, want := range map[string][]string{
		"debit memo en": {"Debit memo", "This debit memo charges more for invoice IE-2026-00911", "How to pay", "Please pay USD\u00a03,961.20 by 12\u00a0December\u00a02026.", "Lee Street Bank", "Payment reference: DM-2026-00031"},
		"debit memo de": {"Nachbelastung", "Dieser Beleg ergänzt die Rechnung DE-2026-01877 vom 31.10.2026", "Bitte zahlen Sie 845,07\u00a0EUR bis zum 12.12.2026.", "Fällig am"},
		"debit memo zh": {"借项通知单", "付款方式"},
		"debit memo ja": {"追加請求書", "お支払方法"},
		"debit memo pt": {"Nota de débito", "Como pagar"},

		"rebill en": {
			"Invoice", "This invoice replaces invoice IE-2026-00911", "Total of the lines", "WELCOME-26", "After discount", "–100.00", "Payment PAY-2026-00791 of 2 November 2026",
			"Credit memo CM-2026-00388 of 5 November 2026", "Amount due", "USD\u00a0700.00", "Please pay USD\u00a0605.00 by 12\u00a0December\u00a02026.", "Of the amount due, USD\u00a095.00 is tax", "Rounding", "0.50",
		},
		"rebill de":          {"Rechnung", "Diese Rechnung ersetzt die Rechnung DE-2026-01877 vom 31.10.2026.", "Rechnungskorrektur CM-DE-2026-00403 vom 12.11.2026", "Rabatt", "950,00"},
		"rebill zh":          {"账单", "账单编号", "应付金额"},
		"rebill ja":          {"適格請求書", "お支払金額", "登録番号", "T9810456723001"},
		"prices with tax en": {"Incl. VAT (USD)", "The prices of the lines include VAT.", "120.00", "90.00", "18.00"},
		"prices with tax ja": {"税込金額", "明細の金額は消費税を含みます。"},
		"invoice pt":         {"Fatura", "Total da fatura", "1.574,40\u00a0USD"},

		"credit on account en":   {"Credit memo", "This credit memo gives you a credit on your account."},
		"credit on account de":   {"Kaufmännische Gutschrift"},
		"credit on account ja":   {"クレジットノート"},
		"discount given back de": {"Anteil am Belegrabatt", "–12,00", "Nach Abzug der Rabatte", "119,00", "Die Preise der Zeilen enthalten die USt."},
		"reversal en":            {"Reversal of credit memo", "takes credit memo CM-IE-2026-00071 of 12 November 2026", "Total owed again", "Taken off the credit on your account"},
		"reversal de":            {"Storno der Rechnungskorrektur", "Wieder offen auf der Rechnung DE-2026-01877", "Danach offen: 12.040,17\u00a0EUR", "CM-DE-2026-00403"},
		"reversal ja":            {"適格返還請求書の取消"},
		"reversal on account de": {"Storno der Gutschrift", "kaufmännische Gutschrift CM-DE-2026-00403"},

		"refund en": {"Refund advice", "We are paying USD\u00a01,234.50 back to you.", "PAY-2026-00791", "Payment", "Bank transfer", "DE02 •••• •••• •••• 7890", "14 November 2026", "Credit left on your account", "USD\u00a015.75"},
		"refund de": {"Erstattungsanzeige", "Überweisung", "Verwendungszweck"}, "refund zh": {"退款通知书"}, "refund ja": {"返金通知書"}, "refund pt": {"Aviso de reembolso"},
	} {
		pages := textsBy(t, r, all[name])
		for _, text := range want {
			if !shows(pages, text) {
				t.Errorf("%s does not show %q", name, text)
			}
		}
	}
}

// A credit on account is called otherwise where the law of the usual memo asks for an invoice or a period.
func TestMemoWithPeriodKeepsItsTitleInJapan(t *testing.T) {
	t.Parallel()
	m := onAccount(japanese())
	m.SupplyFrom, m.SupplyTo = day("2026-07-01"), day("2026-09-30")
	if !shows(texts(t, m), "適格返還請求書") {
		t.Error("a return invoice that names the period of the returned sales is a qualified one")
	}
}

func TestSecondTaxOnOneNetIsNotCountedTwice(t *testing.T) {
	t.Parallel()
	v := plain(english())
	v.HomeTax = nil
	usd := v.Currency
	v.Lines = []document.Line{{Description: "Metering", Net: money.MustParse("400.00", usd), Category: "S", TaxRate: dec("10"), MoreRates: []decimal.Decimal{dec("4.5")}}}
	v.Taxes = []document.TaxGroup{
		{Category: "S", Rate: dec("10"), Net: money.MustParse("400.00", usd), Tax: money.MustParse("40.00", usd)},
		{Category: "S", Rate: dec("4.5"), Net: money.MustParse("400.00", usd), Tax: money.MustParse("18.00", usd), Code: "city", Name: "City tax"},
	}
	v.Net, v.Tax = money.MustParse("400.00", usd), money.MustParse("58.00", usd)
	v.Total = money.MustParse("458.00", usd)
	v.Open = v.Total
	pages := texts(t, v)
	for _, text := range []string{"City tax 4.5%", "10% + 4.5%", "USD\u00a0458.00"} {
		if !shows(pages, text) {
			t.Errorf("%q is not shown", text)
		}
	}
}

func TestPaidInvoiceAsksForNothing(t *testing.T) {
	t.Parallel()
	v := plain(english())
	v.Settled = []document.Part{{Kind: document.PaymentKind, Number: "PAY-1", Date: day("2026-11-20"), Amount: v.Total}}
	v.Open, v.Payment = money.Zero(v.Currency), document.Payment{}
	pages := texts(t, v)
	if !shows(pages, "Nothing is left to pay.") || shows(pages, "Please pay") {
		t.Error("a paid invoice must not ask for money")
	}
}

func TestRefundNamesAnUnknownWayAsItIsWritten(t *testing.T) {
	t.Parallel()
	a := refund(english())
	a.Method, a.Destination, a.Balance = "PIX", "", nil
	pages := texts(t, a)
	if !shows(pages, "PIX") || shows(pages, "Credit left") || shows(pages, "7890") {
		t.Error("the way of payment is printed as written, and nothing that was not given")
	}
}

// refused is a paper with one thing wrong: the error it has to give, and the field it has to name.
type refused struct {
	paper paper
	want  error
	field string
}

func changed[T any](p T, change func(*T)) T {
	change(&p)
	return p
}

func expectRefusals(t *testing.T, list map[string]refused) {
	t.Helper()
	r := renderer(t)
	for name, c := range list {
		data, err := made(r, c.paper)
		if !errors.Is(err, c.want) || errs.KindOf(err) != errs.Invalid || len(data) > 0 {
			t.Errorf("%s: want %v, got %v", name, c.want, err)
		}
		if err != nil && !strings.Contains(err.Error(), c.field) {
			t.Errorf("%s: %v does not name %s", name, err, c.field)
		}
	}
}

func TestBillsThatCannotBeRightAreRefused(t *testing.T) {
	t.Parallel()
	eur := money.Currency("EUR")
	invoice := func(change func(*document.Invoice)) paper {
		v := discounted(german())
		v.Lines = append([]document.Line(nil), v.Lines...)
		return changed(v, change)
	}
	debit := func(change func(*document.DebitMemo)) paper { return changed(debitMemo(german()), change) }
	memo := func(change func(*document.CreditMemo)) paper { return changed(german(), change) }
	back := func(change func(*document.Reversal)) paper { return changed(reversal(german()), change) }
	expectRefusals(t, map[string]refused{
		"account credit that names invoices": {memo(func(m *document.CreditMemo) { m.OnAccount = true }), document.ErrContradiction, "on_account"},
		"discounts without shares":           {memo(func(m *document.CreditMemo) { m.Discounts = []document.Discount{{Amount: m.Net}} }), document.ErrIncomplete, "lines[0].discount"},
		"tax in prices without lists":        {memo(func(m *document.CreditMemo) { m.PricesIncludeTax = true }), document.ErrIncomplete, "lines[0].list"},

		"debit without reason":    {debit(func(m *document.DebitMemo) { m.Reason = "" }), document.ErrIncomplete, "reason"},
		"debit without due date":  {debit(func(m *document.DebitMemo) { m.Payment.Due = day("2026-01-01") }), document.ErrContradiction, "payment.due"},
		"debit due never":         {debit(func(m *document.DebitMemo) { m.Payment = document.Payment{} }), document.ErrIncomplete, "payment.due"},
		"debit without account":   {debit(func(m *document.DebitMemo) { m.Entity.Bank = nil }), document.ErrIncomplete, "payment.account"},
		"debit of half an origin": {debit(func(m *document.DebitMemo) { m.Originals = []document.InvoiceRef{{Number: "X"}} }), document.ErrIncomplete, "originals[0]"},
		"debit period":            {debit(func(m *document.DebitMemo) { m.SupplyTo = day("2026-09-01") }), document.ErrContradiction, "supply_to"},
		"debit total":             {debit(func(m *document.DebitMemo) { m.Total = m.Net }), document.ErrSums, "total"},
		"debit withholding":       {debit(func(m *document.DebitMemo) { m.Withholding = money.MustParse("845.08", eur) }), document.ErrContradiction, "withholding"},

		"invoice without open":      {invoice(func(v *document.Invoice) { v.Open = money.Amount{} }), document.ErrIncomplete, "open"},
		"invoice open":              {invoice(func(v *document.Invoice) { v.Open = v.Total }), document.ErrSums, "settled and open"},
		"invoice settled by what":   {invoice(func(v *document.Invoice) { v.Settled = []document.Part{{Number: "X"}} }), document.ErrIncomplete, "settled[0].kind"},
		"invoice line":              {invoice(func(v *document.Invoice) { v.Lines[1].Discount = money.Zero(eur) }), document.ErrSums, "lines[1]"},
		"invoice line without list": {invoice(func(v *document.Invoice) { v.Lines[1].List = money.Amount{} }), document.ErrIncomplete, "lines[1].list"},
		"invoice discounts":         {invoice(func(v *document.Invoice) { v.Discounts = v.Discounts[:1] }), document.ErrSums, "discounts"},
		"invoice credited":          {invoice(func(v *document.Invoice) { v.Replaces = nil }), document.ErrIncomplete, "replaces"},
		"gross": {changed(inclusive(german()), func(v *document.Invoice) {
			v.Lines = append([]document.Line(nil), v.Lines...)
			v.Lines[0].List, v.Discounts = money.MustParse("119.00", eur), nil
		}), document.ErrSums, "lines with tax"},

		"reversal without reason":   {back(func(v *document.Reversal) { v.Reason = "" }), document.ErrIncomplete, "reason"},
		"reversal before the memo":  {back(func(v *document.Reversal) { v.Date = day("2026-11-11") }), document.ErrContradiction, "date"},
		"reversal of a broken memo": {back(func(v *document.Reversal) { v.Memo.Lines = nil }), document.ErrIncomplete, "lines"},
		"reversal to another bucket": {back(func(v *document.Reversal) {
			v.Settlements = []document.Settlement{{Bucket: document.Refunded, Amount: v.Memo.Total}}
		}), document.ErrContradiction, "settlements."},
	})
}

func TestRefundsThatCannotBeRightAreRefused(t *testing.T) {
	t.Parallel()
	advice := func(change func(*document.RefundAdvice)) paper { return changed(refund(german()), change) }
	expectRefusals(t, map[string]refused{
		"no source":      {advice(func(a *document.RefundAdvice) { a.Sources = nil }), document.ErrIncomplete, "sources"},
		"undated source": {advice(func(a *document.RefundAdvice) { a.Sources = []document.Part{{Kind: document.PaymentKind, Number: "X"}} }), document.ErrIncomplete, "sources[0].date"},
		"amount":         {advice(func(a *document.RefundAdvice) { a.Amount = money.MustParse("1234.51", "EUR") }), document.ErrSums, "sources"},
		"balance":        {advice(func(a *document.RefundAdvice) { a.Balance = new(money.MustParse("1.00", "USD")) }), money.ErrMixed, "balance"},
		"owed balance":   {advice(func(a *document.RefundAdvice) { a.Balance = new(money.MustParse("-1.00", "EUR")) }), document.ErrContradiction, "balance"},
		"whole IBAN":     {advice(func(a *document.RefundAdvice) { a.Destination = "DE02 2005 0000 1234 5678 90" }), document.ErrUnmasked, "destination"},
		"whole card":     {advice(func(a *document.RefundAdvice) { a.Destination = "4111-1111-1111-1111" }), document.ErrUnmasked, "destination"},
	})
	for _, shown := range []string{"411111******4471", "•••• 4471", "IBAN ending in 7890", ""} {
		if err := advice(func(a *document.RefundAdvice) { a.Destination = shown }).Validate(); err != nil {
			t.Errorf("%q: %v", shown, err)
		}
	}
}

// Every language has a word for everything English has one for.
func TestNoLanguageLacksAWord(t *testing.T) {
	t.Parallel()
	want := document.Untold(document.English, "US")
	for _, language := range []document.Language{document.German, document.Chinese, document.Japanese, document.Portuguese} {
		if got := document.Untold(language, ""); !slices.Equal(got, want) {
			t.Errorf("%s: %v, English: %v", language, got, want)
		}
	}
}
