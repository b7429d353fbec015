package reconcile

import (
	"slices"
	"strings"
	"unicode"

	"makegood/internal/money"
)

// Key says by what two documents were found to be one.
type Key string

// The keys, in the order they are tried. A document matched by one is not looked at again.
const (
	ByExternalID   Key = "external_id"
	ByNumber       Key = "number"
	ByNormalNumber Key = "normal_number"
	ByLikeness     Key = "likeness" // customer, currency and amount, dated within some days
	ByNothing      Key = ""
)

// Options say how to compare.
type Options struct {
	Period Period
	// DaysApart is how many days two documents may be apart to be taken for one by likeness.
	DaysApart int
	// TimingDays is how near to the cut-off a difference is only one of timing.
	TimingDays int
	// MemosWait names the system that applies a credit memo only after its invoice was paid (a payment processor's
	// connector makes the memo at once, but the accounting system cannot apply it to an invoice that is void there).
	MemosWait System
	// Normal brings a number as people write it to one form; nil keeps letters and digits alone, as capitals.
	Normal func(number string) string
}

// System is one of the two that are compared.
type System string

// The systems.
const (
	Neither System = ""
	Here    System = "here"
	There   System = "there"
)

func lettersAndDigits(number string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, number)
}

// side is one system's documents in their own order, and which of them have found their place.
type side struct {
	docs []*Document
	mate []int // index on the other side, or one of the two below
	twin []int // for a duplicate: the document of the same side that it repeats
}

const (
	alone      = -1
	duplicated = -2
)

func newSide(list []Document) *side {
	s := &side{docs: make([]*Document, len(list)), mate: make([]int, len(list)), twin: make([]int, len(list))}
	for i := range list {
		s.docs[i] = &list[i]
		s.mate[i] = alone
	}
	slices.SortFunc(s.docs, compare)
	return s
}

type matching struct {
	here, there *side
	keys        []Key // how here's documents were matched
}

// match pairs the documents of two sides one to one. Where several share a key, those that agree most are paired
// first; among equals the order of the documents themselves decides, on both sides alike.
func match(here, there []Document, o Options) *matching {
	m := &matching{here: newSide(here), there: newSide(there)}
	m.keys = make([]Key, len(here))
	normal := o.Normal
	if normal == nil {
		normal = lettersAndDigits
	}
	m.by(ByExternalID, externalID)
	// A number alone proves little: two systems may count from 1 each. The customer or the amount must agree too.
	m.byNumber(ByNumber, strings.TrimSpace)
	m.byNumber(ByNormalNumber, normal)
	m.here.markDuplicates()
	m.there.markDuplicates()
	m.byLikeness(o.DaysApart)
	return m
}

// identity is what documents are grouped by; the zero identity is none.
type identity struct {
	kind     Kind
	text     string
	customer string
	currency money.Currency
	amount   string
	day      int64
}

func externalID(d *Document) identity {
	if d.ExternalID == "" {
		return identity{}
	}
	return identity{kind: d.Kind, text: d.ExternalID}
}

func (m *matching) byNumber(key Key, normal func(string) string) {
	numbered := func(d *Document, rest identity) identity {
		rest.kind, rest.text = d.Kind, normal(d.Number)
		if rest.text == "" {
			return identity{}
		}
		return rest
	}
	m.by(key, func(d *Document) identity {
		if d.Customer == "" {
			return identity{}
		}
		return numbered(d, identity{customer: d.Customer})
	})
	m.by(key, func(d *Document) identity {
		return numbered(d, identity{currency: d.Amount.Currency(), amount: d.Amount.Plain()})
	})
}

func (s *side) groups(of func(*Document) identity) map[identity][]int {
	found := make(map[identity][]int, len(s.docs))
	for i, d := range s.docs {
		if s.mate[i] != alone {
			continue
		}
		if id := of(d); id != (identity{}) {
			found[id] = append(found[id], i)
		}
	}
	return found
}

func (m *matching) by(key Key, of func(*Document) identity) {
	theirs := m.there.groups(of)
	if len(theirs) == 0 {
		return
	}
	for id, ours := range m.here.groups(of) {
		m.pairUp(key, ours, theirs[id])
	}
}

