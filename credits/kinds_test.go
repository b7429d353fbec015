package credits_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/credits"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// pay records a payment of a customer and applies parts of it in the order of the invoices, as far as it reaches.
func (k *desk) pay(customer billing.CustomerID, amount string, apply ...billing.Allocate) billing.Payment {
	k.t.Helper()
	paid, err := k.billing.RecordPayment(k.t.Context(), billing.NewPayment{
		EntityID: k.entity, CustomerID: customer, Currency: "EUR", Amount: d(amount), ReceivedOn: time.Date(2026, 5, 5, 0, 0, 0, 0, time.UTC),
		Method: "bank_transfer", Allocate: apply, By: k.control,
	})
	k.must(err)
	return paid
}

// ask is a proposal of a kind with what its evidence rules ask for.
func (k *desk) ask(kind billing.Kind) credits.ProposeInput {
	return credits.ProposeInput{
		By: k.agent, Kind: kind, ReasonCode: "wrong_price", Explanation: "Agreed with the account manager.", CustomerNote: "As agreed on the phone.",
		Evidence: []credits.NewEvidence{{Kind: credits.Document, Label: "Order form"}},
	}
}

func bill(nets ...string) *billing.Bill {
	b := &billing.Bill{}
	for _, net := range nets {
		b.Lines = append(b.Lines, billing.NewLine{Product: "compute", Description: "Compute", Quantity: d("1"), UnitPrice: d(net), TaxCategory: "S", TaxRate: d("19")})
	}
	return b
}

// through submits, has every step signed by whoever may, posts, and tells what came of it.
func (k *desk) through(in credits.ProposeInput) credits.Detail {
	k.t.Helper()
	return k.finish(k.submit(in))
}

func (k *desk) finish(req credits.Request) credits.Detail {
	k.t.Helper()
	for range 7 {
		step, open := k.read(req.ID).Open()
		if !open {
			break
		}
		k.approve(req.ID, k.decider(step))
	}
	k.work()
	got := k.read(req.ID)
	if got.State != credits.Posted {
		k.t.Fatalf("%s is %s: %s %v", got.Kind, got.State, got.Failure, got.FailureParams)
	}
	k.sound()
	return got
}

func (k *desk) decider(step credits.Step) access.Actor {
	k.t.Helper()
	for _, actor := range []access.Actor{k.senior, k.lead, k.control, k.director, k.finance} {
		signed := slices.ContainsFunc(step.Decisions, func(d credits.Decision) bool { return d.UserID == actor.UserID })
		if !signed && slices.ContainsFunc(step.Candidates, func(c credits.Candidate) bool { return c.UserID == actor.UserID }) {
			return actor
		}
	}
	k.t.Fatalf("nobody for %s", step.LevelName)
	return access.Actor{}
}

func (k *desk) open(kind billing.ItemKind, id int64) decimal.Decimal {
	k.t.Helper()
	return value[decimal.Decimal](k.t, k.db, `select open from open_items where kind = $1 and document_id = $2`, kind, id)
}

func (k *desk) account(customer billing.CustomerID) decimal.Decimal {
	k.t.Helper()
	return value[decimal.Decimal](k.t, k.db, `select coalesce(sum(case kind when 'invoice' then open else -open end), 0) from open_items where customer_id = $1`, customer)
}

func (k *desk) takeBack(what credits.Detail) credits.ProposeInput {
	in := k.ask(billing.Reverse)
	in.Evidence, in.Reverses = nil, billing.DocumentRef{Kind: what.DocumentKind, ID: *what.DocumentID}
	return in
}

// problem is the field and the message key of the first thing an error names.
func problem(err error) string {
	var e *errs.Error
	if errors.As(err, &e) && len(e.Fields) > 0 {
		return e.Fields[0].Name + " " + e.Fields[0].Key
	}
	return errs.KeyOf(err)
}

// remains is what the first thing an error names says that there is.
func remains(err error, name string) string {
	var e *errs.Error
	if errors.As(err, &e) && len(e.Fields) > 0 {
		return e.Fields[0].Params[name]
	}
	return ""
}

