package reports

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/figures"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// RowSet names a list of rows that a figure is made of.
type RowSet string

// The sets. Each figure is made of one or two of them (SetsOf); what Amount, Part, Days and Late of a row are is said here.
const (
	// OpenRows is what was owed at the end of the period: Amount open, Part what of it was not due, Days past due.
	OpenRows RowSet = "open"
	// OpeningRows is the same the evening before the period.
	OpeningRows RowSet = "opening"
	// DisputedRows is of OpenRows those in dispute: Amount open, Part in dispute.
	DisputedRows RowSet = "disputed"
	// CashRows and CreditRows are what was unapplied at the end of the period: Amount, Days since it came.
	CashRows   RowSet = "unapplied_cash"
	CreditRows RowSet = "unapplied_credits"
	// SalesRows is what was invoiced in the period, debit memos included: Amount with tax.
	SalesRows RowSet = "sales"
	// IssuedRows are the invoices of the period without debit memos: Amount with tax, Part what was credited on it for an error.
	IssuedRows RowSet = "issued"
	// WrongRows are of IssuedRows those credited for an error.
	WrongRows RowSet = "wrong"
	// TermsRows are the invoices due in the period: Amount due, Part what of it was paid in time. Tag says "disputed" or "clear".
	TermsRows RowSet = "terms"
	// SettledRows are the invoices settled in the period: Amount with tax, Days from issue, Late days past due.
	SettledRows RowSet = "settled"
	// CycleRows are the invoices of the period not in advance: Amount with tax, Days since the end of what they bill.
	CycleRows RowSet = "cycle"
	// WrittenOffRows is what was given up, or taken back of it, in the period: Amount given up, Part recovered.
	WrittenOffRows RowSet = "written_off"
	// DisputesRows are the dispute lines opened in the period, DisputesOpenRows those open at its end, DecidedRows those
	// decided in it: Amount contested, Part what of it was rejected, Days and hours in Hours until the decision.
	DisputesRows     RowSet = "disputes_opened"
	DisputesOpenRows RowSet = "disputes_open"
	DecidedRows      RowSet = "disputes_decided"
	// MemoRows are the credit memos of the period: Amount with tax. Tag is the kind, reason, approver or root cause, as asked.
	MemoRows RowSet = "credit_memos"
	// CorrectionRows are the credit and debit memos made by hand in the period.
	CorrectionRows RowSet = "corrections"
	// BudgetRows are the concessions that count in a budget of the period, in the authority's currency.
	BudgetRows RowSet = "budget"
)

// SetsOf lists what a figure is made of, what is counted first. Every figure has at least one.
func SetsOf(name figures.Name) []RowSet {
	switch name {
	case figures.Receivable, figures.Aging, figures.CurrentShare:
		return []RowSet{OpenRows}
	case figures.DisputedOpen:
		return []RowSet{DisputedRows}
	case figures.UnappliedCash:
		return []RowSet{CashRows}
	case figures.UnappliedCredits:
		return []RowSet{CreditRows}
	case figures.CreditSales:
		return []RowSet{SalesRows}
	case figures.DaysSales, figures.CountBackDays, figures.TrueDays, figures.BestPossibleDays, figures.AverageDelinquent, figures.TurnoverRate:
		return []RowSet{OpenRows, SalesRows}
	case figures.Effectiveness:
		return []RowSet{OpenRows, OpeningRows, SalesRows}
	case figures.PaidInTermsCount, figures.PaidInTermsValue:
		return []RowSet{TermsRows}
	case figures.BadDebt:
		return []RowSet{WrittenOffRows, SalesRows}
	case figures.DaysToSettle, figures.DaysLate, figures.LateShare:
		return []RowSet{SettledRows}
	case figures.BillingCycle:
		return []RowSet{CycleRows}
	case figures.InvoiceErrors:
		return []RowSet{WrongRows, IssuedRows}
	case figures.DisputeCount, figures.DisputeAmount:
		return []RowSet{DisputesRows}
	case figures.DisputeRate:
		return []RowSet{DisputesRows, SalesRows}
	case figures.DisputeDays:
		return []RowSet{DisputesOpenRows, DisputesRows}
	case figures.DisputeTime, figures.WinRate:
		return []RowSet{DecidedRows}
	case figures.Credits:
		return []RowSet{MemoRows}
	case figures.Corrections:
		return []RowSet{CorrectionRows, IssuedRows}
	case figures.ConcessionBudget:
		return []RowSet{BudgetRows}
	}
	return nil
}

