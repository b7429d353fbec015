package credits

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
)

const (
	rowColumns = requestColumns + `, coalesce(k.number, '') as case_number, coalesce(i.number, '') as invoice_number, coalesce(c.name, '') as customer_name,
		coalesce(c.account, '') as account, coalesce(c.tier, '') as tier, u.name as requester_name, rc.name as reason_name, coalesce(rt.name, '') as root_cause, coalesce(w.name, '') as error_by,
		coalesce(m.number, '') as memo_number, coalesce(v.number, '') as taken_back_by`
	rowJoins = ` join users u on u.id = r.requester_id join reason_codes rc on rc.code = r.reason_code left join root_causes rt on rt.id = r.root_cause_id left join users w on w.id = (r.proposal ->> 'ErrorBy')::bigint
		left join invoices i on i.id = r.invoice_id left join customers c on c.id = r.customer_id left join cases k on k.id = r.case_id
		left join credit_memos m on m.id = r.memo_id left join reversals v on v.document_kind = r.document_kind and v.document_id = r.document_id`
	// What a request over several invoices or customers gives up is in rows of its own.
	onInvoice = `r.id in (select id from credit_requests where invoice_id = ?
		union all select credit_request_id from credit_request_invoices where invoice_id = ?)`
	ofCustomer = `r.id in (select id from credit_requests where customer_id = ?
		union all select x.credit_request_id from credit_request_invoices x join invoices i on i.id = x.invoice_id where i.customer_id = ?)`
)

const (
	defaultLimit = 50
	maxLimit     = 200
)

func limitOf(limit int) int {
	if limit <= 0 {
		return defaultLimit
	}
	return min(limit, maxLimit)
}

// ByCase lists the requests of a case, the newest first.
func (s *Service) ByCase(ctx context.Context, r db.Reader, id cases.ID) ([]Row, error) {
	return rows(ctx, r, `where r.case_id = $1 order by r.id desc`, id)
}

// ByInvoice lists the requests on an invoice, the newest first.
func (s *Service) ByInvoice(ctx context.Context, r db.Reader, id billing.InvoiceID) ([]Row, error) {
	return rows(ctx, r, `where `+strings.ReplaceAll(onInvoice, "?", "$1")+` order by r.id desc`, id)
}

func rows(ctx context.Context, r db.Reader, tail string, args ...any) ([]Row, error) {
	list, err := db.List[Row](ctx, r, `select `+rowColumns+` from credit_requests r`+rowJoins+` `+tail, args...)
	if err != nil {
		return nil, fmt.Errorf("list requests: %w", err)
	}
	return list, nil
}

// List lists the requests in the actor's scope, the newest first.
func (s *Service) List(ctx context.Context, f ListFilter, by access.Actor) (Page[Row], error) {
	if err := access.Can(by, access.ReadCredits, access.Object{}); err != nil {
		return Page[Row]{}, err
	}
	where, args := f.where(by)
	limit := limitOf(f.Limit)
	list, err := rows(ctx, s.db, where+fmt.Sprintf(` order by r.id desc limit %d`, limit+1), args...)
	if err != nil || len(list) <= limit {
		return Page[Row]{Rows: list}, err
	}
	list = list[:limit]
	return Page[Row]{Rows: list, Next: strconv.FormatInt(int64(list[limit-1].ID), 10)}, nil
}

func (f ListFilter) where(by access.Actor) (string, []any) {
	parts := []string{"true"}
	var args []any
	add := func(given bool, condition string, arg any) {
		if given {
			args = append(args, arg)
			parts = append(parts, strings.ReplaceAll(condition, "?", "$"+strconv.Itoa(len(args))))
		}
	}
	states := make([]string, len(f.States))
	for i, state := range f.States {
		states[i] = string(state)
	}
	after, _ := strconv.ParseInt(f.After, 10, 64)
	add(len(by.EntityIDs) > 0, "r.entity_id = any (?)", by.EntityIDs)
	add(len(states) > 0, "r.state = any (?)", states)
	add(f.Kind != "", "r.kind = ?", f.Kind)
	add(f.CustomerID != 0, ofCustomer, f.CustomerID)
	add(f.CaseID != 0, "r.case_id = ?", f.CaseID)
	add(f.InvoiceID != 0, onInvoice, f.InvoiceID)
	add(f.Requester != 0, "r.requester_id = ?", f.Requester)
	add(trimmed(f.Query) != "", "(r.number ilike ? or k.number ilike ? or i.number ilike ? or c.name ilike ? or r.document_number ilike ?)", pattern(f.Query))
	add(after > 0, "r.id < ?", after)
	return "where " + strings.Join(parts, " and "), args
}

func pattern(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(trimmed(text)) + "%"
}

// place is a position in the list of what waits: the oldest submission comes first.
type place struct {
	at time.Time
	id int64
}

func (p place) String() string {
	return strconv.FormatInt(p.at.UnixMicro(), 10) + "." + strconv.FormatInt(p.id, 10)
}

// readPlace takes a cursor apart; anything that is none starts from the top.
func readPlace(text string) place {
	micros, id, _ := strings.Cut(text, ".")
	at, err := strconv.ParseInt(micros, 10, 64)
	if err != nil {
		return place{}
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return place{}
	}
	return place{at: time.UnixMicro(at).UTC(), id: n}
}