func TestWholeInvoiceWithRefund(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "100", "50")
	k.pay(k.customer, "119", billing.Allocate{InvoiceID: invoice.ID, Amount: d("119")})
	in := k.ask(billing.BillingError)
	in.InvoiceID, in.Whole, in.Refund, in.SettledOutside = invoice.ID, true, d("119.01"), d("10")
	if _, err := k.credits.Submit(t.Context(), in); problem(err) != "refund billing.nothing_to_refund" || remains(err, "refundable") != "109.00 EUR" {
		t.Fatalf("more than was received: %v", err)
	}
	in.Refund = d("80")
	view, err := k.credits.Preview(t.Context(), in)
	k.must(err)
	equal(t, "to the invoice", "59.50", view.Adjustment.ToInvoice)
	equal(t, "to the balance", "29", view.Adjustment.ToBalance)
	if levels := view.Chain.Steps; len(levels) != 2 || levels[1].LevelName != "L3 supervisor" || levels[1].Rule.Key != "authority.step.pays_out" {
		t.Errorf("what pays money out is decided like a refund: %+v", levels)
	}
	got := k.through(in)
	memo, err := k.billing.MemoByNumber(t.Context(), k.db, got.DocumentNumber)
	k.must(err)
	equal(t, "refunded", "80", memo.ToRefund)
	equal(t, "outside", "10", memo.SettledOutside)
	equal(t, "left to the customer", "-29", k.account(k.customer))
	if got.DocumentKind != billing.MemoDoc || got.MemoID == nil || *got.DocumentID != int64(*got.MemoID) {
		t.Errorf("%s %v", got.DocumentKind, got.MemoID)
	}
}

func TestCreditByQuantityAndList(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "100", "50")
	in := k.ask(billing.BillingError)
	half := d("0.5")
	in.InvoiceID, in.Lines = invoice.ID, []credits.ProposeLine{
		{InvoiceLineID: invoice.Lines[0].ID, Quantity: &half}, {InvoiceLineID: invoice.Lines[1].ID, List: d("20")},
	}
	got := k.through(in)
	equal(t, "half of the first, 20 of the second", "70", got.Net)
	over := in
	over.Lines = []credits.ProposeLine{{InvoiceLineID: invoice.Lines[0].ID, Quantity: &[]decimal.Decimal{d("0.6")}[0]}}
	if _, err := k.credits.Submit(t.Context(), over); problem(err) != "lines.0.quantity billing.over_quantity" {
		t.Errorf("more than was billed: %v", err)
	}
}

func TestCreditOnAccount(t *testing.T) {
	t.Parallel()
	k := setup(t)
	in := k.ask(billing.Concession)
	in.CustomerID, in.Lines = k.client, []credits.ProposeLine{{Description: "Goodwill for the outage", Net: d("200"), Tax: billing.LineTax{Category: "S", Rate: d("19")}}}
	got := k.through(in)
	equal(t, "the customer's credit", "-238", k.account(k.client))
	if got.InvoiceID != 0 || got.InvoiceNumber != "" || got.FamilyID != k.partner || got.Account != "C-3" || len(got.Lines) != 0 {
		t.Errorf("%+v", got.Row)
	}
	equal(t, "it counts in the family's window", "238", k.windowOf(k.proposal(k.invoice(k.partner, "100"), "10")))
}

// windowOf is what counts together with a proposal.
func (k *desk) windowOf(in credits.ProposeInput) decimal.Decimal {
	k.t.Helper()
	view, err := k.credits.Preview(k.t.Context(), in)
	k.must(err)
	return view.Window.Counted()
}

func TestRebill(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "1000", "500")
	c, lines := k.dispute(invoice, "595", "119")
	in := k.ask(billing.Rebill)
	cause := value[int64](t, k.db, `select id from root_causes`)
	in.CaseID, in.RootCauseID, in.InvoiceID, in.Bill = &c.ID, &cause, invoice.ID, bill("900")
	view, err := k.credits.Preview(t.Context(), in)
	k.must(err)
	equal(t, "it counts with what is given back", "1785", view.AuthorityAmount)
	equal(t, "owed afterwards", "1071", view.After.Open)
	got := k.through(in)
	equal(t, "the old invoice", "0", k.open(billing.InvoiceItem, int64(invoice.ID)))
	equal(t, "the customer owes the new one", "1071", k.account(k.customer))
	settled, err := k.cases.Disputes(t.Context(), k.db, c.ID)
	k.must(err)
	for i, line := range settled {
		if line.ID != lines[i].ID || line.Status != cases.DisputeAccepted {
			t.Errorf("dispute line %d is %s", i, line.Status)
		}
	}
	mail := k.letter("credit_posted")
	number := value[string](t, k.db, `select number from invoices where corrects_id = $1`, invoice.ID)
	for _, want := range []string{got.DocumentNumber, number, "1.071,00", "1.785,00"} {
		if !strings.Contains(mail.TextBody, want) {
			t.Errorf("the letter does not say %q:\n%s", want, mail.TextBody)
		}
	}
	files, err := db.Values[string](t.Context(), k.db, `select filename from outgoing_attachments where outgoing_message_id = $1 order by position`, mail.ID)
	k.must(err)
	if want := []string{got.DocumentNumber + ".pdf", number + ".pdf"}; !slices.Equal(files, want) || mail.AwaitsAttachment {
		t.Errorf("the letter brings %v, want %v", files, want)
	}
	if n := value[int](t, k.db, `select count(*) from stored_documents where document_kind = 'invoice' and sha256 = sha256(content)`); n != 1 {
		t.Errorf("%d papers of the new invoice", n)
	}
}

