package entities

import (
	"strconv"
	"strings"
	"time"

	"makegood/billing"
	"makegood/billing/ledger"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

type pageView struct {
	Rows   []rowView
	MayAdd bool // sees all entities
	Opened openedView
}

type rowView struct {
	Code, Name, Note string
	Current          bool
}

// openedView is the entity that is open, or the form of a new one, as it stands or as it was typed.
type openedView struct {
	Shown, New, Posted bool
	Code, Title        string
	Version            string
	Fields, Errors     map[string]string
	Accounts           []accountView
	Refused            string
}

type accountView struct {
	billing.EntityAccount
	Error string
}

// factFields are the fields of the form that say what an entity is.
func factFields() []string {
	return []string{
		"name", "base_currency", "country", "fiscal_month", "tax_id", "address", "phone", "bank_details", "brand_color", "time_zone", "language",
		"endpoint_scheme", "endpoint_id", "write_off_tax_relief", "memo_period_policy",
	}
}

func openedOf(e billing.EntityToKeep) openedView {
	v := openedView{Shown: true, Posted: e.Posted, Code: e.Code, Title: e.Name, Version: strconv.Itoa(e.Version), Fields: map[string]string{
		"name": e.Name, "base_currency": string(e.BaseCurrency), "country": e.Country, "fiscal_month": strconv.Itoa(e.FiscalMonth), "tax_id": e.TaxID,
		"address": e.Address, "phone": e.Phone, "bank_details": e.BankDetails, "brand_color": e.BrandColor, "time_zone": e.TimeZone, "language": e.Language,
		"endpoint_scheme": e.EndpointScheme, "endpoint_id": e.EndpointID, "memo_period_policy": e.MemoPeriodPolicy,
	}}
	if e.WriteOffTaxRelief {
		v.Fields["write_off_tax_relief"] = "on"
	}
	for _, a := range e.Accounts {
		v.Accounts = append(v.Accounts, accountView{EntityAccount: a})
	}
	return v
}

// facts are what is typed.
func (v openedView) facts() (billing.EntityFacts, error) {
	f := v.Fields
	facts := billing.EntityFacts{
		Name: f["name"], BaseCurrency: money.Currency(f["base_currency"]), Country: f["country"], TaxID: f["tax_id"], Address: f["address"], Phone: f["phone"],
		BankDetails: f["bank_details"], BrandColor: f["brand_color"], TimeZone: f["time_zone"], Language: f["language"], EndpointScheme: f["endpoint_scheme"],
		EndpointID: f["endpoint_id"], WriteOffTaxRelief: f["write_off_tax_relief"] != "", MemoPeriodPolicy: f["memo_period_policy"],
	}
	var err error
	if facts.FiscalMonth, err = strconv.Atoi(strings.TrimSpace(f["fiscal_month"])); err != nil {
		return facts, errs.InvalidField("fiscal_month", "billing.bad_month")
	}
	return facts, nil
}

func (v openedView) path() string {
	if v.New {
		return "/settings/entities"
	}
	return pathOf(v.Code)
}

func (v openedView) field(name, label, hint string, required bool) kit.FieldView {
	return kit.FieldView{Name: name, Label: label, Value: v.Fields[name], Hint: hint, Error: v.Errors[name], Required: required, Autocomplete: "off"}
}

// fixed is a field that stands once something is posted.
func (v openedView) fixed(name, label, hint string) kit.FieldView {
	f := v.field(name, label, hint, true)
	if v.Posted {
		f.ReadOnly, f.Required, f.Hint = true, false, i18n.T("Stands, because something is posted.")
	}
	return f
}

// month is the field of the fiscal year: a list, of which the other months are disabled where it stands.
func (v openedView) month() kit.FieldView {
	f := v.fixed("fiscal_month", i18n.T("Fiscal year begins in"), i18n.T("Numbers are given by fiscal year."))
	f.ReadOnly = false
	return f
}

func (v openedView) months() []kit.Option {
	var list []kit.Option
	for m := time.January; m <= time.December; m++ {
		value := strconv.Itoa(int(m))
		list = append(list, kit.Option{Value: value, Text: m.String(), Selected: v.Fields["fiscal_month"] == value, Disabled: v.Posted && v.Fields["fiscal_month"] != value})
	}
	return list
}

func (v openedView) policies() []kit.Option {
	chosen := v.Fields["memo_period_policy"]
	return []kit.Option{
		{Value: "tax_point", Text: i18n.T("In the month of its tax point, while that is open"), Selected: chosen != "memo_day"},
		{Value: "memo_day", Text: i18n.T("Always in the month of its own day"), Selected: chosen == "memo_day"},
	}
}

// roleName is what a role of the ledger is, in words.
func roleName(role string) string {
	said, ok := map[ledger.Account]string{
		ledger.Receivable: i18n.T("Receivable"), ledger.Revenue: i18n.T("Revenue"), ledger.Tax: i18n.T("Tax"), ledger.Cash: i18n.In("ledger", "Cash"),
		ledger.Unapplied: i18n.T("Unapplied"), ledger.Concessions: i18n.T("Concessions"), ledger.ServiceCredits: i18n.T("Service credits"),
		ledger.BadDebt: i18n.T("Bad debt"), ledger.FxDifference: i18n.T("Fx difference"), ledger.Rounding: i18n.T("Rounding"),
		ledger.CashClearing: i18n.T("Cash clearing"), ledger.Withholding: i18n.T("Withholding"), ledger.OpeningBalance: i18n.T("Opening balance"),
	}[ledger.Account(role)]
	if ok {
		return said
	}
	return desk.Coded(role)
}
