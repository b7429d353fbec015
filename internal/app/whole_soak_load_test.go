package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	"makegood/internal/access"
	"makegood/internal/api"
	"makegood/internal/db"
)

// desk is the work that goes on while faults are caused: people write mails, and credits are asked for, approved and posted
// through whichever copy of the program answers. Each piece is finished before its worker begins the next, however often it
// has to ask.
type desk struct {
	h      *house
	ask    http.Client
	agent  caller
	signer []caller // who may approve, in the order in which a chain climbs
	biller caller

	mu     sync.RWMutex
	copies []string // addresses that answer, as far as is known

	mails, credits atomic.Int64 // begun; each is finished when the work has ended
	refused        atomic.Int64 // answers that only somebody who does not know of the fault would call one
	lost           atomic.Int64 // answers that were lost on their way, of what was carried out
	ending         chan struct{}
	working        sync.WaitGroup
}

func newDesk(h *house) *desk {
	d := &desk{h: h, ask: http.Client{Timeout: 20 * time.Second}}
	d.agent, d.biller = h.as(access.Agent), h.as(access.Controller)
	for _, role := range []access.Role{access.Senior, access.Supervisor, access.Controller, access.Director} {
		d.signer = append(d.signer, h.as(role))
	}
	return d
}

// open tells the desk which copies there are.
func (d *desk) open(addresses ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.copies = addresses
}

// start has so many write and so many give credits until end.
func (d *desk) start(writers, agents int) {
	d.ending = make(chan struct{})
	for range writers {
		d.working.Go(func() {
			for d.goesOn() {
				d.mail()
			}
		})
	}
	for range agents {
		d.working.Go(func() {
			for d.goesOn() {
				d.credit()
			}
		})
	}
}

func (d *desk) goesOn() bool {
	select {
	case <-d.ending:
		return false
	default:
		return true
	}
}

// end returns when everything begun is finished.
func (d *desk) end() {
	close(d.ending)
	d.working.Wait()
}

// mail has somebody write, sometimes twice the same, and returns when they were answered.
func (d *desk) mail() {
	i := int(d.mails.Add(1)) - 1
	raw := mail(writer(i), fmt.Sprintf("%d@visitors.example", i), fmt.Sprintf("Question %d", i), "How do I read my invoice?")
	deliveries := 1
	if twice(i) {
		deliveries = 2
	}
	for range deliveries {
		if err := d.h.post(writer(i), raw); err != nil {
			d.h.t.Error(err)
			return
		}
	}
	d.until("an answer to "+writer(i), func(ctx context.Context) bool {
		sent, err := db.Value[bool](ctx, d.h.app.DB, `select exists (select from outgoing_messages where to_address = $1 and state = 'sent')`, writer(i))
		return err == nil && sent
	})
}

// credit bills, asks for a credit, twice at once under one key, has it approved by whoever may, and returns when it is posted.
func (d *desk) credit() {
	key := fmt.Sprintf("credit %d", d.credits.Add(1))
	var bill api.Invoice
	d.make(d.biller.once(key), "/invoices", map[string]any{
		"customer": d.h.Ferro.Account, "service_from": "2026-10-01", "service_to": "2026-10-31",
		"lines": []map[string]string{{"product": "LIC", "description": "Licence", "quantity": "1", "unit_price": "60.00", "tax_category": "S", "tax_rate": "19"}},
	}, &bill)
	proposal := map[string]any{
		"kind": "billing_error", "invoice": bill.Number, "reason_code": "overcharge", "explanation": "The old price list was used.", "customer_note": "An old price.",
		"lines":    []api.ProposalLine{{LineNo: 1, Net: &api.Money{Amount: "55.00", Currency: "EUR"}}},
		"evidence": []api.NewEvidence{{Kind: "document", Label: "Price list"}}, "submit": true,
	}
	var request, again api.CreditRequest
	var both sync.WaitGroup
	both.Go(func() { d.make(d.agent.once(key), "/credit-requests", proposal, &again) })
	d.make(d.agent.once(key), "/credit-requests", proposal, &request)
	both.Wait()
	if again.ID != request.ID {
		d.h.t.Errorf("one request under one key became %d and %d", request.ID, again.ID)
	}
	next := 0
	d.until("credit "+request.Number+" to be posted", func(context.Context) bool {
		if a := d.try(d.agent, "GET", requestPath(request.ID), nil); a.status == http.StatusOK {
			_ = json.Unmarshal(a.body, &request) // an answer that was cut off is asked for again
		}
		if request.State == "pending" {
			d.try(d.signer[next%len(d.signer)], "POST", requestPath(request.ID)+"/approve", decisionOn(request))
			next++
		}
		return request.State == "posted"
	})
}

// make sends what makes something under a key until it is answered with it, or with the number of what was made when the answer
// is lost.
func (d *desk) make(c caller, path string, in, out any) {
	d.until(path+" under "+c.key, func(ctx context.Context) bool {
		a := d.try(c, "POST", path, in)
		if a.status == http.StatusConflict {
			return d.made(ctx, a, out)
		}
		return a.status/100 == 2 && json.Unmarshal(a.body, out) == nil
	})
}

var wasDone = regexp.MustCompile(`What it did: .*(?:invoice\.issued|credit\.[a-z]+) ([A-Z0-9-]+)`)

// made finds what a request made whose answer is lost.
func (d *desk) made(ctx context.Context, a answer, out any) bool {
	found := wasDone.FindSubmatch(a.body)
	if found == nil {
		return false // the first one is still being worked on
	}
	d.lost.Add(1)
	switch one := out.(type) {
	case *api.Invoice:
		one.Number = string(found[1])
	case *api.CreditRequest:
		var err error
		one.ID, err = db.Value[int64](ctx, d.h.app.DB, `select id from credit_requests where number = $1`, string(found[1]))
		return err == nil
	}
	return true
}

// try asks one copy after another, a different one each time. What is not answered at all has no status.
func (d *desk) try(c caller, method, path string, in any) answer {
	d.mu.RLock()
	address := d.copies[int(d.refused.Load()+d.mails.Load())%len(d.copies)]
	d.mu.RUnlock()
	a, err := c.on(address).send(&d.ask, method, path, in)
	switch {
	case err != nil || a.status == http.StatusServiceUnavailable || a.status == http.StatusConflict || a.status == http.StatusTooManyRequests:
		d.refused.Add(1)
	case a.status >= http.StatusInternalServerError:
		d.h.t.Errorf("%s %s: %d: %s", method, path, a.status, a.body)
	}
	return a
}

// until looks again and again, a little later each time.
func (d *desk) until(what string, done func(context.Context) bool) {
	ctx, cancel := context.WithTimeout(d.h.t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(40 * time.Millisecond)
	defer tick.Stop()
	for !done(ctx) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			d.h.t.Errorf("waited in vain for %s", what)
			return
		}
	}
}

// decisionOn says which content was read.
func decisionOn(request api.CreditRequest) map[string]any {
	return map[string]any{"digest": request.Digest, "version": request.Version}
}
