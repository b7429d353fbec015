package reports

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/money"
)

// CreditDesk reads for the screens on which credits are proposed and decided, within what the actor may see.
type CreditDesk struct {
	db      *db.DB
	billing *billing.Service
	cases   *cases.Service
	credits *credits.Service
}

// CreditDesk makes the reader.
func (s *Service) CreditDesk(b *billing.Service, c *cases.Service, r *credits.Service) *CreditDesk {
	return &CreditDesk{db: s.db, billing: b, cases: c, credits: r}
}

// ProposeBasis is what a proposal starts from: the invoice with what is left on it, and the case with what is contested.
type ProposeBasis struct {
	Case     *cases.Case // nil when the proposal has none
	Invoice  billing.InvoiceDetail
	Others   []billing.Invoice // further invoices of the case
	Disputes []cases.DisputeLine
	Messages []cases.Message // what the customer wrote, oldest first
	Reasons  []cases.Reason
	Causes   []cases.RootCause
}

// ForCase reads the basis for a credit in a case, on the named invoice of it; "" takes the one that is contested.
func (d *CreditDesk) ForCase(ctx context.Context, number, invoice string, by access.Actor) (ProposeBasis, error) {
	c, err := d.cases.CaseByNumber(ctx, d.db, number, by)
	if err != nil {
		return ProposeBasis{}, err
	}
	b := ProposeBasis{Case: &c}
	disputes, err := d.cases.Disputes(ctx, d.db, c.ID)
	if err != nil {
		return b, err
	}
	id, err := d.invoiceOf(ctx, &b, disputes, invoice)
	if err != nil {
		return b, err
	}
	for _, dispute := range disputes {
		if dispute.InvoiceID == id {
			b.Disputes = append(b.Disputes, dispute)
		}
	}
	messages, err := d.cases.Messages(ctx, d.db, c.ID)
	if err != nil {
		return b, err
	}
	for _, m := range messages {
		if m.Kind == cases.Inbound && !m.Machine {
			b.Messages = append(b.Messages, m)
		}
	}
	return b, d.fill(ctx, &b, id, by)
}

// ForInvoice reads the basis for a credit without a case.
func (d *CreditDesk) ForInvoice(ctx context.Context, number string, by access.Actor) (ProposeBasis, error) {
	invoice, err := d.billing.InvoiceByNumber(ctx, d.db, number)
	if err != nil {
		return ProposeBasis{}, err
	}
	var b ProposeBasis
	return b, d.fill(ctx, &b, invoice.ID, by)
}

// invoiceOf chooses the invoice of a case, and lists the others. ErrNoInvoice when the case is about none.
func (d *CreditDesk) invoiceOf(ctx context.Context, b *ProposeBasis, disputes []cases.DisputeLine, number string) (billing.InvoiceID, error) {
	var ids []billing.InvoiceID
	for _, dispute := range disputes {
		if !dispute.Status.Decided() {
			ids = append(ids, dispute.InvoiceID)
		}
	}
	linked, err := d.cases.Invoices(ctx, d.db, b.Case.ID)
	if err != nil {
		return 0, err
	}
	for _, l := range linked {
		ids = append(ids, l.InvoiceID)
	}
	var chosen billing.InvoiceID
	var seen []billing.InvoiceID
	for _, id := range ids {
		if slices.Contains(seen, id) {
			continue
		}
		seen = append(seen, id)
		invoice, err := d.billing.InvoiceByID(ctx, d.db, id)
		if err != nil {
			return 0, err
		}
		b.Others = append(b.Others, invoice)
		if invoice.Number == number || chosen == 0 && number == "" {
			chosen = id
		}
	}
	if chosen == 0 {
		return 0, billing.ErrNoInvoice
	}
	b.Others = slices.DeleteFunc(b.Others, func(i billing.Invoice) bool { return i.ID == chosen })
	return chosen, nil
}

func (d *CreditDesk) fill(ctx context.Context, b *ProposeBasis, id billing.InvoiceID, by access.Actor) error {
	var err error
	if b.Invoice, err = d.billing.InvoiceDetail(ctx, d.db, id); err != nil {
		return err
	}
	if err := access.Can(by, access.Propose, access.Object{EntityID: int64(b.Invoice.EntityID)}); err != nil {
		return err
	}
	if b.Reasons, err = d.cases.Reasons(ctx); err != nil {
		return err
	}
	b.Causes, err = d.cases.RootCauses(ctx)
	return err
}

