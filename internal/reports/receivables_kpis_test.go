package reports_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/figures"
	"makegood/internal/db"
	"makegood/internal/money"
	"makegood/internal/reports"
)

// paperwork is every document of a company as plain rows, to count indicators by hand.
type paperwork struct {
	invoices    []paperInvoice
	settlements []paperSettlement
	memos       []paperMemo
}

type paperInvoice struct {
	ID        int64
	Currency  money.Currency
	Total     decimal.Decimal
	IssuedOn  time.Time
	DueOn     time.Time
	ServiceTo time.Time
}

type paperSettlement struct {
	InvoiceID  int64
	SourceKind string
	Amount     decimal.Decimal
	On         time.Time
	Received   time.Time
}

type paperMemo struct {
	InvoiceID  int64
	Currency   money.Currency
	Kind       string
	ReasonCode string
	Total      decimal.Decimal
	IssuedOn   time.Time
}

func (h *house) paperwork() paperwork {
	h.t.Helper()
	var p paperwork
	var err error
	p.invoices, err = db.List[paperInvoice](h.t.Context(), h.db, `select id, currency, total, issued_on, due_on, service_to from invoices order by id`)
	h.must(err)
	p.settlements, err = db.List[paperSettlement](h.t.Context(), h.db, `select a.invoice_id, a.source_kind, a.amount, a.allocated_on as on, coalesce(y.received_on, a.allocated_on) as received
		from allocations a left join payments y on a.source_kind = 'payment' and y.id = a.source_id`)
	h.must(err)
	p.memos, err = db.List[paperMemo](h.t.Context(), h.db, `select invoice_id, currency, kind, reason_code, total, issued_on from credit_memos`)
	h.must(err)
	return p
}

// byHand is what the pure package makes of the rows.
func (p paperwork) byHand(cur money.Currency, from, on time.Time) string {
	within := func(day time.Time) bool { return !day.Before(from) && !day.After(on) }
	var due []figures.Due
	var settled []figures.Settled
	var billed []figures.Billed
	var issued []figures.Issued
	writtenOff := decimal.Zero
	for _, i := range p.invoices {
		if i.Currency != cur || i.IssuedOn.After(on) {
			continue
		}
		open, credited, inTime, off, last := i.Total, decimal.Zero, decimal.Zero, decimal.Zero, i.IssuedOn
		for _, s := range p.settlements {
			if s.InvoiceID != i.ID || s.On.After(on) {
				continue
			}
			open = open.Sub(s.Amount)
			if s.On.After(last) {
				last = s.On
			}
			switch {
			case s.SourceKind == "credit_memo":
				credited = credited.Add(s.Amount)
			case s.SourceKind == "write_off":
				off = off.Add(s.Amount)
				if within(s.On) {
					writtenOff = writtenOff.Add(s.Amount)
				}
			case !s.Received.After(i.DueOn):
				inTime = inTime.Add(s.Amount)
			}
		}
		if within(i.DueOn) {
			due = append(due, figures.Due{Total: i.Total, Credited: credited, InTime: inTime})
		}
		if open.IsZero() && off.IsZero() && within(last) {
			settled = append(settled, figures.Settled{Amount: i.Total, IssuedOn: i.IssuedOn, DueOn: i.DueOn, SettledOn: last})
		}
		if within(i.IssuedOn) {
			billed = append(billed, figures.Billed{PeriodEnd: i.ServiceTo, SentOn: i.IssuedOn, Amount: i.Total})
			wrong := decimal.Zero
			for _, m := range p.memos {
				if m.InvoiceID == i.ID && m.Kind == "billing_error" && !m.IssuedOn.After(on) {
					wrong = wrong.Add(m.Total)
				}
			}
			issued = append(issued, figures.Issued{On: i.IssuedOn, ErrorCredited: wrong})
		}
	}
	var credits []figures.Credit
	for _, m := range p.memos {
		if m.Currency == cur && within(m.IssuedOn) {
			credits = append(credits, figures.Credit{By: m.Kind, Amount: m.Total})
		}
	}
	clear, _ := figures.WithinTerms(due)
	return sayKPI(clear, figures.Settling(settled), figures.CycleTime(billed), figures.ErrorRates(issued, reports.SeverityBands()),
		figures.CreditsBy(credits, decimal.Zero), writtenOff)
}

