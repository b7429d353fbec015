package credits_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/db"
	"makegood/internal/dbtest"
)

// everyKind is what can be asked for, each with what it needs in the books.
var everyKind = map[string]func(k *desk) credits.ProposeInput{
	"a credit of a case": func(k *desk) credits.ProposeInput {
		invoice := k.invoice(k.customer, "1000", "500")
		c, lines := k.dispute(invoice, "595", "119")
		return k.caseProposal(c, lines, invoice, "500", "50")
	},
	"a rebill": func(k *desk) credits.ProposeInput {
		in := k.ask(billing.Rebill)
		in.InvoiceID, in.Bill = k.invoice(k.customer, "300").ID, bill("250")
		return in
	},
	"a debit memo": func(k *desk) credits.ProposeInput {
		in := k.ask(billing.Debit)
		in.InvoiceID, in.Bill = k.invoice(k.customer, "1000").ID, bill("200", "100")
		return in
	},
	"a refund": func(k *desk) credits.ProposeInput {
		in := k.ask(billing.RefundOut)
		in.Destination = "DE•• 4711"
		in.Items = []billing.ItemPart{
			{Kind: billing.PaymentItem, ID: int64(k.pay(k.customer, "219").ID), Amount: d("60")}, {Kind: billing.PaymentItem, ID: int64(k.pay(k.customer, "50").ID), Amount: d("50")},
		}
		return in
	},
	"a credit that is paid out": func(k *desk) credits.ProposeInput {
		invoice := k.invoice(k.customer, "100", "50")
		k.pay(k.customer, "178.50", billing.Allocate{InvoiceID: invoice.ID, Amount: d("178.50")})
		in := k.ask(billing.BillingError)
		in.InvoiceID, in.Whole, in.Refund, in.SettledOutside, in.Destination = invoice.ID, true, d("80"), d("10"), "DE•• 4711"
		return in
	},
	"a write-off of two customers": func(k *desk) credits.ProposeInput {
		in := k.ask(billing.WriteOff)
		in.Items = []billing.ItemPart{
			{Kind: billing.InvoiceItem, ID: int64(k.invoice(k.customer, "10").ID), Amount: d("11.90")}, {Kind: billing.InvoiceItem, ID: int64(k.invoice(k.client, "20").ID), Amount: d("23.80")},
		}
		return in
	},
	"a service credit": func(k *desk) credits.ProposeInput {
		k.outage()
		return k.serviceCredit(k.sheet())
	},
	"goodwill on account": func(k *desk) credits.ProposeInput {
		in := k.ask(billing.Concession)
		in.CustomerID, in.Lines = k.client, []credits.ProposeLine{{Description: "Goodwill for the outage", Net: d("200"), Tax: billing.LineTax{Category: "S", Rate: d("19")}}}
		return in
	},
	"a transfer": func(k *desk) credits.ProposeInput {
		in := k.ask(billing.TransferOver)
		in.ToCustomerID, in.Items = k.client, []billing.ItemPart{{Kind: billing.PaymentItem, ID: int64(k.pay(k.partner, "500").ID), Amount: d("200")}}
		return in
	},
	"a reversal": func(k *desk) credits.ProposeInput {
		return k.takeBack(k.through(k.proposal(k.invoice(k.customer, "300"), "100")))
	},
}

// signedOff asks for something and has everybody sign who has to.
func (k *desk) signedOff(in credits.ProposeInput) credits.Request {
	k.t.Helper()
	req := k.submit(in)
	for step, open := k.read(req.ID).Open(); open; step, open = k.read(req.ID).Open() {
		req = k.approve(req.ID, k.decider(step))
	}
	if req.State != credits.Approved {
		k.t.Fatalf("%s is %s", req.Kind, req.State)
	}
	return req
}

// owner is a connection with the rights of who runs the database, past all triggers.
func (k *desk) owner() *pgx.Conn {
	k.t.Helper()
	conn, err := pgx.Connect(k.t.Context(), dbtest.OwnerURL(k.t, k.db))
	k.must(err)
	k.t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(k.t.Context())) })
	_, err = conn.Exec(k.t.Context(), `set session_replication_role = replica`)
	k.must(err)
	return conn
}

