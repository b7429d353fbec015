package app_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"makegood/internal/access"
	"makegood/internal/api"
	"makegood/internal/db"
	"makegood/internal/people"
	"makegood/internal/scenario"
)

// A long run: go test ./internal/app -run KilledWhileFifty -decided 20 -deaths 4 -timeout 30m
var (
	decided = flag.Int("decided", 3, "requests that fifty decide on while the program is killed")
	deaths  = flag.Int("deaths", 2, "how often it is killed for each of them")
)

// crowd are fifty people who may sign one request, the half of them its first step and the other half its second, at the one copy of the
// program there is, which is killed and started again.
type crowd struct {
	*house
	ask            http.Client
	seniors, leads []caller
	ids            map[string]int64 // of people, by their tokens

	mu      sync.Mutex
	running process
	bell    chan struct{} // closed when something has changed: a signature, a stand-in, or the program is there again
	asked   chan struct{} // something was asked of the program, and answered or not
}

// TestKilledWhileFiftyDecide has fifty people sign one request at once through the API, while delegations begin and end, and kills the
// program meanwhile at moments nobody chose. Each step is decided once, by one who may; there is one memo or none when it dies, and exactly
// one after the last start; and the record tells each decision once.
func TestKilledWhileFiftyDecide(t *testing.T) {
	t.Parallel()
	h := prepare(t, scenario.Options{}, 0)
	c := &crowd{house: h, ask: http.Client{Timeout: 20 * time.Second}, ids: map[string]int64{}, bell: make(chan struct{}), asked: make(chan struct{})}
	c.seniors, c.leads = c.people(access.Senior, 2, 25), c.people(access.Supervisor, 3, 25)
	c.running = h.spawnWith(0, "web,worker", h.office.SMTPAddr())
	stop := make(chan struct{})
	var background sync.WaitGroup
	background.Go(func() { c.standIn(stop) })
	for range *decided {
		c.round()
	}
	close(stop)
	background.Wait()
	if n := count(t, h.app.DB, `select count(*) from credit_memos`); n != *decided {
		t.Errorf("%d memos of %d requests", n, *decided)
	}
	if n := count(t, h.app.DB, `select count(*) from delegations`); n == 0 {
		t.Error("nobody stood in for anybody")
	}
	c.running.kill()
	h.sound()
}

// people hold a level and have a token.
func (c *crowd) people(role access.Role, rank, n int) []caller {
	c.t.Helper()
	var ids []int64
	var list []caller
	for i := range n {
		user, err := c.app.People.AddUser(c.t.Context(), people.NewUser{
			Email: fmt.Sprintf("%s.%d@ostwind.example", role, i), Name: fmt.Sprintf("%s %d", role, i), Password: scenario.Password, Roles: []access.Role{role}, By: access.SystemActor("test"),
		})
		must(c.t, err)
		one := c.token(user.ID)
		c.ids[one.token] = user.ID
		ids, list = append(ids, user.ID), append(list, one)
	}
	must(c.t, scenario.AddHolders(c.t.Context(), c.app.DB, rank, ids...))
	return list
}

// round is one request that everybody signs at once.
func (c *crowd) round() {
	c.t.Helper()
	bill := c.bill()
	var request api.CreditRequest
	proposal := c.proposal("", "1000.00")
	proposal["invoice"] = bill
	delete(proposal, "case")
	c.here(c.as(access.Agent)).ask(201, "POST", "/credit-requests", submitted(proposal), &request)
	var all, killing sync.WaitGroup
	done := make(chan struct{})
	for i := range c.leads {
		all.Go(func() { c.sign(c.leads[i], request) })
		all.Go(func() { c.sign(c.seniors[i], request) })
	}
	killing.Go(func() { c.killAtTimes(request.ID, done) })
	all.Wait()
	close(done)
	killing.Wait()
	defer func() {
		if c.t.Failed() {
			c.t.Log(request.Number, c.whereItStands(request.ID))
		}
	}()
	until(c.t, request.Number+" to be posted", c.news, func() bool {
		return count(c.t, c.app.DB, `select count(*) from credit_requests where id = $1 and state = 'posted'`, request.ID) == 1
	})
	c.told(request)
}

// whereItStands is for whoever wonders why a request is not posted.
func (c *crowd) whereItStands(id int64) string {
	said, err := db.Value[string](context.WithoutCancel(c.t.Context()), c.app.DB, `select jsonb_build_object('state', r.state, 'failure', r.failure, 'jobs', (select jsonb_agg(to_jsonb(j) - 'metadata') from river_job j
		where j.kind like 'credits.%' and j.args::text like '%' || r.id || '%'))::text from credit_requests r where r.id = $1`, id)
	return fmt.Sprint(said, err)
}

