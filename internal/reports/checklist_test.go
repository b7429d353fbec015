package reports_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
	"makegood/internal/reports"
	"makegood/ui/screentest"
)

func may() time.Time { return time.Date(2026, 5, 20, 0, 0, 0, 0, time.UTC) }

func checklist(t *testing.T, r *screentest.Room, limit int) map[reports.CheckKind]reports.Check {
	t.Helper()
	list, err := r.Reports.Closing(r.Billing).Checklist(t.Context(), r.Company.Entity.ID, may(), limit, r.Actor(access.Controller))
	r.Must(err)
	found := map[reports.CheckKind]reports.Check{}
	blocking := 0
	for _, c := range list.Checks {
		found[c.Kind] = c
		if c.Blocking {
			blocking++
		}
		if c.Blocking && c.Count == 0 {
			t.Errorf("%s blocks and shows nothing", c.Kind)
		}
	}
	points, err := r.Billing.PeriodPoints(t.Context(), r.DB, r.Company.Entity.ID, may())
	r.Must(err)
	if blocking != len(points) || list.Blocking() != blocking {
		t.Errorf("%d points block by the list, %v by billing", blocking, points)
	}
	for _, p := range points {
		if c := found[reports.CheckKind(p.Kind)]; c.Count != p.Count {
			t.Errorf("%s: %d by the list, %d by billing", p.Kind, c.Count, p.Count)
		}
	}
	return found
}

func told(c reports.Check) string {
	text := fmt.Sprintf("%d %v blocking=%v", c.Count, c.Sums, c.Blocking)
	for _, row := range c.Rows {
		text += fmt.Sprintf(" | %s; %s; %s", row.Detail, row.Sum().Plain(), row.Href)
	}
	return text
}

func TestTheMonthEndChecklist(t *testing.T) {
	t.Parallel()
	r := screentest.Open(t)
	if c := checklist(t, r, 0)[reports.CheckDisputes]; c.Count != 0 || len(c.Rows) != 0 {
		t.Errorf("before anybody disputes: %+v", c)
	}
	c := r.Dispute("595.00")
	disputes, err := r.Cases.Disputes(t.Context(), r.DB, c.ID)
	r.Must(err)
	detail, err := r.Billing.InvoiceDetail(t.Context(), r.DB, r.Company.LumenBill.ID)
	r.Must(err)
	req, err := r.Credits.Submit(t.Context(), credits.ProposeInput{
		By: r.Actor(access.Agent), CaseID: &c.ID, Kind: billing.BillingError, InvoiceID: detail.ID, ReasonCode: "not_delivered", IdempotencyKey: "k",
		Lines: []credits.ProposeLine{{InvoiceLineID: detail.Lines[0].ID, Net: decimal.NewFromInt(500), DisputeLineID: &disputes[0].ID}},
	})
	r.Must(err)
	_, err = r.Billing.RecordPayment(t.Context(), billing.NewPayment{
		EntityID: r.Company.Entity.ID, CustomerID: r.Company.Lumen.ID, Currency: "EUR", Amount: decimal.NewFromInt(40), ReceivedOn: may().AddDate(0, 0, -9), By: r.Actor(access.Controller),
	})
	r.Must(err)
	list := checklist(t, r, 1)
	approval := fmt.Sprintf("/approvals/%d", req.ID)
	for kind, want := range map[reports.CheckKind]string{
		reports.CheckDisputes:        "1 [595.00 EUR] blocking=false | Lumen Optik GmbH, " + detail.Number + "; 595.00; /cases/" + c.Number,
		reports.CheckHolds:           "1 [595.00 EUR] blocking=false | Lumen Optik GmbH; 595.00; /invoices/" + detail.Number,
		reports.CheckPending:         "1 [595.00 EUR] blocking=false | Lumen Optik GmbH, pending; 595.00; " + approval,
		reports.CheckUnposted:        "0 [] blocking=false",
		reports.CheckUnapplied:       "1 [40.00 EUR] blocking=false | Lumen Optik GmbH; 40.00; /customers/100001",
		reports.CheckInvoiceDocument: "0 [] blocking=false",
		reports.CheckNumberGaps:      "0 [] blocking=false",
		reports.CheckDifferences:     "0 [] blocking=false",
	} {
		if got := told(list[kind]); got != want {
			t.Errorf("%s\n got  %s\n want %s", kind, got, want)
		}
	}
	_, err = r.Credits.Approve(t.Context(), credits.DecideInput{By: r.Actor(access.Senior), ID: req.ID})
	r.Must(err)
	if got := told(checklist(t, r, 0)[reports.CheckUnposted]); got != "1 [595.00 EUR] blocking=true | Lumen Optik GmbH, approved; 595.00; "+approval {
		t.Errorf("approved: %s", got)
	}
	r.Must(r.Credits.Post(t.Context(), credits.PostRequest{ID: req.ID}))
	list = checklist(t, r, 0)
	if list[reports.CheckUnposted].Count != 0 || list[reports.CheckHolds].Count != 0 || list[reports.CheckMemoDocument].Count != 1 {
		t.Errorf("posted: %+v", list)
	}
}

