package reports_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/document"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/money"
	"makegood/internal/reports"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func d(text string) decimal.Decimal { return decimal.RequireFromString(text) }

func day(text string) time.Time {
	on, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return on
}

// renderers parses the fonts once for all tests.
var renderers = sync.OnceValue(document.New)

// house is two legal entities with customers in several currencies.
type house struct {
	t         testing.TB
	clock     *jobstest.Clock
	db        *db.DB
	billing   *billing.Service
	reports   *reports.Receivables
	entities  []billing.Entity
	customers []billing.Customer
	requests  int64
	disputes  int64
}

func setup(t testing.TB) *house {
	t.Helper()
	clock := jobstest.NewClock(day("2026-01-02").Add(9 * time.Hour))
	h := &house{t: t, clock: clock, db: dbtest.NewAt(t, clock.Now)}
	renderer := renderers()
	h.billing = billing.New(h.db, renderer, slog.New(slog.DiscardHandler))
	h.reports = reports.New(h.db).Receivables()
	h.must(h.db.Do(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update fx_policy set max_age_days = 366`)
		if err != nil {
			return err
		}
		_, err = tx.Exec(t.Context(), `insert into fx_rates (base, quote, on_date, rate, source) values
			('EUR', 'USD', '2025-12-01', 1.1037, 'ECB'), ('EUR', 'JPY', '2025-12-01', 163.21, 'ECB'), ('EUR', 'USD', '2026-02-10', 1.0811, 'ECB'),
			('EUR', 'USD', '2026-03-10', 1.1213, 'ECB'), ('EUR', 'JPY', '2026-03-01', 158.47, 'ECB'), ('EUR', 'USD', '2026-05-01', 1.1, 'ECB'), ('EUR', 'JPY', '2026-05-01', 160, 'ECB')`)
		if err != nil {
			return err
		}
		for i, base := range []money.Currency{"EUR", "JPY"} {
			code := []string{"DE", "JP"}[i]
			e, err := h.billing.SeedEntityTx(t.Context(), tx, billing.Entity{
				Code: code, Name: "Ostwind " + code, BaseCurrency: base, Country: code, TaxID: []string{"DE318842071", "T7010401234567"}[i], Address: "Harbour 12", SupportAddress: "billing@" + code + ".example", SupportName: "Billing",
				TimeZone: "UTC", Language: "en",
			})
			if err != nil {
				return err
			}
			h.entities = append(h.entities, e)
		}
		return h.addCustomers(tx)
	}))
	return h
}

func (h *house) addCustomers(tx *db.Tx) error {
	var seeds []billing.SeedCustomer
	for i, cur := range []money.Currency{"EUR", "EUR", "USD", "JPY", "EUR"} {
		entity := h.entities[map[bool]int{true: 1, false: 0}[i >= 3]]
		seeds = append(seeds, billing.SeedCustomer{Customer: billing.Customer{
			Account: fmt.Sprintf("C-%d", i+1), Name: fmt.Sprintf("Customer %d", i+1), Kind: billing.Direct, Tier: "gold", Country: "DE", Address: "Quay 3", Language: "en",
			EntityID: entity.ID, Currency: cur, TermsDays: 30, EmailDomains: []string{},
		}})
	}
	made, err := h.billing.SeedCustomersTx(h.t.Context(), tx, seeds)
	for _, m := range made {
		h.customers = append(h.customers, m.Customer)
	}
	return err
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// controller may do everything in the books and read every report.
func controller() access.Actor {
	return access.Actor{Kind: access.Person, UserID: 7, Name: "Ines Kroll", Roles: []access.Role{access.Controller}}
}

func (h *house) issue(c billing.Customer, net, on string) billing.Invoice {
	h.t.Helper()
	issued, err := h.billing.IssueInvoice(h.t.Context(), billing.NewInvoice{
		EntityID: c.EntityID, CustomerID: c.ID, Currency: c.Currency, IssuedOn: day(on), DueOn: day(on).AddDate(0, 0, 30),
		ServiceFrom: day(on).AddDate(0, -1, 0), ServiceTo: day(on).AddDate(0, 0, -3), By: controller(),
		Lines: []billing.NewLine{{Product: "NET", Description: "Network", Quantity: d("1"), UnitPrice: d(net), TaxCategory: "S", TaxRate: d("10")}},
	})
	h.must(err)
	return issued
}

// pay records a payment of which a part settles an invoice.
func (h *house) pay(i billing.Invoice, amount, on, applied string) billing.Payment {
	h.t.Helper()
	in := billing.NewPayment{EntityID: i.EntityID, CustomerID: i.CustomerID, Currency: i.Currency, Amount: d(amount), ReceivedOn: day(on), By: controller()}
	if d(applied).IsPositive() {
		in.Allocate = []billing.Allocate{{InvoiceID: i.ID, Amount: d(applied)}}
	}
	payment, err := h.billing.RecordPayment(h.t.Context(), in)
	h.must(err)
	return payment
}

// adjust takes an adjustment through reservation and approval to its posting.
func (h *house) adjust(in billing.AdjustmentInput) billing.Posted {
	h.t.Helper()
	h.requests++
	request := h.requests
	var posted billing.Posted
	h.must(h.db.Do(h.t.Context(), func(tx *db.Tx) error {
		a, err := h.billing.PrepareAdjustment(h.t.Context(), tx, in)
		if err != nil {
			return err
		}
		if err := h.billing.ReserveTx(h.t.Context(), tx, request, a); err != nil {
			return err
		}
		if err := dbtest.Decided(h.t.Context(), tx, request, a.Digest(request)); err != nil {
			return err
		}
		approval, err := h.billing.RecordApprovalTx(h.t.Context(), tx, billing.Approval{
			CreditRequestID: request, Digest: a.Digest(request), RequesterID: dbtest.Requester, DeciderIDs: []int64{dbtest.Decider},
		})
		if err != nil {
			return err
		}
		posted, err = h.billing.PostAdjustmentTx(h.t.Context(), tx, billing.PostAdjustment{
			CreditRequestID: request, ApprovalID: approval, Adjustment: a, Explanation: "A test.", By: controller(),
		})
		return err
	}))
	return posted
}

func (h *house) credit(i billing.Invoice, kind billing.Kind, net string) billing.Posted {
	h.t.Helper()
	detail, err := h.billing.InvoiceDetail(h.t.Context(), h.db, i.ID)
	h.must(err)
	return h.adjust(billing.AdjustmentInput{
		Kind: kind, InvoiceID: i.ID, ReasonCode: "overcharge", Lines: []billing.AdjustLine{{InvoiceLineID: detail.Lines[0].ID, Amount: d(net)}},
	})
}

// dispute holds an amount of an invoice and gives the dispute's line.
func (h *house) dispute(i billing.Invoice, amount string) int64 {
	h.t.Helper()
	h.disputes++
	h.must(h.db.Do(h.t.Context(), func(tx *db.Tx) error {
		return h.billing.PlaceHoldTx(h.t.Context(), tx, billing.HoldInput{
			InvoiceID: i.ID, DisputeLineID: h.disputes, CaseID: 1, Amount: d(amount), ReasonCode: "overcharge", By: controller(),
		})
	}))
	return h.disputes
}

func (h *house) release(dispute int64) {
	h.t.Helper()
	h.must(h.db.Do(h.t.Context(), func(tx *db.Tx) error { return h.billing.ReleaseHoldTx(h.t.Context(), tx, dispute, "decided") }))
}

// at moves the clock to nine in the morning of a day.
func (h *house) at(on string) { h.clock.Set(day(on).Add(9 * time.Hour)) }

// live makes half a year of business: invoices, payments recorded late, partial ones, credits, refunds, write-offs and
// disputes, as a generator says.
func (h *house) live(seed uint64) {
	h.t.Helper()
	random := rand.New(rand.NewPCG(seed, 1))
	var invoices []billing.Invoice
	var disputes []int64
	givenUp := map[billing.InvoiceID]bool{} // what was written off is not credited as well
	for on := day("2026-01-02"); on.Before(day("2026-06-28")); on = on.AddDate(0, 0, 1+random.IntN(3)) {
		today := on.Format(time.DateOnly)
		h.at(today)
		c := h.customers[random.IntN(len(h.customers))]
		dated := on.AddDate(0, 0, -random.IntN(4)).Format(time.DateOnly) // posted up to three days after its date
		invoices = append(invoices, h.issue(c, fmt.Sprint(100+random.IntN(9000)), dated))
		i := invoices[random.IntN(len(invoices))]
		state, err := h.billing.InvoiceDetail(h.t.Context(), h.db, i.ID)
		h.must(err)
		open := state.Open.Open
		if !open.IsPositive() { // paid: a credit on it stays with the customer
			if remaining := state.Lines[0].Remaining; remaining.IsPositive() && random.IntN(2) == 0 && !givenUp[i.ID] {
				h.credit(i, billing.SLACredit, remaining.Div(decimal.NewFromInt(2)).Round(i.Currency.Digits()).String())
			}
			continue
		}
		received := on.AddDate(0, 0, -random.IntN(5))
		if received.Before(i.IssuedOn) {
			received = i.IssuedOn
		}
		part := open.Div(decimal.NewFromInt(3)).Round(i.Currency.Digits())
		switch random.IntN(7) {
		case 0, 1: // whole, and something on top
			h.pay(i, open.Add(decimal.NewFromInt(int64(random.IntN(3)*50))).String(), received.Format(time.DateOnly), open.String())
		case 2:
			h.pay(i, part.String(), received.Format(time.DateOnly), part.String())
		case 3:
			if givenUp[i.ID] {
				continue
			}
			h.credit(i, []billing.Kind{billing.BillingError, billing.Concession}[random.IntN(2)], state.Lines[0].Remaining.Div(decimal.NewFromInt(4)).Round(i.Currency.Digits()).String())
		case 4:
			disputes = append(disputes, h.dispute(i, part.String()))
			if random.IntN(3) == 0 && len(disputes) > 1 { // the dispute is about less than was thought
				h.disputes--
				h.dispute(i, part.Div(decimal.NewFromInt(2)).Round(i.Currency.Digits()).String())
			}
		case 5:
			if len(disputes) > 0 {
				h.release(disputes[random.IntN(len(disputes))])
			}
		case 6:
			givenUp[i.ID] = true
			h.adjust(billing.AdjustmentInput{
				Kind: billing.WriteOff, EntityID: i.EntityID, CustomerID: i.CustomerID, Currency: i.Currency, ReasonCode: "overcharge",
				Items: []billing.ItemPart{{Kind: billing.InvoiceItem, ID: int64(i.ID), Amount: part}},
			})
		}
	}
	h.at("2026-06-30")
}
