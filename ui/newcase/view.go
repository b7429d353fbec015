package newcase

import (
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/letters"
	"makegood/internal/i18n"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// The ways in which a case reaches a person, as its first event keeps them.
const (
	channelPhone  = "phone"
	channelLetter = "letter"
	channelOther  = "agent"
)

func channels() []string { return []string{channelPhone, channelLetter, channelOther} }

// formView is the form as it was typed.
type formView struct {
	Fields   map[string]string
	Ticked   []string // numbers of invoices
	Errors   map[string]string
	Refused  string
	Unknown  string // an account that nobody has
	Customer *billing.Customer
	People   []billing.Contact
	Invoices []invoiceChoice
	Found    []billing.Customer
}

type invoiceChoice struct {
	Number, Sub string
	Ticked      bool
}

func fields() []string {
	return []string{"find", "account", "contact", "name", "address", "channel", "came", "type", "subject", "text", "language", "invoices", "mine", "acknowledge"}
}

func read(c echo.Context) (formView, error) {
	form, err := c.FormParams()
	f := formView{Fields: map[string]string{}, Ticked: form["invoice"]}
	for _, name := range fields() {
		f.Fields[name] = strings.TrimSpace(form.Get(name))
	}
	return f, err
}

// shows tells whether each thing that is wrong stands at a field of the form.
func (f formView) shows() bool {
	for _, name := range fields() {
		if f.Errors[name] != "" {
			return true
		}
	}
	return false
}

func (f formView) field(name, label, hint string) kit.FieldView {
	return kit.FieldView{Name: name, ID: "new-" + name, Label: label, Value: f.Fields[name], Hint: hint, Error: f.Errors[name], Autocomplete: "off"}
}

// needed is a field that must be filled.
func needed(v kit.FieldView) kit.FieldView {
	v.Required = true
	return v
}

func (f formView) channels() []kit.Option {
	return []kit.Option{
		{Value: channelPhone, Text: i18n.T("They telephoned")},
		{Value: channelLetter, Text: i18n.T("A letter came")},
		{Value: channelOther, Text: i18n.T("Something else, or we write first")},
	}
}

func (f formView) types() []kit.Option {
	var list []kit.Option
	for _, t := range cases.Types() {
		list = append(list, kit.Option{Value: string(t), Text: desk.TypeWord(t)})
	}
	return list
}

// languages are those letters can be written in; without a choice it is the customer's.
func (f formView) languages() []kit.Option {
	list := []kit.Option{{Value: "", Text: i18n.T("The customer's")}}
	for _, lang := range letters.Languages() {
		list = append(list, kit.Option{Value: lang, Text: desk.LanguageName(lang)})
	}
	return list
}

func (f formView) people() []kit.Option {
	list := make([]kit.Option, 0, len(f.People)+1)
	for _, k := range f.People {
		text := k.Name
		if text == "" {
			text = k.Email
		} else {
			text += ", " + k.Email
		}
		list = append(list, kit.Option{Value: k.Email, Text: text})
	}
	return append(list, kit.Option{Value: "", Text: i18n.T("Somebody else, named below")})
}
