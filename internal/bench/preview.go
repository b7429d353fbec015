package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/people"
	"makegood/internal/scenario"
)

const (
	mustPreview = 50  // ms, p95
	mustToken   = 0.2 // ms, p50
	patterns    = 1000
	hotPatterns = 100 // of them, of one customer
	previewed   = 100 // invoices of each sort to preview a credit on
	benchAgent  = "agent.bench@makegood.example"
)

// PreviewFigures is how long something took with a number of clients and so many posted memos, in milliseconds.
type PreviewFigures struct {
	What    string  `json:"what"`
	Memos   int     `json:"memos"`
	Clients int     `json:"clients"`
	Rate    float64 `json:"rate"` // a second
	P50     float64 `json:"p50_ms"`
	P95     float64 `json:"p95_ms"`
	P99     float64 `json:"p99_ms"`
	MustP50 float64 `json:"must_p50_ms,omitempty"` // 0 where nothing is asked
	MustP95 float64 `json:"must_p95_ms,omitempty"`
	Met     *bool   `json:"met,omitempty"`
}

// Preview measures the preview of a credit on its screen, rendered for somebody signed in, among so many memos that are posted: on invoices
// of customers who have as many as others, and of one who has a tenth of all. Beside it stands what a request costs that only asks who
// is asking, by session and by API token, and a statement that reads one row.
func Preview(ctx context.Context, o Options) (report Report, err error) {
	o = o.filled()
	report.Machine = NewMachine()
	h, err := openHouse(ctx, o)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, h.close(ctx)) }()
	name, err := h.make(ctx, "preview", o.Memos, func(ctx context.Context, database string) error { return fillMemos(ctx, o, h, database) })
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
	b := previewBench{o: o, s: s}
	if err := b.enter(ctx); err != nil {
		return report, err
	}
	list, err := b.glances(ctx)
	if err != nil {
		return report, err
	}
	for _, clients := range o.Clients {
		for _, g := range list {
			f, err := b.measure(ctx, g, clients)
			if err != nil {
				return report, fmt.Errorf("%s: %w", g.what, err)
			}
			report.Preview = append(report.Preview, f)
		}
	}
	report.Machine, err = h.machine(ctx, report.Machine)
	return report, err
}

type previewBench struct {
	o                   Options
	s                   Services
	cookie, form, token string
}

// glance is one thing to measure, done for the n-th time.
type glance struct {
	what    string
	mustP50 float64
	mustP95 float64
	do      func(ctx context.Context, n int) error
}

// enter signs the agent in and makes an API token.
func (b *previewBench) enter(ctx context.Context) error {
	token, session, err := b.s.People.SignIn(ctx, benchAgent, appPassword, "bench")
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	user, err := b.s.People.UserByEmail(ctx, benchAgent)
	if err != nil {
		return err
	}
	b.cookie, b.form = "mg_session="+token, session.CSRF
	b.token, err = b.s.People.CreateToken(ctx, people.NewToken{UserID: user.ID, Name: "bench", By: user.Actor()})
	return err
}

func (b *previewBench) glances(ctx context.Context) ([]glance, error) {
	any, err := b.forms(ctx, false)
	if err != nil {
		return nil, err
	}
	hot, err := b.forms(ctx, true)
	if err != nil {
		return nil, err
	}
	return []glance{
		{what: "a statement that reads one row", do: func(ctx context.Context, _ int) error {
			_, err := db.Value[int64](ctx, b.s.DB, `select id from users where email = $1`, benchAgent)
			return err
		}},
		{what: "API token check", mustP50: mustToken, do: func(ctx context.Context, _ int) error {
			_, err := b.s.People.Bearer(ctx, b.token)
			return err
		}},
		{what: "API, who am I", do: func(ctx context.Context, _ int) error {
			return b.ask(ctx, http.MethodGet, "/api/v1/me", nil, func(h http.Header) { h.Set("Authorization", "Bearer "+b.token) })
		}},
		{what: "preview, any customer", mustP95: mustPreview, do: func(ctx context.Context, n int) error { return b.preview(ctx, any[n%len(any)]) }},
		{what: "preview, a tenth of all memos", mustP95: mustPreview, do: func(ctx context.Context, n int) error { return b.preview(ctx, hot[n%len(hot)]) }},
	}, nil
}

// filledForm is the form of a credit as it is sent while somebody types.
type filledForm struct {
	address string
	values  url.Values
}

// forms are those of the invoices that the preview is measured on.
func (b *previewBench) forms(ctx context.Context, hot bool) ([]filledForm, error) {
	type row struct {
		Number string
		Line   int64
	}
	rows, err := db.List[row](ctx, b.s.DB, `select i.number, min(l.id) as line from invoices i join invoice_lines l on l.invoice_id = i.id
		join customers c on c.id = i.customer_id and c.account like '2%' and (c.account = '200001') = $1
		join open_items o on o.kind = 'invoice' and o.document_id = i.id and o.open = o.original
		where i.id < 1000000 -- no copy
		group by i.id order by i.id desc limit $2`, hot, previewed)
	if err != nil {
		return nil, fmt.Errorf("find invoices: %w", err)
	}
	list := make([]filledForm, len(rows))
	for n, r := range rows {
		line := strconv.FormatInt(r.Line, 10)
		list[n] = filledForm{"/invoices/" + r.Number + "/credit/preview", url.Values{
			"kind": {"billing_error"}, "reason_code": {reason}, "line": {line}, "net." + line: {"100"}, "explanation": {"The price agreed was lower"},
			"proof": {"Contract, page 2"}, "key": {"bench"},
		}}
	}
	return list, nil
}

