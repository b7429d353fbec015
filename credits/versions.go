package credits

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/db"
	"makegood/internal/money"
)

// Earlier is what a request asked for before it was changed, in the currency it had then, and what replaced it.
type Earlier struct {
	ContentVersion int
	Kind           billing.Kind
	Currency       money.Currency
	ReasonCode     string
	RootCause      string // its name; "" for none
	ErrorBy        string // whose error it was; "" for nobody's of the desk
	Explanation    string
	CustomerNote   string
	Net            decimal.Decimal
	Tax            decimal.Decimal
	Rounding       decimal.Decimal
	Total          decimal.Decimal
	Content        billing.Adjustment
	SubmittedAt    time.Time
	Why            string // "changed" by its requester, "less" by an approver
	Comment        string
	ReplacedBy     int64
	ReplacedByName string
	ReplacedAt     time.Time
}

// earlierOf reads the versions of a request that were replaced, the oldest first.
func earlierOf(ctx context.Context, r db.Reader, req Request) ([]Earlier, error) {
	if req.ContentVersion <= 1 {
		return nil, nil
	}
	list, err := db.List[Earlier](ctx, r, `select v.content_version, v.kind, v.currency, v.reason_code, coalesce(x.name, '') as root_cause, coalesce(w.name, '') as error_by, v.explanation, v.customer_note, v.net, v.tax, v.rounding, v.total, v.content, v.submitted_at,
			v.why, v.comment, v.replaced_by, u.name as replaced_by_name, v.replaced_at
		from credit_request_versions v join users u on u.id = v.replaced_by left join root_causes x on x.id = (v.proposal->>'RootCauseID')::bigint
		left join users w on w.id = (v.proposal->>'ErrorBy')::bigint where v.credit_request_id = $1 order by v.content_version`, req.ID)
	if err != nil {
		return nil, fmt.Errorf("read earlier versions: %w", err)
	}
	return list, nil
}

// Difference is a line of a request's content that a change made another, or took away or added. Before and After are in the
// price basis of the invoice; the one that is not there is zero. Same lines come too, so that the difference reads as a whole.
type Difference struct {
	InvoiceLineID billing.InvoiceLineID
	Item          billing.ItemPart // of a request over open items
	Description   string
	Before        decimal.Decimal
	After         decimal.Decimal
}

// Changed tells whether the line is another than before.
func (d Difference) Changed() bool { return !d.Before.Equal(d.After) }

// Differences compares what a request asks for now with the version before, line by line; nothing for the first version.
func (d Detail) Differences() []Difference {
	if len(d.Earlier) == 0 || d.Content == nil {
		return nil
	}
	was, now := d.Earlier[len(d.Earlier)-1].Content, *d.Content
	type key struct {
		line billing.InvoiceLineID
		text string
		item billing.ItemPart
	}
	var list []Difference
	at := map[key]int{}
	note := func(k key, description string, set func(*Difference)) {
		place, known := at[k]
		if !known {
			place = len(list)
			at[k] = place
			list = append(list, Difference{InvoiceLineID: k.line, Item: k.item, Description: description})
		}
		set(&list[place])
	}
	each := func(a billing.Adjustment, set func(*Difference, decimal.Decimal)) {
		for _, l := range a.Lines {
			k := key{line: l.InvoiceLineID}
			if l.InvoiceLineID == 0 {
				k.text = l.Description
			}
			note(k, l.Description, func(d *Difference) { set(d, l.Amount) })
		}
		for _, i := range a.Items {
			note(key{item: billing.ItemPart{Kind: i.Kind, ID: i.ID}}, i.Number, func(d *Difference) { set(d, i.Amount) })
		}
	}
	each(was, func(d *Difference, amount decimal.Decimal) { d.Before = d.Before.Add(amount) })
	each(now, func(d *Difference, amount decimal.Decimal) { d.After = d.After.Add(amount) })
	return list
}
