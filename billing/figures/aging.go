package figures

import (
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/errs"
	"makegood/internal/money"
)

// Buckets cut ages in days into ranges. Each number is the last day of a range; what is older than the last of them
// falls into one more, open range. A first limit of 0 makes the range of what is not due.
type Buckets []int

// StandardBuckets are not due, 1–30, 31–60, 61–90, 91–120 and over 120 days past due.
func StandardBuckets() Buckets { return Buckets{0, 30, 60, 90, 120} }

// NewBuckets checks that the limits are not negative and rise. The error names the field "buckets".
func NewBuckets(limits ...int) (Buckets, error) {
	for i, limit := range limits {
		if limit < 0 || i > 0 && limit <= limits[i-1] {
			return nil, errs.InvalidField("buckets", ErrBuckets.Key)
		}
	}
	if len(limits) == 0 {
		return nil, errs.InvalidField("buckets", ErrBuckets.Key)
	}
	return limits, nil
}

// Of is the range an age falls into, from 0.
func (b Buckets) Of(days int) int {
	for i, limit := range b {
		if days <= limit {
			return i
		}
	}
	return len(b)
}

// Len is how many ranges there are.
func (b Buckets) Len() int { return len(b) + 1 }

// Name is a range in letters that stay: "not-due", "1-30", "over-120".
func (b Buckets) Name(i int) string {
	switch {
	case len(b) == 0:
		return "all"
	case i >= len(b):
		return "over-" + strconv.Itoa(b[len(b)-1])
	case i > 0:
		return strconv.Itoa(b[i-1]+1) + "-" + strconv.Itoa(b[i])
	case b[0] == 0:
		return "not-due"
	default:
		return "0-" + strconv.Itoa(b[0])
	}
}

// ItemKind says on which side of the account an open item stands.
type ItemKind string

// What may be open on an account: an amount owed, money received and not applied, a credit not applied.
const (
	OwedItem   ItemKind = "owed"
	CashItem   ItemKind = "unapplied_cash"
	CreditItem ItemKind = "unapplied_credit"
)

// OpenItem is what is open on one document on a day. Disputed is the part of Open that is contested. From is the day
// its age counts from: the due date of what is owed, the document's own date of what is unapplied.
type OpenItem struct {
	Kind     ItemKind
	Currency money.Currency
	Open     decimal.Decimal
	Disputed decimal.Decimal
	From     time.Time
}

// Aged is one range of an aging: how many documents, what is open on them, and how much of that is disputed.
type Aged struct {
	Bucket   string
	Count    int
	Open     decimal.Decimal
	Disputed decimal.Decimal
}

// Clear is what is open and not disputed.
func (a Aged) Clear() decimal.Decimal { return a.Open.Sub(a.Disputed) }

// Ageing is the receivable by how long it is past due, and what is unapplied by how long it has been so. The two are
// never netted. Owed adds up to Receivable.
type Ageing struct {
	Currency   money.Currency
	On         time.Time
	Receivable Aged
	Owed       []Aged
	Unapplied  Unapplied
}

// Unapplied is money and credits of customers which no invoice has taken, by age.
type Unapplied struct {
	Cash    []Aged
	Credits []Aged
}

// NewAgeing is an aging with nothing in its ranges yet.
func NewAgeing(cur money.Currency, on time.Time, buckets Buckets) Ageing {
	return Ageing{
		Currency: cur, On: on, Receivable: Aged{Bucket: "total"}, Owed: empty(buckets),
		Unapplied: Unapplied{Cash: empty(buckets), Credits: empty(buckets)},
	}
}

// Put adds documents that were added up already to the range at a place.
func (a *Ageing) Put(kind ItemKind, place int, part Aged) {
	switch kind {
	case CashItem:
		a.Unapplied.Cash[place].add(part)
	case CreditItem:
		a.Unapplied.Credits[place].add(part)
	case OwedItem:
		a.Owed[place].add(part)
		a.Receivable.add(part)
	}
}

// Age sorts open items into ranges as they stand on a day. Items with nothing open are left out. An item of another
// currency is refused with money.ErrMixed.
func Age(cur money.Currency, on time.Time, buckets Buckets, items []OpenItem) (Ageing, error) {
	out := NewAgeing(cur, on, buckets)
	for _, item := range items {
		if err := sameCurrency(cur, item.Currency); err != nil {
			return Ageing{}, err
		}
		if !item.Open.IsZero() {
			out.Put(item.Kind, buckets.Of(DaysBetween(item.From, on)), Aged{Count: 1, Open: item.Open, Disputed: item.Disputed})
		}
	}
	return out, nil
}

// Current is what is owed and not due: the first range where that is the range of what is not due.
func (a Ageing) Current() decimal.Decimal {
	if len(a.Owed) == 0 || a.Owed[0].Bucket != "not-due" {
		return decimal.Zero
	}
	return a.Owed[0].Open
}

func empty(b Buckets) []Aged {
	list := make([]Aged, b.Len())
	for i := range list {
		list[i].Bucket = b.Name(i)
	}
	return list
}

func (a *Aged) add(part Aged) {
	a.Count += part.Count
	a.Open = a.Open.Add(part.Open)
	a.Disputed = a.Disputed.Add(part.Disputed)
}
