package letters

import (
	"strings"

	"makegood/cases/letterbook"
	"makegood/cases/letters"
	"makegood/internal/i18n"
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
		return i18n.T("Acknowledgement")
	case letters.Reply:
		return i18n.T("Agent's answer")
	case letters.CreditPosted:
		return i18n.T("Credit memo posted")
	case letters.DebitPosted:
		return i18n.T("Debit memo posted")
	case letters.RefundPosted:
		return i18n.T("Refund on its way")
	case letters.Nudge:
		return i18n.T("Reminder that we wait")
	case letters.AutoClose:
		return i18n.T("Closed without an answer")
	case letters.Oversize:
		return i18n.T("Message too large")
	case letters.ContactProof:
		return i18n.T("Confirm the address")
	case letters.PortalCode:
		return i18n.T("Code for the portal")
	case letters.Survey:
		return i18n.T("Question how we did")
	case letters.Statement:
		return i18n.T("Statement of account")
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