func (b *previewBench) preview(ctx context.Context, f filledForm) error {
	return b.ask(ctx, http.MethodPost, f.address, f.values, func(h http.Header) {
		h.Set("Content-Type", "application/x-www-form-urlencoded")
		h.Set("HX-Request", "true")
		h.Set("X-CSRF-Token", b.form)
		h.Set("Cookie", b.cookie)
	})
}

// ask has the program answer and throws the answer away; one that is not what was asked for is a failure.
func (b *previewBench) ask(ctx context.Context, method, address string, form url.Values, prepare func(http.Header)) error {
	request, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	prepare(request.Header)
	request.RemoteAddr = "127.0.0.1:1"
	answer := &thrownAway{header: http.Header{}}
	b.s.Pages.ServeHTTP(answer, request)
	least := 20
	if form != nil {
		least = 3000 // the whole preview, with who must agree and where the money goes
	}
	if answer.status != http.StatusOK || answer.size < least {
		return fmt.Errorf("%s answers %d with %d bytes", address, answer.status, answer.size)
	}
	return nil
}

func (b *previewBench) measure(ctx context.Context, g glance, clients int) (PreviewFigures, error) {
	pieces := make([]int, 1_000_000)
	for n := range pieces {
		pieces[n] = n
	}
	limit := time.Duration(b.o.Seconds) * time.Second
	if _, err := drive(ctx, b.o.Now, clients, limit, pieces[:clients*20], g.do); err != nil {
		return PreviewFigures{}, err
	}
	load, err := drive(ctx, b.o.Now, clients, limit, pieces, g.do)
	if err != nil {
		return PreviewFigures{}, err
	}
	f := PreviewFigures{
		What: g.what, Memos: b.o.Memos, Clients: clients, Rate: load.Rate(), P50: exact(load.Percentile(0.5)), P95: exact(load.Percentile(0.95)),
		P99: exact(load.Percentile(0.99)),
	}
	if clients == 1 {
		f.judge(g)
	}
	b.o.Say(fmt.Sprintf("%-32s %2d clients: p50 %7.2f  p95 %7.2f  p99 %7.2f ms", f.What, clients, f.P50, f.P95, f.P99))
	return f, nil
}

// judge compares with what must be reached.
func (f *PreviewFigures) judge(g glance) {
	if f.MustP50, f.MustP95 = g.mustP50, g.mustP95; f.MustP50 > 0 || f.MustP95 > 0 {
		f.Met = new((f.MustP50 == 0 || f.P50 <= f.MustP50) && (f.MustP95 == 0 || f.P95 <= f.MustP95))
	}
}

func exact(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

// fillMemos has the program post some memos, copies them as often as it takes, and issues the invoices that a preview is made on.
func fillMemos(ctx context.Context, o Options, h *house, database string) error {
	s, err := o.Open(ctx, h.url(database)+"&synchronous_commit=off", true)
	if err != nil {
		return err
	}
	defer s.DB.Close()
	o.Say(fmt.Sprintf("Posting %d memos", patterns))
	p := preparation{s: s}
	if p.company, err = scenario.Build(ctx, scenario.Services{DB: s.DB, People: s.People, Billing: s.Billing, Cases: s.Cases, Credits: s.Credits}, scenario.Options{}); err != nil {
		return err
	}
	if err := p.postPatterns(ctx); err != nil {
		return err
	}
	text, err := fills.ReadFile("fill/memos.sql")
	if err != nil {
		return err
	}
	o.Say(fmt.Sprintf("Filling in %d memos", o.Memos))
	if err := h.admin(ctx, database, slices.Concat([]string{
		fmt.Sprintf(`set bench.copies = %d`, max(o.Memos/patterns-1, 0)), `set synchronous_commit = off`, `set maintenance_work_mem = '256MB'`,
	}, []string{string(text)})...); err != nil {
		return err
	}
	if err := p.issueOpen(ctx); err != nil {
		return err
	}
	return h.admin(ctx, database, `vacuum analyze`)
}

// postPatterns posts the memos that are copied: most on invoices of a thousand customers in turn, some of one.
func (p *preparation) postPatterns(ctx context.Context) error {
	p.agent = p.company.Actor(access.Agent)
	if err := p.seed(ctx); err != nil {
		return err
	}
	for kind, n := range map[sort]int{{}: patterns - hotPatterns, {Hot: true}: hotPatterns} {
		p.each = n
		if err := p.requests(ctx, kind); err != nil {
			return err
		}
	}
	ids, err := db.Values[credits.ID](ctx, p.s.DB, `select id from credit_requests where state = 'approved' order by id`)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := p.s.Credits.Post(ctx, credits.PostRequest{ID: id}); err != nil {
			return fmt.Errorf("post memo: %w", err)
		}
	}
	return nil
}

// issueOpen issues the invoices that the preview is measured on, and lets the agent in.
func (p *preparation) issueOpen(ctx context.Context) error {
	p.each = previewed
	for _, kind := range []sort{{}, {Hot: true}} {
		if _, err := p.invoices(ctx, kind); err != nil {
			return err
		}
	}
	_, err := p.s.People.AddUser(ctx, people.NewUser{
		Email: benchAgent, Name: "Bench", Password: appPassword, Roles: []access.Role{access.Agent}, Language: "en", TimeZone: "UTC", By: access.SystemActor("bench"),
	})
	return err
}
