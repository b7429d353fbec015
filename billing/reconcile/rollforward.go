package reconcile

import (
	"maps"
	"slices"

	"github.com/shopspring/decimal"

	"makegood/internal/money"
)

// Books are one system's documents with the receivable it states at both ends of the period, one amount a currency;
// a currency that is not stated began and ends with nothing.
type Books struct {
	Documents []Document
	Opening   []money.Amount
	Closing   []money.Amount
}

// Movement is how one side's receivable went from opening to closing in one currency. Void documents and those outside
// the period are not in it. Closing is opening + invoices + debit memos − credits − payments − write-offs + refunds
// ± exchange ± other.
type Movement struct {
	Opening    decimal.Decimal
	Invoices   decimal.Decimal
	DebitMemos decimal.Decimal
	Credits    decimal.Decimal
	Payments   decimal.Decimal
	WriteOffs  decimal.Decimal
	Refunds    decimal.Decimal
	Exchange   decimal.Decimal
	Other      decimal.Decimal
	Closing    decimal.Decimal
	Stated     decimal.Decimal // closing as the system itself states it
}

// Unproven is what the system states more than its documents add up to. Zero proves that they are all there.
func (m Movement) Unproven() decimal.Decimal { return m.Stated.Sub(m.Closing) }

// Proof shows for one currency why the two receivables differ. Closing here less closing there is Gap; it is made of
// what differed when the period began and of what each class of difference explains.
type Proof struct {
	Currency   money.Currency
	Here       Movement
	There      Movement
	Gap        decimal.Decimal
	OpeningGap decimal.Decimal
	Explained  map[Class]decimal.Decimal
}

// Unexplained is what is left of the gap when all differences are taken off. It is zero for the result of comparing the
// same documents; anything else says that they changed in between.
func (p Proof) Unexplained() decimal.Decimal {
	left := p.Gap.Sub(p.OpeningGap)
	for _, part := range p.Explained {
		left = left.Sub(part)
	}
	return left
}

// Proven tells whether both sides state what their documents add up to, and the differences explain the gap to the cent.
func (p Proof) Proven() bool {
	return p.Here.Unproven().IsZero() && p.There.Unproven().IsZero() && p.Unexplained().IsZero()
}

// RollForward proves both receivables from opening to closing, for each currency that either side has, in the order of
// its code. The result is the one of comparing the documents of these books.
func RollForward(here, there Books, result Result) []Proof {
	ours, theirs := here.movements(result.Period), there.movements(result.Period)
	proofs := map[money.Currency]*Proof{}
	proof := func(cur money.Currency) *Proof {
		if proofs[cur] == nil {
			proofs[cur] = &Proof{Currency: cur, Explained: map[Class]decimal.Decimal{}}
		}
		return proofs[cur]
	}
	for cur, m := range ours {
		proof(cur).Here = *m
	}
	for cur, m := range theirs {
		proof(cur).There = *m
	}
	for _, d := range result.Differences {
		for _, part := range d.Gap {
			explained := proof(part.Currency()).Explained
			explained[d.Class] = explained[d.Class].Add(part.Decimal())
		}
	}
	list := make([]Proof, 0, len(proofs))
	for _, cur := range slices.Sorted(maps.Keys(proofs)) {
		p := proofs[cur]
		p.Gap, p.OpeningGap = p.Here.Closing.Sub(p.There.Closing), p.Here.Opening.Sub(p.There.Opening)
		list = append(list, *p)
	}
	return list
}

func (b Books) movements(period Period) map[money.Currency]*Movement {
	found := map[money.Currency]*Movement{}
	of := func(cur money.Currency) *Movement {
		if found[cur] == nil {
			found[cur] = &Movement{}
		}
		return found[cur]
	}
	for _, a := range b.Opening {
		m := of(a.Currency())
		m.Opening = m.Opening.Add(a.Decimal())
		m.Closing = m.Closing.Add(a.Decimal())
	}
	for i := range b.Documents {
		d := &b.Documents[i]
		if effect := d.effect(period); !effect.IsZero() {
			m := of(d.Amount.Currency())
			m.Closing = m.Closing.Add(effect)
			if part := m.part(d.Kind); part != nil {
				*part = part.Add(d.Amount.Decimal())
			}
		}
	}
	for _, a := range b.Closing {
		m := of(a.Currency())
		m.Stated = m.Stated.Add(a.Decimal())
	}
	return found
}

func (m *Movement) part(kind Kind) *decimal.Decimal {
	switch kind {
	case Invoice:
		return &m.Invoices
	case DebitMemo:
		return &m.DebitMemos
	case CreditMemo:
		return &m.Credits
	case Payment:
		return &m.Payments
	case WriteOff:
		return &m.WriteOffs
	case Refund:
		return &m.Refunds
	case Exchange:
		return &m.Exchange
	case Other:
		return &m.Other
	default:
		return nil
	}
}
