package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
)

// What posting must reach with 16 clients: memos a second, the part of pgbench's rate, and on one customer p95.
const (
	judged         = 16
	mustSpread     = 900
	mustSpreadPart = 0.18
	mustHot        = 400
	mustHotPart    = 0.35
	mustHotP95     = 60
)

func (b *postBench) table() []PostFigures {
	var list []PostFigures
	for _, kind := range sorts() {
		for _, clients := range b.o.Clients {
			s := b.figures[cell{kind, clients}]
			f := PostFigures{
				What: kind.String(), Clients: clients, Rate: Median(s.rate), Baseline: Median(s.base), Ratio: Median(s.ratio),
				Cost: Median(s.cost), BaseCost: Median(s.baseCost), P50: Median(s.p50), P95: Median(s.p95), P99: Median(s.p99),
			}
			f.judge(kind)
			list = append(list, f)
		}
	}
	return list
}

// judge compares with what must be reached.
func (f *PostFigures) judge(kind sort) {
	if f.Clients != judged {
		return
	}
	f.MustRate, f.MustPart = mustSpread, mustSpreadPart
	met := true
	if kind.Hot {
		f.MustRate, f.MustPart = mustHot, mustHotPart
		met = f.P95.Median <= mustHotP95
	}
	met = met && f.Rate.Median >= f.MustRate && f.Ratio.Median >= f.MustPart
	f.Met = &met
}

// WriteJSON prints what was measured for programs.
func WriteJSON(w io.Writer, r Report) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(r)
}

// WriteTable prints what was measured for people.
func WriteTable(w io.Writer, r Report) error {
	m := r.Machine
	server := ""
	if m.PostgreSQL != "" {
		server = "PostgreSQL " + m.PostgreSQL + ", "
	}
	if _, err := fmt.Fprintf(w, "%d processors, %sload %.1f before and %.1f after\n\n", m.CPUs, server, m.LoadBefore, m.LoadAfter); err != nil {
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	if len(r.Post) > 0 {
		_, _ = fmt.Fprintln(t, "credit memos\tclients\tmemos/s\tleast–most\tpgbench/s\tratio\tp50 ms\tp95 ms\tp99 ms\tcpu ms\tpgbench cpu ms\tmust\t")
		for _, f := range r.Post {
			_, _ = fmt.Fprintf(t, "%s\t%d\t%.0f\t%.0f–%.0f\t%.0f\t%.1f %%\t%.1f\t%.1f\t%.1f\t%.2f\t%.2f\t%s\t\n", f.What, f.Clients, f.Rate.Median, f.Rate.Least, f.Rate.Most,
				f.Baseline.Median, 100*f.Ratio.Median, f.P50.Median, f.P95.Median, f.P99.Median, f.Cost.Median, f.BaseCost.Median, f.verdict())
		}
	}
	if len(r.Reports) > 0 {
		_, _ = fmt.Fprintln(t, "report\tinvoices\tdays ago\tms\tleast–most\tmust\t")
		for _, f := range r.Reports {
			_, _ = fmt.Fprintf(t, "%s\t%d\t%d\t%.0f\t%.0f–%.0f\t%s\t\n", f.What, f.Invoices, f.DaysAgo, f.Took.Median, f.Took.Least, f.Took.Most, f.verdict())
		}
	}
	if len(r.Classify) > 0 {
		writeClassify(t, r.Classify)
	}
	if r.Authority != nil {
		writeAuthority(t, *r.Authority)
	}
	if len(r.Intake) > 0 {
		writeIntake(t, r.Intake)
	}
	if len(r.List) > 0 {
		writeList(t, r.List)
	}
	if len(r.Preview) > 0 {
		writePreview(t, r.Preview)
	}
	if len(r.Idle) > 0 {
		writeIdle(t, r.Idle)
	}
	if len(r.Timers) > 0 {
		writeTimers(t, r.Timers)
	}
	return t.Flush()
}

func (f ReportFigures) verdict() string {
	if f.Met == nil {
		return ""
	}
	return fmt.Sprintf("%s: %.0f ms", met(*f.Met), f.Must)
}

func met(yes bool) string {
	if yes {
		return "met"
	}
	return "not met"
}

func (f PostFigures) verdict() string {
	if f.Met == nil {
		return ""
	}
	return fmt.Sprintf("%s: %.0f/s, %.0f %%", met(*f.Met), f.MustRate, 100*f.MustPart)
}

// Report is everything that was measured, and where.
type Report struct {
	Machine Machine         `json:"machine"`
	Post    []PostFigures   `json:"post,omitempty"`
	Reports []ReportFigures `json:"reports,omitempty"`

	Classify []ClassifyFigures `json:"classify,omitempty"`
	Intake   []IntakeFigures   `json:"intake,omitempty"`

	Authority *AuthorityFigures `json:"authority,omitempty"`
	List      []ListFigures     `json:"list,omitempty"`
	Preview   []PreviewFigures  `json:"preview,omitempty"`
	Idle      []IdleFigure      `json:"idle,omitempty"`
	Timers    []TimerFigures    `json:"timers,omitempty"`
}

// Join adds what another benchmark of the same run measured.
func (r Report) Join(o Report) Report {
	r.Post, r.Reports = append(r.Post, o.Post...), append(r.Reports, o.Reports...)
	r.Classify, r.Intake = append(r.Classify, o.Classify...), append(r.Intake, o.Intake...)
	if o.Authority != nil {
		r.Authority = o.Authority
	}
	r.List, r.Idle, r.Timers = append(r.List, o.List...), append(r.Idle, o.Idle...), append(r.Timers, o.Timers...)
	r.Preview = append(r.Preview, o.Preview...)
	r.Machine.LoadAfter = o.Machine.LoadAfter
	return r
}