// FigureRow is one thing that a figure counts. What the numbers are depends on the set.
type FigureRow struct {
	Kind         string // invoice, debit_memo, payment, credit_memo, transfer, dispute, write_off, request
	ID           int64
	Number       string // of a dispute: its case's
	Account      string
	CustomerName string
	EntityCode   string
	Currency     money.Currency
	On           time.Time
	DueOn        *time.Time
	Amount       decimal.Decimal
	Part         decimal.Decimal
	Days         *int
	Late         *int
	Seconds      *int64
	Tag          string
}

// Tagged is how rows of MemoRows and WrongRows are told apart.
type Tagged string

// The ways credit memos are told apart.
const (
	ByKind      Tagged = "kind"
	ByReason    Tagged = "reason"
	ByApprover  Tagged = "approver"
	ByRootCause Tagged = "root_cause"
)

// FigureRows asks for the rows of a figure, of one section and from a cursor on. The zero Set is the figure's first. By and
// Tag narrow credit memos to one kind, reason, approver or root cause; Tag narrows terms to "disputed" or "clear".
type FigureRows struct {
	Figure  figures.Name
	Set     RowSet
	Days    int
	Section money.Currency
	By      Tagged
	Tag     *string
	After   string
	Limit   int
}

// ErrNoFigure is returned for a figure there is not, ErrNoRowSet for a set that it is not made of.
var (
	ErrNoFigure = errs.New(errs.NotFound, "reports.no_figure")
	ErrNoRowSet = errs.New(errs.Invalid, "reports.no_row_set")
)

// FigureRows lists what a figure of the indicators counts, for somebody who may read reports: the earliest first, a page at
// a time. All rows of all pages give the figure again.
func (r *Receivables) FigureRows(ctx context.Context, s Scope, f FigureRows) (AgingPage[FigureRow], error) {
	var page AgingPage[FigureRow]
	sets := SetsOf(f.Figure)
	if len(sets) == 0 {
		return page, errs.New(ErrNoFigure.Kind, ErrNoFigure.Key, "figure", string(f.Figure))
	}
	if f.Set == "" {
		f.Set = sets[0]
	}
	if !slices.Contains(sets, f.Set) {
		return page, errs.InvalidField("set", ErrNoRowSet.Key, "set", string(f.Set), "figure", string(f.Figure))
	}
	p, days, err := r.period(ctx, s, f.Days)
	if err != nil {
		return page, err
	}
	from := p.On.AddDate(0, 0, 1-days)
	if f.Set == OpeningRows {
		p.On = from.AddDate(0, 0, -1)
	}
	after, err := rowCursor(f.After)
	if err != nil {
		return page, err
	}
	limit, tag := pageSize(f.Limit), ""
	if f.Tag != nil {
		tag = *f.Tag
	}
	page.Rows, err = db.List[FigureRow](ctx, r.db, rowsOf(f.Set, f.By)+pageOfRows,
		p.args(from, string(f.Section), f.After != "", after.on, after.kind, after.id, f.Tag != nil, tag, limit+1)...)
	if err != nil {
		return page, fmt.Errorf("list rows of %s: %w", f.Figure, err)
	}
	if len(page.Rows) > limit {
		page.Rows = page.Rows[:limit]
		last := page.Rows[limit-1]
		page.Next = cursor{last.On.Format(time.DateOnly), last.Kind, strconv.FormatInt(last.ID, 10)}.String()
	}
	return page, nil
}

type rowPlace struct {
	on   time.Time
	kind string
	id   string
}

func rowCursor(text string) (rowPlace, error) {
	if text == "" {
		return rowPlace{id: "0"}, nil
	}
	c, err := readCursor(text, 3, 2)
	if err != nil {
		return rowPlace{}, err
	}
	on, err := time.Parse(time.DateOnly, c[0])
	if err != nil || strings.ContainsAny(c[2], ".eE-") {
		return rowPlace{}, badCursor()
	}
	return rowPlace{on, c[1], c[2]}, nil
}

// pageOfRows takes a page of rows and only then reads whose they are. The first seven values are named whether a set uses
// them or not.
const pageOfRows = `
	select r.kind, r.id, r.number, r.currency, r."on", r.due_on, r.amount, r.part, r.days, r.late, r.seconds, r.tag, k.account, k.name as customer_name, e.code as entity_code
	from (select * from rows where ($8 = '' or currency = $8) and (not $9 or ("on", kind, id) > ($10::date, $11::text, $12::bigint))
			and (not $13::boolean or tag = $14::text)
			and $1::date is not null and $2::boolean is not null and $3::boolean is not null and $4::text is not null
			and cardinality($5::bigint[]) >= 0 and cardinality($6::int[]) >= 0 and $7::date is not null
		order by "on", kind, id limit $15) r
	left join customers k on k.id = r.customer_id join legal_entities e on e.id = r.entity_id order by r."on", r.kind, r.id`
