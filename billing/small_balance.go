package billing

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// SmallBalanceBatch is how many invoices one small-balance write-off gives up at most.
const SmallBalanceBatch = 500

// SmallBalanceFilter says which open balances of an entity are small: invoices in a currency overdue for at least so many
// days, with no more than the threshold open, in that currency.
type SmallBalanceFilter struct {
	EntityID    EntityID
	Currency    money.Currency
	Threshold   decimal.Decimal
	DaysOverdue int
}

// SmallBalance is a small rest of an invoice. Unapplied is what the customer has in the same currency that is neither used
// nor kept by a pending request: a rest that it covers is better settled than given up.
type SmallBalance struct {
	InvoiceID    InvoiceID
	Number       string
	CustomerID   CustomerID
	CustomerName string
	Account      string
	Currency     money.Currency
	DueOn        time.Time
	Overdue      int // days
	Open         decimal.Decimal
	Unapplied    decimal.Decimal
	AskedBy      string // number of a request underway that gives up or credits something of the invoice: those come last
}

// SmallBalances is what a small-balance write-off would give up, the longest overdue first. More says that there are
// others beyond SmallBalanceBatch; a further write-off takes them.
type SmallBalances struct {
	Entity Entity
	Rows   []SmallBalance
	More   bool
}

// SmallBalances lists what a small-balance write-off of an entity would give up. What is disputed, in part or whole, is
// never among it, nor is what a customer promised to pay and still may, nor what reminders are kept back for. It proposes;
// the write-off itself is approved like any other. Bad input names the field.
func (s *Service) SmallBalances(ctx context.Context, in SmallBalanceFilter, who Actor) (SmallBalances, error) {
	if err := access.Can(who, access.ReadBooks, access.Object{EntityID: int64(in.EntityID)}); err != nil {
		return SmallBalances{}, err
	}
	if err := in.check(); err != nil {
		return SmallBalances{}, err
	}
	entity, err := s.EntityByID(ctx, s.db, in.EntityID)
	if err != nil {
		return SmallBalances{}, err
	}
	today := entity.Day(s.db.Now())
	rows, err := db.List[SmallBalance](ctx, s.db, `select o.document_id as invoice_id, o.number, o.customer_id, c.name as customer_name, c.account,
			o.currency, o.due_on, $4::date - o.due_on as overdue, o.open, coalesce(u.free, 0) as unapplied,
			coalesce(a.number, '') as asked_by
		from open_items o join customers c on c.id = o.customer_id
		left join lateral (select sum(x.open - x.reserved) as free from open_items x
			where x.customer_id = o.customer_id and x.kind <> 'invoice' and x.open > 0 and x.entity_id = o.entity_id and x.currency = o.currency) u on true
		left join lateral (select q.number from (select r.number from credit_request_invoices x join credit_requests r on r.id = x.credit_request_id
				where x.invoice_id = o.document_id and r.state in ('pending', 'returned', 'approved', 'failed')
			union all select 'CR-' || lpad(h.credit_request_id::text, greatest(6, length(h.credit_request_id::text)), '0') from invoice_line_balances b
				join line_reservations h on h.invoice_line_id = b.invoice_line_id and h.state = 'held' where b.invoice_id = o.document_id and b.reserved > 0) q limit 1) a on true
		where o.entity_id = $1 and o.currency = $2 and o.kind = 'invoice' and o.open > 0 and o.open <= $3 and o.held = 0 and o.due_on <= $4::date - $5::int
			and not exists (select from payment_promises p where p.customer_id = o.customer_id and p.currency = o.currency and p.state = 'open'
				and coalesce(p.invoice_id, o.document_id) = o.document_id)
			and not exists (select from dunning_blocks b where b.customer_id = o.customer_id and b.until_on >= $4::date and b.lifted_at is null
				and coalesce(b.invoice_id, o.document_id) = o.document_id)
		order by a.number is not null, o.due_on, o.document_id limit $6`, in.EntityID, in.Currency, in.Threshold, today, in.DaysOverdue, SmallBalanceBatch+1)
	if err != nil {
		return SmallBalances{}, fmt.Errorf("list small balances: %w", err)
	}
	list := SmallBalances{Entity: entity, Rows: rows}
	if list.More = len(rows) > SmallBalanceBatch; list.More {
		list.Rows = rows[:SmallBalanceBatch]
	}
	return list, nil
}

// maxOverdue is how many days back one may look for small balances: longer than any claim lives.
const maxOverdue = 36_500

func (in SmallBalanceFilter) check() error {
	var wrong []errs.Field
	if _, err := money.ParseCurrency(string(in.Currency)); err != nil {
		wrong = append(wrong, errs.Field{Name: "currency", Key: errs.KeyOf(err), Params: errs.Params{"currency": string(in.Currency)}})
	} else if !in.Threshold.IsPositive() || finer(in.Threshold, in.Currency.Digits()) {
		wrong = append(wrong, errs.Field{Name: "threshold", Key: "billing.bad_amount"})
	}
	if in.DaysOverdue < 1 || in.DaysOverdue > maxOverdue {
		wrong = append(wrong, errs.Field{Name: "days_overdue", Key: "billing.not_overdue"})
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}