func (k *desk) letter(kind string) inbox.OutgoingMessage {
	k.t.Helper()
	mail, err := db.One[inbox.OutgoingMessage](k.t.Context(), k.db, `select * from outgoing_messages where kind = $1`, kind)
	k.must(err)
	return mail
}

func TestDebitMemo(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "1000")
	c, _ := k.dispute(invoice, "119")
	in := k.ask(billing.Debit)
	in.CaseID, in.InvoiceID, in.Bill = &c.ID, invoice.ID, bill("200", "100")
	got := k.through(in)
	if got.DocumentKind != billing.DebitDoc || !strings.HasPrefix(got.DocumentNumber, "DM-DE-2026-") || got.MemoID != nil {
		t.Errorf("%s %s", got.DocumentKind, got.DocumentNumber)
	}
	equal(t, "owed", "1547", k.account(k.customer))
	equal(t, "what is charged counts not with what is given", "0", k.windowOf(k.proposal(k.invoice(k.customer, "100"), "10")))
	more := k.ask(billing.Debit)
	more.InvoiceID, more.Bill = invoice.ID, bill("10")
	equal(t, "but with what is charged", "357", k.windowOf(more))
	mail := k.letter("debit_posted")
	for _, want := range []string{got.DocumentNumber, "357,00", invoice.Number, "As agreed on the phone."} {
		if !strings.Contains(mail.TextBody, want) {
			t.Errorf("the letter does not say %q:\n%s", want, mail.TextBody)
		}
	}
	if mail.AwaitsAttachment || value[int](t, k.db, `select count(*) from outgoing_attachments where filename = $1`, got.DocumentNumber+".pdf") != 1 {
		t.Error("the letter left without the debit memo")
	}
	in.Evidence, in.CaseID = nil, nil
	if _, err := k.credits.Submit(t.Context(), in); problem(err) != "evidence credits.evidence.missing" {
		t.Errorf("without evidence: %v", err)
	}
}

func TestRefund(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "100")
	paid := k.pay(k.customer, "219", billing.Allocate{InvoiceID: invoice.ID, Amount: d("119")})
	in := k.ask(billing.RefundOut)
	c, _ := k.dispute(invoice, "11.90")
	in.CaseID, in.Destination = &c.ID, "DE•• 4711"
	in.Items = []billing.ItemPart{{Kind: billing.PaymentItem, ID: int64(paid.ID), Amount: d("100.01")}}
	if _, err := k.credits.Submit(t.Context(), in); problem(err) != "items.0 billing.over_open" || remains(err, "open") != "100.00 EUR" {
		t.Fatalf("more than is unapplied: %v", err)
	}
	in.Items[0].Amount = d("60")
	req := k.submit(in)
	if got := levelsOf(k.read(req.ID)); !slices.Equal(got, []string{"L3 supervisor"}) {
		t.Errorf("refunds start with the supervisor: %v", got)
	}
	second := in
	second.Items = []billing.ItemPart{{Kind: billing.PaymentItem, ID: int64(paid.ID), Amount: d("40.01")}}
	if _, err := k.credits.Submit(t.Context(), second); problem(err) != "items.0 billing.over_open" || remains(err, "open") != "40.00 EUR" {
		t.Errorf("what another request keeps: %v", err)
	}
	got := k.finish(req)
	equal(t, "left of the payment", "40", k.open(billing.PaymentItem, int64(paid.ID)))
	if got.DocumentKind != billing.RefundDoc || got.InvoiceID != 0 || got.CustomerID != k.customer {
		t.Errorf("%+v", got.Row)
	}
	mail := k.letter("refund_posted")
	for _, want := range []string{got.DocumentNumber, "60,00", "DE•• 4711", paid.Number} {
		if !strings.Contains(mail.TextBody, want) {
			t.Errorf("the advice does not say %q:\n%s", want, mail.TextBody)
		}
	}
	if mail.AwaitsAttachment || value[int](t, k.db, `select count(*) from outgoing_attachments where filename = $1`, got.DocumentNumber+".pdf") != 1 {
		t.Error("the advice left without its paper")
	}
	equal(t, "it counts with credits", "60", k.windowOf(k.proposal(k.invoice(k.customer, "100"), "10")))
}

