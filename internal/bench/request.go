package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/credits"
	"makegood/internal/access"
)

const (
	lineNet  = 1000
	given    = 100 // net, of the first line
	contests = 119 // with its tax
	reason   = "overcharge"
)

// bill is an invoice of two lines, issued at the beginning of the month so that its memo is booked in an open period.
func bill(c billing.Customer, now time.Time) billing.NewInvoice {
	day := billing.Date(now)
	in := billing.NewInvoice{
		EntityID: c.EntityID, CustomerID: c.ID, SoldToID: c.ID, Currency: "EUR", IssuedOn: day, DueOn: day.AddDate(0, 0, 30),
		ServiceFrom: day.AddDate(0, -1, 0), ServiceTo: day, By: access.SystemActor("bench"),
	}
	for _, product := range []string{"NET", "STORE"} {
		in.Lines = append(in.Lines, billing.NewLine{
			Product: product, Description: "Managed service " + product, Quantity: decimal.NewFromInt(1), UnitPrice: decimal.NewFromInt(lineNet),
			TaxCategory: "S", TaxRate: decimal.NewFromInt(19),
		})
	}
	return in
}

// request proposes a credit on the invoice's first line and has it approved; with a case, the customer's mail opens one
// that disputes the line.
func (p *preparation) request(ctx context.Context, kind sort, invoice billing.Invoice, to billing.SeedCustomer) error {
	detail, err := p.s.Billing.InvoiceDetail(ctx, p.s.DB, invoice.ID)
	if err != nil {
		return err
	}
	line := detail.Lines[0].ID
	cause := p.company.RootCauses["order_entry"]
	in := credits.ProposeInput{
		By: p.agent, Kind: billing.BillingError, InvoiceID: invoice.ID, ReasonCode: reason, RootCauseID: &cause, Explanation: kind.note(),
		Lines:    []credits.ProposeLine{{InvoiceLineID: line, Net: decimal.NewFromInt(given)}},
		Evidence: []credits.NewEvidence{{Kind: credits.Document, Label: "Contract, page 2"}},
	}
	if kind.Case {
		opened, err := p.open(ctx, invoice, line, to)
		if err != nil {
			return err
		}
		disputes, err := p.s.Cases.Disputes(ctx, p.s.DB, opened.ID)
		if err != nil {
			return err
		}
		in.CaseID, in.Lines[0].DisputeLineID = &opened.ID, &disputes[0].ID
	}
	req, err := p.s.Credits.Submit(ctx, in)
	if err == nil && req.State != credits.Approved {
		err = fmt.Errorf("request %s is %s, not approved", req.Number, req.State)
	}
	return err
}

func (p *preparation) open(ctx context.Context, invoice billing.Invoice, line billing.InvoiceLineID, to billing.SeedCustomer) (cases.Case, error) {
	contact := to.Contacts[0]
	return p.s.Cases.Open(ctx, cases.OpenInput{
		Type: cases.Dispute, Subject: "Overcharged on " + invoice.Number, CustomerID: &to.ID, ContactID: &contact.ID, Source: "mail", By: p.agent,
		Participants: []cases.Participant{{Address: contact.Email, Name: contact.Name, ContactID: &contact.ID, Accepted: true}},
		Invoices:     []cases.LinkedInvoice{{InvoiceID: invoice.ID, Evidence: "named in the mail", Confidence: 100}},
		Disputes: []cases.NewDispute{{
			InvoiceID: invoice.ID, InvoiceLineID: &line, Contested: decimal.NewFromInt(contests), ReasonCode: reason, Claim: "The price agreed was lower.",
		}},
		Message: &cases.InboundMessage{
			AuthorName: contact.Name, AuthorAddress: contact.Email, Subject: "Overcharged on " + invoice.Number,
			Body: "Hello,\n\nyou charged more than we agreed for the first line of " + invoice.Number + ". Please correct it.\n", Trust: cases.Verified,
		},
	})
}
