package books_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/web"
	"makegood/ui/books"
	"makegood/ui/screentest"
)

// adjust takes a proposal of the agent's into the books.
func adjust(t *testing.T, r *screentest.Room, in credits.ProposeInput) credits.Detail {
	t.Helper()
	in.By, in.ReasonCode = r.Actor(access.Agent), "not_delivered"
	in.Explanation, in.Evidence = "Agreed.", []credits.NewEvidence{{Kind: credits.Document, Label: "Order form"}}
	req, err := r.Credits.Submit(t.Context(), in)
	r.Must(err)
	for range 3 {
		detail, err := r.Credits.Request(t.Context(), r.DB, req.ID, r.Actor(access.Agent))
		r.Must(err)
		if step, open := detail.Open(); open {
			_, err = r.Credits.Approve(t.Context(), credits.DecideInput{By: candidate(r, step), ID: req.ID})
			r.Must(err)
		}
	}
	r.Must(r.Credits.Post(t.Context(), credits.PostRequest{ID: req.ID}))
	detail, err := r.Credits.Request(t.Context(), r.DB, req.ID, r.Actor(access.Agent))
	r.Must(err)
	if detail.State != credits.Posted {
		t.Fatalf("%s: %s %s", in.Kind, detail.State, detail.Failure)
	}
	return detail
}

// candidate is somebody who may sign a step.
func candidate(r *screentest.Room, step credits.Step) access.Actor {
	for _, role := range []access.Role{access.Senior, access.Supervisor, access.Controller, access.Director} {
		by := r.Actor(role)
		if slices.ContainsFunc(step.Candidates, func(c credits.Candidate) bool { return c.UserID == by.UserID }) {
			return by
		}
	}
	return access.Actor{}
}

func charge(price int64) *billing.Bill {
	return &billing.Bill{Lines: []billing.NewLine{{
		Description: "Traffic", Quantity: decimal.NewFromInt(1), UnitPrice: decimal.NewFromInt(price), TaxCategory: "S", TaxRate: decimal.NewFromInt(19),
	}}}
}

