// Package rules are the ordered rules by which a desk sorts its mail: conditions over a message, and what follows when all
// of them hold. The first rule that holds decides, so order matters; Shadows tells which rules can never be reached.
// It is pure.
package rules

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"
	"golang.org/x/text/unicode/norm"
)

// Field is a part of a message that a condition looks at.
type Field string

// The fields. Text is subject and body together; Recipient the addresses it went to; Kind what the parser says is behind
// it (person, notification, list, auto_reply, calendar); Amount any sum of money in it; Invoice whether it names a document.
const (
	Sender     Field = "sender"
	Domain     Field = "domain"
	Recipient  Field = "recipient"
	Subject    Field = "subject"
	Body       Field = "body"
	Text       Field = "text"
	Attachment Field = "attachment"
	Language   Field = "language"
	Entity     Field = "entity"
	Kind       Field = "kind"
	Amount     Field = "amount"
	Invoice    Field = "invoice"
)

// Fields lists every field, in the order people choose from.
func Fields() []Field {
	return []Field{Sender, Domain, Recipient, Subject, Body, Text, Attachment, Language, Entity, Kind, Amount, Invoice}
}

// Op is how a condition compares.
type Op string

// The comparisons. Is and IsNot compare whole values, Contains and Lacks look for a part, in any case and width; Has and HasNo
// ask whether there is anything; Matches is a regular expression (RE2); From and Under compare an amount, Under for all
// amounts there are and false when there are none. A condition with several values holds when one of them does; IsNot and
// Lacks when none does.
const (
	Is       Op = "is"
	IsNot    Op = "is_not"
	Contains Op = "contains"
	Lacks    Op = "lacks"
	Begins   Op = "begins"
	Ends     Op = "ends"
	Matches  Op = "matches"
	From     Op = "from"
	Under    Op = "under"
	Has      Op = "has"
	HasNo    Op = "has_no"
)

// Ops lists the comparisons a field knows.
func Ops(f Field) []Op {
	switch f {
	case Amount:
		return []Op{From, Under, Has, HasNo}
	case Invoice:
		return []Op{Has, HasNo}
	case Language, Entity, Kind:
		return []Op{Is, IsNot}
	case Attachment:
		return []Op{Contains, Lacks, Ends, Matches, Has, HasNo}
	case Sender, Domain, Recipient:
		return []Op{Is, IsNot, Contains, Lacks, Begins, Ends, Matches}
	case Subject, Body, Text:
	}
	return []Op{Contains, Lacks, Begins, Ends, Matches, Is}
}

// Condition is one thing that must hold. Currency narrows an amount; without it amounts of any currency count.
type Condition struct {
	Field    Field    `json:"field"`
	Op       Op       `json:"op"`
	Values   []string `json:"values,omitempty"`
	Currency string   `json:"currency,omitempty"`
}

// Result is what follows when a rule holds. What it leaves empty is decided as if there were no rule. ToCase has a
// machine's mail, such as a partner system's notice or a remittance advice, open a case like a person's, unacknowledged.
type Result struct {
	Topic    string   `json:"topic,omitempty"`
	Type     string   `json:"type,omitempty"`
	Priority string   `json:"priority,omitempty"`
	TeamID   int64    `json:"team_id,omitempty"`
	Tags     []string `json:"tags,omitempty"`
	ToCase   bool     `json:"to_case,omitempty"`
}

// Empty tells that nothing follows.
func (r Result) Empty() bool {
	return r.Topic == "" && r.Type == "" && r.Priority == "" && r.TeamID == 0 && len(r.Tags) == 0 && !r.ToCase
}

// Rule is one line of the list. ID stays the same through all versions of the list. A rule without conditions holds always.
type Rule struct {
	ID     int64       `json:"id"`
	Name   string      `json:"name"`
	Active bool        `json:"active"`
	When   []Condition `json:"when"`
	Then   Result      `json:"then"`
}

// Sum is an amount of money in a message.
type Sum struct {
	Value    decimal.Decimal
	Currency string
}

// Mail is what rules see of a message.
type Mail struct {
	Sender      string
	Recipients  []string
	Subject     string
	Body        string
	Attachments []string
	Language    string
	Entity      string // code of the legal entity whose mailbox it came to
	Kind        string
	Amounts     []Sum
	Invoice     bool
}

// fold brings texts to one case, width and spacing, so that they compare as people read them.
func fold(text string) string {
	return strings.Join(strings.Fields(strings.ToLower(norm.NFKC.String(text))), " ")
}

// folded is a message ready to be compared many times.
type folded struct {
	Mail
	values map[Field][]string
}

func foldMail(m Mail) folded {
	f := folded{Mail: m, values: map[Field][]string{}}
	sender := fold(m.Sender)
	_, domain, _ := strings.Cut(sender, "@")
	f.values[Sender], f.values[Domain] = []string{sender}, []string{domain}
	for _, r := range m.Recipients {
		f.values[Recipient] = append(f.values[Recipient], fold(r))
	}
	subject, body := fold(m.Subject), fold(m.Body)
	f.values[Subject], f.values[Body], f.values[Text] = []string{subject}, []string{body}, []string{subject + " " + body}
	for _, a := range m.Attachments {
		f.values[Attachment] = append(f.values[Attachment], fold(a))
	}
	f.values[Language], f.values[Entity], f.values[Kind] = []string{fold(m.Language)}, []string{fold(m.Entity)}, []string{fold(m.Kind)}
	return f
}

// Hit is a condition that held, and what in the message made it.
type Hit struct {
	Field Field
	Found string
}

// Set is a list of rules ready to be asked. It is immutable and safe for concurrent use.
type Set struct {
	rules []compiled
}

// Rules are those of the set, in order, inactive ones among them.
func (s Set) Rules() []Rule {
	out := make([]Rule, len(s.rules))
	for i, r := range s.rules {
		out[i] = r.Rule
	}
	return out
}

// First gives the first active rule that holds for a message, with what made it hold; nil when none does.
func (s Set) First(m Mail) (*Rule, []Hit) {
	f := foldMail(m)
	for i := range s.rules {
		if hits, held := s.rules[i].holds(f); held && s.rules[i].Active {
			rule := s.rules[i].Rule
			return &rule, hits
		}
	}
	return nil, nil
}

// Holding gives the places of all active rules that hold, in order.
func (s Set) Holding(m Mail) []int {
	f := foldMail(m)
	var out []int
	for i := range s.rules {
		if _, held := s.rules[i].holds(f); held && s.rules[i].Active {
			out = append(out, i)
		}
	}
	return out
}

func (r compiled) holds(m folded) ([]Hit, bool) {
	hits := make([]Hit, 0, len(r.tests))
	for _, t := range r.tests {
		found, held := t.holds(m)
		if !held {
			return nil, false
		}
		if found != "" && !slices.Contains(hits, Hit{t.Field, found}) {
			hits = append(hits, Hit{t.Field, found})
		}
	}
	return hits, true
}
