package reports

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"makegood/internal/db"
	"makegood/internal/money"
)

// Writer is somebody at a customer who may write to us, with an invoice still open to write about. Number is empty when
// everything is paid.
type Writer struct {
	Name           string
	Email          string
	CustomerName   string
	Account        string
	SupportAddress string // of the entity that bills the customer
	Number         string
	Open           decimal.Decimal
	Currency       money.Currency
}

// OpenAmount is what is open of the invoice.
func (w Writer) OpenAmount() money.Amount { return money.Of(w.Open, w.Currency) }

const writersFrom = `select c.name, c.email, cu.name as customer_name, cu.account, e.support_address,
		coalesce(i.number, '') as number, coalesce(i.open, 0) as open, coalesce(i.currency, cu.currency) as currency
	from contacts c join customers cu on cu.id = c.customer_id join legal_entities e on e.id = cu.entity_id
	left join lateral (select number, open, currency from open_items
		where customer_id = cu.id and kind = 'invoice' and open > held order by due_on desc limit 1) i on true `

// Writers lists people who may write, those known longest first.
func (s *Service) Writers(ctx context.Context, limit int) ([]Writer, error) {
	list, err := db.List[Writer](ctx, s.db, writersFrom+`order by c.id limit $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("list writers: %w", err)
	}
	return list, nil
}

// WriterByAddress finds who writes from a mail address; false when nobody is known to.
func (s *Service) WriterByAddress(ctx context.Context, address string) (Writer, bool, error) {
	w, err := db.One[Writer](ctx, s.db, writersFrom+`where c.email = $1`, strings.ToLower(strings.TrimSpace(address)))
	if errors.Is(err, db.ErrNoRow) {
		return Writer{}, false, nil
	}
	if err != nil {
		return Writer{}, false, fmt.Errorf("find writer: %w", err)
	}
	return w, true, nil
}
