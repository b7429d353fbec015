package intake

import (
	"context"
	"regexp"
	"strings"

	"makegood/cases"
	"makegood/cases/sorting"
	"makegood/inbox/parse"
	"makegood/inbox/parse/hint"
)

// Sorting is what a message seems to want. Reason is a reason code, "" when none is clear.
type Sorting struct {
	Type   cases.Type
	Topic  string
	Reason string
}

// Sorter knows the words by which messages are sorted. It is immutable and safe for concurrent use.
type Sorter struct {
	rules []rule
}

// rule gives its sorting to a message that has its words. A weak rule counts only together with an invoice: its words
// are used of much else too.
type rule struct {
	words *regexp.Regexp
	hint  hint.Hint
	to    Sorting
	weak  bool
}

const maxSorted = 20_000 // bytes of a text that are looked at

// NewSorter makes the sorter with the rules for English, German, French, Spanish, Portuguese, Japanese and Chinese.
func NewSorter() *Sorter {
	var s Sorter
	for _, w := range vocabulary() {
		expression := `(?is)` + strings.Join(w.words, "|")
		r := rule{words: regexp.MustCompile(expression), to: w.to, weak: w.weak}
		if h, err := hint.Of(expression); err == nil {
			r.hint = h
		}
		s.rules = append(s.rules, r)
	}
	return &s
}

// Sort gives type, topic and reason of a message by its subject and what the sender wrote now: those of the first
// rule that fits. Without any it is an inquiry.
func (s *Sorter) Sort(m parse.Message, aboutInvoice bool) Sorting {
	text := m.Subject + "\n" + m.ReplyText
	text = strings.Join(strings.Fields(text[:min(len(text), maxSorted)]), " ")
	folded := hint.Fold(text)
	for _, r := range s.rules {
		if (aboutInvoice || !r.weak) && r.hint.Possible(folded) && r.words.MatchString(text) {
			return r.to
		}
	}
	return Sorting{Type: cases.Inquiry, Topic: "general"}
}

// aboutInvoice tells whether a message names a document of ours.
func aboutInvoice(m parse.Message) bool {
	return len(m.Refs.Invoices) > 0 || len(m.Refs.PurchaseOrders) > 0
}

// sort finds out what the message is about: by the desk's rules, by what the model learned if it is sure, else by fixed words.
func (h *handling) sort() {
	h.verdict = h.desk.Sort(h.msg, h.desk.Entity(h.sight.EntityID))
	h.verdict.Complete(h.words.Topic, h.words.Type, h.words.Reason)
}

// keepSortingTx keeps how the message was sorted, with the case it opened.
func (h *handling) keepSortingTx(ctx context.Context, id *cases.ID) error {
	return h.sorting.KeepTx(ctx, h.tx, h.sorted(id))
}

func (h *handling) sorted(id *cases.ID) sorting.Sorting {
	kept := h.verdict.Sorting
	kept.InboundMessageID, kept.CaseID = new(int64(h.ID)), id
	return kept
}

// urgency is the priority a rule gives, and how people read why.
func (h *handling) urgency() (cases.Priority, string) {
	if h.verdict.Priority == "" {
		return "", ""
	}
	return h.verdict.Priority, "Rule: " + h.verdict.RuleName
}