func sayKPI(terms figures.Terms, settled figures.Settlement, cycle figures.Spread, errors []figures.ErrorRate, credits []figures.CreditGroup, off decimal.Decimal) string {
	text := fmt.Sprintf("terms %d/%d %s/%s\nsettled %s\ncycle %s\noff %s\n", terms.InTimeCount, terms.Count, terms.InTimeValue.StringFixed(2), terms.Value.StringFixed(2),
		fmt.Sprintf("%d %v %v %v %v %d %s", settled.ToSettle.Count, settled.ToSettle.Mean, settled.ToSettle.Weighted, settled.Late.Mean, settled.Late.P90, settled.LateCount, settled.LateAmount.StringFixed(2)),
		fmt.Sprintf("%d %v %v", cycle.Count, cycle.Median, cycle.P90), off.StringFixed(2))
	for _, e := range errors {
		text += fmt.Sprintf("errors %s %d/%d %s %v\n", e.Month.Format("2006-01"), e.Wrong, e.Issued, e.Credited.StringFixed(2), e.BySeverity)
	}
	for _, c := range credits {
		text += fmt.Sprintf("credits %s %d %s %v\n", c.By, c.Count, c.Amount.StringFixed(2), c.Share)
	}
	return text
}

func TestKPIsAreWhatTheDocumentsGive(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.live(14)
	p := h.paperwork()
	seen := 0
	for _, on := range []string{"2026-02-15", "2026-04-30", "2026-06-30"} {
		got, err := h.reports.KPIs(t.Context(), reports.Scope{By: controller(), On: day(on)}, 60)
		h.must(err)
		for _, section := range got.Sections {
			for _, c := range []struct {
				set      reports.KPISet
				from, on time.Time
			}{{section.Now, got.From, got.On}, {section.Before, got.BeforeFrom, got.BeforeOn}} {
				k := c.set
				have := sayKPI(k.TermsClear.Add(k.TermsDisputed), k.Settled, k.Cycle, k.Errors, k.Credits.Kind, k.WrittenOff)
				// Shares of what was billed are left to the figures' own tests.
				if want := p.byHand(section.Currency, c.from, c.on); have != want {
					t.Errorf("%s %s:\ngot\n%s\nwant\n%s", section.Currency, c.on.Format(time.DateOnly), have, want)
				}
				seen += k.Settled.ToSettle.Count + k.TermsClear.InTimeCount + len(k.Credits.Reason)
			}
		}
	}
	if seen < 30 {
		t.Errorf("the history is too thin to prove anything: %d", seen)
	}
}

// disputeLine writes a dispute line as a case would have it.
func (h *house) disputeLine(i billing.Invoice, amount, accepted, status, opened, decided string) {
	h.t.Helper()
	h.must(h.db.Do(h.t.Context(), func(tx *db.Tx) error {
		if _, err := tx.Exec(h.t.Context(), `insert into reason_codes (code, name, position) values ('overcharge', 'Overcharge', 1) on conflict do nothing`); err != nil {
			return err
		}
		_, err := tx.Exec(h.t.Context(), `with c as (insert into cases (type, subject, status, priority, opened_at) values ('dispute', 'A test', 'open', 'P3', $1) returning id)
			insert into dispute_lines (case_id, invoice_id, currency, contested, reason_code, status, accepted, opened_at, decided_at)
			select c.id, $2, $3, $4, 'overcharge', $5, $6, $1, nullif($7, '')::timestamptz from c`,
			day(opened).Add(9*time.Hour), i.ID, i.Currency, d(amount), status, d(accepted), decided)
		return err
	}))
}

