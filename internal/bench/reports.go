package bench

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"slices"
	"time"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/reports"
)

//go:embed fill/*.sql
var fills embed.FS

// mustReport is how long a report of a past day may take, in milliseconds.
const mustReport = 1000

// ReportFigures is how long a report of receivables took, as of days of several years.
type ReportFigures struct {
	What     string  `json:"what"`
	Invoices int     `json:"invoices"`
	DaysAgo  int     `json:"days_ago"`
	Took     Spread  `json:"took_ms"`
	Must     float64 `json:"must_ms,omitempty"` // 0 where nothing is asked
	Met      *bool   `json:"met,omitempty"`
}

// daysAgo are the days looked at: today, last month, and days of other years.
func daysAgo() []int { return []int{0, 30, 365, 1095, 1800} }

// Reports measures aging and DSO as of past days over so many invoices. With Plans, PostgreSQL writes the plan of each
// statement into its log.
func Reports(ctx context.Context, o Options) (report Report, err error) {
	o = o.filled()
	report.Machine = NewMachine()
	h, err := openHouse(ctx, o)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, h.close(ctx)) }()
	name, err := h.make(ctx, "reports", o.Invoices, func(ctx context.Context, database string) error { return fillReceivables(ctx, o, h, database) })
	if err != nil {
		return report, err
	}
	if err := h.explain(ctx, name, o.Plans); err != nil {
		return report, err
	}
	s, err := o.Open(ctx, h.url(name), true)
	if err != nil {
		return report, err
	}
	defer s.DB.Close()
	for _, one := range receivables(reports.New(s.DB).Receivables()) {
		for _, ago := range daysAgo() {
			took, err := o.time(ctx, func(ctx context.Context) error { return one.read(ctx, billing.Date(o.Now()).AddDate(0, 0, -ago)) })
			if err != nil {
				return report, fmt.Errorf("read %s: %w", one.what, err)
			}
			f := ReportFigures{What: one.what, Invoices: o.Invoices, DaysAgo: ago, Took: took}
			if one.asked {
				f.Must, f.Met = mustReport, new(took.Median <= mustReport)
			}
			o.Say(fmt.Sprintf("%-12s of %4d days ago: %6.0f ms (%.0f–%.0f)", f.What, ago, took.Median, took.Least, took.Most))
			report.Reports = append(report.Reports, f)
		}
	}
	report.Machine, err = h.machine(ctx, report.Machine)
	return report, err
}

type reading struct {
	what  string
	asked bool // how long it may take is laid down
	read  func(ctx context.Context, on time.Time) error
}

func receivables(r *reports.Receivables) []reading {
	by := access.SystemActor("bench")
	return []reading{
		{"aging", true, func(ctx context.Context, on time.Time) error {
			_, err := r.Aging(ctx, reports.Scope{By: by, On: on}, nil)
			return err
		}},
		{"aging, then", true, func(ctx context.Context, on time.Time) error {
			_, err := r.Aging(ctx, reports.Scope{By: by, On: on, Basis: reports.KnownThen}, nil)
			return err
		}},
		{"dso", true, func(ctx context.Context, on time.Time) error {
			_, err := r.DSO(ctx, reports.Scope{By: by, On: on}, 0)
			return err
		}},
		{"indicators", false, func(ctx context.Context, on time.Time) error {
			_, err := r.KPIs(ctx, reports.Scope{By: by, On: on}, 0)
			return err
		}},
	}
}

// time reads once to warm up, then several times.
func (o Options) time(ctx context.Context, read func(ctx context.Context) error) (Spread, error) {
	if err := read(ctx); err != nil {
		return Spread{}, err
	}
	var took []float64
	for range max(o.Rounds, 3) {
		begin := o.Now()
		if err := read(ctx); err != nil {
			return Spread{}, err
		}
		took = append(took, milliseconds(o.Now().Sub(begin)))
	}
	return Median(took), nil
}

func fillReceivables(ctx context.Context, o Options, h *house, database string) error {
	s, err := o.Open(ctx, h.url(database), true)
	if err != nil {
		return err
	}
	defer s.DB.Close()
	var entity billing.Entity
	if err := s.DB.Do(ctx, func(tx *db.Tx) error {
		entity, err = s.Billing.SeedEntityTx(ctx, tx, billing.Entity{
			Code: "DE", Name: "Messhaus GmbH", BaseCurrency: "EUR", Country: "DE", SupportAddress: "billing@messhaus.example", SupportName: "Billing",
			TimeZone: "Europe/Berlin", Language: "de",
		})
		return err
	}); err != nil {
		return err
	}
	text, err := fills.ReadFile("fill/receivables.sql")
	if err != nil {
		return err
	}
	o.Say(fmt.Sprintf("Filling in %d invoices", o.Invoices))
	return h.admin(ctx, database, slices.Concat([]string{
		fmt.Sprintf(`set bench.invoices = %d`, o.Invoices), fmt.Sprintf(`set bench.entity = %d`, entity.ID), `set synchronous_commit = off`,
		`set maintenance_work_mem = '256MB'`,
	}, []string{string(text), `vacuum analyze`})...)
}

// explain has the plan of every statement of the application written to the server's log, or no longer.
func (h *house) explain(ctx context.Context, database string, on bool) error {
	role := `alter role ` + appRole + ` in database ` + database
	if !on {
		return h.admin(ctx, database, role+` reset all`)
	}
	return h.admin(ctx, database, role+` set session_preload_libraries = 'auto_explain'`, role+` set auto_explain.log_min_duration = 0`,
		role+` set auto_explain.log_analyze = on`, role+` set auto_explain.log_buffers = on`)
}
