package credits_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
)

// tampered are changes of what was approved, one for each field that people, lists or the posting read: how it is changed, and
// how it is put right again.
var tampered = []struct{ field, set, undo string }{
	{"kind", `update credit_requests set kind = 'concession'`, `update credit_requests set kind = 'billing_error'`},
	{"customer", `update credit_requests set customer_id = 2`, `update credit_requests set customer_id = 1`},
	{"currency", `update credit_requests set currency = 'USD'`, `update credit_requests set currency = 'EUR'`},
	{"invoice", `update credit_requests set invoice_id = 2`, `update credit_requests set invoice_id = 1`},
	{"reason", `update credit_requests set reason_code = 'other'`, `update credit_requests set reason_code = 'wrong_price'`},
	{"note to the customer", `update credit_requests set customer_note = 'Sorry!'`, `update credit_requests set customer_note = 'We charged last year''s price.'`},
	{"net and total", `update credit_requests set net = net + 1, total = total + 1`, `update credit_requests set net = net - 1, total = total - 1`},
	{"tax and total", `update credit_requests set tax = tax + 1, total = total + 1`, `update credit_requests set tax = tax - 1, total = total - 1`},
	{"net against tax", `update credit_requests set net = net + 1, tax = tax - 1`, `update credit_requests set net = net - 1, tax = tax + 1`},
	{"rounding and total", `update credit_requests set rounding = 1, total = total + 1`, `update credit_requests set rounding = 0, total = total - 1`},
	{"digest", `update credit_requests set digest = sha256('x')`, ``},
	{"line", `update credit_request_lines set net = net + 1`, `update credit_request_lines set net = net - 1`},
	{"amount of a line", `update credit_request_lines set amount = amount + 1`, `update credit_request_lines set amount = amount - 1`},
	{"which line", `update credit_request_lines set invoice_line_id = 2`, `update credit_request_lines set invoice_line_id = 1`},
	{"tax of a group", `update credit_request_taxes set tax = tax + 1`, `update credit_request_taxes set tax = tax - 1`},
	{"rate of a group", `update credit_request_taxes set rate = 7`, `update credit_request_taxes set rate = 19`},
	{"content: amount", `update credit_requests set content = jsonb_set(content, '{Lines,0,Amount}', '"300"')`, `update credit_requests set content = jsonb_set(content, '{Lines,0,Amount}', '"200"')`},
	{"content: customer", `update credit_requests set content = jsonb_set(content, '{CustomerID}', '2')`, `update credit_requests set content = jsonb_set(content, '{CustomerID}', '1')`},
	{"content: invoice", `update credit_requests set content = jsonb_set(content, '{InvoiceID}', '2')`, `update credit_requests set content = jsonb_set(content, '{InvoiceID}', '1')`},
	{"content: paid out", `update credit_requests set content = jsonb_set(content, '{ToRefund}', '"10"')`, `update credit_requests set content = jsonb_set(content, '{ToRefund}', '"0"')`},
	{"content: where it is paid", `update credit_requests set content = jsonb_set(content, '{Destination}', '"DE•• 4711"')`, `update credit_requests set content = jsonb_set(content, '{Destination}', '""')`},
	{"content: how it is paid", `update credit_requests set content = jsonb_set(content, '{Method}', '"check"')`, `update credit_requests set content = jsonb_set(content, '{Method}', '""')`},
	{"content: tax", `update credit_requests set content = jsonb_set(content, '{Taxes,0,Tax}', '"1"')`, `update credit_requests set content = jsonb_set(content, '{Taxes,0,Tax}', '"38"')`},
}

// Every field of what was approved: the database refuses to change it; who has the power to change it all the same has it not
// posted, but refused, with the reason on the request and in the record; put right, it is posted.
func TestWhatWasApprovedIsPostedOrNothing(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "1000", "500")
	k.invoice(k.partner, "1000")
	k.run(`insert into reason_codes (code, name, position) values ('other', 'Other', 2)`)
	req := k.submit(k.proposal(invoice, "200"))
	k.approve(req.ID, k.senior)
	digest := fmt.Sprintf("%x", k.read(req.ID).Digest)
	for _, c := range tampered {
		if err := k.try(c.set); !db.Violates(err, "request_content_stands") {
			t.Errorf("%s: the database lets it be changed: %v", c.field, err)
		}
		dbtest.AsOwner(t, k.db, c.set)
		k.must(k.credits.Post(t.Context(), credits.PostRequest{ID: req.ID}))
		got := k.read(req.ID)
		if got.State != credits.Failed || got.Failure != "credits.digest_mismatch" {
			t.Errorf("%s: %s %q", c.field, got.State, got.Failure)
		}
		undo := c.undo
		if undo == "" {
			undo = `update credit_requests set digest = '\x` + digest + `'`
		}
		dbtest.AsOwner(t, k.db, undo)
		if _, err := k.credits.Retry(t.Context(), k.agent, req.ID); err != nil {
			t.Fatalf("%s: %v", c.field, err)
		}
	}
	if n := value[int](t, k.db, `select count(*) from credit_memos`); n != 0 {
		t.Fatalf("%d memos of what nobody approved", n)
	}
	if n := value[int](t, k.db, `select count(*) from audit_log where what = 'credit.failed'`); n != len(tampered) {
		t.Errorf("%d refusals in the record, of %d", n, len(tampered))
	}
	k.work()
	if got := k.read(req.ID); got.State != credits.Posted {
		t.Errorf("put right: %s %s", got.State, got.Failure)
	}
	k.sound()
}

