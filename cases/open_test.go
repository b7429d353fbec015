package cases_test

import (
	"testing"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
)

// What another system hands over is acknowledged as mail is; what an agent takes down in a call is not.
func TestAcknowledgementOfCasesOpenedByHand(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		source, message string
		reader          bool
		want            int64
	}{
		"by another system":            {"api", "You charged us twice.", true, 1},
		"without the customer's words": {"api", "", true, 0},
		"to nobody":                    {"api", "You charged us twice.", false, 0},
		"by an agent":                  {"agent", "You charged us twice.", true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			in := cases.OpenInput{Type: cases.Inquiry, Subject: "Charged twice", CustomerID: &k.customer, Source: c.source, By: k.agent}
			if c.message != "" {
				in.Message = &cases.InboundMessage{AuthorName: "Ada", Body: c.message, Language: "de"}
			}
			if c.reader {
				in.Participants = []cases.Participant{{Address: "ada@lumen.example", Name: "Ada", Accepted: true}}
			}
			opened, err := k.cases.Open(t.Context(), in)
			k.must(err)
			got := value[int64](t, k.db, `select count(*) from outgoing_messages where case_id = $1 and kind = 'acknowledgement' and language = 'de'`, opened.ID)
			if got != c.want {
				t.Errorf("%d acknowledgements, want %d", got, c.want)
			}
		})
	}
}

// Whoever opens a case by hand names only invoices that concern its customer: those who see the case see the invoices in it.
func TestWhichInvoicesACaseIsOpenedAbout(t *testing.T) {
	t.Parallel()
	k := setup(t)
	elsewhere := *k
	k.do(func(tx *db.Tx) error {
		elsewhere.entity, elsewhere.customer = k.other, k.addCustomer(tx, "C-2", "gold", k.other)
		return nil
	})
	mine, foreign := k.invoice(), elsewhere.invoice()
	here := k.agent
	here.EntityIDs = []int64{int64(k.entity)}
	about := func(by access.Actor, customer *billing.CustomerID, invoice billing.InvoiceDetail) cases.OpenInput {
		return cases.OpenInput{
			Type: cases.Inquiry, Subject: "Charged twice", CustomerID: customer, Source: "api", By: by,
			Invoices: []cases.LinkedInvoice{{InvoiceID: invoice.ID, Evidence: "named by the caller", Confidence: 100}},
		}
	}
	claim := about(k.agent, &k.customer, mine)
	claim.Disputes = []cases.NewDispute{{InvoiceID: foreign.ID, Contested: d("5"), ReasonCode: "wrong_price"}}
	unknown := about(k.agent, &k.customer, mine)
	unknown.Invoices[0].InvoiceID = 999_999
	for name, c := range map[string]struct {
		in         cases.OpenInput
		field, key string
	}{
		"of an entity out of scope":   {about(here, &k.customer, foreign), "invoices[0]", "billing.no_invoice"},
		"that is not there":           {unknown, "invoices[0]", "billing.no_invoice"},
		"of another customer":         {about(k.agent, &k.customer, foreign), "invoices[0]", "billing.invoice_of_another"},
		"of another, contested":       {claim, "disputes[0].invoice", "billing.invoice_of_another"},
		"for a case of no customer's": {about(here, nil, mine), "customer", "case.link_customer_first"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := k.cases.Open(t.Context(), c.in)
			k.field(err, c.field, c.key)
		})
	}
	if n := value[int](t, k.db, `select count(*)::int from cases`); n != 0 {
		t.Errorf("%d cases were opened", n)
	}
	if _, err := k.cases.Open(t.Context(), about(here, &k.customer, mine)); err != nil {
		t.Errorf("its own: %v", err)
	}
}
