package sorting

import (
	"makegood/cases/sorting/rules"
	"makegood/internal/i18n"
)

func fieldName(f rules.Field) string {
	switch f {
	case rules.Sender:
		return i18n.T("sender")
	case rules.Domain:
		return i18n.T("sender's domain")
	case rules.Recipient:
		return i18n.T("mailbox")
	case rules.Subject:
		return i18n.T("subject")
	case rules.Body:
		return i18n.T("text")
	case rules.Text:
		return i18n.T("subject or text")
	case rules.Attachment:
		return i18n.T("attachment's name")
	case rules.Language:
		return i18n.T("language")
	case rules.Entity:
		return i18n.T("legal entity")
	case rules.Kind:
		return i18n.T("kind of mail")
	case rules.Amount:
		return i18n.T("amount")
	case rules.Invoice:
		return i18n.T("document number")
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
		return i18n.T("is")
	case rules.IsNot:
		return i18n.T("is not")
	case rules.Contains:
		return i18n.T("contains")
	case rules.Lacks:
		return i18n.T("does not contain")
	case rules.Begins:
		return i18n.T("begins with")
	case rules.Ends:
		return i18n.T("ends with")
	case rules.Matches:
		return i18n.T("matches the pattern")
	case rules.From:
		return i18n.T("is at least")
	case rules.Under:
		return i18n.T("is under")
	case rules.Has:
		return i18n.T("is there")
	case rules.HasNo:
		return i18n.T("is not there")
	}
	return string(o)
}