// bill is the number of an invoice of its own.
func (c *crowd) bill() string {
	c.t.Helper()
	var bill api.Invoice
	c.here(c.as(access.Controller)).ask(201, "POST", "/invoices", map[string]any{
		"customer": c.Ferro.Account, "service_from": "2026-10-01", "service_to": "2026-10-31",
		"lines": []map[string]string{{"product": "LIC", "description": "Licence", "quantity": "1", "unit_price": "1200.00", "tax_category": "S", "tax_rate": "19"}},
	}, &bill)
	return bill.Number
}

// here is a caller at the copy that runs now.
func (c *crowd) here(who caller) caller {
	c.mu.Lock()
	defer c.mu.Unlock()
	return who.on(c.running.address)
}

func (c *crowd) listen() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bell
}

func (c *crowd) ring() {
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.bell)
	c.bell = make(chan struct{})
}

// try asks, and gives false where there was no answer.
func (c *crowd) try(who caller, path string, in any) (answer, bool) {
	a, err := c.here(who).send(&c.ask, "POST", path, in)
	select {
	case c.asked <- struct{}{}:
	default: // nobody counts
	}
	return a, err == nil
}

// sign has somebody sign as soon as they may, and gives up when the request is decided.
func (c *crowd) sign(who caller, request api.CreditRequest) {
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	for {
		changed := c.listen()
		a, answered := c.try(who, requestPath(request.ID)+"/approve", map[string]any{"digest": request.Digest})
		if answered && a.status == http.StatusOK {
			c.ring()
			return
		}
		if answered && a.status >= 500 && a.status != http.StatusServiceUnavailable {
			c.t.Errorf("%d: %s", a.status, a.body)
			return
		}
		if count(c.t, c.app.DB, `select count(*) from credit_requests where id = $1 and state = 'pending'`, request.ID) == 0 {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			c.t.Error("waited in vain for a turn to sign")
			return
		}
	}
}

// killAtTimes kills the program after so many questions as chance says, also when everybody has signed, and starts it again.
func (c *crowd) killAtTimes(request int64, done <-chan struct{}) {
	for range *deaths {
		for range rand.IntN(60) {
			select {
			case <-c.asked:
			case <-done:
			}
		}
		c.mu.Lock()
		c.running.kill()
		c.mu.Unlock()
		if n := count(c.t, c.app.DB, `select count(*) from credit_memos where credit_request_id = $1`, request); n > 1 {
			c.t.Errorf("%d memos of one request when it died", n)
		}
		again := c.spawnWith(0, "web,worker", c.office.SMTPAddr())
		c.mu.Lock()
		c.running = again
		c.mu.Unlock()
		c.ring()
	}
}

// standIn has one lead after another name a senior in their place, and take it back.
func (c *crowd) standIn(stop <-chan struct{}) {
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		default:
		}
		from, to, changed := c.leads[n%len(c.leads)], c.seniors[(n/len(c.leads)+n)%len(c.seniors)], c.listen()
		now := time.Now()
		a, answered := c.try(from, "/delegations", map[string]any{"to": c.ids[to.token], "from": now.Format(time.RFC3339), "until": now.AddDate(0, 0, 1).Format(time.RFC3339)})
		var given api.Delegation
		if answered && a.status == http.StatusCreated && json.Unmarshal(a.body, &given) == nil {
			_, answered = c.try(from, fmt.Sprintf("/delegations/%d/revoke", given.ID), map[string]any{})
			c.ring()
		}
		if answered {
			continue
		}
		select {
		case <-changed: // it is there again
		case <-stop:
			return
		}
	}
}

// told compares what was decided and posted with the record.
func (c *crowd) told(request api.CreditRequest) {
	c.t.Helper()
	for what, query := range map[string]string{
		"approved steps":                       `select count(*) from credit_steps where credit_request_id = $1 and state = 'approved'`,
		"decisions":                            `select count(*) from credit_decisions where credit_request_id = $1`,
		"people who decided":                   `select count(distinct user_id) from credit_decisions where credit_request_id = $1`,
		"signatures in the record":             `select count(*) from audit_log where what = 'credit_step.approved' and data ->> 'number' = (select number from credit_requests where id = $1)`,
		"levels":                               `select count(distinct level_id) from credit_steps where credit_request_id = $1 and state = 'approved'`,
		"times two of what was given":          `select 2 * count(*) from credit_memos where credit_request_id = $1`,
		"times two of postings in the record":  `select 2 * count(*) from audit_log where what = 'credit.posted' and data ->> 'number' = (select number from credit_requests where id = $1)`,
		"times two of approvals in the record": `select 2 * count(*) from audit_log where what = 'credit.approved' and data ->> 'number' = (select number from credit_requests where id = $1)`,
		"times two of approvals":               `select 2 * count(*) from adjustment_approvals where credit_request_id = $1`,
	} {
		if n := count(c.t, c.app.DB, query, request.ID); n != 2 {
			c.t.Errorf("%s: %d %s, want 2", request.Number, n, what)
		}
	}
}
