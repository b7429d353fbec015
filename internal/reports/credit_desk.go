package reports

import (
	"context"
	"fmt"
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
	clocks  *CaseFiles
}

// Reader is what it reads from.
func (d *CreditDesk) Reader() db.Reader { return d.db }

// StepClocks reads how long steps of approval have, by step, in the time that their cases count.
func (d *CreditDesk) StepClocks(ctx context.Context, in []cases.ID, steps []credits.StepID) (map[credits.StepID]QueueClock, error) {
	ids := make([]int64, len(steps))
	for n, step := range steps {
		ids[n] = int64(step)
	}
	found, err := d.clocks.StepClocks(ctx, in, ids)
	if err != nil {
		return nil, err
	}
	faces := make(map[credits.StepID]QueueClock, len(found))
	for id, face := range found {
		faces[credits.StepID(id)] = face
	}
	return faces, nil
}

// CreditDesk makes the reader.
func (s *Service) CreditDesk(b *billing.Service, c *cases.Service, r *credits.Service) *CreditDesk {
	return &CreditDesk{db: s.db, billing: b, cases: c, credits: r, clocks: s.CaseFiles(c, b)}
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

// EvidenceFile is a piece of evidence, with the message or the file it points to.
type EvidenceFile struct {
	credits.Evidence
	Message *cases.Message    // it is, or has the file
	File    *cases.Attachment // of the message
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
			for k, a := range messages[i].Attachments {
				if e.CaseAttachmentID != nil && a.ID == *e.CaseAttachmentID {
					file.Message, file.File = &messages[i], &messages[i].Attachments[k]
				}
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
