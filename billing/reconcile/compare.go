package reconcile

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"

	"makegood/internal/money"
)

// Class says what is wrong between two sides.
type Class string

// The classes of difference. KnownTiming is a difference that time is expected to heal.
const (
	MissingHere       Class = "missing_here"
	MissingThere      Class = "missing_there"
	DuplicateHere     Class = "duplicate_here"
	DuplicateThere    Class = "duplicate_there"
	DifferentAmount   Class = "amount"
	DifferentTax      Class = "tax"
	DifferentDate     Class = "date"
	DifferentStatus   Class = "status"
	DifferentCurrency Class = "currency"
	DifferentCustomer Class = "customer"
	KnownTiming       Class = "known_timing"
	// NotCompared is no difference between documents but, in a proof, what the kinds of document that the other side does not
	// give have done to the receivable.
	NotCompared Class = "not_compared"
)

// Timing says why a difference is one of timing.
type Timing string

// The known timings.
const (
	NearCutOff Timing = "near_cut_off"
	MemoWaits  Timing = "memo_waits_for_payment"
)

// Pair is one document as both systems have it.
type Pair struct {
	Here  *Document
	There *Document
	Key   Key
}

// Difference is one thing in which the sides do not agree. A pair that differs in two things gives two.
type Difference struct {
	Class Class
	Pair            // one document is nil when it is missing; Key is what the pair was matched by
	Twin  *Document // for a duplicate: the document of the same side that it repeats
	Would Class     // for KnownTiming: what it would be otherwise
	Why   Timing
	// Gap is what the difference does to the receivable here less the receivable there, per currency: none for one
	// that moves no money, two when the currencies differ.
	Gap []money.Amount
}

// Result is what comparing two sides gave, in an order that depends on the documents alone.
type Result struct {
	Matched     []Pair // agree in everything
	Differences []Difference
	Period      Period
}

// Count is how many differences there are of a class.
func (r Result) Count(class Class) int {
	n := 0
	for _, d := range r.Differences {
		if d.Class == class {
			n++
		}
	}
	return n
}

// Compare matches two systems' documents one to one and lists what differs. Every document is in exactly one pair or
// stands alone in exactly one difference. Documents outside the period are there to be matched with those inside, such
// as one the other system dates a day later; among themselves they are not reported. It refuses rows that are no documents (ErrKind, ErrNegative, ErrTaxCurrency).
// The documents are referred to, not copied: they must not change while the result is used.
func Compare(here, there []Document, o Options) (Result, error) {
	for _, list := range [][]Document{here, there} {
		if err := check(list); err != nil {
			return Result{}, err
		}
	}
	c := comparison{match(here, there, o), o, nil}
	if o.MemosWait != Neither {
		c.indexInvoices()
	}
	result := Result{Period: o.Period}
	c.pairs(&result)
	result.Differences = append(result.Differences, c.singles(Here)...)
	result.Differences = append(result.Differences, c.singles(There)...)
	slices.SortStableFunc(result.Differences, func(a, b Difference) int {
		return cmp.Or(compare(a.lead(), b.lead()), cmp.Compare(a.Class, b.Class))
	})
	return result, nil
}

// pairs sorts the pairs into those that agree and those that do not.
func (c *comparison) pairs(result *Result) {
	for i, d := range c.here.docs {
		j := c.here.mate[i]
		if j < 0 {
			continue
		}
		pair := Pair{Here: d, There: c.there.docs[j], Key: c.keys[i]}
		if !c.o.Period.Holds(d.Date) && !c.o.Period.Holds(pair.There.Date) {
			continue
		}
		if found := c.differences(pair); len(found) > 0 {
			result.Differences = append(result.Differences, found...)
		} else {
			result.Matched = append(result.Matched, pair)
		}
	}
}

// singles are the documents of one side that found no mate.
func (c *comparison) singles(in System) []Difference {
	s := c.here
	if in == There {
		s = c.there
	}
	var list []Difference
	for i, d := range s.docs {
		switch {
		case s.mate[i] >= 0 || !c.o.Period.Holds(d.Date):
		case s.mate[i] == duplicated:
			list = append(list, c.duplicate(in, i))
		default:
			list = append(list, c.missing(in, d))
		}
	}
	return list
}

func (d Difference) lead() *Document {
	if d.Here != nil {
		return d.Here
	}
	return d.There
}

type comparison struct {
	*matching
	o        Options
	invoices map[string]*Document // of the system whose memos wait, by number
}

// missing is a document of one side alone.
func (c *comparison) missing(in System, d *Document) Difference {
	out := Difference{Class: MissingThere, Pair: Pair{Here: d}, Gap: gap(d, nil, c.o.Period)}
	if in == There {
		out.Class, out.Pair, out.Gap = MissingHere, Pair{There: d}, gap(nil, d, c.o.Period)
	}
	if c.o.Period.near(d.Date, c.o.TimingDays) {
		out.timed(NearCutOff)
	}
	return out
}

