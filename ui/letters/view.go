package letters

import (
	"strings"

	"makegood/cases/letterbook"
	"makegood/cases/letters"
	"makegood/ui/desk"
)

type listView struct{ Entities []entityView }

type entityView struct {
	Code, Title string
	Languages   []string
	Kinds       []kindView
}

type kindView struct {
	Title string
	Cells []cellView
}

// cellView is a letter in one language. Broken: the program no longer understands the own words and writes its own instead.
type cellView struct {
	Href, Label, Text string
	Own, Broken       bool
}

type letterView struct {
	Href, Base, InForce string
	Own, Broken         bool
	Subject, Body, Case string
	Refused             string
	Errors              map[string]string
	Variables           []letters.Variable
	Preview             *letters.Letter
	History             []versionView
}

type versionView struct {
	Number, What, By, At string
	Subject, Body        string
	Current              bool
}

func hrefOf(p letterbook.Place) string {
	return "/settings/letters/" + p.Entity + "/" + string(p.Kind) + "/" + p.Language
}

func kindName(kind letters.Kind) string {
	switch kind {
	case letters.Acknowledgement:
		return "Acknowledgement"
	case letters.Reply:
		return "Agent's answer"
	case letters.CreditPosted:
		return "Credit memo posted"
	case letters.DebitPosted:
		return "Debit memo posted"
	case letters.RefundPosted:
		return "Refund on its way"
	case letters.CreditRejected, letters.Nudge, letters.AutoClose, letters.Unknown: // nobody sends them yet
	case letters.Oversize:
		return "Message too large"
	case letters.ContactProof:
		return "Confirm the address"
	case letters.PortalCode:
		return "Code for the portal"
	case letters.Survey:
		return "Question how we did"
	}
	return strings.ReplaceAll(string(kind), "_", " ")
}

func languageNames() []string {
	var list []string
	for _, lang := range letters.Languages() {
		list = append(list, desk.LanguageName(lang))
	}
	return list
}