// The story of an invoice names each document by its kind, from both sides, and every link in it leads to something.
func TestTheStoryNamesEachDocument(t *testing.T) {
	t.Parallel()
	r := open(t)
	s := books.New(r.Desk, r.Reports.Books(r.Billing, r.Credits), r.Billing)
	r.Echo.GET("/documents/:number", s.Document, web.Need(access.ReadBooks))
	r.Echo.GET("/payments/:number", s.Payment, web.Need(access.ReadBooks))
	r.Echo.GET("/approvals/:id", func(c echo.Context) error { return c.String(http.StatusOK, "request "+c.Param("id")) }, web.Need(access.ReadBooks))
	bill := r.Company.LumenBill
	lines, err := r.Billing.InvoiceDetail(t.Context(), r.DB, bill.ID)
	r.Must(err)
	debit := adjust(t, r, credits.ProposeInput{Kind: billing.Debit, InvoiceID: bill.ID, Bill: charge(10), IdempotencyKey: "debit"})
	paid, err := r.Billing.RecordPayment(t.Context(), billing.NewPayment{
		EntityID: r.Company.Entity.ID, CustomerID: r.Company.Lumen.ID, Currency: "EUR", Amount: decimal.NewFromInt(40), ReceivedOn: time.Date(2026, 5, 11, 0, 0, 0, 0, time.UTC),
		By: r.Actor(access.Controller), Allocate: []billing.Allocate{{InvoiceID: bill.ID, Amount: decimal.NewFromInt(40)}},
	})
	r.Must(err)
	memo := adjust(t, r, credits.ProposeInput{Kind: billing.BillingError, InvoiceID: bill.ID, IdempotencyKey: "memo", Lines: []credits.ProposeLine{{InvoiceLineID: lines.Lines[0].ID, Net: decimal.NewFromInt(100)}}})
	writeOff := adjust(t, r, credits.ProposeInput{Kind: billing.WriteOff, IdempotencyKey: "off", Items: []billing.ItemPart{{Kind: billing.InvoiceItem, ID: int64(bill.ID), Amount: decimal.NewFromInt(3)}}})
	back := adjust(t, r, credits.ProposeInput{Kind: billing.Reverse, IdempotencyKey: "back", Reverses: billing.DocumentRef{Kind: billing.MemoDoc, ID: *memo.DocumentID}})
	asked, err := r.Credits.Submit(t.Context(), credits.ProposeInput{
		By: r.Actor(access.Agent), Kind: billing.BillingError, InvoiceID: bill.ID, ReasonCode: "not_delivered", IdempotencyKey: "asked", Explanation: "Agreed.",
		Evidence: []credits.NewEvidence{{Kind: credits.Document, Label: "Order form"}}, Lines: []credits.ProposeLine{{InvoiceLineID: lines.Lines[0].ID, Net: decimal.NewFromInt(700)}},
	})
	r.Must(err)
	agent := r.As(access.Agent)
	page := agent.Get("/invoices/" + bill.Number)
	has(t, page, "Corrected 4 times", "Debit memo "+debit.DocumentNumber, "11.90 1,742.00", "Payment "+paid.Number, "−40.00 1,745.00", "Credit memo "+memo.DocumentNumber,
		"−119.00 1,626.00", "Write-off "+writeOff.DocumentNumber, "−3.00 1,623.00", "Credit memo "+memo.DocumentNumber+" taken back", "119.00 1,742.00", back.DocumentNumber, "takes back "+memo.DocumentNumber,
		"Reversal "+back.DocumentNumber, "Kept by "+asked.Number, "−700.00 1,742.00", "Written off 3.00")
	follows(t, agent, page)
	_, err = r.Credits.Withdraw(t.Context(), credits.WithdrawInput{By: r.Actor(access.Agent), ID: asked.ID})
	r.Must(err)

	adjust(t, r, credits.ProposeInput{Kind: billing.Reverse, IdempotencyKey: "owed again", Reverses: billing.DocumentRef{Kind: billing.WriteOffDoc, ID: *writeOff.DocumentID}})
	rebill := adjust(t, r, credits.ProposeInput{Kind: billing.Rebill, InvoiceID: bill.ID, Bill: charge(900), IdempotencyKey: "rebill"})
	credited, err := r.Billing.MemoByNumber(t.Context(), r.DB, rebill.DocumentNumber)
	r.Must(err)
	page = agent.Get("/invoices/" + bill.Number)
	has(t, page, "Corrected 6 times", "Billed anew as "+credited.RebilledAs)
	follows(t, agent, page)
	page = agent.Get("/invoices/" + credited.RebilledAs)
	has(t, page, "In place of invoice "+bill.Number, "Credit memo "+rebill.DocumentNumber)
	follows(t, agent, page)
	has(t, agent.Get("/credit-memos/"+rebill.DocumentNumber), "Billed anew by invoice "+credited.RebilledAs)
	has(t, agent.Get("/invoices/"+debit.DocumentNumber), "Charges more on "+bill.Number)
}

// follows opens every link of the story.
func follows(t *testing.T, v *screentest.Visitor, page screentest.Answer) {
	t.Helper()
	_, story, found := strings.Cut(page.HTML, `<ol class="iv-h">`)
	story, _, _ = strings.Cut(story, "</ol>")
	links := regexp.MustCompile(`href="(/[^"]+)"`).FindAllStringSubmatch(story, -1)
	if !found || len(links) == 0 {
		t.Fatalf("a story without links: %s", page.Text)
	}
	for _, link := range links {
		to := v.Get(link[1])
		if place := to.Header.Get("Location"); to.Status == http.StatusSeeOther {
			to = v.Get(place)
		}
		if to.Status != http.StatusOK {
			t.Errorf("%s answers %d", link[1], to.Status)
		}
	}
}