func TestRefundOverWhatIsRefundable(t *testing.T) {
	t.Parallel()
	k := setup(t)
	account := k.ask(billing.Concession)
	account.CustomerID, account.Lines = k.customer, []credits.ProposeLine{{Description: "Goodwill", Net: d("100"), Tax: billing.LineTax{Category: "Z"}}}
	memo := k.through(account)
	k.pay(k.customer, "30", billing.Allocate{InvoiceID: k.invoice(k.customer, "100").ID, Amount: d("30")})
	in := k.ask(billing.RefundOut)
	in.Items = []billing.ItemPart{{Kind: billing.MemoItem, ID: *memo.DocumentID, Amount: d("30.01")}}
	_, err := k.credits.Submit(t.Context(), in)
	if problem(err) != "items billing.nothing_to_refund" || remains(err, "refundable") != "30.00 EUR" {
		t.Errorf("goodwill was never received: %v", err)
	}
	in.Items[0].Amount = d("30")
	k.through(in)
	in.Items[0].Amount = d("0.01")
	if _, err = k.credits.Submit(t.Context(), in); problem(err) != "items billing.nothing_to_refund" {
		t.Errorf("a second time: %v", err)
	}
}

func TestWriteOffOverTwoCustomers(t *testing.T) {
	t.Parallel()
	k := setup(t)
	one, other := k.invoice(k.customer, "10"), k.invoice(k.client, "20")
	in := k.ask(billing.WriteOff)
	in.Items = []billing.ItemPart{{Kind: billing.InvoiceItem, ID: int64(other.ID), Amount: d("23.80")}, {Kind: billing.InvoiceItem, ID: int64(one.ID), Amount: d("11.90")}}
	view, err := k.credits.Preview(t.Context(), in)
	k.must(err)
	if len(view.Customers) != 2 || view.Before.Currency != "" {
		t.Errorf("%d customers, position %+v", len(view.Customers), view.Before)
	}
	req := k.submit(in)
	if req.CustomerID != 0 || req.FamilyID != 0 || req.InvoiceID != 0 {
		t.Errorf("%+v", req)
	}
	single := k.ask(billing.WriteOff)
	single.Items = in.Items[1:]
	if _, err := k.credits.Submit(t.Context(), single); problem(err) != "items.0 credits.write_off_taken" {
		t.Errorf("an invoice another request gives up: %v", err)
	}
	expectWaiting(t, k, k.lead, 1)
	if found, err := k.credits.ByInvoice(t.Context(), k.db, one.ID); err != nil || len(found) != 1 {
		t.Errorf("%d requests on the invoice, %v", len(found), err)
	}
	page, err := k.credits.List(t.Context(), credits.ListFilter{CustomerID: k.client}, k.control)
	k.must(err)
	if len(page.Rows) != 1 || page.Rows[0].CustomerName != "" {
		t.Errorf("of the customer: %+v", page.Rows)
	}
	got := k.finish(req)
	equal(t, "one", "0", k.account(k.customer))
	equal(t, "the other", "0", k.account(k.client))
	if n := value[int](t, k.db, `select count(*) from outgoing_messages`); n != 0 {
		t.Error("somebody was told of a write-off")
	}
	equal(t, "its part counts with each family", "23.80", k.windowOf(k.proposal(k.invoice(k.partner, "100"), "10")))
	back := k.through(k.takeBack(got))
	equal(t, "owed again", "11.90", k.account(k.customer))
	equal(t, "owed again by the other", "23.80", k.account(k.client))
	if again := k.read(got.ID); again.TakenBackBy != back.DocumentNumber {
		t.Errorf("taken back by %q", again.TakenBackBy)
	}
	equal(t, "what was taken back counts no more", "0", k.windowOf(k.proposal(k.invoice(k.partner, "100"), "10")))
}

func TestTransfer(t *testing.T) {
	t.Parallel()
	k := setup(t)
	paid := k.pay(k.partner, "500")
	in := k.ask(billing.TransferOver)
	in.ToCustomerID, in.Items = k.customer, []billing.ItemPart{{Kind: billing.PaymentItem, ID: int64(paid.ID), Amount: d("200")}}
	if _, err := k.credits.Submit(t.Context(), in); problem(err) != "to_customer billing.transfer_within_family" {
		t.Errorf("to a stranger: %v", err)
	}
	in.ToCustomerID = k.client
	got := k.through(in)
	equal(t, "left", "-300", k.account(k.partner))
	equal(t, "moved", "-200", k.account(k.client))
	if got.DocumentKind != billing.TransferDoc || got.FamilyID != k.partner {
		t.Errorf("%+v", got.Row)
	}
	k.through(k.takeBack(got))
	equal(t, "back", "-500", k.account(k.partner))
}
