package letters

import (
	"reflect"
	"slices"
	"strings"

	"makegood/internal/money"
)

// missingIn names the variables that must be there and are not.
func missingIn(v variables) []string {
	missing := missingFields(reflect.ValueOf(v), "")
	if !ofNoCase(v.kind()) && strings.TrimSpace(v.frame().CaseNumber) == "" {
		missing = append(missing, "CaseNumber")
	}
	switch vars := v.(type) {
	case CreditPostedVars:
		if vars.Invoice != "" && vars.Open.Currency() == "" {
			missing = append(missing, "Open")
		}
		if vars.NewInvoice != "" && vars.NewAmount.Currency() == "" {
			missing = append(missing, "NewAmount")
		}
		if vars.PayLink != "" && (!strings.HasPrefix(vars.PayLink, "https://") || !vars.PayNow.IsPositive()) {
			missing = append(missing, "PayLink")
		}
	case StatementVars:
		missing = append(missing, vars.missing()...)
	case ContactProofVars:
		missing = append(missing, link(vars.URL)...)
	case SurveyVars:
		missing = append(missing, link(vars.URL)...)
	case PortalCodeVars:
		missing = append(missing, link(vars.URL)...)
	case AutoCloseVars:
		if vars.ReopenURL != "" && !strings.HasPrefix(vars.ReopenURL, "https://") && !strings.HasPrefix(vars.ReopenURL, "http://") {
			missing = append(missing, "ReopenURL")
		}
	}
	return missing
}

// link: a letter carries no link that is not one of the web.
func link(url string) []string {
	if strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://") {
		return nil
	}
	return []string{"URL"}
}

// missingFields follows the need tags through embedded structs, pointers and slices of structs.
func missingFields(v reflect.Value, path string) []string {
	var missing []string
	for i := range v.NumField() {
		field, value := v.Type().Field(i), v.Field(i)
		name := path + field.Name
		if need := field.Tag.Get("need"); need != "" && !filled(value, need) {
			missing = append(missing, name)
			continue
		}
		switch {
		case field.Anonymous:
			missing = append(missing, missingFields(value, path)...)
		case value.Kind() == reflect.Pointer && !value.IsNil():
			missing = append(missing, missingFields(value.Elem(), name+".")...)
		case value.Kind() == reflect.Slice && value.Type().Elem().Kind() == reflect.Struct:
			for n := range value.Len() {
				missing = append(missing, missingFields(value.Index(n), name+".")...)
			}
		}
	}
	if line, ok := reflect.TypeAssert[Line](v); ok {
		missing = append(missing, line.missing(path)...)
	}
	return missing
}

func filled(v reflect.Value, need string) bool {
	switch value := v.Interface().(type) {
	case money.Amount:
		return value.Currency() != "" && (need != "positive" || value.IsPositive())
	case string:
		return strings.TrimSpace(value) != ""
	}
	if v.Kind() == reflect.Slice {
		return v.Len() > 0
	}
	return !v.IsZero()
}

func (l Line) missing(path string) []string {
	var missing []string
	if !slices.Contains([]Outcome{Accepted, PartlyAccepted, Rejected, Withdrawn}, l.Outcome) {
		missing = append(missing, path+"Outcome")
	}
	explained := l.Outcome == Accepted || l.Outcome == Withdrawn || strings.TrimSpace(l.Explanation) != ""
	if !explained {
		missing = append(missing, path+"Explanation")
	}
	return missing
}