// RequestFile is a credit request with what its approvers look at beside it. Invoice is zero where it concerns none or
// several, Position where it concerns several customers.
type RequestFile struct {
	credits.Detail
	Invoice  billing.InvoiceDetail
	Position billing.Position
	ToName   string // of a transfer: the customer who gets it
	Evidence []EvidenceFile
	Past     []billing.MemoRow // credits to the customer, the latest first
}

// EvidenceFile is a piece of evidence, with the message it points to.
type EvidenceFile struct {
	credits.Evidence
	Message *cases.Message
}

// Request reads a credit request's file.
func (d *CreditDesk) Request(ctx context.Context, id credits.ID, by access.Actor) (RequestFile, error) {
	detail, err := d.credits.Request(ctx, d.db, id, by)
	if err != nil {
		return RequestFile{}, err
	}
	f := RequestFile{Detail: detail}
	if detail.InvoiceID != 0 {
		if f.Invoice, err = d.billing.InvoiceDetail(ctx, d.db, detail.InvoiceID); err != nil {
			return f, err
		}
	}
	if detail.CustomerID != 0 {
		if err := d.customer(ctx, &f); err != nil {
			return f, err
		}
	}
	f.Evidence, err = d.evidence(ctx, detail)
	return f, err
}

// customer fills in how the customer stands, what they were given, and to whom a transfer goes.
func (d *CreditDesk) customer(ctx context.Context, f *RequestFile) error {
	var err error
	if f.Position, err = d.billing.Position(ctx, d.db, f.CustomerID); err != nil {
		return err
	}
	past, err := d.billing.Memos(ctx, billing.MemoFilter{CustomerID: f.CustomerID, Limit: 6})
	if err != nil {
		return err
	}
	f.Past = past.Rows
	if f.Content == nil || f.Content.ToCustomerID == 0 {
		return nil
	}
	to, err := d.billing.CustomerByID(ctx, d.db, f.Content.ToCustomerID)
	f.ToName = to.Name
	return err
}

func (d *CreditDesk) evidence(ctx context.Context, detail credits.Detail) ([]EvidenceFile, error) {
	var messages []cases.Message
	if detail.CaseID != nil {
		var err error
		if messages, err = d.cases.Messages(ctx, d.db, *detail.CaseID); err != nil {
			return nil, err
		}
	}
	files := make([]EvidenceFile, 0, len(detail.Evidence))
	for _, e := range detail.Evidence {
		file := EvidenceFile{Evidence: e}
		for i := range messages {
			if e.CaseMessageID != nil && messages[i].ID == *e.CaseMessageID {
				file.Message = &messages[i]
			}
		}
		files = append(files, file)
	}
	return files, nil
}

// DecidedRow is a decision somebody took, with the request it was about as it stands now.
type DecidedRow struct {
	ID            credits.ID
	Number        string
	State         credits.State
	Kind          billing.Kind
	Currency      money.Currency
	Total         decimal.Decimal
	CustomerName  string
	RequesterName string
	Decision      credits.Verdict
	DecidedAt     time.Time
}

// Amount is the request's total.
func (r DecidedRow) Amount() money.Amount { return money.Of(r.Total, r.Currency) }

// DecidedBy lists what somebody decided, the latest first.
func (d *CreditDesk) DecidedBy(ctx context.Context, by access.Actor, limit int) ([]DecidedRow, error) {
	list, err := db.List[DecidedRow](ctx, d.db, `select r.id, r.number, r.state, r.kind, r.currency, r.total, coalesce(c.name, '') as customer_name,
			coalesce(u.name, '') as requester_name, x.decision, x.decided_at
		from (select step_id from credit_step_candidates where user_id = $1 order by step_id desc limit 500) mine
		join credit_steps s on s.id = mine.step_id
		join credit_decisions x on x.credit_request_id = s.credit_request_id and x.content_version = s.content_version
			and x.user_id = $1 and x.step_id = s.id
		join credit_requests r on r.id = s.credit_request_id
		join users u on u.id = r.requester_id left join customers c on c.id = r.customer_id
		order by x.id desc limit $2`, by.UserID, limit)
	if err != nil {
		return nil, fmt.Errorf("list decisions: %w", err)
	}
	return list, nil
}
