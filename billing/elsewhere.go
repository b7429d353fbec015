package billing

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"makegood/internal/db"
)

// GatewayKind names the system in which an entity's credit memos are issued besides this one.
type GatewayKind string

// The gateways.
const (
	BuiltinGateway GatewayKind = "builtin" // nowhere else: this ledger is the books
	StripeGateway  GatewayKind = "stripe"
)

// GatewayAction is what is asked of the other system.
type GatewayAction string

// What is asked: to issue a memo, or to void it because it was taken back here.
const (
	IssueThere GatewayAction = "issue"
	VoidThere  GatewayAction = "void"
)

// GatewayState is how far it is.
type GatewayState string

// The states. Waiting and unknown are tried again; refused waits for a person; the others are final. Unknown was sent and
// not answered, so it may be there. Needless is the voiding of a memo that the other system never took. By hand is what a
// person settled there, or gave up, and said how.
const (
	ThereWaiting  GatewayState = "waiting"
	ThereUnknown  GatewayState = "unknown"
	ThereRefused  GatewayState = "refused"
	ThereIssued   GatewayState = "issued"
	ThereVoided   GatewayState = "voided"
	ThereNeedless GatewayState = "needless"
	ThereByHand   GatewayState = "by_hand"
)

// GatewayPosting is a credit memo in another system: what was asked for, under which key, and what became of it.
// Total is there and Difference is theirs less ours, both in the memo's currency; nil while there is no answer.
type GatewayPosting struct {
	ID             int64
	EntityID       EntityID
	CreditMemoID   MemoID
	Action         GatewayAction
	ReversalID     *int64 // of a voiding
	Gateway        GatewayKind
	System         string // the name under which the invoice was imported
	Key            string // the idempotency key: the same is sent at every attempt
	State          GatewayState
	ExternalID     string
	ExternalNumber string
	Total          *decimal.Decimal
	Difference     *decimal.Decimal
	Answer         string            // message key of the last failure
	AnswerParams   map[string]string `gorm:"serializer:json"`
	Attempts       int
	OrderedAt      time.Time
	TriedAt        *time.Time
	SettledAt      *time.Time
	LeasedUntil    *time.Time
	SettledBy      string // who settled it by hand; "" otherwise
	SettledHow     string // and how, in their words
}

// TableName tells GORM where they live.
func (GatewayPosting) TableName() string { return "gateway_postings" }

// PostBack is the job that issues a posted credit memo in the other system, or voids it there. It is not unique: two at
// once keep out of each other's way by the row's lease, and one of a person need not wait for the next attempt.
type PostBack struct {
	Memo   MemoID        `json:"memo"`
	Action GatewayAction `json:"action"`
}

// Kind names the job.
func (PostBack) Kind() string { return "billing.post_back" }

// stripeInvoice is how Stripe's ids of invoices begin.
const stripeInvoice = "in_"

// issuedElsewhere tells whether the memo is to be issued in another system too: by the entity and the invoice, both of
// which posting has read anyway.
func (p *posting) issuedElsewhere() bool {
	if p.entity.Gateway != StripeGateway || p.memo.Origin != Issued {
		return false
	}
	invoice := p.ground.invoice(p.a.InvoiceID)
	return invoice != nil && strings.HasPrefix(invoice.ExternalID, stripeInvoice)
}

// order notes what the other system is asked for. Number and entity make the key, so that it is the same for ever.
func (p *posting) order() []any {
	return []any{
		p.entity.ID, p.memo.ID, IssueThere, p.entity.Gateway, p.ground.invoice(p.a.InvoiceID).ExternalSystem,
		"makegood-" + p.entity.Code + "-" + p.memo.Number, p.memo.PostedAt,
	}
}

func queueOrders(batch *pgx.Batch, orders [][]any) {
	if len(orders) == 0 {
		return
	}
	db.QueueRows(batch, db.Table{Name: "gateway_postings", Columns: []string{
		"entity_id bigint", "credit_memo_id bigint", "action text", "gateway text", "system text", "key text", "ordered_at timestamptz",
	}}, orders)
}

// voidQuery asks for the voiding of what a reversal takes back, if it was to be issued elsewhere.
const voidQuery = `insert into gateway_postings (entity_id, credit_memo_id, action, reversal_id, gateway, system, key, ordered_at)
	select entity_id, credit_memo_id, 'void', $2, gateway, system, key || '-void', $3 from gateway_postings where credit_memo_id = $1 and action = 'issue'`

// voidElsewhere asks for the voiding of the memo that a reversal takes back.
func (p *posting) voidElsewhere(ctx context.Context, v Reversal) error {
	if _, err := p.tx.Exec(ctx, voidQuery, v.DocumentID, v.ID, p.tx.Now()); err != nil {
		return fmt.Errorf("ask for voiding: %w", err)
	}
	return p.tx.Enqueue(ctx, PostBack{Memo: MemoID(v.DocumentID), Action: VoidThere})
}

// gatewayPostings reads what became of a memo in another system: its issue, then its voiding.
func gatewayPostings(ctx context.Context, r db.Reader, memo MemoID) ([]GatewayPosting, error) {
	list, err := db.List[GatewayPosting](ctx, r, `select * from gateway_postings where credit_memo_id = $1 order by id`, memo)
	if err != nil {
		return nil, fmt.Errorf("read memo elsewhere: %w", err)
	}
	return list, nil
}