// pairUp pairs documents that share a key, those that agree in most first.
func (m *matching) pairUp(key Key, ours, theirs []int) {
	if len(ours) == 1 && len(theirs) == 1 {
		m.pair(key, ours[0], theirs[0])
		return
	}
	for level := range 5 {
		if len(ours) == 0 || len(theirs) == 0 {
			return
		}
		ours, theirs = m.zip(key, ours, theirs, func(d *Document) identity { return agreement(d, level) })
	}
}

// agreement is what documents must share besides their key, from everything to nothing.
func agreement(d *Document, level int) identity {
	var id identity
	if level <= 0 {
		id.text = string(d.Status) + "\x00" + d.Number + "\x00" + d.Tax.Plain()
	}
	if level <= 1 {
		id.day = d.Date.Unix()
	}
	if level <= 2 {
		id.currency, id.amount = d.Amount.Currency(), d.Amount.Plain()
	}
	if level <= 3 {
		id.customer = d.Customer
	}
	return id
}

// zip pairs the first with the first, the second with the second, within each group, and gives back who is left.
func (m *matching) zip(key Key, ours, theirs []int, of func(*Document) identity) (oursLeft, theirsLeft []int) {
	waiting := map[identity][]int{}
	for _, j := range theirs {
		id := of(m.there.docs[j])
		waiting[id] = append(waiting[id], j)
	}
	for _, i := range ours {
		id := of(m.here.docs[i])
		if list := waiting[id]; len(list) > 0 {
			m.pair(key, i, list[0])
			waiting[id] = list[1:]
			continue
		}
		oursLeft = append(oursLeft, i)
	}
	for _, j := range theirs {
		if m.there.mate[j] == alone {
			theirsLeft = append(theirsLeft, j)
		}
	}
	return oursLeft, theirsLeft
}

func (m *matching) pair(key Key, i, j int) {
	m.here.mate[i], m.there.mate[j], m.keys[i] = j, i, key
}

// markDuplicates finds the documents without a mate that repeat the external id, or number and customer, of another of
// the same side. The one with a mate is the original, else the first.
func (s *side) markDuplicates() {
	s.markRepeats(externalID)
	s.markRepeats(func(d *Document) identity {
		if d.Number == "" {
			return identity{}
		}
		return identity{kind: d.Kind, text: strings.TrimSpace(d.Number), customer: d.Customer}
	})
}

func (s *side) markRepeats(of func(*Document) identity) {
	first := make(map[identity]int, len(s.docs))
	for i, d := range s.docs {
		if id := of(d); s.mate[i] != duplicated && id != (identity{}) {
			if known, ok := first[id]; !ok || s.mate[known] == alone && s.mate[i] != alone {
				first[id] = i
			}
		}
	}
	for i, d := range s.docs {
		if original, ok := first[of(d)]; ok && original != i && s.mate[i] == alone {
			s.mate[i], s.twin[i] = duplicated, original
		}
	}
}

// byLikeness pairs what shares customer, currency and amount and is dated within some days: on the same day first,
// then the earliest with the earliest. Two documents with external ids that differ are not alike.
func (m *matching) byLikeness(daysApart int) {
	for _, with := range []struct{ here, there bool }{{false, false}, {false, true}, {true, false}} {
		theirs := m.there.groups(likeness(with.there))
		for id, ours := range m.here.groups(likeness(with.here)) {
			oursLeft, theirsLeft := m.zip(ByLikeness, ours, theirs[id], func(d *Document) identity { return identity{day: d.Date.Unix()} })
			m.nearest(oursLeft, theirsLeft, daysApart)
		}
	}
}

func likeness(withExternalID bool) func(*Document) identity {
	return func(d *Document) identity {
		if d.Customer == "" || (d.ExternalID != "") != withExternalID {
			return identity{}
		}
		return identity{kind: d.Kind, customer: d.Customer, currency: d.Amount.Currency(), amount: d.Amount.Plain()}
	}
}

// nearest pairs two lists in the order of their dates.
func (m *matching) nearest(ours, theirs []int, daysApart int) {
	for len(ours) > 0 && len(theirs) > 0 {
		a, b := m.here.docs[ours[0]].Date, m.there.docs[theirs[0]].Date
		switch {
		case within(a, b, daysApart):
			m.pair(ByLikeness, ours[0], theirs[0])
			ours, theirs = ours[1:], theirs[1:]
		case a.Before(b):
			ours = ours[1:]
		default:
			theirs = theirs[1:]
		}
	}
}
