package helpdesk

import (
	"slices"
	"strings"

	"makegood/cases"
	"makegood/internal/access"
)

// opening is the case as the desk opens it.
func (t tied) opening(imp Import, by access.Actor) cases.OpenInput {
	id := int64(imp.ID)
	entity := imp.EntityID
	in := cases.OpenInput{
		Type: t.Type, Subject: t.Subject, Language: t.Language, EntityID: &entity, Source: string(imp.Format), Tags: t.Tags, By: by, ReceivedAt: t.OpenedAt,
		Participants: t.people(), Warnings: t.warnings(imp),
		Brought: &cases.Brought{
			System: imp.System, Number: t.Number, ExternalID: t.ID, Import: &id, Status: t.Status, ClosedAt: t.ClosedAt, Messages: t.messages(imp),
		},
	}
	if t.Status == cases.StatusWaiting {
		in.Brought.WaitingOn = cases.OnCustomer
	}
	if t.Status.Active() && t.Priority != "" {
		in.Priority, in.PriorityReason = t.Priority, imp.Format.Name()+": "+line(t.Called)
	}
	if t.customer != nil {
		in.CustomerID, in.Customer = &t.customer.ID, t.customer
	}
	if t.contact != nil {
		in.ContactID = &t.contact.ID
	}
	return in
}

// people are the customer, who takes part, and whoever else wrote on that side, who waits to be let in.
func (t tied) people() []cases.Participant {
	var list []cases.Participant
	if t.Customer.Address != "" {
		p := cases.Participant{Address: t.Customer.Address, Name: t.Customer.Person, Accepted: true}
		if t.contact != nil {
			p.ContactID = &t.contact.ID
		}
		list = append(list, p)
	}
	for _, m := range t.Messages {
		if m.Side == ByCustomer && m.Address != "" && m.Address != t.Customer.Address {
			list = append(list, cases.Participant{Address: m.Address, Name: m.Name})
		}
	}
	return list
}

// warnings say what whoever opens the case should know.
func (t tied) warnings(imp Import) []cases.Warning {
	var list []cases.Warning
	if t.Status.Active() {
		list = append(list, cases.Warning{Key: warnOpen, Params: map[string]string{"system": imp.name(), "number": t.Number}})
	}
	if t.doubt != "" {
		list = append(list, cases.Warning{Key: t.doubt, Params: map[string]string{"system": imp.name(), "who": t.who()}})
	}
	return list
}

// who is all that the other system said of whose case it is.
func (t tied) who() string {
	said := slices.Concat([]string{t.Customer.Address, t.Customer.Person}, t.Customer.Accounts, []string{t.Customer.Company})
	if said = slices.DeleteFunc(said, func(s string) bool { return s == "" }); len(said) == 0 {
		return "—"
	}
	return strings.Join(said, ", ")
}

// name is what the system is called where people read it.
func (i Import) name() string {
	if i.System == string(i.Format) {
		return i.Format.Name()
	}
	return i.System
}

// messages are the conversation as the desk keeps it. Files stay where they were; their names stand below what was written.
func (t tied) messages(imp Import) []cases.Message {
	list := make([]cases.Message, 0, len(t.Messages))
	for _, m := range t.Messages {
		one := cases.Message{
			Kind: cases.PublicReply, AuthorKind: cases.ByPerson, AuthorName: m.Name, AuthorAddress: m.Address, Recipients: m.To, Subject: m.Subject, Body: m.Body, At: m.At,
		}
		switch m.Side {
		case ByCustomer:
			one.Kind, one.AuthorKind, one.Trust = cases.Inbound, cases.ByCustomer, cases.Known
			if t.customer == nil {
				one.Trust = cases.Unverified
			}
		case ByMachine:
			one.AuthorKind = cases.BySystem
		case AsNote:
			one.Kind = cases.Note
		case ByDesk:
		}
		if one.AuthorName == "" && m.Side != ByCustomer {
			one.AuthorName = imp.name()
		}
		if len(m.Files) > 0 {
			one.Body = strings.TrimSpace(one.Body + "\n\n[" + imp.name() + ": " + strings.Join(m.Files, ", ") + "]")
		}
		list = append(list, one)
	}
	return list
}
