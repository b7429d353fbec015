package letters

import (
	"fmt"
	"strings"
)

// clause is a paragraph of a letter we ship: a sentence, what follows it, and the variable without which it is left out.
type clause struct {
	sentence string
	with     map[string]string // placeholder of the sentence to variable, where the two have other names
	then     string
	when     string
	instead  string // the sentence where the variable is empty
}

// Shipped is the letter we ship as a wording, to begin one's own from. Written by it a letter has the very text that Write gives.
func Shipped(kind Kind, lang string) (Wording, error) {
	parts, err := shared()
	if err != nil {
		return Wording{}, fmt.Errorf("load letters: %w", err)
	}
	w := parts.words[Language(lang)]
	var b strings.Builder
	for _, c := range clauses(kind) {
		b.WriteString(c.source(w))
	}
	body := strings.TrimSpace(b.String())
	var subject string
	switch kind {
	case ContactProof:
		subject = variablesIn(w.Sentences["proof.subject"], nil)
	case PortalCode:
		subject = variablesIn(w.Sentences["code.subject"], nil)
	default:
	}
	return Wording{Subject: subject, Body: body}, nil
}

// source is the clause as it stands in a wording, with an empty line behind it.
func (c clause) source(w words) string {
	text := variablesIn(w.Sentences[c.sentence], c.with) + c.then + "\n\n"
	if c.when == "" {
		return text
	}
	if c.instead != "" {
		text += "{{else}}\n" + variablesIn(w.Sentences[c.instead], c.with) + "\n\n"
	}
	return "{{if ." + c.when + "}}\n" + text + "{{end}}\n"
}

// variablesIn writes {date} of a sentence as {{.date}} of a wording.
func variablesIn(sentence string, with map[string]string) string {
	return placeholder.ReplaceAllStringFunc(sentence, func(found string) string {
		name := strings.Trim(found, "{}")
		if other, ok := with[name]; ok {
			name = other
		}
		return "{{." + name + "}}"
	})
}

func clauses(kind Kind) []clause {
	if kind == Reply {
		return []clause{
			{then: "{{.body}}"}, {then: "{{if .agent}}\n{{.agent}}\n{{end}}\n{{.signature}}"}, {sentence: "hint"}, {then: "{{.quote}}", when: "quote"},
		}
	}
	list := append([]clause{{then: "{{.greeting}}"}}, middle(kind)...)
	list = append(list, clause{sentence: "closing", then: "\n{{.signature}}"})
	if kind != Oversize && kind != ContactProof && kind != PortalCode {
		list = append(list, clause{sentence: "hint"})
	}
	return list
}

func middle(kind Kind) []clause {
	switch kind {
	case CreditPosted:
		return []clause{
			{sentence: "credit.invoice", when: "invoice", instead: "credit.account"},
			{sentence: "credit.refund", with: map[string]string{"amount": "refunded"}, when: "refunded"},
			{sentence: "credit.rebilled", with: map[string]string{"invoice": "new_invoice", "amount": "new_amount"}, when: "new_invoice"},
			{sentence: "open.left", when: "open"},
			{sentence: "open.none", with: map[string]string{"invoice": "settled"}, when: "settled"},
			{sentence: "lines", then: "\n\n{{.lines}}", when: "lines"},
			{sentence: "credit.attached", when: "attached"},
		}
	case DebitPosted:
		return []clause{
			{sentence: "debit.invoice", when: "invoice", instead: "debit.account"},
			{sentence: "debit.why"},
			{sentence: "debit.due", with: map[string]string{"date": "due"}},
			{sentence: "debit.attached", when: "attached"},
		}
	case RefundPosted:
		return []clause{
			{sentence: "refund.sent"},
			{sentence: "refund.to", when: "destination"},
			{sentence: "refund.from", with: map[string]string{"list": "from"}, when: "from"},
			{sentence: "refund.attached", when: "attached"},
		}
	case CreditRejected:
		return []clause{
			{sentence: "rejected.examined"},
			{sentence: "lines"},
			{then: "{{.lines}}"},
			{sentence: "open.left"},
			{sentence: "rejected.contest"},
		}
	case Acknowledgement, Reply, Nudge, AutoClose, Oversize, Unknown, ContactProof, PortalCode:
	}
	return plainMiddle(kind)
}

func plainMiddle(kind Kind) []clause {
	received := map[string]string{"date": "received"}
	switch kind {
	case Acknowledgement:
		return []clause{
			{sentence: "ack.received", with: received},
			{sentence: "ack.invoices", with: map[string]string{"list": "invoices"}, when: "invoices"},
			{sentence: "ack.by", with: map[string]string{"date": "answer_by"}, when: "answer_by"},
		}
	case Nudge:
		return []clause{
			{sentence: "nudge.asked", with: map[string]string{"date": "asked"}},
			{sentence: "nudge.question", then: "\n\n{{.question}}", when: "question"},
			{sentence: "nudge.closes", with: map[string]string{"date": "closes"}, when: "closes"},
		}
	case AutoClose:
		return []clause{
			{sentence: "close.closed", with: map[string]string{"date": "asked"}},
			{sentence: "close.reopen", with: map[string]string{"date": "until"}},
			{sentence: "close.link", then: ": {{.link}}", when: "link"},
		}
	case Oversize:
		return []clause{{sentence: "oversize.refused", with: received}, {sentence: "oversize.again"}}
	case Unknown:
		return []clause{{sentence: "unknown.received", with: received}, {sentence: "unknown.account"}}
	case ContactProof:
		return []clause{
			{sentence: "proof.asked"},
			{sentence: "proof.open", with: map[string]string{"date": "until"}},
			{then: "{{.link}}"},
			{sentence: "proof.not_you"},
		}
	case PortalCode:
		return []clause{
			{sentence: "code.is"},
			{then: "    {{.code}}"},
			{sentence: "code.holds", with: map[string]string{"date": "until"}},
			{then: "{{.link}}"},
			{sentence: "code.not_you"},
		}
	case Reply, CreditPosted, DebitPosted, RefundPosted, CreditRejected:
	}
	return nil
}
