package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/people"
	"makegood/internal/scenario"
)

// ListFigures is how long a page took with a number of clients, rendered and in milliseconds.
type ListFigures struct {
	What    string  `json:"what"`
	Cases   int     `json:"cases"`
	Clients int     `json:"clients"`
	Rate    float64 `json:"rate"` // pages a second
	P50     float64 `json:"p50_ms"`
	P95     float64 `json:"p95_ms"`
	P99     float64 `json:"p99_ms"`
	Must    float64 `json:"must_p95_ms,omitempty"` // 0 where nothing is asked
	Met     *bool   `json:"met,omitempty"`
}

const (
	benchSupervisor = "bench@makegood.example"
	deepPage        = 1000
	pageOfQueue     = 50
)

// look is a page to measure: its addresses in turn, and p95 that it may take at 1 and at 16 clients.
type look struct {
	what      string
	addresses []string
	must      map[int]float64
}

// List measures the pages that people find work on, over so many cases with four messages each: rendered by the program's own
// handler for somebody signed in, and beside them two plain statements, the least that a page of a list can take.
func List(ctx context.Context, o Options) (report Report, err error) {
	o = o.filled()
	report.Machine = NewMachine()
	h, err := openHouse(ctx, o)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, h.close(ctx)) }()
	name, err := h.make(ctx, "list", o.Cases, func(ctx context.Context, database string) error { return fillCases(ctx, o, h, database) })
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
	token, _, err := s.People.SignIn(ctx, benchSupervisor, appPassword, "bench")
	if err != nil {
		return report, fmt.Errorf("sign in: %w", err)
	}
	b := listBench{o: o, s: s, cookie: "mg_session=" + token}
	looks, err := b.looks(ctx)
	if err != nil {
		return report, err
	}
	for _, clients := range o.Clients {
		for _, l := range looks {
			f, err := b.measure(ctx, l, clients)
			if err != nil {
				return report, fmt.Errorf("%s: %w", l.what, err)
			}
			report.List = append(report.List, f)
		}
	}
	report.Machine, err = h.machine(ctx, report.Machine)
	return report, err
}

type listBench struct {
	o      Options
	s      Services
	cookie string
}

func (b listBench) looks(ctx context.Context) ([]look, error) {
	queue, file := map[int]float64{1: 20, 16: 120}, map[int]float64{1: 10, 16: 60}
	list := []look{{what: "two plain statements"}}
	for _, v := range append(cases.Views(), cases.ViewAll) {
		name, first := string(v), "/?view="+string(v)
		if v == cases.ViewAll {
			name, first = "every", "/?view=every"
		}
		list = append(list, look{"queue, " + name, []string{first}, queue})
		deep, page, err := b.deep(ctx, v)
		if err != nil {
			return nil, err
		}
		if page > 1 {
			list = append(list, look{fmt.Sprintf("queue, %s, page %d", name, page), []string{first + "&after=" + url.QueryEscape(deep)}, queue})
		}
	}
	var files, numbers, rare []string
	for n := range 200 {
		at := 1_000_001 + (n*7919)%b.o.Cases
		files = append(files, fmt.Sprintf("/cases/MG-%d", at))
		numbers = append(numbers, seek(fmt.Sprintf("MG-%d", at)))
		rare = append(rare, seek(fmt.Sprintf("w%d", n*48271%60000)))
	}
	one, common := map[int]float64{1: 25}, map[int]float64{1: 50}
	return append(list, look{"case", files, file}, look{"search, number", numbers, one}, look{"search, rare word", rare, one},
		look{"search, common word", []string{seek("invoice")}, common}, look{"search, two words", []string{seek("statement invoice"), seek("thank noon")}, common},
		look{"search, Chinese", []string{seek("重复扣款"), seek("消费税")}, common}, look{"search, amount", []string{seek("1240.00 EUR")}, one},
		look{"search, customer", []string{seek("Lantern Foods 59")}, one}, look{"search, address", []string{seek("person1000017@customer1000017.example")}, one},
		look{"search, open cases", []string{"/?view=all_open&q=invoice", "/?view=all_open&q=w48271"}, one},
		look{"filter", []string{"/?view=all_open&q=" + url.QueryEscape("disputed:>1000 tier:gold -waiting:customer opened:<90d")}, queue},
		look{"board", []string{"/board"}, map[int]float64{1: 50}}), nil
}

func seek(words string) string { return "/?view=every&q=" + url.QueryEscape(words) }

