package desk

import (
	"slices"
	"strconv"
	"strings"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/clock"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/kit"
)

// ClockName is what people call a clock.
func ClockName(k clock.Kind) string { return Coded(string(k)) }

// Moves are where a case may be moved by hand or by a macro, as cases.MacroDoes and bulk runs write it: "waiting:customer".
func Moves() []string {
	list := []string{string(cases.StatusOpen)}
	for _, on := range clock.WaitingOns() {
		list = append(list, string(cases.StatusWaiting)+":"+string(on))
	}
	return append(list, string(cases.StatusResolved))
}

// MoveWord says one of Moves: "waiting on customer".
func MoveWord(value string) string {
	name, on, _ := strings.Cut(value, ":")
	if on == "" {
		return name
	}
	return i18n.F("waiting on {on}", "on", WaitingWord(cases.WaitingOn(on)))
}

// WaitingWord says whom a case waits for, in the middle of a sentence.
func WaitingWord(on cases.WaitingOn) string {
	switch on {
	case cases.OnCustomer:
		return i18n.T("customer")
	case cases.OnApprover:
		return i18n.T("approver")
	case cases.OnBilling:
		return i18n.T("billing")
	case cases.OnUpstream:
		return i18n.T("upstream")
	case cases.OnThirdParty:
		return i18n.T("third party")
	}
	return i18n.T("us")
}

// TypeWord says what kind of case it is.
func TypeWord(t cases.Type) string { return Coded(string(t)) }

// TierName says how much a customer is to us.
func TierName(tier billing.Tier) string { return Coded(string(tier)) }

// And joins what is meant all together: "Ann and Ben".
func And(list []string) string {
	return joined(list, func(first, last string) string { return i18n.F("{first} and {last}", "first", first, "last", last) })
}

// Or joins what is meant one by one: "Ann or Ben".
func Or(list []string) string {
	return joined(list, func(first, last string) string { return i18n.F("{first} or {last}", "first", first, "last", last) })
}

func joined(list []string, both func(first, last string) string) string {
	if len(list) == 0 {
		return ""
	}
	text := list[0]
	for _, one := range list[1:] {
		text = both(text, one)
	}
	return text
}

// PeopleOptions are colleagues to choose from, by id.
func PeopleOptions(list []reports.Colleague) []kit.Option {
	options := make([]kit.Option, len(list))
	for n, p := range list {
		options[n] = kit.Option{Value: strconv.FormatInt(p.ID, 10), Text: p.Name}
	}
	return options
}

// NamedIn is the text of a value among options; "somebody who is gone" when it is none of them.
func NamedIn(list []kit.Option, value string) string {
	for _, o := range list {
		if o.Value == value {
			return o.Text
		}
	}
	return i18n.T("somebody who is gone")
}

// Tongues are the languages the desk can be read in, each by its own name, and the one chosen even when it is none of them.
func Tongues(chosen string) []kit.Option {
	var list []kit.Option
	for _, t := range web.Tongues() {
		if t.Code == chosen || slices.Contains(i18n.Offered(), t.Code) {
			list = append(list, kit.Option{Value: t.Code, Text: t.Name, Selected: t.Code == chosen})
		}
	}
	return list
}

// TongueName is what a language calls itself.
func TongueName(code string) string {
	for _, t := range web.Tongues() {
		if t.Code == code {
			return t.Name
		}
	}
	return code
}

// LanguageName is what people call a language that customers are written to in.
func LanguageName(lang string) string {
	switch lang {
	case "en":
		return i18n.T("English")
	case "de":
		return i18n.T("German")
	case "zh-Hans":
		return i18n.T("Chinese, simplified")
	case "ja":
		return i18n.T("Japanese")
	case "pt":
		return i18n.T("Portuguese")
	}
	return lang
}
