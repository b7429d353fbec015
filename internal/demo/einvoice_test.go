//go:build einvoice

package demo_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/demo"
	"makegood/internal/einvoicetest"
)

// Every credit memo of the demo's company, and debit memos, rebills and reversals posted on its books for customers of every
// country, pass the schema, EN 16931 and Peppol BIS 3.
func TestEveryDocumentPassesTheOfficialRules(t *testing.T) {
	t.Parallel()
	rules, err := einvoicetest.FindRules()
	if err != nil {
		t.Fatal(err)
	}
	b := books{t: t, Services: filled(t), folder: t.TempDir()}
	for _, id := range values[int64](t, b.DB, `select id from credit_memos order by id`) {
		b.write(billing.DocumentRef{Kind: billing.MemoDoc, ID: id})
	}
	memos := b.written
	if memos < 20 {
		t.Errorf("%d memos", memos)
	}
	b.further()
	report, err := rules.Validate(t.Context(), b.folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range report.Invalid() {
		for _, failure := range report[name] {
			t.Errorf("%s: %s", name, failure)
		}
	}
	if len(report) != b.written || b.written-memos < 30 {
		t.Errorf("%d of %d documents looked at, %d of them memos", len(report), b.written, memos)
	}
	t.Logf("%d memos and %d further documents", memos, b.written-memos)
}

// books are the demo's, with what is posted on them here. Each posting is of a request of its own.
type books struct {
	demo.Services
	t        *testing.T
	folder   string
	written  int
	requests int64
}

// write puts a document's electronic form into the folder.
func (b *books) write(ref billing.DocumentRef) {
	b.t.Helper()
	doc, err := b.Billing.RenderXML(b.t.Context(), ref)
	if err != nil {
		b.t.Errorf("%s %d: %v", ref.Kind, ref.ID, err)
		return
	}
	if err := os.WriteFile(filepath.Join(b.folder, doc.Filename), doc.Content, 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.written++
}

// further posts on one invoice of every seller, buyer's country, language and treatment in tax: a debit memo, and a rebill
// that leaves the last line out, of which every second is taken back; then it takes a memo of each of them back.
func (b *books) further() {
	b.t.Helper()
	for i, id := range values[billing.InvoiceID](b.t, b.DB, `select max(i.id) from invoices i join customers c on c.id = i.customer_id
		where i.total > 0 and not exists (select from line_reservations r where r.invoice_id = i.id and r.state = 'held') and not exists (select from credit_memos m where m.invoice_id = i.id)
		group by i.entity_id, c.country, c.language, (select string_agg(t.category || t.rate, ' ' order by t.id) from invoice_taxes t where t.invoice_id = i.id) order by 1`) {
		invoice, err := b.Billing.InvoiceDetail(b.t.Context(), b.DB, id)
		b.must(err)
		bill := billAgain(invoice)
		if i%2 == 1 { // what was paid on the old invoice settles the new one
			b.pay(invoice)
		}
		debit := b.post(billing.AdjustmentInput{Kind: billing.Debit, InvoiceID: id, Bill: &bill})
		b.write(debit.Document)
		rebill := b.post(billing.AdjustmentInput{Kind: billing.Rebill, InvoiceID: id, Bill: &bill})
		b.write(rebill.Document)
		b.write(billing.DocumentRef{Kind: billing.InvoiceDoc, ID: int64(rebill.Invoice.ID)})
		if i%2 == 0 {
			b.write(b.post(billing.AdjustmentInput{Kind: billing.Reverse, Reverses: rebill.Document}).Document)
		}
	}
	for _, id := range values[int64](b.t, b.DB, `select max(m.id) from credit_memos m join customers c on c.id = m.customer_id where m.kind <> 'rebill' and m.origin = 'issued'
		group by m.entity_id, m.kind, c.country order by 1`) {
		b.write(b.post(billing.AdjustmentInput{Kind: billing.Reverse, Reverses: billing.DocumentRef{Kind: billing.MemoDoc, ID: id}}).Document)
	}
}

// pay pays a tenth of an invoice, as far as so much is open.
func (b *books) pay(i billing.InvoiceDetail) {
	b.t.Helper()
	amount := decimal.Min(i.Total.Div(decimal.NewFromInt(10)).Round(i.Currency.Digits()), i.Open.Open)
	if !amount.IsPositive() {
		return
	}
	_, err := b.Billing.RecordPayment(b.t.Context(), billing.NewPayment{
		EntityID: i.EntityID, CustomerID: i.CustomerID, Currency: i.Currency, Amount: amount, ReceivedOn: billing.Date(b.DB.Now()),
		Allocate: []billing.Allocate{{InvoiceID: i.ID, Amount: amount}}, By: access.SystemActor("test"),
	})
	b.must(err)
}

// billAgain bills an invoice's lines once more, without the last of several.
func billAgain(i billing.InvoiceDetail) billing.Bill {
	bill := billing.Bill{ServiceFrom: i.ServiceFrom, ServiceTo: i.ServiceTo, PurchaseOrder: i.PurchaseOrder, PricesIncludeTax: i.PricesIncludeTax}
	for _, l := range i.Lines[:max(1, len(i.Lines)-1)] {
		bill.Lines = append(bill.Lines, billing.NewLine{
			Product: l.Product, Description: l.Description, Quantity: l.Quantity, UnitPrice: l.UnitPrice, TaxCategory: l.TaxCategory, TaxRate: l.TaxRate,
		})
	}
	return bill
}

// post takes an adjustment all the way into the books.
func (b *books) post(in billing.AdjustmentInput) billing.Posted {
	b.t.Helper()
	b.requests++
	request := 900_000 + b.requests
	in.ReasonCode = "wrong_price"
	var posted billing.Posted
	b.must(b.DB.Do(b.t.Context(), func(tx *db.Tx) error {
		var err error
		posted, err = b.carry(b.t.Context(), tx, request, in)
		return err
	}))
	return posted
}

func (b *books) carry(ctx context.Context, tx *db.Tx, request int64, in billing.AdjustmentInput) (billing.Posted, error) {
	a, err := b.Billing.PrepareAdjustment(ctx, tx, in)
	if err != nil {
		return billing.Posted{}, fmt.Errorf("prepare %s: %w", in.Kind, err)
	}
	if err := b.Billing.ReserveTx(ctx, tx, request, a); err != nil {
		return billing.Posted{}, err
	}
	if err := dbtest.Decided(ctx, tx, request, a.Digest(request)); err != nil {
		return billing.Posted{}, err
	}
	approval, err := b.Billing.RecordApprovalTx(ctx, tx, billing.Approval{
		CreditRequestID: request, Digest: a.Digest(request), RequesterID: dbtest.Requester, DeciderIDs: []int64{dbtest.Decider},
	})
	if err != nil {
		return billing.Posted{}, err
	}
	return b.Billing.PostAdjustmentTx(ctx, tx, billing.PostAdjustment{
		CreditRequestID: request, ApprovalID: approval, Adjustment: a, Explanation: strings.ToUpper(string(in.Kind)), By: access.SystemActor("test"),
	})
}

func (b *books) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func values[T any](t *testing.T, r db.Reader, query string) []T {
	t.Helper()
	list, err := db.Values[T](t.Context(), r, query)
	if err != nil {
		t.Fatal(err)
	}
	return list
}