func TestKPIsOfDisputesAndCorrections(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.at("2026-02-02")
	usd, eur := h.issue(h.customers[2], "1000", "2026-02-02"), h.issue(h.customers[0], "2000", "2026-02-02")
	h.disputeLine(usd, "100", "40", "partly_accepted", "2026-02-03", "2026-02-05T09:00Z")
	h.disputeLine(usd, "300", "0", "rejected", "2026-02-04", "2026-02-04T21:00Z")
	h.disputeLine(usd, "50", "0", "withdrawn", "2026-02-05", "2026-02-06T09:00Z")
	h.disputeLine(usd, "200", "0", "under_review", "2026-02-06", "")
	h.disputeLine(eur, "500", "0", "open", "2026-01-02", "")
	h.at("2026-02-20")
	memo := h.credit(eur, billing.BillingError, "200")
	h.credit(eur, billing.Concession, "100")
	off := h.adjust(billing.AdjustmentInput{
		Kind: billing.WriteOff, EntityID: eur.EntityID, CustomerID: eur.CustomerID, Currency: "EUR", ReasonCode: "overcharge",
		Items: []billing.ItemPart{{Kind: billing.InvoiceItem, ID: int64(eur.ID), Amount: d("70")}},
	})
	kpis := func(s reports.Scope) map[money.Currency]map[figures.Name]string {
		s.By = controller()
		got, err := h.reports.KPIs(t.Context(), s, 30)
		h.must(err)
		out := map[money.Currency]map[figures.Name]string{}
		for _, section := range got.Sections {
			out[section.Currency] = map[figures.Name]string{}
			for _, v := range section.Now.Values() {
				if v.Value.Valid {
					out[section.Currency][v.Name] = v.Value.Decimal.String()
				}
			}
		}
		return out
	}
	check := func(what string, got map[figures.Name]string, want map[figures.Name]string) {
		t.Helper()
		for name, value := range want {
			if got[name] != value && (value == "" || got[name] == "" || !d(got[name]).Equal(d(value))) {
				t.Errorf("%s, %s: %q, want %q", what, name, got[name], value)
			}
		}
	}
	h.at("2026-02-28")
	now := kpis(reports.Scope{})
	check("USD", now["USD"], map[figures.Name]string{
		figures.DisputeCount: "4", figures.DisputeAmount: "650", figures.DisputeRate: "0.5909", figures.WinRate: "0.9", // 360 of 400
		figures.DisputeTime: "30", figures.DisputeDays: "9.2308", figures.BadDebt: "0", figures.InvoiceErrors: "0", figures.BillingCycle: "3", // 200 × 30 ÷ 650
	})
	check("EUR", now["EUR"], map[figures.Name]string{
		figures.DisputeCount: "0", figures.WinRate: "", figures.DisputeTime: "", figures.InvoiceErrors: "1", figures.Corrections: "2000",
		figures.Credits: "330", figures.BadDebt: "0.0318", figures.Receivable: "1800", // 70 ÷ 2,200
	})
	check("base", kpis(reports.Scope{Base: true, Entity: "DE"})["EUR"], map[figures.Name]string{
		figures.DisputeAmount: "588.92", figures.DisputeCount: "4", // each line at the invoice's rate of 1.1037
	})
	h.at("2026-03-02")
	h.adjust(billing.AdjustmentInput{Kind: billing.Reverse, ReasonCode: "overcharge", Reverses: off.Document})
	h.adjust(billing.AdjustmentInput{Kind: billing.Reverse, ReasonCode: "overcharge", Reverses: memo.Document})
	check("after the reversals", kpis(reports.Scope{})["EUR"], map[figures.Name]string{
		figures.BadDebt: "0", figures.InvoiceErrors: "0", figures.Credits: "110",
	})
	check("a day before them", kpis(reports.Scope{On: day("2026-02-28")})["EUR"], map[figures.Name]string{figures.InvoiceErrors: "1", figures.Credits: "330"})
}

