package reports

import (
	"context"
	"time"

	"makegood/billing/figures"
	"makegood/internal/sheet"
)

// Workbook is a report for a spreadsheet. A CSV holds the first table, a workbook all of them.
type Workbook struct {
	Name   string // without ending
	Tables []sheet.Table
}

// Workbook reads the whole report that a question asks for, with the rights of who asks. ErrNoReport for a report there is not.
func (s *Service) Workbook(ctx context.Context, q Question) (Workbook, error) {
	if _, err := q.TitleKey(); err != nil {
		return Workbook{}, err
	}
	family, _, _ := q.parts()
	if family == workReport || family == causesReport {
		return s.Work().workbook(ctx, q)
	}
	return s.Receivables().workbook(ctx, q)
}

func (r *Receivables) workbook(ctx context.Context, q Question) (Workbook, error) {
	scope, days, err := q.MoneyScope(func(entity string) (time.Time, error) { return r.Today(ctx, q.By, entity) })
	if err != nil {
		return Workbook{}, err
	}
	named := func(name string, tables ...sheet.Table) Workbook {
		return Workbook{Name: name + "-" + scope.On.Format(time.DateOnly), Tables: tables}
	}
	switch q.Report {
	case agingReport:
		tables, err := r.agingTables(ctx, scope)
		return named("aging", tables...), err
	case itemsReport:
		table, err := r.itemsTable(ctx, scope, q.ItemRows())
		return named("documents", table), err
	case dsoReport:
		dso, err := r.DSO(ctx, scope, days)
		return named("dso", dso.Table()), err
	case kpisReport:
		kpis, err := r.KPIs(ctx, scope, days)
		return named("indicators", kpis.Table()), err
	}
	wanted := q.FigureRows(days)
	whole, err := ReadWhole(func(after string, limit int) (AgingPage[FigureRow], error) {
		wanted.After, wanted.Limit = after, limit
		return r.FigureRows(ctx, scope, wanted)
	})
	return named(string(wanted.Figure), whole.Ended(RowsTable(whole.Rows))), err
}

// agingTables are an aging by customer, by range and by document.
func (r *Receivables) agingTables(ctx context.Context, scope Scope) ([]sheet.Table, error) {
	aging, err := r.Aging(ctx, scope, nil)
	if err != nil {
		return nil, err
	}
	customers, err := ReadWhole(func(after string, limit int) (AgingPage[AgingCustomer], error) {
		return r.AgingCustomers(ctx, scope, nil, CustomerRows{After: after, Limit: limit})
	})
	if err != nil {
		return nil, err
	}
	items, err := r.itemsTable(ctx, scope, ItemRows{})
	return []sheet.Table{customers.Ended(CustomersTable(aging.Buckets, customers.Rows)), aging.Table(), items}, err
}

func (r *Receivables) itemsTable(ctx context.Context, scope Scope, wanted ItemRows) (sheet.Table, error) {
	whole, err := ReadWhole(func(after string, limit int) (AgingPage[AgingItem], error) {
		wanted.After, wanted.Limit = after, limit
		return r.AgingItems(ctx, scope, nil, wanted)
	})
	return whole.Ended(ItemsTable(figures.StandardBuckets(), whole.Rows)), err
}

func (w *Work) workbook(ctx context.Context, q Question) (Workbook, error) {
	scope, err := q.WorkScope(w.Today())
	if err != nil {
		return Workbook{}, err
	}
	named := func(name string, table sheet.Table) Workbook {
		return Workbook{Name: name + "-" + scope.On.Format(time.DateOnly), Tables: []sheet.Table{table}}
	}
	_, of, rows := q.parts()
	switch {
	case q.Report == causesReport:
		list, err := w.Causes(ctx, scope)
		return named("root-causes", CausesTable(list)), err
	case q.Report == workReport:
		list, err := w.Overview(ctx, scope)
		return named("cases", OverviewTable(list)), err
	case !rows:
		report, err := w.Report(ctx, scope, Fact(of), q.Way())
		return named(of, report.Table()), err
	}
	wanted := q.WorkRows()
	whole, err := ReadWhole(func(after string, limit int) (AgingPage[WorkRow], error) {
		wanted.After, wanted.Limit = after, limit
		return w.Rows(ctx, scope, wanted)
	})
	return named(of+"-rows", whole.Ended(WorkRowsTable(wanted.Fact, whole.Rows))), err
}