// documents counts what requests may become.
const documents = `select (select count(*) from credit_memos) + (select count(*) from refunds) + (select count(*) from write_offs)
	+ (select count(*) from transfers) + (select count(*) from reversals) + (select count(*) from invoices where kind = 'debit_memo')`

// stopped tells whether posting was refused for a change, with the reason on the request, an event in the record, and nothing in the
// books; then it puts things right by undo and has it tried again.
func (k *desk) stopped(what string, req credits.Request, undo func()) {
	k.t.Helper()
	before, events := value[int](k.t, k.db, documents), k.failures()
	k.must(k.credits.Post(k.t.Context(), credits.PostRequest{ID: req.ID}))
	got := k.read(req.ID)
	if got.State != credits.Failed || got.Failure == "" || got.Failure == "error.internal" {
		k.t.Fatalf("%s: %s %q %v", what, got.State, got.Failure, got.FailureParams)
	}
	if n := value[int](k.t, k.db, documents); n != before {
		k.t.Errorf("%s: something was posted", what)
	}
	if k.failures() != events+1 {
		k.t.Errorf("%s: the record does not say so", what)
	}
	undo()
	if again, err := k.credits.Retry(k.t.Context(), k.agent, req.ID); err != nil || again.State != credits.Approved {
		k.t.Fatalf("%s, put right: %s %s %v", what, again.State, again.Failure, err)
	}
}

func (k *desk) failures() int {
	k.t.Helper()
	return value[int](k.t, k.db, `select count(*) from audit_log where what = 'credit.failed'`)
}

// TestEveryWordOfWhatWasApprovedIsSealed changes, of each kind, every single value that is stored of what was asked for, one after the other.
func TestEveryWordOfWhatWasApprovedIsSealed(t *testing.T) {
	t.Parallel()
	for what, ask := range everyKind {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			req := k.signedOff(ask(k))
			owner, changed := k.owner(), 0
			for _, column := range []string{"content", "proposal"} {
				for path, leaf := range k.leaves(req.ID, column) {
					set := func(value string) string {
						return fmt.Sprintf(`update credit_requests set %[1]s = jsonb_set(%[1]s, '%[2]s', '%[3]s') where id = %[4]d`, column, path, strings.ReplaceAll(value, "'", "''"), req.ID)
					}
					if err := k.try(set(other(leaf))); !db.Violates(err, "request_content_stands") {
						t.Errorf("%s %s: the database lets it be changed: %v", column, path, err)
					}
					k.asOwner(owner, set(other(leaf)))
					k.stopped(fmt.Sprintf("%s %s: %s became %s", column, path, leaf, other(leaf)), req, func() { k.asOwner(owner, set(leaf)) })
					changed++
				}
			}
			k.postedAtLast(req)
			t.Logf("%d values", changed)
			if changed < 15 {
				t.Errorf("only %d values", changed)
			}
		})
	}
}

func (k *desk) asOwner(owner *pgx.Conn, statements ...string) {
	k.t.Helper()
	for _, statement := range statements {
		if _, err := owner.Exec(k.t.Context(), statement); err != nil {
			k.t.Fatalf("%s: %v", statement, err)
		}
	}
}

// postedAtLast has a request posted that was put right each time, once.
func (k *desk) postedAtLast(req credits.Request) {
	k.t.Helper()
	k.work()
	if got := k.read(req.ID); got.State != credits.Posted {
		k.t.Errorf("put right: %s %s %v", got.State, got.Failure, got.FailureParams)
	}
	k.sound()
}

// moves are the columns of a request that say where it stands, not what it asks for.
var moves = []string{
	"id", "number", "state", "version", "failure", "failure_params", "created_at", "submitted_at", "approved_at", "ended_at", "expires_at", "returned_until",
	"idempotency_key", "memo_id", "document_kind", "document_id", "document_number", "warnings", "own_limit", "by_assistant", "content", "proposal",
}