// deep is where the 1,000th page of a view begins, or its last.
func (b listBench) deep(ctx context.Context, v cases.View) (after string, page int, err error) {
	user, err := b.s.People.UserByEmail(ctx, benchSupervisor)
	if err != nil {
		return "", 0, err
	}
	f := cases.Filter{View: v, Limit: pageOfQueue}
	for page = 1; page < deepPage; page++ {
		found, err := b.s.Cases.Queue(ctx, f, user.Actor())
		if err != nil {
			return "", 0, err
		}
		if found.Next == "" {
			break
		}
		f.After = found.Next
	}
	return f.After, page, nil
}

func (b listBench) measure(ctx context.Context, l look, clients int) (ListFigures, error) {
	pieces := make([]int, 100_000)
	for n := range pieces {
		pieces[n] = n
	}
	do := func(ctx context.Context, n int) error {
		if len(l.addresses) == 0 {
			return b.plain(ctx)
		}
		return b.page(ctx, l.addresses[n%len(l.addresses)])
	}
	limit := time.Duration(b.o.Seconds) * time.Second
	if _, err := drive(ctx, b.o.Now, clients, limit, pieces[:clients*10], do); err != nil {
		return ListFigures{}, err
	}
	load, err := drive(ctx, b.o.Now, clients, limit, pieces, do)
	if err != nil {
		return ListFigures{}, err
	}
	f := ListFigures{
		What: l.what, Cases: b.o.Cases, Clients: clients, Rate: load.Rate(), P50: milliseconds(load.Percentile(0.5)),
		P95: milliseconds(load.Percentile(0.95)), P99: milliseconds(load.Percentile(0.99)), Must: l.must[clients],
	}
	if f.Must > 0 {
		f.Met = new(f.P95 <= f.Must)
	}
	b.o.Say(fmt.Sprintf("%-32s %2d clients: p50 %6.1f  p95 %6.1f  p99 %6.1f ms", f.What, clients, f.P50, f.P95, f.P99))
	return f, nil
}

// page renders a page and throws it away; anything but the page is a failure.
func (b listBench) page(ctx context.Context, address string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Cookie", b.cookie)
	request.RemoteAddr = "127.0.0.1:1"
	answer := &thrownAway{header: http.Header{}}
	b.s.Pages.ServeHTTP(answer, request)
	if answer.status != http.StatusOK || answer.size < 1000 {
		return fmt.Errorf("%s answers %d with %d bytes", address, answer.status, answer.size)
	}
	return nil
}

func (b listBench) plain(ctx context.Context) error {
	for _, statement := range []string{
		`select id, number, subject, next_due_at from cases where status in ('new', 'open', 'waiting') and next_due_at is not null order by next_due_at, id limit 50`,
		`select count(*) from (select 1 from cases where status in ('new', 'open', 'waiting') limit 1000) x`,
	} {
		rows, err := b.s.DB.Query(ctx, statement)
		if err != nil {
			return err
		}
		for rows.Next() { // only the time it takes counts
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return err
		}
	}
	return nil
}

// thrownAway is an answer of which only the size is kept.
type thrownAway struct {
	header       http.Header
	status, size int
}

func (a *thrownAway) Header() http.Header { return a.header }

func (a *thrownAway) WriteHeader(status int) { a.status = status }

func (a *thrownAway) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	a.size += len(p)
	return len(p), nil
}

func fillCases(ctx context.Context, o Options, h *house, database string) error {
	s, err := o.Open(ctx, h.url(database), true)
	if err != nil {
		return err
	}
	defer s.DB.Close()
	if _, err := scenario.Build(ctx, scenario.Services{DB: s.DB, People: s.People, Billing: s.Billing, Cases: s.Cases, Credits: s.Credits}, scenario.Options{}); err != nil {
		return err
	}
	me, err := s.People.AddUser(ctx, people.NewUser{
		Email: benchSupervisor, Name: "Bench", Password: appPassword, Roles: []access.Role{access.Supervisor}, Language: "en", TimeZone: "UTC", By: access.SystemActor("bench"),
	})
	if err != nil {
		return err
	}
	text, err := fills.ReadFile("fill/cases.sql")
	if err != nil {
		return err
	}
	o.Say(fmt.Sprintf("Filling in %d cases", o.Cases))
	return h.admin(ctx, database, slices.Concat([]string{
		fmt.Sprintf(`set bench.cases = %d`, o.Cases), fmt.Sprintf(`set bench.me = %d`, me.ID), `set synchronous_commit = off`, `set maintenance_work_mem = '256MB'`,
	}, []string{string(text), `vacuum analyze`})...)
}