func TestWhatIsWrongInTheBooksBlocks(t *testing.T) {
	t.Parallel()
	r := screentest.Open(t)
	dbtest.AsOwner(t, r.DB,
		`update document_sequences set last_no = last_no + 1`,
		`update open_items set open = open - 1 where kind = 'invoice' and original = 107`,
		`insert into journal_entries (entity_id, booked_on, dated_on, document_kind, document_id, document_number, customer_id, currency, actor_kind, posted_at)
			select entity_id, '2026-03-31', '2026-03-31', document_kind, 0, 'X', customer_id, currency, 'system', posted_at from journal_entries limit 1`)
	list := checklist(t, r, 0)
	for kind, want := range map[reports.CheckKind]string{
		reports.CheckNumberGaps:  "1 [] blocking=true | 2 documents, last number 3; 0.00; ",
		reports.CheckDifferences: "1 [1.00 EUR] blocking=true | ledger less open items; 1.00; ",
		reports.CheckEarlierOpen: "1 [] blocking=true | open; 0.00; /books/periods?entity=DE&month=2026-03",
	} {
		if got := told(list[kind]); got != want {
			t.Errorf("%s\n got  %s\n want %s", kind, got, want)
		}
	}
}

// What was billed by an adjustment, and a memo of ours, lacks its document until that is made. An invoice that nobody asked a
// paper of, and what another system issued, lack nothing.
func TestOnlyWhatMustHaveADocumentLacksOne(t *testing.T) {
	t.Parallel()
	r := screentest.Open(t)
	bill := func(price int64) *billing.Bill {
		return &billing.Bill{Lines: []billing.NewLine{{
			Description: "Traffic", Quantity: decimal.NewFromInt(1), UnitPrice: decimal.NewFromInt(price), TaxCategory: "S", TaxRate: decimal.NewFromInt(19),
		}}}
	}
	debit := adjusted(t, r, credits.ProposeInput{Kind: billing.Debit, InvoiceID: r.Company.LumenBill.ID, Bill: bill(10)})
	rebill := adjusted(t, r, credits.ProposeInput{Kind: billing.Rebill, InvoiceID: r.Company.FerroBill.ID, Bill: bill(90)})
	invoice, err := r.Billing.MemoByNumber(t.Context(), r.DB, rebill.Number)
	r.Must(err)
	anew, err := r.Billing.InvoiceByNumber(t.Context(), r.DB, invoice.RebilledAs)
	r.Must(err)
	list := checklist(t, r, 1)
	bills := list[reports.CheckInvoiceDocument]
	if got := told(bills); got != "2 [119.00 EUR] blocking=false | Ferro Werke AG; 107.10; /invoices/"+anew.Number || bills.More() != 1 {
		t.Errorf("billed: %s", got)
	}
	if list[reports.CheckMemoDocument].Count != 1 {
		t.Errorf("memos: %s", told(list[reports.CheckMemoDocument]))
	}
	for _, doc := range []billing.DocumentRef{debit, rebill, {Kind: billing.InvoiceDoc, ID: int64(anew.ID)}} {
		_, err := r.Billing.Render(t.Context(), doc)
		r.Must(err)
	}
	list = checklist(t, r, 1)
	if list[reports.CheckInvoiceDocument].Count != 0 || list[reports.CheckMemoDocument].Count != 0 {
		t.Errorf("made: %s, %s", told(list[reports.CheckInvoiceDocument]), told(list[reports.CheckMemoDocument]))
	}
	dbtest.AsOwner(t, r.DB, `delete from stored_documents`, `update credit_memos set origin = 'imported', sequence_no = null`)
	if got := checklist(t, r, 0); got[reports.CheckMemoDocument].Count != 0 || got[reports.CheckInvoiceDocument].Count != 2 {
		t.Errorf("issued elsewhere: %s, %s", told(got[reports.CheckMemoDocument]), told(got[reports.CheckInvoiceDocument]))
	}
}

// adjusted takes a proposal of the agent's into the books.
func adjusted(t *testing.T, r *screentest.Room, in credits.ProposeInput) billing.DocumentRef {
	t.Helper()
	in.By, in.ReasonCode, in.IdempotencyKey = r.Actor(access.Agent), "not_delivered", string(in.Kind)
	in.Explanation, in.Evidence = "Agreed.", []credits.NewEvidence{{Kind: credits.Document, Label: "Order form"}}
	req, err := r.Credits.Submit(t.Context(), in)
	r.Must(err)
	for _, role := range []access.Role{access.Senior, access.Supervisor} {
		if req.State == credits.Pending {
			req, err = r.Credits.Approve(t.Context(), credits.DecideInput{By: r.Actor(role), ID: req.ID})
			r.Must(err)
		}
	}
	r.Must(r.Credits.Post(t.Context(), credits.PostRequest{ID: req.ID}))
	detail, err := r.Credits.Request(t.Context(), r.DB, req.ID, r.Actor(access.Agent))
	r.Must(err)
	if detail.State != credits.Posted {
		t.Fatalf("%s: %s %s", in.Kind, detail.State, detail.Failure)
	}
	return billing.DocumentRef{Kind: detail.DocumentKind, ID: *detail.DocumentID, Number: detail.DocumentNumber}
}

func TestTheChecklistOfAnotherCompany(t *testing.T) {
	t.Parallel()
	r := screentest.Open(t)
	stranger := r.Actor(access.Controller)
	stranger.EntityIDs = []int64{999}
	_, err := r.Reports.Closing(r.Billing).Checklist(t.Context(), r.Company.Entity.ID, may(), 0, stranger)
	if errs.KindOf(err) != errs.NotFound {
		t.Errorf("out of scope: %v", err)
	}
	var nobody access.Actor
	if _, err := r.Reports.Closing(r.Billing).Checklist(t.Context(), r.Company.Entity.ID, may(), 0, nobody); errs.KindOf(err) != errs.Unauthenticated {
		t.Errorf("nobody: %v", err)
	}
}
