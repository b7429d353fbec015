package intake_test

import (
	"testing"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/intake"
	"makegood/internal/access"
	"makegood/internal/db"
)

// A case that follows a closed one is whose that was, whoever of those who take part writes on.
func TestWhoseCaseFollows(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]struct {
		address string
		about   func(d *desk) billing.Invoice
		links   int
	}{
		"the partner of an end customer":         {"pat@partner.example", func(d *desk) billing.Invoice { return d.clientsInvoice }, 1},
		"somebody else who takes part":           {"counsel@law.example", func(d *desk) billing.Invoice { return d.clientsInvoice }, 0},
		"another customer's person, let in once": {"bo@borealis.example", func(d *desk) billing.Invoice { return d.borealisInvoice }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := setup(t)
			first := d.caseOf(d.deliver(post{from: "eve@client.example", subject: "Question", id: "1@client.example", text: "When is it due?"}))
			d.do(func(tx *db.Tx) error {
				return d.cases.AddParticipantTx(t.Context(), tx, first.ID, cases.Participant{Address: of.address, Accepted: true}, access.SystemActor("test"))
			})
			dropCase(d, first.ID)
			said := intake.CustomerText{Address: of.address, Name: "Pat", Text: "It is about " + of.about(d).Number + ".", Form: "one"}
			if contact, customer, err := d.billing.ContactByAddress(t.Context(), d.db, of.address); err == nil {
				said.Contact, said.Customer = &contact, &customer
			}
			var err error
			said.Entity, err = d.billing.EntityByID(t.Context(), d.db, *first.EntityID)
			d.must(err)
			var id cases.ID
			d.do(func(tx *db.Tx) error {
				id, err = d.intake.ReplyTx(t.Context(), tx, first.ID, said)
				return err
			})
			next, err := d.cases.CaseByID(t.Context(), d.db, id, access.SystemActor("test"))
			d.must(err)
			if next.FollowsID == nil || *next.FollowsID != first.ID || next.CustomerID == nil || *next.CustomerID != d.client ||
				next.EntityID == nil || *next.EntityID != *first.EntityID || next.ContactID != nil {
				t.Errorf("%+v", next)
			}
			if n := d.count(`case_invoices where case_id = $1`, id); n != of.links {
				t.Errorf("%d invoices are linked, want %d", n, of.links)
			}
		})
	}
}