// leaves are the values of a column of JSON by their paths.
func (k *desk) leaves(id credits.ID, column string) map[string]string {
	k.t.Helper()
	list, err := db.List[struct{ Path, Value string }](k.t.Context(), k.db, `with recursive part(path, value) as (
			select array[]::text[], `+column+` from credit_requests where id = $1
			union all
			select p.path || c.key, c.value from part p cross join lateral (
				select e.key, e.value from jsonb_each(case jsonb_typeof(p.value) when 'object' then p.value else '{}' end) e
				union all
				select (a.place - 1)::text, a.value from jsonb_array_elements(case jsonb_typeof(p.value) when 'array' then p.value else '[]' end) with ordinality a(value, place)
			) c
		) select path::text, value::text from part where jsonb_typeof(value) in ('string', 'number', 'boolean') order by path`, id)
	k.must(err)
	found := map[string]string{}
	for _, one := range list {
		found[one.Path] = one.Value
	}
	return found
}

// other is a value of the same sort that is not this one: another day, another amount, another word.
func other(leaf string) string {
	text, quoted := strings.CutPrefix(strings.TrimSuffix(leaf, `"`), `"`)
	if day, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return `"` + day.AddDate(0, 0, 1).Format(time.RFC3339Nano) + `"`
	}
	if amount, err := decimal.NewFromString(text); err == nil {
		return strings.Replace(leaf, text, amount.Add(decimal.NewFromInt(1)).String(), 1)
	}
	switch {
	case quoted:
		return `"` + text + `x"`
	case leaf == "true":
		return "false"
	}
	return "true"
}

// Fifty people decide on one request at once, from two copies of the program, while delegations begin and end and a third
// copy is cut off in the middle of its transactions, as a process that is killed is: each step is decided once, and there is
// one memo.
func TestFiftyApproversWhileDelegationsComeAndGo(t *testing.T) {
	t.Parallel()
	k := setup(t)
	seniors, leads := k.crowd("Senior", access.Senior, 2, 25), k.crowd("Lead", access.Supervisor, 3, 25)
	req := k.submit(k.proposal(k.invoice(k.customer, "5000"), "2000"))
	other, dying := k.copy(), k.copy()
	stop := make(chan struct{})
	var crowd, background sync.WaitGroup
	background.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			from, to := leads[n%len(leads)], seniors[n%len(seniors)]
			if given, err := k.credits.Delegate(t.Context(), k.standIn(from, to)); err == nil {
				_ = other.SweepNow(t.Context())
				if err := k.credits.Revoke(t.Context(), from, given.ID); err != nil {
					t.Error(err)
				}
			}
		}
	})
	for i, one := range append(seniors, leads...) {
		crowd.Go(func() {
			for n := range 40 {
				service, ctx, cancel := k.credits, t.Context(), context.CancelFunc(func() {})
				switch (i + n) % 3 {
				case 1:
					service = other
				case 2:
					service = dying
					ctx, cancel = context.WithTimeout(ctx, time.Duration(i%10+1)*time.Millisecond)
				}
				got, err := service.Approve(ctx, credits.DecideInput{By: one, ID: req.ID})
				cancel()
				if err == nil && got.State != credits.Pending {
					return
				}
				if e, ok := errors.AsType[*errs.Error](err); ok && e.Params["state"] == string(credits.Approved) {
					return // it was signed off meanwhile
				}
			}
		})
	}
	crowd.Wait()
	close(stop)
	background.Wait()
	got := k.read(req.ID)
	if got.State != credits.Approved {
		t.Fatalf("%s %+v", got.State, got.Steps)
	}
	people := map[int64]bool{}
	for _, step := range got.Steps {
		if step.State != credits.StepApproved || len(step.Decisions) != 1 {
			t.Errorf("step %s is %s with %d decisions", step.LevelName, step.State, len(step.Decisions))
		}
		for _, d := range step.Decisions {
			if people[d.UserID] {
				t.Errorf("%s decided twice", d.UserName)
			}
			people[d.UserID] = true
		}
	}
	k.work()
	if n := value[int](t, k.db, `select count(*) from credit_memos`); n != 1 {
		t.Errorf("%d memos", n)
	}
	k.sound()
}

// crowd is so many more people at the level of a rank.
func (k *desk) crowd(name string, role access.Role, rank, n int) []access.Actor {
	k.t.Helper()
	var list []access.Actor
	k.do(func(tx *db.Tx) error {
		for i := range n {
			one := k.person(tx, fmt.Sprintf("%s %d", name, i), role)
			k.exec(tx, `insert into authority_holders (level_id, user_id, valid_from) select id, $1, $2 from authority_levels where rank = $3`, one.UserID, tx.Now(), rank)
			list = append(list, one)
		}
		return nil
	})
	return list
}