// A debit memo and the new invoice of a rebill that were taken back count in no figure of a later day, and in each of the days before.
func TestBillsTakenBackAreNoSales(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.at("2026-02-02")
	i := h.issue(h.customers[0], "2000", "2026-02-02")
	h.at("2026-02-10")
	bill := &billing.Bill{Lines: []billing.NewLine{{Product: "NET", Description: "Network", Quantity: d("1"), UnitPrice: d("1000"), TaxCategory: "S", TaxRate: d("10")}}}
	debit := h.adjust(billing.AdjustmentInput{Kind: billing.Debit, InvoiceID: i.ID, ReasonCode: "overcharge", Bill: bill})
	rebill := h.adjust(billing.AdjustmentInput{Kind: billing.Rebill, InvoiceID: i.ID, ReasonCode: "overcharge", Bill: bill})
	h.at("2026-03-02")
	h.adjust(billing.AdjustmentInput{Kind: billing.Reverse, ReasonCode: "overcharge", Reverses: debit.Document})
	h.adjust(billing.AdjustmentInput{Kind: billing.Reverse, ReasonCode: "overcharge", Reverses: rebill.Document})
	for _, c := range []struct {
		on          string
		basis       reports.Basis
		sales       string
		issued      int
		corrections int
		settled     int
	}{
		{"2026-02-28", reports.KnownNow, "4400", 2, 2, 1},
		{"2026-03-02", reports.KnownNow, "2200", 1, 0, 0},
		{"2026-02-28", reports.KnownThen, "4400", 2, 2, 1},
		{"2026-03-02", reports.KnownThen, "2200", 1, 0, 0},
	} {
		scope := reports.Scope{By: controller(), On: day(c.on), Basis: c.basis}
		got, err := h.reports.KPIs(t.Context(), scope, 30)
		h.must(err)
		at := slices.IndexFunc(got.Sections, func(s reports.KPISection) bool { return s.Currency == "EUR" })
		k := got.Sections[at].Now
		if !k.Standing.Sales.Equal(d(c.sales)) || k.Issued != c.issued || k.Corrections != c.corrections || k.Settled.ToSettle.Count != c.settled {
			t.Errorf("%s %s: sales %s, %d issued, %d corrections, %d settled", c.on, c.basis, k.Standing.Sales, k.Issued, k.Corrections, k.Settled.ToSettle.Count)
		}
		rows, err := h.reports.FigureRows(t.Context(), scope, reports.FigureRows{Figure: figures.CreditSales, Set: reports.SalesRows, Days: 30, Section: "EUR"})
		h.must(err)
		sum := decimal.Zero
		for _, r := range rows.Rows {
			sum = sum.Add(r.Amount)
		}
		if !sum.Equal(d(c.sales)) {
			t.Errorf("%s %s: the rows of sales add up to %s", c.on, c.basis, sum)
		}
		points, err := h.reports.DSOTrend(t.Context(), reports.Scope{By: controller(), On: day("2026-03-02"), Basis: c.basis}, "EUR", 1)
		h.must(err)
		dso, err := h.reports.DSO(t.Context(), reports.Scope{By: controller(), On: day("2026-02-28"), Basis: c.basis}, 0)
		h.must(err)
		if !points[0].DSO.Decimal.Equal(dso.Sections[0].Standing.DSO().Decimal) || !points[0].DSO.Valid {
			t.Errorf("trend at the end of February %v, dso of that day %v", points[0].DSO, dso.Sections[0].Standing.DSO())
		}
	}
}

func TestCreditsNameTheirWays(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.at("2026-02-02")
	i := h.issue(h.customers[0], "2000", "2026-02-02")
	h.credit(i, billing.BillingError, "100")
	h.credit(i, billing.BillingError, "50")
	h.credit(i, billing.Concession, "10")
	got, err := h.reports.KPIs(t.Context(), reports.Scope{By: controller()}, 30)
	h.must(err)
	at := slices.IndexFunc(got.Sections, func(s reports.KPISection) bool { return s.Currency == "EUR" })
	credits := got.Sections[at].Now.Credits
	text := fmt.Sprint(credits.Kind, credits.Reason)
	if want := "[{billing_error 2 165 {0.9375 true} {0.075 true}} {concession 1 11 {0.0625 true} {0.005 true}}] [{overcharge 3 176 {1 true} {0.08 true}}]"; text != want {
		t.Errorf("credits %s, want %s", text, want)
	}
}