// duplicate is a document that repeats another of its side. The other system's document of that other is shown too.
func (c *comparison) duplicate(in System, i int) Difference {
	if in == Here {
		d, twin := c.here.docs[i], c.here.twin[i]
		out := Difference{Class: DuplicateHere, Pair: Pair{Here: d}, Twin: c.here.docs[twin], Gap: gap(d, nil, c.o.Period)}
		if mate := c.here.mate[twin]; mate >= 0 {
			out.There, out.Key = c.there.docs[mate], c.keys[twin]
		}
		return out
	}
	d, twin := c.there.docs[i], c.there.twin[i]
	out := Difference{Class: DuplicateThere, Pair: Pair{There: d}, Twin: c.there.docs[twin], Gap: gap(nil, d, c.o.Period)}
	if mate := c.there.mate[twin]; mate >= 0 {
		out.Here, out.Key = c.here.docs[mate], c.keys[mate]
	}
	return out
}

// differences lists in what a pair does not agree.
func (c *comparison) differences(p Pair) []Difference {
	var classes []Class
	add := func(class Class, differs bool) {
		if differs {
			classes = append(classes, class)
		}
	}
	sameCurrency := p.Here.Amount.Currency() == p.There.Amount.Currency()
	add(DifferentCurrency, !sameCurrency)
	add(DifferentStatus, p.Here.Status != p.There.Status && p.Here.Status != "" && p.There.Status != "")
	add(DifferentDate, !p.Here.Date.Equal(p.There.Date))
	add(DifferentAmount, sameCurrency && !p.Here.Amount.Decimal().Equal(p.There.Amount.Decimal()))
	add(DifferentTax, sameCurrency && !p.Here.TaxUnknown && !p.There.TaxUnknown && !p.Here.Tax.Decimal().Equal(p.There.Tax.Decimal()))
	add(DifferentCustomer, p.Here.Customer != p.There.Customer && p.Here.Customer != "" && p.There.Customer != "")
	if len(classes) == 0 {
		return nil
	}
	list := make([]Difference, len(classes))
	carrier := c.carrier(p)
	for i, class := range classes {
		list[i] = Difference{Class: class, Pair: p}
		if class == carrier {
			list[i].Gap = gap(p.Here, p.There, c.o.Period)
		}
		c.timing(&list[i])
	}
	return list
}

// carrier is the one difference of a pair that explains its gap: in another currency nothing can be set off; a void
// document or one outside the period counts for nothing, whatever its amount.
func (c *comparison) carrier(p Pair) Class {
	switch {
	case p.Here.Amount.Currency() != p.There.Amount.Currency():
		return DifferentCurrency
	case (p.Here.Status == Void) != (p.There.Status == Void):
		return DifferentStatus
	case c.o.Period.Holds(p.Here.Date) != c.o.Period.Holds(p.There.Date):
		return DifferentDate
	default:
		return DifferentAmount
	}
}

// timing tells whether a difference of a pair is one that time heals.
func (c *comparison) timing(d *Difference) {
	p := c.o.Period
	switch {
	case d.Class == DifferentDate && p.Holds(d.Here.Date) != p.Holds(d.There.Date) &&
		p.near(d.Here.Date, c.o.TimingDays) && p.near(d.There.Date, c.o.TimingDays):
		d.timed(NearCutOff)
	case d.Class == DifferentStatus && d.Here.Kind == CreditMemo && c.memoWaits(d.Pair):
		d.timed(MemoWaits)
	}
}

// memoWaits tells whether a memo is open where memos wait, applied in the other system, and its invoice is not paid yet.
func (c *comparison) memoWaits(p Pair) bool {
	late, early := p.Here, p.There
	if c.o.MemosWait == There {
		late, early = early, late
	}
	if late.Status != Open || early.Status != Settled {
		return false
	}
	invoice := c.invoices[cmp.Or(late.Invoice, early.Invoice)]
	return invoice != nil && invoice.Status == Open
}

func (c *comparison) indexInvoices() {
	docs := c.here.docs
	if c.o.MemosWait == There {
		docs = c.there.docs
	}
	c.invoices = map[string]*Document{}
	for _, d := range docs {
		if d.Kind == Invoice && d.Number != "" {
			c.invoices[d.Number] = d
		}
	}
}

func (d *Difference) timed(why Timing) {
	d.Would, d.Class, d.Why = d.Class, KnownTiming, why
}

// gap is what here has more than there, per currency; nothing where they are level.
func gap(here, there *Document, p Period) []money.Amount {
	var list []money.Amount
	add := func(d *Document, times int64) {
		if d == nil {
			return
		}
		effect := d.effect(p).Mul(decimal.NewFromInt(times))
		if len(list) > 0 && list[0].Currency() == d.Amount.Currency() {
			list[0] = money.Of(list[0].Decimal().Add(effect), d.Amount.Currency())
			return
		}
		list = append(list, money.Of(effect, d.Amount.Currency()))
	}
	add(here, 1)
	add(there, -1)
	return slices.DeleteFunc(list, money.Amount.IsZero)
}