// beside tells of the columns of a piece of evidence that are the record's, and of those that say nothing where it is a sheet or a message.
// TestEvidenceIsWhatItWasOrNothingIsPosted changes what those stand for.
func (k *desk) beside(req credits.Request, column string) bool {
	k.t.Helper()
	switch column {
	case "added_by", "added_at":
		return true
	case "sha256", "case_message_id", "case_attachment_id":
		return value[bool](k.t, k.db, `select exists (select from credit_request_evidence where credit_request_id = $1 and (sheet_id is not null or case_message_id is not null))`, req.ID)
	}
	return false
}

// TestEveryRowOfWhatWasApprovedIsSealed changes, of each kind, every column of the rows that a request has: its own, its lines, taxes and
// invoices, its evidence and its seal. What the database lets nobody write has no other value.
func TestEveryRowOfWhatWasApprovedIsSealed(t *testing.T) {
	t.Parallel()
	for what, ask := range everyKind {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			req := k.signedOff(ask(k))
			k.about(k.invoice(k.customer, "10")) // another case
			k.run(`insert into reason_codes (code, name, position) values ('other', 'Other', 2)`)
			owner, changed := k.owner(), 0
			for table, mine := range map[string]string{
				"credit_requests": "id", "credit_request_lines": "credit_request_id", "credit_request_taxes": "credit_request_id",
				"credit_request_invoices": "credit_request_id", "credit_request_evidence": "credit_request_id", "credit_request_seals": "credit_request_id",
			} {
				k.asOwner(owner, fmt.Sprintf(`create table kept_%s as select * from %[1]s where %s = %d`, table, mine, req.ID))
				for _, column := range k.columns(table) {
					if table == "credit_requests" && slices.Contains(moves, column.Name) || table == "credit_request_evidence" && k.beside(req, column.Name) {
						continue
					}
					set := fmt.Sprintf(`update %s set %s = %s where %s = %d`, table, column.Name, column.other(), mine, req.ID)
					if rows := value[int](t, k.db, fmt.Sprintf(`select count(*) from %s where %s = %d`, table, mine, req.ID)); rows == 0 {
						continue
					}
					if err := k.try(set); err == nil {
						t.Fatalf("the program may %s", set)
					}
					if _, err := owner.Exec(t.Context(), set); err != nil {
						continue
					}
					k.stopped(set, req, func() {
						if table == "credit_requests" {
							k.asOwner(owner, fmt.Sprintf(`update credit_requests r set %[1]s = o.%[1]s from kept_credit_requests o where o.id = r.id`, column.Name))
							return
						}
						k.asOwner(owner, fmt.Sprintf(`delete from %s where %s in (%d, %[3]d + 1)`, table, mine, req.ID), fmt.Sprintf(`insert into %s select * from kept_%[1]s`, table))
					})
					changed++
				}
			}
			k.postedAtLast(req)
			t.Logf("%d columns", changed)
			if changed < 15 {
				t.Errorf("only %d columns", changed)
			}
		})
	}
}

type column struct{ Name, Type string }

func (k *desk) columns(table string) []column {
	k.t.Helper()
	list, err := db.List[column](k.t.Context(), k.db, `select attname::text as name, format_type(atttypid, null) as type from pg_attribute
		where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum`, table)
	k.must(err)
	return list
}

// other is another value of a column.
func (c column) other() string {
	switch c.Name { // what there is, but another
	case "case_id":
		return "(select max(id) from cases)"
	case "reason_code":
		return "'other'"
	}
	switch c.Type {
	case "bigint", "integer", "numeric":
		return "coalesce(" + c.Name + ", 0) + 1"
	case "text":
		return "coalesce(" + c.Name + ", '') || 'x'"
	case "character":
		return "'USD'"
	case "boolean":
		return "not " + c.Name
	case "bytea":
		return "sha256(coalesce(" + c.Name + ", 'x'))"
	case "bigint[]":
		return "coalesce(" + c.Name + ", '{}') || 4711::bigint"
	case "bytea[]":
		return "coalesce(" + c.Name + ", '{}') || sha256('x')"
	case "timestamp with time zone":
		return c.Name + " + interval '1 day'"
	}
	return "null"
}
