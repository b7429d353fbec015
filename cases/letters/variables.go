package letters

import "slices"

// Variable is one a wording may use. Needed ones must stand in it whatever its conditions are: the letter would be useless without.
type Variable struct {
	Name      string
	Explained string
	Needed    bool
}

// Variables are those of a kind, the ones of its own first.
func Variables(kind Kind) []Variable {
	list := ownVariables(kind)
	if kind != Reply {
		list = append(list, Variable{Name: "greeting", Explained: "Greeting with the reader's name, or without where we do not know it"})
	}
	list = append(list, Variable{Name: "name", Explained: "Name of the reader; may be empty"})
	if !ofNoCase(kind) {
		list = append(list, Variable{Name: "number", Explained: "Number of the case"})
	}
	return append(list, Variable{Name: "entity", Explained: "Name of the legal entity that writes"}, Variable{Name: "signature", Explained: "Signature of the legal entity, of several lines"})
}

const (
	whenReceived = "When the message arrived"
	memoAttached = "Number of the document when it is attached as PDF; else empty"
	decidedLines = "Each point with how it was decided, of several lines; may be empty"
)

func ownVariables(kind Kind) []Variable {
	switch kind {
	case Acknowledgement:
		return []Variable{
			{Name: "received", Explained: whenReceived},
			{Name: "answer_by", Explained: "By when we answer; empty where nothing is promised"},
			{Name: "invoices", Explained: "Numbers of the invoices it is about; may be empty"},
		}
	case Reply:
		return []Variable{
			{Name: "body", Explained: "What the agent wrote, with greeting and closing", Needed: true},
			{Name: "agent", Explained: "Name of the agent"},
			{Name: "quote", Explained: "The customer's message, quoted; may be empty"},
		}
	case CreditPosted:
		return slices.Concat(posted("memo", "credit memo"), []Variable{
			{Name: "invoice", Explained: "Number of the invoice; empty where the account is credited"},
			{Name: "open", Explained: "What is left to pay on the invoice; empty when nothing is"},
			{Name: "settled", Explained: "Number of the invoice when nothing is left to pay on it; else empty"},
			{Name: "pay_link", Explained: "Link where what is not in dispute of that is paid; may be empty"},
			{Name: "pay_now", Explained: "Amount that the link asks for"},
			{Name: "refunded", Explained: "What of it is paid back; may be empty"},
			{Name: "kept", Explained: "What of it stays on the account, for other invoices; may be empty"},
			{Name: "new_invoice", Explained: "Number of the invoice that takes its place; may be empty"},
			{Name: "new_amount", Explained: "Amount of that invoice"},
			{Name: "lines", Explained: decidedLines},
			{Name: "attached", Explained: memoAttached},
		})
	case DebitPosted:
		return slices.Concat(posted("memo", "debit memo"), []Variable{
			{Name: "due", Explained: "Day it is to be paid by", Needed: true},
			{Name: "reason", Explained: "What it is for"},
			{Name: "invoice", Explained: "Number of the invoice; empty where the account is charged"},
			{Name: "attached", Explained: memoAttached},
		})
	case RefundPosted:
		return slices.Concat(posted("refund", "refund"), []Variable{
			{Name: "destination", Explained: "Where the money goes, masked; may be empty"},
			{Name: "from", Explained: "Numbers of what is paid back; may be empty"},
			{Name: "attached", Explained: memoAttached},
		})
	case Nudge, AutoClose, Oversize, ContactProof, PortalCode, Survey, Statement:
	}
	return plainVariables(kind)
}

func posted(name, what string) []Variable {
	return []Variable{
		{Name: name, Explained: "Number of the " + what, Needed: true},
		{Name: "date", Explained: "Day of the " + what},
		{Name: "amount", Explained: "Amount of the " + what, Needed: true},
	}
}

func plainVariables(kind Kind) []Variable {
	switch kind {
	case Nudge:
		return []Variable{
			{Name: "asked", Explained: "Day we asked"},
			{Name: "question", Explained: "What we asked, quoted; may be empty"},
			{Name: "closes", Explained: "Day the case is closed without an answer; may be empty"},
		}
	case AutoClose:
		return []Variable{
			{Name: "asked", Explained: "Day we asked"},
			{Name: "until", Explained: "Last day on which an answer opens the case again"},
			{Name: "link", Explained: "Link that opens the case again; may be empty"},
		}
	case Oversize:
		return []Variable{
			{Name: "received", Explained: whenReceived},
			{Name: "size", Explained: "Size of the message"},
			{Name: "limit", Explained: "Largest size we take in", Needed: true},
		}
	case ContactProof:
		return []Variable{{Name: "link", Explained: "Link that confirms the address", Needed: true}, {Name: "until", Explained: "Until when the link holds"}}
	case PortalCode:
		return []Variable{
			{Name: "code", Explained: "The code", Needed: true},
			{Name: "link", Explained: "Link that signs in instead of the code"},
			{Name: "until", Explained: "Until when both hold"},
		}
	case Survey:
		return []Variable{{Name: "link", Explained: "Link to the page that asks", Needed: true}, {Name: "until", Explained: "Last day on which the link holds"}}
	case Statement:
		return []Variable{
			{Name: "account", Explained: "Number of the customer's account"},
			{Name: "from", Explained: "First day of the statement"},
			{Name: "to", Explained: "Last day of the statement"},
			{Name: "figures", Explained: "Balance, what is in dispute, due later and not used, and what is to be paid now, currency by currency, of several lines", Needed: true},
			{Name: "pay_now", Explained: "What is to be paid now; empty where the statement has several currencies"},
			{Name: "link", Explained: "Link where that is paid; may be empty"},
			{Name: "attached", Explained: "Number of the account when the statement is attached as PDF; else empty"},
		}
	case Acknowledgement, Reply, CreditPosted, DebitPosted, RefundPosted:
	}
	return nil
}
