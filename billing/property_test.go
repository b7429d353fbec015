package billing_test

import (
	"fmt"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"makegood/billing"
	"makegood/billing/ledger"
	"makegood/internal/db"
	"makegood/internal/money"
)

// Whatever is issued, paid, disputed, reserved, given up and credited, in whatever order: the ledger says what the
// open items say, every sum holds and no number is missing.
func TestBooksHoldWhateverHappens(t *testing.T) {
	t.Parallel()
	s := setup(t)
	cases := 0
	rapid.Check(t, func(rt *rapid.T) {
		cases++ // each with an entity and a customer of its own
		s.do(func(tx *db.Tx) error {
			s.entity = s.addEntity(tx, fmt.Sprint("E", cases))
			s.customer = s.addCustomer(tx, fmt.Sprint("E-", cases), "direct", nil)
			return nil
		})
		w := &world{shop: s, rt: rt, disputes: int64(1000 * cases)}
		for range rapid.IntRange(3, 14).Draw(rt, "steps") {
			w.step(rapid.SampledFrom([]string{"issue", "pay", "credit", "reserve", "hold"}).Draw(rt, "what"))
		}
		w.creditTheRest()
		w.invariants()
	})
	s.sound()
}

type world struct {
	*shop
	rt       *rapid.T
	invoices []billing.InvoiceID
	disputes int64
}

func (w *world) cents(name string, most decimal.Decimal, digits int32) decimal.Decimal {
	return decimal.New(rapid.Int64Range(1, most.Shift(digits).IntPart()).Draw(w.rt, name), -digits)
}

func (w *world) step(what string) {
	if what == "issue" || len(w.invoices) == 0 {
		w.issueOne()
		return
	}
	i := w.detail(rapid.SampledFrom(w.invoices).Draw(w.rt, "invoice"))
	switch what {
	case "pay":
		w.payOne(i)
	case "credit", "reserve":
		w.creditOne(i, what == "credit")
	case "hold":
		w.disputes++
		w.hold(i.ID, nil, w.disputes, i.Total.String())
	}
}

func (w *world) issueOne() {
	currency := rapid.SampledFrom([]money.Currency{"EUR", "USD", "JPY"}).Draw(w.rt, "currency")
	var lines []billing.NewLine
	for n := range rapid.IntRange(1, 4).Draw(w.rt, "lines") {
		net := w.cents(fmt.Sprint("net ", n), d("900"), currency.Digits())
		lines = append(lines, line(net.String(), rapid.SampledFrom([]string{"0", "7", "19", "8.875"}).Draw(w.rt, "rate")))
	}
	w.invoices = append(w.invoices, w.issue(w.invoice(currency, lines...)).ID)
}

func (w *world) payOne(i billing.InvoiceDetail) {
	amount := w.cents("amount", i.Total, i.Currency.Digits())
	in := w.pay(i.Currency, amount.String(), "2026-05-08")
	if part := decimal.Min(amount, i.Open.Open); part.IsPositive() {
		in.Allocate = []billing.Allocate{{InvoiceID: i.ID, Amount: part}}
	}
	_, err := w.billing.RecordPayment(w.t.Context(), in)
	w.must(err)
}

func (w *world) creditOne(i billing.InvoiceDetail, give bool) {
	var lines []billing.AdjustLine
	for _, l := range i.Lines {
		if l.Remaining.IsPositive() && rapid.Bool().Draw(w.rt, "this line") {
			lines = append(lines, billing.AdjustLine{InvoiceLineID: l.ID, Amount: w.cents("credit", l.Remaining, i.Currency.Digits())})
		}
	}
	if len(lines) == 0 {
		return
	}
	kind := rapid.SampledFrom([]billing.Kind{billing.BillingError, billing.Concession, billing.SLACredit}).Draw(w.rt, "kind")
	if give {
		w.give(credit(kind, i.ID, lines...))
		return
	}
	w.reserve(credit(kind, i.ID, lines...))
}

// creditTheRest gives back whatever is not reserved, which must leave the lines at nothing.
func (w *world) creditTheRest() {
	for _, id := range w.invoices {
		i := w.detail(id)
		var lines []billing.AdjustLine
		for _, l := range i.Lines {
			if l.Remaining.IsPositive() {
				lines = append(lines, billing.AdjustLine{InvoiceLineID: l.ID, Amount: l.Remaining})
			}
		}
		if len(lines) > 0 {
			w.give(credit(billing.BillingError, id, lines...))
		}
		for _, tax := range w.detail(id).Taxes {
			equal(w.t, "tax given or reserved", tax.Tax.String(), tax.CreditedTax.Add(tax.ReservedTax))
		}
	}
}

// invariants compares the customer's accounts in the ledger with its open items, and the numbers with their series.
func (w *world) invariants() {
	type sum struct {
		Currency money.Currency
		Invoices decimal.Decimal
		Credits  decimal.Decimal
	}
	sums, err := db.List[sum](w.t.Context(), w.db, `select currency, coalesce(sum(open) filter (where kind = 'invoice'), 0) as invoices,
		coalesce(sum(open) filter (where kind <> 'invoice'), 0) as credits from open_items where customer_id = $1 group by currency`, w.customer)
	w.must(err)
	balances, err := ledger.CustomerBalances(w.t.Context(), w.db, int64(w.customer))
	w.must(err)
	for _, open := range sums {
		receivable, unapplied := decimal.Zero, decimal.Zero
		for _, b := range balances {
			switch {
			case b.Currency == open.Currency && b.Account == ledger.Receivable:
				receivable = b.Amount
			case b.Currency == open.Currency && b.Account == ledger.Unapplied:
				unapplied = b.Amount
			}
		}
		equal(w.t, "receivable", open.Invoices.String(), receivable)
		equal(w.t, "unapplied", open.Credits.Neg().String(), unapplied)
	}
	equal(w.t, "receivable in base currency of settled invoices", "0", sumOf(w.t, w.shop, `select coalesce(sum(p.base_amount), 0)::text
		from postings p join open_items o on o.kind = 'invoice' and o.document_id = p.invoice_id and o.open = 0
		where p.account = 'receivable' and p.customer_id = $1`, w.customer))
	for _, table := range []string{"invoices", "payments", "credit_memos"} {
		if gaps := value[int](w.t, w.db, `select count(*) from (select sequence_no - row_number() over (partition by series, fiscal_year order by sequence_no) as gap
			from `+table+` where entity_id = $1) n where gap <> 0`, w.entity); gaps != 0 {
			w.t.Errorf("%d gaps in %s", gaps, table)
		}
	}
}
