package postback

import (
	"context"
	"fmt"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/gateway"
	"makegood/internal/db"
)

// noteLine is a line of a memo with the invoice line it credits.
type noteLine struct {
	No          int // among the lines of the invoice; 0 for none
	List        decimal.Decimal
	Description string
	Amount      decimal.Decimal
	Discount    decimal.Decimal
}

// note is a memo as the other system takes it.
func (s *Service) note(ctx context.Context, p billing.GatewayPosting) (gateway.Note, error) {
	m, err := db.One[billing.CreditMemo](ctx, s.db, `select * from credit_memos where id = $1`, p.CreditMemoID)
	if err != nil {
		return gateway.Note{}, fmt.Errorf("read memo: %w", err)
	}
	n := gateway.Note{
		Key: p.Key, Number: m.Number, Currency: m.Currency, Reason: m.ReasonCode, Memo: m.Explanation, Total: m.Total,
		ToInvoice: m.ToInvoice, ToBalance: m.ToBalance, ToRefund: m.ToRefund, Outside: m.SettledOutside,
	}
	if m.InvoiceID != nil {
		invoice, err := s.billing.InvoiceByID(ctx, s.db, *m.InvoiceID)
		if err != nil {
			return n, err
		}
		n.Invoice = invoice.ExternalID
	}
	lines, err := db.List[noteLine](ctx, s.db, `select coalesce(i.line_no, 0) as no, coalesce(i.list, 0) as list, l.description, l.amount, l.discount
		from credit_memo_lines l left join invoice_lines i on i.id = l.invoice_line_id where l.credit_memo_id = $1 order by l.line_no`, m.ID)
	if err != nil {
		return n, fmt.Errorf("read memo lines: %w", err)
	}
	for _, l := range lines {
		n.Lines = append(n.Lines, gateway.Line{No: l.No, List: l.List, Description: l.Description, Net: l.Amount, Discount: l.Discount})
	}
	return n, nil
}

// taking names the note that was issued for a memo: of the total that it has there, or of one issued by hand, that it should have.
func taking(ctx context.Context, r db.Reader, p billing.GatewayPosting) (gateway.Taking, error) {
	t, err := db.One[gateway.Taking](ctx, r, `select $2 as key, g.external_id as id, coalesce(i.external_id, '') as invoice, m.currency, coalesce(g.total, m.total) as total
		from gateway_postings g join credit_memos m on m.id = g.credit_memo_id left join invoices i on i.id = m.invoice_id
		where g.credit_memo_id = $1 and g.action = 'issue'`, p.CreditMemoID, p.Key)
	if err != nil {
		return t, fmt.Errorf("read issued note: %w", err)
	}
	return t, nil
}
