package sorting

import "makegood/cases/sorting/rules"

func fieldName(f rules.Field) string {
	switch f {
	case rules.Sender:
		return "sender"
	case rules.Domain:
		return "sender's domain"
	case rules.Recipient:
		return "mailbox"
	case rules.Subject:
		return "subject"
	case rules.Body:
		return "text"
	case rules.Text:
		return "subject or text"
	case rules.Attachment:
		return "attachment's name"
	case rules.Language:
		return "language"
	case rules.Entity:
		return "legal entity"
	case rules.Kind:
		return "kind of mail"
	case rules.Amount:
		return "amount"
	case rules.Invoice:
		return "document number"
	}
	return string(f)
}

func ops() []rules.Op {
	return []rules.Op{
		rules.Contains, rules.Lacks, rules.Is, rules.IsNot, rules.Begins, rules.Ends, rules.Matches, rules.From, rules.Under, rules.Has, rules.HasNo,
	}
}

func opName(o rules.Op) string {
	switch o {
	case rules.Is:
		return "is"
	case rules.IsNot:
		return "is not"
	case rules.Contains:
		return "contains"
	case rules.Lacks:
		return "does not contain"
	case rules.Begins:
		return "begins with"
	case rules.Ends:
		return "ends with"
	case rules.Matches:
		return "matches the pattern"
	case rules.From:
		return "is at least"
	case rules.Under:
		return "is under"
	case rules.Has:
		return "is there"
	case rules.HasNo:
		return "is not there"
	}
	return string(o)
}
